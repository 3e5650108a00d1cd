"""The question that a reader asks of the commitments, read in one way for the page and for every file of its answer."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from django.core.paginator import Page
from django.http import QueryDict

from tracker.answers.paging import RowPaginator, read_page
from tracker.exports import FORMATS, count_rows
from tracker.filters import SHAPING, CommitmentFilter, add_query, shorten
from tracker.keeping import Version
from tracker.languages import find_address
from tracker.models import Commitment
from tracker.moments import Moment
from tracker.tables import CommitmentTable

PAGING = ("page", "per_page")


class Question:
    """Which commitments, in which order, as they stood at which moment."""

    def __init__(self, query: QueryDict, moment: Moment, version: Version | None = None) -> None:
        self.query = shorten(query)
        self.moment = moment
        rows = Commitment.objects.as_at(moment).for_listing()
        # Bound even without parameters, so that the form always speaks the same way.
        self.filterset = CommitmentFilter(self.query, queryset=rows, version=version)

    @property
    def errors(self) -> list[str]:
        return [message for messages in self.filterset.form.errors.values() for message in messages]

    @cached_property
    def rows(self) -> Any:
        """The answer to a valid question, in the order of the page."""
        table = CommitmentTable(self.filterset.qs, moment=self.moment)
        if sort := self.query.getlist("sort"):
            table.order_by = sort
        return table.data.data

    def find_rows(self, rows: Any, first: int, last: int, count: int) -> list[Commitment]:
        """Return the answer from one place up to another, as a table shows it."""
        keys = self.find_keys(rows, first, last, count)
        needs_all = self.moment.on or rows.search.wanted  # the words of then, and why a row was found
        shown = self.filterset.queryset if needs_all else self.filterset.queryset.for_table()
        found = shown.order_by().in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def find_keys(self, rows: Any, first: int, last: int, count: int) -> Sequence[int]:
        """Return the keys of the same. They are kept, because to find them all is put in order."""
        if not count:
            return []
        name = ("page", self.filterset.asked, *self.query.getlist("sort"), first, last)
        return self.filterset.version.keep(name, lambda: array("q", self.list_keys(rows)[first:last]))

    def list_keys(self, rows: Any) -> Sequence[int]:
        """Return the keys of the whole answer in the order of the page."""
        return self.filterset.list_keys(rows.sorting)

    def read_page_of_keys(self) -> Page[Any]:
        """Return the keys on the page that the address asks for. Raises Unanswerable."""
        pages = partial(RowPaginator, count=self.filterset.count(), find=self.find_keys)
        return read_page(self.rows, self.query, pages)

    @property
    def address(self) -> str:
        """The address of the page, without saying which part of the answer it shows."""
        return add_query(find_address("tracker:commitment-list"), shorten(self.query, without=PAGING))


def offer_following(query: QueryDict, *, without: tuple[str, ...] = SHAPING) -> dict[str, str]:
    """Return the addresses of the feed and of the calendar that answer the same question."""
    asked = shorten(query, without=without)
    return {shape: add_query(find_address(f"tracker:commitment-{shape}"), asked) for shape in ("feed", "calendar")}


def offer_files(question: Question, count: int) -> list[dict[str, Any]]:
    """Return each file of an answer with its address and how many rows it has, where that is known."""
    filterset = question.filterset
    query = shorten(question.query, without=PAGING)
    counts = filterset.version.keep(("rows", filterset.asked), lambda: count_rows(filterset.qs, count, question.moment))
    return [
        {
            "format": each,
            "address": add_query(find_address(f"tracker:{each.address_name}"), query),
            "rows": counts.get(each.sheet.name if each.sheet else "commitments"),
            "noun": each.sheet.name if each.sheet else "commitments",
            "is_too_long": each.limit is not None and count > each.limit,
        }
        for each in FORMATS
    ]
