"""Who may come in, and who may not."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from accounts import access
from accounts.access import login_required
from accounts.people import fresh_password, normal_name
from accounts.views import _own_page

PASSWORD = "correct horse battery"


@pytest.fixture
def planner(cli: FlaskCliRunner) -> str:
    result = cli.invoke(args=["accounts", "add", "Lin", "--role", "planner", "--password-stdin"], input=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    return "lin"


@pytest.fixture
def guarded(app: Flask) -> None:
    """Pages of another room."""
    app.add_url_rule("/for-planners", view_func=login_required("planner")(lambda: "planners only"), endpoint="p")
    app.add_url_rule("/for-auditors", view_func=login_required("auditor")(lambda: "auditors only"), endpoint="a")
    app.add_url_rule("/for-staff", view_func=login_required()(lambda: "staff only"), endpoint="s")


def token(client: FlaskClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def log_in(client: FlaskClient, name: str = "lin", password: str = PASSWORD, path: str = "/login") -> int:
    form = {"csrf_token": token(client), "name": name, "password": password}
    return client.post(path, data=form).status_code


def test_a_page_for_planners_asks_to_log_in_and_comes_back(client: FlaskClient, guarded: None, planner: str) -> None:
    asked = client.get("/for-planners?x=1", headers={"Accept": "text/html"})
    assert asked.status_code == 302
    assert asked.location == "/login?next=/for-planners?x%3D1"
    form = {"csrf_token": token(client), "name": " LIN ", "password": PASSWORD}
    assert client.post(asked.location, data=form).location == "/for-planners?x=1"
    page = client.get("/for-planners")
    assert page.text == "planners only"
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/for-staff").text == "staff only"


def test_another_role_is_refused(client: FlaskClient, guarded: None, planner: str) -> None:
    log_in(client)
    assert client.get("/for-auditors").status_code == 403


def test_a_program_gets_401_and_no_redirect(client: FlaskClient, guarded: None) -> None:
    answer = client.get("/for-planners", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["error"]["kind"] == "LoginRequired"


@pytest.mark.parametrize(("name", "password"), [("lin", "wrong"), ("nobody", PASSWORD), ("", ""), ("\x00", PASSWORD)])
def test_wrong_name_and_wrong_password_look_alike(client: FlaskClient, planner: str, name: str, password: str) -> None:
    form = {"csrf_token": token(client), "name": name, "password": password}
    answer = client.post("/login", data=form)
    assert answer.status_code == 401
    assert "do not fit" in answer.text


def test_a_form_without_token_is_refused(client: FlaskClient, planner: str) -> None:
    assert client.post("/login", data={"name": "lin", "password": PASSWORD}).status_code == 400
    assert client.post("/logout").status_code == 400


def test_what_was_in_the_session_before_does_not_survive_the_login(client: FlaskClient, planner: str) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by an attacker"
    before = token(client)
    log_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


def test_logging_out_ends_the_session(client: FlaskClient, guarded: None, planner: str) -> None:
    log_in(client)
    assert client.post("/logout", data={"csrf_token": token(client, "/")}).status_code == 303
    assert client.get("/for-planners", headers={"Accept": "application/json"}).status_code == 401


def test_disabling_ends_open_sessions_and_new_ones(
    client: FlaskClient, cli: FlaskCliRunner, guarded: None, planner: str
) -> None:
    log_in(client)
    assert cli.invoke(args=["accounts", "disable", "Lin"]).exit_code == 0
    assert client.get("/for-planners", headers={"Accept": "application/json"}).status_code == 401
    assert log_in(client) == 401


def test_guessing_is_slowed_down_for_one_place_only(
    client: FlaskClient, planner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(access.FAILURES_ALLOWED):
        assert log_in(client, password="guess") == 401
    assert log_in(client) == 429
    form = {"csrf_token": token(client), "name": "lin", "password": PASSWORD}
    elsewhere = client.post("/login", data=form, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert elsewhere.status_code == 303
    now = access.time.time()
    monkeypatch.setattr(access.time, "time", lambda: now + access.WINDOW_SECONDS + 1)
    assert log_in(client.application.test_client()) == 303


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", "/a\nb"]
)
def test_no_redirect_to_another_site(wanted: str) -> None:
    assert _own_page(wanted) == "/"


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (["lin", "--role", "planner"], PASSWORD, "already"),
        (["LIN", "--role", "auditor"], PASSWORD, "already"),
        (["new", "--role", "planner"], "short", "at least 12"),
        (["  ", "--role", "planner"], PASSWORD, "1 to 64"),
        (["new", "--role", "king"], PASSWORD, "king"),
    ],
)
def test_an_account_that_cannot_be(
    cli: FlaskCliRunner, planner: str, arguments: list[str], password: str, said: str
) -> None:
    result = cli.invoke(args=["accounts", "add", *arguments, "--password-stdin"], input=password + "\n")
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_fresh_password_is_printed_once_and_opens(cli: FlaskCliRunner, client: FlaskClient) -> None:
    password = cli.invoke(args=["accounts", "add", "op", "--role", "operator"]).stdout.strip()
    assert re.fullmatch(r"([a-z2-9]{5}-){4}[a-z2-9]{5}", password)
    assert log_in(client, "op", password) == 303


def test_the_list_shows_names_and_roles_and_no_secret(cli: FlaskCliRunner, planner: str) -> None:
    cli.invoke(args=["accounts", "disable", "lin"])
    listed = cli.invoke(args=["accounts", "list"]).stdout
    assert listed.split("\t")[:2] == ["lin", "planner"]
    assert listed.endswith("disabled\n")
    assert "argon2" not in listed


def test_disabling_nobody_is_an_input_error(cli: FlaskCliRunner) -> None:
    assert cli.invoke(args=["accounts", "disable", "nobody"]).exit_code == 2


def test_passwords_differ_and_names_are_folded() -> None:
    assert fresh_password() != fresh_password()
    assert normal_name(" Ｌin ") == "lin"
