"""What every page of the desk shares: who may change what, drafts that nobody overwrites, and three buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from tracker.admin.reach import NOT_YOURS, is_within_reach, keep_within_reach
from tracker.forms import RecordForm
from tracker.models import name_person
from tracker.models.base import Publishable
from tracker.publishing import AlreadyPublished, PublicationRefused, StillNeeded, discard, submit

SUBMIT, DISCARD = "_submit", "_discard"


class ListAdmin(admin.ModelAdmin):
    """A list that answers a question without sense, such as the year nought, as Django does: with the whole list."""

    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except (ValueError, OverflowError):
            if request.method != "GET" or not request.GET:
                raise
            return HttpResponseRedirect(request.path)


class WholeWords(HistoricalRecordContextHelper):
    """Shows what was there before and after in full: a reader of a history looks for the very words."""

    DEFAULT_MAX_DISPLAYED_DELTA_CHANGE_CHARS = 100_000


class HistoryAdmin(ListAdmin, SimpleHistoryAdmin):
    """Rows with a history that staff can read. No button brings an earlier state back: that is an edit too."""

    object_history_template = "admin/tracker/history.html"
    object_history_list_template = "admin/tracker/history_list.html"
    object_history_form_template = "admin/tracker/history_form.html"
    history_list_per_page = 50

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> WholeWords:
        return WholeWords(self.model, historical_record)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not is_key(object_id):
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        if not (is_key(object_id) and is_key(version_id)):
            raise Http404
        request.reads_history = True  # type: ignore[attr-defined]  # for get_readonly_fields
        return super().history_form_view(request, object_id, version_id, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An earlier state is only read."""
        if getattr(request, "reads_history", False):
            fields = flatten_fieldsets(self.get_fieldsets(request, obj))
            return [field for field in fields if field != "started_from"]
        return super().get_readonly_fields(request, obj)


# Where a field's related rows may be added from, in a window of its own; elsewhere the buttons only invite mistakes.
ADDABLE = ("document", "source_document", "response_document", "debate_document")


class _KnownKeys:
    """A picker that is shown again with a wrong key shows no choice, where Django's own would break."""

    def optgroups(self, name: str, value: list[str], attr: Any = None) -> Any:
        keys = [key for key in value if key == "" or is_key(str(key))]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]


class Picker(_KnownKeys, AutocompleteSelect):
    """Finds one row while typing."""


class ManyPicker(_KnownKeys, AutocompleteSelectMultiple):
    """Finds several rows while typing."""


class KnownChoices(ModelMultipleChoiceField):
    """Refuses what can be no key in its own words: SQLite breaks at a number that is too long for it."""

    def clean(self, value: Any) -> Any:
        wrong = next((key for key in value or () if not is_key(str(key))), None)
        if wrong is not None:
            raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": wrong})
        return super().clean(value)


class PickingAdmin(admin.options.BaseModelAdmin):
    """Forms whose fields for large tables find while typing."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_view_related = field.widget.can_delete_related = False
            field.widget.can_add_related &= db_field.name in ADDABLE
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = Picker(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options |= {"widget": ManyPicker(db_field, self.admin_site), "form_class": KnownChoices}
        return super().formfield_for_manytomany(db_field, request, **options)


def is_key(text: str) -> bool:
    """Say whether a text can be the key of a row."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def find_written(posted: QueryDict) -> list[tuple[str, str]]:
    """Return what somebody has filled into a form, to give it back where it cannot be saved."""
    hidden = ("csrfmiddlewaretoken", "started_from", "_FORMS", "-id", "__prefix__", "action", "version")
    return [
        (name, str(value))
        for name, value in posted.items()
        if value and not name.startswith("_") and not any(part in name for part in hidden)
    ]


