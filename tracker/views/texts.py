"""The pages of text: how we judge, about, help and support, accessibility, privacy and corrections."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.models import Commitment, Document, StatusUpdate, SupportService
from tracker.statuses import (
    NOT_RECORDED,
    NOT_RECORDED_DEFINITION,
    NOT_RECORDED_LABEL,
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_DEFINITION,
    NOT_YET_CHECKED_LABEL,
    RULES,
    RULES_SCOPE,
    Answer,
    Basis,
    Origin,
    Status,
    Strength,
    Timeliness,
)

Word = tuple[str, str, str]


def how_we_judge(request: HttpRequest) -> HttpResponse:
    not_yet_checked = (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, NOT_YET_CHECKED_DEFINITION)
    not_recorded = (NOT_RECORDED, NOT_RECORDED_LABEL, NOT_RECORDED_DEFINITION)
    context: dict[str, Any] = {
        "statuses": [*list_words(Status), not_yet_checked],
        "rules": RULES,
        "rules_scope": RULES_SCOPE,
        "bases": list_words(Basis),
        "strengths": list_words(Strength),
        "origins": list_words(Origin),
        "answers": [*list_words(Answer), not_recorded],
        "timeliness": list_words(Timeliness),
    }
    return render(request, "tracker/how_we_judge.html", context)


def list_words(choices: Any) -> list[Word]:
    """Return code, label and definition of each word of a closed list."""
    return [(word.value, word.label, word.definition) for word in choices]


def about(request: HttpRequest) -> HttpResponse:
    updates = StatusUpdate.objects.published().filter(commitment__published_at__isnull=False)
    context = {
        "commitment_count": Commitment.objects.published().count(),
        "update_count": updates.count(),
        "document_count": Document.objects.published().count(),
        "newest_update_on": updates.aggregate(newest=Max("as_of"))["newest"],
    }
    return render(request, "tracker/about.html", context)


def help_and_support(request: HttpRequest) -> HttpResponse:
    services = list(SupportService.objects.published())
    context = {
        "emergency": [service for service in services if service.is_emergency],
        "services": [service for service in services if not service.is_emergency],
    }
    return render(request, "tracker/help.html", context)


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/privacy.html")


def corrections(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/corrections.html")
