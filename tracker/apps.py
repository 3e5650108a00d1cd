"""Tells Django about the tracker and about the staff desk, which is its admin site."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Commitments Register"
    default_auto_field = "django.db.models.BigAutoField"


class DeskConfig(AdminConfig):
    default_site = "tracker.admin.site.DeskSite"

    def ready(self) -> None:
        # Before Django looks for the site: that would import this package half way through making the site, make a
        # second one for what registers itself in there, and then keep the first, which is empty.
        import_module("tracker.admin")
        super().ready()
        # allauth's own pages in the admin would show the secrets behind second factors.
        for name in ("account.EmailAddress", "mfa.Authenticator"):
            admin.site.unregister(apps.get_model(name))
