"""Pages of the room `accounts`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import TooManyFailuresError, current_user, log_in
from doors.i18n import translate

blueprint = Blueprint("accounts", __name__)


@blueprint.record_once
def _working_day(state: BlueprintSetupState) -> None:
    state.app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=12)


@blueprint.app_context_processor
def _who() -> dict[str, Any]:
    return {"current_user": current_user()}


@blueprint.after_app_request
def _keep_private(response: Response) -> Response:
    """Pages of somebody logged in stay out of every cache, the browser's on a shared computer too."""
    if request.endpoint != "static" and "user" in session:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The form for those who work with the system."""
    return render_template("accounts/login.html", name="", problem="")


@blueprint.post("/login")
def enter() -> ResponseReturnValue:
    """Check name and password; go to the page that asked for them."""
    name = request.form.get("name", "")
    try:
        user = log_in(name, request.form.get("password", ""))
    except TooManyFailuresError as error:
        return _again(name, translate(error)), error.http_status
    if user is None:
        return _again(name, gettext("Name and password do not fit.")), 401
    return redirect(_own_page(request.args.get("next", "")), 303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    session.clear()
    return redirect("/", 303)


def _again(name: str, problem: str) -> str:
    return render_template("accounts/login.html", name=name, problem=problem)


def _own_page(wanted: str) -> str:
    """`wanted` if it is a path of this site, else the start page."""
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if own else "/"
