"""The files that an answer can be taken away as. The page offers, and its head names, exactly these."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tracker.exports.columns import COMMITMENTS, EVIDENCE, UPDATES, Sheet

LICENCE_NAME = _("Creative Commons Attribution 4.0")
# Commitments in a workbook, so that none takes more than some seconds to write; an ODS takes twice as long as an XLSX.
WORKBOOK_LIMIT, ODS_LIMIT = 5000, 2000
NEUTRALISED = _(
    "A spreadsheet may run a cell that begins with =, +, - or @. The same goes for their East Asian forms (\uff1d, "
    "\uff0b, \uff0d, \uff20), a tab and the end of a line. In the CSV files and the workbooks, a text that begins so "
    "has an apostrophe put before it. Numbers and dates stay as they are. The JSON files are the exact copy."
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
    Format("commitment-csv", "csv", CSV, _("Commitments (CSV)"), _("One row for each commitment."), COMMITMENTS),
    Format("update-csv", "csv", CSV, _("Status updates (CSV)"), _("The history of these commitments."), UPDATES),
    Format("evidence-csv", "csv", CSV, _("Evidence (CSV)"), _("The documents cited for each update."), EVIDENCE),
    Format(
        *("commitment-xlsx", "xlsx", XLSX, _("Excel workbook (XLSX)"), _("All three as sheets of one workbook.")),
        limit=WORKBOOK_LIMIT,
    ),
    Format(
        *("commitment-ods", "ods", ODS, _("OpenDocument workbook (ODS)"), _("The same for LibreOffice and others.")),
        limit=ODS_LIMIT,
    ),
    Format("commitment-json", "json", JSON, _("JSON"), _("In pages, each commitment with its updates and evidence.")),
    Format("commitment-jsonl", "jsonl", LINES, _("JSON Lines"), _("The same in one stream, a commitment to a line.")),
)
