"""`check` finds what was tampered with, from the two folders alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.zoning.folders import LIMITED, grid, solved, write
from zoning.check import check
from zoning.errors import ZoningInputError
from zoning.plan import Plan
from zoning.problem import Problem


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("check")
    problem = Problem.read(write(place / "problem", grid(6, 5, 3), LIMITED))
    plan = solved(problem)
    assert plan.figures.feasible
    plan.write(place / "plan")
    return place


def replace_line(path: Path, start: str, change: Callable[[str], str]) -> None:
    lines = path.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    lines[at] = change(lines[at])
    path.write_text("\n".join(line for line in lines if line) + "\n")


def other_school(line: str) -> str:
    unit, school = line.split(",")
    return f"{unit},{'s0' if school != 's0' else 's1'}"


def edit_report(place: Path, key: str, value: object) -> None:
    path = place / "plan" / "report.json"
    report = json.loads(path.read_text())
    report[key] = value
    path.write_text(json.dumps(report))


def far_apart(place: Path) -> None:
    """Give a unit to a school whose zone it does not touch."""
    problem = Problem.read(place / "problem")
    plan = Plan.read(problem, place / "plan")
    moves = [(unit, school) for unit in problem.units for school in problem.targets]
    unit, school = next(move for move in moves if not plan.move([move[0]], move[1]).figures.contiguous)
    replace_line(place / "plan" / "plan.csv", unit, lambda line: f"{unit},{school}")


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "moved unit": (lambda p: replace_line(p / "plan/plan.csv", "u013", other_school), "plan"),
    "unit missing": (lambda p: replace_line(p / "plan/plan.csv", "u013", lambda _: ""), "leaves out the unit “u013”"),
    "unit twice": (lambda p: replace_line(p / "plan/plan.csv", "u013", lambda line: f"{line}\n{line}"), "twice"),
    "unknown unit": (lambda p: replace_line(p / "plan/plan.csv", "u013", lambda _: "u999,s0"), "no unit “u999”"),
    "unknown school": (lambda p: replace_line(p / "plan/plan.csv", "u013", lambda _: "u013,s9"), "school “s9”"),
    "zone in two pieces": (far_apart, "plan"),
    "capacity raised": (
        lambda p: replace_line(p / "problem/schools.csv", "s1", lambda line: line.replace(".0", "9.0")),
        "problem",
    ),
    "demand changed": (
        lambda p: replace_line(p / "problem/units.csv", "u001", lambda line: line.replace(",", ",1", 1)),
        "problem",
    ),
    "limit loosened": (lambda p: (p / "problem/policy.toml").write_text(LIMITED.replace("1.0", "2.0")), "problem"),
    "price changed": (
        lambda p: replace_line(p / "plan/certificate.csv", "school,s1", lambda _: "school,s1,,,0.001"),
        "lower_bound",
    ),
    "price missing": (lambda p: replace_line(p / "plan/certificate.csv", "school,s1", lambda _: ""), "no price"),
    "price of change made up": (
        lambda p: replace_line(p / "plan/certificate.csv", "change", lambda _: "change,,,,0.5"),
        "price of change",
    ),
    "bound claimed higher": (lambda p: edit_report(p, "lower_bound", 99.0), "lower_bound"),
    "gap claimed lower": (lambda p: edit_report(p, "gap", 0.0), "gap"),
    "objective claimed lower": (lambda p: edit_report(p, "objective", 0.0), "objective"),
    "school's figures left out": (lambda p: edit_report(p, "schools", []), "schools"),
    "parent made up": (lambda p: edit_report(p, "parent", "0" * 64), "plan"),
}


def test_an_honest_plan_passes(folders: Path) -> None:
    verdict = check(Problem.read(folders / "problem"), folders / "plan")
    assert verdict.ok
    assert verdict.findings == ()


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found(folders: Path, tmp_path: Path, name: str) -> None:
    tamper, named = TAMPERINGS[name]
    place = tmp_path / "copy"
    shutil.copytree(folders, place)
    tamper(place)
    verdict = check(Problem.read(place / "problem"), place / "plan")
    assert not verdict.ok
    assert named in " ".join(item.message % item.values for item in verdict.findings)


def test_a_zone_in_two_pieces_is_a_violation(folders: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(folders, place)
    far_apart(place)
    verdict = check(Problem.read(place / "problem"), place / "plan")
    assert "loose" in {violation.kind for violation in verdict.violations}


def test_the_run_may_differ(folders: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(folders, place)
    edit_report(place, "run", {"host": "elsewhere"})
    assert check(Problem.read(place / "problem"), place / "plan").ok


def test_a_missing_folder_is_bad_input(folders: Path) -> None:
    with pytest.raises(ZoningInputError, match=r"report\.json is missing"):
        check(Problem.read(folders / "problem"), folders / "nowhere")


@pytest.mark.parametrize("name", ["plan.csv", "certificate.csv"])
def test_a_missing_file_is_bad_input(folders: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / "copy"
    shutil.copytree(folders, place)
    (place / "plan" / name).unlink()
    with pytest.raises(ZoningInputError, match=f"{name} is missing"):
        check(Problem.read(place / "problem"), place / "plan")


def test_check_names_the_violations_of_the_report(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path / "p", grid(5, 4, 3, slack=0.8), LIMITED))
    plan = solved(problem)
    plan.write(tmp_path / "plan")
    verdict = check(problem, tmp_path / "plan")
    assert not verdict.ok
    assert verdict.findings == ()
    claimed = json.loads((tmp_path / "plan/report.json").read_text())["violations"]
    assert [violation["school"] for violation in claimed] == [violation.school for violation in verdict.violations]


REPORTS = {
    "conflict that is a number": '{"conflict": 5}',
    "conflict of numbers": '{"conflict": [5]}',
    "run that is a text": '{"run": "x"}',
    "parent that is no fingerprint": '{"parent": "x"}',
    "list": "[]",
    "nothing": "",
    "brackets without end": "[" * 100_000,
    "number without end": '{"objective": ' + "9" * 10_000 + "}",
    "no text": "\ud800",
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_is_none(folders: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(folders, tmp_path / "copy")
    (tmp_path / "copy/plan/report.json").write_bytes(REPORTS[name].encode("utf-8", "surrogatepass"))
    with pytest.raises(ZoningInputError, match=r"^report\.json "):
        check(Problem.read(folders / "problem"), tmp_path / "copy/plan")


def test_a_claimed_number_beyond_floats_is_found(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders, tmp_path / "copy")
    edit_report(tmp_path / "copy", "objective", 10**400)
    (finding,) = check(Problem.read(folders / "problem"), tmp_path / "copy/plan").findings
    assert "objective" in str(finding)
