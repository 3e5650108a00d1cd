"""Reads the rolls of moments, and answers from them: how many commitments there are, which, and in what order."""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial, reduce
from itertools import compress, count, pairwise, repeat
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, F, IntegerField, Max, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Replace

from tracker.filters.rolls import Column, Keys, Late, Listing, Mask, Roll, Steps
from tracker.keeping import Version
from tracker.models import Commitment, Department, Programme, Standing, Topic
from tracker.querysets import Before, CommitmentQuerySet, JoinedText, Listed, find_facts, join_keys, split_keys
from tracker.statuses import Status, compute_timeliness

FACETS = ("department", "status", "programme", "topic", "kind", "response", "timeliness", "strength")
GROUPS: dict[str, Any] = {"department": Department, "programme": Programme, "topic": Topic}


class List(NamedTuple):
    """Something of which a commitment has several or none: its field, and the filter that offers the same."""

    field: str
    names: str


LISTS = {"topic": List("topics", "topic"), "supporting": List("supporting", "department")}
OWN = ("department", "programme", "kind", "made_on")  # what a commitment says of itself
FLAGS = ("rests_on_copies", "claim_differs")
STANDING = ("status", "response", "timeliness", "strength", "due_on")  # how it stands
SELDOM = ("changed_on", "checked_on", *FLAGS)  # and what few questions ask of that
POINTED = {"current_status": "status", "current_strength": "strength"}  # the columns that have names of their own
PARTING = "\x1f"  # parts titles, which have spaces
FEW = 10_000  # titles that are put in order for one answer alone
SAID = {"1": True, "0": False}  # how flags are read
RANKED = {status.value: place for place, status in enumerate(Status)}


class Timely(dict[str, str]):
    """The timeliness of what has a date next or, where there is none, has met all in time or not: as that is read."""

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self.today = today

    def __missing__(self, read: str) -> str:
        met_on_time = SAID.get(read)
        due_on = dt.date.fromisoformat(read) if read and met_on_time is None else None
        self[read] = compute_timeliness(due_on, met_on_time, self.today).value
        return self[read]


