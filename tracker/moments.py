"""The moment that a reader asks about: `?on=` a day, and `?known=` the day up to which the register itself had spoken.

Pure: every question of `querysets` and every dated page takes a `Moment`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

# The ends of time, for what has no end yet. A few days short of Python's own, so that no time zone leaves its range.
LAST_DAY = dt.date(9999, 12, 30)
FOREVER = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
LATELY = dt.timedelta(days=90)  # how far back "what changed" looks where nobody says how far
LONDON = ZoneInfo("Europe/London")  # a day begins when it begins there


class ImpossibleMoment(ValueError):
    """Raised for a day that nobody can ask about. The message is a sentence for the reader."""


@dataclass(frozen=True)
class Moment:
    """A day in the history of the commitments, as the register knew it at the end of another.

    Without `on` it is today, as known today; without `known` it is a day as known today.
    """

    today: dt.date
    on: dt.date | None = None
    known: dt.date | None = None

    @property
    def day(self) -> dt.date:
        """The day whose state is shown."""
        return self.on or self.today

    @property
    def known_before(self) -> dt.datetime | None:
        """The midnight in London that ends the day `known`; None where all that is known counts."""
        return None if self.known is None else find_end(self.known)

    @property
    def fixed(self) -> Moment:
        """The same moment with both days named, for an address that goes on showing what is shown now."""
        return Moment(self.today, self.day, self.known or self.today)

    @cached_property
    def query(self) -> str:
        """The moment as the query of an address: `on=2025-04-09`, or nothing for today."""
        asked = {"on": self.on, "known": self.known}
        return urlencode({name: day.isoformat() for name, day in asked.items() if day is not None})


@dataclass(frozen=True)
class Interval:
    """The time after the end of one day, up to the end of the day of a moment, as known at that moment."""

    since: dt.date
    end: Moment

    @property
    def until(self) -> dt.date:
        return self.end.day

    @property
    def times(self) -> tuple[dt.datetime, dt.datetime]:
        """The midnights in London between which it lies."""
        return find_end(self.since), find_end(self.until)


def find_end(day: dt.date) -> dt.datetime:
    """Return the midnight in London that ends a day."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LONDON)


class Query(Protocol):
    """What an address asks after its question mark, such as Django's QueryDict."""

    def getlist(self, key: str) -> list[str]: ...


def read_moment(query: Query, *, today: dt.date, name: str = "on") -> Moment:
    """Return the moment that an address names, each of its days missing, empty or like 2025-04-09.

    `known` alone means that day as it was known then. `name` is what the first is called there. Raises
    ImpossibleMoment.
    """
    known_day = _read_day(query, "known", today)
    on_day = _read_day(query, name, today) or known_day
    if known_day and on_day and known_day < on_day:
        raise ImpossibleMoment(
            gettext(
                "The register cannot have known on %(known)s how things would stand on %(on)s. “known” must not be "
                "earlier than “%(name)s”."
            )
            % {"known": known_day.isoformat(), "on": on_day.isoformat(), "name": name}
        )
    return Moment(today, on_day, known_day)


def read_interval(query: Query, *, today: dt.date) -> Interval:
    """Return the interval that an address names: by default the last 90 days up to today.

    Raises ImpossibleMoment.
    """
    end = read_moment(query, today=today, name="until")
    first = _read_day(query, "since", today) or end.day - min(LATELY, end.day - dt.date.min)
    if first > end.day:
        raise ImpossibleMoment(
            gettext("“since” (%(since)s) is later than “until” (%(until)s). Give the earlier day first.")
            % {"since": first.isoformat(), "until": end.day.isoformat()}
        )
    return Interval(first, end)


def add_moment(address: str, moment: Moment | None) -> str:
    """Return the same address on the day of a moment; today's stays as it is."""
    if moment is None or not moment.query:
        return address
    path, hash_mark, anchor = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{moment.query}{hash_mark}{anchor}"


def _read_day(query: Query, name: str, today: dt.date) -> dt.date | None:
    asked = list(dict.fromkeys(text.strip() for text in query.getlist(name) if text.strip()))
    if not asked:
        return None
    if len(asked) > 1:
        raise ImpossibleMoment(gettext("“%(name)s” has more than one value. Give only one.") % {"name": name})
    try:
        day = dt.datetime.strptime(asked[0], "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise ImpossibleMoment(
            gettext("“%(day)s” is not a real date. Write “%(name)s” like 2025-04-09.")
            % {"day": asked[0][:20], "name": name}
        ) from None
    if day > today:
        raise ImpossibleMoment(
            gettext("%(day)s is still to come. Today is %(today)s.")
            % {"day": day.isoformat(), "today": today.isoformat()}
        )
    return day
