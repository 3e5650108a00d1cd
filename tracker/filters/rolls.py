"""Which choice of each filter every commitment falls under at a moment, held in memory: what the counts are read from.

A database reads a hundred thousand rows anew for each filter that it counts, and takes a second for a page of eight.
The roll is read once while the register and the day stand, by `keeping`, and then counts any question in hundredths.
A column has one character for each row; a mask has one byte, which is 1 where the row stays, and is one long number.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import compress, islice
from typing import Any, NamedTuple

from django.db.models import CharField, F, QuerySet, Value

from tracker.keeping import Version
from tracker.models import Commitment, Department, Programme, Standing, Topic
from tracker.querysets import CommitmentQuerySet, timeliness_case

FACETS = ("department", "status", "programme", "topic", "kind", "response", "timeliness", "strength")
GROUPS: dict[str, Any] = {"department": Department, "programme": Programme, "topic": Topic}
CHUNK = 10_000  # rows that are read at a time


class List(NamedTuple):
    """Something of which a commitment has several or none: its field, and the filter that offers the same."""

    field: str
    names: str


LISTS = {"topic": List("topics", "topic"), "supporting": List("supporting", "department")}
Mask = int
Keys = Sequence[int]


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

    def call(self, names: Mapping[Any, str]) -> None:
        """Call the choices by their slugs, where they were read as keys."""
        self.codes = Codes({names.get(choice, choice): code for choice, code in self.codes.items()})

    def pick(self, places: Iterable[int]) -> Column:
        """Return the column of the rows at some places."""
        column = Column()
        column.codes, column.text = Codes(self.codes), "".join(map(self.text.__getitem__, places))
        return column

    def replace(self, keys: Keys, words: Mapping[int, Any]) -> None:
        """Give some rows other choices, by their keys."""
        if words:
            pairs = zip(keys, self.text, strict=True)
            self.text = "".join(self.codes[words[key]] if key in words else code for key, code in pairs)

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

    def __init__(self) -> None:
        self.keys, self.column = array("q"), Column()

    def extend(self, pairs: Sequence[tuple[int, Any]]) -> None:
        self.keys.extend(key for key, _choice in pairs)
        self.column.extend(choice for _key, choice in pairs)

    def flag(self, rows: Keys, chosen: Iterable[Any]) -> bytes:
        return _flag(rows, compress(self.keys, self.column.flag(chosen)))

    def count(self, rows: Keys, flags: bytes) -> dict[Any, int]:
        return self.column.count(_flag(self.keys, compress(rows, flags)))


class Roll:
    """The keys of all commitments of a moment, and their choices by filter."""

    def __init__(self, keys: Keys, columns: dict[str, Column]) -> None:
        self.keys = keys
        self.columns = columns

    @property
    def everything(self) -> Mask:
        return _join(b"\1" * len(self.keys))

    def choose(self, listed: Column | Listing, chosen: Iterable[Any]) -> Mask:
        """Return which rows fall under one of some choices."""
        return _join(listed.flag(self.keys, chosen) if isinstance(listed, Listing) else listed.flag(chosen))

    def find(self, keys: Iterable[int]) -> Mask:
        """Return which rows have one of these keys."""
        return _join(_flag(self.keys, keys))

    def count(self, listed: Column | Listing, mask: Mask) -> dict[Any, int]:
        """Count some rows under each choice."""
        flags = mask.to_bytes(len(self.keys), "little")
        return listed.count(self.keys, flags) if isinstance(listed, Listing) else listed.count(flags)


def _flag(keys: Keys, wanted: Iterable[int]) -> bytes:
    return bytes(map(set(wanted).__contains__, keys))


def _join(flags: bytes) -> Mask:
    return int.from_bytes(flags, "little")


# --- Reading it --------------------------------------------------------------------------------

OWN = ("department", "programme", "kind")  # what a commitment says of itself
STANDING = ("status", "response", "timeliness", "strength")  # how it stands


class RollReader:
    """Reads the parts of the roll of a moment. `find_slugs` gives the slugs of what a filter offers, by their keys."""

    def __init__(self, rows: CommitmentQuerySet, find_slugs: Callable[[str], dict[int, str]], today: dt.date) -> None:
        self.moment, self.words = rows.moment, rows.words
        self.find_slugs = find_slugs
        self.choices = {
            "department": F("department_id"),
            "programme": F("programme_id"),
            "kind": F("kind"),
            "status": F("current_status"),
            "response": F("current_answer"),
            "timeliness": timeliness_case(today=today),
            "strength": F("current_strength"),
        }

    @property
    def has_other_lists(self) -> bool:
        """Say whether lists were changed since the moment."""
        return any(self.words.find_lists(each.field) for each in LISTS.values())

    def read(self, find_own: Callable[[], Roll]) -> Roll:
        """Read how every commitment stands, in one query, beside what it says of itself.

        On a past day `find_own` gives the latter; of what was reworded since, the words of then take their place.
        """
        if self.moment is None:
            return self._read(Commitment.objects.published(), "pk", (*OWN, *STANDING))
        standing = self._read(Standing.objects.on_day(self.moment), "commitment_id", STANDING)
        own = find_own()
        places = {key: place for place, key in enumerate(own.keys)}
        found = [places[key] for key in standing.keys]
        columns = {name: own.columns[name].pick(found) for name in OWN}
        for name, column in columns.items():
            column.replace(standing.keys, self.words.by_field.get(name, {}))
        return Roll(standing.keys, standing.columns | columns)

    def read_own(self) -> Roll:
        """Read what all commitments that were ever published say of themselves, in the words of today."""
        return self._read(Commitment.objects.ever_published(), "pk", OWN)

    def _read(self, rows: QuerySet[Any], key: str, names: Sequence[str]) -> Roll:
        keys, columns = array("q"), {name: Column() for name in names}
        for chunk in _split(rows.order_by().values_list(key, *(self.choices[name] for name in names))):
            found = list(zip(*chunk, strict=True))
            keys.extend(found[0])
            for column, values in zip(columns.values(), found[1:], strict=True):
                column.extend(values)
        for name in GROUPS.keys() & columns.keys():
            columns[name].call(self.find_slugs(name))
        return Roll(keys, columns)

    def read_listings(self) -> dict[str, Listing]:
        """Read every list of every commitment as pairs, in one query; those of then, where they were changed since."""
        listings = {name: Listing() for name in LISTS}
        parts = [self._list_pairs(name) for name in LISTS]
        for chunk in _split(parts[0].union(*parts[1:], all=True)):
            for name, listing in listings.items():
                pairs = [(key, choice) for which, key, choice in chunk if which == name]
                listing.extend(pairs)
        for name, listing in listings.items():
            listing.column.call(self.find_slugs(LISTS[name].names))
            earlier = self.words.find_lists(LISTS[name].field)
            listing.extend([(key, slug) for key, slugs in earlier.items() for slug in slugs])
        return listings

    def _list_pairs(self, name: str) -> QuerySet[Any, Any]:
        field: Any = Commitment._meta.get_field(LISTS[name].field)
        ends = (field.m2m_column_name(), field.m2m_reverse_name())
        rows = field.remote_field.through.objects.exclude(**{f"{ends[0]}__in": self.words.find_lists(field.name)})
        return rows.values_list(Value(name, output_field=CharField()), *ends)


def _split(rows: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    found = rows.iterator(CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


class Counting:
    """What is counted of the commitments of a moment, by the roll that is kept of them."""

    def __init__(self, rows: CommitmentQuerySet, version: Version, today: dt.date) -> None:
        self.rows, self.version, self.today = rows, version, today
        self.moment = rows.moment

    @cached_property
    def reader(self) -> RollReader:
        def find_slugs(name: str) -> dict[int, str]:
            return {row.pk: row.slug for row in keep_names(self.version, name)}

        return RollReader(self.rows, find_slugs, self.today)

    @cached_property
    def roll(self) -> Roll:
        keep = self.version.keep_large
        own = partial(keep, "what commitments say", self.reader.read_own)
        return keep(("roll", self.moment), partial(self.reader.read, own))

    def list(self, name: str) -> Column | Listing:
        """Return the choices of all commitments under a filter, or of what supports them."""
        if name not in LISTS:
            return self.roll.columns[name]
        moment = self.moment if self.reader.has_other_lists else None
        return self.version.keep_large(("lists", moment), self.reader.read_listings)[name]

    def count(self, name: str) -> dict[str, int]:
        """Count all commitments under each choice of a filter."""
        counted: dict[str, int] = self.version.keep(
            ("all", name, self.moment), lambda: self.roll.count(self.list(name), self.roll.everything)
        )
        return counted

    def count_statuses(self, name: str) -> dict[str, dict[str, int]]:
        """Count all commitments by status under each choice of a filter."""
        return self.version.keep(("statuses", name, self.moment), lambda: self._count_statuses(name))

    def _count_statuses(self, name: str) -> dict[str, dict[str, int]]:
        listed, statuses = self.list(name), self.roll.columns["status"]
        if isinstance(listed, Listing):
            codes = dict(zip(self.roll.keys, statuses.text, strict=True))
            pairs = zip(listed.column.text, map(codes.get, listed.keys), strict=True)
            column = listed.column
        else:
            column, pairs = listed, zip(listed.text, statuses.text, strict=True)
        choices, words = ({code: each for each, code in one.codes.items()} for one in (column, statuses))
        counts: dict[str, dict[str, int]] = {}
        for (choice, status), count in Counter(pairs).items():
            if status is not None:
                counts.setdefault(choices[choice], {})[words[status]] = count
        return counts


def keep_names(version: Version, name: str) -> list[Any]:
    """Return the published departments, programmes or topics."""
    return version.keep(("names", name), lambda: list(GROUPS[name].objects.published()))
