"""The three sheets in one workbook, with a fourth that says where they are from.

XLSX is written by XlsxWriter. ODS is written here, because the one library for it that is kept up, odfdo, took seven
seconds for a thousand rows; the tests read it back with that library.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any
from xml.sax.saxutils import escape

import xlsxwriter

from tracker.exports.columns import SHEETS
from tracker.exports.formats import ODS
from tracker.exports.reading import Selection
from tracker.exports.writing import neutralise, read_cells

LONGEST = 32_767  # characters in a cell, by both formats' best known programs
UNWRITABLE = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
About = list[tuple[str, str]]


def tidy(cell: Any) -> Any:
    """Return a cell that XML and a workbook can hold: numbers and dates as they are."""
    return UNWRITABLE.sub("", cell)[:LONGEST] if isinstance(cell, str) else cell


def read_sheets(selection: Selection, about: About) -> Iterator[tuple[str, Iterable[list[Any]]]]:
    """Yield each sheet's name with its lines, the header first."""
    for sheet in SHEETS:
        rows = (row for columns in read_cells(sheet, selection) for row in zip(*columns, strict=True))
        lines = ([tidy(cell) for cell in row] for row in rows)
        yield sheet.name, (line for part in ([sheet.header], lines) for line in part)
    yield "about", ([tidy(neutralise(cell)) for cell in line] for line in about)


def write_xlsx(file: IO[bytes], selection: Selection, about: About) -> None:
    # One row at a time is held in memory. No text becomes a formula, an address or a number.
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    bold, iso = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for name, lines in read_sheets(selection, about):
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


NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "manifest": "manifest",
    }.items()
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MANIFEST = f"""{DECLARATION}<manifest:manifest {NAMES} manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
OPENING = f"""{DECLARATION}<office:document-content {NAMES} office:version="1.3"><office:automatic-styles>
<number:date-style style:name="iso"><number:year number:style="long"/><number:text>-</number:text>
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
<style:style style:name="date" style:family="table-cell" style:data-style-name="iso"/>
</office:automatic-styles><office:body><office:spreadsheet>"""
CLOSING = "</office:spreadsheet></office:body></office:document-content>"


def write_ods(file: IO[bytes], selection: Selection, about: About) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", ODS, zipfile.ZIP_STORED)  # first and plain, so that the file says what it is
        book.writestr("META-INF/manifest.xml", MANIFEST)
        with book.open("content.xml", "w") as content:
            content.write(OPENING.encode())
            for name, lines in read_sheets(selection, about):
                content.write(f'<table:table table:name="{name}">'.encode())
                for line in lines:
                    content.write(f"<table:table-row>{''.join(map(write_ods_cell, line))}</table:table-row>".encode())
                content.write(b"</table:table>")
            content.write(CLOSING.encode())


def write_ods_cell(value: Any) -> str:
    if isinstance(value, dt.date):
        kind, shown = f'table:style-name="date" office:value-type="date" office:date-value="{value}"', str(value)
    elif isinstance(value, int):
        kind, shown = f'office:value-type="float" office:value="{value}"', str(value)
    elif not value:
        return "<table:table-cell/>"
    else:
        kind, shown = 'office:value-type="string"', escape(value)
    paragraphs = "".join(f"<text:p>{line}</text:p>" for line in re.split("\r\n|\r|\n", shown))
    return f"<table:table-cell {kind}>{paragraphs}</table:table-cell>"
