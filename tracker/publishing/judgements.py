"""A status update as the rules of `statuses` see it, with what is published of its commitment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Q, prefetch_related_objects

from tracker.models import Relation, StatusUpdate, lengthen_removed
from tracker.models.base import Publishable
from tracker.querysets import is_public
from tracker.statuses import (
    DONE,
    Answer,
    Basis,
    Citation,
    Judgement,
    Strength,
    is_backward,
)


def find_judgement(update: StatusUpdate, *, citations: tuple[Citation, ...] | None = None) -> Judgement:
    """Return a status update as the rules see it, with what is published of its commitment today.

    A published one does not answer for milestones that were set after it, nor for words that were removed since.
    """
    commitment = update.commitment
    if citations is None:
        prefetch_related_objects([update], "evidence__document")
        citations = tuple(evidence.as_citation() for evidence in update.evidence.all())
    successors = Relation.objects.published().filter(
        is_public("commitment"),
        is_public("related"),
        Q(commitment=commitment, kind=Relation.Kind.SUPERSEDED_BY)
        | Q(related=commitment, kind=Relation.Kind.SUPERSEDES),
    )
    rejections = commitment.responses.published().filter(answer=Answer.REJECTED, on__lte=update.as_of)
    still_open = commitment.milestones.published().filter(met_on__isnull=True)
    if update.published_at is not None:
        citations = tuple(replace(each, note=lengthen_removed(each.note)) for each in citations)
        still_open = still_open.filter(published_at__lte=update.published_at)
    judgement = update.as_judgement(
        citations,
        open_milestones=tuple(still_open.values_list("title", flat=True)),
        has_successor=successors.exists(),
        was_rejected=rejections.exists(),
    )
    is_published = update.published_at is not None
    return replace(judgement, reason=lengthen_removed(judgement.reason)) if is_published else judgement


def find_strength(update: StatusUpdate) -> str:
    """Return the strength of the strongest document that a status update rests on."""
    return update.as_judgement(tuple(evidence.as_citation() for evidence in update.evidence.all())).strength


def find_warnings(record: Publishable) -> list[str]:
    """Return what a reviewer should look at twice before a draft becomes public."""
    if not isinstance(record, StatusUpdate):
        return []
    commitment = record.commitment
    present = commitment.current_update if record.basis == Basis.ASSESSMENT else commitment.current_claim
    if record.corrects and present == record.corrects:
        return [f"It corrects the present status, “{present.get_status_display()}”, which then no longer counts."]
    return list(_explain_warnings(find_judgement(record), present))


def _explain_warnings(judgement: Judgement, present: StatusUpdate | None) -> Iterator[str]:
    if judgement.strength == Strength.WEAK:
        yield "It rests on weak evidence only: the public will see that, and it is listed as a gap."
    if present and is_backward(present.status, judgement.status):
        yield "It is a step backwards from the present status, and is marked as one."
    if present and judgement.as_of < present.as_of:
        yield "It is true since an earlier day than the present status, so it will not change that."
    if present and judgement.as_of == present.as_of:
        yield "The present status is true since the same day. Is this a correction of it?"
    if judgement.status not in DONE and judgement.open_milestones:
        yield "Still open: " + "; ".join(judgement.open_milestones) + "."
