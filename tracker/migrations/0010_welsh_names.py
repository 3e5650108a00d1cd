"""Lets staff give the name of a department in Welsh too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0009_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name=f"{prefix}department",
            name="name_cy",
            field=models.CharField(
                "name in Welsh",
                blank=True,
                default="",
                help_text="What the body calls itself in Welsh. Where it is empty, Welsh pages show the English.",
                max_length=200,
            ),
            preserve_default=False,
        )
        for prefix in ("", "historical")
    ]
