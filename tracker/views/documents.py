"""The page of one document: what it is, how much it can prove, and everything that rests on it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tracker.answers import list_evidence, list_uses
from tracker.models import (
    Document,
    Redaction,
    Revision,
)
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
