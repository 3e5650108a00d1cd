"""A status update as the rules of `statuses` see it, with what is published of its commitment."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, prefetch_related_objects

from tracker.models import Milestone, Relation, Response, StatusUpdate, lengthen_removed
from tracker.models.base import Publishable
from tracker.querysets import is_public
from tracker.statuses import (
    DONE,
    Answer,
    Basis,
    Citation,
    Judgement,
    Origin,
    Strength,
    is_backward,
)


@dataclass(frozen=True)
class Surroundings:
    """What the rules ask of what is published of some commitments besides a status update, by the commitments' keys."""

    open_milestones: dict[int, list[tuple[str, dt.datetime]]] = field(default_factory=lambda: defaultdict(list))
    rejected_on: dict[int, list[dt.date]] = field(default_factory=lambda: defaultdict(list))
    replaced: set[int] = field(default_factory=set)


def read_surroundings(commitments: Collection[int]) -> Surroundings:
    """Read, in three queries, what the rules ask of commitments with these keys."""
    found = Surroundings()
    milestones = Milestone.objects.published().filter(commitment__in=commitments, met_on__isnull=True)
    for key, title, published_at in milestones.values_list("commitment", "title", "published_at"):
        found.open_milestones[key].append((title, published_at))
    rejections = Response.objects.published().filter(commitment__in=commitments, answer=Answer.REJECTED)
    for key, on in rejections.values_list("commitment", "on"):
        found.rejected_on[key].append(on)
    relations = Relation.objects.published().filter(
        is_public("commitment"),
        is_public("related"),
        Q(commitment__in=commitments, kind=Relation.Kind.SUPERSEDED_BY)
        | Q(related__in=commitments, kind=Relation.Kind.SUPERSEDES),
    )
    for key, related, kind in relations.order_by().values_list("commitment", "related", "kind"):
        found.replaced.add(key if kind == Relation.Kind.SUPERSEDED_BY else related)
    return found


def find_judgement(
    update: StatusUpdate,
    *,
    citations: tuple[Citation, ...] | None = None,
    surroundings: Surroundings | None = None,
) -> Judgement:
    """Return a status update as the rules see it, with what is published of its commitment today.

    A published one does not answer for milestones that were set after it, nor for words that were removed since.
    Whoever asks of many updates reads their `surroundings` once.
    """
    commitment = update.commitment_id
    if surroundings is None:
        surroundings = read_surroundings([commitment])
    if citations is None:
        prefetch_related_objects([update], "evidence__document")
        citations = tuple(evidence.as_citation() for evidence in update.evidence.all())
    at = update.published_at
    if at is not None:
        citations = tuple(replace(each, note=lengthen_removed(each.note)) for each in citations)
    still_open = surroundings.open_milestones.get(commitment, ())
    judgement = update.as_judgement(
        citations,
        open_milestones=tuple(title for title, set_at in still_open if at is None or set_at <= at),
        has_successor=commitment in surroundings.replaced,
        was_rejected=any(on <= update.as_of for on in surroundings.rejected_on.get(commitment, ())),
    )
    return judgement if at is None else replace(judgement, reason=lengthen_removed(judgement.reason))


def find_grounds(update: StatusUpdate) -> dict[str, Any]:
    """Return what the evidence of a status update makes of it: the values of its caches."""
    return read_grounds(update.as_judgement(tuple(evidence.as_citation() for evidence in update.evidence.all())))


def read_grounds(judgement: Judgement) -> dict[str, Any]:
    """Return the strength, and whether something counts and all that is cited is a copy of an official record."""
    strength = judgement.strength
    are_copies = all(citation.origin == Origin.OFFICIAL_COPY for citation in judgement.citations)
    return {"strength": strength, "rests_on_copies": bool(strength) and are_copies}


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
