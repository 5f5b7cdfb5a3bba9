from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from ledger.merkle import leaf_hash
from ledger.notes import Signer, Verifier
from ledger.proof import TlogProof
from ledger.store import Ledger

ORIGIN = "edu.example.org/log"
SIGNER = Signer.generate(ORIGIN)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    ledger = Ledger.create(tmp_path / "log", ORIGIN, SIGNER)
    for number in range(4):
        ledger.append({"n": number})
    return tmp_path / "log"


@pytest.fixture
def keyed(cli: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> FlaskCliRunner:
    monkeypatch.setenv("EVENHAND_KEY_PASSPHRASE", "correct horse")
    return cli


def test_a_key_is_made_once_and_shown_again(keyed: FlaskCliRunner, tmp_path: Path) -> None:
    made = keyed.invoke(args=["ledger", "key", ORIGIN])
    assert made.exit_code == 0, made.output
    assert Verifier.parse(made.stdout.splitlines()[0]).name == ORIGIN
    assert keyed.invoke(args=["ledger", "key", ORIGIN, "--show"]).stdout == made.stdout
    again = keyed.invoke(args=["ledger", "key", ORIGIN])
    assert again.exit_code == 2
    assert "already" in again.stderr


def test_a_passphrase_is_asked_twice_for_a_new_key_and_missing_it_leaves_nothing(
    cli: FlaskCliRunner, surroundings: Path
) -> None:
    refused = cli.invoke(args=["ledger", "key", ORIGIN], input="")
    assert refused.exit_code == 2
    assert "EVENHAND_KEY_PASSPHRASE" in refused.stderr
    assert not (surroundings / "instance/keys").exists()
    assert cli.invoke(args=["ledger", "key", ORIGIN], input="correct horse\ncorrect horse\n").exit_code == 0


def test_verify_says_verified_only_with_the_key_from_the_notice(cli: FlaskCliRunner, log: Path) -> None:
    good = cli.invoke(args=["ledger", "verify", str(log), "--log", SIGNER.verifier.vkey, "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["verdict"] == "VERIFIED"
    alone = cli.invoke(args=["ledger", "verify", str(log)])
    assert alone.exit_code == 3
    assert "only" in alone.stdout
    other = cli.invoke(args=["ledger", "verify", str(log), "--log", Signer.generate(ORIGIN).verifier.vkey])
    assert other.exit_code == 1


@pytest.mark.parametrize("content", [b'{"n":9}', b'{"n": 1}', b""])
def test_verify_says_no_to_a_changed_event(cli: FlaskCliRunner, log: Path, content: bytes) -> None:
    (log / "events/000002.json").write_bytes(content)
    done = cli.invoke(args=["ledger", "verify", str(log)])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1


def test_verify_says_no_to_an_unsigned_event_and_a_stale_head(cli: FlaskCliRunner, log: Path) -> None:
    (log / "events/000005.json").write_bytes(b"{}")
    assert cli.invoke(args=["ledger", "verify", str(log)]).exit_code == 1
    (log / "events/000005.json").unlink()
    (log / "head.json").write_bytes((log / "head.json").read_bytes().replace(b'"size":4', b'"size":3'))
    assert cli.invoke(args=["ledger", "verify", str(log)]).exit_code == 1


def test_verify_of_nothing_is_bad_usage(cli: FlaskCliRunner, tmp_path: Path) -> None:
    assert cli.invoke(args=["ledger", "verify", str(tmp_path)]).exit_code == 2
    assert cli.invoke(args=["ledger", "verify", str(tmp_path / "none")]).exit_code == 2


def test_prove_writes_a_proof_that_verifies(cli: FlaskCliRunner, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "two.tlog-proof"
    assert cli.invoke(args=["ledger", "prove", str(log), "2", "--out", str(out)]).exit_code == 0
    TlogProof.parse(out.read_bytes()).verify(leaf_hash(b'{"n":1}'), SIGNER.verifier)
    assert cli.invoke(args=["ledger", "prove", str(log), "2", "--out", str(out)]).exit_code == 2
    assert cli.invoke(args=["ledger", "prove", str(log), "5", "--out", str(tmp_path / "x")]).exit_code == 1


def test_a_witness_co_signs_and_the_quorum_is_counted(keyed: FlaskCliRunner, log: Path) -> None:
    vkey = keyed.invoke(args=["ledger", "key", "parent.example.org", "--witness"]).stdout.splitlines()[0]
    verify = ["ledger", "verify", str(log), "--log", SIGNER.verifier.vkey, "--witness", vkey]
    assert keyed.invoke(args=verify).exit_code == 1
    sign = ["ledger", "witness", str(log), "--key", "parent.example.org", "--log", SIGNER.verifier.vkey]
    signed = keyed.invoke(args=sign)
    assert signed.exit_code == 0, signed.output
    assert keyed.invoke(args=verify).exit_code == 0
    assert keyed.invoke(args=sign).exit_code == 1


def test_a_witness_refuses_a_log_that_was_rolled_back(keyed: FlaskCliRunner, log: Path) -> None:
    keyed.invoke(args=["ledger", "key", "parent.example.org", "--witness"])
    sign = ["ledger", "witness", str(log), "--key", "parent.example.org", "--log", SIGNER.verifier.vkey]
    assert keyed.invoke(args=sign).exit_code == 0
    for path in log.rglob("*"):
        if path.is_file():
            path.unlink()
    (log / "events").rmdir()
    log.rmdir()
    Ledger.create(log, ORIGIN, SIGNER).append({"n": 0})
    refused = keyed.invoke(args=sign)
    assert refused.exit_code == 1
    assert "rolled back" in refused.stderr
