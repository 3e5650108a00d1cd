"""Tells Django about the tracker and about the staff desk, which is its admin site."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.apps import apps as registry
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.migrations.state import StateApps
from django.db.models.signals import post_migrate, pre_migrate


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Commitments Register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # By signals, because a migration is not enough: Django rebuilds a table of SQLite to alter it, and its triggers
        # go with it silently, whichever migration it was. No other place runs after each of them.
        pre_migrate.connect(_take_down_the_guards, sender=self)
        post_migrate.connect(_fill_standings, sender=self)
        post_migrate.connect(_put_up_the_guards, sender=self)
        post_migrate.connect(_put_up_the_index, sender=self)


def _take_down_the_guards(*, using: str, plan: list[Any], **options: Any) -> None:
    if plan:
        import_module("tracker.guards").take_down(using)
        import_module("tracker.indexing").take_down(using)


def _put_up_the_guards(*, using: str, **options: Any) -> None:
    import_module("tracker.guards").put_up(using)


def _put_up_the_index(*, using: str, **options: Any) -> None:
    import_module("tracker.indexing").put_up(using)


def _fill_standings(*, apps: StateApps | None = None, plan: Sequence[tuple[Any, bool]] = (), **options: Any) -> None:
    """Work out what a register holds that was published before there were tables for it."""
    is_backward = any(is_undone for _, is_undone in plan)
    if is_backward or apps is None or _list_columns(apps) != _list_columns(registry):
        return  # an emptied database has nothing to work out, and one of another day has no place for it
    import_module("tracker.publishing").fill_standings()


def _list_columns(models: Any) -> set[str]:
    """Return the columns of the tracker's tables, as the models of some day have them."""
    return {
        field.column for model in models.get_app_config("tracker").get_models() for field in model._meta.local_fields
    }


class DeskConfig(AdminConfig):
    default_site = "tracker.admin.site.DeskSite"

    def ready(self) -> None:
        # Before Django looks for the site: that would import this package half way through making the site, make a
        # second one for what registers itself in there, and then keep the first, which is empty.
        import_module("tracker.admin")
        super().ready()
        # allauth's own pages in the admin would show the secrets behind second factors.
        for name in ("account.EmailAddress", "mfa.Authenticator"):
            admin.site.unregister(registry.get_model(name))
