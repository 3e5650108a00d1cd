"""The sheets as CSV and as JSON, a chunk at a time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from tracker.exports.columns import COMMITMENTS, EVIDENCE, UPDATES, Frame, Sheet
from tracker.exports.reading import CHUNK, Selection

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run."""
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def write_cell(value: Any) -> Any:
    """Write a value as a cell of text: ISO dates, lists by semicolons, nothing for what is not there."""
    if isinstance(value, str):
        return neutralise(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return neutralise("; ".join(value))
    return value.isoformat() if isinstance(value, dt.date) else value


def write_csv(sheet: Sheet, selection: Selection) -> Iterator[bytes]:
    """Yield the header with the first rows, then the others, some hundred at a time."""
    lines: list[list[Any]] = [list(sheet.header)]
    for rows in selection.read_chunks(sheet):
        lines += [[write_cell(value) for value in sheet.read(row, selection.frame)] for row in rows]
        yield join_lines(lines)
        lines = []
    if lines:
        yield join_lines(lines)


def write_errors(messages: Iterable[str]) -> bytes:
    """Write what is wrong with a question as a CSV of one column."""
    return join_lines([["error"], *([neutralise(message)] for message in messages)])


def join_lines(lines: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def describe_commitments(selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield each commitment whole, as JSON has it: exact, with its updates and their evidence."""
    frame = selection.frame
    for commitment, updates in selection.read_whole():
        yield describe(COMMITMENTS, commitment, frame) | {
            "updates": [
                describe(UPDATES, update, frame)
                | {"evidence": [describe(EVIDENCE, each, frame) for each in update.evidence.all()]}
                for update in updates
            ]
        }


def describe(sheet: Sheet, row: Any, frame: Frame) -> dict[str, Any]:
    values = (value.isoformat() if isinstance(value, dt.date) else value for value in sheet.read(row, frame))
    return dict(zip(sheet.header, values, strict=True))


def write_json_lines(selection: Selection) -> Iterator[bytes]:
    lines: list[str] = []
    for commitment in describe_commitments(selection):
        lines.append(json.dumps(commitment, ensure_ascii=False) + "\n")
        if len(lines) == CHUNK:
            yield "".join(lines).encode()
            lines = []
    yield "".join(lines).encode()
