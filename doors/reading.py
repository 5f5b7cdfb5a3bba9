"""How a page wants to be read: larger text, the dark theme of a hall, the same page in another language."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, request

COOKIE = "text"
SIZES = ("normal", "large")


def init_app(app: Flask) -> None:
    """Give templates `large_text`, `theme` and `here()`; `?text=large` is remembered in a cookie."""
    app.context_processor(lambda: {"large_text": text_size() == "large", "theme": chosen_theme(), "here": here})
    app.after_request(_remember_size)


def text_size() -> str:
    """`large` (elder mode) or `normal`: the query, else the cookie."""
    wanted = request.args.get("text") or request.cookies.get(COOKIE)
    return wanted if wanted in SIZES else "normal"


def chosen_theme() -> str:
    """`hall` for a projector (`?theme=hall`), else empty."""
    return "hall" if request.args.get("theme") == "hall" else ""


def here(**changes: str) -> str:
    """This very page with some query parameters changed."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), **changes})}"


def _remember_size(response: Response) -> Response:
    wanted = request.args.get("text")
    if wanted in SIZES:
        response.set_cookie(COOKIE, wanted, max_age=31_536_000, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
