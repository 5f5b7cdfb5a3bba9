"""Writing a city folder: whole or not at all, and the same tables from the same sources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

from geodata.errors import GeodataError, GeodataInputError
from geodata.importing import Made
from geodata.report.html import Translate
from geodata.report.page import PAGES, pages
from geodata.report.values import report_of
from ledger.files import whole_folder

GDAL_OPTIONS = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z", "OGR_SQLITE_SYNCHRONOUS": "OFF"}
"""A GeoPackage stamps its layers with the time, which says nothing here; the folder is synced as a whole."""


def write_city(made: Made, out: Path, run: Mapping[str, Any], speakers: Mapping[str, Translate]) -> dict[str, Any]:
    """Write `city.toml`, `city.gpkg`, `report.json` and the report's pages to the new folder `out`; return the report.

    `run` says how the import went (seconds, memory) and is the only part of the report that may differ between runs.
    `speakers` gives the translation of each language that has a page (`PAGES`).

    Raises:
        GeodataInputError: `out` is there already.
        GeodataError: the disk did not take everything.
    """
    report = report_of(made, run)
    _sweep(out)
    try:
        with whole_folder(out) as folder:
            _write_layers(made.layers, folder / "city.gpkg")
            (folder / "city.toml").write_text(_toml(made.head), encoding="utf-8")
            text = json.dumps(report, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
            (folder / "report.json").write_text(text, encoding="utf-8")
            for name, page in pages(made, report, speakers).items():
                (folder / name).write_text(page, encoding="utf-8")
    except FileExistsError as error:
        raise GeodataInputError(
            "%(out)s is there already; choose another folder, or remove it first.", out=out
        ) from error
    return report


def _sweep(out: Path) -> None:
    """Remove what a killed import to the same folder left beside it: a hidden folder that holds only our files."""
    ours = {"city.gpkg", "city.gpkg-journal", "city.toml", "report.json", *PAGES.values()}
    for folder in sorted(out.parent.glob(f".{out.name}.*")):
        if folder.is_dir() and len(folder.suffix) == 9 and {file.name for file in folder.iterdir()} <= ours:
            shutil.rmtree(folder)


def _write_layers(layers: Mapping[str, pd.DataFrame], path: Path) -> None:
    with _gdal_options():
        try:
            for name, layer in layers.items():
                pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
            raise GeodataError("%(path)s cannot be written: %(reason)s.", path=path, reason=error) from error
    _check_written(layers, path)


def _check_written(layers: Mapping[str, pd.DataFrame], path: Path) -> None:
    """GDAL swallows some failures of the disk when it closes a file: count the rows again."""
    for name, layer in layers.items():
        try:
            rows = pyogrio.read_info(path, layer=name)["features"]
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
            rows = -1
        if rows != len(layer):
            raise GeodataError(
                "%(path)s was not written whole (layer %(layer)s); is the disk full?", path=path, layer=name
            )


@contextmanager
def _gdal_options() -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in GDAL_OPTIONS}
    pyogrio.set_gdal_config_options(GDAL_OPTIONS)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _toml(head: Mapping[str, Any]) -> str:
    """Just the TOML that a head needs; a JSON string, number or list is one in TOML too."""
    plain = {key: value for key, value in head.items() if not isinstance(value, Mapping)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    lines += [f"[levels.{name}]\nages = {json.dumps(level['ages'])}" for name, level in head["levels"].items()]
    lines += [
        "[datums]",
        *(f"{json.dumps(name, ensure_ascii=False)} = {json.dumps(value)}" for name, value in head["datums"].items()),
    ]
    return "\n".join(lines).replace("\x7f", "\\u007f") + "\n"  # TOML takes no bare DEL, JSON does
