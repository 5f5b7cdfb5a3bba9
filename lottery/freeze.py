"""From people to a frozen roster: random codes, strata, salted leaves, tags (docs/spec/draw.md, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from ledger.canonical import canonical_json
from lottery.errors import LotteryError, LotteryInputError
from lottery.manifest import smallest_stratum
from lottery.public import RosterLine
from lottery.rosterfile import Person
from lottery.seed import tag
from lottery.store import Private, PrivateRoster, Random

CHILD_LETTERS = "ABCDEFGHJKLMNPQRUVWXYZ"
"""First letters of children's codes: none that looks like a digit, none that strata (S) or teachers (T) use."""

Level = Callable[[Sequence[tuple[str, Person]], int], list[Sequence[tuple[str, Person]]]]
"""Divides coded people of one stratum, for a number of classes."""


@dataclass(frozen=True)
class FrozenRoster:
    """The public lines in code order, strata (id -> parent), apart groups of codes, pool of unused codes, secrets."""

    lines: Sequence[RosterLine]
    strata: Mapping[str, str]
    apart: Sequence[Sequence[str]]
    pool: Sequence[str]
    private: PrivateRoster


def freeze_children(draw: str, people: Sequence[Person], classes: int, pool: int, random: Random) -> FrozenRoster:
    """Give every child a code and a leaf stratum: sex over score blocks, as far as the roster has them.

    Raises:
        LotteryInputError: too few children in a stratum, scores for some only, an apart group that cannot hold.
    """
    codes = make_codes(len(people) + pool, CHILD_LETTERS, random)
    coded = list(zip(codes, sorted(people, key=lambda one: one.id), strict=False))
    strata, stratum_of = _stratify(coded, classes, random)
    apart = _apart_groups(coded, stratum_of, classes)
    lines, private = _leaves(draw, coded, stratum_of, random)
    return FrozenRoster(lines, strata, apart, sorted(codes[len(people) :]), private)


def freeze_teachers(draw: str, people: Sequence[Person], random: Random) -> FrozenRoster:
    """Give every teacher a code."""
    codes = make_codes(len(people), "T", random)
    coded = list(zip(codes, sorted(people, key=lambda one: one.id), strict=True))
    lines, private = _leaves(draw, coded, dict.fromkeys(codes, ""), random)
    return FrozenRoster(lines, {}, [], [], private)


def check_private(private: PrivateRoster, lines: Sequence[RosterLine]) -> None:
    """Check that `private` holds exactly the people whose hashes were frozen in `lines` (rule R3).

    Raises:
        LotteryError: somebody was exchanged, added, left out or changed since the freeze.
    """
    found = {code: _hashes(private.tag_key, each) for code, each in private.people.items()}
    if found != {line.code: (line.tag, line.record) for line in lines}:
        raise LotteryError("The private roster of %(draw)s is not the one that was frozen.", draw=private.draw)


def make_codes(count: int, letters: str, random: Random) -> list[str]:
    """Different codes of a letter and five digits (more for long lists), in random order.

    Drawn by rejection from 64-bit numbers, so that each code is equally likely.
    """
    digits = 5
    while count * 5 > len(letters) * 10**digits:
        digits += 1
    space = len(letters) * 10**digits
    found: dict[str, None] = {}
    while len(found) < count:
        number = int.from_bytes(random(8), "big")
        if number < 2**64 - 2**64 % space:
            letter, rest = divmod(number % space, 10**digits)
            found[f"{letters[letter]}{rest:0{digits}}"] = None
    return list(found)


def by_sex(coded: Sequence[tuple[str, Person]], _classes: int) -> list[Sequence[tuple[str, Person]]]:
    """One stratum for each sex that occurs."""
    sexes = sorted({person.sex for _code, person in coded})
    return [[each for each in coded if each[1].sex == sex] for sex in sexes]


def by_score(coded: Sequence[tuple[str, Person]], classes: int) -> list[Sequence[tuple[str, Person]]]:
    """Blocks of b·K children by falling score, ties by code; b is the least whole number with b·K ≥ 5."""
    block = -(-5 // classes) * classes
    ranked = sorted(coded, key=lambda each: (-Decimal(each[1].score), each[0]))
    count = max(1, len(ranked) // block)
    cuts = [*range(0, count * block, block), len(ranked)]
    return [ranked[cuts[index] : cuts[index + 1]] for index in range(count)]


def _stratify(
    coded: Sequence[tuple[str, Person]], classes: int, random: Random
) -> tuple[dict[str, str], dict[str, str]]:
    """Strata (id -> parent) and the leaf stratum of each code; ids are random, in no order of rank."""
    levels = _levels(coded)
    groups: list[tuple[str, Sequence[tuple[str, Person]]]] = [("", coded)]
    ids = iter(make_codes(2 * len(coded) + 2, "S", random))
    strata: dict[str, str] = {}
    for level in levels:
        divided = [(next(ids), parent, part) for parent, group in groups for part in level(group, classes)]
        strata.update({each: parent for each, parent, _part in divided})
        groups = [(each, part) for each, _parent, part in divided]
    least = smallest_stratum(classes)
    for _each, part in groups:
        if len(part) < least:
            raise LotteryInputError(
                "A stratum would hold only %(size)s children; at least %(least)s are needed so that nobody can be "
                "recognised. Leave out the sex column, or use fewer classes.",
                size=len(part),
                least=least,
            )
    return strata, {code: each for each, part in groups for code, _person in part}


def _levels(coded: Sequence[tuple[str, Person]]) -> list[Level]:
    scores = sum(bool(person.score) for _code, person in coded)
    if 0 < scores < len(coded):
        raise LotteryInputError("%(missing)s children have no score; give all or none.", missing=len(coded) - scores)
    levels: list[Level] = [by_sex] if any(person.sex for _code, person in coded) else []
    if scores:
        levels.append(by_score)
    return levels or [lambda everybody, _classes: [everybody]]


def _apart_groups(coded: Sequence[tuple[str, Person]], stratum_of: Mapping[str, str], classes: int) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for code, person in coded:
        if person.apart:
            groups.setdefault(person.apart, []).append(code)
    for label, codes in groups.items():
        if not 2 <= len(codes) <= classes:
            raise LotteryInputError(
                "The apart group %(label)s has %(size)s children; 2 to %(classes)s can be kept apart.",
                label=label,
                size=len(codes),
                classes=classes,
            )
        if len({stratum_of[code] for code in codes}) > 1:
            raise LotteryInputError(
                "The apart group %(label)s has children of different strata (sex or score block); this version keeps "
                "apart only children of one stratum.",
                label=label,
            )
    return sorted(sorted(codes) for codes in groups.values())


def _leaves(
    draw: str, coded: Sequence[tuple[str, Person]], stratum_of: Mapping[str, str], random: Random
) -> tuple[list[RosterLine], PrivateRoster]:
    key = random(32)
    lines: list[RosterLine] = []
    people: dict[str, Private] = {}
    for code, person in sorted(coded, key=lambda each: each[0]):
        people[code] = Private(random(16), person)
        lines.append(RosterLine(code, stratum_of[code], *_hashes(key, people[code])))
    return lines, PrivateRoster(draw, key, people)


def _hashes(key: bytes, private: Private) -> tuple[str, str]:
    """Tag and record hash of one participant, in hex."""
    record = sha256(private.salt + canonical_json(private.person.record)).hexdigest()
    return tag(key, private.person.id).hex(), record
