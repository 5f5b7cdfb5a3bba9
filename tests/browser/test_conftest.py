"""The visitor notices what it must notice: a test that cannot fail protects nobody."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browser.conftest import Visit, overflow, violations

pytestmark = pytest.mark.browser
FRAME = (
    '<!doctype html><html lang="en"><title>t</title><link rel="icon" href="/static/icon.svg">'
    "<main><h1>h</h1>%s</main></html>"
)


@pytest.mark.parametrize(
    ("content", "noticed"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ('<p style="color:red">a</p>', "Content Security Policy"),
        ('<script type="module" src="/static/nowhere.js"></script>', "404"),
        ('<img alt="" src="https://elsewhere.example/a.png">', "elsewhere.example"),
    ],
)
def test_faults_are_noticed(app: Flask, visit: Visit, content: str, noticed: str) -> None:
    app.add_url_rule("/faulty", view_func=lambda: FRAME % content)
    visit.go(visit.page(390), "/faulty")
    noted = " ".join(visit.faults)
    visit.faults.clear()
    assert noticed in noted


def test_what_axe_and_the_ruler_find(app: Flask, visit: Visit) -> None:
    app.add_url_rule("/poor", view_func=lambda: FRAME % '<img src="/static/icon.svg" width="900"><input>')
    page = visit.go(visit.page(390), "/poor")
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "label" in found
    assert overflow(page) > 0
