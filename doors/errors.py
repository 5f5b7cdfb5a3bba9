"""How an error reaches a person: one translated sentence, as a page, as JSON or on the terminal."""

from __future__ import annotations

import structlog
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from doors.i18n import translate
from ledger.errors import EvenhandError

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Answer every error of ours, of HTTP and of the unforeseen kind in one shape."""
    app.register_error_handler(EvenhandError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: EvenhandError) -> ResponseReturnValue:
    return _answer(type(error).__name__, translate(error), error.http_status)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    sentences = {
        400: gettext("The request could not be understood."),
        403: gettext("You may not do this."),
        404: gettext("There is no such page."),
        405: gettext("This page does not take that kind of request."),
        413: gettext("The file is too large."),
    }
    return _answer(type(error).__name__, sentences.get(code, error.name), code)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.error("unforeseen error", kind=type(error).__name__, path=request.path, exc_info=error)
    return _answer("InternalError", gettext("Something went wrong on our side. Nothing was changed."), 500)


def _answer(kind: str, message: str, status: int) -> ResponseReturnValue:
    """`{"error": {"kind", "message"}}` for programs (below `/api/` unless they want a page), a page for people."""
    kinds = ["application/json", "text/html"] if request.path.startswith("/api/") else ["text/html", "application/json"]
    if request.accept_mimetypes.best_match(kinds, default=kinds[0]) == "application/json":
        return jsonify(error={"kind": kind, "message": message}), status
    return render_template("error.html", message=message, status=status), status
