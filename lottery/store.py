"""The private store: who is behind each code, encrypted at rest by a passphrase (scrypt, AES-256-GCM)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.canonical import canonical_json, parse_canonical
from ledger.errors import LedgerInputError
from ledger.files import write_whole
from lottery.errors import LotteryError, LotteryInputError
from lottery.rosterfile import Person

FORMAT = "evenhand/roster-store/v2"
SHORTEST_PASSPHRASE = 8
_COST = {"n": 2**15, "p": 1, "r": 8}

Random = Callable[[int], bytes]
"""Gives that many random bytes."""


@dataclass(frozen=True)
class Private:
    """One participant's private half: salt (16 bytes) and record."""

    salt: bytes
    person: Person


@dataclass(frozen=True)
class PrivateRoster:
    """What stays secret of a frozen roster: the roster's key (32 bytes) and the private half behind each code."""

    draw: str
    tag_key: bytes
    people: Mapping[str, Private]


def write_store(path: Path, roster: PrivateRoster, passphrase: str, random: Random) -> None:
    """Encrypt `roster` into the file `path`, readable by the owner alone.

    Raises:
        LotteryInputError: the passphrase is too short.
        OSError: the disk refused; nothing half-written stays.
    """
    check_passphrase(passphrase)
    header = {"cost": _COST, "format": FORMAT, "nonce": random(12).hex(), "salt": random(16).hex()}
    people = {
        code: {"id": private.person.id, "record": private.person.record, "salt": private.salt.hex()}
        for code, private in roster.people.items()
    }
    secret = canonical_json({"draw": roster.draw, "people": people, "tag_key": roster.tag_key.hex()})
    sealed = _box(header, passphrase).encrypt(bytes.fromhex(str(header["nonce"])), secret, canonical_json(header))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, canonical_json({**header, "sealed": sealed.hex()}), mode=0o600)


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that no store is written with.

    Raises:
        LotteryInputError: it is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise LotteryInputError("The roster's passphrase has at least %(least)s characters.", least=SHORTEST_PASSPHRASE)


def read_store(path: Path, passphrase: str) -> PrivateRoster:
    """Decrypt the file `path`.

    Raises:
        LotteryInputError: no such file, or not a store.
        LotteryError: the passphrase is wrong or the file was changed.
    """
    try:
        said = parse_canonical(path.read_bytes())
        header = {name: said[name] for name in ("cost", "format", "nonce", "salt")}
        sealed, nonce = bytes.fromhex(said["sealed"]), bytes.fromhex(header["nonce"])
    except FileNotFoundError as error:
        raise LotteryInputError("There is no private roster %(path)s on this computer.", path=path) from error
    except (KeyError, TypeError, ValueError, LedgerInputError) as error:
        raise LotteryInputError("%(path)s is not a private roster.", path=path) from error
    if header["format"] != FORMAT or header["cost"] != _COST:
        raise LotteryInputError("%(path)s is a private roster of another version.", path=path)
    try:
        secret = _box(header, passphrase).decrypt(nonce, sealed, canonical_json(header))
    except InvalidTag as error:
        raise LotteryError("The roster's passphrase is wrong, or its file was changed.") from error
    return _opened(parse_canonical(secret))


def _opened(said: Mapping[str, Any]) -> PrivateRoster:
    people = {
        code: Private(bytes.fromhex(private["salt"]), Person(private["id"], **private["record"]))
        for code, private in said["people"].items()
    }
    return PrivateRoster(said["draw"], bytes.fromhex(said["tag_key"]), people)


def _box(header: Mapping[str, Any], passphrase: str) -> AESGCM:
    salt = bytes.fromhex(header["salt"])
    return AESGCM(Scrypt(salt, 32, n=_COST["n"], r=_COST["r"], p=_COST["p"]).derive(passphrase.encode()))
