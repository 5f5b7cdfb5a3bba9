"""The data report as a page that needs no other file: first whether the city can be planned, then everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from geodata.importing import Made
from geodata.report.charts import demand_chart
from geodata.report.demand import demand_of, demand_table
from geodata.report.doubts import ordered
from geodata.report.first import key_figures, verdict
from geodata.report.html import fold, listing, paragraph, section
from geodata.report.map import city_map, classes
from geodata.report.previews import previews
from geodata.report.tables import schools_table, sources_table
from geodata.report.values import Translate, rules
from geodata.report.words import level_name, role_name, say

PAGES = {"zh-Hans": "report.html", "en": "report.en.html"}
"""The file of each language's page, Chinese first."""
LANGUAGES = {"zh-Hans": "中文", "en": "English"}
STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def page(made: Made, report: Mapping[str, Any], translate: Translate, language: str) -> str:
    """The report as one self-contained page in one language, linked to the page in the other."""
    _ = translate
    name = escape(report["city"]["name"])
    sections = [
        section("map", _("Map"), _map(made, _)),
        section("demand", _("Children by year"), *_demand(made, _)),
        section("schools", _("Schools"), schools_table(report["schools"], _)),
        section("doubts", _("Doubts"), *_doubts(made, _)),
        section("layers", _("Layers as read"), _previews(made, _)),
        section("sources", _("Sources"), sources_table(report["sources"], _)),
        section(
            "rules", _("How the city was made"), listing("ul", rules(_)), paragraph(_run(report["run"], _), "soft")
        ),
    ]
    top = [
        _languages(language, _),
        f"<h1>{name}</h1>",
        f'<p class="test">{_("Synthetic data: no real city")}</p>' if report["city"]["synthetic"] else "",
        verdict(made, _),
        key_figures(report["figures"], _),
        _contents(sections),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}'
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head>{head}</title><style>{STYLE}</style></head>'
        f"<body><main>\n{chr(10).join(filter(None, [*top, *sections]))}\n</main></body></html>\n"
    )


def _languages(language: str, _: Translate) -> str:
    links = " ".join(
        f'<a href="{PAGES[other]}" lang="{other}" hreflang="{other}">{word}</a>'
        for other, word in LANGUAGES.items()
        if other != language
    )
    return f'<div class="top"><span>{_("Data report of the import")}</span>{links}</div>'


def _contents(sections: Iterable[str]) -> str:
    """Links to the sections that there are."""
    links = []
    for body in filter(None, sections):
        name, title = body.split('"', 2)[1], body.split("<h2>", 1)[1].split("</h2>", 1)[0]
        links.append(f'<li><a href="#{name}">{title}</a></li>')
    return f"<nav><ul>{''.join(links)}</ul></nav>"


def _map(made: Made, _: Translate) -> str:
    ages = sorted({f"age_{age}" for level in made.head["levels"].values() for age in level["ages"]})
    _level, starts = classes(made.layers["units"], ages)
    if starts:
        caption = _("Children of the planned ages per hectare, and schools by their number in the table below.")
        title = _("Map of %(city)s: planned-age children per hectare", city=made.head["name"])
    else:
        caption = title = _("Units, and schools by their number in the table below; no unit has children.")
    notes = escape(" ".join([caption, made.head["attribution"]]))
    return (
        f'<figure role="img" aria-label="{escape(title)}"><div class="map">{city_map(made.layers, ages)}</div>'
        f"</figure>{_legend(made, starts, _)}<p class='soft small'>{notes}</p>"
    )


def _legend(made: Made, starts: list[float], _: Translate) -> str:
    layers = made.layers
    keys = [("c0", _("no children"))] if starts else []
    if starts:
        keys += [("c1", "> 0"), *((f"c{at}", f"≥ {start:.1f}") for at, start in enumerate(starts[1:], 2))]
    if len(layers["zones"]):
        keys.append(("zone", _("border of today's zones")))
    if layers["streets"]["barrier"].any():
        keys.append(("barrier", _("railway, river or trunk road")))
    if (layers["population"]["unspread"] > 0).any():
        keys.append(("doubt", _("people without a known dwelling")))
    return f'<ul class="legend">{"".join(f"<li>{_box(name)}{escape(text)}</li>" for name, text in keys)}</ul>'


def _box(name: str) -> str:
    line, dot = '<path d="M0 7H24"', '<circle cx="12" cy="7" r="3"'
    shape = {"barrier": line, "zone": line, "doubt": dot}.get(name, '<path d="M0 0H24V14H0Z"')
    return f'<svg viewBox="0 0 24 14" aria-hidden="true">{shape} class="{name}"/></svg>'


def _demand(made: Made, _: Translate) -> Iterable[str]:
    for level in made.head["levels"]:
        demand = demand_of(made, level)
        if demand is None:
            continue
        words = (_("children"), _("low–high"), _("seats"))
        title = _("%(level)s: children by year and seats", level=level_name(level, _))
        yield f"<h3>{escape(level_name(level, _))}</h3>"
        yield f'<figure role="img" aria-label="{escape(title)}">{demand_chart(demand, words)}</figure>'
        yield fold(_("The figures"), demand_table(demand, _))


def _doubts(made: Made, _: Translate) -> Iterable[str]:
    titles = {
        "schools": _("Schools"),
        "people": _("People and children"),
        "units": _("Units"),
        "rows": _("Rows of files"),
        "other": _("How figures were reckoned"),
    }
    listed = (doubt for doubt in ordered(made.notes) if doubt.subject in titles)
    for subject, doubts in groupby(listed, lambda doubt: doubt.subject):
        yield f"<h3>{escape(titles[subject])}</h3>"
        yield listing("ul", (say(doubt.message, doubt.values, _) for doubt in doubts))


def _previews(made: Made, _: Translate) -> str:
    drawn = previews(made.layers)
    if not drawn:
        return ""
    sheets = "".join(
        f"<figure>{sheet.svg}<figcaption><b>{escape(role_name(sheet.layer, _))}</b> {sheet.count:,}"
        "</figcaption></figure>"
        for sheet in drawn
    )
    words = _("Each layer over the streets (grey): a layer that is shifted, turned or of another place shows here.")
    return f'{paragraph(words)}<div class="sheets">{sheets}</div>'


def _run(run: Mapping[str, Any], _: Translate) -> str:
    if not run:
        return ""
    return _("Made in %(seconds)s s with at most %(memory)s MB.", seconds=run["seconds"], memory=run["peak_memory_mb"])
