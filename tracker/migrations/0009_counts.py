"""Holds the present status, strength and answer with the pointers that lead to them, and indexes what lists count."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

COUNTED = [
    *("department", "programme", "kind", "current_status", "current_answer", "current_strength", "next_due_on"),
    *("met_on_time", "made_on", "published_at", "withdrawn_at", "reference"),
]
COLUMNS = {
    "current_status": models.CharField(max_length=30, default="not-yet-checked", editable=False),
    "current_strength": models.CharField(max_length=10, blank=True, default="", editable=False),
    "current_answer": models.CharField(max_length=30, default="not-recorded", editable=False),
}


def fill(apps, schema_editor):
    """Read what the pointers lead to. On the way back the columns go, and nothing else has to."""
    updates, responses = apps.get_model("tracker.StatusUpdate"), apps.get_model("tracker.Response")
    current = updates._base_manager.filter(pk=OuterRef("current_update"))
    answered = responses._base_manager.filter(pk=OuterRef("current_response"))
    for name in ("Commitment", "Standing"):
        rows = apps.get_model("tracker", name)._base_manager
        rows.filter(current_update__isnull=False).update(
            current_status=Subquery(current.values("status")), current_strength=Subquery(current.values("strength"))
        )
        rows.filter(current_response__isnull=False).update(current_answer=Subquery(answered.values("answer")))


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0008_welsh_words"),
    ]

    operations = [
        *(
            migrations.AddField(model_name=model, name=name, field=field)
            for model in ("commitment", "historicalcommitment", "standing")
            for name, field in COLUMNS.items()
        ),
        *(
            migrations.AddIndex(model_name="commitment", index=models.Index(fields=fields, name=name))
            for name, fields in {
                "commitment_counts": COUNTED,
                "commitment_of_department": ["department", "reference"],
                "commitment_of_programme": ["programme", "reference"],
            }.items()
        ),
        # Last, because PostgreSQL makes no index on a table whose rows have just been changed.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
