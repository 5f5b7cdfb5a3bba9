"""The application as a whole: every page answers in the frame, errors in one shape."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from doors import database
from doors.i18n import translate
from ledger.errors import EvenhandError, Phrase


def test_unknown_page_is_one_sentence(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


def test_unknown_page_is_json_for_programs(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.get_json()["error"]["kind"] == "NotFound"


def test_error_below_api_is_json_unless_a_page_is_wanted(client: FlaskClient) -> None:
    assert client.get("/api/lookup?a=none").get_json()["error"]["kind"] == "NotFound"
    assert client.get("/api/nowhere", headers={"Accept": "*/*"}).get_json()["error"]["kind"] == "NotFound"
    assert client.get("/api/nowhere", headers={"Accept": "text/html"}).mimetype == "text/html"


def test_an_error_of_the_database_names_no_address(app: Flask) -> None:
    with app.app_context(), database.session() as session, pytest.raises(DatabaseError) as caught:
        session.execute(text("SELECT * FROM nowhere WHERE home = :home"), {"home": "幸福路12号"})
    assert "nowhere" in str(caught.value)
    assert "幸福路" not in str(caught.value)


def test_a_path_that_looks_like_another_host_leads_nowhere_else(client: FlaskClient) -> None:
    page = client.get("/", environ_overrides={"PATH_INFO": "//evil.example/x"}).text
    assert 'href="//' not in page


def test_a_new_instance_folder_is_its_owners_alone(app: Flask, surroundings: Path) -> None:
    assert (surroundings / "instance").stat().st_mode & 0o077 == 0


def test_language_and_text_size_are_remembered(app: Flask) -> None:
    client = app.test_client()
    assert 'lang="zh-Hans"' in client.get("/login").text
    client.get("/login?lang=en&text=large")
    page = client.get("/login").text
    assert 'lang="en"' in page
    assert 'data-text="large"' in page


def test_switches_keep_the_query(client: FlaskClient) -> None:
    page = client.get("/login?next=%2Fplans").text
    assert "/login?next=%2Fplans&amp;lang=zh_Hans" in page


def test_policy_forbids_inline_and_foreign_content(client: FlaskClient) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "blob:" not in policy


def test_phrases_inside_a_sentence_are_translated_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = {"It needs %(what)s.": "需要%(what)s。", "a table with %(column)s": "含有 %(column)s 的表"}
    monkeypatch.setattr("doors.i18n.gettext", lambda message, **values: catalogue[message] % values)
    error = EvenhandError("It needs %(what)s.", what=Phrase("a table with %(column)s", column="unit"))
    assert str(error) == "It needs a table with unit."
    assert translate(error) == "需要含有 unit 的表。"
