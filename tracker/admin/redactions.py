"""Redactions at the desk: which words must go, and why. Whoever publishes one has seen how far it reaches."""

from __future__ import annotations

from django.contrib import admin

from tracker.admin.base import DraftAdmin
from tracker.admin.filters import StateFilter
from tracker.models import Redaction


@admin.register(Redaction)
class RedactionAdmin(DraftAdmin):
    """The words themselves stand on the draft alone: no list shows them, and once they are removed nothing does."""

    fields = ("phrase", "reason", "addresses_are_blocked")
    list_display = ("reason", "stands", "published_at", "author")
    list_filter = (StateFilter, "reason")
    list_select_related = ("author",)
