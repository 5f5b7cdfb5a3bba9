"""Read a roster as schools keep it: XLSX, or CSV in UTF-8 (with or without BOM) or GB18030."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

from ledger.canonical import to_nfc
from lottery.errors import LotteryInputError

HEADINGS = {
    "id": ("id", "学籍号", "全国学籍号", "报名号", "登记号", "工号", "编号"),
    "name": ("name", "姓名", "学生姓名", "教师姓名"),
    "sex": ("sex", "性别"),
    "score": ("score", "成绩", "分数", "总分"),
    "apart": ("apart", "分开组", "不同班组"),
}
NOT_YET = {
    "together": ("together", "同班组"),
    "fixed": ("fixed", "指定班级", "固定班级"),
}
_SEXES = {"男": "M", "女": "F", "m": "M", "f": "F", "male": "M", "female": "F"}
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,20})?")
_MOST_DIGITS = 15
"""Excel keeps no more digits of a number than this."""

Row = tuple[int, list[str]]
"""Row number as the user sees it (from 1) and its cells as text."""


@dataclass(frozen=True)
class Person:
    """One line of a roster: sex is M or F, score a decimal number, apart a group's label; "" where there is none."""

    id: str
    name: str
    sex: str = ""
    score: str = ""
    apart: str = ""

    @property
    def record(self) -> dict[str, str]:
        """The private record that the public hash stands for; it holds no id, which the tag alone binds."""
        return {"apart": self.apart, "name": self.name, "score": self.score, "sex": self.sex}


def read_roster(path: Path) -> list[Person]:
    """Read the people of a roster file, in the file's order.

    Raises:
        LotteryInputError: unreadable, merged header cells, an unknown or doubled heading, no id or name column, an
            empty or doubled id, an empty name, an unknown sex, a score that is not a number, a rule not supported yet.
    """
    if not path.is_file():
        raise LotteryInputError("There is no roster file %(path)s.", path=path)
    rows = list(_xlsx_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_rows(path))
    if not rows:
        raise LotteryInputError("%(file)s is empty.", file=path.name)
    columns = _columns(path.name, rows[0][1])
    people = [
        _person(path.name, number, cells, columns) for number, cells in rows[1:] if any(cell.strip() for cell in cells)
    ]
    _check_ids(path.name, [number for number, cells in rows[1:] if any(cell.strip() for cell in cells)], people)
    return people


def _csv_rows(path: Path) -> Iterator[Row]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise LotteryInputError(
                "%(file)s is neither UTF-8 nor GB18030 text; save it as CSV in one of them.", file=path.name
            ) from error
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise LotteryInputError("%(file)s is not CSV: %(reason)s.", file=path.name, reason=error) from error


def _xlsx_rows(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise LotteryInputError("%(file)s cannot be read as an Excel workbook (XLSX).", file=path.name) from error
    sheet = book.worksheets[0]
    merged = sorted(str(each) for each in sheet.merged_cells.ranges if each.min_row == 1)
    if merged:
        raise LotteryInputError(
            "%(file)s: the header row has merged cells (%(cells)s); give every column its own heading in row 1.",
            file=path.name,
            cells=", ".join(merged),
        )
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, [_cell(path.name, number, cell) for cell in cells]


def _cell(file: str, number: int, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and len(str(abs(value))) > _MOST_DIGITS:
        raise LotteryInputError(
            "%(file)s, row %(row)s: a number of more than 15 digits has lost its last digits in Excel; "
            "format the column as text and enter it again.",
            file=file,
            row=number,
        )
    return str(value)


def _columns(file: str, headings: Sequence[str]) -> Mapping[str, int]:
    """Column of each field that the file has."""
    fields = {word: field for field, words in {**HEADINGS, **NOT_YET}.items() for word in words}
    columns: dict[str, int] = {}
    for index, heading in enumerate(headings):
        field = fields.get(str(to_nfc(heading)).strip().lower())
        if not field:
            continue
        if field in columns:
            raise LotteryInputError(
                "%(file)s: two columns give %(field)s (%(heading)s).", file=file, field=field, heading=heading
            )
        columns[field] = index
    for field in ("id", "name"):
        if field not in columns:
            raise LotteryInputError(
                "%(file)s: the first row has no heading for %(field)s (one of: %(words)s).",
                file=file,
                field=field,
                words=", ".join(HEADINGS[field]),
            )
    return columns


def _person(file: str, number: int, cells: Sequence[str], columns: Mapping[str, int]) -> Person:
    values = {
        field: str(to_nfc(cells[index])).strip() if index < len(cells) else "" for field, index in columns.items()
    }
    for field in NOT_YET:
        if values.pop(field, ""):
            raise LotteryInputError(
                "%(file)s, row %(row)s: the column %(field)s is not supported yet; decide these children outside the "
                "draw or remove the entry.",
                file=file,
                row=number,
                field=field,
            )
    for field in ("id", "name"):
        if not values[field]:
            raise LotteryInputError("%(file)s, row %(row)s: %(field)s is empty.", file=file, row=number, field=field)
    if "sex" in columns:
        values["sex"] = _sex(file, number, values["sex"])
    if "score" in columns:
        values["score"] = _score(file, number, values["score"])
    return Person(**values)


def _sex(file: str, number: int, text: str) -> str:
    if text.lower() not in _SEXES:
        raise LotteryInputError(
            "%(file)s, row %(row)s: sex must be 男 or 女, not %(text)r.", file=file, row=number, text=text
        )
    return _SEXES[text.lower()]


def _score(file: str, number: int, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise LotteryInputError(
            "%(file)s, row %(row)s: score must be a number, not %(text)r.", file=file, row=number, text=text
        )
    return f"{Decimal(text).normalize():f}"


def _check_ids(file: str, numbers: Iterable[int], people: Iterable[Person]) -> None:
    first: dict[str, int] = {}
    for number, person in zip(numbers, people, strict=True):
        if person.id in first:
            raise LotteryInputError(
                "%(file)s, row %(row)s: the id stands already in row %(first)s; every id must stand once.",
                file=file,
                row=number,
                first=first[person.id],
            )
        first[person.id] = number
    if not first:
        raise LotteryInputError("%(file)s holds headings but nobody.", file=file)
