"""Fills an empty database with a register of any size, in batches, for everything that measures.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 .venv/bin/python -m tests.bench.filling --commitments 100000

The same size gives the same register. From half a million commitments on, each has one update with one citation in
place of four with six. The log stays empty.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.bench.register import Register, Size, choose_size  # noqa: E402
from tests.bench.sheets import Sheet, set_indexes_aside  # noqa: E402
from tracker import guards, indexing  # noqa: E402
from tracker.models import Commitment  # noqa: E402

BATCH = 2000  # commitments in memory at once


@contextmanager
def in_haste() -> Iterator[None]:
    """Let SQLite write without a way back, which only a database that is thrown away on failure may."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA journal_mode = OFF")
        cursor.execute("PRAGMA cache_size = -500000")  # kB
    yield
    connection.close()  # the next one has the settings of the site again


def fill(size: Size, report: Callable[[str], object] = str) -> None:
    """Write a register into a database that has its tables and nothing in them."""
    register = Register(size)
    sheets = list(register.sheets.values())
    step = max(size.commitments // 10, 1)
    with in_haste(), indexing.set_aside(), guards.set_aside():
        with set_indexes_aside(sheets):
            for number in register.generate():
                if number % BATCH == 0:
                    write(sheets)
                if number % step == 0:
                    report(f"{number:,} commitments")
            register.make_programmes()
            write(sheets)
            report("all written; now the indexes")
        report("indexes made; now the search's")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    report("done")


def write(sheets: Iterable[Sheet]) -> None:
    for sheet in sheets:
        sheet.write()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commitments", type=int, default=100_000)
    asked = parser.parse_args()
    began = time.monotonic()

    def report(said: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s: {said}", flush=True)

    call_command("migrate", verbosity=0)
    if Commitment.objects.exists():
        raise SystemExit("There are commitments in it already: fill a database that is empty.")
    fill(choose_size(asked.commitments), report=report)


if __name__ == "__main__":
    main()
