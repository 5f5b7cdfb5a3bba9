"""The parts of a data report that are more than one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from geodata.importing import Made
from geodata.report.charts import demand_chart
from geodata.report.demand import assumption_lines, demand_of, demand_table
from geodata.report.doubts import Doubt, ordered, shortened
from geodata.report.html import Translate, fold, paragraph
from geodata.report.map import city_map, classes, shown_level
from geodata.report.previews import Preview, changed_ground, previews
from geodata.report.words import level_name, role_name, say


@dataclass(frozen=True)
class Pictures:
    """What is drawn once for the pages of all languages: the map, where its classes begin, the layers as read.

    `changes`: by level, the ground that changed its zone since the version before.
    """

    map: str
    starts: list[float]
    layers: list[Preview]
    changes: Mapping[str, str]


def drawn(made: Made) -> Pictures:
    """Draw the city."""
    ages = sorted({f"age_{age}" for level in made.head["levels"].values() for age in level["ages"]})
    return Pictures(
        map=city_map(made.layers, ages),
        starts=classes(made.layers["units"], ages)[1],
        layers=previews(made.layers),
        changes={level: _changed(made, level) for level in made.figures["zone_changes"]},
    )


def _changed(made: Made, level: str) -> str:
    before, after = (made.layers[name] for name in ("earlier_zones", "zones"))
    return changed_ground(before[before["level"] == level], after[after["level"] == level], made.layers["units"])


def map_section(made: Made, pictures: Pictures, _: Translate) -> str:
    """The map with its legend, and whom it names."""
    if pictures.starts:
        caption = _("Children of the planned ages per hectare, and schools by their number in the table below.")
        title = _("Map of %(city)s: planned-age children per hectare", city=made.head["name"])
    else:
        caption = title = _("Units, and schools by their number in the table below; no unit has children.")
    notes = " ".join([caption, made.head["attribution"]])
    return (
        f'<figure role="img" aria-label="{escape(title)}"><div class="map">{pictures.map}</div></figure>'
        f"{_legend(made, pictures.starts, _)}{paragraph(notes, 'soft small')}"
    )


def _rounded(starts: list[float]) -> list[str]:
    """The figures with as few decimals (one at least) as tell them apart, four at most."""
    texts = [[f"{start:.{places}f}" for start in starts] for places in range(1, 5)]
    return next((some for some in texts if len(set(some)) == len(starts)), texts[-1])


def _legend(made: Made, starts: list[float], _: Translate) -> str:
    layers = made.layers
    keys: list[tuple[str, str]] = []
    if starts:
        keys = [("c0", _("no children")), ("c1", "> 0")]
        keys += [(f"c{at}", f"≥ {start}") for at, start in enumerate(_rounded(starts[1:]), 2)]
    if len(layers["zones"]):
        keys.append(("zone", _("today's zones, %(level)s", level=level_name(shown_level(layers["zones"]), _))))
    if layers["streets"]["barrier"].any():
        keys.append(("barrier", _("railway, river or trunk road")))
    if (layers["population"]["unspread"] > 0).any():
        keys.append(("doubt", _("people without a known dwelling")))
    marks = {"primary": "circle", "junior": "square"}
    for level in sorted(set(layers["schools"]["level"]), reverse=True):
        keys.append((marks[level], _("school, %(level)s", level=level_name(level, _))))
    return f'<ul class="legend">{"".join(f"<li>{_box(name)}{escape(text)}</li>" for name, text in keys)}</ul>'


def _box(name: str) -> str:
    shapes = {
        "barrier": '<path d="M0 7H24"',
        "zone": '<path d="M0 7H24"',
        "doubt": '<circle cx="12" cy="7" r="3"',
        "circle": '<circle cx="12" cy="7" r="6"',
        "square": '<rect x="6" y="1" width="12" height="12"',
    }
    shape = shapes.get(name, '<path d="M0 0H24V14H0Z"')
    return f'<svg viewBox="0 0 24 14" aria-hidden="true">{shape} class="{name}"/></svg>'


def demand_section(made: Made, _: Translate) -> Iterator[str]:
    """Children by year and level, as charts side by side and as tables."""
    levels = [(level, demand) for level in made.head["levels"] if (demand := demand_of(made, level)) is not None]
    if not levels:
        return
    yield '<div class="charts">'
    for level, demand in levels:
        name = level_name(level, _)
        title = _("%(level)s: children by year and seats", level=name)
        words = (_("demand"), _("low–high"), _("seats"))
        yield f'<div><h3>{escape(name)}</h3><figure role="img" aria-label="{escape(title)}">'
        figures = fold(_("The figures"), demand_table(demand, _))
        yield f"{demand_chart(demand, words)}</figure>{figures}</div>"
    yield "</div>"
    yield paragraph(" ".join(assumption_lines(made, _)), "soft small")


def doubts_section(made: Made, _: Translate) -> Iterator[str]:
    """Every doubt that the first screen does not say, by what it is about."""
    titles = {
        "layers": _("Layers that may lie elsewhere"),
        "schools": _("Schools"),
        "people": _("People and children"),
        "units": _("Units"),
        "rows": _("Rows of files"),
        "other": _("How figures were reckoned"),
    }
    listed = (doubt for doubt in ordered(made.notes) if doubt.subject in titles)
    for subject, doubts in groupby(listed, lambda doubt: doubt.subject):
        yield f"<h3>{escape(titles[subject])}</h3><ul>{_items(doubts, _)}</ul>"


def _items(doubts: Iterable[Doubt], _: Translate) -> str:
    return "".join(f"<li>{_doubt(doubt, _)}</li>" for doubt in doubts)


def _doubt(doubt: Doubt, _: Translate) -> str:
    """The sentence; where it holds a long list, with the first of it, and the whole to unfold."""
    whole = say(doubt.message, doubt.values, _)
    short = say(doubt.message, {name: shortened(value) for name, value in doubt.values.items()}, _)
    return escape(whole) if short == whole else escape(short) + fold(_("The whole list"), paragraph(whole))


def layers_section(sheets: Sequence[Preview], _: Translate) -> str:
    """The layers as read, side by side."""
    if not sheets:
        return ""
    pictures = "".join(
        f"<figure>{sheet.svg}<figcaption><b>{escape(role_name(sheet.layer, _))}</b> {sheet.count:,}"
        "</figcaption></figure>"
        for sheet in sheets
    )
    words = _("Each layer over the streets (grey): a layer that is shifted, turned or of another place shows here.")
    if all(sheet.layer != "streets" for sheet in sheets):
        words = _("Each layer in the same frame: a layer that is shifted, turned or of another place shows here.")
    return f'{paragraph(words)}<div class="sheets">{pictures}</div>'
