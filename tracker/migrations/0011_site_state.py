"""Adds the state of the site, read-only or not and with a notice or none, and who may see and switch it."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from tracker.roles import PERMISSIONS


def begin(apps, schema_editor):
    apps.get_model("tracker", "SiteState").objects.create(pk=1)
    # Permissions are usually made after all migrations; the groups need them now.
    config = apps.get_app_config("tracker")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name, codes in PERMISSIONS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*_find_permissions(apps).filter(codename__in=codes))


def forbid(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=PERMISSIONS):
        group.permissions.remove(*_find_permissions(apps))


def _find_permissions(apps):
    ours = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="tracker")
    return ours.filter(codename__endswith="_sitestate")


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0010_welsh_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalSiteState",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "is_read_only",
                    models.BooleanField(
                        default=False,
                        help_text="Nothing can be saved, loaded, published or redacted until somebody switches this off. Readers notice nothing: say it to them below, if they should know. Accounts and signing in go on.",
                        verbose_name="read-only",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Why it is read-only, and until when. Staff read it on every page of the desk.",
                        max_length=300,
                    ),
                ),
                (
                    "notice",
                    models.TextField(
                        blank=True,
                        help_text="Plain words on top of every public page, at once. Leave it empty for none.",
                        max_length=500,
                    ),
                ),
                (
                    "notice_cy",
                    models.TextField(
                        blank=True,
                        help_text="Where it is empty, Welsh pages show the English, and say so.",
                        max_length=500,
                        verbose_name="notice in Welsh",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical state of the site",
                "verbose_name_plural": "historical state of the site",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SiteState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "is_read_only",
                    models.BooleanField(
                        default=False,
                        help_text="Nothing can be saved, loaded, published or redacted until somebody switches this off. Readers notice nothing: say it to them below, if they should know. Accounts and signing in go on.",
                        verbose_name="read-only",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Why it is read-only, and until when. Staff read it on every page of the desk.",
                        max_length=300,
                    ),
                ),
                (
                    "notice",
                    models.TextField(
                        blank=True,
                        help_text="Plain words on top of every public page, at once. Leave it empty for none.",
                        max_length=500,
                    ),
                ),
                (
                    "notice_cy",
                    models.TextField(
                        blank=True,
                        help_text="Where it is empty, Welsh pages show the English, and say so.",
                        max_length=500,
                        verbose_name="notice in Welsh",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name": "state of the site",
                "verbose_name_plural": "state of the site",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="site_has_one_state"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_read_only", False), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="site_is_read_only_for_a_reason",
                        violation_error_message="Say why it is read-only: staff read it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("notice_cy", ""), models.Q(("notice", ""), _negated=True), _connector="OR"),
                        name="notice_in_welsh_has_one_in_english",
                        violation_error_message="Give the notice in English too.",
                    ),
                ],
            },
        ),
        migrations.RunPython(begin, forbid),
    ]
