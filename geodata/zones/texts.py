"""Today's catchments from their texts: which schools serve each unit now, and what the texts leave open."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.addresses.normal import natural
from geodata.arrays import Indices
from geodata.catchments.areas import Roads
from geodata.catchments.assign import Addresses, Assigned, Doubtful, assign
from geodata.catchments.schools import find_schools
from geodata.catchments.table import understood
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Homes
from geodata.recipe.levels import LEVEL_NAMES
from geodata.roles.catchments import Texts
from geodata.units.blocks import Units
from geodata.zones.current import current_schools

NEAR = 150.0
"""Metres within which a home takes the catchment of the nearest address."""

LISTED = 200
"""Entries of a list in the report; counts say how many there are."""


def match_texts(given: Gathered, units: Units, homes: Homes, notes: Notes) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Rows (unit index, level, school) of every level whose catchments are texts, and the figures `catchment_text`."""
    tables = [pd.DataFrame({"unit": [], "level": [], "school": []})]
    figures: list[dict[str, Any]] = []
    if not given.catchments:
        return tables[0], figures
    known = known_places(given)
    for texts in given.catchments:
        rows, figure = _one(texts, known, given, units, homes, notes)
        tables.append(rows)
        figures.append(figure)
    return pd.concat(tables, ignore_index=True), figures


def known_places(given: Gathered) -> Addresses:
    """The city's addresses, and its buildings by the names of their compounds."""
    named = given.buildings[given.buildings["compound"] != ""]
    texts = [*given.addresses["text"], *(named["compound"] + named["name"])]
    inner = shapely.point_on_surface(named.geometry.to_numpy())
    points = np.concatenate([given.addresses.geometry.to_numpy(), inner])
    places = shapely.get_coordinates(points)
    order = sorted(range(len(texts)), key=lambda at: (natural(texts[at]), *places[at]))
    return Addresses.of([texts[at] for at in order], points[np.array(order, dtype=np.int64)])


def _one(
    texts: Texts, known: Addresses, given: Gathered, units: Units, homes: Homes, notes: Notes
) -> tuple[pd.DataFrame, dict[str, Any]]:
    schools = given.schools[given.schools["level"] == texts.level]
    served = _served(texts, schools, notes)
    read = [understood(catchment) for catchment in texts.catchments]
    unread = [doubt for _, doubts in read for doubt in doubts]
    found = assign([reading.rules for reading, _ in read], known, Roads(given.streets, given.area))
    zone, covered = zone_of_units(found, known, units, homes)
    rows = current_schools(zone, served, given.schools, texts.level)
    items = sum(reading.items for reading, _ in read)
    figure = {
        "file": texts.file,
        "level": texts.level,
        "items": items,
        "understood": items - len(unread),
        "share": (items - len(unread)) / items if items else 1.0,
        "not_understood": [asdict(one) for one in unread],
        "without_effect": [_plain(one, texts) for one in found.doubtful],
        "addresses": len(known.texts),
        "addresses_named": int((found.text >= 0).sum()),
        "addresses_named_twice": [known.texts[one.address] for one in found.conflicts],
        "people_near_a_named_address": covered,
        "units_without_school": len(units.shapes) - rows["unit"].nunique(),
    }
    _say(figure, notes)
    return rows, figure


def _plain(one: Doubtful, texts: Texts) -> dict[str, Any]:
    rule = one.rule
    school = texts.catchments[one.text].schools
    return {"schools": school, "line": rule.line, "text": rule.text, "why": one.why, "candidates": list(one.candidates)}


def _served(texts: Texts, schools: pd.DataFrame, notes: Notes) -> list[str]:
    """The ids (comma-separated) of the schools of each text; those that cannot be told are named in a doubt."""
    named = [[part.strip() for part in one.schools.split(",") if part.strip()] for one in texts.catchments]
    ids = find_schools(
        [part for parts in named for part in parts], schools["school"].tolist(), schools["name"].tolist()
    )
    unknown = sorted({part for parts in named for part in parts} - set(ids))
    if unknown:
        notes.doubt(
            "%(file)s: these schools are not among the schools of the city, or may be several of them; their texts "
            "count for nobody: %(schools)s.",
            file=texts.file,
            schools="; ".join(unknown),
        )
    return [",".join(ids[part] for part in parts if part in ids) for parts in named]


