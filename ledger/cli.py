"""Commands of the group `ledger`: keys, checks, proofs, cosignatures."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from doors import settings
from doors.i18n import terminal_language
from doors.terminal import Group, print_json
from ledger import keys
from ledger.checkpoint import open_checkpoint
from ledger.errors import LedgerError, LedgerInputError
from ledger.files import write_whole
from ledger.heads import Heads
from ledger.notes import COSIGNATURE, SIGNATURE, Signer, Verifier
from ledger.store import Ledger
from ledger.witness import cosign

group = Group("ledger", help="The append-only record: keys, checks, proofs, cosignatures.")
CONSISTENT_ONLY = 3


def passphrase(new: bool = False) -> str:
    """EVENHAND_KEY_PASSPHRASE, else asked on the terminal (twice for a new key)."""
    given = os.environ.get("EVENHAND_KEY_PASSPHRASE")
    if given:
        return given
    try:
        asked: str = click.prompt(gettext("Passphrase"), hide_input=True, confirmation_prompt=new, err=True)
    except click.Abort as error:
        raise LedgerInputError("No passphrase was given: type it, or set EVENHAND_KEY_PASSPHRASE.") from error
    return asked


def load_signer(name: str) -> tuple[Signer, Heads]:
    """The key `name` of this installation, and its memory of signed heads."""
    folder = settings.current().keys
    return keys.load_key(folder, name, passphrase()), Heads(keys.memory_path(folder, name))


@group.command("key")
@click.argument("name")
@click.option("--witness", is_flag=True, help="A witness's key (cosignature/v1) instead of a log's.")
@click.option("--show", is_flag=True, help="Print an existing key instead of making one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def key(name: str, witness: bool, show: bool, as_json: bool) -> None:
    """Make the signing key NAME (a log's name is its origin) and print its public half for the notice."""
    folder = settings.current().keys
    if show:
        _print_key(keys.public_key(folder, name), as_json)
        return
    signer = keys.make_key(folder, name, passphrase(new=True), COSIGNATURE if witness else SIGNATURE)
    _print_key(signer.verifier, as_json)


@group.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--log", help="The log's public key (vkey) from the printed notice.")
@click.option("--witness", "witnesses", multiple=True, help="A witness's public key from the notice; repeatable.")
@click.option("--threshold", type=click.IntRange(min=0), help="How many of them must have signed; all unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def verify(
    ctx: click.Context, folder: Path, log: str | None, witnesses: tuple[str, ...], threshold: int | None, as_json: bool
) -> None:
    """Recompute the ledger in FOLDER. Exit 0 verified, 1 broken, 3 consistent but no key was given."""
    known = [Verifier.parse(item) for item in witnesses]
    ledger = _checked(folder)
    if log and ledger.log != Verifier.parse(log):
        raise LedgerError("The ledger is signed by %(found)s, not by the key given.", found=ledger.log.vkey)
    head, note = open_checkpoint(ledger.checkpoint(), ledger.log, known)
    cosigned = len({item.verifier.vkey for item in note.signatures if item.verifier in known})
    wanted = len(known) if threshold is None else threshold
    if cosigned < wanted:
        raise LedgerError("%(found)s of %(wanted)s witnesses signed the head.", found=cosigned, wanted=wanted)
    _print_verdict(bool(log), as_json, origin=head.origin, size=head.size, root=head.root.hex(), cosignatures=cosigned)
    if not log:
        ctx.exit(CONSISTENT_ONLY)


@group.command("prove")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("number", type=click.IntRange(min=1))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The .tlog-proof file to write.")
def prove(folder: Path, number: int, out: Path) -> None:
    """Write the proof that event NUMBER is in the ledger in FOLDER."""
    if out.exists():
        raise LedgerInputError("The file %(path)s exists already.", path=out)
    write_whole(out, Ledger.open(folder).prove(number - 1).encode())


@group.command("witness")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--key", "name", required=True, help="Your witness key.")
@click.option("--log", required=True, help="The log's public key (vkey) from the printed notice.")
@with_appcontext
def witness(folder: Path, name: str, log: str) -> None:
    """Co-sign the head of FOLDER if it continues the last head that you saw; prints the signature line."""
    verifier = Verifier.parse(log)
    ledger = Ledger.open(folder)
    signer, heads = load_signer(name)
    line = cosign(ledger.checkpoint(), verifier, ledger.tree.consistency_proof, signer, heads, int(time.time()))
    ledger.add_cosignature(line, signer.verifier)
    click.echo(line)


def _checked(folder: Path) -> Ledger:
    """The ledger in `folder`; what is malformed in it is a check that says no, not bad usage."""
    try:
        ledger = Ledger.open(folder)
        ledger.check()
    except LedgerInputError as error:
        if not (folder / "head.json").exists():
            raise
        raise LedgerError(error.message, **error.values) from error
    return ledger


def _print_key(verifier: Verifier, as_json: bool) -> None:
    words = {language: keys.fingerprint_words(verifier, language) for language in ("en", "zh")}
    if as_json:
        print_json({"vkey": verifier.vkey, "words": words})
        return
    click.echo(verifier.vkey)
    click.echo(words["zh" if terminal_language().startswith("zh") else "en"])


def _print_verdict(verified: bool, as_json: bool, **facts: Any) -> None:
    if as_json:
        print_json({"verdict": "VERIFIED" if verified else "CONSISTENT ONLY", **facts})
        return
    click.echo(
        gettext("Verified: %(origin)s, %(size)s entries, %(cosignatures)s cosignatures, root %(root)s.", **facts)
        if verified
        else gettext("Consistent only (give --log): %(origin)s, %(size)s entries, root %(root)s.", **facts)
    )
