"""Rosters as schools keep them, and every way in which they are wrong: one clear sentence each."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from lottery.errors import LotteryInputError
from lottery.rosterfile import Person, read_roster

GOOD = "学籍号,姓名,性别,成绩\nG1,张三,男,91.50\nG2,李四,女,88\n"
PEOPLE = [Person("G1", "张三", "M", "91.5"), Person("G2", "李四", "F", "88")]


def write_csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(tmp_path: Path, rows: list[list[object]], merged: str = "") -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    path = tmp_path / "roster.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding_of_schools(tmp_path: Path, encoding: str) -> None:
    assert read_roster(write_csv(tmp_path, GOOD, encoding)) == PEOPLE


def test_xlsx_with_numbers_as_ids(tmp_path: Path) -> None:
    rows = [
        ["学籍号", "姓名", "性别", "成绩", "备注"],
        [20270001, "张三", "男", 91.5, "x"],
        [],
        ["20270002", "李四", "女", 88, None],
    ]
    assert read_roster(write_xlsx(tmp_path, rows)) == [
        Person("20270001", "张三", "M", "91.5"),
        Person("20270002", "李四", "F", "88"),
    ]


def test_rare_characters_and_long_names(tmp_path: Path) -> None:
    names = ["𠅤䶮", "㛃", "阿卜杜热合曼·买买提·吐尔逊江·阿卜杜拉·伊敏", "שלום", "é"]
    text = "id,name\n" + "".join(f"G{n},{name}\n" for n, name in enumerate(names))
    found = [person.name for person in read_roster(write_csv(tmp_path, text))]
    assert found == [*names[:-1], "é"]
    assert read_roster(write_csv(tmp_path, text, "gb18030"))[0].name == names[0]


@pytest.mark.parametrize(
    "text, words",
    [
        ("学籍号,姓名\nG1,张三\nG1,李四\n", ["row 3", "row 2"]),
        ("学籍号,姓名\nG1,张三\n,李四\n", ["row 3", "id is empty"]),
        ("学籍号,姓名\nG1,\n", ["row 2", "name is empty"]),
        ("学籍号,姓名,性别\nG1,张三,男\nG2,李四,\n", ["row 3", "sex"]),
        ("学籍号,姓名,成绩\nG1,张三,优\n", ["row 2", "score"]),
        ("学籍号,姓名,成绩\nG1,张三,1e999999\n", ["row 2", "score"]),
        ("学籍号,姓名,成绩\nG1,张三,nan\n", ["row 2", "score"]),
        ("姓名,性别\n张三,男\n", ["heading for id", "学籍号"]),
        ("学籍号,姓名,学籍号\nG1,张三,G1\n", ["two columns"]),
        ("学籍号,姓名\n", ["nobody"]),
        ("", ["empty"]),
        ("学籍号,姓名,指定班级\nG1,张三,1班\n", ["row 2", "fixed", "not supported"]),
        ("学籍号,姓名,同班组\nG1,张三,a\n", ["row 2", "together", "not supported"]),
    ],
)
def test_bad_csv(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(LotteryInputError) as error:
        read_roster(write_csv(tmp_path, text))
    assert error.value.exit_code == 2
    for word in [*words, "roster.csv"]:
        assert word in str(error.value)


def test_merged_header_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [["新生名册", "", ""], ["学籍号", "姓名", "性别"], ["G1", "张三", "男"]]
    with pytest.raises(LotteryInputError, match=r"merged cells \(A1:C1\)"):
        read_roster(write_xlsx(tmp_path, rows, "A1:C1"))


def test_an_id_that_excel_has_cut(tmp_path: Path) -> None:
    with pytest.raises(LotteryInputError, match=r"row 2.*15 digits"):
        read_roster(write_xlsx(tmp_path, [["学籍号", "姓名"], [220102201501011234, "张三"]]))


def test_ids_that_become_equal_in_nfc(tmp_path: Path) -> None:
    with pytest.raises(LotteryInputError, match="stands already"):
        read_roster(write_csv(tmp_path, "id,name\n\u00c5,a\nA\u030a,b\n"))


@pytest.mark.parametrize("name, data", [("roster.xlsx", b"no zip"), ("roster.csv", b"\xff\xfe\xff\xff\x80")])
def test_files_that_are_no_rosters(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LotteryInputError, match=name):
        read_roster(tmp_path / name)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(LotteryInputError, match="There is no roster"):
        read_roster(tmp_path / "nowhere.csv")
