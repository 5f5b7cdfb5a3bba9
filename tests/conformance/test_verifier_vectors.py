"""The stand-alone verifier's own arithmetic against the same published vectors as the ledger's."""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lottery import verify
from tests.paths import VECTORS, needs_vectors

pytestmark = pytest.mark.vectors


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_bytes())


@needs_vectors("wycheproof")
def test_ed25519() -> None:
    for group in load("wycheproof/ed25519_test.json")["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            found = verify.signature_valid(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert found == (case["result"] == "valid"), case["tcId"]


@needs_vectors("jcs")
@pytest.mark.parametrize("name", ["arrays", "french", "structures"])
def test_canonical_json(name: str) -> None:
    expected = (VECTORS / "jcs/output" / f"{name}.json").read_bytes()
    assert verify.canonical(verify.parse_canonical(expected)) == expected


@needs_vectors("jcs")
@pytest.mark.parametrize("name", ["unicode", "values", "weird"])
def test_floats_and_text_that_is_not_nfc_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"NFC|integer"):
        verify.parse_canonical((VECTORS / "jcs/output" / f"{name}.json").read_bytes())


@needs_vectors("tessera-log")
@pytest.mark.parametrize("size", range(16))
def test_tree_and_note(size: int) -> None:
    folder = VECTORS / "tessera-log"
    key = verify.parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx", 0x01)
    assert key
    text, signers = verify.open_note((folder / f"checkpoint.{size}").read_text(encoding="utf-8"), [key])
    assert signers == {key}
    leaves = [verify.leaf_hash(entry) for entry in entries(folder)[:size]]
    assert text == verify.checkpoint_text("example.com/log/testdata", size, verify.merkle_root(leaves))


def entries(folder: Path) -> list[bytes]:
    data, found = (folder / "tile/entries/000.p/15").read_bytes(), []
    while data:
        (length,) = struct.unpack(">H", data[:2])
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    return found


@needs_vectors("c2sp.json")
def test_signed_note() -> None:
    case = load("c2sp.json")["signed_note"]
    key = verify.parse_vkey(case["vkey"], 0x01)
    assert key
    assert verify.open_note(case["text"] + "\n" + case["signature_line"], [key]) == (case["text"], {key})


@needs_vectors("c2sp.json")
def test_ticket() -> None:
    case = load("c2sp.json")["ticket_hmac_sha256"]
    draw, code = case["message"].split("|")
    assert verify.ticket(bytes.fromhex(case["key_hex"]), draw, code).hex() == case["mac_hex"]


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl program")
@needs_vectors("c2sp.json")
def test_ticket_by_hand() -> None:
    case = load("c2sp.json")["ticket_hmac_sha256"]
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{case['key_hex']}"]
    done = subprocess.run(command, input=case["message"].encode(), capture_output=True, check=True)
    assert done.stdout.split()[-1].decode() == case["mac_hex"]


@needs_vectors("wycheproof")
def test_hmac() -> None:
    for group in load("wycheproof/hmac_sha256_test.json")["testGroups"]:
        for case in group["tests"]:
            found = verify.hmac.digest(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]), "sha256")
            same = found[: group["tagSize"] // 8] == bytes.fromhex(case["tag"])
            assert same == (case["result"] == "valid"), case["tcId"]


def test_base64_has_one_form() -> None:
    assert verify.from_base64("AA==") == b"\0"
    for other in ("AB==", "AA", "AA=", "A A==", "AA==\n", "-_==", ""):
        assert not verify.from_base64(other)
    assert base64.b64decode("AB==") == b"\0"
