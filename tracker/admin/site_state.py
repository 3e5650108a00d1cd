"""The state of the site at the desk: managers switch it, and everybody sees how it stands and who switched it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tracker.admin.base import DeskAdmin
from tracker.forms import SiteStateForm
from tracker.models import SiteState
from tracker.publishing import switch_site


@admin.register(SiteState)
class SiteStateAdmin(DeskAdmin):
    form = SiteStateForm
    fields = (*SiteStateForm.Meta.fields, "started_from")
    list_display = ("__str__", *SiteStateForm.Meta.fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row, and it is there."""
        return False

    def save_model(self, request: HttpRequest, obj: SiteState, form: Any, change: bool) -> None:
        user: Any = request.user
        switch_site(by=user, **{name: form.cleaned_data[name] for name in SiteStateForm.Meta.fields})
