"""The manifest of a draw: everything that is fixed before anything random (docs/spec/draw.md, section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import perm, prod
from typing import Any

from lottery.errors import LotteryInputError
from lottery.forms import as_read, is_code, is_count, is_free_text, is_hex32, is_source_name, is_time
from lottery.homeroom import Pairs
from lottery.placement import Rules, children_of
from lottery.public import RosterLine

FORMAT = "evenhand/draw/v1"
PLACEMENT = "class-placement"
HOMEROOM = "homeroom"

Manifest = Mapping[str, Any]
"""A manifest as it stands in its FREEZE event."""

_TESTS: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value == FORMAT,
    "kind": lambda value: value in (PLACEMENT, HOMEROOM),
    "draw": is_code,
    "title": is_free_text,
    "origin": is_free_text,
    "test": lambda value: isinstance(value, bool),
    "log_key": is_free_text,
    "witness_keys": lambda value: _is_list(value, is_free_text),
    "threshold": lambda value: is_count(value, 1),
    "roster_root": is_hex32,
    "roster_size": is_count,
    "tag_key": is_hex32,
    "classes": lambda value: _is_list(value, _is_class) and len(value) >= 2,
    "teachers": lambda value: _is_list(value, is_code),
    "strata": lambda value: _is_list(value, _is_stratum),
    "apart": lambda value: _is_list(value, lambda group: _is_list(group, is_code) and len(group) >= 2),
    "exclusions": lambda value: _is_list(value, lambda pair: _is_list(pair, is_code) and len(pair) == 2),
    "pool": lambda value: _is_list(value, is_code),
    "predecessors": lambda value: _is_list(value, is_code),
    "after": lambda value: value == "" or is_code(value),
    "commit_deadline": is_time,
    "sources": lambda value: _is_list(value, is_source) and len(value) >= 1,
    "software": is_hex32,
}

_SOURCES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "secret": {
        "role": lambda value: value in ("organiser", "independent", "typed"),
        "encoding": lambda value: value == "secret32",
        "fallback": lambda value: value == "empty",
    },
    "dice": {
        "count": lambda value: is_count(value, 1) and value <= 1000,
        "faces": lambda value: is_count(value, 2) and value <= 100,
        "low": lambda value: is_count(value) and value <= 1,
        "encoding": lambda value: value == "digits",
        "fallback": lambda value: value == "required",
    },
    "balls": {
        "count": lambda value: is_count(value, 1),
        "balls": lambda value: is_count(value, 1) and value <= 1000,
        "encoding": lambda value: value == "digits",
        "fallback": lambda value: value == "required",
    },
}
_EVERY_SOURCE: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: value in tuple(_SOURCES),
    "name": is_source_name,
    "label": is_free_text,
    "deadline": is_time,
}


@dataclass(frozen=True)
class DrawRules:
    """What a manifest says about its participants, in the types of the libraries."""

    manifest: Manifest

    @property
    def classes(self) -> list[str]:
        """Class codes in frozen order."""
        return [each["code"] for each in self.manifest["classes"]]

    @property
    def exclusions(self) -> Pairs:
        """Forbidden (class, teacher)."""
        return [(group, teacher) for group, teacher in self.manifest["exclusions"]]

    @property
    def placement(self) -> Rules:
        """The rules of a class placement."""
        strata = {each["id"]: each["parent"] for each in self.manifest["strata"]}
        return Rules(self.manifest["draw"], self.classes, strata, self.manifest["apart"])


def check_form(manifest: object) -> None:
    """Check fields, kinds of value and orders (rules M1, M5 to M9, M11: whatever needs nothing but the manifest).

    Raises:
        LotteryInputError: naming the field.
    """
    if not isinstance(manifest, Mapping):
        raise LotteryInputError("The manifest is not a JSON object.")
    check_fields(manifest, _TESTS, "manifest")
    _check_orders(manifest)
    _check_sources(manifest)
    if manifest["kind"] == PLACEMENT:
        _check_empty(manifest, "teachers", "exclusions", "after")
        _check_forest(manifest)
    else:
        _check_empty(manifest, "strata", "apart")
        _check_homeroom(manifest)


def check_roster(manifest: Manifest, lines: Sequence[RosterLine]) -> None:
    """Check what the manifest says about the roster's codes (rules M4 to M7).

    Raises:
        LotteryInputError: one clear sentence.
    """
    codes = [line.code for line in lines]
    if not set(codes).isdisjoint(manifest["pool"]):
        raise LotteryInputError("The pool of unused codes holds a code of the roster.")
    if manifest["kind"] == HOMEROOM:
        if codes != manifest["teachers"] or any(line.stratum for line in lines):
            raise LotteryInputError("The manifest's teachers are not those of the roster.")
        return
    _check_leaves(manifest, lines)
    stratum_of = {line.code: line.stratum for line in lines}
    for group in manifest["apart"]:
        found = {stratum_of.get(code) for code in group}
        if len(found) != 1 or None in found:
            raise LotteryInputError("The apart group of %(code)s is not of one leaf stratum.", code=group[0])


def smallest_stratum(classes: int) -> int:
    """How many children a leaf stratum has at least: max(5, number of classes)."""
    return max(5, classes)


def is_source(value: object) -> bool:
    """Whether `value` is a source of the manifest."""
    if not isinstance(value, Mapping) or value.get("type") not in tuple(_SOURCES):
        return False
    tests = {**_EVERY_SOURCE, **_SOURCES[value["type"]]}
    if set(value) != set(tests) or not all(test(value[field]) for field, test in tests.items()):
        return False
    return value["type"] != "balls" or bool(value["count"] <= value["balls"])


def secret_sources(manifest: Manifest) -> list[Mapping[str, Any]]:
    """The committed sources in the manifest's order."""
    return [each for each in manifest["sources"] if each["type"] == "secret"]


