"""The verbs that make things public. Nothing else sets `published_at`, moves a pointer or appends to the log.

Every verb runs in one transaction that first locks the head of the log, so publications stand in line: two people who
publish at once get two consecutive entries, never one lost pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from tracker.models import (
    Commitment,
    Document,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Revision,
    StatusUpdate,
    User,
    Withdrawal,
)
from tracker.models.base import Publishable, Record
from tracker.publishing.log import Log, publication
from tracker.publishing.pointers import move_milestone, move_pointers
from tracker.publishing.refusals import (
    PublicationRefused,
    find_judgement,
    find_refusals,
    find_strength,
    refuse_own_approval,
)
from tracker.statuses import Refusal


class AlreadyPublished(Exception):
    """Raised when somebody else has published or discarded the same row meanwhile."""


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
    with publication() as log:
        record.refresh_from_db()
        if record.is_published:
            raise AlreadyPublished(f"{record} is published already.")
        for document in record.find_cited_documents():
            if not document.is_published:
                _publish(document, log, by=None)
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
    with publication() as log:
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


@contextmanager
def as_if_published(record: Publishable) -> Iterator[None]:
    """Hold the register as it would be with a draft in it, finished or not, and take everything back at the end."""
    with transaction.atomic():
        log = Log()
        record.refresh_from_db()
        for document in record.find_cited_documents():
            if not document.is_published:
                _write(document, log, by=None)
        _write(record, log, by=None)
        if isinstance(record, Record):
            move_pointers(record.commitment)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _publish(record: Publishable, log: Log, *, by: User | None) -> LogEntry:
    refusals = [*find_refusals(record), *refuse_own_approval(record, by)]
    if refusals:
        raise PublicationRefused(_name(record), refusals)
    return _write(record, log, by=by)


def _write(record: Publishable, log: Log, *, by: User | None) -> LogEntry:
    """Make a row public, whatever the rules say of it."""
    if isinstance(record, StatusUpdate):
        record.strength = find_strength(record)
    if isinstance(record, Record):
        record.number = _find_next_number(record)
    record.approver = by
    record.published_at = log.at
    if by is None:
        record.skip_history_when_saving = True  # what no person did is in the log alone
    record.save()
    entry = log.append(find_log_kind(record), record.subject, record.facts())
    _carry_out(record, log)
    return entry


def _name(record: Publishable) -> str:
    return str(record.commitment.reference) if isinstance(record, Record) else record.subject  # type: ignore[attr-defined]


def find_log_kind(record: Publishable | type[Publishable]) -> str:
    """Return the word under which the log knows rows of this kind."""
    return str(record._meta.verbose_name).replace(" ", "-")


def _carry_out(record: Publishable, log: Log) -> None:
    """Do what becomes true elsewhere when a record is published."""
    if isinstance(record, Milestone):
        move_milestone(record)
    elif isinstance(record, MilestoneUpdate):
        move_milestone(record.milestone)
    elif isinstance(record, Withdrawal):
        Commitment.objects.filter(pk=record.commitment_id).update(withdrawn_at=log.at)
    elif isinstance(record, Revision):
        _reword(record, log)


def _reword(revision: Revision, log: Log) -> None:
    """Give the target its new words, which the log then states whole. Raises PublicationRefused."""
    target: Any = revision.target
    target.apply_facts({name: change["after"] for name, change in revision.changes.items()})
    if isinstance(target, Document):
        _judge_citations_again(target)
    log.append(find_log_kind(target), target.subject, target.facts())


def _judge_citations_again(document: Document) -> None:
    """Set the strength of what cites a document anew. Raises PublicationRefused if a published status loses its ground."""
    for update in StatusUpdate.objects.published().filter(evidence__document=document).select_related("commitment"):
        judgement = find_judgement(update)
        if broken := find_refusals(update):
            sentence = f"{update.subject} rests on this document and would break a rule: {broken[0].sentence}"
            raise PublicationRefused(document.subject, [Refusal(broken[0].rule, "changes", sentence)])
        StatusUpdate._base_manager.filter(pk=update.pk).update(strength=judgement.strength)  # a cache, not history


def submit(record: Publishable, *, by: User) -> None:
    """Hand a draft over for review. Raises PublicationRefused with everything that is still missing."""
    with transaction.atomic():
        draft = _lock_draft(record)
        refusals = find_refusals(draft)
        if refusals:
            raise PublicationRefused(_name(draft), refusals)
        draft.submitted_at, draft.return_note = timezone.now(), ""
        draft.author = draft.author or by
        _save_draft(draft)


def send_back(record: Publishable, *, note: str) -> None:
    """Give a submitted draft back to its author with a note. Raises AlreadyPublished if it is no longer a draft."""
    with transaction.atomic():
        draft = _lock_draft(record)
        draft.submitted_at, draft.return_note = None, note
        _save_draft(draft)


def discard(record: Publishable) -> None:
    """Delete a draft. Raises AlreadyPublished if it is no longer one."""
    with transaction.atomic():
        _lock_draft(record).delete()


def _lock_draft(record: Publishable) -> Publishable:
    """Return the row as stored, kept from everybody else until the transaction ends."""
    draft: Publishable | None = type(record).objects.drafts().select_for_update().filter(pk=record.pk).first()
    if draft is None:
        raise AlreadyPublished(f"{record} was published or discarded by somebody else meanwhile.")
    return draft


def _save_draft(draft: Publishable) -> None:
    draft.version += 1
    draft.save()


def _find_next_number(record: Record) -> int:
    """Return the next permanent number among the published records of this kind on the same owner."""
    owner = "milestone" if isinstance(record, MilestoneUpdate) else "commitment"
    siblings = type(record).objects.ever_published().filter(**{f"{owner}_id": getattr(record, f"{owner}_id")})
    return (siblings.aggregate(newest=Max("number"))["newest"] or 0) + 1
