"""The day that a page is about: read from the address, refused where it is impossible, and offered for choosing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.db.models import CharField, F, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tracker.keeping import Version
from tracker.models import Document, Programme
from tracker.moments import ImpossibleMoment, Moment, read_moment

View = Callable[..., Any]
NOTABLE_SHOWN = 15


@dataclass(frozen=True)
class NotableDay:
    """A day that readers ask about, and what was published on it."""

    day: dt.date
    name: str


def at_moment(view: View) -> View:
    """Give a page the moment that its address names, as `request.moment`, or say what is impossible about it."""

    @wraps(view)
    def dated(request: Any, *args: Any, **options: Any) -> Any:
        today = timezone.localdate()
        request.version = Version()
        request.notable_days = partial(list_notable_days, today, request.version)  # read only where a page offers them
        try:
            request.moment = read_moment(request.GET, today=today)
        except ImpossibleMoment as error:
            request.moment = Moment(today)
            return render(request, "tracker/impossible_day.html", {"message": error}, status=HTTPStatus.BAD_REQUEST)
        return view(request, *args, **options)

    return dated


def show_not_yet(request: HttpRequest, thing: Any) -> HttpResponse:
    """Say that what a page is about did not exist on the day asked for, or that the register did not know of it."""
    offer_days_of(request, thing)
    context = {"thing": thing}
    return render(request, "tracker/not_yet.html", context, status=HTTPStatus.NOT_FOUND)


def offer_days_of(request: Any, thing: Any) -> None:
    """Offer only those notable days on which what the page is about existed."""
    request.notable_days = partial(list_notable_days, request.moment.today, request.version, since=thing.exists_since)


def list_notable_days(today: dt.date, version: Version, since: dt.date | None = None) -> list[NotableDay]:
    """Return the days on which a set of commitments or a law was published, newest first."""
    days = version.keep("notable days", partial(_read_notable_days, today))
    return [notable for notable in days if since is None or notable.day >= since][:NOTABLE_SHOWN]


def _read_notable_days(today: dt.date) -> list[NotableDay]:
    kind = Value("", output_field=CharField())
    sets = Programme.objects.published().order_by().annotate(rank=Value(0), sort=kind)
    laws = Document.objects.published().filter(kind=Document.Kind.LEGISLATION, published_on__lte=today).order_by()
    rows = sets.values_list("published_on", "rank", "name").union(
        laws.annotate(rank=Value(1)).values_list("published_on", "rank", F("title"))
    )
    first_named: dict[dt.date, NotableDay] = {}
    for day, _, name in sorted(rows):
        first_named.setdefault(day, NotableDay(day, name))
    return sorted(first_named.values(), key=lambda notable: notable.day, reverse=True)
