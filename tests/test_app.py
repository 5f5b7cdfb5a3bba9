"""The application as a whole: every page answers in the frame, errors in one shape."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_unknown_page_is_one_sentence(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


def test_unknown_page_is_json_for_programs(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.get_json()["error"]["kind"] == "NotFound"


def test_language_and_text_size_are_remembered(client: FlaskClient) -> None:
    assert 'lang="zh-Hans"' in client.get("/login").text
    client.get("/login?lang=en&text=large")
    page = client.get("/login").text
    assert 'lang="en"' in page
    assert 'data-text="large"' in page


def test_switches_keep_the_query(client: FlaskClient) -> None:
    page = client.get("/login?next=%2Fplans").text
    assert "/login?next=%2Fplans&amp;lang=en" in page


def test_policy_forbids_inline_and_foreign_content(client: FlaskClient) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "blob:" not in policy
