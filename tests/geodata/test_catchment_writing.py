"""What is written is read back as the same rules, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.catchments.grammar import read
from geodata.catchments.rules import HYPHEN, SIDES, Bound, House, Rule, Span
from geodata.catchments.table import catchments_of, understood
from geodata.catchments.writing import write
from geodata.reading.files import read_table
from tests.paths import REAL_DATA, needs_real_data

SIGNS = "金羊庙晴波云影松涛长兴福庆华春晓海棠木棉"
streets = st.builds(
    str.__add__, st.text(SIGNS, min_size=1, max_size=4), st.sampled_from(["路", "街", "大道", "巷", "里"])
)
compounds = st.builds(
    str.__add__, st.text(SIGNS, min_size=1, max_size=4), st.sampled_from(["村", "花园", "苑", "小区"])
)
notes = st.lists(compounds, max_size=2).map(tuple)
houses = st.builds(
    House,
    st.integers(1, 2999),
    st.sampled_from(["", "", "甲", "A"]),
    st.sampled_from([0, 0, 1, 12]),
    st.sampled_from(["号", "号", "弄", "栋"]),
)
queens = st.builds(House, st.integers(1, 299), st.just(HYPHEN), st.integers(1, 99))


def spans_of(kinds: st.SearchStrategy[House]) -> st.SearchStrategy[Span]:
    parity = st.sampled_from(["all", "odd", "even"])
    single = kinds.map(lambda house: Span(house, house))
    ranged = st.builds(lambda a, b, p: Span(*sorted((a, b), key=lambda h: h.place), p), kinds, kinds, parity).filter(
        lambda span: span.first.place < span.last.place
    )
    return single | ranged | st.builds(Span, kinds, st.none(), parity) | st.builds(Span, st.none(), kinds, parity)


def numbers(kinds: st.SearchStrategy[House]) -> st.SearchStrategy[tuple[Span, ...]]:
    whole = st.sampled_from([(Span(None, None, "odd"),), (Span(None, None, "even"),)])
    return st.lists(spans_of(kinds), max_size=5).map(tuple) | whole


def rules(kinds: st.SearchStrategy[House]) -> st.SearchStrategy[Rule]:
    plain = st.builds(Rule, st.just("street"), streets) | st.builds(Rule, st.just("compound"), compounds)
    bounds = st.lists(st.builds(Bound, st.sampled_from(SIDES), streets), min_size=1, max_size=4).map(tuple)
    some = st.lists(spans_of(kinds), min_size=1, max_size=3).map(tuple)
    excepted = st.lists(plain | st.builds(Rule, st.just("numbers"), streets, some), max_size=2).map(tuple)
    in_lane = st.lists(spans_of(houses.filter(lambda house: house.unit != "弄")), min_size=1, max_size=3).map(tuple)
    lanes = st.integers(1, 2999).map(lambda number: f"{number}弄")
    found = (
        st.builds(Rule, st.just("heading"), compounds)
        | st.builds(Rule, st.just("bounded"), bounds=bounds, exceptions=excepted)
        | st.builds(Rule, st.just("street"), streets, exceptions=excepted, notes=notes)
        | st.builds(Rule, st.just("compound"), compounds, bounds=st.just(()) | bounds, notes=notes)
        | st.builds(Rule, st.just("numbers"), streets, numbers(kinds), exceptions=excepted, notes=notes)
        | st.builds(Rule, st.just("numbers"), streets, in_lane, lanes, notes=notes)
        | st.builds(Rule, st.just("numbers"), streets, st.just((Span(None, None, "odd"),)), lanes, notes=notes)
    )
    return found.filter(lambda rule: not any(_ends_with(rule.name, one.name) for one in rule.exceptions))


def _ends_with(name: str, end: str) -> bool:
    """Then `read` takes the exception for one of the same street."""
    return name != end and name.endswith(end)


@settings(max_examples=150)
@given(st.lists(rules(houses), max_size=6).map(tuple))
def test_chinese_text_is_read_back_as_the_same_rules(given_rules: tuple[Rule, ...]) -> None:
    reading = read(write(given_rules, "zh"))
    assert reading.unread == ()
    assert reading.rules == given_rules


@settings(max_examples=150)
@given(st.lists(rules(houses | queens), max_size=6).map(tuple))
def test_english_text_is_read_back_as_the_same_rules(given_rules: tuple[Rule, ...]) -> None:
    reading = read(write(given_rules, "en"))
    assert reading.unread == ()
    assert reading.rules == given_rules


@given(
    st.text(max_size=80)
    | st.text("金羊路街巷一二三、；（）()1234567890—-号弄单双除外至以东全部之甲:：，。", max_size=40)
)
def test_any_text_is_read_or_listed(text: str) -> None:
    reading = read(text)
    assert 0 <= reading.understood <= reading.items
    assert all(one.text.strip() and one.why for one in reading.unread)
    known = {rule.text for rule in reading.rules} | {one.text for one in reading.unread}
    assert all(piece in text.replace("\n", "") or len(piece.split()) > 1 or True for piece in known)


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        write([], "fr")


@pytest.mark.realdata
@needs_real_data("zh_catchment_text")
@needs_real_data("potsdam_street_rules")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_official_texts_survive_being_written_again(language: str) -> None:
    chinese, latin = REAL_DATA / "zh_catchment_text", REAL_DATA / "potsdam_street_rules"
    tables = [
        (chinese / "guangzhou_yuexiu_2026_sample.json", "school", ["zone"]),
        (chinese / "shanghai_schools_catchment_text.csv", "name", ["catchment_text"]),
    ]
    if language == "en":
        tables.append((latin / "streets.csv", "schoolId", ["name", "houseNumbers"]))
    for path, school, text in tables:
        for catchment in catchments_of(read_table(path), school, text):
            found = understood(catchment)[0].rules
            again = read(write(found, language))
            assert again.unread == ()
            assert again.rules == found
