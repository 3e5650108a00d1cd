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
from threading import Lock
from typing import Any, TypeVar

from django.utils import timezone

from tracker.models import LogHead
from tracker.querysets import prepared

LIMIT = 1_000  # answers in each process; those that were not asked for longest make room
FEW = 16  # large ones: a megabyte or two each for a hundred thousand commitments
Found = TypeVar("Found")
Kept = OrderedDict[Hashable, Any]

_kept: Kept = OrderedDict()
_large: Kept = OrderedDict()
_lock = Lock()


@prepared
def _ask_head() -> Any:
    return LogHead.objects.order_by("pk").values_list("root_hash")[:1]


class Version:
    """The register as it is while one request is answered; looked up when the first thing is asked for."""

    @cached_property
    def key(self) -> tuple[str, dt.date]:
        """The root of the log and today."""
        heads = _ask_head()
        return heads[0][0] if heads else "", timezone.localdate()

    def keep(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Return what was found for this version before, or let `find` find it now. Nobody may change what returns."""
        return _keep(_kept, LIMIT, (*self.key, name), find)

    def keep_large(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Do the same with what is so large that only a few are kept."""
        return _keep(_large, FEW, (*self.key, name), find)


def _keep(kept: Kept, limit: int, key: Hashable, find: Callable[[], Found]) -> Found:
    with _lock:
        if key in kept:
            kept.move_to_end(key)
            return kept[key]  # type: ignore[no-any-return]
    found = find()
    with _lock:
        kept[key] = found
        while len(kept) > limit:
            kept.popitem(last=False)
    return found


def forget() -> None:
    """Forget everything, as after data was changed behind the log's back."""
    with _lock:
        _kept.clear()
        _large.clear()
