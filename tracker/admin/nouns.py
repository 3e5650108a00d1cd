"""What records are about: commitments, documents, departments and the rest. Public words change by revision alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from tracker.admin.base import DraftAdmin
from tracker.admin.filters import DeskFilter, StateFilter, TimelinessFilter
from tracker.admin.reach import is_choosing_for_record, is_within_reach, keep_within_reach
from tracker.forms import RevisionForm, WhereLookedForm
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
from tracker.models.base import write_words
from tracker.publishing import submit
from tracker.templatetags.desk import read_fact, words_of

# What can be recorded of a commitment, in the words of the links on its page.
RECORDABLE = {
    "statusupdate": "Record a status update",
    "response": "Record an answer",
    "milestone": "Set a milestone",
    "funding": "Record money",
    "check": "Checked today, nothing new",
    "withdrawal": "It was entered by mistake",
}


LISTED = 50  # commitments named before a check of many is recorded


class NounAdmin(DraftAdmin):
    """A draft is edited freely; the words of a public row are revised, with a reason, and reviewed."""

    rewordable: tuple[str, ...] = ()
    # What the log does not state, so that it is changed at once; the history keeps what it was.
    kept_at_once: tuple[str, ...] = ()

    def is_frozen(self, obj: Any) -> bool:
        return False

    def is_revision(self, obj: Any) -> bool:
        return obj is not None and obj.is_published

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        if not self.is_revision(obj):
            return super().get_form(request, obj, change, **options)
        form = super().get_form(request, obj, change, **(options | {"form": RevisionForm}))
        return type(form.__name__, (form,), {"rewordable": self.rewordable})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self.is_revision(obj):
            return super().get_fields(request, obj)
        extra = ("reason_for_change", "started_from") if self.has_change_permission(request, obj) else ()
        return ("standing", *self.rewordable, *self.kept_at_once, *extra)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if not isinstance(form, RevisionForm):
            super().save_related(request, form, formsets, change)
            return
        target = self.model._default_manager.get(pk=form.instance.pk)
        is_kept = self._keep_at_once(request, target, form)
        changes = find_changes(target, self.rewordable, form.cleaned_data)
        if changes:
            self._put_forward(request, target, changes, form.cleaned_data["reason_for_change"])
        elif not is_kept:
            self.message_user(request, "No word was changed, so there is nothing to review.", messages.WARNING)

    def _keep_at_once(self, request: HttpRequest, target: Any, form: Any) -> bool:
        changed = [name for name in self.kept_at_once if name in form.changed_data]
        for name in changed:
            setattr(target, name, form.cleaned_data[name])
        if changed:
            target.version += 1
            target.save()
            self.message_user(request, f"Saved: {', '.join(form.fields[name].label for name in changed)}.")
        return bool(changed)

    def _put_forward(self, request: HttpRequest, target: Any, changes: dict[str, Any], reason: str) -> None:
        user: Any = request.user
        revision = Revision.objects.create(target=target, changes=changes, reason=reason, author=user)
        if self._submit(request, revision):
            self.message_user(request, "Your new words await review. Until then the old ones stand.", messages.SUCCESS)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if self.is_revision(obj):
            return self.response_post_save_change(request, obj)
        return super().response_change(request, obj)

    def find_buttons(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if not self.is_revision(obj):
            return super().find_buttons(request, obj)
        waiting = Revision.objects.drafts().about(obj).select_related("author")
        return {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "is_revision": self.has_change_permission(request, obj),
            "waiting": [(reverse("admin:review", args=["revision", each.pk]), each) for each in waiting],
        }


def find_changes(target: Any, names: tuple[str, ...], cleaned: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields whose words differ, each with the words before and after as `facts` writes them."""
    before = target.read_words(names)
    after = {name: write_words(cleaned[name]) for name in names}
    return {
        name: {"before": before[name], "after": after[name]}
        for name in names
        if _or_empty(before[name]) != _or_empty(after[name])
    }


def _or_empty(value: Any) -> Any:
    """Nothing is nothing, whether a form or the log wrote it; nought is a number."""
    return "" if value is None or value == [] else value


