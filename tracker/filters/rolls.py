"""Which choice of each filter every commitment falls under at a moment, held in memory: what the counts are read from.

A database reads a hundred thousand rows anew for each filter that it counts, and takes a second for a page of eight.
The roll is read once while the register and the day stand, by `keeping`, and then counts any question in hundredths.
A column has one character for each row; a mask has one byte, which is 1 where the row stays, and is one long number.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice
from typing import Any

from django.db.models import Expression, F, QuerySet

from tracker.querysets import CommitmentQuerySet, timeliness_case

FACETS = ("department", "status", "programme", "topic", "kind", "response", "timeliness", "strength")
LISTS = {"topic": "topics", "supporting": "supporting"}  # of which a commitment has several, or none
CHUNK = 10_000  # rows that are read at a time

Mask = int
Keys = Sequence[int]
Names = Mapping[Any, str]  # the slug of what is read as a key


class Codes(dict[Any, str]):
    """Gives each choice a character when it is first met."""

    def __missing__(self, choice: Any) -> str:
        code = self[choice] = chr(len(self))
        return code


class Column:
    """The choice of each row."""

    def __init__(self) -> None:
        self.codes = Codes()
        self.text = ""

    def extend(self, choices: Iterable[Any]) -> None:
        self.text += "".join(map(self.codes.__getitem__, choices))

    def flag(self, chosen: Iterable[Any]) -> bytes:
        """Return a byte for each row: 1 where it falls under one of the chosen."""
        wanted = set(chosen)
        return self.text.translate({ord(code): chr(each in wanted) for each, code in self.codes.items()}).encode()

    def count(self, flags: bytes) -> dict[Any, int]:
        """Count the flagged rows under each choice."""
        found = Counter(compress(self.text, flags))
        return {choice: found[code] for choice, code in self.codes.items() if code in found}


class Listing:
    """The choices of rows that have several or none: a column of pairs, with the key of its row beside each."""

    def __init__(self, rows: Keys, pairs: Iterable[tuple[int, Any]]) -> None:
        self.rows = rows
        public = set(rows)
        self.keys, self.column = array("q"), Column()
        kept = (pair for pair in pairs if pair[0] in public)
        while chunk := list(islice(kept, CHUNK)):
            keys, choices = zip(*chunk, strict=True)
            self.keys.extend(keys)
            self.column.extend(choices)

    def flag(self, chosen: Iterable[Any]) -> bytes:
        return _flag(self.rows, compress(self.keys, self.column.flag(chosen)))

    def count(self, flags: bytes) -> dict[Any, int]:
        return self.column.count(_flag(self.keys, compress(self.rows, flags)))


class Roll:
    """The keys of all commitments of a moment, and their choices by filter."""

    def __init__(self, keys: Keys, columns: dict[str, Column | Listing]) -> None:
        self.keys = keys
        self.columns = columns

    @property
    def everything(self) -> Mask:
        return _join(b"\1" * len(self.keys))

    def choose(self, name: str, chosen: Iterable[Any]) -> Mask:
        """Return which rows fall under one of some choices of a filter."""
        return _join(self.columns[name].flag(chosen))

    def find(self, keys: Iterable[int]) -> Mask:
        """Return which rows have one of these keys."""
        return _join(_flag(self.keys, keys))

    def count(self, name: str, mask: Mask) -> dict[Any, int]:
        """Count some rows under each choice of a filter."""
        return self.columns[name].count(mask.to_bytes(len(self.keys), "little"))


def _flag(keys: Keys, wanted: Iterable[int]) -> bytes:
    return bytes(map(set(wanted).__contains__, keys))


def _join(flags: bytes) -> Mask:
    return int.from_bytes(flags, "little")


def read_roll(rows: CommitmentQuerySet, names: dict[str, Names], today: dt.date) -> Roll:
    """Read what all commitments of a moment fall under, in two queries. `names` are slugs by filter and key."""
    choices = dict(_list_choices(rows, today))
    columns: dict[str, Column | Listing] = {name: Column() for name in choices}
    keys = array("q")
    for chunk in _split(rows.order_by().values_list("pk", *choices.values())):
        found = list(zip(*chunk, strict=True))
        keys.extend(found[0])
        for name, values in zip(choices, found[1:], strict=True):
            known = names.get(name, {})
            columns[name].extend([known.get(value, value) for value in values] if known else values)
    return Roll(keys, columns | {"topic": read_listing(rows, keys, "topic", names["topic"])})


def read_supporting(rows: CommitmentQuerySet, keys: Keys, names: Names) -> Roll:
    """Read what departments help with, as a roll of that alone: few questions ask for it."""
    return Roll(keys, {"supporting": read_listing(rows, keys, "supporting", names)})


def read_listing(rows: CommitmentQuerySet, keys: Keys, name: str, names: Names) -> Listing:
    """Read the choices of a filter of which rows have several; in the lists of then, where they were changed since."""
    changed = rows.words.find_lists(LISTS[name])
    field: Any = rows.model._meta.get_field(LISTS[name])
    ends = (field.m2m_field_name(), field.m2m_reverse_field_name())
    present = field.remote_field.through.objects.values_list(*ends)
    pairs = ((key, names.get(value, value)) for chunk in _split(present) for key, value in chunk if key not in changed)
    earlier = ((key, slug) for key, slugs in changed.items() for slug in slugs)
    return Listing(keys, (pair for found in (pairs, earlier) for pair in found))


def _split(rows: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    found = rows.iterator(CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def _list_choices(rows: CommitmentQuerySet, today: dt.date) -> Iterator[tuple[str, Expression | F]]:
    """Yield each filter of which a row has one choice, with the expression that says which."""
    path = rows.path
    slug = path("department__slug")
    yield "department", F("department_id" if slug == "department__slug" else slug)
    yield "status", F(path("current_status"))
    yield "programme", F("programme_id")
    yield "kind", F(path("kind"))
    yield "response", F(path("current_answer"))
    yield "timeliness", timeliness_case(today=today, path=path)
    yield "strength", F(path("current_strength"))
