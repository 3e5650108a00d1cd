"""The three sheets in one workbook, with a fourth that says where they are from.

XLSX is written by XlsxWriter, ODS by stream-write-ods, row by row both; the tests read them back with other libraries.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

import xlsxwriter
from stream_write_ods import stream_write_ods

from tracker.exports.columns import SHEETS
from tracker.exports.reading import Selection
from tracker.exports.writing import neutralise, read_cells

LONGEST = 32_767  # characters in a cell, by both formats' best known programs
UNWRITABLE = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
About = list[tuple[str, str]]
Sheets = Iterable[tuple[str, Iterable[list[Any]]]]  # each with its name and its lines


def tidy(cell: Any) -> Any:
    """Return a cell that XML and a workbook can hold: numbers and dates as they are."""
    return UNWRITABLE.sub("", cell)[:LONGEST] if isinstance(cell, str) else cell


def read_sheets(selection: Selection, about: About) -> Sheets:
    """Yield each sheet's name with its lines, the header first."""
    for sheet in SHEETS:
        rows = (row for columns in read_cells(sheet, selection) for row in zip(*columns, strict=True))
        lines = ([tidy(cell) for cell in row] for row in rows)
        yield sheet.name, (line for part in ([sheet.header], lines) for line in part)
    yield "about", ([tidy(neutralise(cell)) for cell in line] for line in about)


def list_errors(messages: Iterable[str]) -> Sheets:
    """Return what is wrong with a question as a sheet of one column."""
    return [("errors", [["error"], *([tidy(neutralise(message))] for message in messages)])]


def write_xlsx(file: IO[bytes], sheets: Sheets) -> None:
    # One row at a time is held in memory. No text becomes a formula, an address or a number.
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    bold, iso = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for name, lines in sheets:
        page = book.add_worksheet(name)
        page.freeze_panes(1, 1)
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                if isinstance(value, dt.date):
                    page.write_datetime(number, place, dt.datetime.combine(value, dt.time()), iso)
                elif isinstance(value, int):
                    page.write_number(number, place, value)
                elif value:
                    page.write_string(number, place, value, bold if number == 0 else None)
    book.close()


# What the cells of an ODS are: their type, the attribute with their exact value, their style, and how it is written.
# A text has its value in an attribute too, because programs run its lines and spaces together where it is shown.
ENCODERS = (
    (dt.date, ("date", "office:date-value", "date", dt.date.isoformat)),
    (int, ("float", "office:value", None, str)),
    (str, ("string", "office:string-value", None, str)),
    (type(None), (None, None, None, str)),
)


def write_ods(sheets: Sheets) -> Iterator[bytes]:
    def read() -> Iterator[tuple[str, list[str], Iterable[list[Any]]]]:
        for name, lines in sheets:
            rest = iter(lines)
            yield name, next(rest), ([None if cell == "" else cell for cell in line] for line in rest)

    return stream_write_ods(read(), encoders=ENCODERS)
