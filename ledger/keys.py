"""Ed25519 keys on disk, sealed with a passphrase (scrypt, AES-256-GCM), and their fingerprint in words.

A key file is canonical JSON: format, vkey, scrypt parameters, salt, nonce and the sealed 32-byte seed, all bytes in
base64. The fields before the sealed seed are its associated data: a changed name or key makes the file unreadable.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.canonical import canonical_json, parse_canonical
from ledger.errors import LedgerError, LedgerInputError
from ledger.files import sync_folder
from ledger.notes import SIGNATURE, Signer, Verifier, decode_base64, encode_base64

KEY_FORMAT = "evenhand/key/v1"
SHORTEST_PASSPHRASE = 8
_SCRYPT = {"n": 2**16, "p": 1, "r": 8}

_FIRST = (
    ("红", "red"), ("黄", "yellow"), ("蓝", "blue"), ("绿", "green"), ("白", "white"), ("黑", "black"), ("大", "big"),
    ("小", "small"), ("高", "tall"), ("新", "new"), ("快", "quick"), ("静", "calm"), ("暖", "warm"), ("冷", "cold"),
    ("圆", "round"), ("甜", "sweet"),
)  # fmt: skip
_SECOND = (
    ("山", "hill"), ("海", "sea"), ("月", "moon"), ("星", "star"), ("云", "cloud"), ("雨", "rain"), ("树", "tree"),
    ("花", "flower"), ("马", "horse"), ("鱼", "fish"), ("鸟", "bird"), ("牛", "ox"), ("桥", "bridge"), ("船", "boat"),
    ("钟", "bell"), ("书", "book"),
)  # fmt: skip


def key_path(folder: Path, name: str) -> Path:
    """Where the key `name` (which may hold slashes) is kept in `folder`."""
    return folder / f"{quote(name, safe='')}.key"


def memory_path(folder: Path, name: str) -> Path:
    """Where the heads that the key `name` signed are remembered (see `heads.Heads`)."""
    return folder / f"{quote(name, safe='')}.heads.json"


def make_key(folder: Path, name: str, passphrase: str, algorithm: int = SIGNATURE) -> Signer:
    """Make a key, seal it with `passphrase` and keep it in `folder`, readable by the owner alone.

    Raises:
        LedgerInputError: there is such a key already, the name cannot be one, or the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise LedgerInputError("A passphrase has at least %(least)s characters.", least=SHORTEST_PASSPHRASE)
    signer = Signer.generate(name, algorithm)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_new(key_path(folder, name), _seal(signer, passphrase), name)
    return signer


def load_key(folder: Path, name: str, passphrase: str) -> Signer:
    """Open the key `name` of `folder`.

    Raises:
        LedgerInputError: no such key, or not a key file.
        LedgerError: the passphrase is wrong or the file was changed.
    """
    said = _read(folder, name)
    verifier = Verifier.parse(str(said["vkey"]))
    try:
        seed = AESGCM(_stretch(said, passphrase)).decrypt(_bytes(said, "nonce"), _bytes(said, "sealed"), _header(said))
    except InvalidTag as error:
        raise LedgerError("The passphrase of the key %(name)s is wrong, or its file was changed.", name=name) from error
    return Signer(verifier, Ed25519PrivateKey.from_private_bytes(seed))


def public_key(folder: Path, name: str) -> Verifier:
    """The public half of the key `name`, which needs no passphrase (and is only as good as the file).

    Raises:
        LedgerInputError: no such key, or not a key file.
    """
    return Verifier.parse(str(_read(folder, name)["vkey"]))


def fingerprint_words(verifier: Verifier, language: str = "en") -> str:
    """Eight pairs of words (64 bits of the vkey's SHA-256): for eyes and ears; a machine compares the vkey.

    `language` is "zh" for Chinese, anything else for English; both say the same bytes.
    """
    column = 0 if language.startswith("zh") else 1
    digest = sha256(b"evenhand/words/v1\n" + verifier.vkey.encode()).digest()[:8]
    pairs = ((_FIRST[byte >> 4][column], _SECOND[byte & 15][column]) for byte in digest)
    return " ".join("".join(pair) if column == 0 else "-".join(pair) for pair in pairs)


def _seal(signer: Signer, passphrase: str) -> bytes:
    said: dict[str, Any] = {
        "format": KEY_FORMAT,
        "nonce": encode_base64(secrets.token_bytes(12)),
        "salt": encode_base64(secrets.token_bytes(16)),
        "scrypt": _SCRYPT,
        "vkey": signer.verifier.vkey,
    }
    box = AESGCM(_stretch(said, passphrase))
    sealed = box.encrypt(_bytes(said, "nonce"), signer.private_key.private_bytes_raw(), _header(said))
    return canonical_json({**said, "sealed": encode_base64(sealed)})


def _stretch(said: Mapping[str, Any], passphrase: str) -> bytes:
    cost = said["scrypt"]
    return Scrypt(_bytes(said, "salt"), 32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(passphrase.encode())


def _header(said: Mapping[str, Any]) -> bytes:
    return canonical_json({key: item for key, item in said.items() if key != "sealed"})


def _bytes(said: Mapping[str, Any], field: str) -> bytes:
    found = decode_base64(str(said[field]))
    if not found or len(found) < 12:
        raise LedgerInputError("The field %(field)s of the key file is malformed.", field=field)
    return found


def _read(folder: Path, name: str) -> Mapping[str, Any]:
    path = key_path(folder, name)
    try:
        said = parse_canonical(path.read_bytes())
    except FileNotFoundError as error:
        raise LedgerInputError("There is no key %(name)s; make it with: flask ledger key.", name=name) from error
    if not isinstance(said, dict) or said.keys() != {"format", "nonce", "salt", "scrypt", "sealed", "vkey"}:
        raise LedgerInputError("%(path)s is not a key file.", path=path)
    if said["format"] != KEY_FORMAT or said["scrypt"] != _SCRYPT:
        raise LedgerInputError("%(path)s is a key file of another version.", path=path)
    return said


def _write_new(path: Path, data: bytes, name: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise LedgerInputError("There is a key %(name)s already.", name=name) from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
