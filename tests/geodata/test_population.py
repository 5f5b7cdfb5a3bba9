"""Population in the forms that offices keep it in: rasters, grids, census areas, totals with a profile."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS, Geod
from rasterio.transform import Affine

from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.reading import raster as rasters
from geodata.reading.reader import Reader
from geodata.recipe.source import read_sources
from geodata.recipe.table import Table
from geodata.roles.population import POPULATION, gather_population, read_age_groups
from tests.geodata.conftest import import_town
from tests.geodata.town import edit
from tests.paths import REAL_DATA, needs_real_data

ARUBA = REAL_DATA / "worldpop_aruba" / "abw_ppp_2020_UNadj_constrained.tif"
SHARES = {"age_groups": {"shares": {"0-4": 0.05, "5-9": 0.06}}}
METRES = CRS("EPSG:4551")
EAST, NORTH = 430_000.0, 4_750_000.0


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """A north-up transform (rasterio's own warns of the next version of affine)."""
    return Affine(width, 0, west, 0, -height, north)


def gathered(
    source: dict, crs: CRS, area: shapely.Geometry, ages: dict | None = None
) -> tuple[gpd.GeoDataFrame, Notes]:
    """One population source as the import reads it."""
    table = Table(Path("recipe.toml"), "", {"population": [source], **(SHARES if ages is None else ages)})
    notes = Notes()
    folder = Path("/")
    sources = read_sources(table, POPULATION, folder)
    return gather_population(sources, read_age_groups(table, folder), Reader(crs, area, notes)), notes


def everywhere(path: Path, crs: CRS) -> shapely.Geometry:
    """The whole extent of a raster in the city's CRS, a little larger."""
    with rasterio.open(path) as raster:
        box = gpd.GeoSeries([shapely.box(*raster.bounds)], crs=raster.crs)
    return box.to_crs(crs).iloc[0].buffer(1000)


def write_raster(
    path: Path, values: np.ndarray, nodata: float | None = -99999, crs: str = "EPSG:4551", pixel: float = 100
) -> Path:
    """A raster whose north-west corner is (EAST, NORTH)."""
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype,
        crs=crs, transform=from_origin(EAST, NORTH, pixel, pixel), nodata=nodata,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return path


def raster_source(path: Path, unit: str = "count", **more: object) -> dict:
    return {"path": str(path), "datum": "EPSG:4551", "unit": unit, **more}


def in_pixels(west: float, north: float, east: float, south: float, pixel: float = 100) -> shapely.Geometry:
    """A box by columns and rows of the raster."""
    return shapely.box(EAST + west * pixel, NORTH - south * pixel, EAST + east * pixel, NORTH - north * pixel)


@pytest.mark.realdata
@needs_real_data("worldpop_aruba")
def test_everybody_of_a_real_raster_is_read() -> None:
    crs = CRS("EPSG:32619")
    source = {"path": str(ARUBA), "datum": "WGS 84", "unit": "count"}
    people, notes = gathered(source, crs, everywhere(ARUBA, crs))
    assert people["count"].sum() == pytest.approx(106_766, abs=0.5)
    assert len(people) == 9352
    assert people["age_7"].sum() == pytest.approx(106_766 * 0.06 / 5, rel=1e-4)
    note = notes.sources[0]
    assert note.kept == 9352
    assert note.read == note.kept + sum(note.dropped.values())


@pytest.mark.realdata
@needs_real_data("worldpop_aruba")
def test_density_in_degrees_gives_the_people_back(tmp_path: Path) -> None:
    """Counts divided by geodesic areas of the pixels, read as a density, are the counts again."""
    crs, path = CRS("EPSG:32619"), tmp_path / "density.tif"
    geod = Geod(ellps="WGS84")
    with rasterio.open(ARUBA) as raster:
        counts, profile, transform = raster.read(1).astype(float), raster.profile, raster.transform
    corners = [[transform @ (x, row + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))] for row in range(len(counts))]
    areas = np.array([abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0]) for ring in corners]) / 1e6
    density = np.where(counts > 0, counts / areas[:, None], -99999)
    with rasterio.open(path, "w", **{**profile, "dtype": "float64"}) as raster:
        raster.write(density, 1)
    source = {"path": str(path), "datum": "WGS 84", "unit": "per_km2"}
    people, _ = gathered(source, crs, everywhere(path, crs))
    assert people["count"].sum() == pytest.approx(counts[counts > 0].sum(), rel=1e-6)


