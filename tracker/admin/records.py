"""Records at the desk: status updates with their evidence, answers, milestones, money and checks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tracker.admin.base import DraftAdmin, PartInline
from tracker.forms import EvidenceForm, EvidenceFormSet, StatusUpdateForm
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
from tracker.publishing import AlreadyPublished, PublicationRefused, find_warnings, publish

COMMITMENT_SEARCH = ("commitment__reference", "commitment__title")


class RecordAdmin(DraftAdmin):
    """Records about a commitment, which limits who may write them."""

    autocomplete_fields: tuple[str, ...] = ("commitment",)
    list_select_related: tuple[str, ...] = ("commitment", "author")
    list_filter = ("commitment__department", "submitted_at", "published_at")
    search_fields: tuple[str, ...] = COMMITMENT_SEARCH
    date_hierarchy = "created_at"
    actions = ("publish_those_without_warnings",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        return {"as_of": today, "on": today, "checked_on": today} | super().get_changeform_initial_data(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer, and accept, only commitments that this person's departments lead."""
        user: Any = request.user
        limits = [department.pk for department in user.departments.all()]
        if db_field.name == "commitment" and limits:
            options["queryset"] = db_field.related_model.objects.filter(department__in=limits)
        return super().formfield_for_foreignkey(db_field, request, **options)

    @admin.display(description="Stands", ordering="submitted_at")
    def stands(self, obj: Any) -> str:
        return str(obj.state).capitalize()

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tracker.publish_record")

    @admin.action(description="Publish those that break no rule and no warning", permissions=["publish"])
    def publish_those_without_warnings(self, request: HttpRequest, queryset: QuerySet) -> None:
        for record in queryset:
            outcome, level = self._publish_one(request, record)
            self.message_user(request, f"{record}: {outcome}", level)

    def _publish_one(self, request: HttpRequest, record: Any) -> tuple[str, int]:
        user: Any = request.user
        if record.state != "awaiting review":
            return "left alone, because it does not await review.", messages.WARNING
        if not self.is_within_reach(request, record):
            return "left alone, because it belongs to another department.", messages.WARNING
        if warnings := find_warnings(record):
            return f"left alone. {' '.join(warnings)}", messages.WARNING
        try:
            publish(record, by=user)
        except PublicationRefused as error:
            return f"refused. {' '.join(refusal.sentence for refusal in error.refusals)}", messages.ERROR
        except AlreadyPublished as error:
            return str(error), messages.WARNING
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
                "fields": (("title", "publisher"), ("published_on", "kind"), ("origin", "strength")),
                "classes": ("collapse",),
            },
        ),
    )
    verbose_name = "piece of evidence"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and obj.is_published:
            return ((None, {"fields": ("document", "note", "records_completion", "already_in_place")}),)
        return super().get_fieldsets(request, obj)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(RecordAdmin):
    form = StatusUpdateForm
    inlines = (EvidenceInline,)
    fields = ("commitment", "basis", "status", "as_of", "reason", "corrects")
    list_display = ("commitment", "status", "as_of", "basis", "strength", "stands", "author")
    list_filter = ("status", "basis", "strength", *RecordAdmin.list_filter)
    search_fields = (*COMMITMENT_SEARCH, "reason")


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
    fields = ("commitment", "title", "due_on", "due_text", "note")
    inlines = (MilestoneDocumentInline,)
    list_display = ("commitment", "title", "due_on", "present_due_on", "met_on", "stands", "author")
    search_fields = (*COMMITMENT_SEARCH, "title")


class MilestoneUpdateDocumentInline(PartInline):
    model = MilestoneUpdateDocument
    autocomplete_fields = ("document",)
    verbose_name = "document that shows it"
    verbose_name_plural = "documents that show it"


@admin.register(MilestoneUpdate)
class MilestoneUpdateAdmin(RecordAdmin):
    fields = ("milestone", "as_of", "met_on", "due_on", "reason")
    inlines = (MilestoneUpdateDocumentInline,)
    autocomplete_fields = ("milestone",)
    list_select_related = ("milestone__commitment", "author")
    list_filter = ("milestone__commitment__department", "submitted_at", "published_at")
    list_display = ("milestone", "as_of", "met_on", "due_on", "stands", "author")
    search_fields = ("milestone__title", "milestone__commitment__reference", "milestone__commitment__title")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        user: Any = request.user
        limits = [department.pk for department in user.departments.all()]
        if db_field.name == "milestone" and limits:
            options["queryset"] = Milestone.objects.filter(commitment__department__in=limits)
        return super().formfield_for_foreignkey(db_field, request, **options)
