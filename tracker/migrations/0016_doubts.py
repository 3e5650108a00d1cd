"""Holds with the pointers what a status rests on and whether the body says something else, so that both are filters
like others, answered from the roll.
"""

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q

STANDS = ["current_status", "current_strength", "current_answer", "next_due_on", "met_on_time", "status_since"]
DOUBTED = ["checked_on", "rests_on_copies", "claim_differs"]
ENROLLED = [
    *("department", "programme", "kind", "made_on", "current_status", "current_answer", "current_strength"),
    *("next_due_on", "met_on_time", "status_since", "checked_on", "rests_on_copies", "claim_differs"),
]
ON_A_DAY = ["known_until_at", "from_on", "until_on", "known_from_at", "commitment", *STANDS, *DOUBTED]
INDEXES = {
    "commitment_in_order": ("commitment", ["reference", "withdrawn_at", "published_at", "id", *ENROLLED]),
    "standing_on_a_day": ("standing", ON_A_DAY),
}
POINTING = ("commitment", "historicalcommitment", "standing")
COLUMNS = [
    *((model, "rests_on_copies") for model in (*POINTING, "statusupdate", "historicalstatusupdate")),
    *((model, "claim_differs") for model in POINTING),
]


def fill(apps, schema_editor):
    """Work out both from the evidence and the claims. On the way back the columns go, and nothing else has to."""
    read = {name: apps.get_model("tracker", name)._base_manager for name in ("StatusUpdate", "Evidence")}
    others = read["Evidence"].filter(status_update=OuterRef("pk")).exclude(document__origin="official-copy")
    updates = read["StatusUpdate"].filter(published_at__isnull=False).exclude(strength="")
    updates.filter(~Exists(others)).update(rests_on_copies=True)
    claimed = F("current_claim__status")
    for name in ("Commitment", "Standing"):
        rows = apps.get_model("tracker", name)._base_manager
        rows.filter(current_update__rests_on_copies=True).update(rests_on_copies=True)
        differs = Q(current_status__lt=claimed) | Q(current_status__gt=claimed)
        rows.filter(differs, current_update__isnull=False).update(claim_differs=True)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0015_what_changed"),
    ]

    operations = [
        *(migrations.RemoveIndex(model_name=model, name=name) for name, (model, _fields) in INDEXES.items()),
        *(
            migrations.AddField(model_name=model, name=name, field=models.BooleanField(default=False, editable=False))
            for model, name in COLUMNS
        ),
        *(
            migrations.AddIndex(model_name=model, index=models.Index(fields=fields, name=name))
            for name, (model, fields) in INDEXES.items()
        ),
        # Last, because PostgreSQL makes no index on a table whose rows have just been changed.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
