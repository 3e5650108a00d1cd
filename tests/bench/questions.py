"""Asks a register a great many generated questions, as somebody would who looks for a slow one.

`Place.run` starts it in a process of its own: it prints, as JSON, the addresses (--list), or how long each took.
"""

import argparse
import datetime as dt
import json
import logging
import os
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings

from config.patience import serve_from

for database in settings.DATABASES.values():
    serve_from(database)  # as config/wsgi.py does
django.setup()

import django_filters  # noqa: E402
from django.test import Client  # noqa: E402

from tests.bench.texts import read_texts  # noqa: E402
from tracker import keeping  # noqa: E402
from tracker.filters import ChangeFilter, CommitmentFilter  # noqa: E402
from tracker.models import Commitment  # noqa: E402
from tracker.tables import CommitmentTable  # noqa: E402

SEED = 2000
SLOW, ROUNDS = 0.8, 3  # a question that took more seconds than that is asked so many times
Pairs = list[tuple[str, str]]
Taken = dict[str, Any]
NEVER_FOUND = "xylophone"
FIRST, LAST = dt.date(2014, 1, 1), dt.date(2026, 12, 31)


class Asker:
    """Makes up questions, of every filter that there is, in whatever combination."""

    def __init__(self, commitments: int, seed: int = SEED) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same questions every time
        self.commitments = commitments
        self.words = [word for _, text in read_texts() for word in text.split()]
        self.filters = self.read_filters(CommitmentFilter({}, queryset=Commitment.objects.published()))
        self.change_filters = {name: each for name, each in self.filters.items() if name in ChangeFilter.base_filters}
        columns = CommitmentTable.base_columns.items()
        self.sorts = [name for name, column in columns if column.orderable is not False]

    @staticmethod
    def read_filters(filterset: Any) -> dict[str, Any]:
        return dict(filterset.filters)

    def ask(self) -> str:
        """Return the address of a question: to the list, to the API or to what changed."""
        door = self.chance.random()
        if door < 0.1:
            since = {"since": self.pick_day(), "until": ""}
            return self.write("/changes/", [*since.items(), *self.pick_filters(self.change_filters)])
        pairs = self.pick_filters(self.filters) + self.pick_shape() + self.pick_moment()
        return self.write("/api/commitments/" if door < 0.25 else "/commitments/", pairs)

    def write(self, path: str, pairs: Pairs) -> str:
        kept = [(name, value) for name, value in pairs if value]
        return f"{path}?{urlencode(kept)}" if kept else path

    def pick_filters(self, filters: dict[str, Any]) -> Pairs:
        count = min(self.chance.choice([0, 1, 1, 2, 2, 3, 4, 6]), len(filters))
        names = self.chance.sample(sorted(filters), count)
        return [pair for name in names for pair in self.fill_in(name, filters[name])]

    def fill_in(self, name: str, each: Any) -> Pairs:
        if isinstance(each, django_filters.MultipleChoiceFilter):
            codes = [str(code) for code, _ in each.extra["choices"]]
            count = self.chance.choice([1, 1, 1, 1, 2, 2, 3, len(codes)])
            return [(name, code) for code in self.chance.sample(codes, min(count, len(codes)))]
        if isinstance(each, django_filters.DateFilter):
            return [(name, self.pick_day())]
        if isinstance(each, django_filters.TypedChoiceFilter):
            return [(name, "on")]
        return [(name, self.pick_words())]

    def pick_day(self) -> str:
        return (FIRST + dt.timedelta(days=self.chance.randrange((LAST - FIRST).days))).isoformat()

    def pick_words(self) -> str:
        """Return a search: words, phrases, references, what is left out, and signs that mean nothing."""
        start = self.chance.randrange(len(self.words) - 12)
        words = self.words[start : start + self.chance.choice([1, 1, 2, 2, 3, 5, 10])]
        forms = {
            "plain": " ".join(words),
            "phrase": f'"{" ".join(words[:3])}" {words[-1]}',
            "without": f"{words[0]} -{self.chance.choice(self.words)}",
            "only without": f"-{words[0]}",
            "reference": f"big {self.chance.randrange(self.commitments) + 1}",
            "common": self.chance.choice(["the", "of the", "children", "children police", "the and of to"]),
            "signs": f'{words[0]}* OR ({words[-1]} NEAR "',
            "never found": f"{words[0]} {NEVER_FOUND}",
        }
        return self.chance.choice(list(forms.values()))[:200]

    def pick_shape(self) -> Pairs:
        last = -(-self.commitments // 25)
        page = self.chance.choice([1, 1, 1, 2, 10, last // 2, last, 10 * last])
        sort = self.chance.choice(["", *self.sorts])
        return [
            ("sort", sort and self.chance.choice(["", "-"]) + sort),
            ("page", str(page) if page > 1 else ""),
            ("per_page", self.chance.choice(["", "", "", "10", "100"])),
        ]

    def pick_moment(self) -> Pairs:
        """Return a past day for one question in five, and for some of those a day up to which things were known."""
        if self.chance.random() > 0.2:
            return []
        return [("on", self.pick_day()), ("known", self.chance.choice(["", "", "2026-03-01", "2026-10-01"]))]

    def ask_all(self, count: int) -> Iterator[str]:
        return (self.ask() for _ in range(count))


def measure(addresses: list[str]) -> Iterator[Taken]:
    """Ask each question, a slow one `ROUNDS` times, and yield what it took: of a slow one, the round in the middle."""
    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    client.get("/commitments/")  # what is imported and compiled once
    for address in addresses:
        taken = [ask(client, address)]
        while taken[0]["seconds"] > SLOW and len(taken) < ROUNDS:
            keeping.forget()
            client.get("/commitments/")  # so that as much is known as the first time
            taken.append(ask(client, address))
        yield sorted(taken, key=lambda each: each["seconds"])[len(taken) // 2]


def ask(client: Client, address: str) -> Taken:
    """Return the seconds that passed, and those in which this process worked."""
    began, worked = time.perf_counter(), time.process_time()
    status = client.get(address).status_code
    taken = {"seconds": time.perf_counter() - began, "processor": time.process_time() - worked}
    return {"address": address, "status": status} | {name: round(value, 4) for name, value in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commitments", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # what is refused is part of the questions
    addresses = list(Asker(asked.commitments).ask_all(asked.count))
    print(json.dumps(addresses if asked.list else list(measure(addresses))))


if __name__ == "__main__":
    main()
