"""The city's ledger: where it stands, whose key signs it, and the one entry of each publication."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext

from doors import settings
from doors.i18n import terminal_language
from ledger import keys
from ledger.canonical import canonical_json
from ledger.cli import load_signer, passphrase
from ledger.errors import LedgerInputError
from ledger.files import write_whole
from ledger.store import Entry, Ledger
from zoning.publication import EVENT_KIND, event

ORIGIN = "edu.example.org/evenhand"


def origin() -> str:
    """The ledger's name, also that of its key: EVENHAND_ORIGIN."""
    return os.environ.get("EVENHAND_ORIGIN", ORIGIN)


def seal_words(language: str) -> str:
    """The fingerprint words of the city's key; empty while there is none."""
    try:
        return keys.fingerprint_words(keys.public_key(settings.current().keys, origin()), language[:2])
    except LedgerInputError:
        return ""


def open_ledger() -> Ledger:
    """The city's ledger, open for writing; key and ledger are made at the first publication."""
    _make_key_once()
    signer, heads = load_signer(origin())
    folder = settings.current().audit_logs / "city"
    if folder.exists():
        return Ledger.open(folder, signer, heads)
    return Ledger.create(folder, origin(), signer, heads)


def _make_key_once() -> None:
    folder = settings.current().keys
    if keys.key_path(folder, origin()).exists():
        return
    signer = keys.make_key(folder, origin(), passphrase(new=True))
    words = keys.fingerprint_words(signer.verifier, terminal_language()[:2])
    click.echo(
        gettext("Made the city's signing key %(vkey)s: %(words)s", vkey=signer.verifier.vkey, words=words), err=True
    )


def record(ledger: Ledger, folder: Path, said: Mapping[str, Any]) -> Entry:
    """Write publication.json, append its entry to the ledger, write the entry and its proof beside it.

    `said` is the manifest, in which the map that this one replaces is still open. An entry that stands in the ledger
    from an attempt that was cut short is taken instead of a second one.
    """
    with ledger.locked():
        earlier = [entry.event for entry in ledger.entries if _is_map_like(entry.event, said)]
        whole = {**said, "replaces": earlier[-1]["publication"] if earlier else None}
        for entry in ledger.entries:
            again = {**said, "replaces": entry.event.get("replaces")}
            if entry.event == event(again):
                return _write(ledger, folder, again, entry)
        return _write(ledger, folder, whole, ledger.append(event(whole)))


def _is_map_like(found: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Is it a published map of the same city and level."""
    return found.get("kind") == EVENT_KIND and all(found.get(key) == said[key] for key in ("city", "level"))


def _write(ledger: Ledger, folder: Path, said: Mapping[str, Any], entry: Entry) -> Entry:
    write_whole(folder / "publication.json", canonical_json(said))
    write_whole(folder / "ledger-entry.json", entry.data)
    write_whole(folder / "entry.tlog-proof", ledger.prove(entry.index).encode())
    return entry
