"""What a commitment's page reads of its history: what is published of it and, on a past day, what was true by then."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import models
from django.db.models import Prefetch, Q

from tracker.moments import Moment

# The field that says from which day on a record counts. Updates are all read, because a later one may correct another.
DAYS = {"responses": "on", "funding": "on", "checks": "checked_on", "milestone_updates": "as_of"}


class Then(NamedTuple):
    """What stands for a moment where a question is prepared: its day, None for today, and its time."""

    day: Any
    known_before: Any


def known_at(moment: Moment | Then | None, path: str = "") -> Q:
    """Return the condition that a row, or that at the end of a path, had been published at a moment."""
    if moment is None or moment.known_before is None:
        return Q()
    return Q(**{f"{path}published_at__lt": moment.known_before})


def list_published_records(commitment: type[models.Model], moment: Moment | Then | None) -> list[Prefetch[Any]]:
    """Return what to prefetch of what is recorded of a commitment besides its updates: dated steps, answers, money."""
    milestones: Any = commitment._meta.get_field("milestones").related_model
    return [
        Prefetch("milestones", queryset=list_milestones(milestones, moment)),
        Prefetch("responses", queryset=list_published(commitment, "responses", moment, "document")),
        Prefetch("funding", queryset=list_published(commitment, "funding", moment, "document")),
    ]


def list_milestones(milestone: type[models.Model], moment: Moment | Then | None) -> models.QuerySet[Any]:
    """Return the published milestones of any commitment, each with the steps that were published and true by then."""
    steps = Prefetch("milestone_updates", queryset=list_published(milestone, "milestone_updates", moment))
    return list_set(milestone, moment).prefetch_related(steps)


def list_set(milestone: type[models.Model], moment: Moment | Then | None) -> models.QuerySet[Any]:
    """Return the published milestones that had been set by a moment."""
    rows: models.QuerySet[Any] = milestone.objects.ever_published()  # type: ignore[attr-defined]
    return rows.filter(known_at(moment), _set_by(moment))


def _set_by(moment: Moment | Then | None) -> Q:
    """A milestone whose day of setting is not known counts from the day of the commitment."""
    return Q(set_on__isnull=True) | Q(set_on__lte=moment.day) if moment and moment.day else Q()


def list_published(
    owner: type[models.Model], relation: str, moment: Moment | Then | None, *related: str
) -> models.QuerySet[Any]:
    """Return one relation of a model without its drafts and without what came after a moment."""
    target: Any = owner._meta.get_field(relation).related_model
    rows: models.QuerySet[Any] = target.objects.ever_published().filter(known_at(moment))
    if moment is not None and moment.day is not None:
        rows = rows.filter(**{f"{DAYS[relation]}__lte": moment.day})
    return rows.select_related(*related) if related else rows


def list_told(commitment: type[models.Model], moment: Moment) -> models.QuerySet[Any]:
    """Return the status updates of all commitments that a moment knew of days up to its own, corrected or not."""
    updates: Any = commitment._meta.get_field("status_updates").related_model
    told: models.QuerySet[Any] = updates.objects.ever_published().filter(known_at(moment), as_of__lte=moment.day)
    return told
