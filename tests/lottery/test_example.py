"""The worked example of the specification, recomputed with hashlib and hmac alone, and byte for byte by the library."""

from __future__ import annotations

import hmac
import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lottery.notice import notice_bytes
from tests.vectors import make_example
from tests.vectors.make_example import HERE, play, text, values

FOLDER = HERE / "example"
SPEC = make_example.SPEC.read_text(encoding="utf-8")
FOUND: dict[str, Any] = json.loads((HERE / "example.json").read_text(encoding="utf-8"))


def events() -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted((FOLDER / "events").iterdir())]


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def plain_json(value: object) -> bytes:
    """Enough of RFC 8785 for the example: its keys are ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def rows(draw: str, name: str) -> list[list[str]]:
    return [line.split(",") for line in (FOLDER / "draws" / draw / name).read_text().splitlines()[1:]]


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def manifest(draw: str) -> dict[str, Any]:
    return next(each["manifest"] for each in events() if each["type"] == "FREEZE" and each["draw"] == draw)


def seed_by_hand(draw: str) -> bytes:
    leaves = [
        plain_json(dict(zip(("code", "stratum", "tag", "record"), row, strict=True)))
        for row in rows(draw, "roster.csv")
    ]
    parts = []
    mine = [each for each in events() if each.get("draw") == draw]
    for source in manifest(draw)["sources"]:
        reveals = [each for each in mine if each["type"] == "REVEAL" and each["source"] == source["name"]]
        digits = [each for each in mine if each["type"] == "UNCOVER" and each["source"] == source["name"]]
        if digits:
            parts.append(",".join(map(str, digits[0]["digits"])).encode())
        else:
            parts.append(bytes.fromhex(reveals[0]["secret"]) if reveals else b"")
    body = [tree(leaves), sha256(plain_json(manifest(draw))).digest(), *parts]
    return sha256(b"evenhand/seed/test/v1\n" + b"".join(map(lp, body))).digest()


@pytest.mark.parametrize("draw", FOUND)
def test_the_seed_by_hand(draw: str) -> None:
    assert seed_by_hand(draw).hex() == FOUND[draw]["seed"]
    assert f"Seed: `{FOUND[draw]['seed']}`" in SPEC


def test_commitments_by_hand() -> None:
    for event in events():
        if event["type"] == "REVEAL":
            body = lp(event["draw"].encode()) + lp(event["source"].encode()) + bytes.fromhex(event["secret"])
            made = sha256(b"evenhand/commit/v1\n" + body).hexdigest()
            assert made == FOUND[event["draw"]]["commitments"][event["source"]]


def test_the_placement_by_hand() -> None:
    draw = "TEST-EXAMPLE"
    seed, rules = seed_by_hand(draw), manifest(draw)

    def by_ticket(names: list[str], prefix: str = "") -> list[str]:
        return sorted(names, key=lambda one: (hmac.digest(seed, f"{draw}|{prefix}{one}".encode(), "sha256"), one))

    parents = {each["id"]: each["parent"] for each in rules["strata"]}
    order: list[str] = []
    for top in by_ticket([one for one, parent in parents.items() if not parent], "stratum:"):
        for leaf in by_ticket([one for one, parent in parents.items() if parent == top], "stratum:"):
            waiting = by_ticket([row[0] for row in rows(draw, "roster.csv") if row[1] == leaf])
            while waiting:
                group = next((each for each in rules["apart"] if waiting[0] in each), [waiting[0]])
                taken = [code for code in waiting if code in group]
                order += taken
                waiting = [code for code in waiting if code not in taken]
    labels = by_ticket([each["code"] for each in rules["classes"]], "class:")
    assert {row[0]: (row[1], int(row[2])) for row in rows(draw, "result.csv")} == {
        code: (labels[position % 2], position) for position, code in enumerate(order)
    }


def test_the_homeroom_draw_by_hand() -> None:
    draw = "TEST-EXAMPLE-H"
    seed, rules = seed_by_hand(draw), manifest(draw)
    classes = [each["code"] for each in rules["classes"]]
    for counter in range(100):
        suffix = f"#{counter}" if counter else ""
        names = {
            one: hmac.digest(seed, f"{draw}|teacher:{one}{suffix}".encode(), "sha256") for one in rules["teachers"]
        }
        order = sorted(names, key=names.__getitem__)
        if not any([group, one] in rules["exclusions"] for group, one in zip(classes, order, strict=True)):
            break
    assert counter == FOUND[draw]["counter"] == 1
    assert {row[0]: row[1] for row in rows(draw, "result.csv")} == dict(zip(order, classes, strict=True))


def test_the_result_roots_by_hand() -> None:
    for draw, found in FOUND.items():
        leaves = [
            plain_json({"code": code, "class": group, "position": int(position), "ticket": ticket})
            for code, group, position, ticket in rows(draw, "result.csv")
        ]
        assert tree(leaves).hex() == found["result_root"]


def test_one_ticket_with_openssl() -> None:
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl on this computer")
    code, _group, _position, ticket = rows("TEST-EXAMPLE", "result.csv")[0]
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{FOUND['TEST-EXAMPLE']['seed']}"]
    said = subprocess.run(command, input=f"TEST-EXAMPLE|{code}".encode(), capture_output=True, check=True)
    assert said.stdout.decode().strip().endswith(ticket)


def test_the_library_gives_the_same_bytes_again(tmp_path: Path) -> None:
    """Golden: a change of any byte of the protocol shows here."""
    folder = tmp_path / "example"
    rehearsal = play(folder)
    made = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = {path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    assert made == kept
    assert notice_bytes(rehearsal.notice) == (HERE / "example-notice.json").read_bytes()


def test_the_specification_shows_these_values() -> None:
    assert values(FOLDER) == FOUND
    assert make_example.BEGIN + text(FOLDER) + make_example.END in SPEC
