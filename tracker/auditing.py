"""The register's invariants, each checked afresh from the database and stated as a sentence when it is broken.

`check_register` prints them; nothing here writes. Expected values are worked out from history and from the log, never
read from the caches they are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from tracker import indexing
from tracker.guards import find_missing
from tracker.merkle import grow
from tracker.models import (
    Check,
    Checkpoint,
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    LogEntry,
    LogHead,
    LogNode,
    Milestone,
    MilestoneUpdate,
    Petition,
    Pointers,
    Programme,
    Redaction,
    Relation,
    Response,
    Revision,
    Standing,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)
from tracker.publishing import (
    HISTORY,
    explain_key,
    explain_witness,
    find_judgement,
    find_log_kind,
    find_milestone_pointers,
    find_pointers,
    is_signed,
    read_grounds,
    read_surroundings,
    replay_standings,
)
from tracker.statuses import Origin, explain_refusals
from tracker.verify import DoesNotFit, Note, canonical_json, check_entries, read_keys, read_note, sha256

Invariant = Callable[[], Iterator[str]]
CHUNK = 500


def find_broken_invariants() -> Iterator[str]:
    """Yield a sentence for each broken invariant of the register; none means that it is sound."""
    for invariant in INVARIANTS:
        yield from invariant()


def find_notices() -> Iterator[str]:
    """Yield what staff should see to, though nothing is broken."""
    if not settings.CONTACT_EMAIL:
        yield "CONTACT_EMAIL is not set, so the page “Corrections” cannot say where to report an error."
    for service in SupportService.objects.published().filter(confirmed_on__isnull=True):
        yield f"{service.name}: its number {service.phone} has not been confirmed on the organisation's own page."


def check_pointers_agree_with_history() -> Iterator[str]:
    commitments = Commitment.objects.prefetch_related(*HISTORY)
    for commitment in commitments.iterator(CHUNK):
        for name, expected in find_pointers(commitment).items():
            stored = getattr(commitment, name)
            if stored != expected:
                yield f"{commitment.reference}: {name} says {stored}, its history says {expected}."


def check_standings_agree_with_history() -> Iterator[str]:
    for commitment in Commitment.objects.ever_published().prefetch_related(*HISTORY, "standings").iterator(CHUNK):
        stored = {_describe_standing(row) for row in commitment.standings.all()}
        expected = {_describe_standing(row) for row in replay_standings(commitment)}
        if stored != expected:
            first = min(from_on for from_on, *_ in stored ^ expected)
            yield f"{commitment.reference}: its standings from {first} on are not what its history says."


def _describe_standing(row: Standing) -> tuple[Any, ...]:
    times = (row.from_on, row.until_on, row.known_from_at, row.known_until_at)
    return (*times, *(getattr(row, field.attname) for field in Pointers._meta.local_fields))


def check_milestones_agree_with_their_updates() -> Iterator[str]:
    milestones = Milestone.objects.published().select_related("commitment").prefetch_related("milestone_updates")
    for milestone in milestones.iterator(CHUNK):
        for name, expected in find_milestone_pointers(milestone).items():
            stored = getattr(milestone, name)
            if stored != expected:
                yield f"{milestone}: {name} says {stored}, its updates say {expected}."


def check_status_updates_keep_the_rules() -> Iterator[str]:
    today = timezone.localdate()
    updates = StatusUpdate.objects.published().select_related("commitment")
    corrected = set(updates.filter(corrects__isnull=False).values_list("corrects_id", flat=True))
    rows = updates.prefetch_related("evidence__document").iterator(CHUNK)
    while some := list(islice(rows, CHUNK)):
        surroundings = read_surroundings({update.commitment_id for update in some})
        for update in some:
            judgement = find_judgement(update, surroundings=surroundings)
            is_corrected = update.pk in corrected
            for refusal in () if is_corrected else explain_refusals(judgement, today=today):
                yield f"{update.subject} breaks rule {refusal.rule}: {refusal.sentence}"
            for name, found in read_grounds(judgement).items():
                if (stored := getattr(update, name)) != found:
                    expected = "none" if found == "" else found
                    yield f"{update.subject}: its {name} says {stored}, its evidence says {expected}."


def check_milestone_dates_are_possible() -> Iterator[str]:
    today = timezone.localdate()
    impossible = Q(met_on__gt=today) | Q(met_on__lt=F("milestone__commitment__made_on")) | Q(as_of__gt=today)
    for step in MilestoneUpdate.objects.published().filter(impossible):
        yield f"{step} lies in the future or before the commitment was made."


def check_programmes_are_complete() -> Iterator[str]:
    held = Count("commitments", filter=Q(commitments__published_at__isnull=False))  # withdrawn ones too
    for programme in Programme.objects.published().annotate(held=held):
        if programme.held != programme.expected_commitments:
            expected = programme.expected_commitments
            yield f"{programme.name} should hold {expected} commitments and holds {programme.held}."


def check_nothing_public_rests_on_a_draft() -> Iterator[str]:
    rests_on = {
        StatusUpdate: ["commitment"],
        Response: ["commitment", "document"],
        Funding: ["commitment", "document"],
        Milestone: ["commitment"],
        MilestoneUpdate: ["milestone"],
        Relation: ["commitment", "related"],
        Commitment: ["programme", "department", "source_document"],
        Programme: ["document"],
        Petition: ["document"],
    }
    for model, fields in rests_on.items():
        for field in fields:
            for row in model.objects.published().filter(**{f"{field}__published_at__isnull": True}):
                yield f"{row} is public and its {field.replace('_', ' ')} is a draft."
    for evidence in Evidence.objects.published().filter(document__published_at__isnull=True):
        yield f"“{evidence}” is cited in public and is a draft."


def check_no_partisan_document_is_cited() -> Iterator[str]:
    cited = Document.objects.with_use().filter(origin=Origin.PARTISAN_OR_UNKNOWN, citation_count__gt=0)
    for document in cited:
        yield f"“{document}” is of partisan or unknown origin and is cited."


def check_lead_departments_do_not_support_themselves() -> Iterator[str]:
    for commitment in Commitment.objects.filter(supporting=F("department")):
        yield f"{commitment.reference}: its lead department is also listed as supporting."


def check_log_is_unbroken() -> Iterator[str]:
    yield from find_faults_of_the_log()


def check_what_is_kept_beside_the_database_fits_the_log() -> Iterator[str]:
    try:
        yield from filter(None, (find_fault_of_the_witness(), explain_key()))
    except OSError as error:
        yield str(error)


def find_fault_of_the_witness() -> str:
    """Return how the log contradicts the checkpoint that is kept of it outside the database; nothing if it does not.

    Raises OSError where that cannot be read.
    """
    head = LogHead.objects.first()
    return explain_witness(head.origin, lambda: LogHead.objects.get().sequence) if head else ""


def find_faults_of_the_log(saved: Iterable[Note] = ()) -> Iterator[str]:
    """Yield what is wrong with the log: its first bad entry, its tree, its head or a checkpoint, `saved` ones too."""
    head = LogHead.objects.filter(pk=1).first()
    if head is None or head.sequence == 0:
        if LogEntry.objects.exists():
            yield "The log has entries and no head."
        return
    lines = (entry.as_line() for entry in LogEntry.objects.order_by("sequence").iterator(CHUNK))
    try:
        notes = [read_checkpoint(each) for each in Checkpoint.objects.order_by("size").iterator(CHUNK)]
        top = Note("The log's head", head.origin, head.sequence, bytes.fromhex(head.root_hash), b"")
        size = check_entries(lines, [top, *notes, *saved])
    except DoesNotFit as fault:
        yield str(fault)
    else:
        if size != head.sequence:
            yield f"The log goes on after its head, with entry {head.sequence + 1}."
    yield from _find_faults_of_the_tree()


def read_checkpoint(checkpoint: Checkpoint) -> Note:
    """Return a stored checkpoint as its note says it. Raises DoesNotFit unless it is signed and the row agrees."""
    name = f"The checkpoint over {checkpoint.size} entries"
    note = read_note(name, checkpoint.note.encode(), read_keys([checkpoint.key]), is_signed)
    if (note.size, note.root.hex()) != (checkpoint.size, checkpoint.root_hash):
        raise DoesNotFit(f"{name} does not say what was signed.")
    return note


def _find_faults_of_the_tree() -> Iterator[str]:
    # In the order in which they are completed: a tree of a million entries is compared without holding it.
    completed = ((F("index") + 1).bitleftshift(F("level")), F("level"))
    stored = LogNode.objects.order_by(*completed).values_list("level", "index", "hash").iterator(CHUNK)
    leaves = LogEntry.objects.order_by("sequence").values_list("leaf_hash", flat=True).iterator(CHUNK)
    for (level, index), value in grow(0, map(bytes.fromhex, leaves), {}.__getitem__):
        if level and next(stored, None) != (level, index, value.hex()):
            first = index << level
            yield f"The log's tree does not fit its entries {first + 1} to {first + (1 << level)}."
            return
    if next(stored, None):
        yield "The log's tree has parts that belong to no entry."


def check_what_is_public_is_what_was_logged() -> Iterator[str]:
    """Compare what is public with the log: a change, an addition or a loss behind the verbs' back shows here."""
    for model, related in _PUBLIC.items():
        kind = find_log_kind(model)
        logged = _read_logged(kind)
        shared: dict[str, list[Any]] = {}
        for row in model.objects.ever_published().prefetch_related(*related).iterator(CHUNK):
            subject, facts = row.subject, _digest(row.facts())
            if kind in _SHARED:
                shared.setdefault(subject, []).append(facts)
            else:
                yield from _compare(kind, subject, [facts], logged.pop(subject, []))
        for subject, rows in shared.items():
            yield from _compare(kind, subject, rows, logged.pop(subject, []))
        for subject, entries in logged.items():
            yield from _compare(kind, subject, [], entries)


