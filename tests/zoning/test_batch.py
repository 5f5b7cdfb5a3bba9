"""Batch: a process for each county; one that is killed, or fails, costs only its own county's work."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

from flask.testing import FlaskCliRunner

from tests.zoning.folders import LIMITED, LINE, grid, write
from tests.zoning.jobs import job
from zoning.batch import run_each


def test_each_outcome_is_told_and_none_disturbs_another() -> None:
    names = ["one", "killed", "refused", "two", "left", "broken"]
    told = {names[outcome.job]: outcome for outcome in run_each(job, names, 3)}
    assert {name: outcome.answer for name, outcome in told.items() if outcome.answer} == {"one": "ONE", "two": "TWO"}
    assert str(told["killed"].why) == "Its process was ended by signal 9."
    assert str(told["left"].why) == "Its process ended without an answer (exit code 7)."
    assert str(told["refused"].why) == "There is no open school “S9” in this problem."
    assert str(told["broken"].why) == "It failed: RuntimeError: out of luck."


def test_a_killed_worker_costs_its_own_county_and_a_second_run_does_what_is_missing(
    cli: FlaskCliRunner, tmp_path: Path
) -> None:
    folders = [write(tmp_path / name, grid(6, 6, 3, seed=at), LIMITED) for at, name in enumerate(["a", "b", "c"])]
    units = (tmp_path / "b" / "units.csv").read_bytes()
    (tmp_path / "b" / "units.csv").unlink()
    os.mkfifo(tmp_path / "b" / "units.csv")  # the worker of b waits here until it is killed
    args = ["zoning", "batch", *map(str, folders), "--out", str(tmp_path / "out"), "--workers", "2", "--effort", "1"]
    killer = threading.Thread(target=_kill_the_reader, args=(tmp_path / "b" / "units.csv",))
    killer.start()
    first = cli.invoke(args=[*args, "--json"])
    killer.join()
    assert first.exit_code == 1
    rows = {row["county"]: row for row in json.loads(first.stdout)["counties"]}
    assert [rows[name]["state"] for name in "abc"] == ["solved", "failed", "solved"]
    assert rows["b"]["why"] == "Its process was ended by signal 9."
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "c"]
    kept = (tmp_path / "out" / "a" / "report.json").read_bytes()
    (tmp_path / "b" / "units.csv").unlink()
    (tmp_path / "b" / "units.csv").write_bytes(units)
    second = cli.invoke(args=[*args, "--json"])
    assert second.exit_code == 0, second.output
    assert [row["state"] for row in json.loads(second.stdout)["counties"]] == ["kept", "solved", "kept"]
    assert (tmp_path / "out" / "a" / "report.json").read_bytes() == kept
    for folder in folders:
        _same_as_alone(cli, folder, tmp_path / "out" / folder.name, tmp_path / "alone" / folder.name)


def _kill_the_reader(pipe: Path) -> None:
    with pipe.open("wb"):  # opens once somebody reads
        for _ in range(200):
            for link in Path("/proc").glob("[0-9]*/fd/*"):
                try:
                    mine = int(link.parts[2]) == os.getpid()
                    if not mine and link.readlink() == pipe:
                        os.kill(int(link.parts[2]), signal.SIGKILL)
                        return
                except OSError:
                    continue
            time.sleep(0.05)


def _same_as_alone(cli: FlaskCliRunner, problem: Path, plan: Path, alone: Path) -> None:
    assert cli.invoke(args=["zoning", "solve", str(problem), "--out", str(alone), "--effort", "1"]).exit_code == 0
    for name in ("plan.csv", "certificate.csv"):
        assert (plan / name).read_bytes() == (alone / name).read_bytes()
    reports = [json.loads((folder / "report.json").read_text()) for folder in (plan, alone)]
    assert all(set(report.pop("run")) >= {"seconds", "host", "effort"} for report in reports)
    assert reports[0] == reports[1]


def test_a_county_that_is_wrong_is_named_and_the_others_are_done(cli: FlaskCliRunner, tmp_path: Path) -> None:
    good = write(tmp_path / "good", LINE)
    bad = write(tmp_path / "bad", LINE, "[limits]\nutilisation = [2, 1]\n")
    args = ["zoning", "batch", str(bad), str(good), "--out", str(tmp_path / "out"), "--effort", "1"]
    result = cli.invoke(args=args)
    assert result.exit_code == 1
    assert "bad: policy.toml: [limits] utilisation has its lower limit" in result.output
    assert (tmp_path / "out" / "good" / "plan.csv").exists()
    (tmp_path / "good" / "schools.csv").write_text("school,unit,capacity\nS1,a,16\nS2,d,30\n")
    again = cli.invoke(args=["zoning", "batch", str(good), "--out", str(tmp_path / "out"), "--workers", "1"])
    assert again.exit_code == 1
    assert "holds the plan of another problem" in again.output


def test_two_counties_of_one_name(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folders = [str(write(tmp_path / above / "x", LINE)) for above in ("p", "q")]
    result = cli.invoke(args=["zoning", "batch", *folders, "--out", str(tmp_path / "out")])
    assert (result.exit_code, result.output) == (2, "Two of the folders are named “x”: rename one.\n")
