"""Records at the desk: status updates with their evidence, answers, milestones, money and checks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from tracker.admin.base import DraftAdmin, PartInline
from tracker.admin.filters import StateFilter
from tracker.admin.reach import is_choosing_for_record, is_within_reach, keep_within_reach
from tracker.admin.reviewing import note_decision
from tracker.forms import DocumentsFormSet, EvidenceForm, EvidenceFormSet, StatusUpdateForm
from tracker.models import (
    Check,
    Evidence,
    Funding,
    Milestone,
    MilestoneDocument,
    MilestoneUpdate,
    MilestoneUpdateDocument,
    Response,
    StatusUpdate,
    Withdrawal,
)
from tracker.publishing import (
    AlreadyPublished,
    ChangedMeanwhile,
    LogIsBroken,
    PublicationRefused,
    find_warnings,
    publish,
)

COMMITMENT_SEARCH = ("commitment__reference", "commitment__title")


class RecordAdmin(DraftAdmin):
    """Records about a commitment, which limits who may write them."""

    autocomplete_fields: tuple[str, ...] = ("commitment",)
    list_select_related: tuple[str, ...] = ("commitment", "author")
    list_filter = (StateFilter, "commitment__department")
    search_fields: tuple[str, ...] = COMMITMENT_SEARCH
    date_hierarchy = "created_at"
    actions = ("publish_those_without_warnings",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        return {"checked_on": today} | super().get_changeform_initial_data(request)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tracker.publish_record")

    @admin.action(description="Publish those that break no rule and no warning", permissions=["publish"])
    def publish_those_without_warnings(self, request: HttpRequest, queryset: QuerySet) -> None:
        for record in queryset.order_by("submitted_at", "pk"):
            outcome, level = self._publish_one(request, record)
            self.message_user(request, f"{record}: {outcome}", level)

    def _publish_one(self, request: HttpRequest, record: Any) -> tuple[str, int]:
        user: Any = request.user
        if record.review_state != "awaiting review":
            return "left alone, because it does not await review.", messages.WARNING
        if not is_within_reach(user, record):
            return "left alone, because it belongs to another department.", messages.WARNING
        if warnings := find_warnings(record):
            return f"left alone. {' '.join(warnings)}", messages.WARNING
        try:
            publish(record, by=user, version=record.version)
        except PublicationRefused as error:
            return f"refused. {' '.join(refusal.sentence for refusal in error.refusals)}", messages.ERROR
        except LogIsBroken as error:
            return f"refused. {error}", messages.ERROR
        except (AlreadyPublished, ChangedMeanwhile, ObjectDoesNotExist):
            return "left alone, because somebody else has just worked on it.", messages.WARNING
        note_decision(user, record, "Published")
        return "published.", messages.SUCCESS


class EvidenceInline(admin.StackedInline, PartInline):
    model = Evidence
    form = EvidenceForm
    formset = EvidenceFormSet
    autocomplete_fields = ("document",)
    fieldsets = (
        (None, {"fields": ("document", "address", "note", "records_completion", "already_in_place")}),
        (
            "If the register does not know the page yet",
            {
                "fields": ("title", "publisher", "published_on", "kind", "origin", "strength"),
                "classes": ("collapse",),
            },
        ),
    )
    verbose_name = "piece of evidence"
    verbose_name_plural = "evidence"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "document":
            field.widget.can_add_related = False  # the row itself takes a new one
        elif db_field.name == "note":
            field.widget.attrs["rows"] = 3
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and obj.is_published:
            return ((None, {"fields": ("document", "note", "records_completion", "already_in_place")}),)
        return super().get_fieldsets(request, obj)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(RecordAdmin):
    form = StatusUpdateForm
    inlines = (EvidenceInline,)
    fields = ("commitment", "basis", "status", "as_of", "reason", "reason_cy", "corrects")
    list_display = ("commitment", "status", "as_of", "basis", "strength", "stands", "author")
    list_filter = ("status", "basis", "strength", *RecordAdmin.list_filter)
    search_fields = (*COMMITMENT_SEARCH, "reason")

    def find_buttons(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        buttons = super().find_buttons(request, obj)
        if obj is None or not obj.is_published or not self.has_add_permission(request):
            return buttons
        known = {"commitment": obj.commitment_id, "corrects": obj.pk, "basis": obj.basis, "status": obj.status}
        query = urlencode(known | {"as_of": obj.as_of.isoformat()})
        return buttons | {"correction_url": f"{reverse('admin:tracker_statusupdate_add')}?{query}"}


@admin.register(Response)
class ResponseAdmin(RecordAdmin):
    fields = ("commitment", "answer", "on", "by", "note", "document")
    autocomplete_fields = ("commitment", "document")
    list_display = ("commitment", "answer", "on", "by", "stands", "author")


@admin.register(Funding)
class FundingAdmin(RecordAdmin):
    fields = ("commitment", "stage", "amount_gbp", "on", "note", "document")
    autocomplete_fields = ("commitment", "document")
    list_display = ("commitment", "stage", "amount_gbp", "on", "stands", "author")


@admin.register(Check)
class CheckAdmin(RecordAdmin):
    fields = ("commitment", "checked_on", "note")
    list_display = ("commitment", "checked_on", "stands", "author")


@admin.register(Withdrawal)
class WithdrawalAdmin(RecordAdmin):
    fields = ("commitment", "reason")
    list_display = ("commitment", "stands", "author")


class MilestoneDocumentInline(PartInline):
    model = MilestoneDocument
    autocomplete_fields = ("document",)
    verbose_name = "document that sets it"
    verbose_name_plural = "documents that set it"


@admin.register(Milestone)
class MilestoneAdmin(RecordAdmin):
    fields = ("commitment", "title", "due_on", "due_text", "set_on", "note")
    inlines = (MilestoneDocumentInline,)
    list_display = ("commitment", "title", "due_on", "present_due_on", "met_on", "stands", "author")
    search_fields = (*COMMITMENT_SEARCH, "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*self.list_select_related)  # for pickers too

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        rows, may_repeat = super().get_search_results(request, queryset, term)
        if is_choosing_for_record(request):
            rows = keep_within_reach(rows.published(), request.user)
        return rows, may_repeat


class MilestoneUpdateDocumentInline(PartInline):
    model = MilestoneUpdateDocument
    formset = DocumentsFormSet
    autocomplete_fields = ("document",)
    verbose_name = "document that shows it"
    verbose_name_plural = "documents that show it"


@admin.register(MilestoneUpdate)
class MilestoneUpdateAdmin(RecordAdmin):
    fields = ("milestone", "as_of", "met_on", "due_on", "reason")
    inlines = (MilestoneUpdateDocumentInline,)
    autocomplete_fields = ("milestone",)
    list_select_related = ("milestone__commitment", "author")
    list_filter = (StateFilter, "milestone__commitment__department")
    list_display = ("milestone", "as_of", "met_on", "due_on", "stands", "author")
    search_fields = ("milestone__title", "milestone__commitment__reference", "milestone__commitment__title")
