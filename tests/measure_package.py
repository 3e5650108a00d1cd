"""Measures what it costs to write the whole register into files: the time of each table, and the process's memory.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 .venv/bin/python -m tests.measure_package

Reads a database that `tests.bench.filling` has filled, which has no log: it gets one of as many entries as the rows
would have, of which no hash is right. The files are thrown away.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from tests.bench.register import LAST_LOAD  # noqa: E402
from tracker import guards  # noqa: E402
from tracker.exports.package import build_package  # noqa: E402
from tracker.models import (  # noqa: E402
    Checkpoint,
    Commitment,
    Department,
    Document,
    LogEntry,
    Milestone,
    Programme,
    StatusUpdate,
    Topic,
)
from tracker.publishing import find_log_kind  # noqa: E402

NOUNS = (Department, Topic, Document, Programme, Commitment)
RECORDS = (StatusUpdate, Milestone)


def list_published() -> Iterator[Any]:
    nouns = (model._base_manager.order_by("pk").iterator() for model in NOUNS)
    records = (model._base_manager.order_by("pk").select_related("commitment").iterator() for model in RECORDS)
    return chain.from_iterable(chain(nouns, records))


def fill_log() -> None:
    """Write an entry for each row, as if each had been published by itself, and a checkpoint of the last."""
    entries = (
        LogEntry(sequence=sequence, at=LAST_LOAD, kind=find_log_kind(row), subject=row.subject, salt="", content={})
        for sequence, row in enumerate(list_published(), start=1)
    )
    while chunk := list(islice(entries, 5000)):
        with guards.set_aside():
            LogEntry._base_manager.bulk_create(chunk)
            size = chunk[-1].sequence
    with guards.set_aside():
        Checkpoint._base_manager.create(size=size, root_hash="0" * 64, at=LAST_LOAD, note="measured\n", key="none")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def read_peak() -> int:
    """Return the most that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    settings.DEBUG = False  # what is measured must not count its own queries
    if not LogEntry.objects.exists():
        fill_log()
    print(f"{connection.vendor}: {Commitment.objects.count():,} commitments, {LogEntry.objects.count():,} log entries")
    began, before = time.perf_counter(), read_peak()
    last = began

    def report(said: str) -> None:
        nonlocal last
        print(f"{said}, {time.perf_counter() - last:.1f} s; memory {read_peak()} MB at most", flush=True)
        last = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        build_package(Path(folder), report=report)
        report("closed")
        size = sum(path.stat().st_size for path in Path(folder, "current").iterdir())
    taken, used = time.perf_counter() - began, time.process_time()
    print(f"All {size / 1e6:.0f} MB in {taken:.1f} s, {used:.1f} s of the processor; ", end="")
    print(f"memory grew by {read_peak() - before} MB.")


if __name__ == "__main__":
    main()
