"""What was counted and listed of the register, kept in each process until the register or the day changes.

Questions about a hundred thousand commitments cost a second to count and a page is asked for again and again, so the
numbers of a page are kept, never the page. All that is kept hangs on the root of the log, which no two states of a
register share, not even a preview's, and on the day, on which dates become overdue.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from sys import getsizeof
from threading import Lock
from typing import Any, TypeVar

from django.db import connections
from django.utils import timezone

from tracker.models import LogHead, SiteState

LIMIT = 1_000  # answers in each process; those that were not asked for longest make room
LARGE = 32_000_000  # bytes of what grows with the register, besides the roll of today
ONE = 1  # of what every question needs
Found = TypeVar("Found")


class Shelf:
    """What was found, with what each weighs; what was not asked for longest makes room."""

    def __init__(self, weigh: Callable[[Any], int]) -> None:
        self.weigh = weigh
        self.held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.weight = 0

    def put(self, key: Hashable, found: Any, limit: int) -> None:
        self.drop(key)
        self.held[key] = (found, self.weigh(found))
        self.weight += self.held[key][1]
        while self.weight > limit:
            self.drop(next(iter(self.held)))

    def drop(self, key: Hashable) -> None:
        _found, weight = self.held.pop(key, (None, 0))
        self.weight -= weight

    def clear(self) -> None:
        self.held.clear()
        self.weight = 0


_kept, _large, _single = Shelf(lambda found: 1), Shelf(getsizeof), Shelf(lambda found: 1)
_lock = Lock()


# The root of the log and what pages say of the state of the site, in one question; neither has to be there.
SAID = ("notice", "notice_cy", "is_read_only", "reason")
COLUMNS = (LogHead.objects.values("root_hash"), *map(SiteState.objects.values, SAID))
QUESTION = f"SELECT {', '.join(f'({rows.order_by()[:1].query})' for rows in COLUMNS)}"


def _ask() -> tuple[str, SiteState]:
    with connections[LogHead.objects.all().db].cursor() as cursor:
        cursor.execute(QUESTION)
        root, *said = cursor.fetchone()
    return root or "", SiteState(**{name: value for name, value in zip(SAID, said, strict=True) if value is not None})


class Version:
    """The register as it is while one request is answered; looked up when the first thing is asked for."""

    @cached_property
    def _found(self) -> tuple[str, SiteState]:
        return _ask()

    @property
    def state(self) -> SiteState:
        """What pages say of the state of the site."""
        return self._found[1]

    @cached_property
    def key(self) -> tuple[str, dt.date]:
        """The root of the log and today."""
        return self._found[0], timezone.localdate()

    def keep(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Return what was found for this version before, or let `find` find it now. Nobody may change what returns."""
        return _keep(_kept, LIMIT, (*self.key, name), find)

    def keep_large(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Do the same with what grows with the register, up to so many bytes: it tells its own by `sys.getsizeof`."""
        return _keep(_large, LARGE, (*self.key, name), find)

    def keep_one(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Do the same with what every question needs, which makes no room for anything but its like."""
        return _keep(_single, ONE, (*self.key, name), find)


def _keep(shelf: Shelf, limit: int, key: Hashable, find: Callable[[], Found]) -> Found:
    with _lock:
        if key in shelf.held:
            shelf.held.move_to_end(key)
            return shelf.held[key][0]  # type: ignore[no-any-return]
    found = find()
    with _lock:
        shelf.put(key, found, limit)
    return found


def forget() -> None:
    """Forget everything, as after data was changed behind the log's back."""
    with _lock:
        for shelf in (_kept, _large, _single):
            shelf.clear()
