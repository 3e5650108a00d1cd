"""Lets staff give the title, the summary and the reasons of a commitment in Welsh too."""

from django.db import migrations, models

HELP = "Where it is empty, Welsh pages show the English."
FIELDS = {
    "commitment": {
        "title_cy": ("title in Welsh", {"max_length": 200}),
        "summary_cy": ("summary in Welsh", {}),
    },
    "statusupdate": {"reason_cy": ("reason in Welsh", {})},
}


def make_field(words, options):
    kind = models.CharField if options else models.TextField
    return kind(words, blank=True, default="", help_text=HELP, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0007_distressing_detail"),
    ]

    operations = [
        migrations.AddField(
            model_name=f"{prefix}{model}", name=name, field=make_field(*described), preserve_default=False
        )
        for prefix in ("", "historical")
        for model, fields in FIELDS.items()
        for name, described in fields.items()
    ]
