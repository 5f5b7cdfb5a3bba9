"""Reading the tables: houses for what somebody typed, and what is published about a house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from geodata.addresses.normal import full_address, normal_address, without_room
from lookup.addresses import agreement, rank, relaxed, tokens
from lookup.tables import AddressRow, PublicationRow, SchoolRow, ServedRow, ZoneRow

CANDIDATES = 400
"""Rows ranked for one query."""

SHOWN = 12
"""Suggestions that a person can still read through."""

_MATCH = {
    "sqlite": "SELECT rowid FROM lookup_search WHERE lookup_search MATCH :query ORDER BY rowid LIMIT :most",
    "postgresql": "SELECT rowid FROM lookup_search WHERE body @@ CAST(:query AS tsquery) ORDER BY rowid LIMIT :most",
}


@dataclass(frozen=True)
class Found:
    """What a query found: `exact` = the one house that was meant; `close` = nothing fits, these are similar."""

    houses: tuple[AddressRow, ...]
    exact: AddressRow | None = None
    close: bool = False


@dataclass(frozen=True)
class Answer:
    """What one publication says about a house; `zone` None where none serves it; `before` = names one plan earlier."""

    publication: PublicationRow
    unit: str
    metres: float | None
    schools: tuple[SchoolRow, ...]
    zone: ZoneRow | None
    before: tuple[str, ...] | None

    def plain(self) -> dict[str, Any]:
        """The answer for programs."""
        row = self.publication
        return {
            "level": row.level,
            "from_year": row.from_year,
            "schools": [{"school": school.school, "name": school.name} for school in self.schools],
            "unit": self.unit,
            "metres": self.metres,
            "before": None if self.before is None else list(self.before),
            "plan": row.plan,
            "signed_by": row.signer,
            "synthetic": row.synthetic,
        }


@dataclass(frozen=True)
class Choice:
    """One suggestion; `near` = the text of a house beside it where several have one name, else ""."""

    house: AddressRow
    near: str


def find(session: Session, typed: str) -> Found:
    """The houses that `typed` may mean, best first."""
    normal, full = without_room(normal_address(typed)), without_room(full_address(typed))
    words = tokens(normal)
    if not words:
        return Found(())
    named = session.exec(select(AddressRow).where(AddressRow.normal == normal)).all()
    houses = list({one.key: one for one in (*named, *_matching(session, words))}.values())
    if not houses:
        return Found(_ranked(_nearest(session, words), normal, full)[:SHOWN], close=True)
    ranked = _ranked(houses, normal, full)
    return Found(ranked[:SHOWN], exact=_meant(ranked, normal, full))


def choices(session: Session, found: Found) -> list[Choice]:
    """The suggestions of a query."""
    texts = [one.text for one in found.houses]
    return [Choice(one, _beside(session, one) if texts.count(one.text) > 1 else "") for one in found.houses]


def house(session: Session, key: str) -> AddressRow | None:
    """The house of that stable name."""
    if not key.isalnum():
        return None
    return session.exec(select(AddressRow).where(AddressRow.key == key)).first()


def answers(session: Session, one: AddressRow, year: int) -> list[Answer]:
    """What is in force for a house in the school year `year`, and what is announced, level by level."""
    return [_answer(session, row, one) for row in in_force(session, one.city, year)]


def published(session: Session, city: str) -> Sequence[PublicationRow]:
    """All publications of a city: primary before junior, earlier before later."""
    rows = session.exec(select(PublicationRow).where(PublicationRow.city == city)).all()
    return sorted(rows, key=lambda row: (row.level != "primary", row.from_year, row.id or 0))


def in_force(session: Session, city: str, year: int) -> list[PublicationRow]:
    """For each level the publication of `year` and the announced ones: per year the last that was loaded."""
    last = {(row.level, row.from_year): row for row in published(session, city)}
    current = {level: max((y for (which, y) in last if which == level and y <= year), default=0) for level, _ in last}
    return [row for (level, from_year), row in last.items() if from_year >= current[level]]


def publications(session: Session) -> int:
    """How many publications there are."""
    return session.exec(select(func.count()).select_from(PublicationRow)).one()


def zones_within(session: Session, publication: int, box: tuple[float, float, float, float]) -> Sequence[ZoneRow]:
    """The zones of a publication whose box meets `box` (west, south, east, north)."""
    west, south, east, north = box
    meeting = select(ZoneRow).where(
        ZoneRow.publication == publication,
        ZoneRow.west <= east,
        ZoneRow.east >= west,
        ZoneRow.south <= north,
        ZoneRow.north >= south,
    )
    return session.exec(meeting.order_by(ZoneRow.zone)).all()


def _answer(session: Session, row: PublicationRow, one: AddressRow) -> Answer:
    served = session.get(ServedRow, (row.id, one.id))
    if served is None or not served.zone:
        return Answer(row, served.unit if served else "", None, (), None, None)
    return Answer(
        publication=row,
        unit=served.unit,
        metres=served.metres,
        schools=tuple(_schools(session, row, served.zone)),
        zone=session.get(ZoneRow, (row.id, served.zone)),
        before=_before(session, row, one),
    )


def _schools(session: Session, row: PublicationRow, zone: str) -> Sequence[SchoolRow]:
    members = select(SchoolRow).where(SchoolRow.publication == row.id, SchoolRow.zone == zone)
    return session.exec(members.order_by(SchoolRow.school)).all()


def _before(session: Session, row: PublicationRow, one: AddressRow) -> tuple[str, ...] | None:
    """The names of the schools one publication earlier; None if there was none or it did not know the house."""
    same_level = [other for other in published(session, row.city) if other.level == row.level]
    earlier = [other for other in same_level if other.from_year < row.from_year]
    served = session.get(ServedRow, (earlier[-1].id, one.id)) if earlier else None
    if served is None:
        return None
    return tuple(school.name for school in _schools(session, earlier[-1], served.zone))


def _matching(session: Session, words: list[str]) -> Sequence[AddressRow]:
    """Houses with all words; the last one may be only begun, but whole matches come first when there are too many."""
    ids = _ids(session, words, begun=False)
    if len(ids) < CANDIDATES:
        ids = list(dict.fromkeys(ids + _ids(session, words, begun=True)))
    return session.exec(select(AddressRow).where(col(AddressRow.id).in_(ids))).all() if ids else []


def _nearest(session: Session, words: list[str]) -> Sequence[AddressRow]:
    for fewer in relaxed(words):
        if len("".join(fewer)) < 2:
            continue
        houses = _matching(session, fewer)
        if houses:
            return houses
    return []


def _ids(session: Session, words: list[str], begun: bool) -> list[int]:
    dialect = session.get_bind().dialect.name
    query = _fts5(words, begun) if dialect == "sqlite" else _tsquery(words, begun)
    return [row[0] for row in session.execute(text(_MATCH[dialect]), {"query": query, "most": CANDIDATES})]


def _fts5(words: list[str], begun: bool) -> str:
    """The query for FTS5; a token holds letters, digits and hyphens only, so that quotes need no escaping."""
    return " AND ".join(f'"{word}"' for word in words) + ("*" if begun else "")


def _tsquery(words: list[str], begun: bool) -> str:
    """The query for PostgreSQL, as lexemes: no parser touches them."""
    return " & ".join(f"'{word}'" for word in words) + (":*" if begun else "")


def _ranked(houses: Sequence[AddressRow], normal: str, full: str) -> tuple[AddressRow, ...]:
    def order(one: AddressRow) -> tuple[object, ...]:
        fits = agreement(full, full_address(one.text)) if one.normal == normal else 3
        return fits, *rank(normal, one.normal), one.text, one.key

    return tuple(sorted(houses, key=order))


def _meant(ranked: Sequence[AddressRow], normal: str, full: str) -> AddressRow | None:
    """The house that was typed; None if several fit equally well or the only one stands in another district."""
    fits = [(agreement(full, full_address(one.text)), one) for one in ranked if one.normal == normal]
    closest = min((fit for fit, _ in fits), default=2)
    best = [one for fit, one in fits if fit == closest < 2]
    return best[0] if len(best) == 1 else None


def _beside(session: Session, one: AddressRow) -> str:
    """The text of the nearest house of another name; "" if there is none within about 200 m."""
    reach = 0.002
    near = select(AddressRow).where(
        AddressRow.city == one.city,
        AddressRow.normal != one.normal,
        col(AddressRow.lon).between(one.lon - reach, one.lon + reach),
        col(AddressRow.lat).between(one.lat - reach, one.lat + reach),
    )
    closest = min(session.exec(near), key=lambda other: (_apart(one, other), other.text), default=None)
    return closest.text if closest else ""


def _apart(one: AddressRow, other: AddressRow) -> float:
    return (one.lon - other.lon) ** 2 + (one.lat - other.lat) ** 2