def test_a_density_in_web_mercator_counts_true_areas(tmp_path: Path) -> None:
    """At 60° north a pixel of web Mercator covers about a quarter of its nominal area."""
    crs, path = CRS("EPSG:32633"), tmp_path / "mercator.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=1, width=1, count=1, dtype="float32", crs="EPSG:3857",
        transform=from_origin(1_669_792, 8_399_737, 1000, 1000),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, 1), 1000, dtype=np.float32), 1)
    source = {"path": str(path), "datum": "EPSG:3857", "unit": "per_km2"}
    people, _ = gathered(source, crs, everywhere(path, crs))
    assert people["count"].sum() == pytest.approx(250, rel=0.01)


@pytest.mark.parametrize("hole", [-99999.0, -9999.0, -3.4028234663852886e38, float("nan")])
def test_nodata_is_nobody(tmp_path: Path, hole: float) -> None:
    values = np.full((4, 4), 10.0)
    values[0, :2] = hole
    path = write_raster(tmp_path / "p.tif", values, nodata=hole)
    people, notes = gathered(raster_source(path), METRES, in_pixels(-1, -1, 5, 5))
    assert people["count"].tolist() == [10.0] * 14
    assert notes.sources[0].dropped == {"cells without people": 2}
    assert not notes.doubts


def test_nodata_that_the_file_does_not_declare_is_nobody_and_said(tmp_path: Path) -> None:
    values = np.full((4, 4), 10.0)
    values[0, 0], values[1, 1] = -99999, -9999
    path = write_raster(tmp_path / "p.tif", values, nodata=None)
    people, notes = gathered(raster_source(path), METRES, in_pixels(-1, -1, 5, 5))
    assert people["count"].sum() == 140
    message, said = notes.doubts[0]
    assert "below 0" in message
    assert said["values"] == "-99999, -9999"


def test_refuses_a_huge_value_that_stands_for_nodata(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.array([[10.0, 3.4e38]]), nodata=None)
    with pytest.raises(GeodataInputError, match="does not declare it"):
        gathered(raster_source(path), METRES, in_pixels(-1, -1, 5, 5))


def test_a_cell_belongs_to_the_city_that_holds_its_centre(tmp_path: Path) -> None:
    """The boundary runs through the middle column at 40 %: its centres are outside, the cut cells left out whole."""
    path = write_raster(tmp_path / "p.tif", np.full((3, 3), 8.0))
    left, notes = gathered(raster_source(path), METRES, in_pixels(0, 0, 1.4, 3))
    right, _ = gathered(raster_source(path), METRES, in_pixels(1.4, 0, 3, 3))
    assert left["count"].sum() == 24
    assert right["count"].sum() == 48
    assert notes.sources[0].dropped == {"outside the city": 6}


def test_cells_that_the_boundary_cuts_are_said(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((3, 3), 8.0))
    _, notes = gathered(raster_source(path), METRES, in_pixels(0, 0, 1.6, 3))
    message, said = notes.doubts[0]
    assert "the boundary cuts" in message
    assert (said["count"], said["people"]) == (3, 24.0)


def test_scale_and_offset_of_the_file_are_used(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((2, 2), 5, dtype=np.int16), nodata=-1)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.5,), (1.0,)
    people, _ = gathered(raster_source(path), METRES, in_pixels(-1, -1, 5, 5))
    assert people["count"].tolist() == [3.5] * 4


