"""Addresses are found by tokens that every spelling of a house has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geodata.addresses.normal import normal_address
from lookup.addresses import index_tokens, tokens


def test_a_hyphenated_house_number_is_one_token() -> None:
    assert tokens(normal_address("109-19 117th Street")) == ["109-19", "117", "street"]


def test_a_range_of_houses_is_found_by_each_number() -> None:
    assert {"4号", "5号", "6号", "7号", "4-7号"} <= set(index_tokens("628弄4-7号"))


def test_a_house_number_that_falls_is_no_range() -> None:
    assert "18号" not in index_tokens("109-19号")


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
