"""The answer to a question as a file: which columns its sheets have, and how each format writes them.

`views/files.py` sends the files, the list of commitments offers them, and the page "Data" is printed from the columns.
"""

from tracker.exports.columns import (
    COMMITMENTS,
    EVIDENCE,
    LICENCE,
    LICENSED,
    SCHEMA_VERSION,
    SHEETS,
    UPDATES,
    Column,
    Frame,
    Sheet,
    write_time,
)
from tracker.exports.formats import FORMATS, LICENCE_NAME, NEUTRALISED, Format
from tracker.exports.reading import Selection, count_rows
from tracker.exports.workbooks import list_errors, read_sheets, write_ods, write_xlsx
from tracker.exports.writing import (
    describe_commitments,
    describe_rows,
    describe_whole,
    write_csv,
    write_errors,
    write_json_lines,
)

__all__ = [
    "COMMITMENTS",
    "EVIDENCE",
    "FORMATS",
    "LICENCE",
    "LICENCE_NAME",
    "LICENSED",
    "NEUTRALISED",
    "SCHEMA_VERSION",
    "SHEETS",
    "UPDATES",
    "Column",
    "Format",
    "Frame",
    "Selection",
    "Sheet",
    "count_rows",
    "describe_commitments",
    "describe_rows",
    "describe_whole",
    "list_errors",
    "read_sheets",
    "write_csv",
    "write_errors",
    "write_json_lines",
    "write_ods",
    "write_time",
    "write_xlsx",
]