def test_a_raster_with_its_south_on_top_is_the_same(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(3, 4)
    path = write_raster(tmp_path / "p.tif", values)
    with rasterio.open(
        tmp_path / "south.tif", "w", driver="GTiff", height=3, width=4, count=1, dtype="float64", crs="EPSG:4551",
        transform=Affine(100, 0, EAST, 0, 100, NORTH - 300),
    ) as raster:  # fmt: skip
        raster.write(values[::-1], 1)
    area = in_pixels(0.2, 0.2, 2.8, 2.8)
    north, _ = gathered(raster_source(path), METRES, area)
    south, _ = gathered(raster_source(tmp_path / "south.tif"), METRES, area)
    assert north["count"].sum() == south["count"].sum() == values[:, :3].sum()
    order = [cells.sort_values("count", ignore_index=True).geometry for cells in (north, south)]
    assert order[0].geom_equals(order[1]).all()


def test_the_band_is_the_recipe_s(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=2, width=2, count=2, dtype="float64", crs="EPSG:4551",
        transform=from_origin(EAST, NORTH, 100, 100),
    ) as raster:  # fmt: skip
        raster.write(np.full((2, 2), 1.0), 1)
        raster.write(np.full((2, 2), 3.0), 2)
    people, _ = gathered(raster_source(path, band=2), METRES, in_pixels(-1, -1, 5, 5))
    assert people["count"].sum() == 12
    with pytest.raises(GeodataInputError, match="has 2 bands; name the one"):
        gathered(raster_source(path), METRES, in_pixels(-1, -1, 5, 5))


def test_the_pieces_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(7).random((70, 90)) * 10
    path = write_raster(tmp_path / "p.tif", values)
    area = in_pixels(3.3, 4.4, 77.7, 66.6)
    whole, _ = gathered(raster_source(path), METRES, area)
    monkeypatch.setattr(rasters, "PIECE", 16)
    pieced, _ = gathered(raster_source(path), METRES, area)
    assert sorted(whole["count"]) == sorted(pieced["count"])


def test_a_raster_larger_than_memory_does_not_have_to_fit(tmp_path: Path) -> None:
    """A sparse raster of 200,000 × 200,000 cells (320 GB of numbers) of which a city needs 30 × 30."""
    path = tmp_path / "country.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=200_000, width=200_000, count=1, dtype="float64", crs="EPSG:4551",
        transform=from_origin(EAST - 10_000_000, NORTH + 10_000_000, 100, 100), nodata=-99999,
        tiled=True, blockxsize=256, blockysize=256, sparse_ok=True, bigtiff="yes",
    ) as raster:  # fmt: skip
        raster.write(np.full((30, 30), 2.0), 1, window=rasterio.windows.Window(100_000, 100_000, 30, 30))
    tracemalloc.start()
    people, _ = gathered(raster_source(path), METRES, in_pixels(-100, -100, 2000, 2000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert people["count"].sum() == 1800
    assert peak < 100e6


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "needs the key unit"),
        ({"unit": "people"}, 'unit = "count"'),
        ({"unit": "count", "fields": {"count": "x"}}, "a raster .GeoTIFF. cannot have"),
        ({"unit": "count", "band": 2}, "1 bands"),
        ({"unit": "count", "datum": "EPSG:32619"}, "states the CRS EPSG:4551"),
    ],
)
def test_refuses_a_raster_that_the_recipe_does_not_fit(tmp_path: Path, source: dict, said: str) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((2, 2), 5.0))
    with pytest.raises(GeodataInputError, match=r"GeoTIFF|bands|CRS|unit") as caught:
        gathered({"path": str(path), "datum": "EPSG:4551", **source}, METRES, in_pixels(-1, -1, 5, 5))
    assert said.replace(".GeoTIFF.", "(GeoTIFF)") in str(caught.value)


def test_refuses_a_city_beside_the_raster(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((2, 2), 5.0))
    with pytest.raises(GeodataInputError, match="no cell with people inside"):
        gathered(raster_source(path), METRES, in_pixels(100, 100, 105, 105))


def test_refuses_a_raster_that_does_not_say_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", height=2, width=2, count=1, dtype="float64") as raster,
    ):
        raster.write(np.full((2, 2), 1.0), 1)
    with pytest.raises(GeodataInputError, match="does not say where it lies"):
        gathered(raster_source(path), METRES, in_pixels(0, 0, 5, 5))