def physical_sources(manifest: Manifest) -> list[Mapping[str, Any]]:
    """Dice and balls in the manifest's order."""
    return [each for each in manifest["sources"] if each["type"] != "secret"]


def casts(source: Mapping[str, Any]) -> int:
    """In how many equally likely ways the source can fall."""
    if source["type"] == "dice":
        ways: int = source["faces"] ** source["count"]
        return ways
    return perm(source["balls"], source["count"])


def is_random_enough(manifest: Manifest, committed: Collection[str]) -> bool:
    """Whether the physical sources and the independent ones among `committed` suffice (rule M9)."""
    ways: int = prod(map(casts, physical_sources(manifest)))
    independent = [
        each for each in secret_sources(manifest) if each["role"] == "independent" and each["name"] in committed
    ]
    return ways >= 2**128 or (ways >= 2**40 and len(independent) >= 2)


def are_digits(source: Mapping[str, Any], digits: object) -> bool:
    """Whether `digits` can be read from the source's dice or balls (rule S2)."""
    if not isinstance(digits, list) or len(digits) != source["count"] or not all(is_count(each) for each in digits):
        return False
    if source["type"] == "balls":
        return len(set(digits)) == len(digits) and all(1 <= each <= source["balls"] for each in digits)
    return all(source["low"] <= each < source["low"] + source["faces"] for each in digits)


def check_fields(value: Mapping[str, Any], tests: Mapping[str, Callable[[Any], bool]], name: str) -> None:
    """Check that `value` has exactly the fields of `tests` and that each passes its test.

    Raises:
        LotteryInputError: naming the field.
    """
    for field in sorted(set(value) ^ set(tests)):
        raise LotteryInputError("%(name)s: the field %(field)s is unknown or missing.", name=name, field=field)
    for field, test in tests.items():
        if not test(value[field]):
            raise LotteryInputError("%(name)s: the field %(field)s is malformed.", name=name, field=field)


