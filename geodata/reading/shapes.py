"""Rows of a file with geometry as they stand in it: one path through GDAL for every format."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import shapely
from pyproj import CRS

from geodata.arrays import Bools, Indices, Shapes
from geodata.datum import Bounds, same_place
from geodata.errors import GeodataInputError
from geodata.reading.dbf import AS_BYTES, decoded, encoding_of
from geodata.reading.files import must_exist
from geodata.recipe.source import Source
from ledger.errors import Phrase

OSM_HEAD = "[general]\nclosed_ways_are_polygons=aeroway,amenity,boundary,building,landuse,leisure,natural,place,shop\n"
OSM_LAYERS = ("points", "lines", "multipolygons", "multilinestrings", "other_relations")

WHOLE_UP_TO = 64 << 20
"""Bytes: a smaller file is read whole, so that each of its rows can be accounted for."""
WHOLE_UP_TO_PBF = 16 << 20
"""The same for an OSM PBF, which unpacks to about ten times its size."""
WINDOWED = (".gpkg", ".shp", ".fgb", ".pbf", ".osm")
"""Formats of which GDAL reads a window without holding the rest; a GeoJSON, KML or DXF it holds anyway."""
SAMPLE = 20_000
"""Rows read of a file of which nothing lies in the window, to say what it looks like."""
NUMBERED = (".gpkg", ".pbf", ".osm")
"""Formats whose own number of a row (fid, OSM id) is the one that people look up."""


@dataclass(frozen=True)
class Opened:
    """Rows of a file: `rows` read (columns, `row`, `geometry`), how many the file has besides (None: unknown), its CRS.

    `stated` is the CRS as the file itself gives it, such as EPSG:4326, or empty.
    """

    rows: gpd.GeoDataFrame
    beyond: int | None
    stated: str = ""


def read_shapes(source: Source, window: Bounds | None = None) -> Opened:
    """A file with geometry: the columns that the recipe names, `row` and `geometry` (None where the file has none).

    A large file is read only in `window` (in the file's coordinates); if nothing lies there, a sample of it is read
    instead, from which the reader can tell what is wrong. `row` counts from 1, but is the fid of a GeoPackage and the
    id in OSM data. The geometry has no CRS yet: the recipe's datum decides. In an OSM PBF, where broken ways at the
    edge of an extract are usual, an unreadable geometry becomes None too.

    Raises:
        GeodataInputError: the file, layer or a column is missing or unreadable, the file states another CRS, or holds a
            broken geometry.
    """
    must_exist(source.path)
    info = _info(source)
    stated = _stated_crs(source, info["crs"])
    names = _names(source, info)
    check_fields(source, [*names.values()] or [str(name) for name in info["fields"]])
    part = window if window is not None and _is_large(source.path) else None
    fids, shapes, columns = _raw(source, names, bbox=part)
    if shapes is None:
        raise GeodataInputError("%(file)s has no geometry, but the recipe needs it there.", file=source.label)
    if part is not None and not len(fids):
        fids, shapes, columns = _raw(source, names, max_features=SAMPLE)
    table = pd.DataFrame(columns)
    table["row"] = _row_numbers(source.path, fids)
    geometry = _parsed(source, shapes, table["row"].to_numpy())
    if source.path.suffix.lower() == ".dxf" and "Text" in table:
        table["Text"] = _with_labels(table["Text"], geometry)
    beyond = None if info["features"] < 0 else max(0, int(info["features"]) - len(table))
    return Opened(gpd.GeoDataFrame(table, geometry=geometry), beyond if part is not None else 0, stated)


def check_fields(source: Source, present: list[str]) -> None:
    """Refuse a recipe that names a field which the file does not have.

    Raises:
        GeodataInputError: naming the field and the first of those that are there.
    """
    reserved = sorted({"row", "geometry"} & set(source.named()) & set(present))
    if reserved:
        raise GeodataInputError(
            "%(file)s: a field called %(field)s cannot be read, because the import calls its own so; rename it.",
            file=source.label,
            field=reserved[0],
        )
    missing = [name for name in source.named() if name not in present]
    if missing:
        raise GeodataInputError(
            "%(file)s has no field %(field)s, which the recipe names for %(role)s; it has %(present)s.",
            file=source.label,
            field=missing[0],
            role=source.role,
            present=", ".join(present[:30]),
        )


def _is_large(path: Path) -> bool:
    limit = WHOLE_UP_TO_PBF if path.suffix.lower() == ".pbf" else WHOLE_UP_TO
    return path.suffix.lower() in WINDOWED and path.stat().st_size > limit


def _is_osm(path: Path) -> bool:
    return path.name.lower().endswith((".osm.pbf", ".osm"))


def _is_shapefile(path: Path) -> bool:
    return path.suffix.lower() == ".shp"


def _row_numbers(path: Path, fids: Any) -> Indices:
    numbers = np.asarray(fids, dtype=np.int64)
    if path.suffix.lower() in NUMBERED:
        return numbers
    if path.suffix.lower() in WINDOWED:
        return numbers + 1
    return np.arange(1, len(numbers) + 1)


def _info(source: Source) -> dict[str, Any]:
    """What the file says of itself; OSM data is always in WGS 84, has the tags asked for, and counts nothing."""
    if _is_osm(source.path):
        _check_layer(source, OSM_LAYERS)
        return {"crs": "EPSG:4326", "fields": source.named(), "features": -1}
    with tempfile.TemporaryDirectory() as folder:
        info: dict[str, Any] = _asked(source, lambda options: pyogrio.read_info(source.path, **options), Path(folder))
        return info


def _raw(source: Source, names: dict[str, str], **part: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Fids, geometries as WKB, and the named columns."""
    wanted = [name for name, ours in names.items() if ours in source.named()]
    with tempfile.TemporaryDirectory() as folder:
        meta, fids, shapes, columns = _asked(
            source,
            lambda options: pyogrio.raw.read(source.path, columns=wanted, return_fids=True, **part, **options),
            Path(folder),
        )
    ours = {names[str(name)]: column for name, column in zip(meta["fields"], columns, strict=True)}
    if _is_shapefile(source.path):
        ours = {name: _texts(source, column) for name, column in ours.items()}
    return fids, shapes, ours


def _asked(source: Source, ask: Any, folder: Path) -> Any:
    """Ask GDAL, and say in our words what it cannot do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            if not _is_osm(source.path):
                _check_layer(source, [str(name) for name, _ in pyogrio.list_layers(source.path)])
            return ask(_options(source, folder))
        except UnicodeDecodeError as error:
            raise GeodataInputError(
                "%(file)s holds texts that are not UTF-8; save it as UTF-8.", file=source.label
            ) from error
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
            raise GeodataInputError(
                "%(file)s cannot be read: %(reason)s.", file=source.label, reason=_reason(str(error))
            ) from error


def _reason(said: str) -> Phrase:
    """GDAL's words; its commonest in ours."""
    if "not recognized as being in a supported file format" in said or "not recognized as a supported" in said:
        return Phrase("its content is of no format that is known here, or damaged")
    if "Unable to open" in said and (".shx" in said or ".SHX" in said):
        return Phrase("the .shx file that belongs to it is missing; a Shapefile is .shp, .shx, .dbf and .prj together")
    return Phrase("%(said)s", said=said.partition(";")[0].strip("."))


def _options(source: Source, folder: Path) -> dict[str, Any]:
    options: dict[str, Any] = {"layer": source.layer}
    if _is_osm(source.path):
        options["CONFIG_FILE"] = str(_osm_config(source, folder))
    if _is_shapefile(source.path):
        options["encoding"] = AS_BYTES
    elif source.encoding is not None:
        options["encoding"] = source.encoding
    return options


def _osm_config(source: Source, folder: Path) -> Path:
    """The OSM driver makes a column of each tag that its configuration names: here, those that the recipe names."""
    tags = ",".join(name for name in source.named() if name not in ("osm_id", "osm_way_id"))
    layers = (f"[{layer}]\nosm_id=yes\nattributes={tags}\n" for layer in OSM_LAYERS)
    path = folder / "osmconf.ini"
    path.write_text(OSM_HEAD + "attribute_name_laundering=no\n" + "".join(layers), encoding="utf-8")
    return path


def _names(source: Source, info: dict[str, Any]) -> dict[str, str]:
    """GDAL's name of each field and its name as people read it."""
    names = [str(name) for name in info["fields"]]
    if not _is_shapefile(source.path):
        return {name: name for name in names}
    encoding = encoding_of(source.path, source.encoding)
    return {name: _text(source, name, encoding) for name in names}


def _texts(source: Source, column: Any) -> Any:
    if column.dtype != object:
        return column
    encoding = encoding_of(source.path, source.encoding)
    known = {raw: _text(source, raw, encoding) for raw in pd.unique(column) if isinstance(raw, str)}
    return np.array([known.get(cell, cell) for cell in column], dtype=object)


def _text(source: Source, raw: str, encoding: str) -> str:
    try:
        return decoded(raw, encoding)
    except UnicodeDecodeError as error:
        raise GeodataInputError(
            "%(file)s holds texts that are not %(encoding)s; correct its .cpg file, or name the encoding in the "
            'recipe, for example encoding = "GBK".',
            file=source.label,
            encoding=encoding,
        ) from error


def _check_layer(source: Source, layers: Sequence[str]) -> None:
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


def _stated_crs(source: Source, stated: Any) -> str:
    """GeoJSON and many exports say WGS 84 whatever they hold: that label may stand beside another datum."""
    if stated is None:
        return ""
    label = CRS.from_user_input(stated)
    said = label.to_string() if label.to_epsg() is None else f"EPSG:{label.to_epsg()}"
    if label.to_epsg() == 4326 or same_place(label, source.datum):
        return said if label.to_epsg() is not None else label.name
    raise GeodataInputError(
        "%(file)s states the CRS %(stated)s, but the recipe gives it the datum %(datum)s; correct one of them.",
        file=source.label,
        stated=said,
        datum=source.datum,
    )


def _parsed(source: Source, shapes: Any, rows: Indices) -> Shapes:
    with np.errstate(invalid="ignore"):
        geometry: Shapes = shapely.from_wkb(shapes, on_invalid="ignore")
    broken = np.array([shape is not None for shape in shapes], dtype=bool) & (geometry == None)  # noqa: E711
    points, of = shapely.get_coordinates(geometry, return_index=True)
    broken[of[~np.isfinite(points).all(axis=1)]] = True
    if not _is_osm(source.path):
        _refuse_broken(source, broken | _null_but_written(source.path, geometry), rows)
    flat: Shapes = shapely.force_2d(geometry)
    if source.axes == "north-east":
        flat = shapely.transform(flat, lambda places: places[:, ::-1])
    return _closed(flat) if source.path.suffix.lower() == ".dxf" else flat


def _closed(shapes: Shapes) -> Shapes:
    """A drawing has no polygons: its closed polylines are the parcels."""
    rings = (shapely.get_type_id(shapes) == 1) & shapely.is_closed(shapes) & (shapely.get_num_points(shapes) > 3)
    shapes[rings] = shapely.polygons(
        shapely.linearrings(shapely.get_coordinates(shapes[rings]), indices=_owners(shapes[rings]))
    )
    return shapes


def _owners(shapes: Shapes) -> Indices:
    owners: Indices = np.repeat(np.arange(len(shapes)), shapely.get_num_coordinates(shapes))
    return owners


def _with_labels(texts: pd.Series[str], shapes: Shapes) -> pd.Series[str]:
    """The text of a parcel is the one label that is drawn inside it."""
    labels = np.flatnonzero((shapely.get_dimensions(shapes) == 0) & texts.notna())
    parcels = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    inside = shapely.STRtree(shapes[labels]).query(shapes[parcels], predicate="contains")
    owner, once = np.unique(inside[0], return_index=True)
    alone = np.bincount(inside[0], minlength=len(parcels))[owner] == 1
    found = texts.copy()
    found.iloc[parcels[owner[alone]]] = texts.iloc[labels[inside[1][once[alone]]]].to_numpy()
    return found


def _null_but_written(path: Path, geometry: Any) -> Bools:
    """GDAL turns a GeoJSON geometry that it cannot parse into none; the file itself tells which were really empty."""
    missing = np.asarray(geometry) == None  # noqa: E711
    if path.suffix not in (".geojson", ".json") or not missing.any():
        return np.zeros(len(missing), dtype=bool)
    features = json.loads(path.read_bytes()).get("features", [])
    if len(features) != len(missing):
        return np.zeros(len(missing), dtype=bool)
    written = np.array([feature.get("geometry") is not None for feature in features], dtype=bool)
    return np.asarray(missing & written, dtype=bool)


def _refuse_broken(source: Source, broken: Any, rows: Indices) -> None:
    found = np.flatnonzero(np.asarray(broken))
    if len(found):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the geometry cannot be read (%(count)s such rows); repair or remove it.",
            file=source.label,
            row=int(rows[found[0]]),
            count=len(found),
        )
