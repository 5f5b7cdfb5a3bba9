"""The planner's pages without a browser: who may see and do what, and what the server answers."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlmodel import select
from werkzeug.test import TestResponse

from accounts.people import add_user
from doors import database
from tests.zoning.bench import PASSPHRASE, Bench, make_folders
from zoning.tables import PlanRow

PASSWORD = "a password of the tests"
JSON = {"Accept": "application/json"}


@dataclass
class Desk:
    """A plan, and somebody in front of it."""

    plan: str
    bench: Bench
    app: Flask
    client: FlaskClient
    token: str = ""

    def enter(self, role: str) -> Desk:
        with self.app.app_context(), database.session() as session:
            add_user(session, role, role, PASSWORD)
        form = self.client.get("/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        said = {"name": role, "password": PASSWORD, "csrf_token": token[1]}
        assert self.client.post("/login", data=said).status_code == 303
        page = re.search(r'data-token="([^"]+)"', self.client.get(f"/plans/{self.plan}").text)
        assert page
        self.token = page[1]
        return self

    def ask(self, action: str, body: object, token: str | None = None) -> TestResponse:
        headers = {**JSON, "X-CSRFToken": self.token if token is None else token}
        return self.client.post(f"/plans/{self.plan}/{action}", json=body, headers=headers)

    def give(self, changes: dict[str, str]) -> dict[str, Any]:
        answer = self.ask("try", {"changes": changes})
        assert answer.status_code == 200, answer.text
        return dict(answer.json)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """One city, problem and plan for all; no test here changes them."""
    return make_folders(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def desk(
    surroundings: Path,
    folders: tuple[Path, Path, Path],
    app: Flask,
    client: FlaskClient,
    cli: FlaskCliRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("accounts.people._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    bench = Bench(surroundings, *folders, cli)
    return Desk(bench.add(), bench, app, client)


# ---- who may


@pytest.mark.parametrize("path", ["/plans", "/plans/{}", "/plans/{}/map.json"])
def test_a_stranger_is_asked_to_log_in(desk: Desk, path: str) -> None:
    answer = desk.client.get(path.format(desk.plan), headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")


def test_a_stranger_gets_no_data(desk: Desk) -> None:
    assert desk.client.get(f"/plans/{desk.plan}/map.json", headers=JSON).status_code == 401


@pytest.mark.parametrize("role", ["auditor", "registrar", "operator"])
def test_who_is_no_planner_reads_only(desk: Desk, role: str) -> None:
    desk.enter(role)
    page = desk.client.get(f"/plans/{desk.plan}?lang=en").text
    assert "data-editable" not in page
    assert "Save as a new plan" not in page
    answer = desk.ask("plans", {"changes": {"U0004": "P02"}})
    assert answer.status_code == 403
    assert answer.json["error"]["kind"] == "Forbidden"


@pytest.mark.parametrize("action", ["try", "plans"])
def test_a_post_without_its_token_is_refused(desk: Desk, action: str) -> None:
    answer = desk.enter("planner").ask(action, {"changes": {"U0004": "P02"}}, token="")
    assert answer.status_code == 400
    assert set(answer.json["error"]) == {"kind", "message"}


# ---- what is shown


def test_the_list_names_every_plan_and_an_empty_one_says_what_to_do(desk: Desk) -> None:
    page = desk.enter("auditor").client.get("/plans").text
    assert f"/plans/{desk.plan}" in page
    assert "辽源样例" in page


def test_without_plans_the_list_says_how_to_add_one(app: Flask, client: FlaskClient, surroundings: Path) -> None:
    desk = Desk("", Bench(surroundings, surroundings, surroundings, surroundings, app.test_cli_runner()), app, client)
    with app.app_context(), database.session() as session:
        add_user(session, "planner", "planner", PASSWORD)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token
    client.post("/login", data={"name": "planner", "password": PASSWORD, "csrf_token": token[1]})
    assert "flask zoning add" in desk.client.get("/plans").text


def test_the_page_holds_the_figures_and_no_inline_style(desk: Desk) -> None:
    page = desk.enter("planner").client.get(f"/plans/{desk.plan}?lang=en").text
    assert "实验小学" in page
    assert "© 样例测绘" in page
    assert "not published, not signed" in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)


def test_a_published_plan_carries_its_seal(desk: Desk) -> None:
    desk.bench.publish(desk.plan)
    page = desk.enter("planner").client.get(f"/plans/{desk.plan}?lang=en").text
    assert 'class="seal"' in page
    assert "in force from 2027" in page


def test_an_unknown_plan_is_not_found(desk: Desk) -> None:
    answer = desk.enter("planner").client.get("/plans/none", headers=JSON)
    assert (answer.status_code, answer.json["error"]["kind"]) == (404, "NoSuchPlanError")


@pytest.mark.parametrize("name", ["map.json", "city.json"])
def test_documents_are_zipped_and_tagged(desk: Desk, name: str) -> None:
    path = f"/plans/{desk.plan}/{name}"
    desk.enter("planner")
    first = desk.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    plain = desk.client.get(path, headers={"Accept-Encoding": "identity"})
    assert json.loads(gzip.decompress(first.data)) == plain.json
    again = desk.client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_neighbouring_zones_differ_in_colour(desk: Desk) -> None:
    shown = desk.enter("planner").client.get(f"/plans/{desk.plan}/map.json").json
    colours = [school["colour"] for school in shown["schools"]]
    assert len(set(colours)) >= 2
    assert [school["number"] for school in shown["schools"]] == [1, 2, 3, 4]
    assert {zone["id"] for zone in shown["zones"]["features"]} == {"P01", "P02", "P03", "P04"}


def test_a_unit_names_its_schools_by_distance(desk: Desk) -> None:
    facts = desk.enter("planner").client.get(f"/plans/{desk.plan}/units/U0000").json
    walks = [school["metres"] for school in facts["schools"]]
    assert facts["name"]
    assert walks == sorted(walks)
    assert facts["schools"][0]["school"] == "P01"
    assert any("each child walks" in sentence for sentence in facts["why"])
    assert desk.client.get(f"/plans/{desk.plan}/units/U9999", headers=JSON).status_code == 400


# ---- edits


def test_an_edit_moves_children_and_leaves_the_rest(desk: Desk) -> None:
    desk.enter("planner")
    before, after = desk.give({}), desk.give({"U0004": "P02"})
    demand = {school: row["demand"] for school, row in before["schools"].items()}
    moved = {school: row["demand"] - demand[school] for school, row in after["schools"].items()}
    facts = desk.client.get(f"/plans/{desk.plan}/units/U0004").json
    assert moved["P02"] == pytest.approx(facts["demand"])
    assert moved["P01"] == pytest.approx(-facts["demand"])
    assert (moved["P03"], moved["P04"]) == (0, 0)
    assert {zone["id"] for zone in after["zones"]} == {"P01", "P02"}
    assert after["allowed"]
    assert before["zones"] == before["breaks"] == []


def test_the_gap_of_an_edit_is_measured_against_the_certificate_of_its_plan(desk: Desk) -> None:
    desk.enter("planner")
    before, after = desk.give({}), desk.give({"U0004": "P02"})
    assert after["gap"] > before["gap"]
    bound = before["objective"] / (1 + before["gap"])
    assert after["objective"] / (1 + after["gap"]) == pytest.approx(bound)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"U0000": "P02"}, "not in one piece"),
        ({"U0404": "P01"}, "barrier"),
        ({"U0202": "P02"}, "must stay with it"),
        ({f"U0{r}0{c}": "P01" for r in (0, 1, 3) for c in (5, 6, 7, 8, 9)}, "more than its limit of 900"),
    ],
    ids=["contiguity", "barrier", "own-unit", "capacity"],
)
def test_what_an_edit_breaks_is_said_in_words(desk: Desk, changes: dict[str, str], sentence: str) -> None:
    desk.enter("planner").client.get("/plans?lang=en")
    answer = desk.give(changes)
    assert not answer["feasible"]
    assert any(sentence in line for line in answer["breaks"]), answer["breaks"]


def test_a_suggestion_heals_the_edit_that_it_answers(desk: Desk) -> None:
    desk.enter("planner").client.get("/plans?lang=en")
    changes = {"U0000": "P02"}
    heals = desk.give(changes)["heals"]
    assert heals[0]["changes"] == {"U0000": "P01"}
    assert heals[0]["sentence"].startswith("Let ")
    assert desk.give({**changes, **heals[0]["changes"]})["allowed"]


@pytest.mark.parametrize("action", ["try", "plans"])
def test_a_malformed_edit_is_refused_in_one_shape(desk: Desk, action: str) -> None:
    desk.enter("planner")
    bodies: list[object] = [[], {}, {"changes": []}]
    bodies += [{"changes": changes} for changes in ({"U0004": 2}, {"U9999": "P01"}, {"U0004": "P99"})]
    for body in bodies:
        answer = desk.ask(action, body)
        assert answer.status_code == 400, body
        assert set(answer.json["error"]) == {"kind", "message"}


def test_saving_makes_a_new_plan_that_names_its_parent(desk: Desk) -> None:
    made = desk.enter("planner").ask("plans", {"changes": {"U0004": "P02"}, "note": " 就近 "})
    assert made.status_code == 201
    with desk.app.app_context(), database.session() as session:
        parent, child = session.get_one(PlanRow, desk.plan), session.get_one(PlanRow, made.json["id"])
        assert child.parent == parent.fingerprint
        assert (child.author, child.note) == ("planner", "就近")
        assert child.report["lower_bound"] == parent.report["lower_bound"]
        assert child.report["gap"] > parent.report["gap"]
    page = desk.client.get(made.json["url"]).text
    assert f"/plans/{desk.plan}" in page
    assert "就近" in page


def test_a_saved_plan_can_be_published(desk: Desk) -> None:
    made = desk.enter("planner").ask("plans", {"changes": {"U0004": "P02"}})
    said = json.loads((desk.bench.publish(made.json["id"]) / "publication.json").read_bytes())
    assert said["parent"] is not None


def test_a_broken_edit_is_not_saved(desk: Desk) -> None:
    answer = desk.enter("planner").ask("plans", {"changes": {"U0000": "P04"}})
    assert (answer.status_code, answer.json["error"]["kind"]) == (409, "BrokenRuleError")
    with desk.app.app_context(), database.session() as session:
        assert len(session.exec(select(PlanRow)).all()) == 1


@pytest.mark.parametrize("changes", [{}, {"U0004": "P01"}], ids=["empty", "back-where-it-was"])
def test_saving_nothing_is_refused(desk: Desk, changes: dict[str, str]) -> None:
    assert desk.enter("planner").ask("plans", {"changes": changes}).status_code == 400


@pytest.mark.parametrize("action", ["try", "plans"])
@pytest.mark.parametrize(
    "raw",
    [b"[" * 100_000, b'{"changes":' * 100_000, b'{"changes":{"\\ud800":"P02"}}', b'{"changes":{},"note":"\\udfff"}'],
    ids=["list", "object", "unit", "note"],
)
def test_json_nested_too_deep_or_with_half_a_character(desk: Desk, action: str, raw: bytes) -> None:
    headers = {"X-CSRFToken": desk.enter("planner").token, "Accept": "text/html"}
    answer = desk.client.post(
        f"/plans/{desk.plan}/{action}", data=raw, content_type="application/json", headers=headers
    )
    assert answer.status_code == 400


def test_too_long_a_note_is_refused(desk: Desk) -> None:
    answer = desk.enter("planner").ask("plans", {"changes": {"U0004": "P02"}, "note": "长" * 501})
    assert answer.status_code == 400
