"""Where the register doubts: what a body claims and we found otherwise, and the gaps in the evidence."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.answers import Question, offer_files
from tracker.filters import MOMENT, add_query, build_filter_tags, build_group, shorten
from tracker.querysets import Gap
from tracker.views.moments import at_moment

ASKED = ("department", "supporting")  # what may be asked here of the questions of the list
DIFFERENCES_SHOWN = 100  # the rest is a link to the list, so that no page grows without end
GAP_SHOWN = 10


@at_moment
def difference_list(request: Any) -> HttpResponse:
    """List where the body's own claim and our assessment are not the same status."""
    question, errors = ask(request, claim_differs="on")
    context = describe_question(request, question, errors)
    if errors:
        return render(request, "tracker/difference_list.html", context, status=HTTPStatus.BAD_REQUEST)
    rows = question.rows
    count = rows.count()
    claim = rows.path("current_claim")
    context |= {
        "commitments": rows.select_related("department", "programme", rows.path("current_update"), claim)[
            :DIFFERENCES_SHOWN
        ],
        "count": count,
        "list_url": question.address,
        "files": offer_files(question, count),
    }
    return render(request, "tracker/difference_list.html", context)


@at_moment
def gap_list(request: Any) -> HttpResponse:
    """List what the register says and cannot prove well, gap by gap."""
    question, errors = ask(request)
    context = describe_question(request, question, errors)
    if errors:
        return render(request, "tracker/gap_list.html", context, status=HTTPStatus.BAD_REQUEST)
    rows, today = question.rows, question.moment.day
    counts = rows.count_gaps(today=today)
    context |= {
        "total": rows.count(),
        "gaps": [
            {
                "gap": gap,
                "count": counts[gap],
                "commitments": rows.in_gap([gap], today=today)[:GAP_SHOWN],
                "list_url": link_to_gap(question, gap),
            }
            for gap in Gap
        ],
    }
    return render(request, "tracker/gap_list.html", context)


def ask(request: Any, **fixed: str) -> tuple[Question, list[str]]:
    """Read a question about departments as the list would, and what is wrong with it; `fixed` is asked with it."""
    query = shorten(request.GET)
    unknown = [name for name in query if name not in (*ASKED, *MOMENT)]
    for name, value in fixed.items():
        query[name] = value
    question = Question(query, request.moment)
    refusal = _("“%(name)s” is not a filter of this page. Remove it from the address.")
    refused = [refusal % {"name": name[:40]} for name in unknown]
    return question, refused or question.errors


def describe_question(request: HttpRequest, question: Question, errors: list[str]) -> dict[str, Any]:
    """Return the departments to choose from, those that were chosen, and what is wrong with the question."""

    def link_without(name: str, value: str) -> str:
        query: QueryDict = request.GET.copy()
        query.setlist(name, [each for each in query.getlist(name) if each != value])
        return add_query(request.path, shorten(query))

    tags = [] if errors else build_filter_tags(question.filterset, link_without)
    return {
        "errors": [{"message": message} for message in errors],
        "department": build_group(question.filterset, "department"),
        "tags": [tag for tag in tags if tag["name"] == "department"],
    }


def link_to_gap(question: Question, gap: Gap) -> str:
    query = question.query.copy()
    query["gap"] = gap.value
    return add_query(reverse("tracker:commitment-list"), query)
