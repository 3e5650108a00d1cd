"""What commitments are counted under: departments, programmes and topics, a list and a page each."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.answers import list_revisions, read_as_at, read_petitions
from tracker.charts import AreaChart, build_area_chart, build_chart
from tracker.filters import Counting
from tracker.models import Commitment, Department, Petition, Programme, Redaction, Standing, Topic
from tracker.moments import Moment
from tracker.querysets import CommitmentQuerySet
from tracker.views.moments import at_moment, offer_days_of, show_not_yet

KINDS = {
    Department.Kind.MINISTERIAL_DEPARTMENT: _("Ministerial departments"),
    Department.Kind.NON_MINISTERIAL_DEPARTMENT: _("Non-ministerial departments"),
    Department.Kind.AGENCY_OR_PUBLIC_BODY: _("Agencies and public bodies"),
    Department.Kind.POLICE_BODY: _("Police bodies"),
    Department.Kind.INSPECTORATE: _("Inspectorates"),
    Department.Kind.REGULATOR: _("Regulators"),
    Department.Kind.DEVOLVED_GOVERNMENT: _("Devolved governments"),
    Department.Kind.CROSS_GOVERNMENT: _("Across government"),
}
ROWS_SHOWN = 100  # the rest is a link to the list, so that no page grows without end


@at_moment
def department_list(request: Any) -> HttpResponse:
    counting = count(request)
    led, supported = counting.count_statuses("department"), counting.count_statuses("supporting")
    tiles = [
        build_tile(department, led, supported=sum(supported.get(department.slug, {}).values()))
        for department in read_as_at(Department.objects.published(), request.moment)
    ]
    kinds = list(KINDS)
    tiles.sort(key=lambda tile: (kinds.index(tile["group"].kind), -tile["chart"].total, tile["group"].name))
    groups = [
        {"label": KINDS[kind], "tiles": list(members)}
        for kind, members in groupby(tiles, key=lambda tile: tile["group"].kind)
    ]
    return render(request, "tracker/department_list.html", {"groups": groups})


@at_moment
def department_detail(request: Any, slug: str) -> HttpResponse:
    department = get_object_or_404(Department.objects.published(), slug=slug)
    if not read_as_at([department], request.moment):
        return show_not_yet(request, department)
    commitments = Commitment.objects.as_at(request.moment)
    led = commitments.for_department([slug])
    supported = commitments.supported_by(slug)
    answered = read_petitions(Petition.objects.published().filter(response_department=department), request.moment)
    context = {
        "department": department,
        "removals": Redaction.objects.by_place(department.subject),
        "supported": supported.for_listing().in_order()[:ROWS_SHOWN],
        "supported_count": supported.count(),
        "petitions": [petition for petition in answered if petition.response_department_id],
        "over_time": describe_history(led, request.moment),
        "overdue_count": led.overdue(today=request.moment.day).count(),
        "revisions": list_revisions(department, request.moment),
        **describe_standing(led, "department", slug),
    }
    return render(request, "tracker/department_detail.html", context)


@at_moment
def programme_list(request: Any) -> HttpResponse:
    counts = count(request).count_statuses("programme")
    tiles = [build_tile(programme, counts) for programme in read_as_at(Programme.objects.published(), request.moment)]
    return render(request, "tracker/programme_list.html", {"tiles": tiles})


@at_moment
def programme_detail(request: Any, slug: str) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.published().select_related("document"), slug=slug)
    if not read_as_at([programme], request.moment):
        return show_not_yet(request, programme)
    offer_days_of(request, programme)
    commitments = Commitment.objects.as_at(request.moment).filter(programme=programme)
    context = {
        "programme": programme,
        "over_time": describe_history(commitments, request.moment),
        "removals": Redaction.objects.by_place(programme.subject),
        "revisions": list_revisions(programme, request.moment),
        **describe_standing(commitments, "programme", slug),
    }
    return render(request, "tracker/programme_detail.html", context)


@at_moment
def topic_list(request: Any) -> HttpResponse:
    counts = count(request).count_statuses("topic")
    tiles = [build_tile(topic, counts) for topic in read_as_at(Topic.objects.published(), request.moment)]
    return render(request, "tracker/topic_list.html", {"tiles": tiles})


@at_moment
def topic_detail(request: Any, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.published(), slug=slug)
    if not read_as_at([topic], request.moment):
        return show_not_yet(request, topic)
    commitments = Commitment.objects.as_at(request.moment).for_topic([slug])
    context = {
        "topic": topic,
        "removals": Redaction.objects.by_place(topic.subject),
        "revisions": list_revisions(topic, request.moment),
        **describe_standing(commitments, "topic", slug),
        "commitments": commitments.for_listing().by_department()[:ROWS_SHOWN],
    }
    return render(request, "tracker/topic_detail.html", context)


def count(request: Any) -> Counting:
    return Counting(Commitment.objects.as_at(request.moment), request.version, request.moment.day)


def build_tile(group: Any, counts: dict[str, dict[str, int]], *, supported: int = 0) -> dict[str, Any]:
    """Return what a tile shows: the group, how the commitments under its slug stand, and the same in a sentence."""
    chart = build_chart(counts.get(group.slug, {}))
    note = f"{chart.summary}." if chart.total or not supported else gettext("Leads none.")
    if supported:
        more = gettext("Supports %(count)s more.") if chart.total else gettext("Supports %(count)s.")
        note += f" {more % {'count': supported}}"
    return {"group": group, "chart": chart, "note": note}


def describe_standing(commitments: CommitmentQuerySet, filter_name: str, slug: str) -> dict[str, Any]:
    """Return how a set of commitments stands: its chart, the list that it counts, and the first commitments."""
    chart = build_chart(commitments.count_by_status())
    list_url = f"{reverse('tracker:commitment-list')}?{filter_name}={slug}"
    return {
        "chart": chart,
        "list_url": list_url,
        "compare_url": f"{reverse('tracker:comparison')}?{filter_name}={slug}",
        "commitments": commitments.for_listing().in_order()[:ROWS_SHOWN],
    }


def describe_history(commitments: CommitmentQuerySet, moment: Moment) -> AreaChart | None:
    """Return how the statuses of a set moved from its first commitment up to the day of a moment."""
    standings = Standing.objects.as_known(moment).of(commitments)
    return build_area_chart(standings.list_steps(moment.day), moment.day)
