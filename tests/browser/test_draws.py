"""The pages of draws in a real browser: two widths, two languages, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from doors import database
from lottery.demo_roster import demo_children, demo_teachers
from lottery.rehearse import Script, StepClock, rehearse
from lottery.tables import index_ceremony
from tests.browser.conftest import LANGUAGES, WIDTHS, Visit, overflow, violations
from tests.lottery.hall import DRAW, HOMEROOM_DRAW, Hall, script
from tests.vectors.make_example import Counted

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str, str], Path]
OPEN = "TEST-OPEN"


@pytest.fixture
def code(app: Flask) -> str:
    """A finished rehearsal and an open draw on the site; a number of the finished one."""
    logs = app.config["SETTINGS"].audit_logs
    logs.mkdir(parents=True)
    random, clock = Counted("browser"), StepClock()
    played = Script(
        demo_children(180, random),
        demo_teachers(4, random),
        [f"七年级{number}班" for number in range(1, 5)],
        title="2027级新生分班派位",
        labels={"organiser": "教育局", "parent": "家长代表", "inspector": "纪检监察", "dice": "现场骰子"},
    )
    made = rehearse(logs / "hall", played, random=random, clock=clock)
    Hall(logs.parent / "open", script(children_draw=OPEN, teachers=[])).conduct.folder.rename(logs / "open")
    with app.app_context(), database.session() as session:
        for name in ("hall", "open"):
            index_ceremony(session, logs / name)
    return sorted(made.private[0].people)[0]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_sound(code: str, visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    pages = {
        "draws": "/draws",
        "draw": f"/draws/{DRAW}?code={code}",
        "draw-homeroom": f"/draws/{HOMEROOM_DRAW}",
        "draw-unknown-number": f"/draws/{DRAW}?code=A1",
        "draw-open": f"/draws/{OPEN}?code={code}",
    }
    page = visit.page(width)
    for name, path in pages.items():
        visit.go(page, path, language)
        assert violations(page) == [], name
        assert overflow(page) <= 0, name
        if name in ("draws", "draw"):
            shoot(page, name, language)


@pytest.mark.parametrize("theme", ["?text=large", "?theme=hall"])
def test_large_text_and_hall_are_sound(code: str, visit: Visit, theme: str) -> None:
    page = visit.go(visit.page(390), f"/draws/{DRAW}{theme}&code={code}")
    assert violations(page) == []
    assert overflow(page) <= 0


def test_my_number_without_javascript(code: str, browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/draws/{DRAW}?lang=en")
    page.get_by_role("searchbox").fill(code.lower())
    page.get_by_role("button", name="Find").click()
    assert page.locator(".mine .figure").inner_text().startswith("七年级")
    assert page.locator("[aria-current=true]").inner_text() == code
    context.close()


def test_the_evidence_can_be_downloaded(code: str, visit: Visit) -> None:
    page = visit.go(visit.page(390), f"/draws/{DRAW}", "en")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the evidence").click()
    assert download.value.suggested_filename == f"{DRAW}-evidence.zip"
