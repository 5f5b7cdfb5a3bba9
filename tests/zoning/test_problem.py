"""Problem folders: what is read, and one sentence for each thing that is wrong."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.zoning.folders import LIMITED, LINE, grid, write
from zoning.errors import ZoningInputError
from zoning.problem import Problem


def test_a_problem_is_read_with_walks_over_the_adjacency(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, LINE, LIMITED))
    assert problem.units == ("a", "b", "c", "d")
    assert problem.targets == ("S1", "S2")
    assert problem.walks is not None
    assert problem.walks.T.tolist() == [[0, 100, 200, 300], [300, 200, 100, 0]]


def test_row_order_and_number_format_mean_nothing(tmp_path: Path) -> None:
    tables = grid(5, 4, 3)
    first = Problem.read(write(tmp_path / "1", tables))
    shuffled = {}
    for name, rows in tables.items():
        body = [[f"{cell:.20f}" if isinstance(cell, float) else cell for cell in row] for row in rows[1:]]
        random.Random(3).shuffle(body)
        shuffled[name] = [rows[0], *body]
    second = Problem.read(write(tmp_path / "2", shuffled))
    assert first.fingerprint == second.fingerprint
    assert first.targets == second.targets


@pytest.mark.parametrize(
    ("table", "row", "cell", "value"),
    [("units", 2, 1, 11), ("schools", 1, 2, 16), ("adjacency", 3, 1, "a"), ("units", 1, 2, 5)],
)
def test_every_change_of_content_changes_the_fingerprint(
    tmp_path: Path, table: str, row: int, cell: int, value: object
) -> None:
    changed = {name: [list(line) for line in rows] for name, rows in LINE.items()}
    changed[table][row][cell] = value
    before, after = Problem.read(write(tmp_path / "1", LINE)), Problem.read(write(tmp_path / "2", changed))
    assert before.fingerprint != after.fingerprint


def test_schools_of_one_zone_are_one_target(tmp_path: Path) -> None:
    schools = [("school", "unit", "capacity", "zone"), ("S1", "a", 10, "Z"), ("S2", "d", 20, "Z"), ("S3", "b", 9, "")]
    problem = Problem.read(write(tmp_path, {**LINE, "schools": schools}))
    zone = problem.target_index["Z"]
    assert problem.capacity[zone] == 30
    assert problem.walks is not None
    assert problem.walks[:, zone].tolist() == [0, 100, 100, 0]
    assert (problem.owner == zone).tolist() == [True, False, False, True]


def test_a_school_without_seats_is_closed(tmp_path: Path) -> None:
    schools = [*LINE["schools"], ("S3", "b", 0)]
    current = [("unit", "school"), ("b", "S3"), ("c", "S2")]
    problem = Problem.read(write(tmp_path, {**LINE, "schools": schools, "current": current}))
    assert problem.targets == ("S1", "S2")
    assert problem.closed == ("S3",)
    assert problem.owner[1] == -1
    assert problem.moved.tolist() == [[False, False], [True, True], [True, False], [False, False]]


def test_a_unit_may_have_several_current_schools(tmp_path: Path) -> None:
    current = [("unit", "school"), ("b", "S1"), ("b", "S2"), ("c", "S2")]
    problem = Problem.read(write(tmp_path, {**LINE, "current": current}))
    assert problem.moved.tolist() == [[False, False], [False, False], [True, False], [False, False]]


def test_pairs_without_a_path_are_as_far_as_the_straight_line(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, {**LINE, "adjacency": [("unit", "neighbour"), ("a", "b"), ("c", "d")]}))
    assert problem.walks is not None
    assert np.isfinite(problem.walks).all()
    assert problem.walks[3, 0] == 300


POLICY_ERRORS = {
    "unknown table": ("[limit]\n", "no table [limit]"),
    "unknown key": ("[limits]\nutilization = [0, 1]\n", "no key “utilization”"),
    "not TOML": ("[limits\n", "not TOML"),
    "text for a number": ('[limits]\nwalk_metres = "far"\n', "walk_metres must be a number"),
    "boolean for a number": ("[weights]\ndistance = true\n", "distance must be a number"),
    "negative weight": ("[weights]\nbalance = -1\n", "balance must be a number"),
    "infinite limit": ("[limits]\nwalk_metres = inf\n", "walk_metres must be a number"),
    "weight beyond reckoning": ("[weights]\nbalance = 1e300\n", "balance must be a number"),
    "whole number beyond floats": (f"[limits]\nwalk_metres = 1{'0' * 400}\n", "walk_metres must be a number"),
    "number for a boolean": ("[limits]\ncontiguous = 1\n", "contiguous must be true or false"),
    "lower above upper": ("[limits]\nutilisation = [1.1, 0.9]\n", "lower limit 1.1 above"),
    "one limit for two": ("[limits]\nutilisation = [1.0]\n", "two numbers"),
    "share above 1": ("[limits]\nchange_share = 15\n", "between 0 and 1"),
    "a table for a list": ("[years]\nrobust = 2027\n", "list of years"),
    "several years": ("[years]\nrobust = [2027, 2029]\n", "not supported yet"),
    "unit of distance": ("[distance]\nunit = 3\n", "must be a word"),
    "weight without groups": ("[weights]\ncomposition = 1\n", "group_"),
    "weight without shapes": ("[weights]\ncompactness = 1\n", "area and perimeter"),
    "weight without current map": ("[weights]\nchange = 1\n", "current.csv"),
    "limit without current map": ("[limits]\nchange_share = 0.1\n", "current.csv"),
}


@pytest.mark.parametrize("name", POLICY_ERRORS)
def test_a_wrong_policy_is_refused(tmp_path: Path, name: str) -> None:
    text, complaint = POLICY_ERRORS[name]
    with pytest.raises(ZoningInputError) as error:
        Problem.read(write(tmp_path, LINE, text))
    assert complaint in str(error.value)
    assert error.value.exit_code == 2


TABLE_ERRORS = {
    "column missing": ("units", [("unit", "children"), ("a", 1)], "no column “demand”"),
    "column twice": ("units", [("unit", "demand", "demand"), ("a", 1, 1)], "column “demand” twice"),
    "row too short": ("units", [("unit", "demand"), ("a",)], "row 2 has 1 fields"),
    "empty id": ("units", [("unit", "demand"), ("", 1)], "“unit” is empty"),
    "unit twice": ("units", [("unit", "demand"), ("a", 1), ("a", 2)], "“a” is there twice"),
    "negative demand": ("units", [("unit", "demand"), ("a", -1)], "must be at least 0"),
    "demand not a number": ("units", [("unit", "demand"), ("a", "many")], "“many”, which is not a number"),
    "demand not finite": ("units", [("unit", "demand"), ("a", "nan")], "not a number"),
    "demand beyond reckoning": ("units", [("unit", "demand"), ("a", "1e300")], "too large for any city"),
    "hardly any demand": ("units", [("unit", "demand"), ("a", "1e-300")], "under a millionth of a child"),
    "hardly a seat": ("schools", [("school", "unit", "capacity"), ("S", "a", "1e-300")], "millionth of a seat"),
    "group above demand": ("units", [("unit", "demand", "group_x"), ("a", 1, 2)], "above the unit's demand"),
    "school twice": ("schools", [*LINE["schools"], ("S1", "b", 3)], "“S1” is there twice"),
    "school in no unit": ("schools", [("school", "unit", "capacity"), ("S", "z", 3)], "no unit “z”"),
    "negative capacity": ("schools", [("school", "unit", "capacity"), ("S", "a", -3)], "at least 0"),
    "all closed": ("schools", [("school", "unit", "capacity"), ("S", "a", 0)], "no open school"),
    "two in one unit": ("schools", [*LINE["schools"], ("S3", "a", 3)], "stand in one unit"),
    "own neighbour": ("adjacency", [("unit", "neighbour"), ("a", "a")], "not its own neighbour"),
    "pair twice": ("adjacency", [("unit", "neighbour"), ("a", "b"), ("b", "a")], "twice"),
    "odd barrier": ("adjacency", [("unit", "neighbour", "barrier"), ("a", "b", 2)], "must be 0 or 1"),
    "unknown neighbour": ("adjacency", [("unit", "neighbour"), ("a", "z")], "no unit “z”"),
    "walk missing": ("walks", [("unit", "school", "metres"), ("a", "S1", 3)], "lacks the walk"),
    "walk twice": ("walks", [("unit", "school", "metres"), ("a", "S1", 3), ("a", "S1", 3)], "twice"),
    "walk not a number": ("walks", [("unit", "school", "metres"), ("a", "S1", "far")], "“far”"),
    "walk beyond reckoning": ("walks", [("unit", "school", "metres"), ("a", "S1", "1e300")], "from 0 to 1e12"),
    "walk with a field too many": ("walks", [("unit", "school", "metres"), ("a", "S1", 3, 5)], "row 2 has 4 fields"),
    "walk to nowhere": ("walks", [("unit", "school", "metres"), ("a", "S9", 3)], "no school “S9”"),
    "current school unknown": ("current", [("unit", "school"), ("a", "S9")], "no school “S9”"),
    "lock to two": ("locks", [("unit", "school"), ("b", "S1"), ("b", "S2")], "locked to two"),
    "lock of an own unit": ("locks", [("unit", "school"), ("a", "S2")], "is the own unit"),
}


@pytest.mark.parametrize("name", TABLE_ERRORS)
def test_a_wrong_table_is_refused(tmp_path: Path, name: str) -> None:
    table, rows, complaint = TABLE_ERRORS[name]
    with pytest.raises(ZoningInputError) as error:
        Problem.read(write(tmp_path, {**LINE, table: rows}))
    assert complaint in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"units": LINE["units"], "schools": LINE["schools"]})
    with pytest.raises(ZoningInputError, match=r"adjacency\.csv is missing"):
        Problem.read(tmp_path)
    with pytest.raises(ZoningInputError, match="no problem folder"):
        Problem.read(tmp_path / "nowhere")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path, LINE)
    (tmp_path / "units.csv").write_bytes("unit,demand\n单元,1\n".encode("gb18030"))
    with pytest.raises(ZoningInputError, match="UTF-8"):
        Problem.read(tmp_path)


def test_distance_without_places_is_refused(tmp_path: Path) -> None:
    units = [("unit", "demand"), ("a", 1), ("b", 1), ("c", 1), ("d", 1)]
    with pytest.raises(ZoningInputError, match=r"walks\.csv"):
        Problem.read(write(tmp_path / "1", {**LINE, "units": units}))
    unweighted = Problem.read(write(tmp_path / "2", {**LINE, "units": units}, "[weights]\nbalance = 1\n"))
    assert unweighted.walks is None


def test_walks_with_blanks_around_them_are_the_same_walks(tmp_path: Path) -> None:
    pairs = [(unit, school, 7) for unit in "abcd" for school in ("S1", "S2")]
    plain = write(tmp_path / "plain", {**LINE, "walks": [("unit", "school", "metres"), *pairs]})
    spaced = [(" unit", "school ", " metres"), *((f" {unit}", f"{school} ", " 7 ") for unit, school, _ in pairs)]
    blanks = write(tmp_path / "blanks", {**LINE, "walks": spaced})
    assert Problem.read(blanks).fingerprint == Problem.read(plain).fingerprint