def test_refuses_a_file_that_is_no_raster(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    path.write_bytes(b"not a raster")
    with pytest.raises(GeodataInputError, match="cannot be read"):
        gathered(raster_source(path), METRES, in_pixels(0, 0, 5, 5))


@pytest.mark.realdata
@needs_real_data("helsinki_grid")
def test_a_grid_of_polygons_is_read_as_areas() -> None:
    path = REAL_DATA / "helsinki_grid/helsinki_population_grid_2020.gpkg"
    box = gpd.GeoSeries([shapely.box(24.9, 60.15, 24.965, 60.18)], crs="EPSG:4326").to_crs("EPSG:3067").iloc[0]
    source = {"path": str(path), "datum": "WGS 84", "fields": {"count": "population"}}
    people, _ = gathered(source, CRS("EPSG:3067"), box)
    assert people["count"].sum() == 71_724
    assert len(people) == 92
    assert people["age_3"].sum() == pytest.approx(71_724 * 0.01)


BERLIN_GROUPS = {
    "0-5": "EW_U6", "6-13": "EW_6U14", "14-17": "EW_14U18", "18-24": "EW_18U25", "25-44": "EW_25U45",
    "45-64": "EW_45U65", "65-100": "EW_65plus",
}  # fmt: skip


@pytest.mark.realdata
@needs_real_data("berlin_catchments")
def test_census_areas_bring_their_age_groups_along() -> None:
    """The real file of 2012 carries no CRS; its coordinates are web Mercator, as the recipe says."""
    path = REAL_DATA / "berlin_catchments/RBS_OD_ESB_2012_12.geojson"
    source = {
        "path": str(path), "datum": "EPSG:3857", "fields": {"count": "EW_insgesa"}, "groups": BERLIN_GROUPS,
    }  # fmt: skip
    city = gpd.GeoSeries([shapely.box(13.0, 52.3, 13.8, 52.7)], crs="EPSG:4326").to_crs("EPSG:25833").iloc[0]
    people, _ = gathered(source, CRS("EPSG:25833"), city, {})
    assert len(people) == 339
    assert people["count"].sum() == 3_469_621
    assert people[[f"age_{age}" for age in range(6)]].to_numpy().sum() == pytest.approx(192_578)
    assert people[[f"age_{age}" for age in range(6, 14)]].to_numpy().sum() == pytest.approx(218_117)
    assert people["age_7"].sum() == pytest.approx(218_117 / 8)
    everybody = people[[f"age_{age}" for age in range(101)]].to_numpy().sum()
    assert everybody == pytest.approx(3_469_621)


@pytest.mark.parametrize("groups", [{"0-5": "a", "5-9": "b"}, {"5-3": "a"}, {"x": "a"}, {"0-200": "a"}])
def test_refuses_age_groups_that_are_none(groups: dict[str, str]) -> None:
    source = {"path": "areas.geojson", "datum": "WGS 84", "fields": {"count": "n"}, "groups": groups}
    with pytest.raises(GeodataInputError, match=r"has a group|both in"):
        gathered(source, METRES, in_pixels(0, 0, 5, 5), {})


def test_refuses_shares_of_more_than_everybody() -> None:
    with pytest.raises(GeodataInputError, match="together at most 1"):
        read_age_groups(Table(Path("r.toml"), "", {"age_groups": {"shares": {"0-9": 0.6, "10-19": 0.5}}}), Path("/"))


def test_a_town_from_a_raster_keeps_everybody(town: Path) -> None:
    """Cells of 100 m over the whole town: those with houses fill these, the others the ground of their units."""
    values = np.random.default_rng(3).random((8, 12)) * 50
    write_raster(town.parent / "people.tif", values, crs="EPSG:4551")
    with rasterio.open(town.parent / "people.tif", "r+") as raster:
        raster.transform = from_origin(EAST, NORTH + 800, 100, 100)
    source = '[[population]]\npath = "people.tif"\ndatum = "EPSG:4551"\nunit = "count"\n\n'
    shares = '[age_groups]\nshares = { "0-14" = 0.15 }\n\n[[schools]]'
    edit(town, lambda text: re.sub(r"\[\[population\]\].*?\n\n", source, text, flags=re.S))
    edit(town, lambda text: text.replace("[[schools]]", shares, 1))
    made = import_town(town)
    units = made.layers["units"]
    assert units["people"].sum() == pytest.approx(values.sum(), rel=1e-9)
    assert units["age_6"].sum() == pytest.approx(0.9 * values.sum() * 0.01, rel=1e-9)
    assert 0 < made.figures["people_on_buildings"] < values.sum()
    assert any("spread evenly over the ground of their area" in message for message, _ in made.notes.doubts)


def test_more_children_than_residents_are_doubted(town: Path) -> None:
    edit(town.parent / "compounds.geojson", lambda text: text.replace('"residents": 500.5', '"residents": 7.5'))
    said = [
        values["count"] for message, values in import_town(town).notes.doubts if "more than the residents" in message
    ]
    assert said == [4]
