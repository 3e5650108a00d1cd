"""Why something may not be published: the rules of `statuses`, asked of what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from tracker.models import (
    Check,
    Commitment,
    Document,
    Funding,
    Milestone,
    MilestoneUpdate,
    Petition,
    Redaction,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    User,
    Withdrawal,
)
from tracker.models.base import Publishable, Record
from tracker.publishing.judgements import Surroundings, find_judgement
from tracker.publishing.redacting import refuse_redaction
from tracker.publishing.rewording import refuse_revision
from tracker.publishing.rules import OWN_RULES, refuse_future, refuse_unknown_outlet_among, refuse_unknown_outlets
from tracker.statuses import (
    MINIMUM_REASON_LENGTH,
    Citation,
    Refusal,
    explain_refusals,
)


class PublicationRefused(Exception):
    """Raised when a rule forbids a publication. `refusals` says which, in sentences that a person can act on."""

    def __init__(self, subject: str, refusals: list[Refusal]) -> None:
        self.subject = subject
        self.refusals = refusals
        super().__init__(f"{subject}: " + " ".join(refusal.sentence for refusal in refusals))


def find_refusals(
    record: Publishable, *, citations: tuple[Citation, ...] | None = None, surroundings: Surroundings | None = None
) -> list[Refusal]:
    """Return every reason why a draft may not become public as it stands, whoever publishes it.

    `citations` stand for the evidence of a status update that is not stored yet, and `surroundings` for what is
    published of its commitment, where that was read for many at once.
    """
    refusals: list[Refusal] = []
    if isinstance(record, Record):
        refusals += _refuse_missing_commitment(record.commitment)  # type: ignore[attr-defined]
    if isinstance(record, StatusUpdate):
        judgement = find_judgement(record, citations=citations, surroundings=surroundings)
        refusals += explain_refusals(judgement, today=timezone.localdate())
        refusals += refuse_unknown_outlet_among(judgement.citations)
    elif record.pk:
        refusals += refuse_unknown_outlets(record)
    for model, rules in (*_RULES.items(), *OWN_RULES.items()):
        if isinstance(record, model):
            refusals += [refusal for rule in rules for refusal in rule(record)]
    return refusals


def find_all_refusals(record: Publishable, by: User | None) -> list[Refusal]:
    """Return every reason why this person may not publish a draft, with the documents that go public with it."""
    refusals = [*find_refusals(record), *refuse_own_approval(record, by)]
    for document in record.find_cited_documents():
        if not document.is_published:
            refusals += [*find_refusals(document), *refuse_own_approval(document, by)]
    return refusals


def refuse_own_approval(record: Publishable, by: User | None) -> Iterator[Refusal]:
    """Rule 8: nobody publishes what she wrote, unless the setting TWO_PERSON_RULE is off; a redaction never."""
    if (settings.TWO_PERSON_RULE or isinstance(record, Redaction)) and by is not None and has_written(record, by):
        what = f"added the document “{record}”" if isinstance(record, Document) else "wrote this"
        yield Refusal(8, "author", f"You {what}, so somebody else must publish it.")


def has_written(record: Publishable, person: User) -> bool:
    """Say whether a person began a draft or changed its words: each of her saves that was no step on its way."""
    saves = record.history.filter(history_user=person, history_type__in=("+", "~"))
    return record.author_id == person.pk or saves.filter(history_change_reason__isnull=True).exists()


def _refuse_missing_commitment(commitment: Commitment) -> Iterator[Refusal]:
    if not commitment.is_published:
        yield Refusal(0, "commitment", f"{commitment.reference} is not public yet. Publish it first.")
    elif commitment.withdrawn_at:
        yield Refusal(0, "commitment", f"{commitment.reference} was withdrawn.")


def _refuse_short_reason(record: Any) -> Iterator[Refusal]:
    if len(record.reason.strip()) < MINIMUM_REASON_LENGTH:
        yield Refusal(1, "reason", f"Give the public a reason of at least {MINIMUM_REASON_LENGTH} characters.")


def _refuse_no_place(check: Check) -> Iterator[Refusal]:
    if not check.note.strip():
        yield Refusal(1, "note", NO_PLACE)


NO_PLACE = "Say where you looked: readers see it beside the day."


def _refuse_wrong_correction(update: StatusUpdate) -> Iterator[Refusal]:
    corrected = update.corrects
    if corrected is None:
        return
    if corrected.commitment_id != update.commitment_id or not corrected.is_published:
        yield Refusal(0, "corrects", "An update can correct only a published update of the same commitment.")
    elif corrected.basis != update.basis:
        sentence = "A claim corrects only a claim, and an assessment only an assessment: each stands beside the other."
        yield Refusal(0, "corrects", sentence)


def _refuse_undocumented(record: Any) -> Iterator[Refusal]:
    """A form asks this of its own rows, before there is anything stored."""
    if record.pk and record.author_id and not record.documents.exists():
        yield Refusal(1, "documents", NO_DOCUMENT)


NO_DOCUMENT = "Name at least one document that shows it."


def _refuse_wrong_step(step: MilestoneUpdate) -> Iterator[Refusal]:
    milestone = step.milestone
    if not milestone.is_published:
        yield Refusal(0, "milestone", f"The milestone “{milestone.title}” is not public yet. Publish it first.")
    made_on = milestone.commitment.made_on
    if step.met_on and step.met_on < made_on:
        sentence = f"The commitment was made on {made_on.isoformat()}: it cannot be met before that day."
        yield Refusal(5, "met_on", sentence)
    if step.due_on:
        yield from _refuse_short_reason(step)


def _refuse_early_milestone(milestone: Milestone) -> Iterator[Refusal]:
    made_on = milestone.commitment.made_on
    if milestone.due_on < made_on:
        sentence = f"The commitment was made on {made_on.isoformat()}: nothing of it was due before that day."
        yield Refusal(5, "due_on", sentence)


def _refuse_commitment_on_drafts(commitment: Commitment) -> Iterator[Refusal]:
    yield from _refuse_draft("programme", commitment.programme)
    yield from _refuse_draft("department", commitment.department)
    for topic in commitment.topics.all() if commitment.pk else ():
        yield from _refuse_draft("topics", topic)
    for department in commitment.supporting.all() if commitment.pk else ():
        yield from _refuse_draft("supporting", department)
        if department.pk == commitment.department_id:
            yield Refusal(0, "supporting", f"{department} leads this, so it is not listed as supporting as well.")


def _refuse_relation_of_drafts(relation: Relation) -> Iterator[Refusal]:
    yield from _refuse_draft("commitment", relation.commitment)
    yield from _refuse_draft("related", relation.related)


def _refuse_petition_on_drafts(petition: Petition) -> Iterator[Refusal]:
    yield from _refuse_draft("response_department", petition.response_department)
    for commitment in petition.commitments.all() if petition.pk else ():
        yield from _refuse_draft("commitments", commitment)


def _refuse_nobodys(redaction: Redaction) -> Iterator[Refusal]:
    if redaction.pk and redaction.author_id is None:
        yield Refusal(8, "author", "Nobody is named as its author, and a redaction needs two people.")


def _refuse_draft(field: str, row: Publishable | None) -> Iterator[Refusal]:
    if row is not None and not row.is_published:
        yield Refusal(0, field, f"“{row}” is not public yet. Publish it first.")
    if isinstance(row, Commitment) and row.withdrawn_at:
        yield Refusal(0, field, f"{row.reference} was withdrawn.")


# What is asked of each kind of row besides the rules of a status.
_RULES: dict[Any, tuple[Callable[[Any], Iterator[Refusal]], ...]] = {
    StatusUpdate: (_refuse_wrong_correction,),
    Response: (refuse_future("on"),),
    Funding: (refuse_future("on"),),
    Check: (refuse_future("checked_on"), _refuse_no_place),
    Milestone: (_refuse_early_milestone, _refuse_undocumented),
    MilestoneUpdate: (_refuse_wrong_step, refuse_future("as_of"), refuse_future("met_on"), _refuse_undocumented),
    Withdrawal: (_refuse_short_reason,),
    Revision: (_refuse_short_reason, refuse_revision),
    Redaction: (_refuse_nobodys, refuse_redaction),
    Commitment: (_refuse_commitment_on_drafts,),
    Relation: (_refuse_relation_of_drafts,),
    Petition: (_refuse_petition_on_drafts,),
}
