"""Makes the log's entries the leaves of a Merkle tree, in place of a chain of hashes.

Every entry stays as it is; only what ties the entries together is worked out anew. The first checkpoint is signed by the
next publication, because no key need exist here.
"""

import datetime as dt
import hashlib
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations, models

from tracker.merkle import EMPTY_ROOT, grow, hash_leaf, hash_span
from tracker.verify import canonical_json

GENESIS = "0" * 64
CHUNK = 500
KINDS = [
    ("load", "Load of the register's files"),
    ("department", "Department"),
    ("topic", "Topic"),
    ("document", "Document"),
    ("programme", "Programme"),
    ("commitment", "Commitment"),
    ("relation", "Relation"),
    ("status-update", "Status update"),
    ("response", "Response"),
    ("milestone", "Milestone"),
    ("milestone-update", "Milestone update"),
    ("funding", "Funding"),
    ("check", "Check"),
    ("revision", "New wording"),
    ("withdrawal", "Withdrawal"),
    ("petition", "Petition"),
    ("support-service", "Support service"),
    ("redaction", "Redaction"),
]


def describe(entry):
    return {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "subject": entry.subject,
        "batch": entry.batch,
        "content_hash": entry.content_hash,
    }


def read_chunks(model):
    entries = model.objects.defer("content").order_by("sequence")
    for first in range(0, entries.count(), CHUNK):
        yield list(entries[first : first + CHUNK])


def grow_tree(apps, schema_editor):
    entry_model, node_model, head_model = (
        apps.get_model("tracker", name) for name in ("LogEntry", "LogNode", "LogHead")
    )
    nodes, size = {}, 0
    for entries in read_chunks(entry_model):
        leaves = [hash_leaf(canonical_json(describe(entry))) for entry in entries]
        for entry, leaf in zip(entries, leaves, strict=True):
            entry.leaf_hash = leaf.hex()
        entry_model.objects.bulk_update(entries, ["leaf_hash"])
        grown = dict(grow(size, leaves, nodes.__getitem__))
        node_model.objects.bulk_create(
            [node_model(level=level, index=index, hash=grown[level, index].hex()) for level, index in grown if level],
            batch_size=CHUNK,
        )
        nodes |= grown
        size += len(entries)
    origin = f"{urlsplit(settings.SITE_URL).hostname}/log/{secrets.token_hex(4)}"
    root = hash_span((0, size), nodes.__getitem__).hex()
    head_model.objects.filter(sequence=size).update(origin=origin, root_hash=root)
    # A head that disagreed with its entries goes on doing so.
    head_model.objects.exclude(sequence=size).update(origin=origin)


def restore_chain(apps, schema_editor):
    entry_model, head_model = (apps.get_model("tracker", name) for name in ("LogEntry", "LogHead"))
    previous = GENESIS
    for entries in read_chunks(entry_model):
        for entry in entries:
            previous = hashlib.sha256(canonical_json(describe(entry) | {"previous": previous})).hexdigest()
            entry.entry_hash = previous
        entry_model.objects.bulk_update(entries, ["entry_hash"])
    head_model.objects.update(entry_hash=previous)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0004_desk")]

    operations = [
        migrations.AddField(
            "LogEntry", "leaf_hash", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField("LogHead", "root_hash", models.CharField(max_length=64, default=EMPTY_ROOT.hex())),
        migrations.AddField("LogHead", "origin", models.CharField(max_length=300, default=""), preserve_default=False),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        help_text="It covers 2 to the power of this many entries; at least 1."
                    ),
                ),
                ("index", models.PositiveBigIntegerField(help_text="Its place in its level, from 0 on.")),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("level", "index"), name="log_node_is_stored_once"),
                    models.CheckConstraint(condition=models.Q(("level__gte", 1)), name="log_node_is_no_entry"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("root_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("note", models.TextField()),
                ("key", models.CharField(max_length=400)),
            ],
            options={"ordering": ["-size"]},
        ),
        # So that going back can first make the columns and then fill them.
        migrations.AlterField("LogEntry", "entry_hash", models.CharField(max_length=64, default="")),
        migrations.RunPython(grow_tree, restore_chain),
        migrations.RemoveField("LogEntry", "entry_hash"),
        migrations.RemoveField("LogHead", "entry_hash"),
        migrations.AlterField("LogEntry", "kind", models.CharField(choices=KINDS, max_length=30)),
        migrations.RemoveConstraint("LogEntry", "log_entry_kind_is_known"),
        migrations.AddConstraint(
            "LogEntry",
            models.CheckConstraint(
                condition=models.Q(("kind__in", [code for code, _ in KINDS])), name="log_entry_kind_is_known"
            ),
        ),
        migrations.AddIndex("LogEntry", models.Index(fields=["kind", "sequence"], name="log_entry_kind")),
    ]
