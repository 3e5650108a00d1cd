"""Writes a plan: every addition becomes a draft and all drafts are published as one batch, or nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import F

from tracker.importing.drafting import Drafter
from tracker.importing.planning import Plan
from tracker.models import LogEntry, Programme
from tracker.models.base import Publishable
from tracker.publishing import AT_ONCE, publish_groups


def apply_load(plan: Plan, *, name: str, report: Callable[[str], object]) -> LogEntry | None:
    """Write and publish what a plan adds, in one transaction. Returns the load's log entry, None if nothing is new.

    Raises PublicationRefused if a rule is broken after all; nothing is written then.
    """
    if not plan.additions:
        return None
    with transaction.atomic():
        for slug, count in plan.growth.items():
            grown = F("expected_commitments") + count
            Programme.objects.filter(slug=slug).update(expected_commitments=grown)
        return publish_groups(name, plan.files, _write_all(plan, report))


def _write_all(plan: Plan, report: Callable[[str], object]) -> Iterator[Sequence[Publishable]]:
    """Yield the drafts of a plan, those of one kind together, each group written just before it is published."""
    drafter, done = Drafter(), 0
    for kind, rows in groupby(plan.additions, lambda addition: addition[0]):
        additions = [(owner, facts) for _, owner, facts in rows]
        for first in range(0, len(additions), AT_ONCE):
            some = additions[first : first + AT_ONCE]
            yield drafter.write(kind, some)
            done += len(some)
            report(f"{done} of {len(plan.additions)} rows")