def zone_of_units(found: Assigned, known: Addresses, units: Units, homes: Homes) -> tuple[Indices, float]:
    """The text that most people of each unit live under (−1: none), and how many people live near a named address.

    A home goes by the nearest address within `NEAR`, if one text names that. A unit whose homes are near no named
    address, or that has no people, goes by the named addresses inside it.
    """
    chosen = np.full(len(units.shapes), -1, dtype=np.int64)
    named = np.flatnonzero(found.text >= 0)
    if not len(named):
        return chosen, 0.0
    home = _nearest(found, known, homes)
    at_home = pd.DataFrame({"unit": homes.unit, "text": home, "weight": homes.people})
    at_home = at_home[(at_home["text"] >= 0) & (at_home["weight"] > 0)]
    unit, place = shapely.STRtree(known.points[named]).query(units.shapes, predicate="intersects")
    inside = pd.DataFrame({"unit": unit, "text": found.text[named][place], "weight": 1.0})
    inside = inside[~inside["unit"].isin(at_home["unit"])]
    votes = pd.concat([at_home, inside]).groupby(["unit", "text"], as_index=False)["weight"].sum()
    most = votes.sort_values(["unit", "weight", "text"], ascending=[True, False, True]).groupby("unit")["text"].first()
    chosen[most.index.to_numpy(dtype=np.int64)] = most
    return chosen, float(at_home["weight"].sum())


def _nearest(found: Assigned, known: Addresses, homes: Homes) -> Indices:
    """The text of the address nearest to each home, the first of several at one distance; −1 where none is near."""
    text = np.full(len(homes.points), -1, dtype=np.int64)
    tree = shapely.STRtree(known.points)
    home, place = tree.query_nearest(homes.points, max_distance=NEAR, all_matches=True)
    order = np.lexsort((place, home))
    first = np.unique(home[order], return_index=True)[1]
    text[home[order][first]] = found.text[place[order][first]]
    return text


def _say(figure: dict[str, Any], notes: Notes) -> None:
    """The figures as doubts: every item that was not understood, word for word."""
    file, unread, effect = figure["file"], figure["not_understood"], figure["without_effect"]
    notes.doubt(
        "%(file)s, %(level)s: %(understood)s of %(items)s items of the texts are understood (%(percent).1f %%); they "
        "name %(named)s of %(addresses)s known addresses; %(units)s units have no current school.",
        file=file,
        level=LEVEL_NAMES[figure["level"]],
        understood=figure["understood"],
        items=figure["items"],
        percent=100 * figure["share"],
        named=figure["addresses_named"],
        addresses=figure["addresses"],
        units=figure["units_without_school"],
    )
    if unread:
        notes.doubt(
            "%(file)s: %(count)s items are not understood, and left out (school, row/line, words): %(words)s.",
            file=file,
            count=len(unread),
            words=_some([f"{one['schools']}, {one['row']}/{one['line']}: {one['text']}" for one in unread]),
        )
    if effect:
        notes.doubt(
            "%(file)s: %(count)s rules are understood, but without effect (school, line, words, what they may mean): "
            "%(words)s.",
            file=file,
            count=len(effect),
            words=_some([_effectless(one) for one in effect]),
        )
    if twice := figure["addresses_named_twice"]:
        notes.doubt(
            "%(file)s: %(count)s addresses are named by several texts and go by none of them: %(addresses)s.",
            file=file,
            count=len(twice),
            addresses=_some(twice),
        )


def _effectless(one: dict[str, Any]) -> str:
    candidates = f" ({'; '.join(one['candidates'])})" if one["candidates"] else ""
    return f"{one['schools']}, {one['line']}: {one['text']}{candidates}"


def _some(lines: list[str]) -> str:
    return " | ".join(lines[:LISTED]) + (" | …" if len(lines) > LISTED else "")
