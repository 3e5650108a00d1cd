"""Petitions to Parliament: what was asked and answered, and what became of the commitments in the answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tracker.charts import build_chart
from tracker.models import Commitment, Petition

ROWS_SHOWN = 100


def petition_list(request: HttpRequest) -> HttpResponse:
    counts = Commitment.objects.published().count_by_group_and_status("petitions", key="number")
    petitions = Petition.objects.published().select_related("response_department")
    tiles = [{"petition": petition, "chart": build_chart(counts.get(petition.number, {}))} for petition in petitions]
    return render(request, "tracker/petition_list.html", {"tiles": tiles})


def petition_detail(request: HttpRequest, number: int) -> HttpResponse:
    documents = ("document", "response_document", "response_department", "debate_document")
    petition = get_object_or_404(Petition.objects.published().select_related(*documents), number=number)
    commitments = Commitment.objects.published().filter(petitions=petition)
    context = {
        "petition": petition,
        "chart": build_chart(commitments.count_by_status()),
        "commitments": commitments.for_listing().in_order()[:ROWS_SHOWN],
    }
    return render(request, "tracker/petition_detail.html", context)
