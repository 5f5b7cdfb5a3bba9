"""Charts of a data report as inline SVG; every figure in them stands in a table beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, FOOT = 84, 116, 24, 36


@dataclass(frozen=True)
class Demand:
    """Children of one level by year: low, middle and high; without a forecast the three are the same."""

    years: tuple[int, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    seats: float

    @property
    def ranged(self) -> bool:
        """Whether low and high differ from the middle anywhere."""
        return (self.low, self.high) != (self.middle, self.middle)


@dataclass(frozen=True)
class _Axes:
    first: int
    last: int
    top: float

    def x(self, year: float) -> float:
        wide = WIDTH - LEFT - RIGHT
        return round(LEFT + wide * (year - self.first) / max(self.last - self.first, 1), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * value / self.top, 1)


def demand_chart(demand: Demand, words: tuple[str, str, str]) -> str:
    """Children by year with the seats as a level line; `words` name the children, low–high, and the seats."""
    highest = max((*demand.high, demand.seats, 1.0))
    step = _round_step(highest / 4)
    axes = _Axes(demand.years[0], demand.years[-1], step * ceil(highest / step))
    parts = [_grid(axes, step), _years(axes, demand.years)]
    if demand.ranged:
        back = list(zip(demand.years, demand.low, strict=True))[::-1]
        parts.append(f'<path class="band" d="{_line(axes, [*_pairs(demand, "high"), *back])}Z"/>')
        parts += [f'<path class="edge" d="{_line(axes, _pairs(demand, edge))}"/>' for edge in ("low", "high")]
    if demand.seats:
        parts.append(f'<path class="seats" d="M{LEFT} {axes.y(demand.seats)}H{WIDTH - RIGHT}"/>')
    parts.append(f'<path class="middle" d="{_line(axes, _pairs(demand, "middle"))}"/>')
    parts += [
        f'<circle class="now" cx="{axes.x(year)}" cy="{axes.y(value)}" r="4"/>'
        for year, value in _pairs(demand, "middle")
    ]
    parts.append(_labels(axes, demand, words))
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{"".join(parts)}</svg>'


def shares_bar(share: float) -> str:
    """A bar of a part (0 to 1) of a whole."""
    part = round(100 * min(max(share, 0.0), 1.0), 1)
    return (
        '<svg viewBox="0 0 100 6" preserveAspectRatio="none" style="height:10px" aria-hidden="true">'
        f'<rect class="rest" width="100" height="6"/><rect class="bar" width="{part:g}" height="6"/></svg>'
    )


def _pairs(demand: Demand, name: str) -> list[tuple[int, float]]:
    return list(zip(demand.years, getattr(demand, name), strict=True))


def _line(axes: _Axes, points: Sequence[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{axes.x(year)} {axes.y(value)}" for year, value in points)


def _round_step(least: float) -> float:
    power: float = 10.0 ** ceil(log10(least) - 1)
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= least)


def _grid(axes: _Axes, step: float) -> str:
    lines = []
    for at in range(round(axes.top / step) + 1):
        y = axes.y(at * step)
        lines.append(f'<path class="{"grid" if at else "axis"}" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4.5:g}" text-anchor="end">{at * step:,.0f}</text>')
    return "".join(lines)


def _years(axes: _Axes, years: Sequence[int]) -> str:
    every = ceil(len(years) / 8)
    return "".join(
        f'<text x="{axes.x(year)}" y="{HEIGHT - 12}" text-anchor="middle">{year}</text>' for year in years[::every]
    )


def _labels(axes: _Axes, demand: Demand, words: tuple[str, str, str]) -> str:
    """The names of the lines at their right ends, pushed apart where they would meet."""
    ends = [(axes.y(demand.middle[-1]), words[0], "strong")]
    if demand.ranged:
        ends.append((axes.y(demand.high[-1]), words[1], ""))
    if demand.seats:
        ends.append((axes.y(demand.seats), words[2], "strong"))
    texts, last = [], float("-inf")
    for y, word, kind in sorted(ends):
        last = max(y, last + 22)
        texts.append(f'<text class="{kind}" x="{WIDTH - RIGHT + 12}" y="{last + 4.5:g}">{escape(word)}</text>')
    return "".join(texts)
