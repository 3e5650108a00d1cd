"""Gives the history of commitments and petitions their lists, and says which support services the log states in full."""

import django.db.models.deletion
import simple_history.models
from django.db import migrations, models

STATED_IN_FULL = "whether the log states its place, its urgency and its confirmation"
LISTS = (
    ("Commitment", "supporting", "department"),
    ("Commitment", "topics", "topic"),
    ("Petition", "commitments", "commitment"),
)


def know_what_was_logged_in_short(apps, schema_editor):
    """What is public by now was logged without these."""
    services = apps.get_model("tracker", "SupportService").objects
    services.filter(published_at__isnull=False).update(is_stated_in_full=False)


def fill_lists_of_earlier_states(apps, schema_editor):
    """Give earlier states the lists of today: what they held was not kept, and no change should show that was none."""
    for model, name, part in LISTS:
        owner = model.lower()
        held = {}
        through = getattr(apps.get_model("tracker", model), name).through
        for link in through.objects.values("id", f"{owner}_id", f"{part}_id"):
            held.setdefault(link[f"{owner}_id"], []).append(link)
        states = apps.get_model("tracker", f"Historical{model}").objects.filter(id__in=held)
        rows = apps.get_model("tracker", f"Historical{model}_{name}").objects
        rows.bulk_create(
            rows.model(history_id=state, **link)
            for state, key in states.values_list("history_id", "id")
            for link in held[key]
        )


def do_nothing(apps, schema_editor):
    """The columns and tables go, and what is in them."""


def history_of_list(model, name, part):
    """Create the table of what a list held at each state of a row's history."""

    def link(target, **options):
        return models.ForeignKey(
            db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to=f"tracker.{target}", **options
        )

    loose = {"blank": True, "db_tablespace": "", "null": True, "related_name": "+"}
    return migrations.CreateModel(
        name=f"Historical{model}_{name}",
        fields=[
            ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
            ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
            (model.lower(), link(model.lower(), **loose)),
            (part, link(part, **loose)),
            ("history", link(f"historical{model.lower()}")),
        ],
        options={"verbose_name": f"Historical{model}_{name}"},
        bases=(simple_history.models.HistoricalChanges, models.Model),
    )


def stated_in_full(model):
    return migrations.AddField(
        model_name=model,
        name="is_stated_in_full",
        field=models.BooleanField(default=True, editable=False, verbose_name=STATED_IN_FULL),
    )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0003_standings")]

    operations = [
        stated_in_full("historicalsupportservice"),
        stated_in_full("supportservice"),
        migrations.RunPython(know_what_was_logged_in_short, do_nothing),
        *(history_of_list(*each) for each in LISTS),
        migrations.RunPython(fill_lists_of_earlier_states, do_nothing),
    ]
