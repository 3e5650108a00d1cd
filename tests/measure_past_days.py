"""Measures what a past day costs: the list of a big generated register on one, against the list of today beside it.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 .venv/bin/python -m tests.measure_past_days --commitments 100000

Fills the database that DATABASE_URL names, which must be empty or filled by this command, and prints the medians in
milliseconds and their ratio. With 100,000 commitments it needs some minutes and 1 GB.
"""

import argparse
import datetime as dt
import os
import random
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tracker import guards  # noqa: E402
from tracker.models import (  # noqa: E402
    Commitment,
    Department,
    Document,
    Evidence,
    Milestone,
    Programme,
    Standing,
    StatusUpdate,
    Topic,
)
from tracker.publishing.pointers import History, point  # noqa: E402
from tracker.publishing.standings import find_periods, make_standing  # noqa: E402
from tracker.statuses import Status  # noqa: E402

PUBLISHED = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2015, 1, 1), dt.date(2026, 10, 1)
UPDATES = 4  # of each commitment, each with one document as its evidence
DOCUMENTS = 200
QUESTIONS = {
    "the list": "",
    "one department": "department=department-7",
    "one status": "status=in-progress",
    "overdue, by date": "timeliness=overdue&sort=due_on",
    "page 2000, by last change": "sort=-changed_on&page=2000",
}
DAYS = ["2018-06-01", "2022-06-01", "2025-06-16"]
Row = tuple[Commitment, list[StatusUpdate], Milestone]


def generate(count: int) -> Iterator[Row]:
    """Make up commitments with their updates and a milestone each; their keys are given, so that all can be written."""
    chance = random.Random(2026)  # noqa: S311 - the same register every time
    days = (LAST - FIRST).days
    for key in range(1, count + 1):
        made_on = FIRST + dt.timedelta(days=chance.randrange(days - 400))
        commitment = Commitment(
            pk=key,
            reference=f"BIG-{key}",
            title=f"Do the {key}th of many things for children",
            summary="What was promised, in some words that are as long as such words are, and about one thing.",
            kind=chance.choice(Commitment.Kind.values),
            programme_id=chance.randrange(1, 101),
            number=key,
            source_document_id=key % DOCUMENTS + 1,
            made_on=made_on,
            made_by="Home Secretary",
            department_id=chance.randrange(1, 61),
            confidence="high",
            published_at=PUBLISHED,
        )
        updates = [
            StatusUpdate(
                pk=key * UPDATES + place,
                commitment_id=key,
                number=place + 1,
                status=chance.choice(Status.values),
                as_of=made_on + dt.timedelta(days=chance.randrange((LAST - made_on).days)),
                reason="The page shows what was done and what was not, on that day, in a few words.",
                strength=chance.choice(["strong", "moderate", "weak"]),
                published_at=PUBLISHED,
            )
            for place in range(UPDATES)
        ]
        due_on = made_on + dt.timedelta(days=chance.randrange(2000))
        milestone = Milestone(
            pk=key, commitment_id=key, number=1, title="A step", due_on=due_on, due_text="then", published_at=PUBLISHED
        )
        yield commitment, updates, milestone


def fill(count: int) -> None:
    """Write the groups and then the commitments, a thousand at a time."""
    facts: dict[str, Any] = {"published_at": PUBLISHED}
    documents = [
        Document(pk=key, identifier=f"document-{key}", url=f"https://example.org/{key}", title=f"Page {key}", **facts)
        for key in range(1, DOCUMENTS + 1)
    ]
    for document in documents:
        document.publisher, document.kind, document.origin, document.strength = "A body", "report", "official", "strong"
    Document._base_manager.bulk_create(documents)
    departments = [
        Department(pk=key, slug=f"department-{key}", name=f"Department {key}", kind="ministerial-department", **facts)
        for key in range(1, 61)
    ]
    Department._base_manager.bulk_create(departments)
    topics = [Topic(pk=key, slug=f"topic-{key}", name=f"Topic {key}", **facts) for key in range(1, 41)]
    Topic._base_manager.bulk_create(topics)
    facts |= {"published_on": FIRST, "document": documents[0], "expected_commitments": 0}
    programmes = [Programme(pk=key, slug=f"programme-{key}", name=f"Programme {key}", **facts) for key in range(1, 101)]
    Programme._base_manager.bulk_create(programmes)
    rows = generate(count)
    while chunk := list(islice(rows, 1000)):
        with guards.set_aside():  # the evidence of what is public comes after it here
            write(chunk)


def write(chunk: list[Row]) -> None:
    standings = []
    for commitment, updates, milestone in chunk:
        history = History(
            commitment.made_on, sorted(updates, key=lambda each: (each.as_of, each.number)), [], [], [(milestone, [])]
        )
        standings += [make_standing(commitment, period, PUBLISHED) for period in find_periods(history)]
        for name, value in point(history, dt.date.max).items():
            setattr(commitment, name, value)
    Commitment._base_manager.bulk_create([commitment for commitment, _, _ in chunk])
    written = [update for _, updates, _ in chunk for update in updates]
    StatusUpdate._base_manager.bulk_create(written)
    note = "The page says in so many words what was done, when, by whom and for whom."
    Evidence._base_manager.bulk_create(
        Evidence(status_update=update, document_id=update.pk % DOCUMENTS + 1, note=note) for update in written
    )
    Milestone._base_manager.bulk_create([milestone for _, _, milestone in chunk])
    Standing.objects.bulk_create(standings)
    about, helped = Commitment.topics.through, Commitment.supporting.through
    about.objects.bulk_create(about(commitment_id=each.pk, topic_id=each.pk % 40 + 1) for each, _, _ in chunk)
    helped.objects.bulk_create(
        helped(commitment_id=each.pk, department_id=each.pk % 60 + 1)
        for each, _, _ in chunk
        if each.department_id != each.pk % 60 + 1
    )


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
        fill(asked.commitments)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
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
