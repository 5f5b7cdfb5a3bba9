"""Rows of one source file as they stand in it: any format of GDAL, or CSV in the encodings that people save."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import shapely
from pyproj import CRS

from geodata.errors import GeodataInputError
from geodata.recipe.source import Source

OSM_HEAD = "[general]\nclosed_ways_are_polygons=aeroway,amenity,boundary,building,landuse,leisure,natural,place,shop\n"
OSM_LAYERS = ("points", "lines", "multipolygons", "multilinestrings", "other_relations")


def read_table(path: Path) -> pd.DataFrame:
    """A CSV file as texts, UTF-8 (with or without BOM) or GB18030; `row` counts from 2, as the header is row 1.

    Raises:
        GeodataInputError: it is missing, in another encoding, or its rows have more cells than its header.
    """
    must_exist(path)
    try:
        table = pd.read_csv(io.StringIO(_decoded(path)), dtype=str, keep_default_na=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise GeodataInputError("%(file)s is no readable CSV: %(reason)s.", file=path, reason=error) from error
    table.columns = table.columns.str.strip()
    table["row"] = np.arange(2, len(table) + 2)
    return table


def must_exist(path: Path) -> None:
    """Refuse a path at which there is no file."""
    if not path.is_file():
        raise GeodataInputError(
            "There is no file %(file)s; put it there, correct the recipe's path, or name its folder with --data.",
            file=path,
        )


def refuse_existing(out: Path) -> None:
    """Refuse, before the long work, a folder to be made that is there already.

    Raises:
        GeodataInputError: `out` is there already.
    """
    if out.exists():
        raise GeodataInputError("%(out)s is there already; choose another folder, or remove it first.", out=out)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise GeodataInputError("%(file)s is neither UTF-8 nor GB18030; save it as UTF-8.", file=path)


def read_shapes(source: Source) -> gpd.GeoDataFrame:
    """A file with geometry: its columns, `row` (counted from 1) and `geometry` (None where the file has none).

    The geometry has no CRS yet: the recipe's datum decides. In an OSM PBF, where broken ways at the edge of an extract
    are usual, an unreadable geometry becomes None too.

    Raises:
        GeodataInputError: the file or layer is missing or unreadable, states another CRS, or holds a broken geometry.
    """
    must_exist(source.path)
    meta, _, shapes, columns = _raw(source)
    _check_stated_crs(source, meta["crs"])
    if shapes is None:
        raise GeodataInputError("%(file)s has no geometry, but the recipe needs it there.", file=source.label)
    with np.errstate(invalid="ignore"):
        geometry = shapely.from_wkb(shapes, on_invalid="ignore")
    broken = np.array([shape is not None for shape in shapes], dtype=bool) & (geometry == None)  # noqa: E711
    points, of = shapely.get_coordinates(geometry, return_index=True)
    broken[of[~np.isfinite(points).all(axis=1)]] = True
    if not _is_osm(source.path):
        _refuse_broken(source, broken | _null_but_written(source.path, geometry))
    table = pd.DataFrame(dict(zip(meta["fields"], columns, strict=True)))
    table["row"] = np.arange(1, len(geometry) + 1)
    return gpd.GeoDataFrame(table, geometry=shapely.force_2d(geometry))


def _raw(source: Source) -> tuple[dict[str, Any], Any, Any, list[Any]]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        options = {"CONFIG_FILE": str(_osm_config(source, Path(folder)))} if _is_osm(source.path) else {}
        try:
            _check_layer(source)
            read: tuple[dict[str, Any], Any, Any, list[Any]] = pyogrio.raw.read(
                source.path, layer=source.layer, **options
            )
            return read
        except UnicodeDecodeError as error:
            raise GeodataInputError(
                "%(file)s holds texts that are not UTF-8; save it as UTF-8.", file=source.label
            ) from error
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
            raise GeodataInputError(
                "%(file)s cannot be read: %(reason)s.",
                file=source.label,
                reason=str(error).partition(";")[0].strip("."),
            ) from error


def _is_osm(path: Path) -> bool:
    return path.name.endswith((".osm.pbf", ".osm"))


def _osm_config(source: Source, folder: Path) -> Path:
    """The OSM driver makes a column of each tag that its configuration names: here, those that the recipe names."""
    tags = ",".join(name for name in source.named() if name not in ("osm_id", "osm_way_id"))
    layers = (f"[{layer}]\nosm_id=yes\nattributes={tags}\n" for layer in OSM_LAYERS)
    path = folder / "osmconf.ini"
    path.write_text(OSM_HEAD + "attribute_name_laundering=no\n" + "".join(layers), encoding="utf-8")
    return path


def _check_layer(source: Source) -> None:
    layers = [str(name) for name, _ in pyogrio.list_layers(source.path)]
    if source.layer is None and len(layers) != 1:
        raise GeodataInputError(
            "%(file)s has several layers (%(layers)s); name one with `layer` in the recipe.",
            file=source.label,
            layers=", ".join(layers),
        )
    if source.layer is not None and source.layer not in layers:
        raise GeodataInputError(
            "%(file)s has no layer %(layer)s; it has %(layers)s.",
            file=source.path.name,
            layer=source.layer,
            layers=", ".join(layers),
        )


def _check_stated_crs(source: Source, stated: Any) -> None:
    """GeoJSON and many exports say WGS 84 whatever they hold: that label may stand beside another datum."""
    if stated is None:
        return
    label = CRS.from_user_input(stated)
    named = {"CGCS2000": "EPSG:4490", "WGS 84": "EPSG:4326"}.get(source.datum, source.datum)
    offset = named in ("GCJ-02", "BD-09")
    same = not offset and label.equals(CRS.from_user_input(named), ignore_axis_order=True)
    if same or label.to_epsg() == 4326 or (offset and label.to_epsg() == 4490):
        return
    raise GeodataInputError(
        "%(file)s states the CRS %(stated)s, but the recipe gives it the datum %(datum)s; correct one of them.",
        file=source.label,
        stated=label.to_string() if label.to_epsg() is None else f"EPSG:{label.to_epsg()}",
        datum=source.datum,
    )


def _null_but_written(path: Path, geometry: Any) -> Any:
    """GDAL turns a GeoJSON geometry that it cannot parse into none; the file itself tells which were really empty."""
    missing = np.asarray(geometry) == None  # noqa: E711
    if path.suffix not in (".geojson", ".json") or not missing.any():
        return np.zeros(len(missing), dtype=bool)
    features = json.loads(path.read_bytes()).get("features", [])
    if len(features) != len(missing):
        return np.zeros(len(missing), dtype=bool)
    written = np.array([feature.get("geometry") is not None for feature in features], dtype=bool)
    return missing & written


def _refuse_broken(source: Source, broken: Any) -> None:
    rows = np.flatnonzero(np.asarray(broken))
    if len(rows):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the geometry cannot be read (%(count)s such rows); repair or remove it.",
            file=source.label,
            row=int(rows[0]) + 1,
            count=len(rows),
        )