def _check_orders(manifest: Manifest) -> None:
    for field in ("teachers", "pool", "exclusions"):
        _check_rising(manifest[field], field)
    _check_rising([each["id"] for each in manifest["strata"]], "strata")
    for group in manifest["apart"]:
        _check_rising(group, "apart")
    _check_rising([group[0] for group in manifest["apart"]], "apart")
    _check_distinct([each["code"] for each in manifest["classes"]], "classes")
    _check_distinct([as_read(each["name"]) for each in manifest["classes"]], "classes")
    _check_distinct([code for group in manifest["apart"] for code in group], "apart")
    if any(len(group) > len(manifest["classes"]) for group in manifest["apart"]):
        raise LotteryInputError("An apart group has more children than there are classes.")


def _check_sources(manifest: Manifest) -> None:
    sources = manifest["sources"]
    _check_distinct([each["name"] for each in sources], "sources")
    if sum(each.get("role") == "organiser" for each in sources) > 1:
        raise LotteryInputError("Only one source can be the organiser's.")
    if any(each["deadline"] <= manifest["commit_deadline"] for each in sources):
        raise LotteryInputError("Every source's deadline must be later than the commitments' deadline.")
    if not is_random_enough(manifest, {each["name"] for each in sources}):
        raise LotteryInputError(
            "The sources do not suffice: 128 bits of dice or balls (39 ten-sided or 50 six-sided dice), or 40 bits "
            "(16 six-sided dice) with at least two independent secrets."
        )


def _check_forest(manifest: Manifest) -> None:
    strata = {each["id"]: each["parent"] for each in manifest["strata"]}
    for each in strata:
        above, steps = each, 0
        while above and steps <= len(strata):
            above, steps = strata.get(above, "-"), steps + 1
        if above or not strata:
            raise LotteryInputError("The strata are not a forest: look at %(id)s.", id=each)
    if not strata:
        raise LotteryInputError("A class placement needs at least one stratum.")


def _check_leaves(manifest: Manifest, lines: Iterable[RosterLine]) -> None:
    strata = {each["id"]: each["parent"] for each in manifest["strata"]}
    leaves = set(strata) - set(children_of(strata))
    sizes = Counter(line.stratum for line in lines)
    least = smallest_stratum(len(manifest["classes"]))
    for each in sorted(leaves | set(sizes)):
        if each not in leaves or sizes[each] < least:
            raise LotteryInputError(
                "The stratum %(id)s has %(size)s children; a leaf stratum has at least %(least)s, no other has any.",
                id=each,
                size=sizes[each],
                least=least,
            )


def _check_homeroom(manifest: Manifest) -> None:
    classes = [each["code"] for each in manifest["classes"]]
    if len(manifest["teachers"]) != len(classes):
        raise LotteryInputError(
            "There are %(teachers)s teachers for %(classes)s classes; both numbers must be equal.",
            teachers=len(manifest["teachers"]),
            classes=len(classes),
        )
    for group, teacher in manifest["exclusions"]:
        if group not in classes or teacher not in manifest["teachers"]:
            raise LotteryInputError(
                "The exclusion %(group)s, %(teacher)s names an unknown class or teacher.", group=group, teacher=teacher
            )


def _check_empty(manifest: Manifest, *fields: str) -> None:
    for field in fields:
        if manifest[field]:
            raise LotteryInputError("manifest: %(field)s must be empty in this kind of draw.", field=field)


def _check_rising(items: Sequence[Any], field: str) -> None:
    if any(not first < second for first, second in pairwise(items)):
        raise LotteryInputError("manifest: %(field)s is not in order, or holds something twice.", field=field)


def _check_distinct(items: Sequence[str], field: str) -> None:
    if len(set(items)) != len(items):
        raise LotteryInputError("manifest: %(field)s holds something twice.", field=field)


def _is_list(value: object, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(test(each) for each in value)


def _is_class(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"code", "name"}
        and is_code(value["code"])
        and is_free_text(value["name"])
    )


def _is_stratum(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"id", "parent"}
        and is_code(value["id"])
        and (value["parent"] == "" or is_code(value["parent"]))
    )
