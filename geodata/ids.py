"""Ids that the import gives."""

from __future__ import annotations


def ids_of(letter: str, count: int) -> list[str]:
    """Ids of equal width: U001, U002, …"""
    width = len(str(count))
    return [f"{letter}{number:0{width}}" for number in range(1, count + 1)]
