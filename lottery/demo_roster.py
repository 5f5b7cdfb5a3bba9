"""Synthetic rosters: invented people whose registration numbers begin with DEMO, so that nobody takes them for real."""

from __future__ import annotations

from collections.abc import Sequence

from lottery.rosterfile import Person
from lottery.store import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_BOYS = "浩宇轩睿泽晨博文俊杰子涵一鸣嘉豪天佑明远思齐星辰"
_GIRLS = "雨涵欣怡梓萱诗琪可馨语桐若曦佳宁静怡梦瑶思颖晓彤"
_TEACHERS = "建国丽华志强秀英海燕文斌玉兰晓东敏捷立新"


def demo_children(count: int, random: Random) -> list[Person]:
    """Invented children with sex and an entrance score between 60 and 100 in halves."""
    return [_child(number, random) for number in range(1, count + 1)]


def demo_teachers(count: int, random: Random) -> list[Person]:
    """Invented teachers."""
    return [Person(f"DEMO-T{number:02}", _name(_TEACHERS, random)) for number in range(1, count + 1)]


def roster_rows(people: Sequence[Person]) -> list[list[str | float]]:
    """A roster file's rows: headings, then one line a person; without sexes it is a teachers' roster."""
    rows: list[list[str | float]] = [["工号", "姓名"]]
    if not any(person.sex for person in people):
        return rows + [[person.id, person.name] for person in people]
    sexes = {"M": "男", "F": "女"}
    rows = [["学籍号", "姓名", "性别", "成绩"]]
    return rows + [[person.id, person.name, sexes[person.sex], float(person.score)] for person in people]


def _child(number: int, random: Random) -> Person:
    boy = _below(1000, random) < 520
    halves = 2 * 60 + sum(_below(41, random) for _ in range(2))
    score = f"{halves / 2:g}"
    return Person(f"DEMO2027{number:05}", _name(_BOYS if boy else _GIRLS, random), "M" if boy else "F", score)


def _name(given: str, random: Random) -> str:
    length = 1 + (_below(4, random) > 0)
    return _pick(_SURNAMES, random) + "".join(_pick(given, random) for _ in range(length))


def _pick(letters: str, random: Random) -> str:
    return letters[_below(len(letters), random)]


def _below(limit: int, random: Random) -> int:
    return int.from_bytes(random(8), "big") % limit
