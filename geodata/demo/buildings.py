"""Buildings: rows of slabs, towers, lane houses, sheds, each a rectangle that faces the way its street bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.demo.land import DWELLINGS, EAST, NORTH, SOUTH, WEST, Compound
from geodata.demo.layout import MAIN, SECONDARY
from geodata.demo.shape import Floats, Ints, Shape

PUBLIC_USE = {"shops": "商业", "office": "办公", "works": "工业", "campus": "教育", "school": "学校"}
"""Use, as the city's file words it, of a building that is no dwelling; dwellings are 住宅."""


@dataclass(frozen=True)
class Style:
    """How a compound of one use is built.

    `length`, `depth` of a building and the gaps between two along u and v in metres; lowest and highest number of
    storeys; share of building plots left open; residents per 100 m² of floor.
    """

    length: float
    depth: float
    gap_u: float
    gap_v: float
    storeys: tuple[int, int]
    open_share: float
    residents: float


STYLES = {
    "lanes": Style(17, 6.5, 4, 8, (1, 1), 0.12, 2.6),
    "village": Style(13, 8, 9, 15, (1, 2), 0.35, 1.6),
    "walkup": Style(44, 12.5, 10, 19, (4, 7), 0.2, 1.7),
    "midrise": Style(40, 14, 14, 28, (8, 11), 0.22, 1.45),
    "tower": Style(30, 18, 24, 44, (18, 30), 0.25, 1.15),
    "shops": Style(44, 30, 14, 16, (2, 9), 0.15, 0),
    "office": Style(50, 17, 18, 30, (4, 9), 0.25, 0),
    "works": Style(74, 34, 22, 26, (1, 2), 0.25, 0),
    "campus": Style(68, 18, 34, 46, (4, 6), 0.35, 0),
    "school": Style(52, 15, 14, 30, (3, 5), 0.35, 0),
}


@dataclass(frozen=True)
class Buildings:
    """All buildings, one row each.

    `place` (n, 2) plan centres; `extent` (n, 2) length and depth, metres; `storeys` (n,); `compound` (n,) index;
    `shop` (n,) 1 for the row of shops along a compound's front, `residents` (n,) expected people before scaling.
    """

    place: Floats
    extent: Floats
    storeys: Ints
    compound: Ints
    shop: Ints
    residents: Floats


def make_buildings(compounds: list[Compound], kinds: list[str], seed: int) -> Buildings:
    """Build every compound; `kinds` holds the kind of street at each compound's gate."""
    generator = np.random.default_rng([seed, 5])
    parts: list[Floats] = []
    for number, (compound, kind) in enumerate(zip(compounds, kinds, strict=True)):
        inside = compound.inside
        shops = kind in (MAIN, SECONDARY) and compound.use in ("walkup", "midrise", "tower")
        if shops and min(inside[2] - inside[0], inside[3] - inside[1]) > 45 and generator.random() < 0.6:
            rows, inside = shop_row(compound, generator)
            parts.append(np.column_stack([rows, np.full(len(rows), number)]))
        rows = plots(inside, compound.use, generator)
        parts.append(np.column_stack([rows, np.full(len(rows), number)]))
    return collect(np.concatenate(parts), compounds, generator)


def plots(inside: tuple[float, float, float, float], use: str, generator: np.random.Generator) -> Floats:
    """Return buildings in rows inside a plan rectangle: columns u, v, length, depth, storeys, shop; at least one."""
    style = STYLES[use]
    width, height = inside[2] - inside[0] - 4, inside[3] - inside[1] - 4
    length, depth = min(style.length, width * 0.9), min(style.depth, height * 0.9)
    columns = max(1, int((width + style.gap_u) // (length + style.gap_u)))
    rows = max(1, int((height + style.gap_v) // (depth + style.gap_v)))
    pitch_u, pitch_v = width / columns, height / rows
    u = inside[0] + 2 + pitch_u * (np.arange(columns) + 0.5)
    v = inside[1] + 2 + pitch_v * (np.arange(rows) + 0.5)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(u, v)])
    lengths = np.minimum(length * generator.uniform(0.82, 1.12, len(grid)), pitch_u - 1.5)
    storeys = storeys_of(style, len(grid), generator)
    table = np.column_stack([grid, lengths, np.full(len(grid), depth), storeys, np.zeros(len(grid))])
    stays = generator.random(len(grid)) >= style.open_share
    stays[int(generator.integers(len(grid)))] = True
    return np.asarray(table[stays])


def storeys_of(style: Style, count: int, generator: np.random.Generator) -> Ints:
    """Give a compound one height, give or take a storey, since it was built at one time."""
    low, high = style.storeys
    usual = int(generator.integers(low, high + 1))
    return np.asarray(np.clip(usual + generator.integers(-1, 2, count), low, high))


def shop_row(compound: Compound, generator: np.random.Generator) -> tuple[Floats, tuple[float, float, float, float]]:
    """Return a row of two-storey shops along the front, and the rectangle that is left behind it."""
    u0, v0, u1, v1 = compound.inside
    deep = 11.0
    along_u = compound.front in (SOUTH, NORTH)
    low, high = (u0, u1) if along_u else (v0, v1)
    count = max(1, int((high - low) // 44))
    places = low + (high - low) / count * (np.arange(count) + 0.5)
    lengths = (high - low) / count - generator.uniform(4, 12, count)
    line = {WEST: u0, EAST: u1, SOUTH: v0, NORTH: v1}[compound.front]
    across = np.full(count, line + deep / 2 * (1 if compound.front in (WEST, SOUTH) else -1))
    thick = np.full(count, deep)
    columns = (places, across, lengths, thick) if along_u else (across, places, thick, lengths)
    rest = {
        WEST: (u0 + deep + 6, v0, u1, v1),
        EAST: (u0, v0, u1 - deep - 6, v1),
        SOUTH: (u0, v0 + deep + 6, u1, v1),
        NORTH: (u0, v0, u1, v1 - deep - 6),
    }[compound.front]
    return np.column_stack([*columns, np.full(count, 2), np.ones(count)]), rest


def collect(table: Floats, compounds: list[Compound], generator: np.random.Generator) -> Buildings:
    """Turn the rows u, v, length, depth, storeys, shop, compound into `Buildings`."""
    compound, shop = table[:, 6].astype(np.int64), table[:, 5].astype(np.int64)
    rate = np.array([STYLES[item.use].residents / 100 for item in compounds])[compound] * (1 - shop)
    vacancy = generator.uniform(0.75, 1.25, len(compounds))[compound]
    residents = table[:, 2] * table[:, 3] * table[:, 4] * rate * vacancy
    return Buildings(table[:, :2], table[:, 2:4], table[:, 4].astype(np.int64), compound, shop, residents)


def outlines(buildings: Buildings, shape: Shape) -> Floats:
    """Return the corners of each building on the map; shape (n, 5, 2), closed, EPSG:4551, to the centimetre."""
    centre = shape.bend(buildings.place)
    angle = shape.direction(buildings.place)
    half = buildings.extent / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    local = half[:, None, :] * signs
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    east = centre[:, None, 0] + local[:, :, 0] * cos - local[:, :, 1] * sin
    north = centre[:, None, 1] + local[:, :, 0] * sin + local[:, :, 1] * cos
    return np.round(np.stack([east, north], axis=2), 2)


def use_of(building_shop: int, use: str) -> str:
    """Return the use of a building in the words of the city's file."""
    if building_shop:
        return PUBLIC_USE["shops"]
    return "住宅" if use in DWELLINGS else PUBLIC_USE[use]
