"""The rows of the package: all that is public, each kind in a fixed order, some hundred at a time.

Drafts, and what belongs to a withdrawn commitment, are in none of them. Text is ordered by its bytes, so that both
databases give the same order.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, islice, zip_longest
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q, QuerySet

from tracker.exports.package.fields import VOCABULARIES
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    LogEntry,
    Milestone,
    MilestoneDocument,
    MilestoneUpdate,
    MilestoneUpdateDocument,
    Petition,
    Programme,
    Redaction,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)
from tracker.publishing import find_log_kind
from tracker.querysets import ByteOrder, is_public

CHUNK = 500
Rows = Iterator[Any]
REWORDED: tuple[Any, ...] = (Department, Topic, Document, Programme, Commitment, Petition, SupportService)


def in_order(rows: QuerySet[Any], *names: str) -> QuerySet[Any]:
    """Order rows by texts, by their bytes, and by numbers, which begin with a hash."""
    return rows.order_by(*(name[1:] if name.startswith("#") else ByteOrder(name) for name in names))


def number_entries(rows: Iterable[Any]) -> Rows:
    """Give each row the number of its log entry. Rows of one subject stand together, as they were published."""
    groups = ((subject, list(group)) for subject, group in groupby(rows, key=attrgetter("subject")))
    while chunk := list(islice(groups, CHUNK)):
        numbers = find_numbers(find_log_kind(chunk[0][1][0]), [subject for subject, _ in chunk])
        for subject, group in chunk:
            # A thing that was reworded has more entries than one; the first made it public.
            for row, sequence in zip_longest(group, numbers[subject][: len(group)]):
                row.entry = sequence
                yield row


def find_numbers(kind: str, subjects: list[str]) -> dict[str, list[int]]:
    """Return the numbers of the entries of a kind about each subject, the first one first.

    The database is asked for the subjects alone: told the kind or the order, SQLite reads all entries of that kind.
    """
    entries = LogEntry.objects.filter(subject__in=subjects).order_by().values_list("sequence", "subject", "kind")
    numbers: dict[str, list[int]] = defaultdict(list)
    for sequence, subject, found in sorted(entries):
        if found == kind:
            numbers[subject].append(sequence)
    return numbers


def list_nouns(model: Any, *order: str, fetch: tuple[str, ...] = ()) -> Callable[[], Rows]:
    """Return what yields the rows of a kind of noun."""
    return lambda: number_entries(in_order(model.objects.published(), *order).select_related(*fetch).iterator(CHUNK))


def list_records(model: Any, **annotations: F) -> Callable[[], Rows]:
    """Return what yields the records of a kind of public commitments, in the order of their numbers."""

    def read() -> Rows:
        rows = model.objects.published().filter(is_public("commitment")).annotate(**annotations)
        fetch = ("commitment", *(["document"] if hasattr(model, "document") else []))
        return number_entries(in_order(rows.select_related(*fetch), "commitment__reference", "#number").iterator(CHUNK))

    return read


list_departments = list_nouns(Department, "slug")
list_topics = list_nouns(Topic, "slug")
list_documents = list_nouns(Document, "identifier")
list_programmes = list_nouns(Programme, "slug", fetch=("document",))
list_commitments = list_nouns(
    Commitment,
    "reference",
    fetch=(
        *("programme", "department", "source_document"),
        *("current_update", "current_claim", "current_response"),
    ),
)
list_petitions = list_nouns(
    Petition, "#number", fetch=("document", "response_department", "response_document", "debate_document")
)
list_services = list_nouns(SupportService, "#position", "name")
list_numbered_updates = list_records(StatusUpdate, corrects_number=F("corrects__number"))
list_responses = list_records(Response)
list_funding = list_records(Funding)
list_milestones = list_records(Milestone)
list_checks = list_records(Check)


def list_updates() -> Rows:
    """Yield the updates with the number of the one that corrects each.

    There are few of those, and they are read first: asked to join them, SQLite reads all updates again for each.
    """
    corrections = StatusUpdate.objects.published().filter(corrects__isnull=False)
    corrected_by = dict(corrections.values_list("corrects_id", "number"))
    for update in list_numbered_updates():
        update.corrected_by_number = corrected_by.get(update.pk)
        yield update


def list_joined(relation: Any, owner: str, order: str, target: str, key: str) -> Callable[[], Rows]:
    """Return what yields the public pairs of a relation between many and many."""

    def read() -> Rows:
        rows = relation.through.objects.select_related(owner, target)
        if owner == "petition":
            rows = rows.filter(is_public("commitment"), petition__published_at__isnull=False)
        else:
            rows = rows.filter(is_public("commitment"), **{f"{target}__published_at__isnull": False})
        ordered: Rows = in_order(rows, order, key).iterator(CHUNK)
        return ordered

    return read


list_supporting = list_joined(
    Commitment.supporting, "commitment", "commitment__reference", "department", "department__slug"
)
list_commitment_topics = list_joined(Commitment.topics, "commitment", "commitment__reference", "topic", "topic__slug")
list_promises = list_joined(
    Petition.commitments, "petition", "#petition__number", "commitment", "commitment__reference"
)


def list_relations() -> Rows:
    rows = Relation.objects.ever_published().select_related("commitment", "related")
    ordered = in_order(rows, "commitment__reference", "#published_at", "#pk").iterator(CHUNK)
    return (row for row in number_entries(ordered) if _is_shown(row.commitment) and _is_shown(row.related))


def _is_shown(thing: Any) -> bool:
    return bool(thing.is_published and not getattr(thing, "withdrawn_at", None))


def list_evidence() -> Rows:
    """Yield what is cited for each public update, in the order of its page."""
    rows = Evidence.objects.published().filter(_has_public_document(), is_public("status_update__commitment"))
    order = ("status_update__commitment__reference", "#status_update__number", "#pk")
    return iter(in_order(rows.select_related("status_update__commitment", "document"), *order).iterator(CHUNK))


def _has_public_document() -> Q:
    return Q(document__published_at__isnull=False)


def list_milestone_documents() -> Rows:
    rows = MilestoneDocument.objects.published().filter(_has_public_document(), is_public("milestone__commitment"))
    order = ("milestone__commitment__reference", "#milestone__number", "document__identifier")
    return iter(in_order(rows.select_related("milestone__commitment", "document"), *order).iterator(CHUNK))


def list_milestone_updates() -> Rows:
    rows = MilestoneUpdate.objects.published().filter(
        is_public("milestone__commitment"), milestone__published_at__isnull=False
    )
    order = ("milestone__commitment__reference", "#milestone__number", "#number")
    return number_entries(in_order(rows.select_related("milestone__commitment"), *order).iterator(CHUNK))


def list_milestone_update_documents() -> Rows:
    owner = "milestone_update__milestone"
    rows = MilestoneUpdateDocument.objects.published().filter(
        _has_public_document(), is_public(f"{owner}__commitment"), **{f"{owner}__published_at__isnull": False}
    )
    order = (f"{owner}__commitment__reference", f"#{owner}__number", "#milestone_update__number")
    found = in_order(rows.select_related(f"{owner}__commitment", "document"), *order, "document__identifier")
    return iter(found.iterator(CHUNK))


def list_revisions() -> Rows:
    """Yield the new words for each public thing, numbered from 1 on in the order of their publication."""
    return chain.from_iterable(_list_revisions_of(model) for model in REWORDED)


def _list_revisions_of(model: Any) -> Rows:
    published = Revision.objects.ever_published()
    kind = {"content_type": ContentType.objects.get_for_model(model)}
    reworded = model.objects.published().filter(pk__in=published.filter(**kind).values("object_id"))
    order = f"#{model.public_key}" if model is Petition else model.public_key
    for thing in in_order(reworded, order).iterator(CHUNK):
        revisions = (
            published.filter(**kind, object_id=thing.pk).order_by("published_at", "pk").prefetch_related("target")
        )
        for place, revision in enumerate(number_entries(revisions), start=1):
            revision.place = place
            yield revision


def list_rewordings() -> Rows:
    """Yield each field that a revision changed, with its words before and after."""
    for revision in list_revisions():
        for name, change in sorted(revision.changes.items()):
            before, after = (json.dumps(change[key], ensure_ascii=False) for key in ("before", "after"))
            yield SimpleNamespace(revision=revision, column=name, before=before, after=after)


def list_withdrawals() -> Rows:
    """Yield what the page of each withdrawn commitment says."""
    rows = Withdrawal.objects.ever_published().filter(commitment__withdrawn_at__isnull=False)
    return number_entries(in_order(rows.select_related("commitment"), "commitment__reference").iterator(CHUNK))


def list_redactions() -> Rows:
    rows = Redaction.objects.published().order_by("published_at", "pk")
    for place, redaction in enumerate(number_entries(rows.iterator(CHUNK)), start=1):
        redaction.place = place
        yield redaction


def list_redacted_places() -> Rows:
    for redaction in list_redactions():
        for subject in redaction.subjects:
            yield SimpleNamespace(redaction=redaction, subject=subject)


def list_codes() -> Rows:
    """Yield every word of every closed list."""
    for vocabulary, words in VOCABULARIES.items():
        for place, (code, label, definition) in enumerate(words, start=1):
            yield SimpleNamespace(
                vocabulary=vocabulary, code=code, place=place, label=str(label), definition=str(definition)
            )
