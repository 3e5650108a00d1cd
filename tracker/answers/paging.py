"""One page of an answer, in sizes up to a limit, and the addresses of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from tracker.filters import add_query

PAGE_SIZE = 100
MAXIMUM_PAGE_SIZE = 1000


Find = Callable[[int, int], Any]


class Unanswerable(Exception):
    """Raised with a sentence when there is no answer to a question, though it is one."""


class RowPaginator(Paginator):
    """Pages of rows that are found by their keys: OFFSET drags along all that it skips, with every join.

    Pages past the middle are counted from the end, so that the last costs what the first does. `count` is how many
    rows there are, where that is known already, and `find` reads them from one place up to another in a way of its own.
    """

    def __init__(
        self, object_list: Any, per_page: int, *, count: int | None = None, find: Find | None = None, **options: Any
    ) -> None:
        super().__init__(object_list, per_page, **options)
        self.find = find or self.slice
        if count is not None:
            self.count = count

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        return self._get_page(self.read(first, min(first + self.per_page, self.count)), number, self)

    def read(self, first: int, last: int) -> Any:
        """Return the rows from one place up to another."""
        return self.find(first, last)

    def slice(self, first: int, last: int) -> Any:
        return slice_rows(self.object_list, first, last, self.count)


def slice_rows(rows: Any, first: int, last: int, count: int) -> Any:
    """Return the sorted rows from one place up to another, out of so many."""
    return rows.filter(pk__in=_slice_nearer(rows, first, last, count).values("pk")) if first else rows[:last]


def _slice_nearer(rows: Any, first: int, last: int, count: int) -> Any:
    is_last_first = _is_nearer_to_the_end(first, last, count)
    return rows.reverse()[count - last : count - first] if is_last_first else rows[first:last]


def _is_nearer_to_the_end(first: int, last: int, count: int) -> bool:
    return first > count - last


def read_page(rows: Any, query: QueryDict, paginator: Any = None) -> Page[Any]:
    """Return the page of an answer that an address asks for, in sizes up to a thousand. Raises Unanswerable."""
    pages = (paginator or (RowPaginator if isinstance(rows, QuerySet) else Paginator))(rows, read_per_page(query))
    asked = query.get("page", "1")
    try:
        return pages.page(asked if asked.isascii() and len(asked) < 10 else "")
    except (EmptyPage, PageNotAnInteger):
        raise Unanswerable(f"There is no page “{asked[:20]}”; there are {pages.num_pages}.") from None


def read_per_page(query: QueryDict) -> int:
    """Return how many rows of an answer an address asks for, up to a thousand. Raises Unanswerable."""
    per_page = query.get("per_page", str(PAGE_SIZE))
    if not (per_page.isascii() and per_page.isdigit() and len(per_page) < 10 and int(per_page)):
        raise Unanswerable(f"“per_page” must be a whole number from 1; not “{per_page[:20]}”.")
    return min(int(per_page), MAXIMUM_PAGE_SIZE)


def describe_page(page: Page[Any]) -> dict[str, int]:
    """Say how many rows an answer has, and which page of how many this is."""
    paginator = page.paginator
    return {
        "count": paginator.count,
        "page": page.number,
        "per_page": paginator.per_page,
        "pages": paginator.num_pages,
    }


def link_pages(page: Page[Any], address: str, query: QueryDict) -> dict[str, str]:
    """Return the addresses of the first, the last and the neighbouring pages, by their relation."""
    numbers = {"first": 1, "last": page.paginator.num_pages}
    if page.has_previous():
        numbers["prev"] = page.previous_page_number()
    if page.has_next():
        numbers["next"] = page.next_page_number()
    links = {}
    for rel, number in numbers.items():
        asked = query.copy()
        asked["page"] = str(number)
        links[rel] = add_query(address, asked)
    return links
