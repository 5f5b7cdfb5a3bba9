"""XLSX files for the registrar: class lists with a sheet and a printed A4 page per class, and synthetic rosters."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lottery.rosterfile import Person

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SEXES = {"M": "男", "F": "女", "": ""}
_WIDTHS = (7, 12, 22, 14, 8, 20)


@dataclass(frozen=True)
class ClassList:
    """One class: its name, its homeroom teacher ("" if not drawn), its children as (code, person)."""

    name: str
    teacher: str
    children: Sequence[tuple[str, Person]]


def class_lists_xlsx(title: str, note: str, classes: Sequence[ClassList]) -> bytes:
    """A workbook with a summary and one sheet per class, set up for A4; `note` goes to the foot of each page."""
    from openpyxl import Workbook

    book = Workbook()
    summary = book.worksheets[0]
    summary.title = "汇总"
    rows: list[list[str | float]] = [[each.name, each.teacher, *_counts(each.children)] for each in classes]
    totals = _counts([child for each in classes for child in each.children])
    _fill(summary, [["班级", "班主任", "人数", "男", "女"], *rows, ["合计", "", *totals]])
    _set_page(summary, title, note, (14, 16, 10, 10, 10))
    for number, each in enumerate(classes, 1):
        sheet = book.create_sheet(_sheet_name(each.name, number))
        _fill(sheet, [["序号", "派位编号", "学籍号", "姓名", "性别", "备注"], *_lines(each.children)])
        teacher = f"　班主任：{each.teacher}" if each.teacher else ""
        _set_page(sheet, f"{title}　{each.name}{teacher}", note, _WIDTHS)
    return _bytes(book)


def table_xlsx(sheet_name: str, rows: Iterable[Sequence[str | float]]) -> bytes:
    """A workbook of one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = sheet_name
    _fill(sheet, rows)
    _set_page(sheet, sheet_name, "", (22, 14, 8, 10), one_page=False)
    return _bytes(book)


def _lines(children: Iterable[tuple[str, Person]]) -> list[list[str | float]]:
    ordered = sorted(children, key=lambda each: each[1].id)
    return [
        [number, code, person.id, person.name, _SEXES[person.sex], ""]
        for number, (code, person) in enumerate(ordered, 1)
    ]


def _counts(children: Sequence[tuple[str, Person]]) -> list[int]:
    sexes = [person.sex for _code, person in children]
    return [len(sexes), sexes.count("M"), sexes.count("F")]


def _fill(sheet: Worksheet, rows: Iterable[Sequence[str | float]]) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    thin = Side(style="thin", color="999999")
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with = is a name, not a formula
                cell.number_format = "@"
            cell.border = Border(top=thin, bottom=thin, left=thin, right=thin)
            cell.alignment = Alignment(vertical="center", horizontal="center")
            cell.font = Font(name="宋体", size=12, bold=number == 1)
        sheet.row_dimensions[number].height = 20


def _set_page(sheet: Worksheet, title: str, note: str, widths: Sequence[int], one_page: bool = True) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    for letter, width in zip("ABCDEFGH", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = int(one_page)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.oddHeader.center.text = _escaped(title)
    sheet.oddHeader.center.size = 14
    sheet.oddFooter.left.text = _escaped(note)
    sheet.oddFooter.right.text = "第 &P 页 共 &N 页"


def _sheet_name(name: str, number: int) -> str:
    """A sheet's name: at most 31 characters, none that Excel forbids; the number keeps names apart."""
    clean = "".join("-" if sign in r"[]:*?/\'" else sign for sign in name)[:24]
    return clean if clean == name else f"{number} {clean}"


def _escaped(text: str) -> str:
    return text.replace("&", "&&")


def _bytes(book: object) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)  # type: ignore[attr-defined]  # openpyxl has no types
    return buffer.getvalue()


def by_class(placed: Mapping[str, str], people: Mapping[str, Person]) -> dict[str, list[tuple[str, Person]]]:
    """Children of each class code, from code -> class code and code -> person."""
    classes: dict[str, list[tuple[str, Person]]] = {}
    for code, group in placed.items():
        classes.setdefault(group, []).append((code, people[code]))
    return classes
