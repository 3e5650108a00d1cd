"""The page of what changed between two days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.answers import offer_following
from tracker.changes import ROWS_SHOWN, Changes, find_changes
from tracker.filters import ChangeFilter, add_query, build_filter_tags, order, shorten
from tracker.keeping import Version
from tracker.models import Commitment
from tracker.moments import ImpossibleMoment, Interval, read_interval
from tracker.views.errors import list_errors
from tracker.views.moments import list_notable_days

LATELY = {7: _("Last week (7 days)"), 30: _("Last month (30 days)"), 90: _("Last quarter (90 days)")}
SUMMER = (6, 8)  # its first and its last month
DAYS = ("since", "until", "known")  # whoever follows what changes asks about no days
GROUPS = {"department": _("Department"), "programme": _("Programme")}


@dataclass(frozen=True)
class Preset:
    """Days between which a reader may ask what changed, and the address that asks it."""

    name: str
    since: dt.date
    url: str
    is_chosen: bool


def change_list(request: HttpRequest) -> HttpResponse:
    short = shorten(request.GET)
    if short.urlencode() != request.GET.urlencode():
        return HttpResponseRedirect(add_query(request.path, short))
    today = timezone.localdate()
    version = request.version = Version()  # type: ignore[attr-defined]
    filterset = ChangeFilter(request.GET, queryset=Commitment.objects.all(), version=version)
    errors = {error["message"]: error["href"] for error in list_errors(filterset)}
    interval, changes = None, None
    try:
        interval = read_interval(request.GET, today=today)
        if not errors:
            changes = find_changes(interval, filterset.filter_queryset if filterset.answers else None)
    except ImpossibleMoment as error:
        errors = {str(error): "#since"} | errors
    context = {
        "errors": [{"message": message, "href": href} for message, href in errors.items()],
        "today": today,
        "asked": request.GET,
        "interval": interval,
        "groups": filterset.build_groups(),
        **list_presets(request, interval, today, version),
    }
    if changes is None:
        return render(request, "tracker/change_list.html", context, status=HTTPStatus.BAD_REQUEST)
    context |= {
        **offer_following(request.GET, without=DAYS),
        "changes": changes,
        "rows_shown": ROWS_SHOWN,
        "tags": list_tags(request, filterset),
        "tables": [build_table(request, changes, filterset, name) for name in GROUPS],
        "canonical_path": add_query(request.path, order(request.GET)),
    }
    return render(request, "tracker/change_list.html", context)


def list_presets(
    request: HttpRequest, interval: Interval | None, today: dt.date, version: Version
) -> dict[str, list[Preset]]:
    """Return the days that are offered: lately, the summer, and the notable ones; each keeps the question's filters."""

    def offer(name: str, since: dt.date, until: dt.date = today) -> Preset:
        query = shorten(request.GET, without=DAYS)
        query["since"] = since.isoformat()
        if until != today:
            query["until"] = until.isoformat()
        is_chosen = interval is not None and (interval.since, interval.until) == (since, until)
        return Preset(name, since, add_query(request.path, query), is_chosen)

    lately = [offer(str(name), today - dt.timedelta(days)) for days, name in LATELY.items()]
    since, until = find_summer(today)
    summer = offer(gettext("Summer %(year)s (June to August)") % {"year": until.year}, since, until)
    notable = [offer(notable.name, notable.day) for notable in list_notable_days(today, version)]
    return {"lately": [*lately, summer], "notable": notable}


def find_summer(today: dt.date) -> tuple[dt.date, dt.date]:
    """Return the day before the newest summer that has begun, and its last day or today."""
    first, last = SUMMER
    year = today.year if today.month >= first else today.year - 1
    return dt.date(year, first, 1) - dt.timedelta(1), min(dt.date(year, last, 31), today)


def ask_otherwise(request: HttpRequest, name: str, values: list[str]) -> str:
    """Return the address of the same question with other values of one filter."""
    query: QueryDict = request.GET.copy()
    query.setlist(name, values)
    return add_query(request.path, shorten(query))


def list_tags(request: HttpRequest, filterset: ChangeFilter) -> list[dict[str, str]]:
    def link_without(name: str, value: str) -> str:
        return ask_otherwise(request, name, [each for each in request.GET.getlist(name) if each != value])

    return build_filter_tags(filterset, link_without)


def build_table(request: HttpRequest, changes: Changes, filterset: ChangeFilter, name: str) -> dict[str, Any]:
    """Return the counts by department or programme, each with its name and the address of its changes alone."""
    names = filterset.list_names(name)
    rows = [
        {"name": names.get(group.slug, group.slug), "url": ask_otherwise(request, name, [group.slug]), "group": group}
        for group in changes.count_by(name)
    ]
    return {"name": name, "heading": GROUPS[name], "rows": rows}