@admin.register(Commitment)
class CommitmentAdmin(NounAdmin):
    fields = (
        *("reference", "title", "summary", "kind", "programme", "number", "source_document", "source_locator"),
        *("made_on", "made_on_precision", "made_by", "department", "supporting", "topics", "confidence", "editor_note"),
        *("has_distressing_detail", "title_cy", "summary_cy"),
    )
    rewordable = (
        *("title", "summary", "kind", "source_document", "source_locator", "made_on", "made_on_precision", "made_by"),
        *("department", "supporting", "topics", "confidence", "editor_note", "has_distressing_detail"),
        *("title_cy", "summary_cy"),
    )
    list_display = (
        *("reference", "title", "department", "present", "status_since", "next_due_on", "checked_on", "stands"),
    )
    list_display_links = ("reference", "title")
    list_filter = (
        *(DeskFilter, TimelinessFilter, StateFilter),
        *("current_update__status", "programme", "department", "kind"),
    )
    list_select_related = ("department", "current_update")
    search_fields = ("reference", "title", "summary")
    ordering = ("reference",)
    date_hierarchy = "made_on"
    autocomplete_fields = ("source_document", "department", "supporting", "topics", "programme")
    actions = ("record_check",)

    def is_frozen(self, obj: Any) -> bool:
        return obj is not None and obj.withdrawn_at is not None

    def find_buttons(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        buttons = super().find_buttons(request, obj)
        if not self.is_revision(obj) or not self.has_change_permission(request, obj):
            return buttons
        return buttons | {"record_links": self._find_record_links(request, obj)}

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        rows, may_repeat = super().get_search_results(request, queryset, term)
        if is_choosing_for_record(request):
            rows = keep_within_reach(rows.published(), request.user)
        return rows, may_repeat

    @admin.display(description="Status", ordering="current_update__status")
    def present(self, obj: Commitment) -> str:
        return obj.current_update.get_status_display() if obj.current_update else "Not yet checked"

    def _find_record_links(self, request: HttpRequest, obj: Commitment) -> list[tuple[str, str]]:
        """Return the address and the words of each thing that this person may record of a commitment."""
        user: Any = request.user
        links = [
            (f"{reverse(f'admin:tracker_{name}_add')}?commitment={obj.pk}", label)
            for name, label in RECORDABLE.items()
            if user.has_perm(f"tracker.add_{name}")
        ]
        return links + [
            (f"{reverse('admin:tracker_milestoneupdate_add')}?milestone={step.pk}", f"“{step.title}” was met or moved")
            for step in obj.milestones.published().filter(met_on__isnull=True)
        ]

    @admin.action(description="Checked today, nothing new", permissions=["change"])
    def record_check(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Ask once where one looked, then record it for each."""
        form = WhereLookedForm(request.POST if "_checked" in request.POST else None)
        if not form.is_valid():
            return self._ask_where(request, queryset, form)
        for commitment in queryset:
            outcome, level = self._check_one(request, commitment, form.cleaned_data["note"])
            self.message_user(request, f"{commitment.reference}: {outcome}", level)
        return None

    def _ask_where(self, request: HttpRequest, queryset: QuerySet, form: WhereLookedForm) -> HttpResponse:
        count = queryset.count()
        context = self.admin_site.each_context(request) | {
            "title": "Checked today, nothing new",
            "form": form,
            "commitments": queryset[:LISTED],
            "count": count,
            "more": max(0, count - LISTED),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/tracker/where_looked.html", context)

    def _check_one(self, request: HttpRequest, commitment: Commitment, note: str) -> tuple[str, int]:
        user: Any = request.user
        today = timezone.localdate()
        if not commitment.is_published or commitment.withdrawn_at:
            return "left alone, because it is not public.", messages.WARNING
        if not is_within_reach(user, commitment):
            return "left alone, because it belongs to another department.", messages.WARNING
        if commitment.checks.filter(checked_on=today).exists():
            return "left alone, because a check of today is recorded already.", messages.WARNING
        check = Check.objects.create(commitment=commitment, checked_on=today, note=note, author=user)
        submit(check, by=user)
        return "recorded, and awaits review.", messages.SUCCESS


@admin.register(Document)
class DocumentAdmin(NounAdmin):
    fields = ("identifier", "url", "title", "publisher", "published_on", "kind", "origin", "strength", "note")
    rewordable = fields[1:]
    list_display = ("title", "publisher", "published_on", "kind", "origin", "strength", "stands")
    list_filter = (StateFilter, "strength", "origin", "kind")
    search_fields = ("title", "url", "publisher")
    date_hierarchy = "published_on"

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Asked here and not said above: the page of an earlier state takes what is said for fields to fill in."""
        return {} if self.is_revision(obj) else {"identifier": ("title",)}


@admin.register(Department)
class DepartmentAdmin(NounAdmin):
    fields = ("slug", "name", "abbreviation", "kind", "url", "name_cy")
    rewordable = fields[1:]
    list_display = ("name", "abbreviation", "kind", "stands")
    list_filter = (StateFilter, "kind")
    search_fields = ("name", "abbreviation", "name_cy")


@admin.register(Programme)
class ProgrammeAdmin(NounAdmin):
    fields = ("slug", "name", "description", "published_on", "document", "expected_commitments")
    rewordable = ("name", "description", "published_on", "document")
    kept_at_once = ("expected_commitments",)
    list_display = ("name", "published_on", "expected_commitments", "stands")
    list_filter = (StateFilter,)
    search_fields = ("name",)
    autocomplete_fields = ("document",)


@admin.register(Topic)
class TopicAdmin(NounAdmin):
    fields = ("slug", "name", "description")
    rewordable = fields[1:]
    list_display = ("name", "stands")
    list_filter = (StateFilter,)
    search_fields = ("name",)


@admin.register(Petition)
class PetitionAdmin(NounAdmin):
    fields = (
        *("number", "document", "title", "state", "parliament", "opened_on", "closed_on", "signatures"),
        *("signatures_as_of", "ask", "response_on", "response_department", "response_summary", "response_document"),
        *("debated_on", "debate_house", "debate_document", "outcome", "note", "commitments"),
    )
    rewordable = fields[1:]
    list_display = ("number", "title", "state", "signatures", "outcome", "stands")
    list_filter = (StateFilter, "state", "outcome")
    search_fields = ("number", "title")
    autocomplete_fields = (*("document", "response_department", "response_document", "debate_document", "commitments"),)


@admin.register(Relation)
class RelationAdmin(DraftAdmin):
    fields = ("commitment", "kind", "related")
    autocomplete_fields = ("commitment", "related")
    list_display = ("commitment", "kind", "related", "stands")
    list_filter = (StateFilter, "kind")
    list_select_related = ("commitment", "related")
    search_fields = ("commitment__reference", "related__reference")


@admin.register(SupportService)
class SupportServiceAdmin(NounAdmin):
    """Staff confirm the numbers on the organisations' own pages; the day on which they did is shown to readers."""

    fields = ("name", "is_emergency", "used_for", "phone", "url", "position", "confirmed_on")
    rewordable = fields[1:]
    list_display = ("name", "phone", "used_for", "confirmed_on", "stands")
    list_filter = (StateFilter,)
    search_fields = ("name", "phone")


@admin.register(Revision)
class RevisionAdmin(DraftAdmin):
    fields = ("subject", "words", "reason")
    readonly_fields = ("standing", "subject", "words")
    list_display = ("__str__", "reason", "author", "stands")
    list_filter = (StateFilter, "content_type")
    list_select_related = ("author", "content_type")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("target")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may propose words for a thing may work on those that are proposed."""
        user: Any = request.user
        is_theirs = obj is None or user.has_perm(f"tracker.change_{obj.content_type.model}")
        return super().has_change_permission(request, obj) and is_theirs

    @admin.display(description="Before and after")
    def words(self, obj: Revision) -> str:
        rows = [(words_of(name), read_fact(before), read_fact(after)) for name, before, after in obj.list_changes()]
        return format_html_join("", "<p><strong>{}</strong><br>{}<br>→ {}</p>", rows)