class DeskAdmin(PickingAdmin, HistoryAdmin):
    """Rows changed by one person at a time, within the limits of her departments."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_per_page = 50
    save_on_top = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_within_reach(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted by the admin's own button or action: drafts are discarded, and history stays."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Accept only what this person's departments lead."""
        user: Any = request.user
        rows = db_field.related_model._default_manager.all()
        if db_field.name in ("commitment", "milestone") and user.limits:
            options["queryset"] = keep_within_reach(rows, user)
        elif db_field.name == "department" and user.limits:
            options["queryset"] = rows.filter(pk__in=user.limits)
        if "queryset" in options:
            options["error_messages"] = {"invalid_choice": NOT_YOURS}
        return super().formfield_for_foreignkey(db_field, request, **options)

    def response_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        if not all(is_key(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, "Choose rows of this list. Nothing was done.", messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock the row while a form on it is saved, so that two people's saves stand in line."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            rows = self.model._default_manager.order_by("pk").select_for_update(of=("self",))
            obj = rows.filter(pk=obj.pk).first()
        return obj


class DraftAdmin(DeskAdmin):
    """Rows that are written as drafts, submitted, and published by somebody else."""

    form = RecordForm
    change_form_template = "admin/tracker/change_form.html"
    readonly_fields: tuple[str, ...] = ("standing",)

    @admin.display(description="Where it stands")
    def standing(self, obj: Publishable | None) -> str:
        if obj is None or obj.pk is None:
            return "A new draft. Only staff can see it."
        if obj.review_state == "sent back":
            return format_html("Sent back: <strong>{}</strong>", obj.return_note)
        return obj.review_state.capitalize()

    @admin.display(description="Stands", ordering="submitted_at")
    def stands(self, obj: Any) -> str:
        return str(obj.review_state).capitalize()

    def is_frozen(self, obj: Any) -> bool:
        """Say whether a row can no longer be edited here, because the public has it."""
        return obj is not None and obj.is_published

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self.is_frozen(obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [field for field in super().get_fields(request, obj) if field not in ("standing", "started_from")]
        hidden = ["started_from"] if self.has_change_permission(request, obj) else []
        return ["standing", *fields, *hidden]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        return type(form.__name__, (form,), {"is_submission": SUBMIT in request.POST})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        obj = super().save_form(request, form, change)
        obj.desk_form = form
        return obj

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing: whether a draft has changed is known with its parts, so `save_related` saves it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        obj = form.instance
        is_changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        if not change:
            obj.author = request.user
        elif is_changed:
            obj.version += 1
            obj.submitted_at = None
        if is_changed or not change:
            super().save_model(request, obj, form, change)
        for formset in formsets:
            for each in formset.forms:
                each.person = request.user
        super().save_related(request, form, formsets, change)
        if SUBMIT in request.POST:
            obj.was_submitted = self._submit(request, obj)

    def _submit(self, request: HttpRequest, obj: Any) -> bool:
        """Hand over what was saved. What only shows when all is stored is said above the form; the draft stays."""
        user: Any = request.user
        try:
            submit(obj, by=user)
        except PublicationRefused as error:
            for refusal in error.refusals:
                self.message_user(request, f"Saved as a draft, not submitted. {refusal.sentence}", messages.ERROR)
            return False
        return True

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self._respond(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._respond(request, obj) or super().response_change(request, obj)

    def _respond(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if SUBMIT not in request.POST:
            return None
        if not obj.was_submitted:
            return HttpResponseRedirect(reverse(f"admin:tracker_{obj._meta.model_name}_change", args=[obj.pk]))
        self.message_user(request, f"Submitted: {obj}. Somebody else reviews it now.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST" or not object_id:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            obj = self.get_object(request, object_id)
            is_too_late = self.is_frozen(obj) or (obj is None and self._find_last_change(object_id) is not None)
            if is_too_late and super().has_change_permission(request):
                return self._explain_too_late(request, object_id, obj)
            if DISCARD in request.POST:
                return self._discard(request, obj)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _find_last_change(self, object_id: str) -> Any:
        if not is_key(object_id):
            return None
        return self.model.history.filter(id=int(object_id)).select_related("history_user").first()

    def _explain_too_late(self, request: HttpRequest, object_id: str, obj: Any) -> HttpResponse:
        """Say who published or discarded a draft while somebody wrote on it, and give her text back to copy."""
        last = self._find_last_change(object_id)
        who = name_person(last.history_user if last else None)
        context = self.admin_site.each_context(request) | {
            "title": f"{who} {'discarded' if obj is None else 'published'} this while you were writing",
            "kept": find_written(request.POST),
            "opts": self.opts,
            "object": obj,
        }
        return TemplateResponse(request, "admin/tracker/too_late.html", context, status=409)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> HttpResponse:
        context |= self.find_buttons(request, options.get("obj"))
        return super().render_change_form(request, context, *args, **options)

    def find_buttons(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return which buttons `submit_line.html` shows."""
        editable = self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)
        return {
            "show_submit_for_review": editable,
            "show_discard": obj is not None and editable,
            "review_url": _find_review_url(obj) if obj is not None and not obj.is_published else "",
        }

    def _discard(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if obj is None or obj.is_published or not self.has_change_permission(request, obj):
            raise PermissionDenied
        try:
            discard(obj)
        except (AlreadyPublished, StillNeeded) as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.log_deletions(request, [obj])
            self.message_user(request, f"Discarded: {obj}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the history of the parts, such as the evidence, under that of the whole."""
        if not is_key(object_id):
            raise Http404
        parts = [(inline.model, inline.model.owner_field) for inline in self.inlines]
        rows = [
            row
            for model, owner in parts
            for row in model.history.filter(**{f"{owner}_id": object_id}).select_related("history_user", "document")
        ]
        rows.sort(key=lambda row: row.history_date, reverse=True)
        return super().history_view(request, object_id, {"parts": rows} | (extra_context or {}))


class PartInline(PickingAdmin, admin.TabularInline):
    """Rows that are part of a draft: they may be changed as long as it may."""

    extra = 1
    max_num = 100

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Draw no more rows than that again, however many a request claims: each takes a fiftieth of a second."""
        return super().get_formset(request, obj, **{"absolute_max": 2 * self.max_num} | options)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not (obj is not None and obj.is_published)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_published)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_published)


def _find_review_url(obj: models.Model) -> str:
    return reverse("admin:review", args=[obj._meta.model_name, obj.pk])
