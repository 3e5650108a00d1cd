"""The pages of text: how we judge, about, help and support, accessibility, privacy, weaknesses and corrections."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from tracker.accessibility import CHECKS, KINDS, PREPARED_ON, TESTED_ON, WIDTHS
from tracker.models import Commitment, Document, Redaction, StatusUpdate, SupportService
from tracker.querysets import is_public
from tracker.statuses import (
    EVIDENCE_GRACE,
    MINIMUM_REASON_LENGTH,
    NOT_RECORDED,
    NOT_RECORDED_DEFINITION,
    NOT_RECORDED_LABEL,
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_DEFINITION,
    NOT_YET_CHECKED_LABEL,
    Answer,
    Basis,
    Origin,
    Status,
    Strength,
    Timeliness,
)

Word = tuple[str, str, str]


def list_rules() -> list[tuple[int, str]]:
    """Return the rules as the public reads them. Refusals carry the same numbers."""
    sentences = (
        _(
            "A status is published only with a reason of at least %(length)s characters and at least one document. "
            "A note says what each document shows."
        ),
        _(
            "“%(delivered)s” and “%(differently)s” need a strong document, or a moderate one that is the promised "
            "thing itself or records the completed act. A milestone that is still open must be named in the reason."
        ),
        _("A status that rests on weak documents alone is published with the label “weak evidence only”."),
        _(
            "A document dated more than %(days)s days before the commitment was made cannot show progress on it. "
            "It can if what it describes was already in place, and a note explains that."
        ),
        _("A status is never dated before the commitment was made, and never in the future."),
        _(
            "“%(superseded)s” links the commitment that takes its place, or says in its reason which decision or "
            "policy did."
        ),
        _(
            "“%(refused)s” rests on a statement of the body itself: its own page or a copy of it. A rejection that we "
            "have recorded will do, and so will two independent reports of what it said."
        ),
        _("A judgement written by one person is approved and published by another."),
        _("A status may move backwards. The history says so where it does."),
        _("One command checks the whole register against these rules and names whatever breaks them."),
    )
    facts = {
        "length": MINIMUM_REASON_LENGTH,
        "days": EVIDENCE_GRACE.days,
        "delivered": Status.DELIVERED.label,
        "differently": Status.DELIVERED_DIFFERENTLY.label,
        "superseded": Status.SUPERSEDED.label,
        "refused": Status.WILL_NOT_BE_DONE.label,
    }
    return [(number, sentence % facts) for number, sentence in enumerate(sentences, 1)]


def how_we_judge(request: HttpRequest) -> HttpResponse:
    not_yet_checked = (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, NOT_YET_CHECKED_DEFINITION)
    not_recorded = (NOT_RECORDED, NOT_RECORDED_LABEL, NOT_RECORDED_DEFINITION)
    context: dict[str, Any] = {
        "statuses": [*list_words(Status), not_yet_checked],
        "rules": list_rules(),
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
    updates = StatusUpdate.objects.published().filter(is_public("commitment"))
    context = {
        "commitment_count": Commitment.objects.published().count(),
        "update_count": updates.count(),
        "document_count": Document.objects.published().count(),
        "newest_update_on": updates.aggregate(newest=Max("as_of"))["newest"],
    }
    return render(request, "tracker/about.html", context)


# This page tells of its reader more than any other, so it is not kept on her device. The others may be: to fetch each
# of them anew would make every step slower for everybody, and their addresses stay in the history all the same.
@cache_control(no_store=True)
def help_and_support(request: HttpRequest) -> HttpResponse:
    services = list(SupportService.objects.published())
    context = {
        "emergency": [service for service in services if service.is_emergency],
        "services": [service for service in services if not service.is_emergency],
        "removals": Redaction.objects.by_place("help/"),
    }
    return render(request, "tracker/help.html", context)


def accessibility(request: HttpRequest) -> HttpResponse:
    context = {
        "kinds": list(KINDS.values()),
        "widths": WIDTHS,
        "checks": CHECKS,
        "tested_on": TESTED_ON,
        "prepared_on": PREPARED_ON,
    }
    return render(request, "tracker/accessibility.html", context)


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/privacy.html")


def disclosure(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/disclosure.html", {"contact_email": settings.CONTACT_EMAIL})
