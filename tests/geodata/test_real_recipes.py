"""The recipes of docs/recipes/ on the real files: Berlin's catchments of two years and the Bund in Shanghai."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner

from geodata.city import City
from tests.paths import CHECKOUT, REAL_DATA, needs_real_data

pytestmark = pytest.mark.realdata
SCHOOL_ADDRESSES = """[[addresses]]
path = "zh_catchment_text/shanghai_schools_catchment_text.csv"
datum = "WGS 84"
fields = { text = "address", x = "lon", y = "lat" }

"""
Imported = tuple[Any, str, City]


def imported(name: str, data: Path, out: Path, cli: FlaskCliRunner) -> Imported:
    """Report, English page and city of a recipe."""
    arguments = ["geodata", "import", str(CHECKOUT / f"docs/recipes/{name}.toml"), "--data", str(data)]
    result = cli.invoke(args=[*arguments, "--out", str(out)])
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return report, (out / "report.en.html").read_text(encoding="utf-8"), City.open(out)


@needs_real_data("berlin_catchments")
def test_berlin_of_two_years_whose_files_state_a_wrong_crs(tmp_path: Path, cli: FlaskCliRunner) -> None:
    report, page, city = imported("berlin", REAL_DATA / "berlin_catchments", tmp_path / "berlin", cli)
    assert report["figures"]["area_km2"] == pytest.approx(890.7, abs=0.1)
    assert report["figures"]["people_read"] == pytest.approx(3_469_621)
    assert report["figures"]["people_difference"] < 1e-9
    assert {(source["stated"], source["datum"]) for source in report["sources"]} == {
        ("EPSG:4326", "EPSG:25833"),
        ("EPSG:4326", "EPSG:3857"),
    }
    assert page.count("the file&#x27;s label was not believed") == 3
    assert len(city.units()) == len(city.zones()) == 346
    changes = report["figures"]["zone_changes"]["primary"]
    assert (changes["before"], changes["after"]) == (2017, 2018)
    assert (changes["zones_before"], changes["zones_after"]) == (338, 346)
    kinds = {change["after"]: change["kind"] for change in changes["zones"]}
    assert kinds["0112"] == "new"
    assert kinds["0105"] == "elsewhere", "the district Mitte gave old numbers to other ground"
    assert 60e6 < changes["area_moved"] < 75e6
    assert "Berlin cannot be planned yet." in page


@needs_real_data("shanghai_osm_zh")
@needs_real_data("zh_catchment_text")
def test_shanghai_without_people_and_seats(tmp_path: Path, cli: FlaskCliRunner) -> None:
    report, page, city = imported("shanghai", REAL_DATA, tmp_path / "shanghai", cli)
    assert report["figures"]["buildings"] > 1_300
    assert list(city.schools()["name"]) == ["上海市实验小学", "上海市北京东路小学", "上海市黄浦区四川南路小学"]
    verdict = re.search(r'<div class="verdict no">.*?</div>', page, flags=re.S)
    assert verdict is not None
    assert "There is no population" in verdict[0]
    assert "have no seats" in verdict[0]
    assert len(page) < 700_000


@needs_real_data("shanghai_osm_zh")
@needs_real_data("zh_catchment_text")
def test_the_unstated_datum_of_the_shanghai_schools_is_found_by_the_streets_of_their_addresses(
    tmp_path: Path, cli: FlaskCliRunner
) -> None:
    text = (CHECKOUT / "docs/recipes/shanghai.toml").read_text(encoding="utf-8").replace('"BD-09"', '"WGS 84"')
    recipe = tmp_path / "wrong.toml"
    recipe.write_text(re.sub(r"(?m)^\[\[addresses\]\].*?\n\n", SCHOOL_ADDRESSES, text, flags=re.S), encoding="utf-8")
    arguments = ["geodata", "import", str(recipe), "--data", str(REAL_DATA), "--out", str(tmp_path / "wrong"), "--json"]
    report = json.loads(cli.invoke(args=arguments).stdout)
    finding = next(found for found in report["figures"]["alignment"] if found["layer"] == "addresses")
    assert (finding["verdict"], finding["looks_like"]) == ("shifted", "BD-09")
    page = (tmp_path / "wrong/report.en.html").read_text(encoding="utf-8")
    assert "looks like BD-09" in page
    assert "Layers that may lie elsewhere" in page
