"""A chart of plans that trade several figures, as an SVG file of its own: one panel for each figure against the first.

Colours are those of static/tokens.css. Every plan is a dot with its number: full where no other plan is better in both
figures of the panel, else hollow; so the chart can be read without colour, and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, cos, floor, hypot, log10, pi, sin

PANEL, HEIGHT = 380, 340  # of a panel's field, without its labels
LEFT, GAP, FOOT = 84, 76, 64
_STYLE = """
text{font:14px "PingFang SC","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif;fill:#1b2320}
.title{font-size:20px;font-weight:600}.note,.tick{fill:#4f5a55}.tick{font-variant-numeric:tabular-nums}
.number{font-weight:600;text-anchor:middle}.paper{fill:#fff}.grid{stroke:#dcdad0}.axis{stroke:#7b857f}
.front{stroke:#1c6b60;stroke-width:1.5;stroke-dasharray:5 4;fill:none}.lead{stroke:#7b857f;stroke-width:.75}
.best{fill:#1c6b60;stroke:#1c6b60;stroke-width:1.5}.other{fill:#fff;stroke:#1c6b60;stroke-width:1.5}
@media print{text,.note,.tick{fill:#000}.best{fill:#000}.best,.other,.front{stroke:#000}}
"""


@dataclass(frozen=True)
class Axis:
    """One figure of every plan in the same order, less is better; the label names it with its unit."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class _Scale:
    """A figure's values on a stretch of paper from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return round(self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Places on paper and their figures: about five round ones."""
        rough = (self.high - self.low) / 5
        power = 10.0 ** floor(log10(rough))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
        digits = max(0, -floor(log10(step) + 1e-9))
        first, last = ceil(self.low / step), floor(self.high / step)
        return [(self.at(number * step), f"{number * step:,.{digits}f}") for number in range(first, last + 1)]


def pareto_chart(title: str, notes: Sequence[str], first: Axis, others: Sequence[Axis]) -> str:
    """The SVG file: `first` upwards, each of `others` to the right in a panel of its own; `notes` are its lines below.

    Plans are numbered from 1 in the order of the values.
    """
    top = 64 + 22 * len(notes)
    width = LEFT + len(others) * (PANEL + GAP) - GAP + 24
    height = top + HEIGHT + FOOT
    parts = [f'<text class="title" x="20" y="36">{escape(title)}</text>']
    parts += [f'<text class="note" x="20" y="{62 + 22 * at}">{escape(note)}</text>' for at, note in enumerate(notes)]
    middle = top + HEIGHT / 2
    parts.append(f'<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">')
    parts.append(f"{escape(first.label)}</text>")
    up = _scale(first.values, top + HEIGHT, top)
    for at, axis in enumerate(others):
        left = LEFT + at * (PANEL + GAP)
        parts.append(_panel(axis, first, _scale(axis.values, left, left + PANEL), up))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<rect class="paper" width="{width}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or max(0.05 * abs(high), 0.5)
    return _Scale(low - margin, high + margin, start, end)


def _panel(axis: Axis, first: Axis, across: _Scale, up: _Scale) -> str:
    parts = [f'<path class="grid" d="M{across.start} {y}H{across.end}"/>' for y, _ in up.ticks()]
    parts += [f'<path class="grid" d="M{x} {up.start}V{up.end}"/>' for x, _ in across.ticks()]
    parts.append(f'<path class="axis" fill="none" d="M{across.start} {up.end}V{up.start}H{across.end}"/>')
    parts += [
        f'<text class="tick" x="{across.start - 8}" y="{y + 5:g}" text-anchor="end">{figure}</text>'
        for y, figure in up.ticks()
    ]
    parts += [
        f'<text class="tick" x="{x}" y="{up.start + 20:g}" text-anchor="middle">{figure}</text>'
        for x, figure in across.ticks()
    ]
    centre = (across.start + across.end) / 2
    parts.append(f'<text x="{centre:g}" y="{up.start + 46:g}" text-anchor="middle">{escape(axis.label)}</text>')
    dots = [(across.at(x), up.at(y)) for x, y in zip(axis.values, first.values, strict=True)]
    best = _best(list(zip(axis.values, first.values, strict=True)))
    parts.append(_steps(sorted(dots[at] for at in best)))
    for dot, place in zip(dots, _places(dots), strict=True):
        parts.append(f'<path class="lead" d="M{dot[0]} {dot[1]}L{place[0]} {place[1]}"/>')
    for number, (x, y) in enumerate(dots):
        parts.append(f'<circle class="{"best" if number in best else "other"}" cx="{x}" cy="{y}" r="4.5"/>')
    for number, (x, y) in enumerate(_places(dots), start=1):
        parts.append(f'<circle class="paper" cx="{x}" cy="{y}" r="9"/>')
        parts.append(f'<text class="number" x="{x}" y="{y + 5:.1f}">{number}</text>')
    return "".join(parts)


def _best(figures: Sequence[tuple[float, float]]) -> set[int]:
    """Plans than which none is as good in both figures and better in one."""
    return {
        at for at, (x, y) in enumerate(figures) if not any(a <= x and b <= y and (a, b) != (x, y) for a, b in figures)
    }


def _steps(dots: Sequence[tuple[float, float]]) -> str:
    """The edge of what was reached: from each dot level to the next, then down."""
    path = f"M{dots[0][0]} {dots[0][1]}" + "".join(f"H{x}V{y}" for x, y in dots[1:])
    return f'<path class="front" d="{path}"/>'


def _places(dots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where each dot's number stands: the nearest of some rings around it that is free of dots and other numbers."""
    places: list[tuple[float, float]] = []
    for x, y in dots:
        near = [
            (round(x + ring * cos(turn * pi / 8 - pi / 4), 1), round(y + ring * sin(turn * pi / 8 - pi / 4), 1))
            for ring in (17, 26, 35, 44)
            for turn in range(16)
        ]
        free = (spot for spot in near if _is_free(spot, dots, 14) and _is_free(spot, places, 19))
        places.append(next(free, near[0]))
    return places


def _is_free(spot: tuple[float, float], taken: Sequence[tuple[float, float]], apart: float) -> bool:
    return all(hypot(spot[0] - x, spot[1] - y) >= apart for x, y in taken)
