"""Pages of the room `lottery`: the list of draws, one draw, and the files of its evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from doors import database, settings
from doors.i18n import chosen_language
from ledger.keys import fingerprint_words
from lottery import tables
from lottery.account import Account, clean_code, evidence_zip, is_evidence, read_account

blueprint = Blueprint("lottery", __name__)
BEIJING = timedelta(hours=8)
LONGEST_CODE = 64


@blueprint.get("/draws")
def draws() -> ResponseReturnValue:
    """Every draw that this installation knows, the latest first."""
    with database.session() as session:
        return render_template("lottery/draws.html", draws=tables.known_draws(session))


@blueprint.get("/draws/<draw>")
def page(draw: str) -> ResponseReturnValue:
    """One draw: find a number, the result by class, the steps, how to check it, the files."""
    folder = _folder(draw)
    account = _account(folder, draw)
    typed = request.args.get("code", "").strip()[:LONGEST_CODE]
    return render_template(
        "lottery/draw.html",
        account=account,
        draw=account.draw,
        manifest=account.draw.manifest,
        typed=typed,
        code=clean_code(typed),
        mine=account.find(typed) if typed else None,
        words=fingerprint_words(account.log, chosen_language()),
        names={each.code: each.name for each in account.classes},
        ceremony=folder.name,
    )


@blueprint.get("/draws/<draw>/evidence.zip")
def archive(draw: str) -> ResponseReturnValue:
    """The whole evidence folder of the draw's ceremony."""
    headers = {"Content-Disposition": f'attachment; filename="{draw}-evidence.zip"'}
    return Response(evidence_zip(_folder(draw)), mimetype="application/zip", headers=headers)


@blueprint.get("/draws/<draw>/evidence/<path:name>")
def evidence(draw: str, name: str) -> ResponseReturnValue:
    """One file of the evidence, the very bytes."""
    folder = _folder(draw)
    if not is_evidence(folder, name):
        abort(404)
    kind = "application/json" if name.endswith(".json") else "text/plain"
    return send_from_directory(folder, name, mimetype=kind)


@blueprint.app_template_filter("beijing")
def beijing(time: str) -> str:
    """A protocol time as people in the hall read it, UTC+8."""
    return f"{datetime.fromisoformat(time) + BEIJING:%Y-%m-%d %H:%M:%S}"


@blueprint.app_template_filter("grouped")
def grouped(fingerprint: str) -> str:
    """The first 16 digits of a fingerprint in groups of four."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, 16, 4))


def _folder(draw: str) -> Path:
    with database.session() as session:
        entry = tables.find_draw(session, draw)
        folder = settings.current().audit_logs / entry.ceremony if entry else None
    if not folder or not folder.is_dir():
        abort(404)
    return folder


def _account(folder: Path, draw: str) -> Account:
    state = tuple(_stamp(path) for path in (folder / "checkpoint", folder / "draws" / draw / "result.csv"))
    return _read(folder, draw, state)


@lru_cache(maxsize=16)
def _read(folder: Path, draw: str, _state: tuple[tuple[int, int], ...]) -> Account:
    return read_account(folder, draw)


def _stamp(path: Path) -> tuple[int, int]:
    """Time and size of a file: another pair means that it must be read again."""
    if not path.exists():
        return (0, 0)
    found = path.stat()
    return (found.st_mtime_ns, found.st_size)
