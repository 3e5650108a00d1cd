"""The sheets as CSV and as JSON, a chunk at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tracker.exports.columns import COMMITMENTS, EVIDENCE, LICENCE, LICENSED, UPDATES, Column, Sheet
from tracker.exports.reading import Selection

# The last four are the first four as East Asian keyboards write them; some spreadsheets take them for the same.
RUN_BY_SPREADSHEETS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run."""
    return f"'{text}" if text[:1] in RUN_BY_SPREADSHEETS else text


def write_cells(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    """Write the values of a column as cells: lists by semicolons; codes, numbers and dates stay as they are."""
    match column.kind:
        case "text":
            return [f"'{text}" if text[:1] in RUN_BY_SPREADSHEETS else text for text in values]
        case "list":
            return [neutralise("; ".join(words)) for words in values]
        case "true or false":
            return ["true" if value else "false" for value in values]
    return values


def read_cells(sheet: Sheet, selection: Selection) -> Iterator[list[Sequence[Any]]]:
    """Yield the cells of a sheet column by column, some hundred rows at a time."""
    for keys in selection.split():
        columns = selection.read_columns(sheet, keys)
        yield [write_cells(column, values) for column, values in zip(sheet.columns, columns, strict=True)]


def write_csv(sheet: Sheet, selection: Selection) -> Iterator[bytes]:
    """Yield the header with the first rows, then the others, some hundred at a time."""
    lines: list[Sequence[Any]] = [sheet.header]
    for columns in read_cells(sheet, selection):
        lines.extend(zip(*columns, strict=True))
        yield join_lines(lines)
        lines = []
    if lines:
        yield join_lines(lines)


def write_errors(messages: Iterable[str]) -> bytes:
    """Write what is wrong with a question as a CSV of one column."""
    return join_lines([["error"], *([neutralise(message)] for message in messages)])


def join_lines(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)  # a date is written as ISO has it, and nothing for what is not there
    return text.getvalue().encode()


def describe_commitments(selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield each commitment whole, as JSON has it: exact, with its updates and their evidence."""
    for keys in selection.split():
        yield from describe_whole(selection, keys)


def describe_whole(selection: Selection, keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return some commitments whole, in one go."""
    commitments, updates, evidence = (
        describe_rows(sheet, selection, keys) for sheet in (COMMITMENTS, UPDATES, EVIDENCE)
    )
    updates_of = {commitment["reference"]: commitment.setdefault("updates", []) for commitment in commitments}
    evidence_of: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for update in updates:
        updates_of.get(update["reference"], []).append(update)
        evidence_of[update["reference"], update["update"]] = update["evidence"] = []
    for each in evidence:
        evidence_of.get((each["reference"], each["update"]), []).append(each)
    return commitments


def describe_rows(sheet: Sheet, selection: Selection, keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return the rows of a sheet by the names of its columns, dates written as ISO has them.

    What may be done with them is left out: JSON says it once of the whole.
    """
    columns = {
        column.name: [day and day.isoformat() for day in values] if column.kind == "date" else values
        for column, values in zip(sheet.columns, selection.read_columns(sheet, keys), strict=True)
        if column is not LICENSED
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def write_json_lines(selection: Selection) -> Iterator[bytes]:
    for keys in selection.split():
        rows = (commitment | {LICENSED.name: LICENCE} for commitment in describe_whole(selection, keys))
        yield "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
