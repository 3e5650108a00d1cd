"""Why something may not be published: the rules of `statuses`, asked of what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from tracker.models import Commitment, MilestoneUpdate, Relation, Revision, StatusUpdate, User, Withdrawal
from tracker.models.base import Publishable, Record
from tracker.statuses import (
    MINIMUM_REASON_LENGTH,
    Answer,
    Basis,
    Citation,
    Judgement,
    Refusal,
    explain_refusals,
    explain_warnings,
)


class PublicationRefused(Exception):
    """Raised when a rule forbids a publication. `refusals` says which, in sentences that a person can act on."""

    def __init__(self, subject: str, refusals: list[Refusal]) -> None:
        self.subject = subject
        self.refusals = refusals
        super().__init__(f"{subject}: " + " ".join(refusal.sentence for refusal in refusals))


def find_refusals(record: Publishable, *, citations: tuple[Citation, ...] | None = None) -> list[Refusal]:
    """Return every reason why a draft may not become public as it stands, whoever publishes it.

    `citations` stand for the evidence of a status update that is not stored yet.
    """
    refusals: list[Refusal] = []
    if isinstance(record, Record):
        refusals += _refuse_missing_commitment(record.commitment)  # type: ignore[attr-defined]
    if isinstance(record, StatusUpdate):
        refusals += explain_refusals(find_judgement(record, citations=citations), today=timezone.localdate())
        refusals += _refuse_wrong_correction(record)
    elif isinstance(record, Revision):
        refusals += _refuse_stale_revision(record)
    elif isinstance(record, Withdrawal) or (isinstance(record, MilestoneUpdate) and record.due_on):
        refusals += _refuse_short_reason(record.reason)
    return refusals


def refuse_own_approval(record: Publishable, by: User | None) -> Iterator[Refusal]:
    """Rule 8: nobody publishes what she wrote, unless the setting TWO_PERSON_RULE is off."""
    if settings.TWO_PERSON_RULE and by is not None and record.author_id == by.pk:
        yield Refusal(8, "author", "You wrote this, so somebody else must publish it.")


def _refuse_missing_commitment(commitment: Commitment) -> Iterator[Refusal]:
    if not commitment.is_published:
        yield Refusal(0, "commitment", f"{commitment.reference} is not public yet. Publish it first.")
    elif commitment.withdrawn_at:
        yield Refusal(0, "commitment", f"{commitment.reference} was withdrawn.")


def _refuse_short_reason(reason: str) -> Iterator[Refusal]:
    if len(reason.strip()) < MINIMUM_REASON_LENGTH:
        yield Refusal(1, "reason", f"Give the public a reason of at least {MINIMUM_REASON_LENGTH} characters.")


def _refuse_wrong_correction(update: StatusUpdate) -> Iterator[Refusal]:
    corrected = update.corrects
    if corrected is None:
        return
    if corrected.commitment_id != update.commitment_id or not corrected.is_published:
        yield Refusal(0, "corrects", "An update can correct only a published update of the same commitment.")


def _refuse_stale_revision(revision: Revision) -> Iterator[Refusal]:
    """New words may only replace the words that their author read."""
    yield from _refuse_short_reason(revision.reason)
    target: Any = revision.target
    present = target.facts()
    stale = [name for name, change in revision.changes.items() if present.get(name) != change["before"]]
    if stale:
        names = ", ".join(name.replace("_", " ") for name in stale)
        sentence = f"The words of “{names}” have changed since this was written. Send it back to be written anew."
        yield Refusal(0, "changes", sentence)


def find_judgement(update: StatusUpdate, *, citations: tuple[Citation, ...] | None = None) -> Judgement:
    """Return a status update as the rules see it, with what is published of its commitment today.

    A published one does not answer for milestones that were set after it.
    """
    commitment = update.commitment
    if citations is None:
        prefetch_related_objects([update], "evidence__document")
        citations = tuple(evidence.as_citation() for evidence in update.evidence.all())
    successors = Relation.objects.published().filter(
        Q(commitment=commitment, kind=Relation.Kind.SUPERSEDED_BY)
        | Q(related=commitment, kind=Relation.Kind.SUPERSEDES)
    )
    rejections = commitment.responses.published().filter(answer=Answer.REJECTED, on__lte=update.as_of)
    still_open = commitment.milestones.published().filter(met_on__isnull=True)
    if update.published_at is not None:
        still_open = still_open.filter(published_at__lte=update.published_at)
    return update.as_judgement(
        citations,
        open_milestones=tuple(still_open.values_list("title", flat=True)),
        has_successor=successors.exists(),
        was_rejected=rejections.exists(),
    )


def find_strength(update: StatusUpdate) -> str:
    """Return the strength of the strongest document that a status update rests on."""
    return update.as_judgement(tuple(evidence.as_citation() for evidence in update.evidence.all())).strength


def find_warnings(record: Publishable) -> list[str]:
    """Return what a reviewer should look at twice before a draft becomes public."""
    if not isinstance(record, StatusUpdate):
        return []
    present = record.commitment.current_update if record.basis == Basis.ASSESSMENT else record.commitment.current_claim
    return explain_warnings(
        find_judgement(record), present=present and present.status, present_as_of=present and present.as_of
    )
