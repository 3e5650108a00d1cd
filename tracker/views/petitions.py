"""Petitions to Parliament: what was asked and answered, and what became of the commitments in the answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from tracker.answers import list_revisions, read_petitions
from tracker.charts import build_chart
from tracker.models import Commitment, Petition, Redaction
from tracker.views.moments import at_moment, offer_days_of, show_not_yet

ROWS_SHOWN = 100


@at_moment
def petition_list(request: Any) -> HttpResponse:
    commitments = Commitment.objects.as_at(request.moment)
    counts = commitments.count_by_group_and_status("petitions", key="number")
    petitions = read_petitions(Petition.objects.published().select_related("response_department"), request.moment)
    for petition in petitions:
        if "commitments" in petition.earlier_lists:
            counts[petition.number] = commitments.named_in(petition).count_by_status()
    tiles = [{"petition": petition, "chart": build_chart(counts.get(petition.number, {}))} for petition in petitions]
    return render(request, "tracker/petition_list.html", {"tiles": tiles})


@at_moment
def petition_detail(request: Any, number: int) -> HttpResponse:
    documents = ("document", "response_document", "response_department", "debate_document")
    petition = get_object_or_404(Petition.objects.published().select_related(*documents), number=number)
    if not read_petitions([petition], request.moment):
        return show_not_yet(request, petition)
    offer_days_of(request, petition)
    commitments = Commitment.objects.as_at(request.moment).named_in(petition)
    context = {
        "petition": petition,
        "revisions": list_revisions(petition, request.moment),
        "removals": Redaction.objects.by_place(petition.subject),
        "chart": build_chart(commitments.count_by_status()),
        "commitments": commitments.for_listing().in_order()[:ROWS_SHOWN],
    }
    return render(request, "tracker/petition_detail.html", context)
