"""Streets by their tags: layers, private ways, bridges over barriers; and what is done where no street leads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geodata.errors import GeodataInputError
from geodata.importing import Made
from geodata.recipe.recipe import read_recipe
from geodata.streets.passages import passages, walkable_lines
from tests.geodata.conftest import import_town
from tests.geodata.town import RIVER_Y, SCHOOLS, Feature, edit, streets, write_schools, write_shapes

TAGS = (
    'fields = { name = "name", kind = "kind", bridge = "bridge", tunnel = "tunnel", layer = "layer", '
    'access = "access", foot = "foot" }'
)
BRIDGE = "南北3路"


def tagged(town: Path, tags: dict[str, dict[str, Any]], more: list[Feature] | None = None) -> Path:
    """The town with tags on streets of some names, all of them read."""
    blank = {"bridge": "", "tunnel": "", "layer": "", "access": "", "foot": ""}
    listed = [(shape, {**values, **blank, **tags.get(values["name"], {})}) for shape, values in streets()]
    listed += [(shape, {**blank, **values}) for shape, values in more or []]
    write_shapes(town.parent / "streets.geojson", listed)
    edit(town, lambda text: text.replace('fields = { name = "name", kind = "kind" }', TAGS))
    return town


def walk(made: Made, unit: str, school: str) -> float:
    units, walks = made.layers["units"].set_index("name"), made.layers["walks"].set_index(["unit", "school"])
    return float(walks["metres"][units["unit"][unit], school])


def doubts(made: Made, part: str) -> list[dict[str, object]]:
    return [values for message, values in made.notes.doubts if part in message]


def test_a_bridge_by_its_tag_is_walked_and_opens_the_border(town: Path, made: Made) -> None:
    again = import_town(tagged(town, {BRIDGE: {"bridge": "yes"}}))
    assert walk(again, "家园20", "P1") == pytest.approx(walk(made, "家园20", "P1"))
    assert again.layers["adjacency"]["barrier"].sum() == made.layers["adjacency"]["barrier"].sum() == 0


@pytest.mark.parametrize(("tunnel", "cut"), [("yes", 0), ("culvert", 0), ("no", 1), ("building_passage", 1)])
def test_a_tunnel_by_its_tag_passes_the_river_and_a_passage_through_a_house_does_not(
    town: Path, tunnel: str, cut: int
) -> None:
    again = import_town(tagged(town, {BRIDGE: {"tunnel": tunnel}}))
    assert len(doubts(again, "is cut by a barrier")) == cut
    assert again.layers["adjacency"]["barrier"].sum() == 2 * cut


@pytest.mark.parametrize(("no_walk", "shorter"), [("[]", True), ('["steps"]', False)])
def test_steps_are_a_way_for_walkers_unless_the_recipe_shuts_them(
    town: Path, made: Made, no_walk: str, shorter: bool
) -> None:
    """Steps lead straight from the corner of 家园10 to the first school."""
    stairs = shapely.LineString([(200, 200), (400, 0)]), {"name": "", "kind": "steps"}
    recipe = tagged(town, {BRIDGE: {"bridge": "yes"}}, [stairs])
    edit(recipe, lambda text: text.replace(TAGS, f'{TAGS}\nno_block = ["steps"]\nno_walk = {no_walk}'))
    ways = walk(import_town(recipe), "家园10", "P1"), walk(made, "家园10", "P1")
    assert ways[0] < ways[1] - 20 if shorter else ways[0] == pytest.approx(ways[1])


def test_a_street_drawn_over_the_river_without_a_bridge_is_cut(town: Path, made: Made) -> None:
    again = import_town(tagged(town, {}))
    assert doubts(again, "is cut by a barrier") == [{"count": 1}]
    assert again.layers["adjacency"]["barrier"].sum() == 2, "both borders over the river are shut"
    assert walk(again, "家园20", "P1") > walk(made, "家园20", "P1")


def test_a_town_in_two_pieces_has_every_walk_and_says_which_are_none(town: Path) -> None:
    made = import_town(tagged(town, {}))
    walks = made.layers["walks"]
    assert walks["metres"].notna().all()
    (lost,) = doubts(made, "have no way on streets")
    assert (lost["schools"], lost["ids"]) == (3, "J1, P1, P2")
    assert lost["units"] == len(made.layers["units"])
    north = made.layers["units"].set_index("unit").geometry.centroid.y > 4_750_000 + RIVER_Y
    across = north[walks["unit"]].to_numpy() != (walks["school"] == "P2").to_numpy()
    assert walks["metres"][across].min() > walks["metres"][~across].max()


def test_a_private_way_is_not_walked_but_where_walkers_may(town: Path, made: Made) -> None:
    private = import_town(tagged(town, {BRIDGE: {"bridge": "yes"}, "东西1路": {"access": "private"}}))
    allowed = import_town(
        tagged_again(town, {BRIDGE: {"bridge": "yes"}, "东西1路": {"access": "private", "foot": "yes"}})
    )
    assert doubts(private, "private or shut to walkers")[0]["count"] == 1
    assert not doubts(allowed, "private or shut to walkers")
    before = made.layers["walks"]["metres"].sum()
    assert allowed.layers["walks"]["metres"].sum() == pytest.approx(before)
    assert private.layers["walks"]["metres"].sum() > before + 1000


def tagged_again(town: Path, tags: dict[str, dict[str, Any]]) -> Path:
    edit(town, lambda text: text.replace(TAGS, 'fields = { name = "name", kind = "kind" }'))
    return tagged(town, tags)


@pytest.mark.parametrize("foot", ["no", "private"])
def test_a_way_shut_to_walkers(town: Path, foot: str) -> None:
    assert doubts(import_town(tagged(town, {"东西1路": {"foot": foot}})), "shut to walkers")[0]["count"] == 1


@pytest.mark.parametrize(
    ("tags", "meets"),
    [
        ({}, True),
        ({"layer": "1"}, False),
        ({"layer": "-1"}, False),
        ({"bridge": "yes"}, False),
        ({"bridge": "no"}, True),
    ],
)
def test_a_street_over_others_meets_them_only_on_their_layer(town: Path, tags: dict[str, str], meets: bool) -> None:
    over = shapely.LineString([(100, 50), (100, 450)])
    made = import_town(tagged(town, {BRIDGE: {"bridge": "yes"}}, [(over, {"name": "过街路", "kind": "支路", **tags})]))
    assert bool(doubts(made, "no common vertex")) == meets


def frame(line: list[tuple[float, float]], graded: bool, layer: int = 0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"walkable": [True], "layer": layer, "graded": graded}, geometry=[shapely.LineString(line)])


RAILWAY = gpd.GeoDataFrame({"layer": [0]}, geometry=[shapely.LineString([(0, 0), (100, 0)])])


@pytest.mark.parametrize(
    ("street", "across"),
    [
        (frame([(50, -50), (50, 50)], graded=False), True),
        (frame([(50, -50), (50, 50)], graded=True), False),
        (frame([(50, -50), (50, 50)], graded=True, layer=1), True),
        (frame([(50, -50), (50, 0), (50, 50)], graded=True), True),
    ],
)
def test_a_street_gets_across_a_railway_by_bridge_or_level_crossing(street: gpd.GeoDataFrame, across: bool) -> None:
    met = passages(street, RAILWAY)
    assert met.across.tolist() == [across]
    lines, layers = walkable_lines(street, met)
    assert len(lines) == len(layers) == (1 if across else 2)


def test_reach_of_the_recipe(town: Path) -> None:
    edit(town, lambda text: text + "\n[walks]\nreach = 20\n")
    assert read_recipe(town).reach == 20
    (far,) = doubts(import_town(town), "from a walkable street")
    assert far["reach"] == 20
    assert re.match(r"U\d+", str(far["units"]))


@pytest.mark.parametrize("text", ["reach = 0", "reach = 6000", "reach = inf", 'reach = "far"'])
def test_a_reach_that_cannot_be_meant(town: Path, text: str) -> None:
    edit(town, lambda before: f"{before}\n[walks]\n{text}\n")
    with pytest.raises(GeodataInputError, match="reach"):
        read_recipe(town)


def test_a_radius_that_cannot_be_meant(town: Path) -> None:
    edit(town, lambda text: text.replace("ages = [6]", "ages = [6]\nradius = 0"))
    with pytest.raises(GeodataInputError, match="needs radius in metres"):
        read_recipe(town)


def test_a_school_beyond_the_reach_of_any_street(town: Path) -> None:
    write_schools(town.parent / "schools.csv", [*SCHOOLS, ("P4", "孤山小学", "小学", 500, 500 - 90, 2)])
    edit(town, lambda text: text + "\n[walks]\nreach = 5\n")
    assert import_town(town).layers["walks"]["metres"].notna().all()
