"""The planner's main path in a real browser: open a plan, give a unit away, see the figures change, save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from playwright.sync_api import Page, expect

from accounts.people import add_user
from doors import database
from tests.browser.conftest import WIDTHS, Visit, overflow, violations
from tests.zoning.bench import PASSPHRASE, Bench

pytestmark = pytest.mark.browser
PASSWORD = "a password of the tests"
LANGUAGES = ("zh", "en")


@pytest.fixture
def bench(surroundings: Path, cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", PASSPHRASE)
    return Bench.make(surroundings, cli)


def log_in(visit: Visit, app: Flask, page: Page, role: str = "planner") -> None:
    with app.app_context(), database.session() as session:
        add_user(session, role, role, PASSWORD)
    visit.go(page, "/login")
    page.locator("#name").fill(role)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_load_state()


def open_plan(visit: Visit, page: Page, plan: str, language: str = "zh") -> None:
    visit.go(page, f"/plans/{plan}", language)
    page.locator("#plan[data-ready]").wait_for()
    expect(page.locator("#plan")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_reads_well(
    visit: Visit, app: Flask, bench: Bench, shoot: Callable[..., Path], language: str, width: int
) -> None:
    plan = bench.add()
    page = visit.page(width)
    log_in(visit, app, page)
    open_plan(visit, page, plan, language)
    page.locator("[data-part=find]").fill("U0004")
    page.locator(".found button").first.click()
    page.locator("[data-give=P02]").click()
    expect(page.locator("tr[data-touched]")).to_have_count(2)
    assert overflow(page) == 0
    shoot(page, "planner-map", language)
    assert violations(page) == []
    visit.go(page, "/plans", language)
    shoot(page, "plans", language)
    assert overflow(page) == 0
    assert violations(page) == []
