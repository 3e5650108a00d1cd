"""Doors: what changed between two days."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from tracker.answers import PAGING, describe_page, link_pages, read_page
from tracker.api.answering import Answer, Refusal, answers
from tracker.changes import Change, find_changes
from tracker.filters import ChangeFilter, shorten
from tracker.models import Commitment
from tracker.moments import Moment, read_interval


@answers("api-change-list")
def change_list(query: QueryDict, moment: Moment) -> Answer:
    filterset = ChangeFilter(shorten(query, without=PAGING), queryset=Commitment.objects.all())
    if not filterset.is_valid():
        raise Refusal(*(message for messages in filterset.form.errors.values() for message in messages))
    interval = read_interval(query, today=moment.today)
    changes = find_changes(interval, filterset.filter_queryset if filterset.answers else None)
    page = read_page(changes.rows, query)
    fields = {
        "since": interval.since,
        "until": interval.until,
        "known": interval.end.known,
        "by_kind": changes.by_kind,
        **describe_page(page),
        "changes": [describe_change(change) for change in changes.link(page.object_list)],
    }
    return Answer(fields, link_pages(page, settings.SITE_URL + reverse("tracker:api-change-list"), query))


def describe_change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "on": change.day,
        "reference": change.reference,
        "title": change.commitment.title if change.commitment else "",
        **{name: getattr(change, name) for name in ("department", "programme", "number", "before", "after")},
        **{name: getattr(change, name) for name in ("was_on", "now_on", "figure", "note")},
        "url": settings.SITE_URL + change.url,
    }
