"""What a commitment's page reads of its history: what is published of it and, on a past day, what was true by then."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Prefetch, Q

from tracker.moments import Moment

# The field that says from which day on a record counts. Updates are all read, because a later one may correct another.
DAYS = {"responses": "on", "funding": "on", "checks": "checked_on", "milestone_updates": "as_of"}


def known_at(moment: Moment | None, path: str = "") -> Q:
    """Return the condition that a row, or that at the end of a path, had been published at a moment."""
    if moment is None or moment.known_before is None:
        return Q()
    return Q(**{f"{path}published_at__lt": moment.known_before})


def list_published_history(commitment: type[models.Model], moment: Moment | None) -> list[Prefetch[Any]]:
    """Return what to prefetch for the page of one commitment."""
    updates: Any = commitment._meta.get_field("status_updates").related_model
    evidence: Any = updates._meta.get_field("evidence").related_model
    cited = Prefetch("evidence", queryset=evidence.objects.select_related("document"))
    known = updates.objects.ever_published().filter(known_at(moment))
    history = Prefetch("status_updates", queryset=known.newest_first().prefetch_related(cited))
    return [history, *list_published_records(commitment, moment)]


def list_published_records(commitment: type[models.Model], moment: Moment | None) -> list[Prefetch[Any]]:
    """Return what to prefetch of what else is recorded of a commitment: its dated steps, answers and money."""
    milestones: Any = commitment._meta.get_field("milestones").related_model
    return [
        Prefetch("milestones", queryset=list_milestones(milestones, moment)),
        _published(commitment, "responses", moment, "document"),
        _published(commitment, "funding", moment, "document"),
    ]


def list_milestones(milestone: type[models.Model], moment: Moment | None) -> models.QuerySet[Any]:
    """Return the published milestones of any commitment, each with the steps that were published and true by then."""
    rows: models.QuerySet[Any] = milestone.objects.ever_published()  # type: ignore[attr-defined]
    known = rows.filter(known_at(moment), _set_by(moment))
    return known.prefetch_related(_published(milestone, "milestone_updates", moment))


def _set_by(moment: Moment | None) -> Q:
    """A milestone whose day of setting is not known counts from the day of the commitment."""
    return Q(set_on__isnull=True) | Q(set_on__lte=moment.day) if moment else Q()


def _published(owner: type[models.Model], relation: str, moment: Moment | None, *related: str) -> Prefetch[Any]:
    """Prefetch one relation of a model without its drafts and without what came after a moment."""
    target: Any = owner._meta.get_field(relation).related_model
    rows = target.objects.ever_published().filter(known_at(moment))
    if moment is not None:
        rows = rows.filter(**{f"{DAYS[relation]}__lte": moment.day})
    return Prefetch(relation, queryset=rows.select_related(*related) if related else rows)
