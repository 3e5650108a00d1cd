"""The desk's own admin site: its name, its first page and the pages that belong to no one model."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from allauth.account.views import logout
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tracker.admin import desk, reviewing
from tracker.admin.base import find_written
from tracker.models import LogEntry, ReadOnly
from tracker.signing_in import login_redirect, may_use_desk


class DeskSite(admin.AdminSite):
    site_header = "Commitments Register: staff desk"
    site_title = "Staff desk"
    index_title = "My desk"
    index_template = "admin/tracker/desk.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may_use_desk(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Never signs anybody in: that is done under accounts/ alone."""
        return login_redirect(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return logout(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Refuse a question with a NUL in it, which no list can be searched for, before any page is asked."""
        inner = super().admin_view(view, cacheable)

        def refuse_nul(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            if any("\0" in value for values in request.GET.lists() for value in [values[0], *values[1]]):
                raise BadRequest("A question holds no NUL.")
            try:
                return inner(request, *args, **options)
            except ReadOnly as error:
                return self.explain_read_only(request, error)

        return update_wrapper(refuse_nul, view)

    def explain_read_only(self, request: HttpRequest, error: ReadOnly) -> HttpResponse:
        """Say why nothing was done, and give back what was written, to copy."""
        context = self.each_context(request) | {
            "title": "Nothing was saved",
            "refusal": str(error),
            "kept": find_written(request.POST),
        }
        return TemplateResponse(request, "admin/tracker/read_only.html", context, status=409)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("queue/<slug:code>/", self.admin_view(self.queue), name="queue"),
            path("review/<slug:kind>/<int:pk>/", self.admin_view(self.review), name="review"),
            path("preview/<slug:kind>/<int:pk>/", self.admin_view(self.preview), name="preview"),
        ]
        return [*own, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Tell apart what staff did and what the public may read: Django calls both "log entries"."""
        apps = super().get_app_list(request, app_label)
        for model in (model for app in apps for model in app["models"] if model["object_name"] == "LogEntry"):
            model["name"] = "The public log" if model["model"] is LogEntry else "What staff did"
        return apps

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "queues": desk.build_desk(request.user)})

    def queue(self, request: HttpRequest, code: str) -> HttpResponse:
        return desk.show_queue(request, self, code)

    def review(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return reviewing.review(request, self, kind, pk)

    def preview(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return reviewing.preview(request, kind, pk)