class RollReader:
    """Reads the parts of the roll of a moment. `find_slugs` gives the slugs of what a filter offers, by their keys."""

    def __init__(self, rows: CommitmentQuerySet, find_slugs: Callable[[str], dict[int, str]], today: dt.date) -> None:
        self.moment, self.words = rows.moment, rows.words
        self.find_slugs = find_slugs
        self.own = {
            "department": F("department_id"),
            "programme": F("programme_id"),
            "kind": F("kind"),
            "made_on": F("made_on"),
        }
        self.standing = {
            "status": F("current_status"),
            "response": F("current_answer"),
            "strength": F("current_strength"),
            "changed_on": F("status_since"),
            "due_on": F("next_due_on"),
            "met_on_time": Cast("met_on_time", IntegerField()),
            "checked_on": F("checked_on"),
            **{name: Cast(name, IntegerField()) for name in FLAGS},
        }
        self.timely = Timely(today)

    def read_today(self) -> Roll:
        """Read what all commitments that were ever published say of themselves, and how they stand today."""
        withdrawn = Case(When(withdrawn_at__isnull=False, then=Value("x")), default=Value(""))
        facts = {"key": F("pk"), "reference": F("reference"), "withdrawn": withdrawn}
        columns = {name: Column() for name in ("withdrawn", *OWN, *STANDING, *SELDOM)}
        keys, references = array("q"), []
        for piece in read_pieces(Commitment.objects.ever_published(), facts | self.own | self.standing, "reference"):
            keys.extend(split_keys(piece["key"]))
            references.append(piece["reference"])
            self.extend(columns, piece)
        if not is_in_order(references):  # the index of another collation gives them in another order
            names = " ".join(references).split(" ")
            order = sorted(range(len(keys)), key=names.__getitem__)
            columns = {name: column.pick(order) for name, column in columns.items()}
            keys = array("q", map(keys.__getitem__, order))
        for name in GROUPS.keys() & columns.keys():
            columns[name].call(self.name_slugs(name))
        for name in FLAGS:
            columns[name].call(SAID)
        return Roll(keys, columns, columns.pop("withdrawn").flag([""]))

    def read_past(self, today: Roll) -> Roll:
        """Read how every commitment stood, beside what it says of itself in the words of then."""
        read = {name: Column() for name in STANDING}
        late: dict[str, list[str]] = {name: [] for name in SELDOM}
        keys = array("q")
        facts = {"key": F("commitment_id")} | self.standing
        for rows in Standing.objects.on_day(self.moment):  # type: ignore[arg-type]
            for piece in read_pieces(rows, facts, "commitment_id", most=len(today.keys)):
                keys.extend(split_keys(piece["key"]))
                self.extend(read, piece)
                for name, texts in late.items():
                    texts.append(piece[name])
        found = dict(zip(keys, count(), strict=False))
        nowhere = len(found)
        places = array("q", map(found.get, today.keys, repeat(nowhere)))
        columns = {name: column.pick(places) for name, column in read.items()}
        columns |= {name: Late(texts, places, SAID) for name, texts in late.items()}
        for name in OWN:
            words = self.words.by_field.get(name)
            columns[name] = today.columns[name].replace(today.keys, words) if words else today.columns[name]
        return Roll(today.keys, columns, bytes(map(nowhere.__ne__, places)))

    def extend(self, columns: dict[str, Column], piece: dict[str, str]) -> None:
        """Add what was read of more rows."""
        due_on, met_on_time = (piece[name].split(" ") for name in ("due_on", "met_on_time"))
        tell = {
            "due_on": due_on,
            "timeliness": [self.timely[date or met] for date, met in zip(due_on, met_on_time, strict=True)],
        }
        for name, column in columns.items():
            column.extend(tell[name] if name in tell else piece[name].split(" "))

    def read_listing(self, name: str) -> Listing:
        """Read a list of every commitment as pairs; those of then, where they were changed since."""
        field: Any = Commitment._meta.get_field(LISTS[name].field)
        ends = {"key": field.m2m_column_name(), "choice": field.m2m_reverse_name()}
        earlier = self.words.find_lists(field.name)
        pairs = field.remote_field.through.objects.exclude(**{f"{ends['key']}__in": earlier})
        listing = Listing((), ())
        for piece in read_pieces(pairs, {end: F(column) for end, column in ends.items()}, "pk"):
            listing.extend(split_keys(piece["key"]), piece["choice"].split(" "))
        listing.column.call(self.name_slugs(LISTS[name].names))
        for key, slugs in earlier.items():
            listing.extend([key] * len(slugs), slugs)
        return listing

    def name_slugs(self, name: str) -> dict[str, str]:
        """Return the slugs of what a filter offers by their keys, as these are read."""
        return {str(key): slug for key, slug in self.find_slugs(name).items()}

    def rank_titles(self, keys: Keys, some: Keys | None = None) -> Sequence[int]:
        """Return the place of each title of then among all, or among `some`, whether its letters are small or not."""
        rows = Commitment.objects.ever_published()
        found = (rows if some is None else rows.filter(pk__in=Listed(some))).aggregate(
            keys=join_keys("pk"), titles=JoinedText(Replace("title", Value(PARTING), Value(" ")), sign=PARTING)
        )
        titles = dict(zip(split_keys(found["keys"]), _fold(found["titles"] or "").split(_fold(PARTING)), strict=False))
        earlier = self.words.by_field.get("title", {})
        titles |= {key: _fold(title.replace(PARTING, " ")) for key, title in earlier.items()}
        places = {title: place for place, title in enumerate(sorted({*titles.values()}))}
        ranks = dict(zip(titles, map(places.__getitem__, titles.values()), strict=True))
        return array("q", map(ranks.get, keys, repeat(0)))

    def rank_departments(self, column: Column) -> list[int | None]:
        names = dict(Department.objects.values_list("slug", "name"))
        names |= {str(key): name for key, name in Department.objects.drafts().values_list("pk", "name")}
        return column.rank(names.get)


def _fold(title: str) -> bytes:
    """Return a title as both databases order it, with small letters for the capitals that ASCII has."""
    return title.encode().lower()


# Rows whose texts are read at once: those of many more would take more memory than all that is made of them.
PIECE, WHOLE = 25_000, 200_000


def read_pieces(
    rows: QuerySet[Any], columns: dict[str, Any], key: str, *, most: int | None = None
) -> Iterator[dict[str, str]]:
    """Yield columns of many rows at a time, each as one text, the values in it parted by spaces.

    One by one, a hundred thousand rows would take several times as long. `key` is unique and tells how far was read.
    Where there are `most` rows and these are few enough, they come at once and in no order, which takes half the time.
    What is not there is empty. No value may have a space in it.
    """
    texts = {
        f"all_{name}": JoinedText(Coalesce(Cast(column, CharField()), Value(""))) for name, column in columns.items()
    }
    is_whole = most is not None and most <= WHOLE
    left = rows.order_by() if is_whole else rows.order_by(key)[:PIECE]
    while True:
        found = left.aggregate(**texts, count=Count("pk"), last=Max(key))
        if found["count"]:
            yield {name: found[f"all_{name}"] for name in columns}
        if is_whole or found["count"] < PIECE:
            return
        left = rows.order_by(key).filter(**{f"{key}__gt": found["last"]})[:PIECE]


def is_in_order(pieces: Iterable[str]) -> bool:
    """Say whether the values of texts, parted by spaces, stand in the order of their bytes."""
    values = (value for piece in pieces for value in piece.split(" "))
    return all(before <= after for before, after in pairwise(values))


