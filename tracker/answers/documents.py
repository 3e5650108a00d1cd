"""What rests on one document."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from tracker.models import Commitment, Document, Evidence, Funding, Milestone, Petition, Programme, Response
from tracker.querysets import is_public


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
