"""Who works at the desk: accounts and their roles, failed sign-ins, and the log for reading."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from tracker.admin.base import HistoryAdmin, ListAdmin, PickingAdmin, is_key
from tracker.models import LogEntry, SignInFailure, User, name_person
from tracker.roles import PERMISSIONS
from tracker.signing_in import has_second_factor, take_second_factor_away
from tracker.signing_in.forms import NewPersonForm
from tracker.signing_in.links import find_link

SECOND_FACTOR = "tracker_user_second_factor"
TAKEN_AWAY = "{name} is signed out everywhere, and sets up a new second factor at the next sign-in."


class ReadOnlyAdmin(ListAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(PickingAdmin, HistoryAdmin, UserAdmin):
    """Accounts. Roles are given as groups; only a superuser can make another."""

    add_form = NewPersonForm
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("What this person may do", {"fields": ("is_active", "is_staff", "groups", "departments")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username",)}),
        ("What this person may do", {"fields": ("is_staff", "groups", "departments")}),
    )
    list_display = ("username", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "groups", "departments")
    filter_horizontal = ("departments",)
    change_form_template = "admin/tracker/person_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody but a superuser may change a superuser."""
        is_beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_beyond

    def get_urls(self) -> list[URLPattern]:
        """Nobody types a password for somebody else, who chooses it by a link."""
        open_to_staff = self.admin_site.admin_view
        return [
            path("<slug:object_id>/link/", open_to_staff(self.link_view), name="tracker_user_link"),
            path("<slug:object_id>/second-factor/", open_to_staff(self.second_factor_view), name=SECOND_FACTOR),
            *(page for page in super().get_urls() if page.name != "auth_user_password_change"),
        ]

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id) if object_id else None
        if found is not None and self._may_help(request, found):
            pages = {"link_url": "tracker_user_link"}
            if has_second_factor(found):
                pages["second_factor_url"] = SECOND_FACTOR
            addresses = {name: reverse(f"admin:{page}", args=[found.pk]) for name, page in pages.items()}
            extra_context = (extra_context or {}) | addresses
        return super().changeform_view(request, object_id, form_url, extra_context)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Lead on to the link, without which the new account opens nothing."""
        if "_addanother" in request.POST or not self._may_help(request, obj):
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"{name_person(obj)} was added.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:tracker_user_link", args=[obj.pk]))

    def _may_help(self, request: HttpRequest, person: User) -> bool:
        """One's own is changed on the page of one's account, which asks for the second factor first."""
        return self.has_change_permission(request, person) and person != request.user

    def _find_helped(self, request: HttpRequest, object_id: str) -> User:
        """Return whom this page helps, or raise PermissionDenied or Http404."""
        person = self.get_object(request, object_id) if is_key(object_id) else None
        if not self.has_change_permission(request):
            raise PermissionDenied
        if person is None:
            raise Http404
        if not self._may_help(request, person):
            raise PermissionDenied
        return person

    def _ask(self, request: HttpRequest, page: str, title: str, person: User, **found: Any) -> HttpResponse:
        context = {"title": title.format(name=name_person(person)), "person": person, "opts": self.opts}
        return TemplateResponse(
            request, f"admin/tracker/{page}.html", self.admin_site.each_context(request) | context | found
        )

    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give a link to choose a password by, after asking whether that is meant."""
        person = self._find_helped(request, object_id)
        if request.method != "POST":
            return self._ask(request, "password_link", "Give {name} a link to choose a password?", person)
        self.log_change(request, person, "Link to choose a password given.")
        link = request.build_absolute_uri(find_link(person))
        return self._ask(request, "password_link", "A link for {name}", person, link=link)

    def second_factor_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take away the second factor of somebody who has lost it, after asking whether that is meant."""
        person = self._find_helped(request, object_id)
        if request.method != "POST":
            return self._ask(request, "second_factor", "Take away the second factor of {name}?", person)
        take_second_factor_away(person)
        self.log_change(request, person, "Second factor taken away.")
        self.message_user(request, TAKEN_AWAY.format(name=name_person(person)), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:tracker_user_change", args=[person.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are made inactive, so that history keeps its authors."""
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "groups":
            options["queryset"] = db_field.related_model.objects.filter(name__in=PERMISSIONS)
            options["widget"] = CheckboxSelectMultiple
            options |= {
                "label": "Roles",
                "help_text": "Editors write and submit; reviewers also publish; managers also keep people.",
            }
        return super().formfield_for_manytomany(db_field, request, **options)


@admin.register(StaffLogEntry)
class StaffLogEntryAdmin(ReadOnlyAdmin):
    """What staff did, for all staff to read; what the public reads is in the other log."""

    list_display = ("action_time", "user", "content_type", "object_repr", "what_was_done")
    list_filter = ("action_time", "user")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr",)
    date_hierarchy = "action_time"
    list_display_links = None

    @admin.display(description="What was done")
    def what_was_done(self, obj: StaffLogEntry) -> str:
        return str(obj.get_change_message()) or obj.get_action_flag_display()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("tracker.view_statusupdate")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(SignInFailure)
class SignInFailureAdmin(ReadOnlyAdmin):
    list_display = ("at", "username", "address", "step")
    list_filter = ("step",)
    search_fields = ("username", "address")
    date_hierarchy = "at"


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "at", "kind", "subject")
    list_filter = ("kind",)
    search_fields = ("subject",)
    date_hierarchy = "at"
