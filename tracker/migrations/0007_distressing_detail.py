"""Lets staff say that a commitment's texts describe abuse in distressing detail."""

from django.db import migrations, models


def make_field():
    return models.BooleanField(
        "describes abuse in distressing detail",
        default=False,
        help_text="Its page then says so first, and shows its text only to whoever chooses to read on.",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0006_redaction"),
    ]

    operations = [
        migrations.AddField(model_name=name, name="has_distressing_detail", field=make_field())
        for name in ("commitment", "historicalcommitment")
    ]
