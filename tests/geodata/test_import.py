"""The whole import: what it writes, the same again, all or nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from flask.testing import FlaskCliRunner

from geodata.city import MAPS, TABLES, City
from geodata.errors import GeodataError, GeodataInputError
from geodata.importing import Made
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, import_town
from tests.geodata.town import SCHOOLS, edit, write_schools, write_shapes
from tests.paths import CHECKOUT

WRITE = """
import sys
from pathlib import Path
from geodata.importing import make_city
from geodata.recipe.recipe import read_recipe
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS

made = make_city(read_recipe(Path(sys.argv[1])), lambda *step: None)
write_city(made, Path(sys.argv[2]), {}, SPEAKERS)
"""


def write_and_die(made: Made, out: Path, layers: int) -> None:
    """Write the city in this process and kill it before the layer number `layers` is written."""
    write, left = pyogrio.write_dataframe, [layers]

    def write_then_die(*arguments: Any, **options: Any) -> None:
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        write(*arguments, **options)

    pyogrio.write_dataframe = write_then_die
    write_city(made, out, {}, SPEAKERS)


def test_the_folder_holds_what_the_contract_names(city: City) -> None:
    assert sorted(path.name for path in city.folder.iterdir()) == [
        "city.gpkg",
        "city.toml",
        "report.en.html",
        "report.html",
        "report.json",
    ]
    assert (city.name, city.crs, city.school_year, city.synthetic) == ("柳河镇", "EPSG:4551", 2026, True)
    assert dict(city.levels) == {"primary": (6,), "junior": (12,)}
    for layer in (*MAPS, *TABLES):
        rows = getattr(city, layer)()
        assert len(rows) > 0, layer
        assert ("geometry" in rows) == (layer in MAPS)
    assert city.units().crs.to_epsg() == 4551


def test_schools_stand_in_units_and_have_their_seats(city: City) -> None:
    schools = city.schools().set_index("school")
    assert schools["capacity"].to_dict() == {"P1": 135, "P2": 180, "J1": 250}
    units = city.units().set_index("unit")
    for school in schools.itertuples():
        assert units.geometry[school.unit].contains(school.geometry)


def test_a_unit_of_a_shared_zone_has_two_current_schools(city: City) -> None:
    names = city.units().set_index("unit")["name"]
    current = city.current().assign(name=lambda rows: names[rows["unit"]].to_numpy())
    assert current[current["name"] == "家园25"]["school"].to_list() == ["P1", "P2"]
    assert current[current["name"] == "家园24"]["school"].to_list() == ["P2"]
    assert set(current["level"]) == {"primary"}


def test_a_school_outside_the_boundary_is_left_out_and_named(town: Path) -> None:
    outside = ("P9", "城外小学", "小学", 2500, 100, 2)
    write_schools(town.parent / "schools.csv", [*SCHOOLS, outside])
    made = import_town(town)
    assert "P9" not in set(made.layers["schools"]["school"])
    assert any("P9 城外小学" in str(values) for _, values in made.notes.doubts)


def test_a_zone_of_an_unknown_school_is_a_doubt(town: Path) -> None:
    zones = town.parent / "zones.geojson"
    zones.write_text(zones.read_text(encoding="utf-8").replace('"P1"', '"P7"'), encoding="utf-8")
    doubts = import_town(town).notes.doubts
    assert any(
        "schools that the city does not have" in message and values["schools"] == "P7" for message, values in doubts
    )


def test_two_schools_in_one_unit_are_a_doubt(town: Path) -> None:
    write_schools(town.parent / "schools.csv", [*SCHOOLS, ("P3", "第三小学", "小学", 880, 680, 2)])
    doubts = import_town(town).notes.doubts
    assert any(values.get("schools") == "P2, P3" for _, values in doubts)


def test_the_report_tells_every_row(city: City) -> None:
    report = json.loads((city.folder / "report.json").read_text(encoding="utf-8"))
    assert len(report["sources"]) == 9
    for source in report["sources"]:
        assert source["read"] == source["kept"] + sum(source["dropped"].values())
    assert report["figures"]["people_difference"] < 1e-6
    page = (city.folder / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "第一小学" in page
    for outside in ("http:", "https:", "<script", "<link", "<img", "@import", "url(h"):
        assert outside not in page


def test_a_year_beyond_the_data(city: City) -> None:
    with pytest.raises(
        GeodataInputError, match=r"no primary children of 2033: they are born after 2026 and its forecast"
    ):
        city.demand("primary", 2033)
    with pytest.raises(GeodataInputError, match=r"no junior children of 2023: that needs those aged 15 in 2026"):
        city.demand("junior", 2023)


def test_a_level_that_the_city_lacks(city: City) -> None:
    with pytest.raises(GeodataInputError, match="has no level senior; it has primary, junior"):
        city.demand("senior", 2026)


def test_a_folder_that_is_no_city(tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError, match="is no city folder"):
        City.open(tmp_path)


def test_a_damaged_city(tmp_path: Path, city: City) -> None:
    (tmp_path / "city.toml").write_text('name = "x"\n', encoding="utf-8")
    with pytest.raises(GeodataInputError, match="is damaged"):
        City.open(tmp_path)
    (tmp_path / "city.toml").write_bytes((city.folder / "city.toml").read_bytes())
    (tmp_path / "city.gpkg").write_bytes(b"SQLite format 3\x00 and no more")
    with pytest.raises(GeodataInputError, match="no readable layer units"):
        City.open(tmp_path).units()


def test_the_same_sources_give_the_same_city_whatever_the_hash_seed(sources: Path, city: City, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", WRITE, str(sources / "recipe.toml"), str(tmp_path / "city")]
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    subprocess.run(arguments, cwd=CHECKOUT, env=environment, check=True, capture_output=True)
    for path in sorted(city.folder.iterdir()):
        assert path.read_bytes() == (tmp_path / "city" / path.name).read_bytes(), path.name
    assert City.open(tmp_path / "city").fingerprint() == city.fingerprint()


def test_a_change_in_a_source_changes_the_fingerprint(
    town: Path, city: City, tmp_path: Path, cli: FlaskCliRunner
) -> None:
    edit(town.parent / "compounds.geojson", lambda text: text.replace('"age_6": 4', '"age_6": 5', 1))
    assert cli.invoke(args=["geodata", "import", str(town), "--out", str(tmp_path / "city")]).exit_code == 0
    assert City.open(tmp_path / "city").fingerprint() != city.fingerprint()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("layers_written", [0, 6])
def test_killed_import_leaves_no_half_city(made: Made, tmp_path: Path, layers_written: int) -> None:
    out = tmp_path / "cities" / "town"
    victim = multiprocessing.get_context("fork").Process(target=write_and_die, args=(made, out, layers_written))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert not out.exists()
    assert len(list(out.parent.iterdir())) == 1
    write_city(made, out, {}, SPEAKERS)
    assert len(City.open(out).units()) > 20
    assert [path.name for path in out.parent.iterdir()] == ["town"], "the killed import's scraps are swept away"


def test_full_disk_leaves_no_half_city(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "cities" / "town"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises((GeodataError, OSError)) as caught:
            write_city(made, out, {}, SPEAKERS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(caught.value, OSError) or "cannot be written" in str(caught.value) or "disk" in str(caught.value)
    assert list(out.parent.iterdir()) == []


def test_a_hidden_folder_of_somebody_else_is_not_swept_away(made: Made, tmp_path: Path) -> None:
    other = tmp_path / ".town.mynotes1"
    other.mkdir()
    (other / "letter.txt").write_text("keep", encoding="utf-8")
    write_city(made, tmp_path / "town", {}, SPEAKERS)
    assert (other / "letter.txt").exists()


def test_the_command_reports_as_json_and_refuses_to_overwrite(cli: FlaskCliRunner, town: Path, tmp_path: Path) -> None:
    arguments = ["geodata", "import", str(town), "--out", str(tmp_path / "city"), "--json"]
    result = cli.invoke(args=arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["city"]["synthetic"] is True
    assert report["run"]["seconds"] > 0
    before = (tmp_path / "city" / "city.gpkg").read_bytes()
    again = cli.invoke(args=arguments)
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert (tmp_path / "city" / "city.gpkg").read_bytes() == before


def test_data_folder_of_its_own(cli: FlaskCliRunner, town: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "elsewhere.toml"
    town.rename(recipe)
    arguments = ["geodata", "import", str(recipe), "--data", str(town.parent), "--out", str(tmp_path / "city")]
    result = cli.invoke(args=arguments)
    assert result.exit_code == 0, result.output
    assert "73 buildings" in result.output


def test_a_school_may_be_drawn_as_its_ground(town: Path) -> None:
    grounds = [
        (shapely.box(x - 20, y - 20, x + 20, y + 20), dict(id=school, name=name, classes=classes, stage=stage))
        for school, name, stage, x, y, classes in SCHOOLS
    ]
    write_shapes(town.parent / "schools.geojson", grounds)
    edit(town, lambda text: text.replace("schools.csv", "schools.geojson").replace(' x = "lon", y = "lat", cl', " cl"))
    schools = import_town(town).layers["schools"]
    assert (schools.geom_type == "Point").all()
    assert schools["school"].to_list() == ["J1", "P1", "P2"]


def test_a_city_without_railway_in_a_file_that_has_some_elsewhere(town: Path) -> None:
    river = shapely.LineString([(-50, 500), (1250, 500)]), {"kind": "河"}
    railway = shapely.LineString([(9_000, 0), (9_000, 800)]), {"kind": "铁路"}
    write_shapes(town.parent / "river.geojson", [river, railway])
    edit(
        town,
        lambda text: text.replace(
            'fields = { kind = "kind" }', 'only = { kind = ["铁路"] }\nfields = { kind = "kind" }'
        ),
    )
    note = next(note for note in import_town(town).notes.sources if note.role == "barriers")
    assert (note.kept, note.dropped["outside the city"]) == (0, 1)
    write_shapes(town.parent / "river.geojson", [railway])
    with pytest.raises(GeodataInputError, match=r"none of its 1 rows lies inside the city's boundary"):
        import_town(town)
