"""The verb that makes many things public at once: a load of the register's files, or of a package.

Rows of one kind are checked, numbered, stored and logged some hundred at a time, so that a register of a hundred
thousand commitments is loaded by the same rules, with the same numbers and the same log, as one row after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.db.models import prefetch_related_objects

from tracker.models import (
    Commitment,
    Funding,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Redaction,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    Withdrawal,
)
from tracker.models.base import Publishable, Record
from tracker.publishing.judgements import find_grounds, read_surroundings
from tracker.publishing.log import Log, publication
from tracker.publishing.pointers import move_milestones
from tracker.publishing.refusals import PublicationRefused, find_refusals
from tracker.publishing.standings import find_touched, move_pointers
from tracker.publishing.storing import AT_ONCE, write_fields
from tracker.publishing.verbs import find_log_kind, name_owner, number_records, write
from tracker.querysets import HistoryIsAppendOnly

# What the rules and the log ask of each kind of row, so that it is read for many rows at once.
_ASKED: dict[Any, tuple[str, ...]] = {
    Programme: ("document",),
    Commitment: ("programme", "department", "source_document", "supporting", "topics"),
    Relation: ("commitment", "related"),
    Response: ("commitment", "document"),
    Funding: ("commitment", "document"),
    Milestone: ("commitment", "documents"),
    MilestoneUpdate: ("milestone__commitment", "documents"),
    StatusUpdate: ("commitment", "evidence__document"),
    Petition: ("document", "response_department", "response_document", "debate_document", "commitments"),
}
# What changes other rows when it becomes public. The next row must find that done.
_ONE_BY_ONE = (Revision, Redaction, Withdrawal)


def publish_batch(name: str, files: dict[str, str], records: Iterable[Publishable]) -> LogEntry:
    """Publish drafted rows as one load of the register's files, in the order given, and return the load's entry.

    `files` maps each file's name to its SHA-256. Raises PublicationRefused at the first row that breaks a rule; then
    nothing of the batch is published.
    """
    return publish_groups(name, files, _group(records))


def publish_groups(name: str, files: dict[str, str], groups: Iterable[Sequence[Publishable]]) -> LogEntry:
    """Do the same with rows of one kind at a time; a group may be made when the one before it is public.

    The rows of a group do not rest on each other, and there are at most `AT_ONCE`.
    """
    touched: dict[int, Commitment] = {}
    with publication() as log:
        load = log.append(LogEntry.Kind.LOAD, name, {"files": files})
        log.batch = load.sequence
        for group in groups:
            _publish_group(group, log)
            touched |= {commitment.pk: commitment for row in group if (commitment := find_touched(row))}
        move_pointers(list(touched.values()), at=log.at)
    return load


def _group(records: Iterable[Publishable]) -> Iterator[list[Publishable]]:
    """Part rows where another kind begins, where one may rest on the one before it, and where there are many."""
    for model, rows in groupby(records, type):
        group: list[Publishable] = []
        for row in rows:
            rests = issubclass(model, _ONE_BY_ONE) or (isinstance(row, StatusUpdate) and row.corrects_id is not None)
            if group and (rests or len(group) == AT_ONCE):
                yield group
                group = []
            group.append(row)
        yield group


def _publish_group(group: Sequence[Publishable], log: Log) -> None:
    if isinstance(group[0], _ONE_BY_ONE):
        for record in group:
            _refuse_what_breaks_rules([record])
            write(record, log, by=None)
        return
    asked = _ASKED.get(type(group[0]), ())
    prefetch_related_objects(group, *asked)
    _refuse_what_breaks_rules(group)
    _store(group, log)
    kind = find_log_kind(group[0])
    for record in group:
        log.append(kind, record.subject, record.facts())
        record._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # it may be reworded, and asked again
    if isinstance(group[0], Milestone):
        move_milestones(group)  # type: ignore[arg-type]
    elif isinstance(group[0], MilestoneUpdate):
        move_milestones(list({step.milestone_id: step.milestone for step in group}.values()))  # type: ignore[attr-defined]


def _refuse_what_breaks_rules(group: Sequence[Publishable]) -> None:
    updates = [record.commitment_id for record in group if isinstance(record, StatusUpdate)]
    surroundings = read_surroundings(set(updates)) if updates else None
    for record in group:
        if refusals := find_refusals(record, surroundings=surroundings):
            raise PublicationRefused(name_owner(record), refusals)


def _store(group: Sequence[Publishable], log: Log) -> None:
    """Make rows public that keep the rules. Nobody's name stands beside what no person published."""
    # `created_at` too, as each later save of the row will write it: SQLite compares the texts, and the guards ask it.
    changed = ["published_at", "approver", "created_at"]
    if isinstance(group[0], Record):
        number_records(group)  # type: ignore[arg-type]
        changed.append("number")
    if isinstance(group[0], StatusUpdate):
        changed += StatusUpdate.caches
    for record in group:
        if isinstance(record, StatusUpdate):
            vars(record).update(find_grounds(record))
        record.published_at, record.approver = log.at, None
    if write_fields(group, changed, where="published_at IS NULL") != len(group):
        raise HistoryIsAppendOnly(f"A published {group[0]._meta.verbose_name} cannot be published again.")
