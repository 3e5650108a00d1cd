"""The page on which a second person reads a draft beside what stands now, and publishes, returns or discards it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.formats import date_format

from tracker.admin.desk import KINDS, describe
from tracker.admin.extent import describe_extent
from tracker.admin.reach import find_commitment, is_within_reach
from tracker.models import (
    Check,
    Funding,
    Milestone,
    MilestoneUpdate,
    Redaction,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    Withdrawal,
)
from tracker.publishing import (
    AlreadyPublished,
    ChangedMeanwhile,
    LogIsBroken,
    PublicationRefused,
    StillNeeded,
    as_if_published,
    discard,
    find_all_refusals,
    find_grounds,
    find_warnings,
    has_written,
    publish,
    read_version,
    send_back,
)
from tracker.statuses import MINIMUM_REASON_LENGTH, Basis, Strength

GONE = "Somebody else has published or discarded this meanwhile. Nothing is left to decide."
TAKEN_BACK = "Its author has taken it back to work on it. It returns to your queue when it is submitted again."

NO_PREVIEW = "There is no such page to show: these words cannot be published. The rules below say why."

Facts = list[tuple[str, Any]]


def review(request: HttpRequest, site: Any, kind: str, pk: int) -> HttpResponse:
    """Show a draft beside what stands now; take the decision of who may decide."""
    model = KINDS[_known(request, kind)]
    record = model.objects.drafts().filter(pk=pk).first()
    if record is None and (request.method == "POST" or model.history.filter(id=pk).exists()):
        return _say_gone(request)
    if record is None:
        raise Http404
    if request.method == "POST":
        return _decide(request, record)
    documents = record.find_cited_documents()
    context = site.each_context(request) | {
        "title": f"Review: {_name(record)}",
        "record": record,
        "version": read_version(record),
        "commitment": find_commitment(record),
        "is_own": has_written(record, request.user),
        "may_publish": may_decide(request, record),
        "refusals": find_all_refusals(record, request.user),
        "warnings": find_warnings(record),
        "before": describe_present(record),
        "after": describe_draft(record),
        "extent": describe_extent(record),
        "evidence": record.evidence.select_related("document") if isinstance(record, StatusUpdate) else [],
        "documents": [] if isinstance(record, StatusUpdate) else documents,
        "preview_url": None if isinstance(record, Redaction) else reverse("admin:preview", args=[kind, record.pk]),
        "change_url": reverse(f"admin:tracker_{kind}_change", args=[record.pk]),
    }
    response = TemplateResponse(request, "admin/tracker/review.html", context)
    add_never_cache_headers(response)
    return response


def _name(record: Any) -> str:
    """Return a draft's name as the page says all else: with dates and fields in words."""
    if isinstance(record, StatusUpdate):
        since = date_format(record.as_of, "j F Y")
        return f"{record.commitment.reference}: {record.get_status_display()}, true since {since}"
    return str(record)


def _say_gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, GONE)
    return HttpResponseRedirect(reverse("admin:index"))


def _known(request: HttpRequest, kind: str) -> str:
    """Return a kind whose rows this person may see. Raises Http404 and PermissionDenied."""
    if kind not in KINDS:
        raise Http404
    if not request.user.has_perm(f"tracker.view_{kind}"):
        raise PermissionDenied
    return kind


def find_draft(request: HttpRequest, kind: str, pk: int) -> Any:
    """Return a draft that this person may see. Raises Http404 and PermissionDenied."""
    return get_object_or_404(KINDS[_known(request, kind)].objects.drafts(), pk=pk)


def may_decide(request: HttpRequest, record: Any) -> bool:
    user: Any = request.user
    return bool(user.has_perm("tracker.publish_record")) and is_within_reach(user, record)


def describe_present(record: Any) -> Facts:
    """Return what stands now in the place of a draft, as names and values; nothing if nothing does."""
    if isinstance(record, Revision):
        return [(name, before) for name, before, _ in record.list_changes()]
    if isinstance(record, StatusUpdate):
        commitment = record.commitment
        is_claim = record.basis == Basis.CLAIM
        return _describe_update(commitment.current_claim if is_claim else commitment.current_update)
    if isinstance(record, MilestoneUpdate):
        step = record.milestone
        return [("milestone", step.title), ("due", step.present_due_on or step.due_on), ("met on", step.met_on)]
    if isinstance(record, Check):
        return [("last checked on", record.commitment.checked_on)]
    if isinstance(record, Withdrawal):
        return [("commitment", record.commitment), ("what the public reads", record.commitment.summary)]
    names = {Response: "responses", Funding: "funding", Milestone: "milestones", Relation: "relations"}
    if type(record) in names:
        rows = getattr(record.commitment, names[type(record)]).published()
        return [(f"{number}.", row) for number, row in enumerate(rows, start=1)]
    return []


