"""Filters of the desk's lists: the queues of "My desk" as filters of the commitments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tracker.statuses import Timeliness

UNCHECKED_AFTER = dt.timedelta(days=90)
DUE_WITHIN = dt.timedelta(days=30)

# What the desk asks of the commitments: the code in the address, the words on the page.
QUEUES = {
    "overdue": "Overdue",
    "due": "Due in 30 days",
    "unchecked": "Not checked for 90 days",
    "weak": "A status on weak documents only",
    "open-milestone": "Delivered, but a milestone is open",
    "claim": "The body says something else",
}


def find_queue(code: str, commitments: Any, today: dt.date) -> QuerySet:
    """Return the commitments in one of the desk's queues. Raises KeyError for an unknown code."""
    queues = {
        "overdue": lambda: commitments.overdue(today=today),
        "due": lambda: commitments.due_between(today, today + DUE_WITHIN),
        "unchecked": lambda: commitments.unchecked_since(today - UNCHECKED_AFTER),
        "weak": commitments.on_weak_evidence,
        "open-milestone": commitments.delivered_with_open_milestone,
        "claim": commitments.claimed_otherwise,
    }
    return queues[code]()


class DeskFilter(admin.SimpleListFilter):
    title = "desk"
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(QUEUES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        if self.value() not in QUEUES:
            return queryset
        return find_queue(self.value(), queryset.published(), timezone.localdate())


class StateFilter(admin.SimpleListFilter):
    title = "where it stands"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("draft", "Draft"),
            ("submitted", "Awaiting review"),
            ("returned", "Sent back"),
            ("published", "Published"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        questions = {
            "draft": queryset.unfinished,
            "submitted": queryset.awaiting_review,
            "returned": queryset.sent_back,
            "published": queryset.ever_published,
        }
        return questions[self.value()]() if self.value() in questions else queryset


class TimelinessFilter(admin.SimpleListFilter):
    title = "timeliness"
    parameter_name = "timeliness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return Timeliness.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        if self.value() not in Timeliness.values:
            return queryset
        return queryset.with_timeliness([self.value()], today=timezone.localdate())