def _read_logged(kind: str) -> dict[str, list[bytes | None]]:
    """Return digests of what the log says of each thing of a kind: of all that may hold, nothing for a redacted one."""
    logged: dict[str, list[bytes | None]] = {}
    entries = LogEntry.objects.filter(kind=kind).order_by("sequence").values_list("subject", "content")
    for subject, content in entries.iterator(CHUNK):
        said = None if content is None else _digest(content)
        logged[subject] = [*(logged.get(subject, ()) if kind in _SHARED else ()), said]
    return logged


def _digest(facts: Any) -> bytes:
    return sha256(canonical_json(facts))[:16]


def _compare(kind: str, subject: str, rows: list[Any], entries: list[Any]) -> Iterator[str]:
    """Say how the facts of public rows differ from what the log says of them. A redacted entry may be any row's."""
    name = f"{subject} ({kind})"
    lost = [content for content in entries if content is not None]
    strange = []
    for facts in rows:
        if facts in lost:
            lost.remove(facts)
        else:
            strange.append(facts)
    unknown = max(0, len(strange) - entries.count(None))
    for _ in range(min(unknown, len(lost))):
        yield f"{name} is not what the log says was published."
    for _ in range(len(lost), unknown):
        yield f"{name} is public and the log does not know it."
    for _ in range(unknown, len(lost)):
        yield f"{name} is in the log and no longer public."


