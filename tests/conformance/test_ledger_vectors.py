"""C2SP notes and proofs, a published tessera log, the JCS pairs, Wycheproof's Ed25519 signatures."""

from __future__ import annotations

import base64
import json
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import ed25519
from ledger.canonical import canonical_json, parse_canonical
from ledger.checkpoint import open_checkpoint
from ledger.errors import LedgerInputError
from ledger.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion
from ledger.notes import COSIGNATURE, Signer, Verifier, open_note, sign_note
from ledger.proof import TlogProof
from tests.paths import VECTORS, needs_vectors

pytestmark = pytest.mark.vectors
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def c2sp(section: str) -> Any:
    return json.loads((VECTORS / "c2sp.json").read_bytes())[section]


@needs_vectors("c2sp.json")
def test_signed_note() -> None:
    case = c2sp("signed_note")
    verifier = Verifier.parse(case["vkey"])
    assert verifier.vkey == case["vkey"]
    whole = (case["text"] + "\n" + case["signature_line"]).encode()
    assert open_note(whole, [verifier]).text == case["text"]
    # A Go signer key is PRIVATE+KEY+name+id+base64(type, seed).
    seed = base64.b64decode(case["skey"].split("+", 4)[4])[1:]
    signer = Signer.from_key(verifier.name, Ed25519PrivateKey.from_private_bytes(seed))
    assert sign_note(case["text"], [signer]) == whole


@needs_vectors("c2sp.json")
def test_cosignature_layout() -> None:
    case = c2sp("cosignature_v1")
    blob = base64.b64decode(case["signature_base64"])
    assert len(blob) == 4 + 8 + 64
    assert int.from_bytes(blob[4:12], "big") == case["unix_time"]
    assert len(base64.b64decode(case["not_a_cosignature_base64"])) == 4 + 64
    signer = Signer.generate("witness.example", COSIGNATURE)
    line = signer.cosignature_line("origin\n", case["unix_time"])
    assert base64.b64decode(line.rpartition(" ")[2])[4:12] == blob[4:12]


@needs_vectors("c2sp.json")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_tlog_proof(number: int) -> None:
    case = c2sp("tlog_proof")[number]
    hashes = tuple(sha256(text.encode()).digest() for text in case["hashes_of"])
    extra = case["extra"].encode() if case["extra"] else None
    proof = TlogProof(case["index"], hashes, case["checkpoint"].encode(), extra)
    data = proof.encode()
    assert data == case["whole"].encode() if "whole" in case else data.startswith(case["head"].encode())
    assert TlogProof.parse(data) == proof


def tessera_entries(folder: Path) -> list[bytes]:
    bundle = (folder / "tile/entries/000.p/15").read_bytes()
    entries = []
    while bundle:
        (length,) = struct.unpack(">H", bundle[:2])
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


@needs_vectors("tessera-log")
def test_tessera_log_of_every_size() -> None:
    folder = VECTORS / "tessera-log"
    log = Verifier.parse(TESSERA_KEY)
    entries = tessera_entries(folder)
    tree = Tree(leaf_hash(entry) for entry in entries)
    heads = [open_checkpoint((folder / f"checkpoint.{size}").read_bytes(), log)[0] for size in range(16)]
    assert [head.root for head in heads] == [tree.root(size) for size in range(16)]
    for head in heads[1:]:
        verify_consistency(head.size, 15, head.root, heads[15].root, tree.consistency_proof(head.size))
        last = head.size - 1
        verify_inclusion(leaf_hash(entries[last]), last, head.size, tree.inclusion_proof(last, head.size), head.root)


@needs_vectors("tessera-log")
@pytest.mark.parametrize("size", range(1, 16))
def test_tessera_tiles(size: int) -> None:
    folder = VECTORS / "tessera-log"
    tile = (folder / f"tile/0/000.p/{size}").read_bytes()
    hashes = [tile[start : start + 32] for start in range(0, len(tile), 32)]
    assert hashes == [leaf_hash(entry) for entry in tessera_entries(folder)[:size]]


JCS = ["arrays", "french", "structures", "unicode", "values", "weird"]
REFUSED = {
    "unicode": "NFC",
    "values": "not an integer",
    "weird": "NFC",
}  # weird.json holds U+FB33, which NFC takes apart


@needs_vectors("jcs")
@pytest.mark.parametrize("name", JCS)
def test_jcs_layer(name: str) -> None:
    value = json.loads((VECTORS / "jcs/input" / f"{name}.json").read_bytes())
    expected = (VECTORS / "jcs/output" / f"{name}.json").read_bytes()
    assert rfc8785.dumps(value) == expected
    hexed = (VECTORS / "jcs/outhex" / f"{name}.txt").read_text()
    assert bytes.fromhex(hexed) == expected


@needs_vectors("jcs")
@pytest.mark.parametrize("name", JCS)
def test_our_canonical_json_refuses_floats_and_text_that_is_not_nfc(name: str) -> None:
    expected = (VECTORS / "jcs/output" / f"{name}.json").read_bytes()
    if name in REFUSED:
        with pytest.raises(LedgerInputError, match=REFUSED[name]):
            parse_canonical(expected)
        return
    assert canonical_json(parse_canonical(expected)) == expected


def wycheproof() -> list[Any]:
    path = VECTORS / "wycheproof/ed25519_test.json"
    groups = json.loads(path.read_bytes())["testGroups"] if path.exists() else []
    return [
        pytest.param(group["publicKey"]["pk"], test, id=str(test["tcId"]))
        for group in groups
        for test in group["tests"]
    ]


@needs_vectors("wycheproof")
@pytest.mark.parametrize(("key", "case"), wycheproof())
def test_wycheproof_ed25519(key: str, case: dict[str, Any]) -> None:
    found = ed25519.verify(bytes.fromhex(key), bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
    assert found == (case["result"] == "valid")
