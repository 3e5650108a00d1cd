"""Gives the questions about what changed between two days indexes by the day on which it happened."""

from django.db import migrations, models

DAYS = {
    "response_on": ("response", "on"),
    "funding_on": ("funding", "on"),
    "milestone_due_on": ("milestone", "due_on"),
    "milestone_update_as_of": ("milestoneupdate", "as_of"),
    "milestone_update_due_on": ("milestoneupdate", "due_on"),
}
CORRECTIONS = models.Index(
    fields=["published_at"], condition=models.Q(corrects__isnull=False), name="status_update_corrections"
)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0014_rolls"),
    ]

    operations = [
        *(
            migrations.AddIndex(model_name=model, index=models.Index(fields=[day], name=name))
            for name, (model, day) in DAYS.items()
        ),
        migrations.AddIndex(model_name="statusupdate", index=CORRECTIONS),
    ]
