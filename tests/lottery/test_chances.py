"""The published bounds of P(same class) hold in simulation."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations

from lottery.chances import same_class_bounds
from lottery.placement import Rules, place
from lottery.public import RosterLine


def test_the_bounds_hold_for_every_pair() -> None:
    roster = {f"A{n:02}": "S1" if n < 5 else "S2" if n < 12 else "S3" for n in range(18)}
    manifest = {"classes": [{"code": f"C{n}"} for n in range(1, 4)]}
    low, high = same_class_bounds(manifest, [RosterLine(code, stratum, "", "") for code, stratum in roster.items()])
    rules = Rules("D1", ["C1", "C2", "C3"], {"S1": "", "S2": "", "S3": ""})
    draws = 2000
    together = dict.fromkeys(combinations(sorted(roster), 2), 0)
    for number in range(draws):
        groups = {one.code: one.group for one in place(sha256(str(number).encode()).digest(), rules, roster)}
        for first, second in together:
            together[first, second] += groups[first] == groups[second]
    error = 4.5 * (0.25 / draws) ** 0.5
    shares = [count / draws for count in together.values()]
    assert float(low) - error < min(shares) < float(low) + error
    assert float(high) - error < max(shares) < float(high) + error
    assert 0 < low < high < 1
