"""Whatever is done to a folder, the verifier answers with a verdict: never a traceback, never a false VERIFIED."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import EvenhandError
from lottery import verify
from lottery.rehearse import Rehearsal
from tests.lottery.forger import Forger
from tests.vectors.make_example import play, read

ROUNDS = 3000 if os.environ.get("EVENHAND_LONG") else 120
# What an insider may choose: people's names, the clock within the deadlines. (The forger makes number and note anew.)
FREE = {"number", "note", "time", "reader", "typists"}
ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**53 - 1, "", "x", "TEST-EXAMPLE", "00" * 32, [], {}, [[]], [{}], [None], {"a": []},
    "2027-01-15T09:01:30Z", "a\u0000b", "C1", ["C1"], [["C1", "C2"]], "名" * 300, [1, 1], -(2**53 - 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return play(tmp_path_factory.mktemp("genuine") / "ceremony")


@pytest.fixture
def notice(genuine: Rehearsal, tmp_path: Path) -> Path:
    path = tmp_path / "NOTICE.json"
    path.write_text(json.dumps(genuine.notice), encoding="utf-8")
    return path


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One byte changed, a stretch cut out, doubled, or something put in."""
    at = chance.randrange(len(data))
    length = chance.choice([1, 2, 40])
    return chance.choice([
        data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :],
        data[:at] + data[at + length :],
        data[: at + length] + data[at:],
        data[:at] + chance.randbytes(length) + data[at:],
        data[:at],
    ])  # fmt: skip


@pytest.mark.long
def test_damaged_files(genuine: Rehearsal, notice: Path, tmp_path: Path) -> None:
    forger = Forger(genuine, tmp_path / "ceremony")
    files = sorted(path for path in forger.folder.rglob("*") if path.is_file())
    chance = random.Random(1)
    for _ in range(ROUNDS):
        path = chance.choice(files)
        whole = path.read_bytes()
        path.write_bytes(damaged(whole, chance))
        changed = path.read_bytes() != whole
        report = verify.verify(forger.folder, notice)
        assert report.verdict == ("BROKEN" if changed else "VERIFIED"), path
        assert report.lines()
        path.write_bytes(whole)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


@pytest.mark.long
def test_odd_values_signed_by_an_insider(genuine: Rehearsal, notice: Path, tmp_path: Path) -> None:
    forger = Forger(genuine, tmp_path / "ceremony")
    whole = json.dumps(forger.events)
    chance = random.Random(2)
    for _ in range(ROUNDS):
        forger.events = json.loads(whole)
        event = chance.choice(forger.events[1:])
        container, key = chance.choice(list(places(event)))
        before = container[key]
        container[key] = chance.choice(ODD_VALUES)
        if isinstance(key, str) and chance.random() < 0.2:
            del container[key]
        forger.write()
        report = verify.verify(forger.folder, notice)
        assert report.lines()
        same = key in container and container[key] == before if isinstance(key, str) else container[key] == before
        free = same or key in FREE or container is event.get("typists")
        assert free or report.verdict != "VERIFIED", (key, container)
        assert drawer_refuses(forger.folder) == (verify.verify(forger.folder, None).verdict == "BROKEN"), (
            key,
            container,
        )


def drawer_refuses(folder: Path) -> bool:
    """Whether the drawer's own reading, which shares no code with the verifier, finds something illegal."""
    try:
        read(folder)
    except EvenhandError:
        return True
    return False
