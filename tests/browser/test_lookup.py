"""The parents' page and the log-in in a real browser: two widths, two languages, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from playwright.sync_api import Browser, Page, expect

from ledger.notes import Signer
from ledger.store import Ledger
from tests.browser.conftest import LANGUAGES, WIDTHS, Visit, overflow, violations
from tests.lookup.publications import write_publication
from tests.lookup.test_publication import seal

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str, str], Path]
PAGES = {
    "lookup-start": "/",
    "lookup-choices": "/?q=人民大街",
    "lookup-none": "/?q=zzz",
    "lookup-answer": "/?q=龙山区人民大街12号",
    "lookup-unserved": "/?q=郊外路1号",
    "login": "/login",
    "error": "/nowhere",
}

DOCUMENTED = ("lookup-start", "lookup-choices", "lookup-answer", "login")


@pytest.fixture
def published(app: Flask, cli: FlaskCliRunner, tmp_path: Path) -> None:
    """A signed map in force and an announced, unsigned one."""
    place = app.config["SETTINGS"].audit_logs / "city"
    place.parent.mkdir(parents=True)
    ledger = Ledger.create(place, "edu.example.org/evenhand", Signer.generate("edu.example.org/evenhand"))
    signed = write_publication(tmp_path / "now")
    seal(signed, ledger)
    announced = write_publication(tmp_path / "next", plan="b7" * 32, from_year=2099)
    for folder in (signed, announced):
        assert cli.invoke(args=["lookup", "load", str(folder)]).exit_code == 0


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_sound(published: None, visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = visit.page(width)
    for name, path in PAGES.items():
        visit.go(page, path, language)
        assert violations(page) == [], name
        assert overflow(page) <= 0, name
        if name in DOCUMENTED:
            shoot(page, name, language)


@pytest.mark.parametrize("theme", ["?text=large", "?theme=hall"])
def test_large_text_and_hall_are_sound(published: None, visit: Visit, theme: str) -> None:
    page = visit.page(390)
    for path in ("/", "/login"):
        visit.go(page, path + theme)
        assert violations(page) == []
        assert overflow(page) <= 0
    visit.go(page, f"/{theme}&q=龙山区人民大街12号")
    assert violations(page) == []
    assert overflow(page) <= 0


def test_a_parent_finds_the_school_without_javascript(published: None, browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/?lang=en")
    page.get_by_role("searchbox").fill("人民大街12号")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("link", name="西安区人民大街12号").click()
    assert page.locator("h3.school").first.inner_text() == "滨河小学"
    context.close()


def test_the_keyboard_reaches_the_answer(published: None, visit: Visit) -> None:
    page = visit.go(visit.page(390), "/", "en")
    page.keyboard.type("龙山区人民大街12号")
    page.keyboard.press("Enter")
    page.wait_for_selector("h3.school")
    page.keyboard.press("Tab")
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_suggestions_while_typing_by_keyboard(published: None, visit: Visit) -> None:
    page = visit.go(visit.page(390), "/", "en")
    page.keyboard.type("人民大街")
    page.wait_for_selector("#hints a")
    assert page.locator("#hints a").count() == 4
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "龙山区人民大街2号"
    page.keyboard.press("Escape")
    assert page.locator("#hints").is_hidden()
    page.keyboard.type("2号")
    expect(page.locator("#hints a")).to_have_count(1)
    page.locator("#hints a").click()
    assert page.locator("h3.school").first.inner_text() == "第一实验小学"
