"""Gives the rolls of today and of past days, and what is in doubt, indexes that hold all that they read."""

from django.db import migrations, models

STANDS = ["current_status", "current_strength", "current_answer", "next_due_on", "met_on_time", "status_since"]
ENROLLED = [
    *("department", "programme", "kind", "made_on", "current_status", "current_answer", "current_strength"),
    *("next_due_on", "met_on_time", "status_since"),
]
ON_A_DAY = ["known_until_at", "from_on", "until_on", "known_from_at", "commitment", *STANDS]
INDEXES = {
    "commitment_in_order": ("commitment", ["reference", "withdrawn_at", "published_at", "id", *ENROLLED]),
    "standing_on_a_day": ("standing", [*ON_A_DAY, "checked_on", "current_update", "current_claim"]),
}


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0013_loss"),
    ]

    operations = [
        *(migrations.RemoveIndex(model_name=model, name=name) for name, (model, _fields) in INDEXES.items()),
        *(
            migrations.AddIndex(model_name=model, index=models.Index(fields=fields, name=name))
            for name, (model, fields) in INDEXES.items()
        ),
    ]
