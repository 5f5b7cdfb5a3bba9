"""Make `draw.json`: small cases of every formula in docs/spec/draw.md: `python -m tests.vectors.make_draw`."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from lottery.homeroom import draw_homeroom
from lottery.placement import Placed, Rules, place
from lottery.seed import commitment, digits_bytes, make_seed, tag, tag_key_commitment, ticket

HERE = Path(__file__).resolve().parent


def b32(name: str) -> bytes:
    """32 bytes that anybody can make again: SHA-256 of the name."""
    return sha256(name.encode()).digest()


def vectors() -> dict[str, list[dict[str, Any]]]:
    """Cases by rule of the specification; bytes in hexadecimal."""
    return {
        "S1 commitment": [
            _commitment(*case) for case in (("HS2027-001", "parent-1"), ("A", "a"), ("TEST-1", "notary"))
        ],
        "S2 digits": [
            {"digits": case, "bytes": digits_bytes(case).hex()} for case in ([3, 6, 1], [0, 9, 0, 10], [49], [1] * 39)
        ],
        "S4 seed": [
            _seed(*case) for case in (((b32("s"),), False), ((b32("s"),), True), ((b"", b"1,2"), False), ((), False))
        ],
        "S5 ticket": [
            _ticket(*case) for case in (("A00001", 0), ("class:C1", 0), ("teacher:T1", 1), ("teacher:T1", 12))
        ],
        "R3 tag": [
            {"key": b32("k").hex(), "registration": name, "tag": tag(b32("k"), name).hex()}
            for name in ("G220102201501011234", "学籍-1", "é")
        ],
        "R4 tag key": [
            {"draw": "HS2027-001", "key": b32("k").hex(), "value": tag_key_commitment("HS2027-001", b32("k")).hex()}
        ],
        "P class placement": [
            _placement(*case) for case in ((2, 12, 1), (3, 25, 2), (4, 41, 3), (7, 60, 4), (5, 33, 1))
        ],
        "T homeroom": [_homeroom(*case) for case in ((2, 0), (3, 3), (5, 5), (8, 4))],
    }


def _commitment(draw: str, source: str) -> dict[str, str]:
    secret = b32(f"{draw} {source}")
    return {
        "draw": draw,
        "source": source,
        "secret": secret.hex(),
        "commitment": commitment(draw, source, secret).hex(),
    }


def _seed(parts: tuple[bytes, ...], test: bool) -> dict[str, Any]:
    manifest = b'{"a":1}'
    return {
        "roster_root": b32("r").hex(),
        "manifest": manifest.decode(),
        "parts": [part.hex() for part in parts],
        "test": test,
        "seed": make_seed(b32("r"), manifest, parts, test).hex(),
    }


def _ticket(name: str, counter: int) -> dict[str, Any]:
    made = ticket(b32("seed"), "HS2027-001", name, counter)
    return {"seed": b32("seed").hex(), "draw": "HS2027-001", "name": name, "counter": counter, "ticket": made.hex()}


def _placement(classes: int, children: int, leaves: int) -> dict[str, Any]:
    """Leaf strata L… under tops S1, S2 by turns; the first children of each leaf are kept apart."""
    tops = [f"S{number}" for number in range(1, min(leaves, 2) + 1)]
    strata = dict.fromkeys(tops, "") | {f"L{number}": tops[number % len(tops)] for number in range(leaves)}
    roster = {f"A{number:05}": f"L{number % leaves}" for number in range(children)}
    apart = [[code for code, leaf in roster.items() if leaf == f"L{number}"][:2] for number in range(leaves)]
    rules = Rules(f"V-{classes}-{children}", [f"C{number}" for number in range(1, classes + 1)], strata, apart)
    seed = b32(rules.draw)
    return {
        "seed": seed.hex(),
        "draw": rules.draw,
        "classes": list(rules.classes),
        "strata": strata,
        "apart": apart,
        "roster": roster,
        "result": _result(place(seed, rules, roster)),
    }


def _homeroom(size: int, exclusions: int) -> dict[str, Any]:
    draw, seed = f"H-{size}", b32(f"H-{size}")
    classes, teachers = [f"C{number}" for number in range(size)], [f"T{number}" for number in range(size)]
    pairs = [(classes[number], teachers[number]) for number in range(exclusions)]
    counter, placed = draw_homeroom(seed, draw, classes, teachers, pairs)
    return {
        "seed": seed.hex(),
        "draw": draw,
        "classes": classes,
        "teachers": teachers,
        "exclusions": [list(pair) for pair in pairs],
        "counter": counter,
        "result": _result(placed),
    }


def _result(placed: list[Placed]) -> list[list[str | int]]:
    return [[one.code, one.group, one.position] for one in placed]


def main() -> None:
    text = json.dumps(vectors(), ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "draw.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
