"""Tables of the room `lottery`: which draws there are and where; everything else is read from their folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Field, Session, SQLModel, col, select

from lottery.conduct import Conduct
from lottery.errors import LotteryError


class DrawEntry(SQLModel, table=True):
    """One draw id of one ceremony; `ceremony` is the name of its folder among the audit logs."""

    __tablename__ = "lottery_draw"

    draw: str = Field(primary_key=True, max_length=32)
    ceremony: str = Field(index=True, max_length=255)
    number: int
    kind: str = Field(max_length=32)
    title: str = Field(max_length=200)
    test: bool
    state: str = Field(max_length=16)
    size: int
    frozen: str = Field(max_length=20)


def index_ceremony(session: Session, folder: Path) -> int:
    """Bring the rows of the ceremony in `folder` up to date; gives how many draws it has.

    Raises:
        LedgerError, LotteryError: the folder does not hold what the protocol allows, or a draw id is another's.
    """
    conduct = Conduct.open(folder, None, lambda: 0)
    draws = conduct.ceremony.draws.values()
    for draw in draws:
        _refuse_another(session, folder, draw.id)
        first = conduct.ledger.entries[draw.steps[0] - 1].event
        session.merge(
            DrawEntry(
                draw=draw.id,
                ceremony=folder.name,
                number=draw.steps[0],
                kind=draw.kind,
                title=draw.manifest["title"],
                test=draw.manifest["test"],
                state=draw.state,
                size=draw.manifest["roster_size"],
                frozen=first["time"],
            )
        )
    return len(draws)


def _refuse_another(session: Session, folder: Path, draw: str) -> None:
    known = find_draw(session, draw)
    if known and known.ceremony != folder.name and (folder.parent / known.ceremony).is_dir():
        raise LotteryError(
            "The draw %(draw)s stands in two ceremonies, %(one)s and %(other)s: move the wrong one away.",
            draw=draw,
            one=known.ceremony,
            other=folder.name,
        )


def forget_missing(session: Session, audit_logs: Path) -> None:
    """Drop the rows whose ceremony's folder is no longer among the audit logs."""
    for entry in session.exec(select(DrawEntry)).all():
        if not (audit_logs / entry.ceremony).is_dir():
            session.delete(entry)


def known_draws(session: Session) -> Sequence[DrawEntry]:
    """Every draw: the ceremony that froze last comes first, its draws in their order."""
    found = session.exec(select(DrawEntry).order_by(col(DrawEntry.number))).all()
    last: dict[str, str] = {}
    for entry in found:
        last[entry.ceremony] = max(entry.frozen, last.get(entry.ceremony, ""))
    ceremonies = sorted(last, key=lambda name: (last[name], name), reverse=True)
    return sorted(found, key=lambda entry: ceremonies.index(entry.ceremony))


def find_draw(session: Session, draw: str) -> DrawEntry | None:
    """The draw with this id, if it is known."""
    return session.get(DrawEntry, draw)
