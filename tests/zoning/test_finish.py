"""Moving units and finishing from there, by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from tests.zoning.folders import LIMITED, grid, solved, write
from zoning.plan import Plan
from zoning.problem import Problem


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A problem of forty units and a plan of it."""
    folder = tmp_path_factory.mktemp("finish")
    problem = write(folder / "problem", grid(8, 5, 3, slack=1.4), LIMITED)
    solved(Problem.read(problem), effort=2).write(folder / "plan")
    return problem, folder / "plan"


def good_move(problem: Path, plan: Path) -> tuple[str, str]:
    """A unit and a school to which it can go without breaking anything."""
    known = Problem.read(problem)
    made = Plan.read(known, plan)
    pairs = [pair for edge in known.edges.tolist() for pair in (edge, edge[::-1])]
    moves = [(known.units[one], made.assignment[known.units[other]]) for one, other in pairs]
    moves = [(unit, school) for unit, school in moves if made.assignment[unit] != school]
    return next((unit, school) for unit, school in moves if made.move([unit], school).figures.feasible)


def test_move_then_finish_passes_check(cli: FlaskCliRunner, folders: tuple[Path, Path], tmp_path: Path) -> None:
    problem, plan = folders
    unit, school = good_move(problem, plan)
    moved, done = tmp_path / "moved", tmp_path / "done"
    args = ["zoning", "move", str(problem), str(plan), "--units", unit, "--to", school]
    said = cli.invoke(args=[*args, "--out", str(moved)])
    assert said.exit_code == 0, said.output
    assert "every limit holds: yes" in said.output
    said = cli.invoke(args=["zoning", "finish", str(problem), str(moved), "--out", str(done), "--effort", "1"])
    assert said.exit_code == 0, said.output
    assert "1 units held." in said.output
    assert cli.invoke(args=["zoning", "check", str(problem), str(done)]).exit_code == 0
    known = Problem.read(problem)
    finished, hand = Plan.read(known, done), Plan.read(known, moved)
    assert finished.assignment[unit] == school
    assert (finished.parent, finished.run["locked"]) == (hand.fingerprint, [unit])
    assert finished.figures.objective <= hand.figures.objective + 1e-12
    assert finished.lower_bound >= hand.lower_bound


def test_a_broken_move_is_told_with_suggestions_and_not_kept(
    cli: FlaskCliRunner, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    problem, plan = folders
    known = Problem.read(problem)
    own = known.units[known.owner.tolist().index(0)]
    args = ["zoning", "move", str(problem), str(plan), "--units", own, "--to", known.targets[1]]
    said = cli.invoke(args=[*args, "--out", str(tmp_path / "new"), "--json"])
    assert said.exit_code == 1
    facts = json.loads(said.stdout)
    assert any(heal["why"] == "kept" and heal["units"] == [own] for heal in facts["heals"])
    assert facts["breaks"]
    assert not (tmp_path / "new").exists()
    assert "Suggestion: Give" in cli.invoke(args=args).output


def test_a_move_to_where_they_are_is_refused(cli: FlaskCliRunner, folders: tuple[Path, Path]) -> None:
    problem, plan = folders
    unit, school = next(iter(Plan.read(Problem.read(problem), plan).assignment.items()))
    said = cli.invoke(args=["zoning", "move", str(problem), str(plan), "--units", unit, "--to", school])
    assert (said.exit_code, "Nothing was changed" in said.output) == (2, True)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [([], "No hand edit is noted"), (["--lock-units", "nowhere"], "There is no unit “nowhere”")],
    ids=["nothing-to-hold", "unknown-unit"],
)
def test_finish_refuses(
    cli: FlaskCliRunner, folders: tuple[Path, Path], tmp_path: Path, more: list[str], sentence: str
) -> None:
    problem, plan = folders
    said = cli.invoke(args=["zoning", "finish", str(problem), str(plan), "--out", str(tmp_path / "new"), *more])
    assert (said.exit_code, sentence in said.output) == (2, True), said.output
    assert not (tmp_path / "new").exists()
