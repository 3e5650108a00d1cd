"""Builds the package: all of it from one snapshot, beside the present one, and only then in its place."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from tracker.exports.columns import Frame
from tracker.exports.package.describing import Stand, find_stand
from tracker.exports.package.fields import Table
from tracker.exports.package.keeping import CURRENT, MANIFEST, SUMS, write_sums
from tracker.exports.package.rows import CHUNK
from tracker.exports.package.snapshots import one_snapshot
from tracker.exports.package.tables import TABLES
from tracker.exports.package.writing import JsonLines, SqliteFile, Writer, ZipOfCsv, write_json
from tracker.languages import ENGLISH
from tracker.moments import LONDON, Moment

Report = Callable[[str], object]
UNFINISHED = ".unfinished-"
REPORTED = 50_000  # rows between two lines of progress


def build_package(folder: Path, *, report: Report) -> Stand:
    """Build the package in a folder and return where it stands. Until all of it is on the disk, the old one stays.

    What it says of itself is in English, whoever asks for it.
    Raises NothingToExport, Inconsistent, or OSError where the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with translation.override(ENGLISH), _only_one(folder):
        for leftover in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover)
        unfinished = folder / f"{UNFINISHED}{secrets.token_hex(4)}"
        unfinished.mkdir()
        try:
            with one_snapshot():
                stand = find_stand()
                _write_files(unfinished, stand, report)
            _describe_files(unfinished, stand)
            _put_in_place(folder, unfinished, stand)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return stand


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_files(folder: Path, stand: Stand, report: Report) -> None:
    writers: list[Writer] = [
        ZipOfCsv(folder / "register.zip", stand),
        JsonLines(folder / "register.jsonl", stand, TABLES),
        SqliteFile(folder / "register.sqlite3", stand),
    ]
    today = stand.at.astimezone(LONDON).date()
    frame = Frame(settings.SITE_URL, Moment(today))
    for table in TABLES:
        for writer in writers:
            writer.begin(table)
        count = 0
        for rows in _read_chunks(table, frame):
            for writer in writers:
                writer.add(rows)
            if count // REPORTED < (count := count + len(rows)) // REPORTED:
                report(f"{table.name}: {count:,} rows so far")
        for writer in writers:
            writer.end()
        report(f"{table.name}: {count:,} rows")
    for writer in writers:
        writer.close()


def _read_chunks(table: Table, frame: Frame) -> Iterator[list[list[Any]]]:
    rows = iter(table.read_rows())
    while chunk := [table.read(row, frame) for row in islice(rows, CHUNK)]:
        yield chunk


def _describe_files(folder: Path, stand: Stand) -> None:
    """Write how long each file is, and the sums of all."""
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": _hash(path)} for path in sorted(folder.iterdir())
    ]
    manifest = write_json(stand.describe() | {"files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    (folder / SUMS).write_text(write_sums(files, manifest.encode()), encoding="utf-8")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_in_place(folder: Path, unfinished: Path, stand: Stand) -> None:
    """Give a finished package its name, let `current` lead to it, in one step, and take away those before it."""
    for path in (*unfinished.iterdir(), unfinished):
        _write_through(path)
    finished = folder / f"{stand.at:%Y-%m-%d}-entry-{stand.entry}-{secrets.token_hex(4)}"
    unfinished.rename(finished)
    current, pointing = folder / CURRENT, folder / f"{UNFINISHED}{secrets.token_hex(4)}"
    pointing.symlink_to(finished.name)
    pointing.replace(current)
    _write_through(folder)
    for old in folder.glob("*-entry-*"):
        if old != finished:
            shutil.rmtree(old)


def _write_through(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
