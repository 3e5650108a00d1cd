"""What a commitment's history says of it today: its pointers, worked out from the history alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from tracker.models import Commitment, Milestone, StatusUpdate
from tracker.statuses import CLOSED, Basis


def move_pointers(commitment: Commitment) -> None:
    """Set a commitment's pointers to what its published history says."""
    pointers = find_pointers(commitment)
    Commitment.objects.filter(pk=commitment.pk).update(**pointers)
    for name, value in pointers.items():
        setattr(commitment, name, value)


def find_pointers(commitment: Commitment) -> dict[str, Any]:
    """Work out a commitment's pointers from its history alone; reads prefetched relations where there are any."""
    published = _read_published(commitment.status_updates)
    corrected = {update.corrects_id for update in published}
    standing = [update for update in published if update.pk not in corrected]
    updates = sorted(standing, key=lambda update: (update.as_of, update.number))
    assessments = [update for update in updates if update.basis == Basis.ASSESSMENT]
    claims = [update for update in updates if update.basis == Basis.CLAIM]
    responses = sorted(_read_published(commitment.responses), key=lambda response: (response.on, response.number))
    current = assessments[-1] if assessments else None
    is_closed = current is not None and current.status in CLOSED
    return {
        "current_update_id": current and current.pk,
        "current_claim_id": claims[-1].pk if claims else None,
        "current_response_id": responses[-1].pk if responses else None,
        "status_since": find_start_of_run(assessments),
        "checked_on": max(
            [find_day_checked(update) for update in assessments]
            + [check.checked_on for check in _read_published(commitment.checks)],
            default=None,
        ),
        **_find_dates(list(_read_published(commitment.milestones)), is_closed=is_closed),
    }


def find_day_checked(update: StatusUpdate) -> dt.date:
    """Return the day on which somebody last looked: of publication, but for files that were compiled before."""
    if update.author_id is None or update.published_at is None:
        return update.as_of
    return timezone.localdate(update.published_at)


def find_start_of_run(assessments: list[StatusUpdate]) -> dt.date | None:
    """Return the day on which the newest of some updates, oldest first, began to be true without a break."""
    start = None
    for update in reversed(assessments):
        if update.status != assessments[-1].status:
            break
        start = update.as_of
    return start


def _find_dates(milestones: list[Milestone], *, is_closed: bool) -> dict[str, Any]:
    still_open = [milestone.present_due_on or milestone.due_on for milestone in milestones if milestone.met_on is None]
    met = [milestone for milestone in milestones if milestone.met_on is not None]
    all_met = bool(met) and not still_open
    return {
        "next_due_on": min(still_open) if still_open and not is_closed else None,
        "met_on_time": not any(milestone.days_late for milestone in met) if all_met else None,
    }


def _read_published(relation: Any) -> list[Any]:
    """Read the published rows of a relation from memory where they were prefetched."""
    return [row for row in relation.all() if row.is_published]


def move_milestone(milestone: Milestone) -> None:
    """Set a milestone's pointers to what its published updates say."""
    pointers = find_milestone_pointers(milestone)
    Milestone._base_manager.filter(pk=milestone.pk).update(**pointers)  # pointers are not history
    for name, value in pointers.items():
        setattr(milestone, name, value)


def find_milestone_pointers(milestone: Milestone) -> dict[str, dt.date | None]:
    """Work out a milestone's present date and the day it was met from its updates alone."""
    steps = sorted(_read_published(milestone.milestone_updates), key=lambda step: (step.as_of, step.number))
    moved = [step.due_on for step in steps if step.due_on]
    return {
        "present_due_on": moved[-1] if moved else milestone.due_on,
        "met_on": steps[-1].met_on if steps else None,  # one that was moved after all is open again
    }