# Several rows of these kinds share a subject; of any other only the newest entry holds.
_SHARED = ("relation", "milestone-update", "revision", "redaction")
_PUBLIC: dict[Any, list[str]] = {
    Department: [],
    Topic: [],
    Document: [],
    SupportService: [],
    Programme: ["document"],
    Commitment: ["programme", "department", "source_document", "supporting", "topics"],
    Relation: ["commitment", "related"],
    Response: ["commitment", "document"],
    Funding: ["commitment", "document"],
    Milestone: ["commitment", "documents"],
    MilestoneUpdate: ["milestone__commitment", "documents"],
    StatusUpdate: ["commitment", "evidence__document"],
    Check: ["commitment"],
    Withdrawal: ["commitment"],
    Revision: ["target"],
    Redaction: [],
    Petition: [
        "document",
        "response_department",
        "response_document",
        "debate_document",
        "commitments",
    ],
}


def check_numbers_have_no_gaps() -> Iterator[str]:
    for model in (StatusUpdate, Response, Funding, Milestone, Check):
        counted = model.objects.ever_published().order_by().values("commitment__reference")
        for row in counted.annotate(rows=Count("pk"), newest=Max("number")).exclude(rows=F("newest")):
            yield (
                f"{row['commitment__reference']}: its {model._meta.verbose_name_plural} are numbered up to "
                f"{row['newest']}, but there are {row['rows']}."
            )


def check_redactions_are_complete() -> Iterator[str]:
    """A redaction that was begun is done, and what it names is gone; what is gone is named, as `verify` knows."""
    told: set[int] = set()
    for redaction in Redaction.objects.ever_published():
        told.update(redaction.entries)
        if redaction.carried_out_at is None:
            yield f"{redaction} was published on {redaction.published_at:%Y-%m-%d} and not carried out."
    kept = LogEntry.objects.filter(Q(content__isnull=False) | Q(salt__isnull=False), sequence__in=told)
    for sequence in kept.order_by("sequence").values_list("sequence", flat=True):
        yield f"Entry {sequence} of the log still holds what a redaction says was removed."


def check_the_database_guards_history() -> Iterator[str]:
    for guard in find_missing():
        yield f"The database does not refuse {guard.event} of {guard.table} as it should. `manage.py migrate` mends it."


def check_the_search_is_up_to_date() -> Iterator[str]:
    missing = indexing.find_missing()
    for name in missing:
        yield f"The database does not keep the search up to date: {name} is missing. `manage.py migrate` mends it."
    if any(name.endswith("_text") for name in missing):
        return  # what it should know cannot be read
    for name, keys in indexing.find_stale().items():
        rows = f"{len(keys)} row{'s' if len(keys) > 1 else ''}"
        yield f"The search does not know what is public now of {rows} of {name}."


INVARIANTS: tuple[Invariant, ...] = (
    check_pointers_agree_with_history,
    check_standings_agree_with_history,
    check_milestones_agree_with_their_updates,
    check_status_updates_keep_the_rules,
    check_milestone_dates_are_possible,
    check_programmes_are_complete,
    check_nothing_public_rests_on_a_draft,
    check_no_partisan_document_is_cited,
    check_lead_departments_do_not_support_themselves,
    check_numbers_have_no_gaps,
    check_log_is_unbroken,
    check_what_is_kept_beside_the_database_fits_the_log,
    check_what_is_public_is_what_was_logged,
    check_redactions_are_complete,
    check_the_database_guards_history,
    check_the_search_is_up_to_date,
)
