"""The kept vectors of every formula: a change of any of them breaks every published draw."""

from __future__ import annotations

import json
from pathlib import Path

from tests.vectors.make_draw import vectors


def test_every_formula_gives_what_it_gave() -> None:
    kept = json.loads((Path(__file__).resolve().parent.parent / "vectors" / "draw.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(vectors()))
    assert max(case["counter"] for case in kept["T homeroom"]) > 0
