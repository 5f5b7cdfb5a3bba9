"""The planner's main path in a real browser: open a plan, give a unit away, see the figures change, save."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from playwright.sync_api import Page, expect

from accounts.people import add_user
from doors import database
from tests.browser.conftest import WIDTHS, Visit, overflow, violations
from tests.paths import CHECKOUT
from tests.zoning.bench import PASSPHRASE, Bench, make_folders
from zoning.editing import try_out
from zoning.plan import Plan
from zoning.problem import Problem

pytestmark = pytest.mark.browser
PASSWORD = "a password of the tests"
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """City, problem and plan: made up and tiny, or the demo city where pictures for the documentation are taken."""
    root = tmp_path_factory.mktemp("city")
    return make_folders(root) if os.environ.get("EVENHAND_IMAGES") != "1" else make_demo_folders(root)


def make_demo_folders(root: Path) -> tuple[Path, Path, Path]:
    sources, city, problem, plan = (root / name for name in ("sources", "city", "problem", "plan"))
    (root / "policy.toml").write_text("[limits]\nutilisation = [0.0, 1.0]\n", encoding="utf-8")
    level = ("--level", "primary", "--year", "2027", "--policy", root / "policy.toml")
    for line in (
        ("geodata", "demo", "--out", sources),
        ("geodata", "import", sources / "recipe.toml", "--out", city),
        ("zoning", "problem", city, *level, "--out", problem),
        ("zoning", "solve", problem, "--out", plan),
    ):
        subprocess.run([sys.executable, "-m", "flask", *map(str, line)], check=True, cwd=CHECKOUT, capture_output=True)
    return city, problem, plan


@pytest.fixture
def bench(
    surroundings: Path, folders: tuple[Path, Path, Path], cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", PASSPHRASE)
    return Bench(surroundings, *folders, cli)


def a_good_edit(bench: Bench) -> tuple[str, str]:
    """A unit with children, and a school it can go to without breaking anything that is never relaxed."""
    problem = Problem.read(bench.problem)
    plan = Plan.read(problem, bench.plan)
    for one, other in problem.edges[len(problem.edges) // 2 :].tolist():
        unit, school = problem.units[one], plan.assignment[problem.units[other]]
        if problem.demand[one] < 1 or plan.assignment[unit] == school:
            continue
        if not any(found.hard for found in try_out(plan, {unit: school}).figures.violations):
            return unit, school
    raise AssertionError("no unit on a border can change its school")


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
    unit, school = a_good_edit(bench)
    page.locator("[data-part=find]").fill(unit)
    page.locator(".found button").first.click()
    page.locator(f'[data-give="{school}"]').click()
    expect(page.locator("tr[data-touched]")).to_have_count(2)
    assert overflow(page) == 0
    picture = shoot(page, "planner-map", language)
    if width > 1000:
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=picture)  # the map and what stands beside it, without forty rows below
    assert violations(page) == []
    visit.go(page, "/plans", language)
    shoot(page, "plans", language)
    assert overflow(page) == 0
    assert violations(page) == []


def unit_at(page: Page, plan: str, unit: str) -> tuple[float, float]:
    """Where the middle of a unit stands in the window, by the map's own box and the city's."""
    return tuple(
        page.evaluate(
            """async ([plan, unit]) => {
                const city = await (await fetch(`/plans/${plan}/city.json`)).json();
                const ring = city.units.features.find((one) => one.id === unit).geometry.coordinates[0];
                const [west, south, east, north] = city.bounds;
                const box = document.querySelector(".maplibregl-canvas").getBoundingClientRect();
                const y = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
                const width = (east - west) * Math.PI / 180, height = y(north) - y(south);
                const scale = Math.min((box.width - 48) / width, (box.height - 48) / height);
                const points = ring.slice(1);
                const middle = [0, 1].map((at) => points.reduce((sum, point) => sum + point[at], 0) / points.length);
                return [
                    box.x + box.width / 2 + (middle[0] - (west + east) / 2) * Math.PI / 180 * scale,
                    box.y + box.height / 2 - (y(middle[1]) - (y(south) + y(north)) / 2) * scale,
                ];
            }""",
            [plan, unit],
        )
    )


def cell(page: Page, school: str, name: str) -> str:
    return page.locator(f'tr[data-school="{school}"] [data-cell="{name}"]').inner_text()


def test_the_planner_clicks_gives_undoes_reloads_and_saves(visit: Visit, app: Flask, bench: Bench) -> None:
    plan = bench.add()
    page = visit.page()
    log_in(visit, app, page)
    open_plan(visit, page, plan, "en")
    gap, demand = page.locator("[data-figure=gap]").inner_text(), cell(page, "P02", "demand")

    page.mouse.click(*unit_at(page, plan, "U0104"))
    expect(page.locator("[data-part=unit] h2")).to_have_text("泰园15号 U0104")
    page.locator("[data-give=P02]").click()
    expect(page.locator("[data-part=breaks]")).to_contain_text("Every limit still holds")
    assert cell(page, "P02", "demand") != demand
    assert cell(page, "P02", "change").startswith("+")
    assert cell(page, "P03", "change") == ""
    assert page.locator("[data-figure=gap]").inner_text() != gap

    page.mouse.click(*unit_at(page, plan, "U0000"))
    page.locator("[data-give=P02]").click()
    expect(page.locator("[data-part=breaks]")).to_contain_text("not in one piece")
    expect(page.locator("[data-part=save] button")).to_be_disabled()

    page.locator("[data-part=undo]").click()
    expect(page.locator("[data-part=count]")).to_have_text("1 unit moved, not saved")
    page.locator("[data-part=note]").fill("Nearer for 泰园")
    page.reload()
    page.locator("#plan[data-ready]").wait_for()
    expect(page.locator("[data-part=count]")).to_have_text("1 unit moved, not saved")
    expect(page.locator("[data-part=note]")).to_have_value("Nearer for 泰园")
    page.locator("[data-part=redo]").click()
    expect(page.locator("[data-part=count]")).to_have_text("2 units moved, not saved")
    page.locator("[data-part=undo]").click()
    expect(page.locator("[data-part=save] button")).to_be_enabled()

    page.locator("[data-part=save] button").click()
    page.wait_for_url(lambda url: plan not in url)
    page.locator("#plan[data-ready]").wait_for()
    expect(page.locator(".plan-title")).to_contain_text(plan)
    expect(page.locator(".plan-title")).to_contain_text("Nearer for 泰园")
    expect(page.locator("[data-part=count]")).to_have_text("No edits")
    assert cell(page, "P02", "demand") != demand


def test_the_keyboard_does_all_that_the_map_does(visit: Visit, app: Flask, bench: Bench) -> None:
    plan = bench.add()
    page = visit.page()
    log_in(visit, app, page)
    open_plan(visit, page, plan, "en")
    page.locator('[data-zone="P01"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=found-title]")).to_contain_text("20 units")
    expect(page.locator(".found button").first).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=unit] h2")).to_be_focused()
    page.locator("[data-give=P02]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-touched]")).to_have_count(2)
    page.locator("[data-part=unit] h2").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-part=count]")).to_have_text("No edits")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("[data-part=count]")).to_have_text("1 unit moved, not saved")


def test_an_auditor_looks_and_cannot_edit(visit: Visit, app: Flask, bench: Bench) -> None:
    plan = bench.add()
    page = visit.page(390)
    log_in(visit, app, page, "auditor")
    open_plan(visit, page, plan, "en")
    page.locator("[data-part=find]").fill("U0004")
    page.locator(".found button").first.click()
    expect(page.locator("[data-part=unit] h2")).to_be_visible()
    expect(page.locator("[data-give]")).to_have_count(0)
    expect(page.locator("[data-part=save]")).to_have_count(0)


def test_a_lost_server_loses_no_edit(visit: Visit, app: Flask, bench: Bench) -> None:
    plan = bench.add()
    page = visit.page()
    log_in(visit, app, page)
    open_plan(visit, page, plan, "en")
    page.locator("[data-part=find]").fill("U0004")
    page.locator(".found button").first.click()
    page.locator("[data-give=P02]").wait_for()
    page.route("**/try", lambda route: route.abort())
    page.locator("[data-give=P02]").click()
    expect(page.locator("[data-part=problem]")).to_contain_text("Your edits are kept")
    page.unroute("**/try")
    page.reload()
    page.locator("#plan[data-ready]").wait_for()
    expect(page.locator("[data-part=count]")).to_have_text("1 unit moved, not saved")
    visit.faults.clear()  # the refused request itself is reported by the browser
