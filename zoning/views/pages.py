"""Routes of the room `zoning`. What they answer is made in `answers`, loaded with the first request."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_user, login_required
from doors import database
from zoning.errors import ZoningInputError
from zoning.tables import PlanRow

EDITORS = ("planner", "administrator")
LONGEST_NOTE = 500
blueprint = Blueprint("zoning", __name__)


@blueprint.get("/plans")
@login_required()
def plans() -> str:
    """Every plan, the newest first."""
    from zoning.views import answers

    with database.session() as session:
        return render_template("zoning/plans.html", plans=answers.list_plans(session))


@blueprint.get("/plans/<plan_id>")
@login_required()
def plan(plan_id: str) -> str:
    """The planner's map of one plan."""
    from zoning.tables import store
    from zoning.views import answers, texts

    with database.session() as session:
        row = store.find_plan(session, plan_id)
        return render_template(
            "zoning/plan.html",
            plan=answers.summary(session, row),
            schools=answers.document_of(row)["schools"],
            kinds=answers.backdrop_kinds(session, row),
            attribution=answers.attribution(session, row),
            editable=_may_edit(),
            urls=_urls(row),
            texts=texts.for_script(),
        )


@blueprint.get("/plans/<plan_id>/map.json")
@login_required()
def plan_map(plan_id: str) -> Response:
    """Zones, assignment and schools of a plan."""
    from zoning.tables import store

    with database.session() as session:
        return _packed(store.find_plan(session, plan_id).document)


@blueprint.get("/plans/<plan_id>/city.json")
@login_required()
def city_map(plan_id: str) -> Response:
    """Units and backdrop of a plan's city."""
    from zoning.tables import PlanCity, store

    with database.session() as session:
        return _packed(session.get_one(PlanCity, store.find_plan(session, plan_id).city).document)


@blueprint.get("/plans/<plan_id>/units/<path:unit>")
@login_required()
def unit_facts(plan_id: str, unit: str) -> Response:
    """A unit's children, and every school with its walk, the nearest first."""
    from zoning.tables import store
    from zoning.views import answers

    with database.session() as session:
        return jsonify(answers.unit_facts(session, store.find_plan(session, plan_id), unit))


@blueprint.post("/plans/<plan_id>/try")
@login_required()
def try_changes(plan_id: str) -> Response:
    """What some moved units do to the figures; nothing is kept."""
    from zoning.tables import store
    from zoning.views import answers

    changes = _changes()
    with database.session() as session:
        return jsonify(answers.try_changes(session, store.find_plan(session, plan_id), changes))


@blueprint.post("/plans/<plan_id>/plans")
@login_required(*EDITORS)
def save_changes(plan_id: str) -> ResponseReturnValue:
    """Keep a plan with some units moved as a new plan that names this one as its parent."""
    from zoning.tables import store
    from zoning.views import answers

    changes, note = _changes(), _note()
    user = current_user()
    author = user.name if user else ""
    with database.session() as session:
        made = answers.save_changes(session, store.find_plan(session, plan_id), changes, author, note)
        return jsonify(id=made.id, url=url_for("zoning.plan", plan_id=made.id)), 201


def _may_edit() -> bool:
    user = current_user()
    return user is not None and user.role in EDITORS


def _urls(row: PlanRow) -> dict[str, str]:
    """The addresses that the page's script asks."""
    return {
        "city": url_for("zoning.city_map", plan_id=row.id),
        "map": url_for("zoning.plan_map", plan_id=row.id),
        "try_": url_for("zoning.try_changes", plan_id=row.id),
        "save": url_for("zoning.save_changes", plan_id=row.id),
        "unit": url_for("zoning.unit_facts", plan_id=row.id, unit="__unit__"),
    }


def _changes() -> dict[str, str]:
    body = _body()
    changes = body.get("changes")
    if not isinstance(changes, dict) or not all(isinstance(school, str) for school in changes.values()):
        raise ZoningInputError("The request must give “changes” as unit and school.")
    return changes


def _note() -> str:
    note = _body().get("note", "")
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise ZoningInputError("A note is text of at most %(most)s characters.", most=LONGEST_NOTE)
    return note.replace("\0", "").strip()


def _body() -> dict[str, Any]:
    try:
        body = request.get_json(silent=True)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair can be neither kept nor shown
    except (RecursionError, UnicodeEncodeError):
        body = None
    if not isinstance(body, dict):
        raise ZoningInputError("The request must be a JSON object.")
    return body


def _packed(document: bytes) -> Response:
    """A gzipped document: kept by the browser, asked for again by its tag."""
    zipped = bool(request.accept_encodings["gzip"])
    answer = Response(document if zipped else gzip.decompress(document), mimetype="application/json")
    if zipped:
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(document).hexdigest()[:32] + ("-gzip" if zipped else ""))
    answer.make_conditional(request)
    return answer
