"""What a parent and a program get to see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient, FlaskCliRunner

from tests.lookup.publications import ADDRESSES, SCHOOLS, table, write_publication
from tests.paths import CHECKOUT


def ask(client: FlaskClient, typed: str) -> dict:
    answer = client.get("/api/lookup", query_string={"q": typed})
    assert answer.status_code == 200
    return answer.get_json()


def suggestions(client: FlaskClient, typed: str) -> list[str]:
    return [entry["text"] for entry in ask(client, typed)["suggestions"]]


def school(client: FlaskClient, typed: str) -> str:
    return ask(client, typed)["answers"][0]["schools"][0]["name"]


def test_start_page_before_any_publication(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "No zone map is published yet" in page.text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("龙山区人民大街12号", "第一实验小学"),
        ("西安区人民大街十二号", "滨河小学"),
        ("阳光小区三幢", "第一实验小学"),
        ("阳光小区3号楼2单元501室", "第一实验小学"),
        ("109-19 117th st", "东山小学"),
        ("滨河路15甲", "滨河小学"),
    ],
)
def test_an_address_gives_its_school(loaded: FlaskClient, typed: str, name: str) -> None:
    assert school(loaded, typed) == name


def test_two_characters_find_chinese_names(loaded: FlaskClient) -> None:
    assert suggestions(loaded, "滨河") == ["滨河路15甲", "滨河路628弄4-7号"]


def test_a_number_just_begun_finds_its_houses(loaded: FlaskClient) -> None:
    found = suggestions(loaded, "人民大街1")
    assert found[0] == "龙山区人民大街1号"
    assert set(found) == {"龙山区人民大街1号", "龙山区人民大街12号", "西安区人民大街12号"}


def test_a_house_of_a_range(loaded: FlaskClient) -> None:
    assert suggestions(loaded, "滨河路628弄5号") == ["滨河路628弄4-7号"]


def test_one_name_in_two_districts_is_never_guessed(loaded: FlaskClient) -> None:
    found = ask(loaded, "人民大街12号")
    assert found["house"] is None
    assert {entry["text"] for entry in found["suggestions"]} == {"龙山区人民大街12号", "西安区人民大街12号"}


def test_a_house_in_another_district_is_offered_and_never_answered(loaded: FlaskClient) -> None:
    found = ask(loaded, "西安区人民大街1号")
    assert found["answers"] == []
    assert found["suggestions"][0]["text"] == "龙山区人民大街1号"


def test_more_of_the_region_than_was_published_does_no_harm(loaded: FlaskClient) -> None:
    assert school(loaded, "吉林省东辰市西安区人民大街12号") == "滨河小学"


def test_one_name_at_two_places_says_what_stands_beside(loaded: FlaskClient) -> None:
    found = ask(loaded, "向阳小区5号楼")
    assert found["house"] is None
    near = {entry["near"] for entry in found["suggestions"]}
    assert near == {"滨河路628弄4-7号", "东山街8号"}


def test_what_is_only_similar_is_offered_and_never_answered(loaded: FlaskClient) -> None:
    found = ask(loaded, "阳光小区77号楼")
    assert found["close"]
    assert found["answers"] == []
    assert "阳光小区3号楼" in [entry["text"] for entry in found["suggestions"]]


def test_nothing_found_is_said_and_the_words_are_escaped(loaded: FlaskClient) -> None:
    page = loaded.get("/", query_string={"q": "<b>qqq</b>"})
    assert page.status_code == 200
    assert "<b>qqq" not in page.text
    assert "No published address is like" in page.text


@pytest.mark.parametrize("typed", ['"', "' OR 1=1 --", "*", "NEAR(", "a AND", "号", "%", "\x00", "-", "1", "大" * 500])
def test_no_query_breaks_the_search(loaded: FlaskClient, typed: str) -> None:
    assert loaded.get("/api/lookup", query_string={"q": typed}).status_code == 200


def test_an_address_without_zone_says_so(loaded: FlaskClient) -> None:
    assert "No school is published for this address" in loaded.get("/?q=郊外路1号").text


def test_schools_that_share_a_zone_are_all_named(loaded: FlaskClient) -> None:
    page = loaded.get("/?q=东山街8号").text
    assert "东山小学" in page
    assert "东山小学南校区" in page


def test_an_unknown_house_is_not_found(loaded: FlaskClient) -> None:
    assert loaded.get("/?a=0000000000000000", headers={"Accept": "text/html"}).status_code == 404


def test_a_suggestion_leads_to_its_answer(loaded: FlaskClient) -> None:
    houses = ask(loaded, "人民大街12号")["suggestions"]
    key = next(one["key"] for one in houses if one["text"] == "龙山区人民大街12号")
    page = loaded.get(f"/?a={key}").text
    assert "445" in page
    assert "7 min" in page
    assert "4f2a 91c0 77de" in page
    assert "unsigned" in page


def test_every_page_is_light_with_all_it_loads(loaded: FlaskClient) -> None:
    for path in ("/", "/?q=人民", "/?q=阳光小区", "/?q=龙山区人民大街12号"):
        page = loaded.get(path)
        parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        assert len(parts) >= 4
        assert len(page.data) + sum((CHECKOUT / part[1:]).stat().st_size for part in parts) < 60_000


def test_an_announced_map_stands_beside_the_one_in_force(
    loaded: FlaskClient, cli: FlaskCliRunner, tmp_path: Path
) -> None:
    moved = [(*row[:4], "S2" if row[3] == "U1" else row[4], row[5]) for row in ADDRESSES]
    next_one = write_publication(
        tmp_path / "next", {"addresses.csv": table("addresses.csv", moved)}, plan="b" * 64, from_year=2099
    )
    assert cli.invoke(args=["lookup", "load", str(next_one)]).exit_code == 0
    answers = ask(loaded, "龙山区人民大街1号")["answers"]
    assert [(one["from_year"], one["schools"][0]["name"]) for one in answers] == [
        (2025, "第一实验小学"),
        (2099, "滨河小学"),
    ]
    assert answers[1]["before"] == ["第一实验小学"]
    assert "Announced" in loaded.get("/?q=龙山区人民大街1号").text
    assert ask(loaded, "东山街8号")["answers"][1]["before"] == ["东山小学", "东山小学南校区"]


def test_a_second_map_for_the_same_year_replaces_the_first(
    loaded: FlaskClient, cli: FlaskCliRunner, tmp_path: Path
) -> None:
    renamed = [(SCHOOLS[0][0], "新名小学", *SCHOOLS[0][2:]), *SCHOOLS[1:]]
    other = write_publication(tmp_path / "other", {"schools.csv": table("schools.csv", renamed)}, plan="c" * 64)
    cli.invoke(args=["lookup", "load", str(other)])
    answers = ask(loaded, "龙山区人民大街1号")["answers"]
    assert [one["schools"][0]["name"] for one in answers] == ["新名小学"]


def test_loading_twice_changes_nothing(loaded: FlaskClient, cli: FlaskCliRunner, folder: Path) -> None:
    before = ask(loaded, "龙山区人民大街1号")
    assert cli.invoke(args=["lookup", "load", str(folder)]).exit_code == 0
    assert ask(loaded, "龙山区人民大街1号") == before


def test_primary_and_junior_are_both_answered(loaded: FlaskClient, cli: FlaskCliRunner, tmp_path: Path) -> None:
    junior = write_publication(tmp_path / "junior", level="junior", plan="d" * 64)
    cli.invoke(args=["lookup", "load", str(junior)])
    assert [one["level"] for one in ask(loaded, "龙山区人民大街1号")["answers"]] == ["primary", "junior"]


def test_terminal_takes_an_address_without_a_verb(loaded: FlaskClient, cli: FlaskCliRunner) -> None:
    result = cli.invoke(args=["lookup", "109-19 117th Street"])
    assert result.exit_code == 0
    assert "东山小学" in result.output
    assert "5 minutes" in result.output


def test_terminal_offers_what_could_be_meant(loaded: FlaskClient, cli: FlaskCliRunner) -> None:
    result = cli.invoke(args=["lookup", "find", "向阳小区5号楼"])
    assert result.exit_code == 1
    assert "near 东山街8号" in result.output


def test_terminal_says_when_nothing_is_found(loaded: FlaskClient, cli: FlaskCliRunner) -> None:
    result = cli.invoke(args=["lookup", "find", "zzz"])
    assert result.exit_code == 1
    assert "No published address" in result.stderr
