"""How things and records are written in the API's answers; `schemas` says what each of their fields means."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from tracker.answers import list_revisions
from tracker.exports import Frame, write_time
from tracker.models import Redaction
from tracker.moments import Moment, add_moment
from tracker.statuses import NOT_YET_CHECKED, Status

STATUSES = (*Status.values, NOT_YET_CHECKED)


def link_page(thing: Any, moment: Moment | None = None) -> str:
    """Return the whole address of a thing's page, on the day of a moment."""
    return settings.SITE_URL + add_moment(thing.get_absolute_url(), moment)


def describe_counts(by_status: dict[str, int]) -> dict[str, Any]:
    """Write how many commitments there are, and how many with each status."""
    return {
        "total": sum(by_status.values()),
        "by_status": {code: by_status.get(code, 0) for code in STATUSES},
    }


def describe_record(record: Any, frame: Frame) -> dict[str, Any]:
    """Write a dated record about a commitment, with its number and its place."""
    return {
        "number": record.number,
        **record.facts(),
        "published_at": write_time(record.published_at),
        "url": frame.link(record.commitment.subject, f"#{record.anchor}"),
    }


def describe_trail(thing: Any, moment: Moment) -> dict[str, Any]:
    """Write what was changed in a thing since it became public: its new wordings, and what was removed from it."""
    return {
        "revisions": [
            {
                "reason": revision.reason,
                "changes": [{"field": name, **words} for name, words in revision.changes.items()],
                "published_at": write_time(revision.published_at),
            }
            for revision in list_revisions(thing, moment)
        ],
        "removals": [
            {"place": place, "reason": removal.reason, "published_at": write_time(removal.published_at)}
            for place, removals in Redaction.objects.by_place(thing.subject).items()
            for removal in removals
        ],
    }
