"""Measures what a past day costs: the list of a big generated register on one, against the list of today beside it.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 .venv/bin/python -m tests.measure_past_days --commitments 100000

Fills the database that DATABASE_URL names, which must be empty or filled by `tests.bench.filling`, and prints the
medians in milliseconds and their ratio. With 100,000 commitments it needs some minutes and 1 GB.
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests.bench.filling import fill  # noqa: E402
from tests.bench.register import choose_size  # noqa: E402
from tracker.models import Commitment, Standing, StatusUpdate  # noqa: E402

QUESTIONS = {
    "the list": "",
    "one department": "department=department-7",
    "one status": "status=in-progress",
    "overdue, by date": "timeliness=overdue&sort=due_on",
    "page 2000, by last change": "sort=-changed_on&page=2000",
}
DAYS = ["2018-06-01", "2022-06-01", "2025-06-16"]


def measure(address: str, times: int) -> float:
    """Return the median, in milliseconds, of asking for a page some times after a first time that does not count."""
    client = Client(headers={"host": "127.0.0.1"})
    taken = []
    for number in range(times + 1):
        began = time.perf_counter()
        response = client.get(address)
        if number:
            taken.append(1000 * (time.perf_counter() - began))
        if response.status_code != 200:
            raise SystemExit(f"{address} answers {response.status_code}.")
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commitments", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    settings.DEBUG = False  # what is measured must not count its own queries
    call_command("migrate", verbosity=0)
    if not Commitment.objects.exists():
        began = time.perf_counter()
        fill(choose_size(asked.commitments))
        print(f"Filled in {time.perf_counter() - began:.0f} s.", flush=True)
    held = (Commitment.objects.count(), StatusUpdate.objects.count(), Standing.objects.count())
    print(f"{connection.vendor}: {held[0]:,} commitments, {held[1]:,} updates, {held[2]:,} standings")
    for name, question in QUESTIONS.items():
        today = measure(f"/commitments/?{question}".rstrip("?"), asked.times)
        print(f"{name}: today {today:.0f} ms", end="", flush=True)
        for day in DAYS:
            past = measure(f"/commitments/?{f'{question}&' if question else ''}on={day}", asked.times)
            print(f"; on {day} {past:.0f} ms, {past / today:.1f} times", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
