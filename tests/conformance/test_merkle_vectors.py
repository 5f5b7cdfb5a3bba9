"""The published Merkle corpus: every inclusion and consistency case, good and bad."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.merkle import verify_consistency, verify_inclusion
from tests.paths import VECTORS, needs_vectors

pytestmark = [pytest.mark.vectors, needs_vectors("merkle")]


def cases(kind: str) -> list[Any]:
    folder = VECTORS / "merkle"
    files = sorted((folder / kind).rglob("*.json"))
    return [pytest.param(path, id=str(path.relative_to(folder).with_suffix(""))) for path in files]


def binary(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def check(case: dict[str, Any], verify: Any, *arguments: Any) -> None:
    if not case["wantErr"]:
        verify(*arguments)
        return
    with pytest.raises(LedgerError):
        verify(*arguments)


@pytest.mark.parametrize("path", cases("inclusion"))
def test_inclusion(path: Path) -> None:
    case = json.loads(path.read_bytes())
    proof = [binary(item) for item in case["proof"] or ()]
    leaf, root = binary(case["leafHash"]), binary(case["root"])
    check(case, verify_inclusion, leaf, case["leafIdx"], case["treeSize"], proof, root)


@pytest.mark.parametrize("path", cases("consistency"))
def test_consistency(path: Path) -> None:
    case = json.loads(path.read_bytes())
    proof = [binary(item) for item in case["proof"] or ()]
    roots = binary(case["root1"]), binary(case["root2"])
    check(case, verify_consistency, case["size1"], case["size2"], *roots, proof)


def test_the_corpus_is_whole() -> None:
    assert len(cases("inclusion")) + len(cases("consistency")) == 196
