"""What the package says of itself: where it stands, its licence, and the Frictionless descriptor of its tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.exports.columns import LICENCE, SCHEMA_VERSION
from tracker.exports.formats import LICENCE_NAME
from tracker.exports.package.fields import VOCABULARIES, Field, Reference, Table
from tracker.models import Checkpoint, LogEntry

TITLE = "Commitments Register"
DESCRIPTION = (
    "What UK governments promised about child sexual abuse and grooming gangs, and what came of it. "
    "Independent; not a government website."
)
ESCAPED = _(
    "A spreadsheet runs a cell that begins with =, +, -, @, a tab or a carriage return. In the CSV files of the "
    "package, a text that begins so, after apostrophes or none, has one apostrophe more put before it. Take one away, "
    "and the text is exact. The JSON Lines and the SQLite file are exact as they are."
)
OWN = _(
    "Columns marked as this register's own say when and where it published a row, or follow from that. "
    "A register that loads the package has its own values there; all else is the same."
)

# kind of column: its type in a Table Schema (https://specs.frictionlessdata.io/table-schema/)
TYPES = {
    "text": "string",
    "code": "string",
    "number": "integer",
    "date": "date",
    "time": "datetime",
    "true or false": "boolean",
}


class NothingToExport(Exception):
    """Raised when nothing has been published yet."""


@dataclass(frozen=True)
class Stand:
    """The newest entry of the log that a package holds, its time, and the newest checkpoint."""

    entry: int
    at: dt.datetime
    checkpoint: Checkpoint

    def describe(self) -> dict[str, Any]:
        """Return what every file of the package says of it."""
        site = settings.SITE_URL
        return {
            "title": TITLE,
            "description": DESCRIPTION,
            "address": f"{site}/",
            "licence": LICENCE,
            "licence_name": f"{LICENCE_NAME} (CC BY 4.0)",
            "attribution": f"{TITLE}, {site}/",
            "data_dictionary": site + reverse("tracker:data"),
            "schema_version": SCHEMA_VERSION,
            "log_entry": self.entry,
            "published_at": write_time(self.at),
            "checkpoint": site + reverse("tracker:log-checkpoint", args=[self.checkpoint.size]),
            "checkpoint_note": self.checkpoint.note,
        }


def write_time(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def find_stand() -> Stand:
    """Return where the register stands. Raises NothingToExport."""
    entry, checkpoint = LogEntry.objects.order_by("sequence").last(), Checkpoint.objects.first()
    if entry is None or checkpoint is None:
        raise NothingToExport("Nothing has been published yet, so there is nothing to export.")
    return Stand(entry.sequence, entry.at, checkpoint)


def describe_package(stand: Stand, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the descriptor of the package (https://specs.frictionlessdata.io/tabular-data-package/)."""
    about = stand.describe()
    return {
        "profile": "tabular-data-package",
        "name": "commitments-register",
        "title": about["title"],
        "description": f"{about['description']} {ESCAPED} {OWN}",
        "homepage": about["address"],
        "version": str(stand.entry),
        "created": about["published_at"],
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": str(LICENCE_NAME)}],
        "sources": [
            {"title": "The register", "path": about["address"]},
            {"title": "Its log", "path": settings.SITE_URL + reverse("tracker:log-list")},
        ],
        "register": about,
        "resources": resources,
    }


def describe_table(table: Table, *, size: int, sha256: str) -> dict[str, Any]:
    """Return the descriptor of one CSV of the package."""
    keys = [reference for reference in table.references if table.has_always(reference.columns)]
    # A reference of several columns of which some may be empty is one that this form cannot express.
    keys += [each for each in table.references if len(each.columns) == 1 and each not in keys]
    schema: dict[str, Any] = {
        "fields": [_describe_field(field, table) for field in table.fields],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if keys:
        schema["foreignKeys"] = [_describe_reference(reference, table) for reference in keys]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "description": str(table.one_row),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{sha256}",
        "schema": schema,
    }


def _describe_field(field: Field, table: Table) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if field.is_needed:
        constraints["required"] = True
    if table.key == (field.name,):
        constraints["unique"] = True
    if field.words:
        constraints["enum"] = [code for code, _, _ in VOCABULARIES[field.words]]
    described: dict[str, Any] = {"name": field.name, "type": TYPES[field.kind], "description": str(field.description)}
    if constraints:
        described["constraints"] = constraints
    if field.words:
        described["vocabulary"] = field.words
    if field.is_own:
        described["ownToThisRegister"] = True
    return described


def _describe_reference(reference: Reference, table: Table) -> dict[str, Any]:
    is_within = reference.table == table.name
    return {
        "fields": list(reference.columns),
        "reference": {"resource": "" if is_within else reference.table, "fields": list(reference.key)},
    }


def write_readme(stand: Stand) -> str:
    """Return the text beside the CSV files that says what they are and under which licence."""
    about = stand.describe()
    return f"""{TITLE}
{"=" * len(TITLE)}

{DESCRIPTION}

Where it is from:  {about["address"]}
Where it stands:   entry {stand.entry} of the log, published at {about["published_at"]}
The log's seal:    checkpoint.txt, also at {about["checkpoint"]}

Licence. Our own words and facts may be used by anybody for anything, if the register is named:
{LICENCE_NAME} (CC BY 4.0), {LICENCE}
The pages that the documents lead to remain their publishers' property.

What is in it. Each table is one CSV file in UTF-8, and datapackage.json says what every column holds, in the form of a
Frictionless Data Package. The same in words: {about["data_dictionary"]}

{ESCAPED}

{OWN}
"""
