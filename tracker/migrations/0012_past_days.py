"""Gives the questions about past days, and the list in its own order, indexes that hold all that they read."""

from django.db import migrations, models

STANDS = ["current_status", "current_strength", "current_answer", "next_due_on", "met_on_time", "status_since"]
COUNTED = [
    *("department", "programme", "kind", "current_status", "current_answer", "current_strength", "next_due_on"),
    *("met_on_time", "made_on", "published_at", "withdrawn_at", "reference", "id"),
]
DAYS = ["from_on", "until_on"]
INDEXES = {
    "commitment_counts": ("commitment", COUNTED),
    "commitment_in_order": ("commitment", ["reference", "withdrawn_at", "published_at", "id"]),
    "commitment_changed_on": ("commitment", ["status_since"]),
    "standing_of_commitment": ("standing", ["commitment", *DAYS, "known_until_at", "known_from_at", *STANDS]),
    "standing_on_a_day": ("standing", ["known_until_at", *DAYS, "known_from_at", "commitment", *STANDS]),
}


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0011_site_state"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="standing", name="standing_of_commitment"),
        migrations.RemoveIndex(model_name="commitment", name="commitment_counts"),
        *(
            migrations.AddIndex(model_name=model, index=models.Index(fields=fields, name=name))
            for name, (model, fields) in INDEXES.items()
        ),
    ]
