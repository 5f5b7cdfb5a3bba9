"""Invented Chinese names of streets, compounds and schools. No list of real places stands behind them."""

from __future__ import annotations

import numpy as np

from geodata.demo.graph import Streets
from geodata.demo.land import Compound
from geodata.demo.layout import LANE, MAIN, Line
from geodata.demo.shape import BANK, RAILSIDE, Shape

CITY = "衡川市（合成示例）"
DISTRICTS = ("望河区", "启明区")
"""South and north of the river."""

AVENUES = "建设人民和平友谊胜利新华光明迎宾工农文化东风兴业曙光团结创业前进"
ROADS = "解放中山长青学府朝阳北环工业青年体育南环科技振兴民主滨湖康复新城"
FIRST = "安昌长朝春翠德东丰福富光广桂海恒红宏华嘉建锦景康乐丽龙明宁平青庆荣瑞盛顺松泰同文祥新兴秀延阳永育裕云振正志紫"
SECOND = "安昌春达德丰福光贵和河虹华江康乐林民宁平泉仁荣山胜盛顺泰亭通文祥新兴学雅阳业益园远悦泽洲竹"
HOMELY = "湾岸庭轩馨怡沁景韵月星云"
LANES = (
    "槐树柳树杏花枣树石桥水井灯笼豆腐鼓楼铁匠书院灯市油坊磨坊草市银杏双井文庙马市米市布市"
    "茶馆酒坊糖坊砖塔菱角青瓦白塔花市弓箭针线"
)
LANE_SIDES = ("", "东", "西", "南", "北", "前", "后", "小", "大")
ENDINGS = {
    "lanes": ("里", "大院", "坊"),
    "village": ("屯", "新村", "庄"),
    "walkup": ("小区", "新村", "小区", "家属院", "花园"),
    "midrise": ("花园", "家园", "佳苑", "小区"),
    "tower": ("名苑", "华庭", "国际城", "花园", "雅居"),
    "shops": ("商场", "广场", "市场"),
    "office": ("大厦", "办公楼", "服务中心"),
    "campus": ("学院", "师范学校"),
    "works": ("机械厂", "纺织厂", "食品厂", "建材厂", "仓储园"),
}
COUNTED = ("", "二", "三", "四", "五")
POPULAR = ("阳光", "幸福", "花园", "锦绣", "翠湖", "金色", "东方", "世纪", "滨江", "富丽")
"""First halves of compound names that are used again and again, on purpose: names are not unique."""


def twos(text: str) -> list[str]:
    """Cut a text into names of two characters."""
    return [text[i : i + 2] for i in range(0, len(text), 2)]


def pairs(seed: int, stream: int, first: str = FIRST, second: str = SECOND) -> list[str]:
    """Return every two-character name of the two lists, in the order that belongs to the seed."""
    names = [a + b for a in first for b in second if a != b]
    order = np.random.default_rng([seed, 10, stream]).permutation(len(names))
    return [names[i] for i in order]


def street_names(streets: Streets, shape: Shape, seed: int) -> tuple[str, ...]:
    """Name every line: avenues 大街 run north, roads 路 east, branches 街 and 路, lanes 胡同. All are different."""
    places = {"大街": iter(twos(AVENUES)), "路": iter(twos(ROADS))}
    common, lanes = iter(pairs(seed, 0)), iter(lane_names(seed))
    names: dict[int, str] = {}
    roads: dict[tuple[bool, int], str] = {}
    families: dict[tuple[int, ...], list[str]] = {}
    used = np.unique(streets.street)
    far = [abs(streets.lines[i].at) for i in used]
    for index in used[np.argsort(far, kind="stable")]:
        line = streets.lines[index]
        key = (line.along_u, line.at)
        ending = "路" if line.along_u else "大街"
        if line.kind == MAIN or (abs(line.at - shape.rail) == RAILSIDE and not line.along_u):
            if key not in roads:
                roads[key] = landmark(key, shape) or next(places[ending]) + ending
            names[int(index)] = roads[key]
        elif line.kind == LANE:
            names[int(index)] = next(lanes)
        else:
            family = families.setdefault(family_of(line), [])
            if not family:
                first, ending = next(common), "路" if line.along_u else "街"
                family += [first + count + ending for count in COUNTED]
            names[int(index)] = family.pop(0)
    return tuple(names.get(i, "") for i in range(len(streets.lines)))


def family_of(line: Line) -> tuple[int, ...]:
    """Branch streets of one direction that lie close together share a name and are counted: 春华街, 春华二街 …"""
    middle = (line.low + line.high) // 2
    return (int(line.along_u), line.at // 500, middle // 500)


def landmark(key: tuple[bool, int], shape: Shape) -> str:
    """Return the name of a street that is named for what it runs along, else nothing."""
    known = {
        (True, BANK): "滨河北路",
        (True, -BANK): "滨河南路",
        (False, shape.rail - RAILSIDE): "站前大街",
        (False, shape.rail + RAILSIDE): "铁东大街",
    }
    return known.get(key, "")


def lane_names(seed: int) -> list[str]:
    """Return the names of the lanes: a thing, perhaps a side, 胡同."""
    names = [f"{thing}{side}胡同" for side in LANE_SIDES for thing in twos(LANES)]
    order = np.random.default_rng([seed, 11]).permutation(len(names))
    return [names[i] for i in order]


def compound_names(compounds: list[Compound], districts: list[str], seed: int) -> list[str]:
    """Name every compound; in one district a name occurs once, in the city some occur twice (about one in twenty)."""
    generator = np.random.default_rng([seed, 12])
    fresh = iter(pairs(seed, 1, second=SECOND + HOMELY))
    taken: set[tuple[str, str]] = set()
    names = []
    for compound, district in zip(compounds, districts, strict=True):
        name = ""
        if compound.use in ("walkup", "midrise", "tower") and generator.random() < 0.12:
            name = popular(compound.use, generator)
        if not name or (district, name) in taken:
            name = next(fresh) + str(generator.choice(ENDINGS[compound.use])) if compound.use in ENDINGS else ""
        taken.add((district, name))
        names.append(name)
    return names


def popular(use: str, generator: np.random.Generator) -> str:
    """Return one of the names that many compounds bear, such as 阳光花园 or 花园小区."""
    first = str(generator.choice(POPULAR))
    ending = str(generator.choice(ENDINGS[use]))
    return first + ("小区" if first == ending else ending)


def school_names(level: str, districts: list[str], streets: list[str], seed: int) -> list[str]:
    """Name the schools of a level: numbered and experimental ones in each district, the others after their street."""
    generator = np.random.default_rng([seed, 13, len(districts)])
    kind = "小学" if level == "primary" else "初级中学"
    names: list[str] = []
    numbers = {district: iter(["实验", "第一", "第二", "第三", "第四", "第五"]) for district in DISTRICTS}
    for district, street in zip(districts, streets, strict=True):
        name = street.removesuffix("大街").removesuffix("路").removesuffix("街").rstrip("二三四五") + kind
        if name in names or (generator.random() < 0.4):
            name = district + next(numbers[district], name.removesuffix(kind)) + kind
        while name in names:
            name = name.replace(kind, "实验" + kind)
        names.append(name)
    return names
