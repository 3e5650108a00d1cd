"""Adds redactions, with who may write them, and what the page “Corrections” asks the log for."""

import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from tracker.roles import PERMISSIONS


def permit(apps, schema_editor):
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
    return ours.filter(codename__endswith="_redaction")


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0005_the_log_is_a_tree"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalRedaction",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, db_index=True, editable=False, null=True, verbose_name="published at"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("submitted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("return_note", models.TextField(blank=True, editable=False, verbose_name="why it was sent back")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "phrase",
                    models.TextField(
                        help_text="Exactly what must go, and no more: a whole name rather than a part of it. Small and capital letters and the spaces between words do not matter. It is forgotten as soon as it is removed.",
                        verbose_name="words to remove",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("abused-person", "They named a person who was abused"),
                            ("private-person", "They named a private person"),
                            ("court-order", "A court forbids them"),
                            ("unlawful-or-dangerous", "They were unlawful or dangerous to publish"),
                        ],
                        help_text="Read by the public where the words stood. What they were is not said.",
                        max_length=30,
                    ),
                ),
                (
                    "addresses_are_blocked",
                    models.BooleanField(
                        default=False,
                        help_text="Nothing is removed from a permanent address. Tick this only once whoever runs the site has blocked each one that holds the words, so that they go from everywhere else.",
                        verbose_name="go on although addresses hold them",
                    ),
                ),
                ("entries", models.JSONField(default=list, editable=False)),
                ("subjects", models.JSONField(default=list, editable=False)),
                ("carried_out_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical redaction",
                "verbose_name_plural": "historical redactions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, db_index=True, editable=False, null=True, verbose_name="published at"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("submitted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("return_note", models.TextField(blank=True, editable=False, verbose_name="why it was sent back")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "phrase",
                    models.TextField(
                        help_text="Exactly what must go, and no more: a whole name rather than a part of it. Small and capital letters and the spaces between words do not matter. It is forgotten as soon as it is removed.",
                        verbose_name="words to remove",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("abused-person", "They named a person who was abused"),
                            ("private-person", "They named a private person"),
                            ("court-order", "A court forbids them"),
                            ("unlawful-or-dangerous", "They were unlawful or dangerous to publish"),
                        ],
                        help_text="Read by the public where the words stood. What they were is not said.",
                        max_length=30,
                    ),
                ),
                (
                    "addresses_are_blocked",
                    models.BooleanField(
                        default=False,
                        help_text="Nothing is removed from a permanent address. Tick this only once whoever runs the site has blocked each one that holds the words, so that they go from everywhere else.",
                        verbose_name="go on although addresses hold them",
                    ),
                ),
                ("entries", models.JSONField(default=list, editable=False)),
                ("subjects", models.JSONField(default=list, editable=False)),
                ("carried_out_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="historicalredaction",
            name="approver",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalredaction",
            name="author",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalredaction",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="approver",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="author",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["abused-person", "private-person", "court-order", "unlawful-or-dangerous"])
                ),
                name="redaction_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("carried_out_at__isnull", True), ("phrase", ""), _connector="OR"),
                name="redaction_has_forgotten_its_words_once_carried_out",
            ),
        ),
        migrations.RunPython(permit, forbid),
    ]
