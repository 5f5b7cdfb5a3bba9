"""The specification's example is what the code computes, and every rule it numbers is there once."""

from __future__ import annotations

import re

from tests.ledger.example import BEGIN, END, SPEC, text


def test_the_example_of_the_specification_is_recomputed() -> None:
    written = SPEC.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == text()


def test_rules_are_numbered_without_gap() -> None:
    found = re.findall(r"^- \*\*([A-Z]+)(\d+)\*\*", SPEC.read_text(encoding="utf-8"), re.MULTILINE)
    by_section: dict[str, list[int]] = {}
    for letters, number in found:
        by_section.setdefault(letters, []).append(int(number))
    assert by_section
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_section.values())
