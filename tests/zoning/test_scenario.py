"""Schools opened, closed or resized, and plans compared: also plans of different problems."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.city import City
from tests.zoning.folders import LIMITED, LINE, grid, solved, write
from tests.zoning.tiny import make_city, make_plan, make_problem, unit_name
from zoning.certificate import Certificate
from zoning.differences import changed_units_csv, differences
from zoning.errors import ZoningInputError
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.scenario import Opening, Scenario, write_scenario

METRES = {"S1": (7, 14, 21, 28), "S2": (28, 21, 14, 7)}
WALKS = [
    ("unit", "school", "metres"),
    *((unit, school, metres) for school, row in METRES.items() for unit, metres in zip("abcd", row, strict=True)),
]


def some_plan(problem: Problem, seed: int) -> Plan:
    noise = np.random.default_rng(seed)
    choice = noise.integers(0, len(problem.targets), len(problem.units))
    return Plan.of(problem, choice, Certificate.zero(problem))


@given(one=st.integers(0, 99), other=st.integers(0, 99))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_differences_are_antisymmetric(one: int, other: int) -> None:
    with TemporaryDirectory() as folder:
        problem = Problem.read(write(Path(folder), grid(4, 3, 3), LIMITED))
    a, b = some_plan(problem, one), some_plan(problem, other)
    there, back = differences(a, b).document(), differences(b, a).document()
    flows = {(flow["from"], flow["to"]): (flow["units"], flow["children"]) for flow in there["flows"]}
    assert {(flow["to"], flow["from"]): (flow["units"], flow["children"]) for flow in back["flows"]} == flows
    for term, values in there["terms"].items():
        assert values["difference"] == -back["terms"][term]["difference"]
    assert [row["children"] for row in there["schools"]] == [-row["children"] for row in back["schools"]]
    assert there["moved_children"] == back["moved_children"] == sum(children for _, children in flows.values())
    for row in there["schools"]:
        gained = sum(c for (_, to), (_, c) in flows.items() if to == row["school"])
        lost = sum(c for (origin, _), (_, c) in flows.items() if origin == row["school"])
        assert row["children"] == pytest.approx(gained - lost)


@given(seed=st.integers(0, 999), closed=st.sets(st.integers(0, 3), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_closed_school_has_no_seat_and_serves_nobody(seed: int, closed: set[int]) -> None:
    names = {f"s{at}" for at in closed}
    with TemporaryDirectory() as place:
        folder = write(Path(place) / "old", grid(5, 4, 4, seed))
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        made = write_scenario(folder, Scenario(close=tuple(sorted(names))), Path(place) / "new")
        with (Path(place) / "new" / "schools.csv").open() as file:
            seats = {row["school"]: float(row["capacity"]) for row in csv.DictReader(file)}
        assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
        parent = json.loads((Path(place) / "new" / "problem.json").read_text())["parent"]
        assert parent == Problem.read(folder).fingerprint
    assert {name for name, seat in seats.items() if seat == 0} == names == set(made.problem.closed)
    assert not names & set(solved(made.problem, effort=1).assignment.values())


def test_a_school_is_opened_with_stretched_walks(tmp_path: Path) -> None:
    folder = write(tmp_path / "old", {**LINE, "walks": WALKS})
    made = write_scenario(folder, Scenario(open=(Opening("N", "c", 20),)), tmp_path / "new")
    assert made.walks == {"N": "adjacency"}
    at = made.problem.target_index["N"]
    walks = made.problem.walks
    assert walks is not None
    assert walks[made.problem.unit_index["c"], at] == 0
    assert walks[made.problem.unit_index["d"], at] == pytest.approx(100 * 0.105, rel=0.05)
    assert made.problem.owner[made.problem.unit_index["c"]] == at


def test_a_closed_school_opens_again_with_its_own_walks(tmp_path: Path) -> None:
    folder = write(tmp_path / "old", {**LINE, "walks": WALKS})
    write_scenario(folder, Scenario(close=("S1",)), tmp_path / "shut")
    made = write_scenario(tmp_path / "shut", Scenario(open=(Opening("S1", "a", 15),)), tmp_path / "again")
    assert made.walks == {"S1": "kept"}
    assert made.problem.fingerprint == Problem.read(folder).fingerprint


def test_the_city_gives_the_walks_of_a_school_that_it_knows(tmp_path: Path) -> None:
    city = make_city(tmp_path / "city")
    folder = make_problem(city, tmp_path / "old")
    unit = unit_name(6, 2)
    shut = write_scenario(folder, Scenario(close=("P03",)), tmp_path / "shut")
    assert shut.problem.closed == ("P03",)
    opening = Scenario(open=(Opening("P09", unit, 300),))
    made = write_scenario(tmp_path / "shut", opening, tmp_path / "new", City.open(city))
    assert made.walks == {"P09": "city"}
    old, new = Problem.read(folder), made.problem
    assert old.walks is not None
    assert new.walks is not None
    assert (new.walks[:, new.target_index["P09"]] == old.walks[:, old.target_index["P03"]]).all()


def test_locks_to_a_closed_school_are_left_out_and_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "old", {**LINE, "locks": [("unit", "school"), ("b", "S1"), ("c", "S2")]})
    made = write_scenario(folder, Scenario(close=("S1",)), tmp_path / "new")
    assert made.unlocked == ("b",)
    assert made.problem.locked[made.problem.unit_index["c"]] == made.problem.target_index["S2"]


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        (Scenario(), "Nothing to change"),
        (Scenario(close=("S9",)), "no school “S9”"),
        (Scenario(capacity={"S9": 3}), "no school “S9”"),
        (Scenario(close=("S1",), capacity={"S1": 3}), "closed and given seats"),
        (Scenario(close=("S1", "S2")), "no open school"),
        (Scenario(open=(Opening("S1", "b", 5),)), "open already"),
        (Scenario(open=(Opening("S3", "x", 5),)), "no unit “x”"),
        (Scenario(open=(Opening("S3", "a", 5),)), "stand in one unit"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path: Path, scenario: Scenario, sentence: str) -> None:
    folder = write(tmp_path / "old", LINE)
    with pytest.raises(ZoningInputError, match=sentence):
        write_scenario(folder, scenario, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_plans_of_other_units_are_not_compared(tmp_path: Path) -> None:
    one = some_plan(Problem.read(write(tmp_path / "1", grid(3, 3, 2))), 1)
    other = some_plan(Problem.read(write(tmp_path / "2", grid(4, 3, 2))), 1)
    with pytest.raises(ZoningInputError, match="same units"):
        differences(one, other)


def test_scenario_and_compare_on_the_command_line(cli: FlaskCliRunner, tmp_path: Path) -> None:
    city = make_city(tmp_path / "city")
    old, new = make_problem(city, tmp_path / "old"), tmp_path / "new"
    args = ["zoning", "scenario", str(old), "--out", str(new), "--close", "P04", "--capacity", "P02=2000"]
    made = cli.invoke(args=args)
    assert made.exit_code == 0, made.output
    assert "80 units, 3 schools" in made.output
    today = make_plan(old, tmp_path / "today")
    problem = Problem.read(new)
    assigned = Plan.read(Problem.read(old), today).assignment
    without = {unit: "P02" if school == "P04" else school for unit, school in assigned.items()}
    Plan(problem, without, Certificate.zero(problem)).write(tmp_path / "without")
    args = ["zoning", "compare", str(old), str(today), str(tmp_path / "without"), "--problem-b", str(new)]
    told = cli.invoke(args=[*args, "--out", str(tmp_path / "changes")])
    assert told.exit_code == 0, told.output
    assert "different problems" in told.output
    found = json.loads(cli.invoke(args=[*args, "--json"]).stdout)
    assert found["flows"] == [
        {"from": "P04", "to": "P02", "units": 20, "children": found["moved_children"], "addresses": 20}
    ]
    assert [row["b"] is None for row in found["schools"]] == [False, False, False, True]
    assert "objective" not in found["terms"]
    assert (tmp_path / "changes" / "units.csv").read_text().count("\n") == 21
    assert (tmp_path / "changes" / "addresses.csv").read_text().splitlines()[0] == "address,unit,from,to"
    again = cli.invoke(args=[*args, "--out", str(tmp_path / "changes")])
    assert (again.exit_code, "there already" in again.output) == (2, True)


@pytest.mark.parametrize(
    "option", [("--open", "N:b"), ("--open", "N:b:many"), ("--capacity", "S1"), ("--capacity", "S1=-1")]
)
def test_options_that_say_nothing_are_refused(cli: FlaskCliRunner, tmp_path: Path, option: tuple[str, str]) -> None:
    folder = write(tmp_path / "old", LINE)
    result = cli.invoke(args=["zoning", "scenario", str(folder), "--out", str(tmp_path / "new"), *option])
    assert (result.exit_code, result.output.count("\n")) == (2, 1)


def test_changed_units_as_a_table(tmp_path: Path) -> None:
    plan = solved(Problem.read(write(tmp_path, LINE, LIMITED)))
    found = differences(plan, plan.move(["b"], "S1"))
    assert changed_units_csv(found.changes).decode() == (
        "unit,from,to,children,walk_from,walk_to,addresses\nb,S2,S1,10.0,200.0,100.0,\n"
    )
