"""Pages of the room `lookup`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from doors import database
from doors.i18n import chosen_language
from geodata.addresses.normal import LONGEST_QUERY
from ledger.keys import fingerprint_words
from ledger.notes import Verifier
from lookup.locator import Locator, box_around, locator
from lookup.tables import AddressRow
from lookup.tables.find import Answer, Found, answers, choices, find, house, publications, zones_within
from lookup.words import grouped, school_year, walking_minutes

blueprint = Blueprint("lookup", __name__)


@dataclass(frozen=True)
class Card:
    """One answer as the page shows it."""

    answer: Answer
    announced: bool
    changed: bool
    minutes: int | None
    fingerprint: str
    seal: str
    picture: Locator | None


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The parents' page: a question, a choice where there are several houses, an answer."""
    typed = request.args.get("q", "").strip()[:LONGEST_QUERY]
    with database.session() as session:
        found, one = _asked(session, typed)
        return render_template(
            "lookup/home.html",
            typed=one.text if one else typed,
            house=one,
            cards=_cards(session, one) if one else [],
            choices=[] if one else choices(session, found),
            found=found,
            ready=bool(publications(session)),
            map_approval=os.environ.get("EVENHAND_MAP_APPROVAL", ""),
        )


@blueprint.get("/api/lookup")
def api() -> ResponseReturnValue:
    """The same for programs: `?q=` what somebody typed, or `?a=` a house's key from `suggestions`."""
    typed = request.args.get("q", "").strip()[:LONGEST_QUERY]
    with database.session() as session:
        found, one = _asked(session, typed)
        return {
            "query": typed,
            "house": {"key": one.key, "text": one.text, "lon": one.lon, "lat": one.lat} if one else None,
            "answers": [answer.plain() for answer in answers(session, one, school_year(date.today()))] if one else [],
            "suggestions": [
                {"key": choice.house.key, "text": choice.house.text, "near": choice.near}
                for choice in choices(session, found)
            ],
            "close": found.close,
        }


def _asked(session: Session, typed: str) -> tuple[Found, AddressRow | None]:
    """What was found for the query, and the house if it is settled."""
    key = request.args.get("a")
    if key:
        return Found(()), house(session, key) or abort(404)
    found = find(session, typed)
    return found, found.exact


def _cards(session: Session, one: AddressRow) -> list[Card]:
    year = school_year(date.today())
    return [_card(session, answer, one, year) for answer in answers(session, one, year)]


def _card(session: Session, answer: Answer, one: AddressRow, year: int) -> Card:
    signer = answer.publication.signer
    return Card(
        answer=answer,
        announced=answer.publication.from_year > year,
        changed=answer.before != tuple(school.name for school in answer.schools),
        minutes=None if answer.metres is None else walking_minutes(answer.metres),
        fingerprint=grouped(answer.publication.plan),
        seal=fingerprint_words(Verifier.parse(signer), chosen_language()) if signer else "",
        picture=_picture(session, answer, one),
    )


def _picture(session: Session, answer: Answer, one: AddressRow) -> Locator | None:
    if answer.zone is None:
        return None
    home_place = (one.lon, one.lat)
    schools = [(school.lon, school.lat) for school in answer.schools]
    box = box_around(answer.zone.shape, [*schools, home_place])
    around = zones_within(session, answer.publication.id or 0, box)
    neighbours = [zone.shape for zone in around if zone.zone != answer.zone.zone]
    return locator(answer.zone.shape, neighbours, schools, home_place)
