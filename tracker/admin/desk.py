"""The first page of the desk and its queues: what waits for a person, and what the register needs."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from tracker.admin.filters import QUEUES, find_queue
from tracker.admin.reach import keep_within_reach
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Funding,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Redaction,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)

# Every kind of row that is drafted and reviewed, with what its name on the desk is made of.
REVIEWED: dict[Any, tuple[str, ...]] = {
    **dict.fromkeys((StatusUpdate, Response, Milestone, Funding, Check, Withdrawal), ("commitment",)),
    MilestoneUpdate: ("milestone__commitment",),
    Relation: ("commitment", "related"),
    **dict.fromkeys(
        (Revision, Commitment, Document, Department, Programme, Topic, Petition, SupportService, Redaction), ()
    ),
}
KINDS = {model._meta.model_name: model for model in REVIEWED}
SHOWN = 5  # rows of each queue on the first page
PER_PAGE = 50

DRAFT_QUEUES = {
    "review": "Awaiting my review",
    "returned": "Sent back to me",
    "drafts": "My drafts",
}

Key = tuple[str, int]


def find_drafts(code: str, user: Any) -> list[Key]:
    """Return the kind and key of what waits in one of a person's own queues, oldest first. Raises KeyError."""
    questions = {"review": _find_reviewable, "returned": _find_returned, "drafts": _find_begun}
    found = []
    for name, model in KINDS.items():
        rows = questions[code](model.objects.order_by(), user).order_by()
        at = Coalesce("submitted_at", "created_at")
        named = rows.annotate(desk_kind=Value(name, output_field=CharField()), desk_at=at)
        found.append(named.values_list("desk_kind", "pk", "desk_at"))
    united = found[0].union(*found[1:], all=True).order_by("desk_at", "desk_kind", "pk")
    return [(kind, pk) for kind, pk, _ in united]


def _find_reviewable(rows: Any, user: Any) -> Any:
    """Keep what somebody else wrote and submitted, if this person may publish it."""
    if not user.has_perm("tracker.publish_record"):
        return rows.none()
    saves = rows.model.history.filter(
        id=OuterRef("pk"), history_user=user, history_type__in=("+", "~"), history_change_reason__isnull=True
    )
    return keep_within_reach(rows.awaiting_review(), user).exclude(author=user).exclude(Exists(saves))


def _find_returned(rows: Any, user: Any) -> Any:
    return rows.sent_back().filter(author=user)


def _find_begun(rows: Any, user: Any) -> Any:
    """Keep the drafts of a person, without the documents that one of her other drafts brings along."""
    begun = rows.unfinished().filter(author=user)
    return begun.filter(evidence__isnull=True) if rows.model is Document else begun


def read_rows(keys: list[Key]) -> list[Any]:
    """Return the rows with these keys in the same order, with what their names need, in a query for each kind."""
    found = {}
    for kind in {kind for kind, _ in keys}:
        model = KINDS[kind]
        rows = model.objects.select_related("author", *REVIEWED[model])
        if model is Revision:
            rows = rows.prefetch_related("target")
        found |= {(kind, row.pk): row for row in rows.filter(pk__in=[pk for each, pk in keys if each == kind])}
    return [found[key] for key in keys if key in found]


def build_desk(user: Any) -> list[dict[str, Any]]:
    """Return the queues of a person's first page: title, address, count and the first few rows of each."""
    queues = []
    for code, title in DRAFT_QUEUES.items():
        keys = find_drafts(code, user)
        links = [(describe(row), link_to(row, code)) for row in read_rows(keys[:SHOWN])]
        queues.append({"title": title, "url": reverse("admin:queue", args=[code]), "count": len(keys), "rows": links})
    commitments = keep_within_reach(Commitment.objects.published(), user)
    limits = ",".join(str(pk) for pk in sorted(user.limits))
    for code, title in QUEUES.items():
        found = find_queue(code, commitments, timezone.localdate())
        links = [(str(each), reverse("admin:tracker_commitment_change", args=[each.pk])) for each in found[:SHOWN]]
        url = f"{reverse('admin:tracker_commitment_changelist')}?desk={code}"
        url += f"&department__id__in={limits}" if limits else ""
        queues.append({"title": title, "url": url, "count": found.count(), "rows": links})
    return queues


def describe(record: Any) -> str:
    return f"{record._meta.verbose_name.capitalize()}: {record}"


def link_to(record: Any, code: str) -> str:
    name = record._meta.model_name
    if code == "review":
        return reverse("admin:review", args=[name, record.pk])
    return reverse(f"admin:tracker_{name}_change", args=[record.pk])


def show_queue(request: HttpRequest, site: Any, code: str) -> HttpResponse:
    if code not in DRAFT_QUEUES:
        raise Http404
    page = Paginator(find_drafts(code, request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(describe(row), link_to(row, code), row) for row in read_rows(list(page.object_list))]
    context = site.each_context(request) | {"title": DRAFT_QUEUES[code], "rows": rows, "page": page}
    return TemplateResponse(request, "admin/tracker/queue.html", context)
