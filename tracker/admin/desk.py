"""The first page of the desk, its queues, and the page on which a second person decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control

from tracker.admin.filters import QUEUES, find_queue
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
    Relation,
    Response,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)
from tracker.publishing import (
    AlreadyPublished,
    PublicationRefused,
    as_if_published,
    discard,
    find_refusals,
    find_warnings,
    publish,
    send_back,
)
from tracker.statuses import MINIMUM_REASON_LENGTH

REVIEWED: tuple[Any, ...] = (
    *(StatusUpdate, Response, Milestone, MilestoneUpdate, Funding, Check, Revision, Withdrawal, Commitment),
    *(Relation, Document, Department, Programme, Topic, Petition, SupportService),
)
KINDS = {model._meta.model_name: model for model in REVIEWED}
SHOWN = 5  # rows of each queue on the first page

DRAFT_QUEUES = {
    "review": "Awaiting my review",
    "returned": "Sent back to me",
    "drafts": "My drafts",
}


def find_drafts(code: str, user: Any) -> list[Any]:
    """Return what waits in one of a person's own queues, oldest first for reviews. Raises KeyError."""
    questions = {
        "review": lambda rows: rows.awaiting_review().exclude(author=user) if _may_publish(user) else rows.none(),
        "returned": lambda rows: rows.sent_back().filter(author=user),
        "drafts": lambda rows: rows.unfinished().filter(author=user),
    }
    found = [row for model in REVIEWED for row in questions[code](model.objects.select_related("author"))]
    return [row for row in found if code != "review" or is_within_reach(user, row)]


def _may_publish(user: Any) -> bool:
    return bool(user.has_perm("tracker.publish_record"))


def find_commitment(record: Any) -> Commitment | None:
    """Return the commitment that a draft is about, if it is about one."""
    if isinstance(record, Commitment):
        return record
    target = record.target if isinstance(record, Revision) else record
    return target if isinstance(target, Commitment) else getattr(target, "commitment", None)


def is_within_reach(user: Any, record: Any) -> bool:
    commitment = find_commitment(record)
    return commitment is None or user.covers(commitment.department_id)


def build_desk(user: Any) -> list[dict[str, Any]]:
    """Return the queues of a person's first page: title, address, count and the first few rows of each."""
    queues = []
    for code, title in DRAFT_QUEUES.items():
        rows = find_drafts(code, user)
        links = [(describe(row), link_to(row, code)) for row in rows[:SHOWN]]
        queues.append({"title": title, "url": reverse("admin:queue", args=[code]), "count": len(rows), "rows": links})
    limits = [department.pk for department in user.departments.all()]
    commitments = Commitment.objects.published().select_related("current_update")
    if limits:
        commitments = commitments.filter(department__in=limits)
    for code, title in QUEUES.items():
        found = find_queue(code, commitments, timezone.localdate())
        links = [(str(each), reverse("admin:tracker_commitment_change", args=[each.pk])) for each in found[:SHOWN]]
        url = f"{reverse('admin:tracker_commitment_changelist')}?desk={code}"
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
    rows = [(describe(row), link_to(row, code), row.author) for row in find_drafts(code, request.user)]
    context = site.each_context(request) | {"title": DRAFT_QUEUES[code], "rows": rows}
    return TemplateResponse(request, "admin/tracker/queue.html", context)


def review(request: HttpRequest, site: Any, kind: str, pk: int) -> HttpResponse:
    """Show a draft beside what stands now, and publish it, send it back or discard it."""
    record = find_draft(request, kind, pk)
    if request.method == "POST":
        return _decide(request, record)
    context = site.each_context(request) | {
        "title": f"Review: {record}",
        "record": record,
        "commitment": find_commitment(record),
        "is_own": record.author_id == request.user.pk,
        "may_publish": may_decide(request, record),
        "refusals": find_refusals(record),
        "warnings": find_warnings(record),
        "facts": record.facts(),
        "evidence": record.evidence.select_related("document") if isinstance(record, StatusUpdate) else [],
        "documents": [] if isinstance(record, StatusUpdate) else record.find_cited_documents(),
        "preview_url": _find_preview_url(record),
        "change_url": reverse(f"admin:tracker_{kind}_change", args=[record.pk]),
    }
    response = TemplateResponse(request, "admin/tracker/review.html", context)
    add_never_cache_headers(response)
    return response


def find_draft(request: HttpRequest, kind: str, pk: int) -> Any:
    """Return a draft that this person may see. Raises Http404 and PermissionDenied."""
    if kind not in KINDS:
        raise Http404
    if not request.user.has_perm(f"tracker.view_{kind}"):
        raise PermissionDenied
    return get_object_or_404(KINDS[kind].objects.drafts(), pk=pk)


def may_decide(request: HttpRequest, record: Any) -> bool:
    return _may_publish(request.user) and is_within_reach(request.user, record)


def _find_preview_url(record: Any) -> str:
    commitment = find_commitment(record)
    is_shown = commitment is not None and not isinstance(record, Revision | Withdrawal)
    return reverse("admin:preview", args=[record._meta.model_name, record.pk]) if is_shown else ""


def preview(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show the public page of a commitment as it would be with a draft in it, to staff alone."""
    record = find_draft(request, kind, pk)
    commitment = find_commitment(record)
    if commitment is None:
        raise Http404
    with as_if_published(record):
        page = resolve(commitment.get_absolute_url())
        response: HttpResponse = page.func(request, *page.args, **page.kwargs)
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _decide(request: HttpRequest, record: Any) -> HttpResponse:
    if not may_decide(request, record):
        raise PermissionDenied
    here = HttpResponseRedirect(request.get_full_path())
    user: Any = request.user
    name = describe(record)
    try:
        if "_publish" in request.POST:
            if record.submitted_at is None:
                raise PermissionDenied
            publish(record, by=user)
            done = f"Published. {name}"
        elif "_send_back" in request.POST:
            note = request.POST.get("note", "").replace("\0", "").strip()
            if len(note) < MINIMUM_REASON_LENGTH:
                messages.error(
                    request, f"Say in at least {MINIMUM_REASON_LENGTH} characters what the author should do."
                )
                return here
            send_back(record, note=note)
            done = f"Sent back. {name}"
        elif "_discard" in request.POST:
            discard(record)
            done = f"Discarded. {name}"
        else:
            return here
    except PublicationRefused as error:
        for refusal in error.refusals:
            messages.error(request, refusal.sentence)
        return here
    except AlreadyPublished as error:
        messages.warning(request, str(error))
    else:
        _note_decision(user, record, done)
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:index"))


def _note_decision(user: Any, record: Any, done: str) -> None:
    StaffLogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(type(record)),
        object_id=str(record.pk or ""),
        object_repr=str(record)[:200],
        action_flag=CHANGE,
        change_message=done,
    )
