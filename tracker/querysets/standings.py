"""Questions about how commitments stood on past days, and when they began to stand otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from tracker.moments import FOREVER, Moment
from tracker.querysets.histories import Then

STATUS = F("current_status")


def stands_as_known(moment: Moment | Then, path: str = "") -> Q:
    """Return the condition that a standing is what the register said at a moment; `path` leads to it."""
    before = moment.known_before
    if before is None:
        return Q(**{f"{path}known_until_at": FOREVER})
    return Q(**{f"{path}known_from_at__lt": before, f"{path}known_until_at__gte": before})


def join_runs(statuses: Iterable[tuple[dt.date, str]]) -> list[tuple[dt.date, str]]:
    """Return the day from which on there was another status, and which, of the statuses of one commitment."""
    runs: list[tuple[dt.date, str]] = []
    for day, status in statuses:
        if not runs or runs[-1][1] != status:
            runs.append((day, status))
    return runs


class StandingQuerySet(models.QuerySet[Any]):
    def as_known(self, moment: Moment | Then) -> Self:
        """Keep what the register said at a moment, about any day."""
        return self.filter(stands_as_known(moment))

    def on_day(self, moment: Moment) -> list[Self]:
        """Return how each commitment stood on the day of a moment, as known then: what is still said, and what is not.

        They are apart because an index leads to a day only where one moment is asked for, and most is still said.
        """
        rows = self.filter(from_on__lte=moment.day, until_on__gt=moment.day)
        before = moment.known_before
        if before is None:
            return [rows.as_known(moment)]
        known = rows.filter(known_from_at__lt=before)
        return [
            known.filter(known_until_at=FOREVER),
            known.filter(known_until_at__gte=before, known_until_at__lt=FOREVER),
        ]

    def of(self, commitments: models.QuerySet[Any]) -> Self:
        return self.filter(commitment__in=commitments.order_by().values("pk"))

    def begun_between(self, since: dt.date, until: dt.date) -> Self:
        """Keep what began after one day and by another."""
        return self.filter(from_on__gt=since, from_on__lte=until)

    def list_statuses(self, until: Any) -> models.QuerySet[Any, Any]:
        """Return the first day and the status of each standing up to a day, oldest first."""
        return self.filter(from_on__lte=until).order_by("from_on").values_list("from_on", STATUS)

    def turning(self, moment: Moment) -> Self:
        """Annotate the status `before` each standing, as known at a moment, and the one `after`, often the same.

        What had no status before, because it did not exist, has an empty `before`.
        """
        standings = self.model._default_manager.order_by().filter(
            stands_as_known(moment), commitment=OuterRef("commitment"), until_on=OuterRef("from_on")
        )
        before = Coalesce(Subquery(standings.values(status=STATUS)[:1]), Value(""))
        return self.annotate(before=before, after=STATUS)

    def count_on(self, day: dt.date) -> dict[str, int]:
        """Count the standings by status on a day."""
        there = self.order_by().filter(from_on__lte=day, until_on__gt=day)
        return dict(there.values_list(STATUS).annotate(rows=Count("pk")))

    def list_steps(self, until: dt.date) -> list[tuple[dt.date, str, int]]:
        """Return by how many, and on which day, each status grew or shrank up to a day, oldest first, in one query."""
        begun = self.order_by().filter(from_on__lte=until).values_list("from_on", STATUS).annotate(step=Count("pk"))
        ended = self.order_by().filter(until_on__lte=until).values_list("until_on", STATUS).annotate(step=-Count("pk"))
        return sorted(begun.union(ended, all=True))
