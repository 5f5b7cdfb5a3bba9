"""report.html: the data report as one page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from geodata.importing import Made
from geodata.recipe.levels import LEVEL_NAMES
from geodata.report.map import city_map, classes
from geodata.report.values import Translate, rules
from ledger.errors import Phrase

PAGES = {"zh-Hans": "report.html", "en": "report.en.html"}
"""The file of each language's page, Chinese first."""

STYLE = """
:root{--ink:#1d2528;--soft:#5b676b;--paper:#fdfcf8;--line:#dcd9cf;--accent:#2f7d6d;--seal:#b5392b}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.6 "PingFang SC","Noto Sans SC","Microsoft YaHei",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:30px;line-height:1.25;margin:0 0 8px}h2{font-size:20px;margin:48px 0 8px}
p{margin:0 0 8px;max-width:72ch}.soft{color:var(--soft)}
.test{display:inline-block;border:2px dashed var(--seal);color:var(--seal);padding:0 8px;margin:0 0 8px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:16px 24px;margin:24px 0}
dt{color:var(--soft);font-size:14px}dd{margin:0;font-size:26px;line-height:1.25}
svg{display:block;width:100%;height:auto;background:#fff}
.units path{stroke:#fff;stroke-width:.8;fill-rule:evenodd}
.c0{fill:#eeece4}.c1{fill:#dcebe4}.c2{fill:#b4d6c8}.c3{fill:#7fb9a5}.c4{fill:#43907d}.c5{fill:#135748}
.barrier{fill:none;stroke:var(--ink);stroke-width:2;stroke-dasharray:7 3}
.doubt{fill:var(--seal)}
.school circle,.school rect{fill:var(--paper);stroke:var(--ink);stroke-width:2}
.school text{font-size:13px;font-weight:600;text-anchor:middle;fill:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;padding:8px 0 0;margin:0;list-style:none}
.legend li{font-size:14px;color:var(--soft);margin:0}
.legend svg{display:inline-block;width:20px;height:14px;margin-right:6px;vertical-align:-2px;background:none}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:15px}
th,td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:14px}.n{text-align:right;white-space:nowrap}
ol,ul{padding-left:24px;max-width:76ch}li{margin:0 0 8px}.over{color:var(--seal);font-weight:600}
@media print{main{padding:0}h2{break-after:avoid}tr,svg{break-inside:avoid}}
"""


def page(made: Made, report: Mapping[str, Any], translate: Translate, language: str) -> str:
    """The report as one self-contained page: figures, map, schools, doubts, sources, rules."""
    _ = translate
    city, run = report["city"], report["run"]
    synthetic = f'<p class="test">{_("Synthetic data: no real city")}</p>' if city["synthetic"] else ""
    parts = [
        f"<h1>{escape(city['name'])}</h1>{synthetic}",
        f'<p class="soft">{_subtitle(city, _)}</p>',
        _figures(report["figures"], _),
        _map(made, city["name"], _),
        f"<h2>{_('Schools')}</h2>{_schools(report['schools'], _)}",
        f"<h2>{_('Doubts')}</h2>{_list('ol', (_doubt(message, values, _) for message, values in made.notes.doubts))}",
        f"<h2>{_('Sources')}</h2>{_sources(report['sources'], _)}",
        f"<h2>{_('How the city was made')}</h2>{_list('ul', rules(_))}",
        f'<p class="soft">{_run(run, _)}</p>',
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(city["name"])}'
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head>{head}</title><style>{STYLE}</style></head>'
        f"<body><main>\n{chr(10).join(parts)}\n</main></body></html>\n"
    )


def level_name(level: str, translate: Translate) -> str:
    """A level as people read it."""
    return translate(LEVEL_NAMES[level].message)


def _doubt(message: str, values: Mapping[str, object], _: Translate) -> str:
    words = {name: _(value.message) if isinstance(value, Phrase) else value for name, value in values.items()}
    return _(message, **words)


def _subtitle(city: Mapping[str, Any], _: Translate) -> str:
    sentence = _("Data report of the import. School year %(year)s, %(crs)s.", year=city["school_year"], crs=city["crs"])
    return escape(sentence)


def _run(run: Mapping[str, Any], _: Translate) -> str:
    if not run:
        return ""
    return _("Made in %(seconds)s s with at most %(memory)s MB.", seconds=run["seconds"], memory=run["peak_memory_mb"])


