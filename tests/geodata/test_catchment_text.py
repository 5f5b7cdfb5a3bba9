"""What catchment texts mean: items read by hand from official texts, and the share understood of all of them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from geodata.catchments.grammar import read
from geodata.catchments.items import items_of
from geodata.catchments.rules import HYPHEN, Bound, House, Rule, Span
from geodata.catchments.table import try_table
from geodata.catchments.writing import write
from tests.paths import CHECKOUT, REAL_DATA, needs_real_data

GOLDEN = [
    # ranges, parities, lists
    ("共和路35—73（单号）", "共和路35号—73号（单号）"),
    (
        "共和二路1-14、16、18、20、22-34、36-57（单双号）",
        "共和二路1号—14号、16号、18号、20号、22号—34号、36号—57号",
    ),
    ("共和三路1—17号", "共和三路1号—17号"),
    ("共和西（单号）", "共和西单号"),
    ("共和路2—82（双号）、1-19（单号）", "共和路2号—82号（双号）、1号—19号（单号）"),
    ("共和东17、18 、19、 20号", "共和东17号、18号、19号、20号"),
    ("共和西（2、4、6、8、12、14-30号，双号）", "共和西2号、4号、6号、8号、12号、14号—30号（双号）"),
    ("中山一路2-58号（2-18、22、26-58号，双号）", "中山一路2号—18号（双号）、22号、26号—58号（双号）"),
    ("中山一路78——100号（双号）", "中山一路78号—100号（双号）"),
    ("署前路(1-13、15-55号，含单双号)", "署前路1号—13号、15号—55号"),
    ("东兴南路：35—109号（单号，含89号鸿业大厦）", "东兴南路35号—109号（单号）〔鸿业大厦〕"),
    ("东兴北路：62—102（双号，含92、110东海嘉园）", "东兴北路62号—102号（双号）、110号〔东海嘉园〕"),
    ("广州大道中111–199单号（包括晖景、鸿景)", "广州大道中111号—199号（单号）〔晖景〕〔鸿景〕"),
    (
        "文德路7—9（单号）、66-76、142-208号（双号）",
        "文德路7号—9号（单号）、66号—76号（双号）、142号—208号（双号）",
    ),
    ("仰忠街3—11（单号）、2—72（双号）、19—94号", "仰忠街3号—11号（单号）、2号—72号（双号）、19号—94号"),
    ("清水濠1—15（单号） 28—64（双号）", "清水濠1号—15号（单号）、28号—64号（双号）"),
    ("文明路207号—211号", "文明路207号—211号"),
    ("中山西路：85-187（单号）、189 弄、340-450（双号）", "中山西路85弄—187弄（单号）、189弄、340号—450号（双号）"),
    ("愚园路：(双)684—1088弄、1112弄(单)669弄—1249弄", "愚园路684弄—1088弄（双号）、1112弄、669弄—1249弄（单号）"),
    ("天河北路（双号380、384；单号367—377）", "天河北路380号、384号、367号—377号（单号）"),
    ("体育西路单号（9—91号）双号（20—50号）", "体育西路9号—91号（单号）、20号—50号（双号）"),
    ("黄埔大道西201号至275号的单号", "黄埔大道西201号—275号（单号）"),
    ("兴国路（双）", "兴国路双号"),
    ("先烈东路双号", "先烈东路双号"),
    # beyond a number
    ("番禺路（双）:224弄及以后", "番禺路224弄及以后（双号）"),
    ("万航渡路1424弄及以前", "万航渡路1424弄及以前"),
    ("五山路：242号（含此号）后的双数门牌", "五山路242号及以后（双号）"),
    ("体育东路单号（37号以下）", "体育东路37号及以前（单号）"),
    # parts of a number
    ("东船栏17、17号之一", "东船栏17号、17号之1"),
    ("西菜地17—32号之一 （含单双号）", "西菜地17号—32号之1"),
    ("文化里：1-9号、11号之二（金山阁）、13号", "文化里1号—9号、11号之2、13号〔金山阁〕"),
    ("青云直街52-60号之一（双号）、64号", "青云直街52号—60号之1（双号）、64号"),
    ("兴东路7、7号之一之二", "兴东路7号、7号之1、7号之2"),
    ("体育西路105号、105号之一、之二", "体育西路105号、105号之1、105号之2"),
    ("滨河路15甲、17號", "滨河路15甲号、17号"),
    ("陶苑街十五号", "陶苑街15号"),
    # lanes
    ("天山路:88弄", "天山路88弄"),
    ("茅台路:200弄1-17号", "茅台路200弄1号—17号"),
    ("清溪路: 770 弄 25 号", "清溪路770弄25号"),
    ("天山路：1726 弄 1-11 号、938 弄", "天山路1726弄1号—11号\n天山路938弄"),
    ("番禺路（双）:2-220弄、222弄1-51号（弄内单号）", "番禺路2弄—220弄（双号）\n番禺路222弄1号—51号（单号）"),
    ("番禺路（单）:211号及以后、209 弄（弄内双号）", "番禺路211号及以后（单号）\n番禺路209弄（弄内双号）"),
    ("水城路：90号—500弄（双号、弄）", "水城路90号—500弄（双号）"),
    ("虹桥路:1704 号-1980 弄", "虹桥路1704号—1980弄"),
    ("寺右北一街二巷1、3、5号", "寺右北一街二巷1号、3号、5号"),
    # names, whole and elided
    ("共和西横街", "共和西横街全部"),
    ("天山四村全部", "天山四村"),
    ("天山三村：全部", "天山三村"),
    ("金羊一、二、三街", "金羊一街全部\n金羊二街全部\n金羊三街全部"),
    ("启明一、二、三、四马路", "启明一马路\n启明二马路\n启明三马路\n启明四马路"),
    ("龟岗一至三马路", "龟岗一马路\n龟岗二马路\n龟岗三马路"),
    ("寺右一巷、二巷", "寺右一巷\n寺右二巷"),
    ("寺右南二街、三街、四街", "寺右南二街全部\n寺右南三街全部\n寺右南四街全部"),
    ("沙河大街南1—3巷", "沙河大街南1巷\n沙河大街南2巷\n沙河大街南3巷"),
    ("长喜一、二横巷", "长喜一横巷\n长喜二横巷"),
    ("程桥一村、程桥二村", "程桥一村\n程桥二村"),
    ("绿荫路6巷", "绿荫路6巷"),
    ("十六中宿舍", "十六中宿舍"),
    ("凌塘村辖区范围、万科云城", "凌塘村\n万科云城"),
    # remarks in brackets
    ("中山一路59、61、63号（东山领汇）", "中山一路59号、61号、63号〔东山领汇〕"),
    ("芙蓉街（花城苑）", "芙蓉街全部〔花城苑〕"),
    ("福今路2号大院、3—27号（单号）", "福今路2号、3号—27号（单号）〔大院〕"),
    ("（怡福花园）怡福街1--55号", "怡福街1号—55号〔怡福花园〕"),
    ("88大厦（荣华东道88号）", "荣华东道88号〔88大厦〕"),
    ("马赛花园（荣华东道79、80、102弄）", "荣华东道79弄、80弄、102弄〔马赛花园〕"),
    ("潘家塔（1-40 号）", "潘家塔1号—40号"),
    ("圣贤里3-25号（14号拆迁）", "圣贤里3号—25号〔14号拆迁〕"),
    ("北翟地区（剑河路以西）", "北翟地区（东至剑河路）"),
    ("兴华街（鳌鱼岗社区、兴华社区）", "【兴华街】\n鳌鱼岗社区\n兴华社区"),
    # exceptions
    ("西元岗（一、二巷除外）", "西元岗（西元岗一巷、西元岗二巷除外）"),
    ("延安西路（双）:1152-1696号（1350弄除外）", "延安西路1152号—1696号（双号）（1350弄除外）"),
    ("广雅后街一巷（后街一巷17号、19号之一除外）", "广雅后街一巷（17号、19号之1除外）"),
    ("花苑社区部分：除浣花路53号、87号之一外", "花苑社区（浣花路53号、87号之1除外）"),
    # areas
    ("东至甲路，南至乙路，西至丙路，北至丁路", "东至甲路，南至乙路，西至丙路，北至丁路"),
    ("花城大道以南，临江大道以北，马场路以西，海风路以东", "北至花城大道，南至临江大道，东至马场路，西至海风路"),
    ("甲路以南、乙路以北（冼村、猎德村除外）", "北至甲路，南至乙路（冼村、猎德村除外）"),
    # several in one item
    ("东兴南路：1-33号（单号） 东泰路80号（碧水明筑）", "东兴南路1号—33号（单号）\n东泰路80号〔碧水明筑〕"),
    ("娄山关路：764 弄、810 弄 武夷路：651-741（单号）", "娄山关路764弄、810弄\n武夷路651号—741号（单号）"),
    ("幼儿户籍在威宁路511弄、天山路202弄的适龄儿童", "威宁路511弄\n天山路202弄"),
    ("钟二村、钟三村户籍的适龄儿童", "钟二村\n钟三村"),
]


@pytest.mark.parametrize(("text", "means"), GOLDEN)
def test_an_item_means_what_a_reader_takes_from_it(text: str, means: str) -> None:
    reading = read(text)
    assert reading.unread == ()
    assert write(reading.rules) == means


LATIN = [
    ("Ahornweg: gesamt", "Ahornweg: all"),
    ("Potsdamer Chaussee Groß Glienicke: ung. 1-51 ; ger. 2-124D", None),
    ("Martinsweg: 1 ", "Martinsweg: nos. 1"),
    ("Neuendorfer Str.: 10 D", "Neuendorfer Str.: nos. 10D"),
    ("Nuthedamm: ung. 1 -1B", "Nuthedamm: nos. odd 1 to 1B"),
    ("Mangerstr.: ohne HNr.", "Mangerstr.: without numbers"),
    ("GA Nuthestrand 1: gesamt", "GA Nuthestrand 1: all"),
    ("Kirchweg 3, 5-9 u. 12", "Kirchweg: nos. 3, 5 to 9, 12"),
    ("Main St 2-40 (even)", "Main St: nos. even 2 to 40"),
    ("Dorfstr. ab 12", "Dorfstr.: nos. from 12"),
    ("Main St up to 19", "Main St: nos. up to 19"),
    ("117th Street: 109-19", "117th Street: nos. no. 109-19"),
]


@pytest.mark.parametrize(("text", "means"), [pair for pair in LATIN if pair[1]])
def test_a_latin_item_means_what_a_reader_takes_from_it(text: str, means: str) -> None:
    reading = read(text)
    assert reading.unread == ()
    assert write(reading.rules, "en") == means


def test_a_semicolon_continues_the_street_before_it() -> None:
    rules = read("Potsdamer Chaussee: ung. 1-51 ; ger. 2-124D").rules
    assert [rule.name for rule in rules] == ["Potsdamer Chaussee"] * 2
    assert rules[1].numbers == (Span(House(2), House(124, "D"), "even"),)
    rules = read("寺右北一街三巷1、3、9（法院大楼）；16、28号（供电局）").rules
    assert [rule.name for rule in rules] == ["寺右北一街三巷"] * 2


def test_a_queens_number_is_one_house_and_never_a_range() -> None:
    (rule,) = read("117th Street: 109-19").rules
    house = House(109, HYPHEN, 19)
    assert rule.numbers == (Span(house, house),)
    assert not rule.numbers[0].holds(House(109))


@pytest.mark.parametrize(
    "text",
    [
        "电脑派位",
        "华山路1220弄（集体户口除外）",
        "中山西路：640 号（双号）-652 弄 3 号",
        "遵义路:友谊新村 1-7号、390-412 弄",
        "晴波路（岭南会公寓）",
        "兴国路（汇峰苑、保利心语花园）",
        "赤塘社区的部分",
        "环城西路（部分）",
        "福景园等小区",
        "在小平村及附近居住的适龄儿童",
        "原增滘村民",
        "紫荆花园和林和东131号",
        "253号B栋",
        "1、3、5号",
        "建设路9-1号",
        "某路（单号",
        "三街",
        "石围塘街·芳彩社区（仅凯粤湾小区）：",
        "共和路（不含5号）",
        "西?路1-5号",
        "共和*路",
        "Some part of Park Road",
        "Berg 10 to 5",
    ],
)
def test_what_is_not_clear_is_listed_word_for_word(text: str) -> None:
    reading = read(text)
    assert reading.rules == ()
    assert [one.text for one in reading.unread] == [text]
    assert reading.items == 1


def test_an_item_of_which_a_part_is_not_clear_is_listed_whole() -> None:
    reading = read("金羊一街\n共和路35号、环城西路（部分）；梅花村")
    assert [rule.name for rule in reading.rules] == ["金羊一街", "梅花村"]
    assert [(one.line, one.text) for one in reading.unread] == [(2, "共和路35号、环城西路（部分）")]


def test_numbers_after_a_bare_street_make_both_items_doubtful() -> None:
    reading = read("虹桥路（双）:996-1038弄 虹桥路;1060号；长顺路")
    assert [one.text for one in reading.unread] == ["虹桥路（双）:996-1038弄 虹桥路", "1060号"]
    assert [rule.name for rule in reading.rules] == ["长顺路"]


def test_a_street_office_on_a_line_of_its_own_is_a_heading() -> None:
    rules = read("梅花街\n共和路35—73（单号）\n农林街\n牡丹街；水仙街").rules
    assert [(rule.kind, rule.name) for rule in rules if rule.kind != "numbers"] == [
        ("heading", "梅花街"),
        ("heading", "农林街"),
        ("street", "牡丹街"),
        ("street", "水仙街"),
    ]


def test_a_list_of_streets_one_a_line_is_never_taken_for_headings() -> None:
    reading = read("牡丹街\n水仙街\n东湖路\n木棉街")
    assert [one.text for one in reading.unread] == ["牡丹街", "水仙街"]
    assert [rule.name for rule in reading.rules] == ["东湖路", "木棉街"]


def test_rules_tell_their_line_and_words() -> None:
    rules = read("梅花街\n共和路35—73（单号）；共和三路1—17号").rules
    assert [(rule.line, rule.text) for rule in rules] == [
        (1, "梅花街"),
        (2, "共和路35—73（单号）"),
        (2, "共和三路1—17号"),
    ]


def test_bounds_tell_the_side_on_which_the_road_lies() -> None:
    (rule,) = read("甲路以南，东至乙路").rules
    assert rule == Rule("bounded", bounds=(Bound("north", "甲路"), Bound("east", "乙路")))


def test_items_are_counted_by_separators_alone() -> None:
    text = "1.天山路:88弄      2.长宁路（甲；乙）\n①某某；②xyz、zyx。\n番禺路1号、\n3号"
    assert [item.text for item in items_of(text)] == [
        "天山路:88弄",
        "长宁路（甲；乙）",
        "某某",
        "xyz、zyx",
        "番禺路1号、3号",
    ]


@pytest.mark.realdata
@needs_real_data("zh_catchment_text")
@needs_real_data("potsdam_street_rules")
@pytest.mark.parametrize(
    ("path", "school", "text", "items", "least"),
    [
        ("zh_catchment_text/guangzhou_yuexiu_2026_sample.json", "school", ("zone",), 294, 0.99),
        ("zh_catchment_text/shanghai_schools_catchment_text.csv", "name", ("catchment_text",), 281, 0.96),
        ("potsdam_street_rules/streets.csv", "schoolId", ("name", "houseNumbers"), 1185, 1.0),
    ],
)
def test_the_share_understood_of_official_texts(
    path: str, school: str, text: tuple[str, ...], items: int, least: float
) -> None:
    tried = try_table(REAL_DATA / path, school, text)
    assert tried["items"] == items
    assert tried["share"] >= least
    assert tried["understood"] + len(tried["not_understood"]) == items


@pytest.mark.realdata
@needs_real_data("zh_catchment_text")
def test_what_is_not_understood_stands_in_the_file_as_listed() -> None:
    folder = REAL_DATA / "zh_catchment_text"
    whole = {
        "guangzhou_yuexiu_2026_sample.json": ("school", "zone", _zones),
        "shanghai_schools_catchment_text.csv": ("name", "catchment_text", _texts),
    }
    for name, (school, column, texts) in whole.items():
        words = texts(folder / name)
        for one in try_table(folder / name, school, (column,))["not_understood"]:
            assert one["text"].replace(" ", "") in words


def _zones(path: Path) -> str:
    return _flat("".join(record["zone"] for record in json.loads(path.read_text(encoding="utf-8"))["records"]))


def _texts(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return _flat("".join(row["catchment_text"] for row in csv.DictReader(file)))


def _flat(text: str) -> str:
    return "".join(text.split())


def test_the_examples_of_the_page_are_what_the_code_reads() -> None:
    page = (CHECKOUT / "docs" / "spec" / "catchment-text.md").read_text(encoding="utf-8")
    rows = [
        line.strip("| ").split(" | ") for line in page[page.index("## 8.") :].splitlines() if line.startswith("| `")
    ]
    assert len(rows) >= 9
    for text, means in rows:
        reading = read(text.strip("`"))
        if means.startswith("listed: "):
            assert [one.why.partition(":")[0] for one in reading.unread] == [means.removeprefix("listed: ")]
        else:
            language = "zh" if re.search("[\u4e00-\u9fff]", text) else "en"
            assert write(reading.rules, language).splitlines() == re.findall("`([^`]+)`", means)
