"""The desk's own admin site: its name, its first page and the pages that belong to no one model."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from tracker.admin import desk


class DeskSite(admin.AdminSite):
    site_header = "Commitments Register: staff desk"
    site_title = "Staff desk"
    index_title = "My desk"
    index_template = "admin/tracker/desk.html"
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("queue/<slug:code>/", self.admin_view(self.queue), name="queue"),
            path("review/<slug:kind>/<int:pk>/", self.admin_view(self.review), name="review"),
            path("preview/<slug:kind>/<int:pk>/", self.admin_view(self.preview), name="preview"),
        ]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "queues": desk.build_desk(request.user)})

    def queue(self, request: HttpRequest, code: str) -> HttpResponse:
        return desk.show_queue(request, self, code)

    def review(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return desk.review(request, self, kind, pk)

    def preview(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return desk.preview(request, kind, pk)
