"""The page of one document: what it is, how much it can prove, and everything that rests on it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tracker.models import (
    Commitment,
    Document,
    Evidence,
    Funding,
    Milestone,
    Petition,
    Programme,
    Redaction,
    Response,
    Revision,
)
from tracker.querysets import is_public
from tracker.statuses import Origin, Strength


def document_detail(request: HttpRequest, identifier: str) -> HttpResponse:
    document = get_object_or_404(Document.objects.published(), identifier=identifier)
    context = {
        "document": document,
        "origin_definition": Origin(document.origin).definition,
        "strength_definition": Strength(document.strength).definition,
        "evidence": list_evidence(document),
        "revisions": Revision.objects.published().about(document),
        "removals": Redaction.objects.by_place(document.subject),
        **list_uses(document),
    }
    return render(request, "tracker/document_detail.html", context)


def list_evidence(document: Document) -> list[Evidence]:
    """Return what the document is cited for, the newest judgement first."""
    cited = Evidence.objects.published().filter(is_public("status_update__commitment"), document=document)
    newest_first = cited.order_by(F("status_update__as_of").desc(), "status_update__commitment__reference", "pk")
    return list(newest_first.select_related("status_update__commitment"))


def list_uses(document: Document) -> dict[str, list[Any]]:
    """Return what else rests on the document, each kind in one query."""
    owned = is_public("commitment")
    moved_or_met = Q(milestone_updates__documents=document, milestone_updates__published_at__isnull=False)
    milestones = Milestone.objects.published().filter(owned, Q(documents=document) | moved_or_met).distinct()
    responses = Response.objects.published().filter(owned, document=document)
    funding = Funding.objects.published().filter(owned, document=document)
    answers = Q(response_document=document) | Q(debate_document=document)
    return {
        "sourced": list(Commitment.objects.published().filter(source_document=document).in_order()),
        "responses": list(responses.select_related("commitment")),
        "funding": list(funding.select_related("commitment")),
        "milestones": list(milestones.select_related("commitment")),
        "programmes": list(Programme.objects.published().filter(document=document)),
        "petitions": list(Petition.objects.published().filter(Q(document=document) | answers)),
    }
