"""How likely two children are to share a class: said before anything random, claimed of no pair (rule 16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

from lottery.manifest import Manifest
from lottery.public import RosterLine


def same_class_bounds(manifest: Manifest, lines: Iterable[RosterLine]) -> tuple[Fraction, Fraction]:
    """Bounds of P(same class) over all pairs of children that are not kept apart, for an ideal function.

    A run of m consecutive positions meets every slot ⌊m/K⌋ times and m mod K slots once more. Two children of one run
    have an exact probability; for two runs it lies between the least and the greatest overlap of those extra slots.
    """
    classes = len(manifest["classes"])
    sizes = Counter(Counter(line.stratum for line in lines).values())
    found = [_within(size, classes) for size in sizes if size > 1]
    for first, second in combinations_with_replacement(sorted(sizes), 2):
        if first != second or sizes[first] > 1:
            found += _between(first, second, classes)
    return min(found), max(found)


def _within(size: int, classes: int) -> Fraction:
    whole, extra = divmod(size, classes)
    pairs = extra * (whole + 1) * whole + (classes - extra) * whole * (whole - 1)
    return Fraction(pairs, size * (size - 1))


def _between(first: int, second: int, classes: int) -> Sequence[Fraction]:
    a, x = divmod(first, classes)
    b, y = divmod(second, classes)
    fixed = classes * a * b + a * y + b * x
    return [Fraction(fixed + overlap, first * second) for overlap in (max(0, x + y - classes), min(x, y))]
