"""The verbs that make things public. Nothing else sets `published_at`, moves a pointer or appends to the log.

Every verb runs in one transaction that first locks the head of the log, so publications stand in line: two people who
publish at once get two consecutive entries, never one lost pointer.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from tracker.models import (
    GENESIS,
    Commitment,
    LogEntry,
    LogHead,
    Milestone,
    MilestoneUpdate,
    Relation,
    StatusUpdate,
    User,
    hash_content,
)
from tracker.models.base import Publishable, Record
from tracker.statuses import CLOSED, Answer, Basis, Judgement, Refusal, explain_refusals


class PublicationRefused(Exception):
    """Raised when a rule forbids a publication. `refusals` says which, in sentences that a person can act on."""

    def __init__(self, subject: str, refusals: list[Refusal]) -> None:
        self.subject = subject
        self.refusals = refusals
        super().__init__(f"{subject}: " + " ".join(refusal.sentence for refusal in refusals))


class AlreadyPublished(Exception):
    """Raised when somebody else has published the same row meanwhile."""


class _Log:
    """The log, locked at its head for one transaction. Entries are written together when it closes."""

    def __init__(self) -> None:
        LogHead.objects.get_or_create(pk=1, defaults={"sequence": 0, "entry_hash": GENESIS})
        self.head = LogHead.objects.select_for_update().get(pk=1)
        self.at = timezone.now()
        self.entries: list[LogEntry] = []
        self.batch: int | None = None

    def append(self, kind: str, subject: str, content: Any) -> LogEntry:
        salt = secrets.token_hex(16)
        entry = LogEntry(
            sequence=self.head.sequence + 1,
            at=self.at,
            kind=kind,
            subject=subject,
            batch=self.batch,
            salt=salt,
            content=content,
            content_hash=hash_content(salt, content),
        )
        entry.entry_hash = entry.compute_entry_hash(self.head.entry_hash)
        self.head.sequence, self.head.entry_hash = entry.sequence, entry.entry_hash
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        LogEntry.objects.bulk_create(self.entries, batch_size=500)
        self.head.save()


@contextmanager
def _publication() -> Iterator[_Log]:
    """Hold one transaction in which things become public."""
    with transaction.atomic():
        log = _Log()
        yield log
        log.close()


@contextmanager
def hold_the_line() -> Iterator[None]:
    """Hold one transaction in which nobody else publishes, to publish what depends on what is public."""
    with transaction.atomic():
        _Log()
        yield


def publish_status_update(update: StatusUpdate, *, by: User) -> LogEntry:
    """Publish a judgement under the rules and return its log entry.

    Raises PublicationRefused with every broken rule and AlreadyPublished if somebody else was first.
    """
    return publish(update, by=by)


def publish(record: Publishable, *, by: User) -> LogEntry:
    """Publish one drafted row, as it is stored, in the name of `by` and return its log entry.

    Raises PublicationRefused with every broken rule, AlreadyPublished if somebody else was first and the model's
    DoesNotExist if the draft was deleted meanwhile.
    """
    with _publication() as log:
        record.refresh_from_db()
        if record.is_published:
            raise AlreadyPublished(f"{record} is published already.")
        entry = _publish(record, log, by=by)
        if isinstance(record, Record):
            move_pointers(record.commitment)  # type: ignore[attr-defined]
    return entry


def publish_batch(name: str, files: dict[str, str], records: Iterable[Publishable]) -> LogEntry:
    """Publish drafted rows as one load of the register's files, in the order given, and return the load's entry.

    `files` maps each file's name to its SHA-256. Raises PublicationRefused at the first row that breaks a rule; then
    nothing of the batch is published.
    """
    touched: dict[int, Commitment] = {}
    with _publication() as log:
        load = log.append(LogEntry.Kind.LOAD, name, {"files": files})
        log.batch = load.sequence
        for record in records:
            _publish(record, log, by=None)
            if isinstance(record, Record):
                commitment: Commitment = record.commitment  # type: ignore[attr-defined]
                touched[commitment.pk] = commitment
        for commitment in touched.values():
            move_pointers(commitment)
    return load


def _publish(record: Publishable, log: _Log, *, by: User | None) -> LogEntry:
    refusals: list[Refusal] = []
    if isinstance(record, StatusUpdate):
        judgement = find_judgement(record)
        refusals += explain_refusals(judgement, today=timezone.localdate())
        record.strength = judgement.strength
    if isinstance(record, Record):
        refusals += _refuse_own_approval(record, by)
        if refusals:
            raise PublicationRefused(record.commitment.reference, refusals)  # type: ignore[attr-defined]
        record.approver = by
        record.number = _find_next_number(record)
    if isinstance(record, Milestone):
        record.present_due_on = record.due_on
    record.published_at = log.at
    record.save()
    if isinstance(record, MilestoneUpdate):
        _move_milestone(record.milestone)
    kind = str(record._meta.verbose_name).replace(" ", "-")
    return log.append(kind, record.subject, record.facts())


def _refuse_own_approval(record: Record, by: User | None) -> Iterator[Refusal]:
    if settings.TWO_PERSON_RULE and by is not None and record.author_id == by.pk:
        yield Refusal(8, "author", "You wrote this, so somebody else must publish it.")


def _find_next_number(record: Record) -> int:
    """Return the next permanent number among the published records of this kind on the same owner."""
    owner = "milestone" if isinstance(record, MilestoneUpdate) else "commitment"
    siblings = type(record).objects.published().filter(**{f"{owner}_id": getattr(record, f"{owner}_id")})
    return (siblings.aggregate(newest=Max("number"))["newest"] or 0) + 1


def find_judgement(update: StatusUpdate) -> Judgement:
    """Return a status update as the rules see it, with what is published of its commitment today.

    A published one does not answer for milestones that were set after it.
    """
    commitment = update.commitment
    successors = Relation.objects.published().filter(
        Q(commitment=commitment, kind=Relation.Kind.SUPERSEDED_BY)
        | Q(related=commitment, kind=Relation.Kind.SUPERSEDES)
    )
    rejections = commitment.responses.published().filter(answer=Answer.REJECTED, on__lte=update.as_of)
    still_open = commitment.milestones.published().filter(met_on__isnull=True)
    if update.published_at is not None:
        still_open = still_open.filter(published_at__lte=update.published_at)
    return update.as_judgement(
        open_milestones=tuple(still_open.values_list("title", flat=True)),
        has_successor=successors.exists(),
        was_rejected=rejections.exists(),
    )


def move_pointers(commitment: Commitment) -> None:
    """Set a commitment's pointers to what its published history says."""
    pointers = find_pointers(commitment)
    Commitment.objects.filter(pk=commitment.pk).update(**pointers)
    for name, value in pointers.items():
        setattr(commitment, name, value)


def find_pointers(commitment: Commitment) -> dict[str, Any]:
    """Work out a commitment's pointers from its history alone; reads prefetched relations where there are any."""
    updates = sorted(_read_published(commitment.status_updates), key=lambda update: (update.as_of, update.number))
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
        **_find_dates(list(_read_published(commitment.milestones)), is_closed=is_closed),
    }


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


def _move_milestone(milestone: Milestone) -> None:
    pointers = find_milestone_pointers(milestone)
    Milestone._base_manager.filter(pk=milestone.pk).update(**pointers)  # pointers are not history
    for name, value in pointers.items():
        setattr(milestone, name, value)


def find_milestone_pointers(milestone: Milestone) -> dict[str, dt.date | None]:
    """Work out a milestone's present date and the day it was met from its updates alone."""
    steps = sorted(_read_published(milestone.milestone_updates), key=lambda step: (step.as_of, step.number))
    moved = [step.due_on for step in steps if step.due_on]
    met = [step.met_on for step in steps if step.met_on]
    return {
        "present_due_on": moved[-1] if moved else milestone.due_on,
        "met_on": met[-1] if met else None,
    }
