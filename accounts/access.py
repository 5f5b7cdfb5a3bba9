"""Who is asking, and may they: the session and the guard of other rooms' pages."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from accounts.errors import AccountError
from accounts.people import check_password, find_user, normal_name
from accounts.tables import FailedLogin, User
from doors import database

FAILURES_ALLOWED = 5
WINDOW_SECONDS = 15 * 60
P = ParamSpec("P")


class TooManyFailuresError(AccountError):
    """Too many failed log-ins for this name from this place."""

    http_status = 429


def current_user() -> User | None:
    """The person logged in, or nobody; an account that was disabled or given a new password counts as nobody."""
    if "user" not in session:
        return None
    if "user" not in g:
        with Session(database.engine(), expire_on_commit=False) as opened:
            found = opened.get(User, session["user"])
        valid = found is not None and not found.disabled and hmac.compare_digest(session.get("key", ""), _key(found))
        g.user = found if valid else None
    return cast("User | None", g.user)


def login_required(*roles: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Guard a page: somebody must be logged in and hold one of `roles` (any role if none is named)."""

    def guard(page: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(page)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            user = current_user()
            if user is None:
                return _ask_to_log_in()
            if roles and user.role not in roles:
                abort(403)
            return page(*args, **kwargs)

        return guarded

    return guard


def log_in(name: str, password: str) -> User | None:
    """Open a session for the owner of `name` and `password`; None if they do not fit.

    The session is emptied first: whatever an attacker planted in it is gone, the CSRF token with it. Failures are
    counted for a name from one network address, so that nobody can lock an operator out from elsewhere.

    Raises:
        TooManyFailuresError: five failures within fifteen minutes.
    """
    attempt = _attempt(name)
    with Session(database.engine(), expire_on_commit=False) as opened:
        _refuse_guessing(opened, attempt)
        user = find_user(opened, name)
    fits = check_password(user, password)
    if user is None or not fits:
        _remember_failure(attempt)
        return None
    session.clear()
    session.update(user=user.id, key=_key(user))
    session.permanent = True
    return user


def _refuse_guessing(opened: Session, attempt: str) -> None:
    recent = FailedLogin.moment >= int(time.time()) - WINDOW_SECONDS
    failures = opened.exec(select(func.count()).where(FailedLogin.attempt == attempt, recent)).one()
    if failures >= FAILURES_ALLOWED:
        raise TooManyFailuresError("Too many failed log-ins. Wait %(minutes)s minutes and try again.", minutes=15)


def _remember_failure(attempt: str) -> None:
    """Note a failure, and forget those that no longer count."""
    now = int(time.time())
    with database.session() as opened:
        opened.execute(delete(FailedLogin).where(col(FailedLogin.moment) < now - WINDOW_SECONDS))
        opened.add(FailedLogin(attempt=attempt, moment=now))


def _attempt(name: str) -> str:
    text = f"{normal_name(name)}|{request.remote_addr}"
    return hmac.new(_secret(), text.encode(), hashlib.sha256).hexdigest()


def _key(user: User) -> str:
    return hmac.new(_secret(), user.password.encode(), hashlib.sha256).hexdigest()[:32]


def _secret() -> bytes:
    return cast("str", current_app.config["SECRET_KEY"]).encode()


def _ask_to_log_in() -> ResponseReturnValue:
    wants_page = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"
    if request.method == "GET" and wants_page:
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    return {"error": {"kind": "LoginRequired", "message": gettext("Log in first.")}}, 401