def _figures(figures: Mapping[str, Any], _: Translate) -> str:
    pairs = [
        (_("buildings"), f"{figures['buildings']:,}"),
        (_("people"), f"{figures['people_placed']:,.0f}"),
        (_("addresses"), f"{figures['addresses']:,}"),
        (_("units"), f"{figures['units']:,}"),
    ]
    for level, counts in figures["levels"].items():
        name = level_name(level, _)
        pairs += [
            (_("schools, %(level)s", level=name), f"{counts['schools']:,}"),
            (_("children, %(level)s", level=name), f"{counts['children']:,.0f}"),
            (_("seats, %(level)s", level=name), f"{counts['seats']:,.0f}"),
        ]
    return "<dl>" + "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in pairs) + "</dl>"


def _map(made: Made, name: str, _: Translate) -> str:
    ages = sorted({f"age_{age}" for level in made.head["levels"].values() for age in level["ages"]})
    _level, starts = classes(made.layers["units"], ages)
    keys = [
        ("c0", _("no children")),
        ("c1", "> 0"),
        *((f"c{at}", f"≥ {start:.1f}") for at, start in enumerate(starts[1:], 2)),
    ]
    legend = "".join(f"<li>{_box(name)}{text}</li>" for name, text in keys)
    legend += f"<li>{_box('barrier')}{_('railway, river or trunk road')}</li>"
    legend += f"<li>{_box('doubt')}{_('people without a known dwelling')}</li>"
    title = _("Map of %(city)s: planned-age children per hectare", city=name)
    caption = _("Children of the planned ages per hectare, and schools by their number in the table below.")
    notes = " ".join([caption, escape(made.head["attribution"])])
    return f'{city_map(made.layers, ages, title)}<ul class="legend">{legend}</ul><p class="soft">{notes}</p>'


def _box(name: str) -> str:
    shape = {"barrier": '<path d="M0 7H20"', "doubt": '<circle cx="10" cy="7" r="3"'}.get(
        name, '<path d="M0 0H20V14H0Z"'
    )
    return f'<svg viewBox="0 0 20 14" aria-hidden="true">{shape} class="{name}"/></svg>'


def _schools(schools: Sequence[Mapping[str, Any]], _: Translate) -> str:
    heads = [_("no."), _("school"), _("level"), _("seats"), _("children in today's zone"), _("share of seats, %")]
    rows = []
    for number, school in enumerate(schools, 1):
        share = 100 * school["current_children"] / school["capacity"] if school["capacity"] else 0.0
        mark = ' class="over"' if share > 100 else ""
        rows.append(
            [
                str(number),
                f"{escape(school['name'])} <span class='soft'>{escape(school['school'])}</span>",
                level_name(school["level"], _),
                f"{school['capacity']:,.1f}",
                f"{school['current_children']:,.1f}" if school["current_units"] else "–",
                f"<span{mark}>{share:.0f}</span>" if school["current_units"] else "–",
            ]
        )
    return _table(heads, rows, numeric={3, 4, 5})


def _sources(sources: Sequence[Mapping[str, Any]], _: Translate) -> str:
    heads = [_("file"), _("read as"), _("datum"), _("rows"), _("used"), _("repaired"), _("left out")]
    rows = [
        [
            escape(source["file"]),
            _role(source["role"], _),
            escape(source["datum"]),
            f"{source['read']:,}",
            f"{source['kept']:,}",
            f"{source['repaired']:,}",
            "<br>".join(f"{count:,} {_reason(reason, _)}" for reason, count in source["dropped"].items()) or "–",
        ]
        for source in sources
    ]
    return _table(heads, rows, numeric={3, 4, 5})


def _role(role: str, _: Translate) -> str:
    names = {
        "boundary": _("boundary"),
        "buildings": _("buildings"),
        "addresses": _("addresses"),
        "streets": _("streets"),
        "barriers": _("barriers"),
        "population": _("population"),
        "schools": _("schools"),
        "zones": _("current zones"),
    }
    return names[role]


def _reason(reason: str, _: Translate) -> str:
    names = {
        "not chosen by the recipe": _("not chosen by the recipe"),
        "no geometry": _("no geometry"),
        "geometry without extent": _("geometry without extent"),
        "outside the city": _("outside the city"),
        "without a full address": _("without a full address"),
    }
    return names[reason]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: set[int]) -> str:
    """Cells are HTML already."""
    kind = ['class="n"' if at in numeric else "" for at in range(len(heads))]
    top = "".join(f"<th scope='col' {kind[at]}>{head}</th>" for at, head in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td {kind[at]}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f"<div class='scroll'><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _list(kind: str, sentences: Iterable[str]) -> str:
    return f"<{kind}>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + f"</{kind}>"
