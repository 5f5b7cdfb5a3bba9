"""Chinese first, English second: which language a page or a command speaks."""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, force_locale, gettext

from ledger.errors import EvenhandError, Phrase

LANGUAGES = {"zh_Hans": "中文", "en": "English"}
COOKIE = "language"


def init_app(app: Flask) -> None:
    """Choose the language of each request; `?lang=` is remembered in a cookie."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh_Hans")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(app.root_path) + "/translations")
    Babel(app, locale_selector=chosen_language)
    app.context_processor(lambda: {"languages": LANGUAGES, "language": chosen_language()})
    app.after_request(_remember_language)


def chosen_language() -> str:
    """`zh_Hans` or `en`: the query, else the cookie, else Chinese; on the terminal EVENHAND_LANG, else LANG."""
    if not has_request_context():
        return terminal_language()
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return "zh_Hans"


def terminal_language() -> str:
    """The terminal's language: Chinese where EVENHAND_LANG or the locale says so, else English."""
    names = ("EVENHAND_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "zh_Hans" if locale.startswith("zh") else "en"


def translate(said: EvenhandError | Phrase) -> str:
    """An error's sentence, or a phrase, in the language of the moment; so are the phrases among its values."""
    values = {name: translate(value) if isinstance(value, Phrase) else value for name, value in said.values.items()}
    sentence: str = gettext(said.message, **values) if values else gettext(said.message)
    return sentence


def speaker(language: str) -> Callable[..., str]:
    """`gettext` that speaks `language` whatever the moment's language is: for files written in every language."""

    def speak(message: str, **values: object) -> str:
        with force_locale(language):
            sentence: str = gettext(message, **values)
        return sentence

    return speak


def _remember_language(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=31_536_000, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
