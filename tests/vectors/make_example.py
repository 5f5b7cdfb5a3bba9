"""Make the worked example of docs/spec/draw.md: `python -m tests.vectors.make_example` from the checkout.

Writes `tests/vectors/example/` (evidence folder), `example-notice.json`, `example.json` (intermediate values), and the
example's text between the markers in the specification. `tests/lottery/test_example.py` recomputes all of it.
"""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.canonical import canonical_json
from ledger.store import Ledger
from lottery.ceremony import Ceremony, Draw, replay
from lottery.conduct import FolderEvidence
from lottery.manifest import DrawRules
from lottery.notice import notice_bytes
from lottery.placement import deal_order, leaf_order
from lottery.public import parse_roster
from lottery.rehearse import Rehearsal, Script, StepClock, rehearse
from lottery.rosterfile import Person
from lottery.seed import in_ticket_order, make_seed, ticket

GENERATOR = "evenhand example 28"
HERE = Path(__file__).resolve().parent
SPEC = HERE.parent.parent / "docs" / "spec" / "draw.md"
BEGIN, END = "<!-- example begins -->\n", "<!-- example ends -->\n"


class Counted:
    """Bytes from SHA-256(name ‖ u64be(counter)): as good as random, and always the same."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._counter = 0
        self._left = b""

    def __call__(self, size: int) -> bytes:
        while len(self._left) < size:
            self._left += sha256(self._name + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken


def script() -> Script:
    """Ten children (two of them to be kept apart), two classes, two teachers, one exclusion, one withheld secret."""
    children = [
        Person(f"2027{n:04}", f"儿童{n}", "M" if n <= 5 else "F", str(100 - n), "twins" if n in (1, 2) else "")
        for n in range(1, 11)
    ]
    teachers = [Person("T-1", "教师甲"), Person("T-2", "教师乙")]
    return Script(
        children,
        teachers,
        ["1班", "2班"],
        origin="example.org/test-example",
        title="Worked example",
        children_draw="TEST-EXAMPLE",
        teachers_draw="TEST-EXAMPLE-H",
        dice=16,
        exclusions=[("C1", "T-1")],
        pool=1,
        withheld=["inspector"],
    )


def play(folder: Path) -> Rehearsal:
    clock = StepClock()
    return rehearse(folder, script(), random=Counted(GENERATOR), clock=clock, wait=clock.wait)


def read(folder: Path) -> Ceremony:
    ledger = Ledger.open(folder)
    return replay([entry.event for entry in ledger.entries], FolderEvidence(ledger))


def values(folder: Path) -> dict[str, Any]:
    """Every intermediate value of both draws."""
    ceremony = read(folder)
    return {draw.id: _values(folder, draw) for draw in ceremony.draws.values()}


def _values(folder: Path, draw: Draw) -> dict[str, Any]:
    roster = parse_roster((folder / "draws" / draw.id / "roster.csv").read_bytes())
    manifest = canonical_json(draw.manifest)
    root = bytes.fromhex(draw.manifest["roster_root"])
    seed = make_seed(root, manifest, draw.parts, draw.manifest["test"])
    result = draw.compute(roster)
    found = {
        "commitments": dict(draw.commitments),
        "counter": result.counter,
        "manifest_sha256": sha256(manifest).hexdigest(),
        "parts": [part.hex() for part in draw.parts],
        "result": {one.code: one.group for one in result.placed},
        "result_root": result.root.hex(),
        "roster_root": root.hex(),
        "seed": seed.hex(),
        "tickets": {name: ticket(seed, draw.id, name).hex() for name in _names(draw)},
    }
    if draw.kind == "class-placement":
        rules = DrawRules(draw.manifest).placement
        found["leaf_order"] = leaf_order(seed, draw.id, rules.strata)
        found["deal"] = deal_order(seed, rules, {line.code: line.stratum for line in roster})
        found["labels"] = in_ticket_order(seed, draw.id, rules.classes, "class:")
    return found


def _names(draw: Draw) -> list[str]:
    manifest = draw.manifest
    if draw.kind == "homeroom":
        return [f"teacher:{code}{suffix}" for suffix in ("", "#1") for code in manifest["teachers"]]
    strata = [f"stratum:{each['id']}" for each in manifest["strata"]]
    return strata + [f"class:{each['code']}" for each in manifest["classes"]]


def text(folder: Path) -> str:
    """The example as it stands in the specification."""
    found = values(folder)
    placement, homeroom = found["TEST-EXAMPLE"], found["TEST-EXAMPLE-H"]
    ceremony = read(folder)
    lines = ["### Class placement `TEST-EXAMPLE`", ""]
    lines += _source_lines(ceremony.draws["TEST-EXAMPLE"], placement)
    lines += ["", "Strata and classes by ticket:", "", "| name | ticket |", "|---|---|"]
    lines += [f"| `{name}` | `{value}` |" for name, value in placement["tickets"].items()]
    order = ", ".join(placement["leaf_order"])
    parents = ", ".join(f"{each['id']} in {each['parent'] or 'none'}" for each in _strata(ceremony))
    lines += ["", f"Strata: {parents}. Leaf strata in order: {order}."]
    lines += [f"Classes for slots 0, 1: {', '.join(placement['labels'])}.", ""]
    lines += _deal_lines(folder, ceremony.draws["TEST-EXAMPLE"], placement)
    lines += ["", f"Result root: `{placement['result_root']}`.", "", "### Homeroom draw `TEST-EXAMPLE-H`", ""]
    lines += _source_lines(ceremony.draws["TEST-EXAMPLE-H"], homeroom)
    lines += ["", "| name | ticket |", "|---|---|"]
    lines += [f"| `{name}` | `{value}` |" for name, value in homeroom["tickets"].items()]
    pairs = ceremony.draws["TEST-EXAMPLE-H"].manifest["exclusions"]
    shown = ", ".join(f"{group} with {teacher}" for group, teacher in pairs)
    result = ", ".join(f"{teacher} → {group}" for teacher, group in homeroom["result"].items())
    lines += ["", f"Forbidden: {shown}. The counter that stands: {homeroom['counter']}. Result: {result}.", ""]
    lines += [f"Result root: `{homeroom['result_root']}`.", ""]
    return "\n".join(lines)


def _strata(ceremony: Ceremony) -> list[dict[str, str]]:
    return list(ceremony.draws["TEST-EXAMPLE"].manifest["strata"])


def _source_lines(draw: Draw, found: dict[str, Any]) -> list[str]:
    lines = [
        f"Roster root `{found['roster_root']}`, canonical manifest SHA-256 `{found['manifest_sha256']}`.",
        "",
        "| source | commitment | part (hex) |",
        "|---|---|---|",
    ]
    for source, part in zip(draw.manifest["sources"], found["parts"], strict=True):
        name = source["name"]
        digits = f" (`{bytes.fromhex(part).decode()}`)" if source["type"] != "secret" else ""
        made = f"`{found['commitments'][name]}`" if name in found["commitments"] else "—"
        lines.append(f"| {name} | {made} | {f'`{part}`' if part else '(empty)'}{digits} |")
    return [*lines, "", f"Seed: `{found['seed']}`"]


def _deal_lines(folder: Path, draw: Draw, found: dict[str, Any]) -> list[str]:
    roster = parse_roster((folder / "draws" / draw.id / "roster.csv").read_bytes())
    result = {one.code: one for one in draw.compute(roster).placed}
    apart = " and ".join(" with ".join(group) for group in draw.manifest["apart"])
    lines = [f"Kept apart: {apart}.", "", "| position | code | ticket | slot | class |", "|---|---|---|---|---|"]
    for position, code in enumerate(found["deal"]):
        one = result[code]
        lines.append(f"| {position} | {code} | `{one.ticket.hex()}` | {position % 2} | {one.group} |")
    return lines


def main() -> None:
    folder = HERE / "example"
    shutil.rmtree(folder, ignore_errors=True)
    rehearsal = play(folder)
    (HERE / "example-notice.json").write_bytes(notice_bytes(rehearsal.notice))
    (HERE / "example.json").write_text(json.dumps(values(folder), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    before, _, rest = SPEC.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    SPEC.write_text(before + BEGIN + text(folder) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
