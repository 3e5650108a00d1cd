"""What records are about: commitments, documents, departments and the rest. Public words change by revision alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from tracker.admin.base import DraftAdmin
from tracker.admin.filters import DeskFilter, TimelinessFilter
from tracker.forms import RevisionForm
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Petition,
    Programme,
    Relation,
    Revision,
    SupportService,
    Topic,
)
from tracker.publishing import submit

# What can be recorded of a commitment, in the words of the links on its page.
RECORDABLE = {
    "statusupdate": "Record a status update",
    "response": "an answer",
    "milestone": "a new milestone",
    "funding": "money",
    "check": "checked today, nothing new",
    "withdrawal": "entered by mistake",
}


class NounAdmin(DraftAdmin):
    """A draft is edited freely; the words of a public row are revised, with a reason, and reviewed."""

    rewordable: tuple[str, ...] = ()

    def is_frozen(self, obj: Any) -> bool:
        return False

    def is_revision(self, obj: Any) -> bool:
        return obj is not None and obj.is_published

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        if self.is_revision(obj):
            options["form"] = RevisionForm
        return super().get_form(request, obj, change, **options)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self.is_revision(obj):
            return super().get_fields(request, obj)
        extra = ("reason_for_change",) if self.has_change_permission(request, obj) else ()
        return ("standing", *self.rewordable, *extra)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, RevisionForm):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if not isinstance(form, RevisionForm):
            super().save_related(request, form, formsets, change)
            return
        user: Any = request.user
        target = self.model._default_manager.get(pk=form.instance.pk)
        changes = find_changes(target, self.rewordable, form.cleaned_data)
        if not changes:
            self.message_user(request, "No word was changed, so there is nothing to review.", messages.WARNING)
            return
        revision = Revision(target=target, changes=changes, reason=form.cleaned_data["reason_for_change"], author=user)
        revision.save()
        submit(revision, by=user)
        self.message_user(request, "Your new words await review. Until then the old ones stand.", messages.SUCCESS)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if self.is_revision(obj):
            return self.response_post_save_change(request, obj)
        return super().response_change(request, obj)

    def find_buttons(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {} if self.is_revision(obj) else super().find_buttons(request, obj)


def find_changes(target: Any, names: tuple[str, ...], cleaned: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields whose words differ, each with the words before and after as `facts` writes them."""
    before = target.facts()
    after = {name: _write(cleaned[name]) for name in names}
    return {
        name: {"before": before.get(name), "after": after[name]}
        for name in names
        if (before.get(name) or "") != (after[name] or "")
    }


