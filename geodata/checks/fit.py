"""Whether the city's metric CRS measures rightly where the city is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Proj

from geodata.datum import area_of, grids_at
from geodata.errors import GeodataInputError
from geodata.notes import Notes

WIDEST = 300_000.0
"""Metres: no city is wider, but an extract of two countries is."""

STRETCHED = 0.02
"""Part of a length by which a CRS may be off; a grid fitted to the city is off by 0.1 % at most."""


def check_fit(area: shapely.Geometry, crs: str, where: str, notes: Notes) -> None:
    """Doubt a CRS that is made for places beside the city; `area` is the city's, in it.

    Raises:
        GeodataInputError: the area is wider than any city, or lies far from where the CRS measures rightly.
    """
    west, south, east, north = area.bounds
    if not np.isfinite(area.bounds).all() or max(east - west, north - south) > WIDEST:
        raise GeodataInputError(
            "%(where)s: the city's boundary is over %(km)s km wide in %(crs)s; where a file covers several places, "
            "draw [boundary] around one of them and take a CRS fitted to it.",
            where=where,
            km=round(WIDEST / 1000),
            crs=crs,
        )
    west, south, east, north = area_of(crs)
    middle = area.centroid
    beside = max(west - middle.x, middle.x - east, south - middle.y, middle.y - north)
    lon, lat = gpd.GeoSeries([middle], crs=crs).to_crs(4326).iloc[0].coords[0]
    fitted = grids_at(lon, lat)[0]
    if beside <= 0:
        _refuse_stretched(lon, lat, crs, fitted, where)
        return
    if beside > east - west:
        raise GeodataInputError(
            "%(where)s: the city's boundary lies far from where %(crs)s measures rightly; check the order of its "
            "coordinates, or take %(fitted)s.",
            where=where,
            crs=crs,
            fitted=fitted,
        )
    notes.doubt(
        "The city's middle lies %(km).0f km beside the area for which %(crs)s is made, so that lengths are a little "
        "off; %(fitted)s fits better.",
        km=beside / 1000,
        crs=crs,
        fitted=fitted,
    )


def _refuse_stretched(lon: float, lat: float, crs: str, fitted: str, where: str) -> None:
    """Refuse a CRS in which a metre of ground is not a metre, as in that of web maps."""
    scale = Proj(crs).get_factors(lon, lat)
    off = max(abs(scale.meridional_scale - 1), abs(scale.parallel_scale - 1))
    if off > STRETCHED:
        raise GeodataInputError(
            "%(where)s: lengths in %(crs)s are %(percent).0f %% off where the city is; take %(fitted)s.",
            where=where,
            crs=crs,
            percent=100 * off,
            fitted=fitted,
        )
