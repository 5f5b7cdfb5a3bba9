"""The data report as pages that need no other file: first whether the city can be planned, then everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from geodata.importing import Made
from geodata.report.catchments import catchment_texts
from geodata.report.first import key_figures, verdict
from geodata.report.html import Translate, listing, paragraph, section
from geodata.report.layers import alignment, datums
from geodata.report.rules import rules
from geodata.report.sections import Pictures, demand_section, doubts_section, drawn, layers_section, map_section
from geodata.report.service import service
from geodata.report.tables import defects, schools_table, sources_table
from geodata.report.zones import zone_changes

PAGES = {"zh-Hans": "report.html", "en": "report.en.html"}
"""The file of each language's page, Chinese first."""
LANGUAGES = {"zh-Hans": "中文", "en": "English"}
STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def pages(made: Made, report: Mapping[str, Any], speakers: Mapping[str, Translate]) -> dict[str, str]:
    """The report in the language of each speaker, by file name; the pages link to one another."""
    pictures = drawn(made)
    return {PAGES[language]: _page(made, report, pictures, _, language) for language, _ in speakers.items()}


def _page(made: Made, report: Mapping[str, Any], pictures: Pictures, _: Translate, language: str) -> str:
    name, sections = escape(report["city"]["name"]), _sections(made, report, pictures, _)
    top = [
        _languages(language, _),
        f"<h1>{name}</h1>",
        paragraph(_("Synthetic data: no real city") if report["city"]["synthetic"] else "", "test"),
        verdict(made, _),
        key_figures(report["figures"], _),
        _contents(sections),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}'
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head>{head}</title><style>{STYLE}</style></head>'
        f"<body><main>\n{chr(10).join(filter(None, [*top, *sections]))}\n</main></body></html>\n"
    )


def _sections(made: Made, report: Mapping[str, Any], pictures: Pictures, _: Translate) -> list[str]:
    figures, sources, crs = report["figures"], report["sources"], report["city"]["crs"]
    return [
        section("map", _("Map"), map_section(made, pictures, _)),
        section("demand", _("Children by year"), *demand_section(made, _)),
        section("service", _("Ways to school"), service(figures.get("service", {}), _)),
        section("schools", _("Schools"), schools_table(report["schools"], _)),
        section("doubts", _("Doubts"), *doubts_section(made, _)),
        section("zones", _("Catchments of two years"), *zone_changes(figures["zone_changes"], pictures.changes, _)),
        section("texts", _("Catchments as text"), *catchment_texts(figures.get("catchment_text", []), _)),
        section("layers", _("Layers as read"), layers_section(pictures.layers, _)),
        section("datum", _("Datum"), datums(sources, crs, _), alignment(figures.get("alignment", []), _)),
        section("sources", _("Sources"), sources_table(sources, _), defects(sources, _)),
        section(
            "rules",
            _("How the city was made"),
            listing("ul", rules(made.notes, _)),
            paragraph(_run(report["run"], _), "soft"),
        ),
    ]


def _languages(language: str, _: Translate) -> str:
    links = " ".join(
        f'<a href="{PAGES[other]}" lang="{other}" hreflang="{other}">{word}</a>'
        for other, word in LANGUAGES.items()
        if other != language
    )
    what = _("Data report of the import")
    return f'<div class="top"><span>{escape(what)}</span>{links}</div>'


def _contents(sections: Iterable[str]) -> str:
    """Links to the sections that there are."""
    links = []
    for body in filter(None, sections):
        name, title = body.split('"', 2)[1], body.split("<h2>", 1)[1].split("</h2>", 1)[0]
        links.append(f'<li><a href="#{name}">{title}</a></li>')
    return f"<nav><ul>{''.join(links)}</ul></nav>"


def _run(run: Mapping[str, Any], _: Translate) -> str:
    if not run:
        return ""
    return _("Made in %(seconds)s s with at most %(memory)s MB.", seconds=run["seconds"], memory=run["peak_memory_mb"])
