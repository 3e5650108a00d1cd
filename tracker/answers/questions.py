"""The question that a reader asks of the commitments, read in one way for the page and for every file of its answer."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Sequence
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

from django.core.paginator import Page
from django.http import QueryDict

from tracker.answers.excerpts import find_excerpts
from tracker.answers.paging import RowPaginator, read_page
from tracker.exports import FORMATS, count_rows
from tracker.filters import SHAPING, CommitmentFilter, add_query, shorten
from tracker.keeping import Version
from tracker.languages import find_address
from tracker.models import Commitment
from tracker.moments import Moment
from tracker.querysets import Listed, prepared
from tracker.tables import Answer, CommitmentTable
from tracker.words import Excerpt

PAGING = ("page", "per_page")


class Named(NamedTuple):
    """The department of a row."""

    name: str
    name_cy: str


class Row(NamedTuple):
    """What the table writes of a commitment as it stands today: a whole one would be a hundred columns wide."""

    pk: int
    reference: str
    title: str
    title_cy: str
    current_status: str
    current_strength: str
    status_since: dt.date | None
    made_on: dt.date
    next_due_on: dt.date | None
    department: Named


OWN, NAMES = Row._fields[:-1], Named._fields


@prepared
def _ask_rows(keys: Any) -> Any:
    rows = Commitment.objects.published().filter(pk__in=Listed(keys)).order_by()
    return rows.values_list(*OWN, *(f"department__{name}" for name in NAMES))


def _read_rows(keys: Sequence[int]) -> dict[int, Row]:
    """Return the rows of today by their keys."""
    found = _ask_rows(keys=array("q", keys)) if keys else []
    return {each[0]: Row(*each[: len(OWN)], Named(*each[len(OWN) :])) for each in found}


@lru_cache
def _list_present() -> Any:
    """Put the question for all that is public today, which is the same for all readers; each asks a copy of it."""
    return Commitment.objects.published().for_listing()


class Question:
    """Which commitments, in which order, as they stood at which moment."""

    def __init__(self, query: QueryDict, moment: Moment, version: Version | None = None) -> None:
        self.query = shorten(query)
        self.moment = moment
        rows = Commitment.objects.as_at(moment).for_listing() if moment.on else _list_present().all()
        # Bound even without parameters, so that the form always speaks the same way.
        self.filterset = CommitmentFilter(self.query, queryset=rows, version=version)
        self._whole: dict[int, Commitment] = {}

    @property
    def errors(self) -> list[str]:
        return [message for messages in self.filterset.form.errors.values() for message in messages]

    @property
    def rows(self) -> Any:
        """The answer to a valid question, by reference."""
        return self.filterset.qs.by_reference()

    @cached_property
    def table(self) -> CommitmentTable:
        """The answer as a table, in the order of the page; there is none to a question that is not valid."""
        filterset = self.filterset
        answer = Answer(filterset.count(), filterset.search) if filterset.is_valid() else Answer()
        return CommitmentTable(answer, moment=self.moment, order_by=self.query.getlist("sort") or None)

    def find_rows(self, first: int, last: int) -> Sequence[Any]:
        """Return the answer from one place up to another, as the table shows it."""
        keys = self.find_keys(first, last)
        if self.table.search.wanted:
            self.table.excerpts = self.explain(keys)
        found: dict[int, Any] = self._whole
        if not found:
            # On a past day it is in the words of then, which are put back into whole rows.
            found = self._read_whole(keys) if self.moment.on else _read_rows(keys)
        return [found[key] for key in keys if key in found]

    def find_keys(self, first: int, last: int) -> Sequence[int]:
        """Return the keys of the same. They are kept, because to find them all is put in order."""
        if not self.table.data:
            return []
        name = ("page", self.filterset.asked, *self.query.getlist("sort"), first, last)
        return self.filterset.version.keep(name, lambda: array("q", self.list_keys()[first:last]))

    def explain(self, keys: Sequence[int]) -> dict[int, Excerpt]:
        """Say why each of some commitments was found: see `find_excerpts`."""

        def find() -> dict[int, Excerpt]:
            self._whole = self._read_whole(keys)
            return find_excerpts(self.table.search, [*self._whole.values()], self.moment)

        return self.filterset.version.keep(("excerpts", self.filterset.asked, *keys), find)

    def _read_whole(self, keys: Sequence[int]) -> dict[int, Commitment]:
        found: dict[int, Commitment] = self.filterset.queryset.order_by().in_bulk(keys)
        return found

    def list_keys(self) -> Sequence[int]:
        """Return the keys of the whole answer in the order of the page."""
        return self.filterset.list_keys(self.table.data.sorting)

    def read_page_of_keys(self) -> Page[Any]:
        """Return the keys on the page that the address asks for. Raises Unanswerable."""
        pages = partial(RowPaginator, count=len(self.table.data), find=self.find_keys)
        return read_page((), self.query, pages)

    @property
    def address(self) -> str:
        """The address of the page, without saying which part of the answer it shows."""
        return add_query(find_address("tracker:commitment-list"), shorten(self.query, without=PAGING))


def offer_following(query: QueryDict, *, without: tuple[str, ...] = SHAPING) -> dict[str, str]:
    """Return the addresses of the feed and of the calendar that answer the same question."""
    asked = add_query("", shorten(query, without=without))
    return {shape: f"{find_address(f'tracker:commitment-{shape}')}{asked}" for shape in ("feed", "calendar")}


def offer_files(question: Question, count: int) -> list[dict[str, Any]]:
    """Return each file of an answer with its address and how many rows it has, where that is known."""
    filterset = question.filterset
    asked = add_query("", shorten(question.query, without=PAGING))
    counts = filterset.version.keep(
        ("rows", filterset.asked), lambda: count_rows(filterset.list_keys, count, question.moment)
    )
    return [
        {
            "format": each,
            "address": f"{find_address(f'tracker:{each.address_name}')}{asked}",
            "rows": counts.get(each.sheet.name if each.sheet else "commitments"),
            "noun": each.sheet.name if each.sheet else "commitments",
            "is_too_long": each.limit is not None and count > each.limit,
        }
        for each in FORMATS
    ]
