"""Tells Django about the tracker."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Commitments Register"
    default_auto_field = "django.db.models.BigAutoField"
