"""What a commitment's history says of it on a day: its pointers, worked out from the history alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tracker.models import Check, Commitment, Milestone, MilestoneUpdate, Response, StatusUpdate
from tracker.publishing.storing import write_fields
from tracker.statuses import CLOSED, NOT_RECORDED, NOT_YET_CHECKED, Basis

# What to prefetch of many commitments before reading the history of each.
HISTORY = ("status_updates", "responses", "checks", "milestones__milestone_updates")


@dataclass(frozen=True)
class History:
    """What is published of a commitment, without what it only says in words."""

    made_on: dt.date
    updates: list[StatusUpdate]
    responses: list[Response]
    checks: list[Check]
    milestones: list[tuple[Milestone, list[MilestoneUpdate]]]

    def find_turning_points(self) -> list[dt.date]:
        """Return the days, oldest first, on which its pointers may change; none is before it was made."""
        steps = [step.as_of for _, steps in self.milestones for step in steps]
        days = {
            *(update.as_of for update in self.updates),
            *(find_day_checked(update) for update in self.updates),
            *(response.on for response in self.responses),
            *(check.checked_on for check in self.checks),
            *(milestone.set_on for milestone, _ in self.milestones if milestone.set_on),
            *steps,
        }
        return sorted({max(day, self.made_on) for day in days} | {self.made_on})


def read_history(commitment: Commitment, *, keep: Callable[[Any], bool] | None = None) -> History:
    """Read what is published of a commitment, from memory where it was prefetched; `keep` may leave rows out."""

    def read(relation: Any) -> list[Any]:
        return [row for row in relation.all() if row.is_published and (keep is None or keep(row))]

    return History(
        made_on=commitment.made_on,
        updates=sorted(read(commitment.status_updates), key=lambda update: (update.as_of, update.number)),
        responses=sorted(read(commitment.responses), key=lambda response: (response.on, response.number)),
        checks=read(commitment.checks),
        milestones=[(milestone, read(milestone.milestone_updates)) for milestone in read(commitment.milestones)],
    )


def find_pointers(commitment: Commitment) -> dict[str, Any]:
    """Work out a commitment's pointers of today; reads prefetched relations where there are any."""
    return point(read_history(commitment), dt.date.max)


def point(history: History, on: dt.date) -> dict[str, Any]:
    """Work out the pointers that a history gives on a day. Later days do not count; corrections always do."""
    corrected = {update.corrects_id for update in history.updates}
    standing = [update for update in history.updates if update.pk not in corrected and update.as_of <= on]
    assessments = [update for update in standing if update.basis == Basis.ASSESSMENT]
    claims = [update for update in standing if update.basis == Basis.CLAIM]
    responses = [response for response in history.responses if response.on <= on]
    checks = [check.checked_on for check in history.checks] + [find_day_checked(update) for update in assessments]
    current = assessments[-1] if assessments else None
    is_closed = current is not None and current.status in CLOSED
    return {
        "current_update_id": current and current.pk,
        "current_claim_id": claims[-1].pk if claims else None,
        "current_response_id": responses[-1].pk if responses else None,
        **point_at_status(current),
        "claim_differs": bool(claims and current and claims[-1].status != current.status),
        "current_answer": responses[-1].answer if responses else NOT_RECORDED,
        "status_since": find_start_of_run(assessments),
        "checked_on": max((day for day in checks if day <= on), default=None),
        **_find_dates(history, on, is_closed=is_closed),
    }


def point_at_status(current: StatusUpdate | None) -> dict[str, Any]:
    """Return the pointers that tell the present status and what it rests on."""
    if current is None:
        return {"current_status": NOT_YET_CHECKED, "current_strength": "", "rests_on_copies": False}
    return {
        "current_status": current.status,
        "current_strength": current.strength,
        "rests_on_copies": current.rests_on_copies,
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


def _find_dates(history: History, on: dt.date, *, is_closed: bool) -> dict[str, Any]:
    still_open, days_late = [], []
    for milestone, steps in history.milestones:
        if milestone.set_on and milestone.set_on > on:
            continue
        stands = point_milestone(milestone, steps, on)
        if stands["met_on"] is None:
            still_open.append(stands["present_due_on"])
        else:
            days_late.append(max(0, (stands["met_on"] - milestone.due_on).days))
    return {
        "next_due_on": min(still_open) if still_open and not is_closed else None,
        "met_on_time": not any(days_late) if days_late and not still_open else None,
    }


def move_milestones(milestones: Sequence[Milestone]) -> None:
    """Set the pointers of milestones, which are not history, to what their published updates say."""
    steps: dict[int, list[MilestoneUpdate]] = defaultdict(list)
    for step in MilestoneUpdate.objects.ever_published().filter(milestone__in=[each.pk for each in milestones]):
        steps[step.milestone_id].append(step)
    for milestone in milestones:
        for name, value in point_milestone(milestone, steps[milestone.pk], dt.date.max).items():
            setattr(milestone, name, value)
    write_fields(milestones, ["present_due_on", "met_on"])


def find_milestone_pointers(milestone: Milestone) -> dict[str, Any]:
    """Work out a milestone's present date and the day it was met from its updates alone."""
    published = [step for step in milestone.milestone_updates.all() if step.is_published]
    return point_milestone(milestone, published, dt.date.max)


def point_milestone(milestone: Milestone, steps: list[MilestoneUpdate], on: dt.date) -> dict[str, Any]:
    """Work out a milestone's date and the day it was met, as its updates say on a day."""
    by_then = sorted((step for step in steps if step.as_of <= on), key=lambda step: (step.as_of, step.number))
    moved = [step.due_on for step in by_then if step.due_on]
    return {
        "present_due_on": moved[-1] if moved else milestone.due_on,
        "met_on": by_then[-1].met_on if by_then else None,  # one that was moved after all is open again
    }
