"""The stand-alone verifier on genuine ceremonies: verdicts, exit status, output, and that it stands alone."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lottery import verify
from lottery.rehearse import Rehearsal, StepClock, rehearse
from tests.lottery.forger import Forger
from tests.vectors.make_example import Counted, play, script

HERE = Path(__file__).resolve().parents[1] / "vectors"
PROGRAM = Path(verify.__file__)


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return play(tmp_path_factory.mktemp("genuine") / "ceremony")


def notice_file(rehearsal: Rehearsal, folder: Path, **changes: Any) -> Path:
    path = folder / "NOTICE.json"
    path.write_text(json.dumps({**rehearsal.notice, **changes}, ensure_ascii=False), encoding="utf-8")
    return path


def run(*arguments: object, program: Path = PROGRAM, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(program), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False)


def test_it_imports_only_the_standard_library_and_cryptography() -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_verifies_the_published_example_from_any_folder(tmp_path: Path) -> None:
    program = Path(shutil.copy(PROGRAM, tmp_path / "verify.py"))
    done = run("--notice", HERE / "example-notice.json", HERE / "example", program=program, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("结论：核验通过（测试）\nVerdict: VERIFIED (TEST)\n")
    assert done.stderr == ""


def test_without_a_notice_nothing_is_verified(genuine: Rehearsal) -> None:
    done = run(genuine.folder)
    assert done.returncode == 3
    assert "结论：仅内部一致\nVerdict: CONSISTENT ONLY\n" in done.stdout
    assert "No notice was given" in done.stdout


def test_json_says_what_the_specification_lists(genuine: Rehearsal, tmp_path: Path) -> None:
    done = run("--json", "--notice", notice_file(genuine, tmp_path), genuine.folder)
    assert json.loads(done.stdout) == {
        "verdict": "VERIFIED",
        "test": True,
        "origin": "example.org/test-example",
        "events": 31,
        "draws": [
            {"draw": "TEST-EXAMPLE", "kind": "class-placement", "on_notice": True, "size": 10, "state": "signed"},
            {"draw": "TEST-EXAMPLE-H", "kind": "homeroom", "on_notice": True, "size": 2, "state": "signed"},
        ],
        "problems": [],
        "reasons": [],
    }


def test_a_real_ceremony_is_verified_without_the_word_test(tmp_path: Path) -> None:
    clock = StepClock()
    real = replace(script(), test=False, origin="example.org/draw", children_draw="CLASSES", teachers_draw="HOMEROOM")
    played = rehearse(tmp_path / "c", real, random=Counted("real"), clock=clock, wait=clock.wait)
    report = verify.verify(played.folder, notice_file(played, tmp_path))
    assert report.lines()[:2] == ["结论：核验通过", "Verdict: VERIFIED"]


@pytest.mark.parametrize("number", range(6))
def test_it_agrees_with_the_drawer_on_other_draws(tmp_path: Path, number: int) -> None:
    clock = StepClock()
    withheld, wrong = [([], []), (["parent"], []), ([], ["inspector"])][number % 3]
    other = replace(script(), withheld=withheld, wrong=wrong, dice=50 if number % 2 else 20)
    played = rehearse(tmp_path / "c", other, random=Counted(f"other {number}"), clock=clock, wait=clock.wait)
    assert verify.verify(played.folder, notice_file(played, tmp_path)).verdict == "VERIFIED"


def test_a_convenience_copy_says_what_it_is(genuine: Rehearsal, tmp_path: Path) -> None:
    folder = shutil.copytree(genuine.folder, tmp_path / "copy")
    program = Path(shutil.copy(PROGRAM, folder / "verify.py"))
    done = run("--notice", notice_file(genuine, tmp_path), folder, program=program)
    assert done.returncode == 0
    assert "convenience copy" in done.stdout


def test_a_draw_that_stands_open_is_consistent_only(genuine: Rehearsal, tmp_path: Path) -> None:
    forger = Forger(genuine, tmp_path / "copy")
    del forger.events[18:]
    forger.write()
    for name in ("result.csv", "result.checkpoint"):
        forger.file(f"draws/TEST-EXAMPLE-H/{name}").unlink()
    report = verify.verify(forger.folder, notice_file(genuine, tmp_path))
    assert (report.verdict, report.exit_status) == ("CONSISTENT ONLY", 3)
    assert report.as_json()["reasons"] == ["TEST-EXAMPLE-H is open, not signed."]
    only_first = notice_file(genuine, tmp_path, draws=genuine.notice["draws"][:1])
    report = verify.verify(forger.folder, only_first)
    assert report.as_json()["reasons"] == ["V1: TEST-EXAMPLE-H is still open."]


def test_a_result_that_was_not_signed_by_witnesses_is_consistent_only(genuine: Rehearsal, tmp_path: Path) -> None:
    forger = Forger(genuine, tmp_path / "copy")
    del forger.events[-1]
    forger.write()
    report = verify.verify(forger.folder, notice_file(genuine, tmp_path))
    assert report.as_json()["reasons"] == ["TEST-EXAMPLE-H is drawn, not signed."]


@pytest.mark.parametrize("end", ["VOID", "SET_ASIDE"])
def test_a_void_or_annulled_draw_is_never_green(genuine: Rehearsal, tmp_path: Path, end: str) -> None:
    forger = Forger(genuine, tmp_path / "copy")
    last = {
        "draw": "TEST-EXAMPLE-H",
        "origin": "example.org/test-example",
        "reason": "r",
        "time": "2027-02-01T00:00:00Z",
    }
    if end == "VOID":
        del forger.events[18:]
        forger.events.append({**last, "type": "VOID"})
        for name in ("result.csv", "result.checkpoint"):
            forger.file(f"draws/TEST-EXAMPLE-H/{name}").unlink()
    else:
        forger.events.append({**last, "type": "SET_ASIDE", "authority": "court", "document": "1"})
    forger.write()
    report = verify.verify(forger.folder, notice_file(genuine, tmp_path))
    assert (report.verdict, report.exit_status) == ("CONSISTENT ONLY", 3)


def test_a_draw_of_another_kind_that_is_not_on_the_notice_is_reported(genuine: Rehearsal, tmp_path: Path) -> None:
    report = verify.verify(genuine.folder, notice_file(genuine, tmp_path, draws=genuine.notice["draws"][:1]))
    assert report.verdict == "VERIFIED"
    assert report.as_json()["draws"][1]["on_notice"] is False
    assert any("not on the notice" in line for line in report.lines())


def test_a_second_result_of_the_same_kind_that_is_not_on_the_notice_is_never_green(genuine: Rehearsal) -> None:
    ceremony = verify.Ceremony(verify.Folder(genuine.folder))
    ceremony.check()
    ceremony.draws["TEST-EXAMPLE-H"].manifest["kind"] = "class-placement"
    notice = {"draws": genuine.notice["draws"][:1]}
    assert [reason[:2] for reason, _chinese in verify.reasons_against(ceremony, notice)] == ["V2"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"\xff", b'\xef\xbb\xbf{}', b'{"draws":[],"draws":[]}', b'{"threshold":1.5}',
    ],
)  # fmt: skip
def test_a_notice_that_cannot_be_read_gives_no_verdict(genuine: Rehearsal, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "NOTICE.json").write_bytes(content)
    done = run("--notice", tmp_path / "NOTICE.json", genuine.folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2


def test_a_notice_with_an_unknown_field_or_no_draw_gives_no_verdict(genuine: Rehearsal, tmp_path: Path) -> None:
    for changes in ({"more": 1}, {"draws": []}, {"draws": genuine.notice["draws"] * 2}, {"threshold": True}):
        assert run("--notice", notice_file(genuine, tmp_path, **changes), genuine.folder).returncode == 2


@pytest.mark.parametrize("arguments", [[], ["--notice"], ["/nonexistent"], ["a", "b"], ["--wrong", "."]])
def test_wrong_usage_gives_no_verdict(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


def test_a_folder_without_a_ceremony_is_broken(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 1
