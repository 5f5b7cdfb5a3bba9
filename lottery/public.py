"""The two public lists of a draw, roster and result: their CSV files and their trees (docs/spec/draw.md, 6 and 9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.merkle import leaf_hash, root
from lottery.errors import LotteryInputError
from lottery.forms import is_code, is_hex32
from lottery.placement import Placed

ROSTER_HEADER = "code,stratum,tag,record"
RESULT_HEADER = "code,class,position,ticket"


@dataclass(frozen=True)
class RosterLine:
    """One public leaf: random code, opaque leaf stratum ("" for teachers), tag and record hash (hex)."""

    code: str
    stratum: str
    tag: str
    record: str

    @property
    def leaf(self) -> bytes:
        """The leaf's bytes in the roster tree: canonical JSON, written directly since codes and hex need no escapes."""
        said = f'"code":"{self.code}","record":"{self.record}","stratum":"{self.stratum}","tag":"{self.tag}"'
        return f"{{{said}}}".encode("ascii")


def roster_csv(lines: Iterable[RosterLine]) -> bytes:
    """The bytes of roster.csv."""
    return _csv(ROSTER_HEADER, ([line.code, line.stratum, line.tag, line.record] for line in lines))


def parse_roster(data: bytes) -> list[RosterLine]:
    """Read roster.csv strictly (rules L5, R1).

    Raises:
        LotteryInputError: another form than `roster_csv` writes, codes out of order or twice, a tag twice.
    """
    lines = [RosterLine(*cells) for cells in _cells(data, ROSTER_HEADER, "roster.csv")]
    for line in lines:
        legal = is_code(line.code) and (not line.stratum or is_code(line.stratum))
        if not (legal and is_hex32(line.tag) and is_hex32(line.record)):
            raise LotteryInputError("roster.csv: the line of %(code)s is malformed.", code=line.code)
    codes = [line.code for line in lines]
    if codes != sorted(set(codes)):
        raise LotteryInputError("roster.csv: the codes are not in order, or one stands twice.")
    if len({line.tag for line in lines}) != len(lines):
        raise LotteryInputError("roster.csv: two lines carry the same tag: one person is registered twice.")
    return lines


def result_csv(placed: Iterable[Placed]) -> bytes:
    """The bytes of result.csv."""
    return _csv(RESULT_HEADER, ([one.code, one.group, str(one.position), one.ticket.hex()] for one in placed))


def parse_result(data: bytes) -> list[Placed]:
    """Read result.csv as the pages show it.

    Raises:
        LotteryInputError: malformed.
    """
    cells = _cells(data, RESULT_HEADER, "result.csv")
    for code, group, position, ticket in cells:
        if not (is_code(code) and is_code(group) and position.isdigit() and is_hex32(ticket)):
            raise LotteryInputError("result.csv: the line of %(code)s is malformed.", code=code)
    return [Placed(code, group, int(position), bytes.fromhex(ticket)) for code, group, position, ticket in cells]


def result_leaf(one: Placed) -> bytes:
    """The leaf's bytes in the result tree (rule G1): canonical JSON, written directly like a roster's."""
    said = f'"class":"{one.group}","code":"{one.code}","position":{one.position},"ticket":"{one.ticket.hex()}"'
    return f"{{{said}}}".encode("ascii")


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The root over the leaves' bytes."""
    return root(leaf_hash(leaf) for leaf in leaves)


def _csv(header: str, rows: Iterable[Sequence[str]]) -> bytes:
    return "".join(f"{line}\n" for line in [header, *(",".join(row) for row in rows)]).encode("ascii")


def _cells(data: bytes, header: str, name: str) -> list[list[str]]:
    try:
        first, *lines, last = data.decode("ascii").split("\n")
    except (UnicodeDecodeError, ValueError) as error:
        raise LotteryInputError("%(name)s is malformed.", name=name) from error
    cells = [line.split(",") for line in lines]
    if first != header or last or any(len(row) != 4 for row in cells):
        raise LotteryInputError("%(name)s is malformed.", name=name)
    return cells
