"""What commitments are counted under: departments, programmes and topics, a list and a page each."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tracker.charts import build_chart
from tracker.models import Commitment, Department, Petition, Programme, Topic
from tracker.querysets import CommitmentQuerySet

KINDS = {
    Department.Kind.MINISTERIAL_DEPARTMENT: "Ministerial departments",
    Department.Kind.NON_MINISTERIAL_DEPARTMENT: "Non-ministerial departments",
    Department.Kind.AGENCY_OR_PUBLIC_BODY: "Agencies and public bodies",
    Department.Kind.POLICE_BODY: "Police bodies",
    Department.Kind.INSPECTORATE: "Inspectorates",
    Department.Kind.REGULATOR: "Regulators",
    Department.Kind.DEVOLVED_GOVERNMENT: "Devolved governments",
    Department.Kind.CROSS_GOVERNMENT: "Across government",
}
ROWS_SHOWN = 100  # the rest is a link to the list, so that no page grows without end


def department_list(request: HttpRequest) -> HttpResponse:
    led = Commitment.objects.published().count_by_group_and_status("department")
    supported = count_supported()
    tiles = [
        build_tile(department, led, supported=supported.get(department.slug, 0))
        for department in Department.objects.published()
    ]
    kinds = list(KINDS)
    tiles.sort(key=lambda tile: (kinds.index(tile["group"].kind), -tile["chart"].total, tile["group"].name))
    groups = [
        {"label": KINDS[kind], "tiles": list(members)}
        for kind, members in groupby(tiles, key=lambda tile: tile["group"].kind)
    ]
    return render(request, "tracker/department_list.html", {"groups": groups})


def department_detail(request: HttpRequest, slug: str) -> HttpResponse:
    department = get_object_or_404(Department.objects.published(), slug=slug)
    commitments = Commitment.objects.published()
    supported = commitments.filter(supporting=department)
    context = {
        "department": department,
        "supported": supported.for_listing().in_order()[:ROWS_SHOWN],
        "supported_count": supported.count(),
        "petitions": Petition.objects.published().filter(response_department=department),
        **describe_standing(commitments.for_department([slug]), "department", slug),
    }
    return render(request, "tracker/department_detail.html", context)


def programme_list(request: HttpRequest) -> HttpResponse:
    counts = Commitment.objects.published().count_by_group_and_status("programme")
    tiles = [build_tile(programme, counts) for programme in Programme.objects.published()]
    return render(request, "tracker/programme_list.html", {"tiles": tiles})


def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.published().select_related("document"), slug=slug)
    commitments = Commitment.objects.published().filter(programme=programme)
    context = {"programme": programme, **describe_standing(commitments, "programme", slug)}
    return render(request, "tracker/programme_detail.html", context)


def topic_list(request: HttpRequest) -> HttpResponse:
    counts = Commitment.objects.published().count_by_group_and_status("topics")
    tiles = [build_tile(topic, counts) for topic in Topic.objects.published()]
    return render(request, "tracker/topic_list.html", {"tiles": tiles})


def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.published(), slug=slug)
    commitments = Commitment.objects.published().filter(topics=topic)
    return render(
        request,
        "tracker/topic_detail.html",
        {"topic": topic, **describe_standing(commitments, "topic", slug)},
    )


def count_supported() -> dict[str, int]:
    """Count the commitments that each body helps with, by its slug."""
    supported = Commitment.objects.published().filter(supporting__isnull=False).order_by()
    return dict(supported.values_list("supporting__slug").annotate(Count("pk")))


def build_tile(group: Any, counts: dict[str, dict[str, int]], *, supported: int = 0) -> dict[str, Any]:
    """Return what a tile shows: the group, how the commitments under its slug stand, and the same in a sentence."""
    chart = build_chart(counts.get(group.slug, {}))
    note = f"{chart.summary}." if chart.total or not supported else "Leads none."
    if supported:
        note += f" Supports {supported}{' more' if chart.total else ''}."
    return {"group": group, "chart": chart, "note": note}


def describe_standing(commitments: CommitmentQuerySet, filter_name: str, slug: str) -> dict[str, Any]:
    """Return how a set of commitments stands: its chart, the list that it counts, and the first commitments."""
    chart = build_chart(commitments.count_by_status())
    list_url = f"{reverse('tracker:commitment-list')}?{filter_name}={slug}"
    return {
        "chart": chart,
        "list_url": list_url,
        "commitments": commitments.for_listing().in_order()[:ROWS_SHOWN],
    }
