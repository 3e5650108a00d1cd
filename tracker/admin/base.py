"""What every page of the desk shares: who may change what, drafts that nobody overwrites, and three buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from tracker.forms import RecordForm
from tracker.models import User
from tracker.models.base import Publishable
from tracker.publishing import AlreadyPublished, discard, submit

SUBMIT, DISCARD = "_submit", "_discard"


class DeskAdmin(SimpleHistoryAdmin):
    """Rows with a history that staff can read, changed by one person at a time."""

    list_per_page = 50
    save_on_top = False
    show_full_result_count = False
    history_list_display = ("version",)

    def find_commitment(self, obj: Any) -> Any:
        """Return the commitment that a row belongs to, by which a person's departments limit her; None for no limit."""
        return getattr(obj, "commitment", None)

    def is_within_reach(self, request: HttpRequest, obj: Any) -> bool:
        """Say whether this person's departments lead what a row is about."""
        commitment = self.find_commitment(obj) if obj is not None else None
        user: Any = request.user
        return commitment is None or user.covers(commitment.department_id)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted by the admin's own button or action: drafts are discarded, and history stays."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock the row while a form on it is saved, so that two people's saves stand in line."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            obj = self.model._default_manager.select_for_update().filter(pk=obj.pk).first()
        return obj


class DraftAdmin(DeskAdmin):
    """Rows that are written as drafts, submitted, and published by somebody else."""

    form = RecordForm
    list_filter = ("submitted_at",)
    readonly_fields = ("standing",)

    @admin.display(description="Where it stands")
    def standing(self, obj: Publishable | None) -> str:
        if obj is None or obj.pk is None:
            return "A new draft. Only staff can see it."
        if obj.state == "sent back":
            return format_html("Sent back: <strong>{}</strong>", obj.return_note)
        return obj.state.capitalize()

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
        return type(form.__name__, (form,), {"is_submission": SUBMIT in request.POST, "last_editor": _name_last(obj)})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        obj = super().save_form(request, form, change)
        obj.desk_form = form
        return obj

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.author = request.user
        elif form.has_changed():
            obj.version += 1
            obj.submitted_at = None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if SUBMIT in request.POST:
            user: Any = request.user
            submit(form.instance, by=user)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self._respond(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._respond(request, obj) or super().response_change(request, obj)

    def _respond(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if SUBMIT not in request.POST:
            return None
        self.message_user(request, f"Submitted: {obj}. Somebody else reviews it now.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if DISCARD in request.POST and object_id:
            return self._discard(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

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

    def _discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_change_permission(request, obj):
            self.message_user(request, "This cannot be discarded.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:index"))
        try:
            discard(obj)
        except AlreadyPublished as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.log_deletions(request, [obj])
            self.message_user(request, f"Discarded: {obj}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))


class PartInline(admin.TabularInline):
    """Rows that are part of a draft: they may be changed as long as it may."""

    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not (obj is not None and obj.is_published)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_published)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_published)


def _find_review_url(obj: models.Model) -> str:
    return reverse("admin:review", args=[obj._meta.model_name, obj.pk])


def _name_last(obj: Any) -> str:
    """Return who saved a row last, for the person whose save came second."""
    history = getattr(obj, "history", None)
    newest = history.select_related("history_user").first() if history is not None else None
    who: User | None = newest.history_user if newest else None
    return (who.get_full_name() or who.get_username()) if who else "Somebody"
