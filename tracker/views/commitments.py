"""The page of one commitment: how it stands, what was promised and answered, and its whole history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from tracker.models import (
    REVERSE_RELATION_LABELS,
    Commitment,
    Document,
    Milestone,
    Relation,
    StatusUpdate,
)
from tracker.statuses import Basis, is_backward
from tracker.templatetags.register import Standing, describe_standing, describe_status

REPLACED_BY = Relation.Kind.SUPERSEDED_BY.label


@dataclass(frozen=True)
class Entry:
    """One update of the history, and how it differs from the judgement before it."""

    update: StatusUpdate
    change: str
    is_backward: bool = False
    corrected_by: StatusUpdate | None = None


@dataclass(frozen=True)
class Step:
    """A milestone with how it stands today and the documents that set or meet it."""

    milestone: Milestone
    standing: Standing
    documents: list[Document]


def commitment_detail(request: HttpRequest, reference: str) -> HttpResponse:
    written = reference.upper()
    if reference != written:
        found = get_object_or_404(Commitment.objects.published(), reference=written)
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    commitment = get_object_or_404(Commitment.objects.published().for_detail(), reference=reference)
    updates = list(commitment.status_updates.all())
    current = find_update(updates, commitment.current_update_id)
    related = list_related(commitment)
    context = {
        "commitment": commitment,
        "current": current,
        "claim": find_update(updates, commitment.current_claim_id),
        "sentence": describe_status(current, commitment.status_since, len(current.evidence.all()) if current else 0),
        "history": describe_history(updates),
        "steps": list_steps(commitment, current.status if current else "", timezone.localdate()),
        "related": related,
        "replacements": related.get(REPLACED_BY, []),
        **list_links(commitment),
    }
    return render(request, "tracker/commitment_detail.html", context)


def find_update(updates: list[StatusUpdate], pk: int | None) -> StatusUpdate | None:
    """Find the update that a pointer names among those read already, with its evidence."""
    return next((update for update in updates if update.pk == pk), None)


def describe_history(updates: list[StatusUpdate]) -> list[Entry]:
    """Say of each update, newest first, how it differs from the judgement before it on the same basis."""
    corrections = {update.corrects_id: update for update in updates if update.corrects_id}
    entries = []
    for place, update in enumerate(updates):
        before = [
            other for other in updates[place + 1 :] if other.basis == update.basis and other.pk not in corrections
        ]
        entry = _describe_entry(update, before[0] if before else None)
        entries.append(replace(entry, corrected_by=corrections.get(update.pk)))
    return entries


def _describe_entry(update: StatusUpdate, earlier: StatusUpdate | None) -> Entry:
    if earlier is None:
        return Entry(update, "First judgement" if update.basis == Basis.ASSESSMENT else "First claim")
    if earlier.status == update.status:
        return Entry(update, "No change")
    before = earlier.get_status_display()
    if is_backward(earlier.status, update.status):
        return Entry(update, f"A step back from “{before}”", is_backward=True)
    return Entry(update, f"Changed from “{before}”")


def list_steps(commitment: Commitment, status: str, today: dt.date) -> list[Step]:
    """Return the milestones with the documents of each and how each stands on that day."""
    documents: dict[int, list[Document]] = {}
    for document in Document.objects.for_milestones_of(commitment.pk):
        documents.setdefault(document.milestone_pk, []).append(document)
    return [
        Step(milestone, describe_standing(milestone, status, today), documents.get(milestone.pk, []))
        for milestone in commitment.milestones.all()
    ]


def list_related(commitment: Commitment) -> dict[str, list[Commitment]]:
    """Return the related commitments under the relation in words, replacements first and "see also" last.

    A pair that is stated on both sides is listed once, and "see also" only where nothing closer is stated.
    """
    public = Q(commitment__published_at__isnull=False, related__published_at__isnull=False)
    relations = Relation.objects.published().filter(public).filter(Q(commitment=commitment) | Q(related=commitment))
    found: dict[str, dict[int, Commitment]] = {REPLACED_BY: {}}
    for relation in relations.select_related("commitment__current_update", "related__current_update"):
        kind = Relation.Kind(relation.kind)
        is_ours = relation.commitment_id == commitment.pk
        other = relation.related if is_ours else relation.commitment
        label = kind.label if is_ours else REVERSE_RELATION_LABELS[kind]
        found.setdefault(label, {})[other.pk] = other
    return _put_see_also_last(found)


def _put_see_also_last(found: dict[str, dict[int, Commitment]]) -> dict[str, list[Commitment]]:
    loose = found.pop(Relation.Kind.SEE_ALSO.label, {})
    closer = {pk for others in found.values() for pk in others}
    found[Relation.Kind.SEE_ALSO.label] = {pk: other for pk, other in loose.items() if pk not in closer}
    return {
        label: sorted(others.values(), key=lambda other: other.reference) for label, others in found.items() if others
    }


def list_links(commitment: Commitment) -> dict[str, list[dict[str, Any]]]:
    """Return the supporting bodies, topics and petitions as keys and names, in one query."""
    bodies = commitment.supporting.published().as_links("supporting")
    topics = commitment.topics.published().as_links("topics")
    petitions = commitment.petitions.published().as_links("petitions", key="number", name="title")
    links: dict[str, list[dict[str, Any]]] = {"supporting": [], "topics": [], "petitions": []}
    for kind, key, name in sorted(bodies.union(topics, petitions), key=lambda link: link[2]):
        links[kind].append({"key": key, "name": name})
    return links
