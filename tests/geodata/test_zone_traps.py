"""What zones of real cities hold: shared ones, empty ones, other names of schools, and homes older than their zones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import shapely

from geodata.importing import Made
from tests.geodata.conftest import import_town
from tests.geodata.town import RIVER_Y, SCHOOLS, write_schools, write_shapes


def with_zones(town: Path, *zones: tuple[shapely.Geometry, str]) -> Made:
    write_shapes(town.parent / "zones.geojson", [(shape, {"schools": schools}) for shape, schools in zones])
    return import_town(town)


def schools_of(made: Made) -> pd.Series:
    """Each unit's name and its current primary schools."""
    current, units = made.layers["current"], made.layers["units"].set_index("unit")
    schools = current[current["level"] == "primary"].groupby("unit")["school"].agg(",".join)
    return schools.reindex(units.index, fill_value="").groupby(units["name"]).first()


def doubt(made: Made, part: str) -> dict[str, object]:
    (values,) = [values for message, values in made.notes.doubts if part in message]
    return values


SOUTH, NORTH = shapely.box(0, 0, 1200, RIVER_Y), shapely.box(0, RIVER_Y, 1200, 800)


def test_two_schools_share_one_zone(town: Path) -> None:
    found = schools_of(with_zones(town, (SOUTH, "P1,P2"), (NORTH, "P2")))
    assert (found["家园10"], found["家园20"]) == ("P1,P2", "P2")


def test_a_zone_without_a_school(town: Path) -> None:
    made = with_zones(town, (SOUTH, "P1"), (NORTH, ""))
    found = schools_of(made)
    assert (found["家园10"], found["家园20"]) == ("P1", "")
    assert doubt(made, "have no current school")["units"] == int(
        (made.layers["units"].geometry.centroid.y > 4_750_500).sum()
    )


@pytest.mark.parametrize("name", ["第一小学", " 第一 小学", "辽源市第一小学", "第一小学“"])
def test_a_zone_calls_its_school_by_a_name_as_another_file_writes_it(town: Path, name: str) -> None:
    made = with_zones(town, (SOUTH, name), (NORTH, "P2"))
    assert schools_of(made)["家园10"] == "P1"
    assert f"{name.strip()} = P1" in str(doubt(made, "found by it")["schools"])
    assert made.layers["zones"]["schools"].tolist() == ["P1", "P2"]


def test_a_name_with_a_comma_in_it(town: Path) -> None:
    rows = [("P1", "Banken, Handel und Recht", *SCHOOLS[0][2:]), *SCHOOLS[1:]]
    write_schools(town.parent / "schools.csv", [(row[0], f'"{row[1]}"', *row[2:]) for row in rows])
    assert schools_of(with_zones(town, (SOUTH, "Banken, Handel und Recht"), (NORTH, "P2")))["家园10"] == "P1"


def test_a_name_that_fits_two_schools_is_not_guessed(town: Path) -> None:
    made = with_zones(town, (SOUTH, "小学"), (NORTH, "P2"))
    assert schools_of(made)["家园10"] == ""
    assert str(doubt(made, "schools that the city does not have")["schools"]).startswith("小学 (≈ ")


def test_a_name_that_fits_none_is_listed_with_the_most_similar(town: Path) -> None:
    made = with_zones(town, (SOUTH, "第七小学"), (NORTH, "P2"))
    listed = str(doubt(made, "schools that the city does not have")["schools"])
    assert listed.startswith("第七小学 (≈ ")
    assert "第一小学" in listed


def test_homes_that_a_new_zone_border_cuts_off_are_counted(town: Path) -> None:
    made = with_zones(town, (shapely.box(0, 0, 150, RIVER_Y), "P2"), (shapely.box(150, 0, 1200, RIVER_Y), "P1"))
    values = doubt(made, "live in another zone")
    assert 0 < float(str(values["people"])) < 1500
    assert schools_of(made)["家园10"] == "P2"