def _describe_update(update: StatusUpdate | None) -> Facts:
    if update is None:
        return []
    strength = update.strength or find_grounds(update)["strength"]
    return [
        ("status", update.get_status_display()),
        ("true since", update.as_of),
        ("reason", update.reason),
        ("reason in Welsh", update.reason_cy),
        ("who says so", update.get_basis_display()),
        ("evidence", Strength(strength).label if strength else "None"),
    ]


def describe_draft(record: Any) -> Facts:
    """Return what would stand, as names and values."""
    if isinstance(record, Revision):
        after = [(name, after) for name, _, after in record.list_changes()]
        return [*after, ("reason for the change", record.reason)]
    if isinstance(record, StatusUpdate):
        facts = _describe_update(record)
        return [*facts, ("corrects", record.corrects)] if record.corrects else facts
    fields = [field for field in record._meta.get_fields() if getattr(field, "editable", False) and field.concrete]
    hidden = {"id", "commitment", "documents"} - ({"commitment"} if isinstance(record, Relation) else set())
    return [(field.verbose_name, _read(record, field)) for field in fields if field.name not in hidden]


def _read(record: Any, field: Any) -> Any:
    if field.many_to_many:
        return list(getattr(record, field.name).all())
    if field.choices:
        return getattr(record, f"get_{field.name}_display")()
    return getattr(record, field.name)


def _find_page(record: Any) -> str:
    """Return the address of the public page on which a draft would be read."""
    subject: Any = find_commitment(record) or (record.target if isinstance(record, Revision) else record)
    return str(subject.get_absolute_url())


def preview(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show a public page as it would be with a draft in it, to staff alone."""
    record = find_draft(request, kind, pk)
    if isinstance(record, Redaction):
        raise Http404("Words are removed from many pages; the review lists each of them.")
    # The page is drawn as if it had been asked for under its own address.
    address = _find_page(record)
    request.resolver_match = page = resolve(address)
    request.path = request.path_info = address
    request.GET = QueryDict()
    try:
        with as_if_published(record):
            response: HttpResponse = page.func(request, *page.args, **page.kwargs)
    except ObjectDoesNotExist:
        raise Http404 from None
    except (ValidationError, IntegrityError):
        messages.warning(request, NO_PREVIEW)
        return HttpResponseRedirect(reverse("admin:review", args=[kind, pk]))
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _decide(request: HttpRequest, record: Any) -> HttpResponse:
    if not may_decide(request, record):
        raise PermissionDenied
    here = HttpResponseRedirect(request.get_full_path())
    decisions = {"_publish": _publish, "_send_back": _send_back, "_discard": _discard}
    decision = next((decide for name, decide in decisions.items() if name in request.POST), None)
    if decision is None:
        return here
    name = describe(record)
    try:
        done = decision(request, record)
    except PublicationRefused as error:
        for refusal in error.refusals:
            messages.error(request, refusal.sentence)
    except (ChangedMeanwhile, LogIsBroken, StillNeeded) as error:
        messages.error(request, str(error))
    except (AlreadyPublished, ObjectDoesNotExist):
        return _say_gone(request)
    else:
        if done:
            note_decision(request.user, record, done)
            messages.success(request, f"{done}. {name}")
            return HttpResponseRedirect(reverse("admin:index"))
    return here


def _read_version(request: HttpRequest) -> int:
    """Return the version that the page showed; a decision without one is about nothing that was read."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _publish(request: HttpRequest, record: Any) -> str:
    if record.submitted_at is None:
        messages.error(request, TAKEN_BACK)
        return ""
    user: Any = request.user
    publish(record, by=user, version=_read_version(request))
    return "Published"


def _send_back(request: HttpRequest, record: Any) -> str:
    note = request.POST.get("note", "").replace("\0", "").strip()
    if record.submitted_at is None:
        messages.error(request, TAKEN_BACK)
    elif len(note) < MINIMUM_REASON_LENGTH:
        messages.error(request, f"Say in at least {MINIMUM_REASON_LENGTH} characters what the author should do.")
    else:
        send_back(record, note=note, version=_read_version(request))
        return "Sent back"
    return ""


def _discard(request: HttpRequest, record: Any) -> str:
    discard(record, version=_read_version(request))
    return "Discarded"


def note_decision(user: Any, record: Any, done: str) -> None:
    """Write a decision into what staff can read of one another's work."""
    StaffLogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(type(record)),
        object_id=str(record.pk),
        object_repr=str(record)[:200],
        action_flag=DELETION if done == "Discarded" else CHANGE,
        change_message=f"{done}.",
    )
