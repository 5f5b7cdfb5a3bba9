"""The commands: what they print, write and answer."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from tests.zoning.folders import LIMITED, LINE, grid, write

CURRENT = [("unit", "school"), ("a", "S1"), ("b", "S1"), ("c", "S2"), ("d", "S2")]


@pytest.fixture
def problem_dir(tmp_path: Path) -> Path:
    return write(tmp_path / "problem", {**LINE, "current": CURRENT}, LIMITED)


def test_solve_check_current_compare(cli: FlaskCliRunner, problem_dir: Path, tmp_path: Path) -> None:
    plan, today = str(tmp_path / "plan"), str(tmp_path / "today")
    solved = cli.invoke(args=["zoning", "solve", str(problem_dir), "--out", plan, "--effort", "2"])
    assert solved.exit_code == 0, solved.output
    assert "certified gap: 20.00 %" in solved.output
    assert cli.invoke(args=["zoning", "check", str(problem_dir), plan]).exit_code == 0
    assert cli.invoke(args=["zoning", "current", str(problem_dir), "--out", today]).exit_code == 0
    judged = cli.invoke(args=["zoning", "check", str(problem_dir), today, "--json"])
    assert judged.exit_code == 1
    assert json.loads(judged.stdout)["violations"][0]["kind"] == "above"
    table = cli.invoke(args=["zoning", "compare", str(problem_dir), today, plan])
    assert "Children who change school from one to the other: 28.57 %" in table.output
    found = cli.invoke(args=["zoning", "compare", str(problem_dir), today, plan, "--json"])
    assert json.loads(found.stdout)["moved_share"] == pytest.approx(10 / 35)


def test_solve_prints_its_report_as_json(cli: FlaskCliRunner, problem_dir: Path, tmp_path: Path) -> None:
    args = ["zoning", "solve", str(problem_dir), "--out", str(tmp_path / "p"), "--effort", "1", "--json"]
    report = json.loads(cli.invoke(args=args).stdout)
    assert report == json.loads((tmp_path / "p" / "report.json").read_text())
    assert report["run"]["problem"] == str(problem_dir.resolve())
    assert report["run"]["peak_memory_mb"] > 0


def test_a_plan_is_never_overwritten(cli: FlaskCliRunner, problem_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    result = cli.invoke(args=["zoning", "solve", str(problem_dir), "--out", str(tmp_path / "there")])
    assert result.exit_code == 2
    assert "never overwritten" in result.output
    assert list((tmp_path / "there").iterdir()) == []


def test_bad_input_is_one_sentence_and_leaves_nothing(cli: FlaskCliRunner, tmp_path: Path) -> None:
    write(tmp_path / "problem", LINE, "[limits]\nutilisation = [2, 1]\n")
    result = cli.invoke(args=["zoning", "solve", str(tmp_path / "problem"), "--out", str(tmp_path / "plan")])
    assert result.exit_code == 2
    assert result.output.strip().count("\n") == 0
    assert not (tmp_path / "plan").exists()


def test_without_a_current_map_there_is_no_current_plan(cli: FlaskCliRunner, tmp_path: Path) -> None:
    write(tmp_path / "problem", grid(3, 3, 2))
    result = cli.invoke(args=["zoning", "current", str(tmp_path / "problem"), "--out", str(tmp_path / "plan")])
    assert result.exit_code == 2
    assert "current.csv" in result.output


@pytest.mark.parametrize("name", ["units.csv", "walks.csv", "current.csv", "locks.csv", "policy.toml"])
def test_a_folder_in_place_of_a_table(cli: FlaskCliRunner, tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "problem", LINE)
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    result = cli.invoke(args=["zoning", "solve", str(folder), "--out", str(tmp_path / "plan")])
    assert result.exit_code == 2
    assert result.output == f"{folder / name} is a folder where a file is needed.\n"
    assert not (tmp_path / "plan").exists()


def test_a_plan_below_a_file(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder = write(tmp_path / "problem", LINE)
    result = cli.invoke(args=["zoning", "solve", str(folder), "--out", str(folder / "units.csv" / "plan")])
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (2, True)
    assert str(folder / "units.csv") in result.output


def test_seconds_that_are_no_number(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder = write(tmp_path / "problem", LINE)
    args = ["zoning", "solve", str(folder), "--out", str(tmp_path / "plan"), "--seconds", "nan"]
    result = cli.invoke(args=args)
    assert (result.exit_code, result.output) == (2, "--seconds must be a number of seconds.\n")


def test_a_full_disk_leaves_no_plan(cli: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = write(tmp_path / "problem", LINE)
    monkeypatch.setattr("zoning.plan.write_whole", full)
    result = cli.invoke(args=["zoning", "solve", str(folder), "--out", str(tmp_path / "plan"), "--json"])
    assert (result.exit_code, result.output) == (1, "The disk is full: nothing of this is kept.\n")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "instance") == ["problem"]