class Counting:
    """What is counted and listed of the commitments of a moment, by the roll that is kept of them."""

    def __init__(self, rows: CommitmentQuerySet, version: Version, today: dt.date, *, withdrawn: bool = False) -> None:
        self.rows, self.version, self.today = rows, version, today
        self.moment = rows.moment
        self.has_withdrawn = withdrawn and self.moment is None

    @cached_property
    def reader(self) -> RollReader:
        def find_slugs(name: str) -> dict[int, str]:
            return {row.pk: row.slug for row in keep_names(self.version, name)}

        return RollReader(self.rows, find_slugs, self.today)

    @cached_property
    def roll(self) -> Roll:
        keep = self.version.keep_one
        if self.moment is None:
            return keep("roll", self.reader.read_today)
        day = self.version.key[1]
        now = RollReader(Commitment.objects.all(), self.reader.find_slugs, day)
        past = ("roll", self.moment)
        return self.version.keep_large(past, lambda: self.reader.read_past(keep("roll", now.read_today)))

    @property
    def everything(self) -> Mask:
        return self.roll.choose(self.roll.columns["kind"], Commitment.Kind) if self.has_withdrawn else self.roll.present

    def list(self, name: str) -> Column | Listing:
        """Return the choices of all commitments under a filter, or of what supports them."""
        if name not in LISTS:
            return self.roll.columns[name]
        moment = self.moment if self.rows.words.find_lists(LISTS[name].field) else None
        return self.version.keep_large(("list", name, moment), partial(self.reader.read_listing, name))

    def count(self, name: str) -> dict[str, int]:
        """Count all commitments under each choice of a filter."""
        counted: dict[str, int] = self.version.keep(
            ("all", name, self.moment), lambda: self.roll.count(self.list(name), self.roll.present)
        )
        return counted

    def count_statuses(self, name: str) -> dict[str, dict[str, int]]:
        """Count all commitments by status under each choice of a filter."""
        return self.version.keep(("statuses", name, self.moment), lambda: self._count_statuses(name))

    def _count_statuses(self, name: str) -> dict[str, dict[str, int]]:
        listed, statuses = self.list(name), self.roll.columns["status"]
        flags = self.roll.flag(self.roll.present)
        if isinstance(listed, Listing):
            codes = dict(compress(zip(self.roll.keys, statuses.text, strict=True), flags))
            pairs: Iterable[Any] = zip(listed.column.text, map(codes.get, listed.keys), strict=True)
            column = listed.column
        else:
            column, pairs = listed, compress(zip(listed.text, statuses.text, strict=True), flags)
        choices, words = ({code: each for each, code in one.codes.items()} for one in (column, statuses))
        counts: dict[str, dict[str, int]] = {}
        for (choice, status), rows in Counter(pairs).items():
            if status is not None:
                counts.setdefault(choices[choice], {})[words[status]] = rows
        return counts

    def doubt(self, codes: Iterable[str], *, differs: bool = False) -> Mask:
        """Return what is in one of some gaps in the evidence, and, with `differs`, is claimed otherwise."""
        gaps = [self._find_gap(code) for code in codes]
        found = reduce(or_, gaps) if gaps else self.everything
        return found & self._choose("claim_differs", {True}) if differs else found

    def _find_gap(self, code: str) -> Mask:
        facts = find_facts(code, today=self.today).items()
        return reduce(and_, (self._choose(pointer, wanted) for pointer, wanted in facts))

    def _choose(self, pointer: str, wanted: Collection[Any] | Before) -> Mask:
        column = self.roll.columns[POINTED.get(pointer, pointer)]
        return self.roll.choose(column, filter(wanted.holds, column.codes) if isinstance(wanted, Before) else wanted)

    def search(self, text: str, *, is_ranked: bool = True) -> dict[int, Mask]:
        """Return what answers a search, by how well where that is asked."""

        def find() -> dict[int, Mask]:
            ranks = self.rows.rank_matches(text, is_ranked=is_ranked)
            return Steps({step: self.roll.find(keys) for step, keys in ranks.items()})

        return self.version.keep_large(("found", self.moment, text, is_ranked), find)

    def sort(self, mask: Mask, sorting: tuple[str, bool]) -> Keys:
        """Return the keys of some commitments in the order of one of `querysets.SORTS`, or the reverse."""
        name, descending = sorting
        return self.roll.list(mask, self._rank(name, mask) if name != "reference" else None, descending=descending)

    def _rank(self, name: str, mask: Mask) -> Sequence[int | None]:
        if name == "title":
            if mask.bit_count() <= FEW:
                return self.reader.rank_titles(self.roll.keys, self.roll.list(mask))
            moment = self.moment if "title" in self.rows.words.by_field else None
            return self.version.keep_large(("titles", moment), lambda: self.reader.rank_titles(self.roll.keys))
        column = self.roll.columns[name]
        if name == "department":
            return self.reader.rank_departments(column)
        return column.rank(RANKED.get if name == "status" else lambda day: day or None)


def keep_names(version: Version, name: str) -> list[Any]:
    """Return the published departments, programmes or topics."""
    return version.keep(("names", name), lambda: list(GROUPS[name].objects.published()))
