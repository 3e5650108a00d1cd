"""The page that sets two to four departments, programmes or topics side by side."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tracker.answers import compare, read_as_at
from tracker.filters import ComparisonFilter, shorten
from tracker.models import Commitment, Department, Programme, Topic
from tracker.templatetags.register import day as describe_day
from tracker.views.errors import list_errors
from tracker.views.moments import at_moment, offer_days_of

MODELS: dict[str, Any] = {"department": Department, "programme": Programme, "topic": Topic}


@at_moment
def comparison(request: Any) -> HttpResponse:
    filterset = ComparisonFilter(shorten(request.GET), queryset=Commitment.objects.none())
    errors = list_errors(filterset)
    kind, slugs = filterset.chosen
    groups = [] if errors else find_groups(kind, slugs, request.moment)
    if groups:
        offer_days_of(request, max(groups, key=lambda group: group.exists_since or dt.date.min))
    if len(groups) < len(slugs) and not errors:
        refusal = _("Not everything you chose existed on %(day)s. Choose another day.")
        errors = [{"message": refusal % {"day": describe_day(request.moment.day)}}]
    context = {
        "errors": errors,
        "groups": filterset.build_groups(),
        "kind": kind,
        "chosen": slugs,
        "comparison": compare(kind, groups, request.moment) if len(groups) > 1 and not errors else None,
    }
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return render(request, "tracker/comparison.html", context, status=status)


def find_groups(kind: str, slugs: list[str], moment: Any) -> list[Any]:
    """Return the groups with these slugs that existed at a moment, in the order in which they were chosen."""
    if not slugs:
        return []
    found = read_as_at(MODELS[kind].objects.published().filter(slug__in=slugs), moment)
    return sorted(found, key=lambda group: slugs.index(group.slug))
