"""A status update as the rules of `statuses` see it, with what is published of its commitment."""

from __future__ import annotations

from django.db.models import Q, prefetch_related_objects

from tracker.models import Relation, StatusUpdate
from tracker.models.base import Publishable
from tracker.statuses import Answer, Basis, Citation, Judgement, explain_warnings


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
