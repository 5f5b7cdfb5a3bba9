"""NOTICE.json: the anchors that are printed and posted before anything random (docs/spec/draw.md, section 10)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from ledger.canonical import canonical_json
from lottery.ceremony import Ceremony
from lottery.errors import StepError

FORMAT = "evenhand/notice/v1"


def make_notice(ceremony: Ceremony, verifier: bytes | None) -> dict[str, Any]:
    """The anchors of a ceremony and of every draw frozen so far; `verifier` is the program's bytes.

    A void draw is left out: it has no result that anybody could check, and a notice that names it is never VERIFIED.

    Raises:
        StepError: nothing is frozen, or all of it is void.
    """
    standing = [draw for draw in ceremony.draws.values() if draw.state != "void"]
    if ceremony.founding is None or not standing:
        raise StepError("Freeze a roster first: the notice names the draws.")
    founding = ceremony.founding
    return {
        **{name: founding[name] for name in ("title", "origin", "test", "log_key", "witness_keys", "threshold")},
        "format": FORMAT,
        "draws": [
            {
                "draw": draw.id,
                "kind": draw.kind,
                "manifest": sha256(canonical_json(draw.manifest)).hexdigest(),
                "roster_root": draw.manifest["roster_root"],
            }
            for draw in standing
        ],
        "verifier": sha256(verifier).hexdigest() if verifier else "",
    }


def notice_bytes(notice: dict[str, Any]) -> bytes:
    """The notice as a file that people can read."""
    return (json.dumps(notice, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
