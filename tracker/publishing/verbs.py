"""The verbs that make one thing public, and the steps that lead there. `batches` makes many public at once.

Every verb runs in one transaction that first locks the head of the log, so publications stand in line: two people who
publish at once get two consecutive entries, never one lost pointer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from tracker.models import (
    Commitment,
    Document,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Programme,
    Redaction,
    Revision,
    StatusUpdate,
    User,
    Withdrawal,
    writing_is_settled,
)
from tracker.models.base import Publishable, Record
from tracker.publishing.judgements import find_grounds
from tracker.publishing.log import Log, publication
from tracker.publishing.pointers import move_milestones
from tracker.publishing.redacting import carry_out, forget_phrase
from tracker.publishing.refusals import PublicationRefused, find_all_refusals, find_refusals
from tracker.publishing.rewording import reword
from tracker.publishing.standings import find_touched, move_pointers
from tracker.statuses import Refusal


class AlreadyPublished(Exception):
    """Raised when somebody else has published or discarded the same row meanwhile."""


class ChangedMeanwhile(Exception):
    """Raised when a draft is no longer what the person who decides about it has read."""


class StillNeeded(Exception):
    """Raised when a draft cannot be discarded because something else rests on it."""


def publish_status_update(update: StatusUpdate, *, by: User) -> LogEntry:
    """Publish a judgement under the rules and return its log entry.

    Raises PublicationRefused with every broken rule and AlreadyPublished if somebody else was first.
    """
    return publish(update, by=by)


def publish(record: Publishable, *, by: User, version: int | None = None) -> LogEntry:
    """Publish one drafted row, as it is stored, in the name of `by` and return its log entry.

    `version` is the one that `by` has read. Raises PublicationRefused with every broken rule, ChangedMeanwhile if the
    row is another version by now, AlreadyPublished if somebody else was first and the model's DoesNotExist if the
    draft was deleted meanwhile.
    """
    with publication() as log:
        _lock(record)
        if record.is_published:
            raise AlreadyPublished(f"{record} is published already.")
        for document in _find_drafted_documents(record):
            _lock(document)
        _refuse_other_version(record, version)
        if refusals := find_all_refusals(record, by):
            raise PublicationRefused(name_owner(record), refusals)
        _write_documents(record, log, by=by)
        entry = write(record, log, by=by)
        _move_what_is_touched(record, log)
        if isinstance(record, Commitment):
            _make_room(record)
    return entry


def _make_room(commitment: Commitment) -> None:
    """Let a programme hold as many commitments as it was just shown to have. A load of files brings its own number."""
    programme = Programme.objects.select_for_update(of=("self",)).get(pk=commitment.programme_id)
    held = programme.commitments.ever_published().count()
    if held > programme.expected_commitments:
        programme.expected_commitments = held
        programme.version += 1
        programme._change_reason = f"{commitment.reference} published"
        programme.save()


def _lock(record: Publishable) -> None:
    """Read a row as it is stored and keep it from everybody else until the transaction ends."""
    rows = type(record)._base_manager.select_for_update(of=("self",))
    record.refresh_from_db(from_queryset=rows)


def _refuse_other_version(record: Publishable, version: int | None) -> None:
    if version is not None and read_version(record) != version:
        raise ChangedMeanwhile(f"{record} was changed after you opened it. Read it again before you decide.")


def _write_documents(record: Publishable, log: Log, *, by: User | None) -> None:
    """Make public the drafted documents that a record cites."""
    for document in _find_drafted_documents(record):
        write(document, log, by=by)


def _find_drafted_documents(record: Publishable) -> list[Document]:
    return [document for document in record.find_cited_documents() if not document.is_published]


def read_version(record: Publishable) -> int:
    """Return a number that rises with each save of a draft, and of each new document that goes public with it."""
    drafted = _find_drafted_documents(record)
    return record.version * 10_000 + sum(each.version for each in drafted) if drafted else record.version


@contextmanager
def as_if_published(record: Publishable) -> Iterator[None]:
    """Hold the register as it would be with a draft in it, finished or not, and take everything back at the end."""
    with transaction.atomic(), writing_is_settled():
        log = Log()
        record.refresh_from_db()
        _write_documents(record, log, by=None)
        write(record, log, by=None)
        _move_what_is_touched(record, log)
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _move_what_is_touched(record: Publishable, log: Log) -> None:
    """Move the pointers of the commitment that a newly published row is about, if there is one."""
    if commitment := find_touched(record):
        move_pointers([commitment], at=log.at)


def write(record: Publishable, log: Log, *, by: User | None) -> LogEntry:
    """Make a row public, whatever the rules say of it."""
    if isinstance(record, StatusUpdate):
        vars(record).update(find_grounds(record))
    if isinstance(record, Record):
        number_records([record])
    record.approver = by
    record.published_at = log.at
    if by is None:
        record.skip_history_when_saving = True  # type: ignore[attr-defined]  # what no person did is in the log alone
    record._change_reason = "published"  # type: ignore[attr-defined]
    record.save()
    if isinstance(record, Redaction):
        if record.author_id is None or record.approver_id in {None, record.author_id}:
            raise PublicationRefused(name_owner(record), [Refusal(8, "author", "A redaction needs two people.")])
        carry_out(record)  # its entry in the log tells what was done
    entry = log.append(find_log_kind(record), record.subject, record.facts())
    _carry_out(record, log)
    return entry


def name_owner(record: Publishable) -> str:
    return str(record.commitment.reference) if isinstance(record, Record) else record.subject  # type: ignore[attr-defined]


def find_log_kind(record: Publishable | type[Publishable]) -> str:
    """Return the word under which the log knows rows of this kind."""
    return str(record._meta.verbose_name).replace(" ", "-")


def _carry_out(record: Publishable, log: Log) -> None:
    """Do what becomes true elsewhere when a record is published."""
    if isinstance(record, Milestone):
        move_milestones([record])
    elif isinstance(record, MilestoneUpdate):
        move_milestones([record.milestone])
    elif isinstance(record, Withdrawal):
        Commitment.objects.filter(pk=record.commitment_id).update(withdrawn_at=log.at)
    elif isinstance(record, Revision):
        target = reword(record)
        log.append(find_log_kind(target), target.subject, target.facts())


def submit(record: Publishable, *, by: User) -> None:
    """Hand a draft over for review. Raises PublicationRefused with everything that is still missing."""
    with transaction.atomic():
        draft = _lock_draft(record)
        refusals = find_refusals(draft)
        if refusals:
            raise PublicationRefused(name_owner(draft), refusals)
        draft.submitted_at, draft.return_note = timezone.now(), ""
        draft.author = draft.author or by
        _save_draft(draft, "submitted")


def send_back(record: Publishable, *, note: str, version: int | None = None) -> None:
    """Give a submitted draft back to its author with a note.

    Raises AlreadyPublished if it is no longer a draft and ChangedMeanwhile if it is another version than that.
    """
    with transaction.atomic():
        draft = _lock_draft(record)
        _refuse_other_version(draft, version)
        draft.submitted_at, draft.return_note = None, note
        _save_draft(draft, "sent back")


def discard(record: Publishable, *, version: int | None = None) -> None:
    """Delete a draft.

    Raises AlreadyPublished if it is no longer one, ChangedMeanwhile if it is another version than that and StillNeeded
    if something else rests on it.
    """
    with transaction.atomic():
        draft = _lock_draft(record)
        _refuse_other_version(draft, version)
        if isinstance(draft, Redaction):
            forget_phrase(draft)
        try:
            draft.delete()
        except ProtectedError as error:
            others = ", ".join(sorted(f"“{other}”" for other in error.protected_objects))
            raise StillNeeded(f"{record} cannot be discarded, because something rests on it: {others}.") from None


def _lock_draft(record: Publishable) -> Publishable:
    """Return the row as stored, kept from everybody else until the transaction ends."""
    drafts = type(record).objects.drafts().order_by("pk").select_for_update(of=("self",))
    draft: Publishable | None = drafts.filter(pk=record.pk).first()
    if draft is None:
        raise AlreadyPublished(f"{record} was published or discarded by somebody else meanwhile.")
    return draft


def _save_draft(draft: Publishable, step: str) -> None:
    """Save a step on a draft's way. Its history names the step, so that nobody takes it for a change of the words."""
    draft.version += 1
    draft._change_reason = step  # type: ignore[attr-defined]
    draft.save()


def number_records(records: Sequence[Record]) -> None:
    """Give records of one kind, in their order, the next permanent numbers among the published ones of their owners."""
    model = type(records[0])
    owner = "milestone_id" if model is MilestoneUpdate else "commitment_id"
    siblings = model.objects.ever_published().filter(**{f"{owner}__in": {getattr(each, owner) for each in records}})
    newest: Counter[int] = Counter(dict(siblings.order_by().values_list(owner).annotate(Max("number"))))
    for record in records:
        newest[getattr(record, owner)] += 1
        record.number = newest[getattr(record, owner)]
