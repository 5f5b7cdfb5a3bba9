"""One text per plan: a heading and the rules of each school; read back, it gives every known address its school.

Markdown: `## ` begins a school, each line `- ` below it is one rule of docs/spec/catchment-text.md; all else is for
people. What follows a heading `# ` after the first is no rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely

from geodata.addresses.normal import natural
from geodata.catchments.areas import Roads
from geodata.catchments.assign import Addresses, assign
from geodata.catchments.grammar import read
from geodata.catchments.rules import Bound, Rule
from geodata.catchments.writing import write
from geodata.city import City
from zoning.maps import dissolve
from zoning.plan import Plan
from zoning.text.lines import lines_of
from zoning.text.names import Names
from zoning.text.rules import rules_of
from zoning.text.sides import sides_of

LANGUAGES = ("zh", "en")

_WORDS = {
    "zh": {
        "title": "{city}学区范围",
        "plan": "方案 {plan}。四至仅为示意，以所列小区和门牌号为准；未列出的地址请向教育局咨询。",
        "heading": "{name}（{school}）",
        "sides": "四至：{text}",
        "compound": "小区",
        "street": "道路与门牌号",
        "none": "（没有已知地址）",
        "untold": "文字无法区分的地址",
        "why": "下列地址按文字分不清属于哪所学校，以地图为准：",
        "colon": "：",
    },
    "en": {
        "title": "Catchments of {city}",
        "plan": "Plan {plan}. The roads around a zone are a sketch: the compounds and house numbers listed decide. For "
        "an address that is not listed, ask the education bureau.",
        "heading": "{name} ({school})",
        "sides": "Around it: {text}",
        "compound": "Compounds",
        "street": "Streets and house numbers",
        "none": "(no known address)",
        "untold": "Addresses that words cannot tell apart",
        "why": "Words do not tell to which school these belong; the map decides:",
        "colon": ": ",
    },
}


@dataclass(frozen=True)
class Wrong:
    """A known address that the text does not give its own school alone; `told` are the schools whose rules name it."""

    address: str
    school: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class ZoneText:
    """A plan's text in one language, the schools in the order of its headings, and what reading it back gets wrong."""

    text: str
    schools: tuple[str, ...]
    addresses: int
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class _Zones:
    """What a text is made of: schools by number, known addresses with their school's number, rules, roads around."""

    schools: tuple[str, ...]
    addresses: Addresses
    zones: tuple[int, ...]
    rules: tuple[tuple[int, Rule], ...]
    names: Names
    sides: Mapping[str, tuple[Bound, ...]]
    roads: Roads


def zone_texts(
    city: City, plan: Plan, names: Mapping[str, str], languages: Sequence[str] = LANGUAGES
) -> dict[str, ZoneText]:
    """The text of a plan's zones in each of `languages` ("zh", "en"), each read back on all known addresses.

    `names` gives schools their names. Addresses that lie in none of the plan's units are left out.
    """
    made = _zones(city, plan)
    title = {"city": city.name, "plan": plan.fingerprint[:12]}
    return {language: _zone_text(made, title, names, language) for language in languages}


def sections(text: str) -> list[tuple[Rule, ...]]:
    """The rules under each school's heading, in order: what a reader of the text needs to give addresses schools."""
    bodies: list[list[str]] = []
    within = False
    for line in text.splitlines():
        if line.startswith("## "):
            bodies.append([])
        within = not line.startswith("# ") and (within or line.startswith("## "))
        if within and line.startswith("- "):
            bodies[-1].append(line.removeprefix("- "))
    return [read("\n".join(body)).rules for body in bodies]


def misread(
    text: str, addresses: Addresses, zones: Sequence[int], schools: Sequence[str], roads: Roads
) -> tuple[Wrong, ...]:
    """The addresses to which the text gives another school than theirs, several, or none.

    `zones` gives each address the number of its school in `schools`, the order of the text's headings.
    """
    found = assign(sections(text), addresses, roads)
    several = {conflict.address: conflict.texts for conflict in found.conflicts}
    wrong = []
    for at, (told, own) in enumerate(zip(found.text.tolist(), zones, strict=True)):
        if told != own:
            named = several.get(at, (told,) if told >= 0 else ())
            wrong.append(Wrong(addresses.texts[at], schools[own], tuple(schools[one] for one in named)))
    return tuple(wrong)


def _zones(city: City, plan: Plan) -> _Zones:
    known = city.addresses()
    known = known[known["unit"].isin(list(plan.assignment))].sort_values(["text", "unit"], ignore_index=True)
    schools = tuple(sorted(set(plan.assignment.values())))
    number = {school: at for at, school in enumerate(schools)}
    zones = tuple(number[plan.assignment[unit]] for unit in known["unit"])
    addresses = Addresses.of(known["text"].tolist(), known.geometry.to_numpy())
    units, streets = city.units().set_index("unit").geometry, city.streets()
    named = {str(name) for name in streets["name"].dropna() if name}
    return _Zones(
        schools,
        addresses,
        zones,
        rules_of(addresses, zones),
        Names(named, addresses),
        sides_of(dissolve(units, plan.assignment), streets),
        Roads(streets, shapely.box(*units.total_bounds)),
    )


def _zone_text(made: _Zones, title: Mapping[str, str], names: Mapping[str, str], language: str) -> ZoneText:
    words = _WORDS[language]
    parts = [f"# {words['title']}\n\n{words['plan']}\n".format(**title)]
    lines = _lines(made, language)
    for number, school in enumerate(made.schools):
        called = names.get(school, school)
        parts.append(
            f"## {words['heading'].format(name=called, school=school)}\n" if called != school else f"## {school}\n"
        )
        if bounds := made.sides.get(school):
            road = write([Rule("bounded", bounds=bounds)], language).removeprefix("bounded by ")
            parts.append(words["sides"].format(text=road) + "\n")
        parts += _listed(lines[number], words)
    text = "\n".join(parts)
    wrong = misread(text, made.addresses, made.zones, made.schools, made.roads)
    return ZoneText(text + _untold(wrong, names, words), made.schools, len(made.zones), wrong)


def _heading(school: str, name: str, words: Mapping[str, str]) -> str:
    return f"## {school if name == school else words['heading'].format(name=name, school=school)}\n"


def _lines(made: _Zones, language: str) -> dict[int, dict[str, list[str]]]:
    """Per zone the lines of its compounds and of its streets, by name."""
    lines: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"compound": [], "street": []})
    for zone in range(len(made.schools)):
        rules = sorted((rule for own, rule in made.rules if own == zone), key=lambda rule: natural(rule.name))
        for rule, line in zip(rules, lines_of(rules, made.names, language), strict=True):
            if line is not None:
                lines[zone]["compound" if rule.kind == "compound" else "street"].append(line)
    return lines


def _listed(lines: Mapping[str, list[str]], words: Mapping[str, str]) -> Iterable[str]:
    for kind, found in lines.items():
        if found:
            yield f"### {words[kind]}\n"
            yield "".join(f"- {line}\n" for line in found)
    if not any(lines.values()):
        yield words["none"] + "\n"


def _untold(wrong: Sequence[Wrong], names: Mapping[str, str], words: Mapping[str, str]) -> str:
    if not wrong:
        return ""
    schools: dict[str, set[str]] = defaultdict(set)
    for one in wrong:
        schools[one.address].add(names.get(one.school, one.school))
    listed = "".join(
        f"- {text}{words['colon']}{' / '.join(sorted(found))}\n" for text, found in sorted(schools.items())
    )
    return f"\n# {words['untold']}\n\n{words['why']}\n\n{listed}"
