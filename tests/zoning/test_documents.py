"""What the planner's map loads: streets by class in both languages, documents that are the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest

from geodata.city import City
from tests.zoning.bench import make_folders
from zoning.documents import city_document, light_units, members_of, pack, plan_document, street_class, unpack
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.publication import schools_of


@pytest.mark.parametrize(
    ("kind", "barrier", "drawn"),
    [
        ("river", True, "river"),
        ("河流", True, "river"),
        ("rail", True, "railway"),
        ("铁路", True, "railway"),
        ("motorway", True, "barrier"),
        ("motorway_link", False, "road"),
        ("主干道", False, "road"),
        ("residential", False, "street"),
        ("胡同", False, "street"),
        ("footway", False, ""),
        ("", False, "street"),
    ],
)
def test_streets_are_drawn_by_their_class(kind: str, barrier: bool, drawn: str) -> None:
    assert street_class(kind, barrier) == drawn


def test_documents_are_reproducible_and_lossless(tmp_path: Path) -> None:
    city_folder, problem_folder, plan_folder = make_folders(tmp_path)
    city, plan = City.open(city_folder), Plan.read(Problem.read(problem_folder), plan_folder)
    schools = schools_of(problem_folder, city)
    shown = plan_document(plan, plan.figures, light_units(city), schools)
    assert pack(shown) == pack(plan_document(plan, plan.figures, light_units(city), schools))
    assert unpack(pack(shown)) == json.loads(json.dumps(shown))
    assert [school.name for school in members_of(shown)] == [school.name for school in schools]
    assert len(unpack(pack(city_document(city)))["units"]["features"]) == 80


def test_a_river_given_by_its_banks_is_drawn_as_water(tmp_path: Path) -> None:
    city = City.open(make_folders(tmp_path)[0])
    before = {line["id"]: line["geometry"]["type"] for line in city_document(city)["backdrop"]["features"]}
    assert before == {"railway": "LineString", "river": "LineString", "street": "MultiLineString"}
    streets = city.streets()
    river = streets["kind"] == "river"
    streets.loc[river, "geometry"] = streets.loc[river].buffer(40).exterior
    pyogrio.write_dataframe(streets, city.folder / "city.gpkg", layer="streets")
    after = {line["id"]: line["geometry"]["type"] for line in city_document(city)["backdrop"]["features"]}
    assert after["water"] == "Polygon"
    assert "river" not in after
