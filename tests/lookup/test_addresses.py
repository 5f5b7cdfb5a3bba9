"""Spellings of one house give one normal form; different houses stay different."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookup.addresses import index_tokens, natural, normal_address, tokens, without_room


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        ("吉林省辽源市龙山区人民大街１２号", "人民大街12号"),
        ("人民大街十二号", "人民大街12号"),
        ("人民大街12號", "人民大街12号"),
        (" 人民大街 12号 ", "人民大街12号"),
        ("阳光小区三幢", "阳光小区3栋"),
        ("阳光小区3号楼", "阳光小区3栋"),
        ("陽光小區3棟", "阳光小区3栋"),
        ("中山一路二十三号", "中山1路23号"),
        ("二〇三室", "203室"),
        ("一百零三号", "103号"),
        ("上海市黄浦区九江路628弄4－7號", "9江路628弄4-7号"),
        ("109–19 117th St.", "109-19 117 street"),
        ("109-19  117TH STREET", "109-19 117 street"),
        ("200-05 Hollis Ave", "200-05 hollis avenue"),
        ("滨河路15甲", "滨河路15甲"),
    ],
)
def test_spellings(spelling: str, normal: str) -> None:
    assert normal_address(spelling) == normal


@pytest.mark.parametrize("name", ["阳光小区3栋", "阳光新区3栋", "新华社区2栋", "市政小区1栋", "龙山区"])
def test_names_that_end_like_a_district_keep_it(name: str) -> None:
    assert normal_address(name) == name


def test_a_hyphenated_house_number_is_one_token() -> None:
    assert tokens(normal_address("109-19 117th Street")) == ["109-19", "117", "street"]


def test_a_range_of_houses_is_found_by_each_number() -> None:
    assert {"4号", "5号", "6号", "7号", "4-7号"} <= set(index_tokens("628弄4-7号"))


def test_a_house_number_that_falls_is_no_range() -> None:
    assert "18号" not in index_tokens("109-19号")


@pytest.mark.parametrize(
    ("typed", "house"),
    [("阳光小区3栋2单元501室", "阳光小区3栋"), ("阳光小区3栋501", "阳光小区3栋"), ("人民大街12号", "人民大街12号")],
)
def test_the_room_is_no_part_of_the_house(typed: str, house: str) -> None:
    assert without_room(typed) == house


def test_natural_order() -> None:
    assert sorted(["10号", "2号", "1号"], key=natural) == ["1号", "2号", "10号"]


@given(st.text(max_size=60))
def test_any_text_has_a_normal_form_that_is_stable(text: str) -> None:
    normal = normal_address(text)
    assert normal_address(normal) == normal_address(normal_address(normal))
    for token in tokens(normal):
        assert not set(token) & set("\"'&|!():*")


@given(st.text(alphabet="人民大街阳光小区一二三十0123456789号栋-甲", min_size=2, max_size=12))
def test_a_whole_address_has_every_token_of_its_own(text: str) -> None:
    normal = normal_address(text)
    assert set(tokens(normal)) <= set(index_tokens(normal))
