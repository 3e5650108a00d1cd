"""The files that an answer can be taken away as. The page offers, and its head names, exactly these."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.exports.columns import COMMITMENTS, EVIDENCE, UPDATES, Sheet

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_NAME = "Creative Commons Attribution 4.0"
WORKBOOK_LIMIT = 5000  # commitments; a workbook is made whole before it is sent
NEUTRALISED = (
    "A spreadsheet may run a cell that begins with =, +, - or @, with one of these as East Asian keyboards write it "
    "(\uff1d, \uff0b, \uff0d, \uff20), or with a tab or the end of a line. In the CSV files and the workbooks, a text "
    "that begins so has an apostrophe put before it. Numbers and dates stay as they are. The JSON files are the exact "
    "copy."
)


@dataclass(frozen=True)
class Format:
    """One row of the offer: how it is named, where it is and what it holds."""

    address_name: str
    ending: str
    media_type: str
    label: str
    sentence: str
    sheet: Sheet | None = None  # of the files that are one sheet alone
    limit: int | None = None


CSV, JSON = "text/csv", "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
LINES = "application/jsonl"

FORMATS = (
    Format("commitment-csv", "csv", CSV, "Commitments (CSV)", "One row for each commitment.", COMMITMENTS),
    Format("update-csv", "csv", CSV, "Status updates (CSV)", "The history of these commitments.", UPDATES),
    Format("evidence-csv", "csv", CSV, "Evidence (CSV)", "The documents cited for each update.", EVIDENCE),
    Format(
        *("commitment-xlsx", "xlsx", XLSX, "Excel workbook (XLSX)", "All three as sheets of one workbook."),
        limit=WORKBOOK_LIMIT,
    ),
    Format(
        *("commitment-ods", "ods", ODS, "OpenDocument workbook (ODS)", "The same for LibreOffice and others."),
        limit=WORKBOOK_LIMIT,
    ),
    Format("commitment-json", "json", JSON, "JSON", "In pages, each commitment with its updates and evidence."),
    Format("commitment-jsonl", "jsonl", LINES, "JSON Lines", "The same in one stream, a commitment to a line."),
)