def _write(value: Any) -> Any:
    """Write a form's value as `facts` writes it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "slug"):
        return value.slug
    if isinstance(value, QuerySet):
        return sorted(row.slug for row in value)
    return value


@admin.register(Commitment)
class CommitmentAdmin(NounAdmin):
    fields = (
        *("reference", "title", "summary", "kind", "programme", "number", "source_document", "source_locator"),
        *("made_on", "made_on_precision", "made_by", "department", "supporting", "topics", "confidence", "editor_note"),
    )
    rewordable = (
        *("title", "summary", "kind", "made_on", "made_on_precision", "made_by", "department", "supporting"),
        *("topics", "confidence", "editor_note"),
    )
    list_display = ("reference", "title", "department", "present", "status_since", "next_due_on", "checked_on")
    list_display_links = ("reference", "title")
    list_filter = (DeskFilter, TimelinessFilter, "current_update__status", "programme", "department", "kind")
    list_select_related = ("department", "current_update")
    search_fields = ("reference", "title", "summary")
    ordering = ("reference",)
    date_hierarchy = "made_on"
    autocomplete_fields = ("source_document", "department", "supporting", "topics", "programme")
    readonly_fields = ("standing", "record_links")
    actions = ("record_check",)

    def find_commitment(self, obj: Any) -> Any:
        return obj

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return ("record_links", *fields) if self.is_revision(obj) else fields

    @admin.display(description="Status", ordering="current_update__status")
    def present(self, obj: Commitment) -> str:
        return obj.current_update.get_status_display() if obj.current_update else "Not yet checked"

    @admin.display(description="Record")
    def record_links(self, obj: Commitment) -> str:
        links = [
            (reverse(f"admin:tracker_{name}_add"), "commitment", obj.pk, label) for name, label in RECORDABLE.items()
        ]
        links += [
            (
                reverse("admin:tracker_milestoneupdate_add"),
                "milestone",
                milestone.pk,
                f"“{milestone.title}” met or moved",
            )
            for milestone in obj.milestones.published().filter(met_on__isnull=True)
        ]
        return format_html_join(" · ", '<a href="{}?{}={}">{}</a>', links)

    @admin.action(description="Checked today, nothing new", permissions=["change"])
    def record_check(self, request: HttpRequest, queryset: QuerySet) -> None:
        user: Any = request.user
        for commitment in queryset.published():
            if not self.is_within_reach(request, commitment):
                self.message_user(request, f"{commitment.reference}: left alone, not yours.", messages.WARNING)
                continue
            check = Check.objects.create(commitment=commitment, checked_on=timezone.localdate(), author=user)
            submit(check, by=user)
            self.message_user(request, f"{commitment.reference}: recorded, and awaits review.", messages.SUCCESS)


@admin.register(Document)
class DocumentAdmin(NounAdmin):
    fields = ("identifier", "url", "title", "publisher", "published_on", "kind", "origin", "strength", "note")
    rewordable = fields[1:]
    prepopulated_fields = {"identifier": ("title",)}
    list_display = ("title", "publisher", "published_on", "kind", "origin", "strength")
    list_filter = ("strength", "origin", "kind")
    search_fields = ("title", "url", "publisher")
    date_hierarchy = "published_on"

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if self.is_revision(obj) else super().get_prepopulated_fields(request, obj)


@admin.register(Department)
class DepartmentAdmin(NounAdmin):
    fields = ("slug", "name", "abbreviation", "kind", "url")
    rewordable = fields[1:]
    list_display = ("name", "abbreviation", "kind")
    list_filter = ("kind",)
    search_fields = ("name", "abbreviation")


@admin.register(Programme)
class ProgrammeAdmin(NounAdmin):
    fields = ("slug", "name", "description", "published_on", "document", "expected_commitments")
    rewordable = ("name", "description", "published_on")
    list_display = ("name", "published_on", "expected_commitments")
    search_fields = ("name",)
    autocomplete_fields = ("document",)


@admin.register(Topic)
class TopicAdmin(NounAdmin):
    fields = ("slug", "name", "description")
    rewordable = fields[1:]
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(Petition)
class PetitionAdmin(NounAdmin):
    fields = (
        *("number", "document", "title", "state", "parliament", "opened_on", "closed_on", "signatures"),
        *("signatures_as_of", "ask", "response_on", "response_department", "response_summary", "response_document"),
        *("debated_on", "debate_house", "debate_document", "outcome", "note", "commitments"),
    )
    rewordable = (
        *("title", "state", "opened_on", "closed_on", "signatures", "signatures_as_of", "ask", "outcome", "note"),
    )
    list_display = ("number", "title", "state", "signatures", "outcome")
    list_filter = ("state", "outcome")
    search_fields = ("number", "title")
    autocomplete_fields = (*("document", "response_department", "response_document", "debate_document", "commitments"),)


@admin.register(Relation)
class RelationAdmin(DraftAdmin):
    fields = ("commitment", "kind", "related")
    autocomplete_fields = ("commitment", "related")
    list_display = ("commitment", "kind", "related")
    list_filter = ("kind",)
    list_select_related = ("commitment", "related")
    search_fields = ("commitment__reference", "related__reference")


@admin.register(SupportService)
class SupportServiceAdmin(DraftAdmin):
    """Staff confirm the numbers on the organisations' own pages; the day on which they did is shown to readers."""

    fields = ("name", "is_emergency", "used_for", "phone", "url", "position", "confirmed_on")
    list_display = ("name", "phone", "used_for", "confirmed_on")

    def is_frozen(self, obj: Any) -> bool:
        return False


@admin.register(Revision)
class RevisionAdmin(DraftAdmin):
    fields = ("subject", "words", "reason")
    readonly_fields = ("standing", "subject", "words")
    list_display = ("__str__", "reason", "author")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def find_commitment(self, obj: Any) -> Any:
        return obj.target if isinstance(obj.target, Commitment) else None

    @admin.display(description="Before and after")
    def words(self, obj: Revision) -> str:
        rows = [(name.replace("_", " "), each["before"], each["after"]) for name, each in obj.changes.items()]
        return format_html_join("", "<p><strong>{}</strong><br>{}<br>→ {}</p>", rows)
