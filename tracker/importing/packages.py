"""Reads the package that `export_register` wrote, and plans how an empty register becomes the same again.

Every row becomes a draft and is published in the order in which it was published first, new words among them: so each
rule is asked of what it was asked of then. `restoring` carries the plan out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Funding,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Relation,
    Response,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
)

DESCRIPTOR = "datapackage.json"
ESCAPED = re.compile(r"'+[=+\-@\t\r]")
TRUTHS = {"true": True, "false": False}

Row = dict[str, Any]
Tables = dict[str, list[Row]]


class NotAPackage(Exception):
    """Raised with a sentence when a file cannot be read as a package of the register."""


@dataclass(frozen=True)
class List:
    """A list that a row has in a table of its own: the columns there that name the row, and the one that is listed."""

    table: str
    owner: tuple[str, ...]
    column: str = ""  # nothing stands for the whole row


@dataclass(frozen=True)
class Kind:
    """How the rows of a table become rows of a model: its columns that are fields, by their names there, and lists."""

    table: str
    model: Any
    key: tuple[str, ...]
    fields: dict[str, str]
    lists: dict[str, List] = field(default_factory=dict)


@dataclass
class Step:
    """One thing to publish: the words of its fields, its lists, and the row of the package that it comes from."""

    place: str
    model: Any
    row: Row
    words: Row
    lists: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class PackagePlan:
    """What a package adds, in the order of its log, and how much of it no load can bring back."""

    name: str
    sha256: str
    steps: list[Step]
    left_out: dict[str, int]


def same(*names: str, **others: str) -> dict[str, str]:
    return {name: name for name in names} | others


def of_commitment(*names: str, **others: str) -> dict[str, str]:
    return same(*names, commitment="reference", **others)


KINDS = (
    Kind("departments", Department, ("slug",), same("slug", "name", "abbreviation", "kind", "url", "name_cy")),
    Kind("topics", Topic, ("slug",), same("slug", "name", "description")),
    Kind(
        "documents",
        Document,
        ("identifier",),
        same("identifier", "url", "title", "publisher", "published_on", "kind", "origin", "strength", "note"),
    ),
    Kind("programmes", Programme, ("slug",), same("slug", "name", "description", "published_on", "document")),
    Kind(
        "commitments",
        Commitment,
        ("reference",),
        same(
            *("reference", "title", "summary", "kind", "programme", "number", "source_document", "source_locator"),
            *("made_on", "made_on_precision", "made_by", "department", "confidence", "editor_note"),
            *("has_distressing_detail", "title_cy", "summary_cy"),
        ),
        {
            "supporting": List("commitment_departments", ("reference",), "department"),
            "topics": List("commitment_topics", ("reference",), "topic"),
        },
    ),
    Kind("relations", Relation, ("reference", "kind", "related"), of_commitment("kind", "related")),
    Kind(
        "responses",
        Response,
        ("reference", "number"),
        of_commitment("answer", "note", "document", on="answered_on", by="answered_by"),
    ),
    Kind(
        "funding",
        Funding,
        ("reference", "number"),
        of_commitment("stage", "amount_gbp", "note", "document", on="stated_on"),
    ),
    Kind(
        "milestones",
        Milestone,
        ("reference", "number"),
        of_commitment("title", "due_on", "due_text", "set_on", "note"),
        {"documents": List("milestone_documents", ("reference", "milestone"), "document")},
    ),
    Kind(
        "milestone_updates",
        MilestoneUpdate,
        ("reference", "milestone", "number"),
        same("as_of", "met_on", "due_on", "reason"),
        {"documents": List("milestone_update_documents", ("reference", "milestone", "update_number"), "document")},
    ),
    Kind(
        "updates",
        StatusUpdate,
        ("reference", "number"),
        of_commitment("basis", "status", "as_of", "reason", "reason_cy"),
        {"evidence": List("evidence", ("reference", "update_number"))},
    ),
    Kind("checks", Check, ("reference", "number"), of_commitment("checked_on", "note")),
    Kind(
        "petitions",
        Petition,
        ("number",),
        same(
            *("number", "document", "title", "state", "parliament", "opened_on", "closed_on", "signatures"),
            *("signatures_as_of", "ask", "response_on", "response_department", "response_summary"),
            *("response_document", "debated_on", "debate_house", "debate_document", "outcome", "note"),
        ),
        {"commitments": List("petition_commitments", ("petition",), "reference")},
    ),
    Kind(
        "support_services",
        SupportService,
        ("name",),
        same("name", "is_emergency", "used_for", "phone", "url", "position", "confirmed_on"),
    ),
)
# What may be reworded: things, each with a name of its own.
THINGS = frozenset(kind.model for kind in KINDS if len(kind.key) == 1)
# What another register cannot publish: it never had the entry that was withdrawn, nor the words that were removed.
LEFT_OUT = ("withdrawals", "redactions")


def read_package(path: Path) -> tuple[Tables, str]:
    """Return the tables of a package, with their cells in the types that its descriptor names, and its SHA-256.

    Raises NotAPackage.
    """
    try:
        with zipfile.ZipFile(path) as package:
            descriptor = json.loads(package.read(DESCRIPTOR))
            tables = {each["name"]: list(_read_table(package, each)) for each in descriptor["resources"]}
        with path.open("rb") as file:
            return tables, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotAPackage(f"{path} cannot be read: {error.strerror}.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise NotAPackage(f"{path} is not a zip file, or is damaged.") from None
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise NotAPackage(f"{path} is not a package of the register: {error}") from None


def _read_table(package: zipfile.ZipFile, resource: Row) -> Iterator[Row]:
    content = package.read(resource["path"])
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource["hash"]:
        raise NotAPackage(f"{resource['path']} is not the file that {DESCRIPTOR} describes: its SHA-256 is another.")
    types = {each["name"]: each["type"] for each in resource["schema"]["fields"]}
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    if list(rows.fieldnames or ()) != list(types):
        raise NotAPackage(f"{resource['path']} has not the columns that {DESCRIPTOR} describes.")
    for place, row in enumerate(rows, start=1):
        try:
            yield {name: _read_cell(text, types[name]) for name, text in row.items()}
        except (KeyError, TypeError, ValueError):
            raise NotAPackage(
                f"{resource['path']}, row {place}, has a cell that is not of its column's type."
            ) from None


def _read_cell(text: str, kind: str) -> Any:
    """Return what a cell holds; the loader takes dates as text."""
    if kind == "string":
        return text[1:] if ESCAPED.match(text) else text
    if text == "":
        return None
    if kind == "integer":
        return int(text)
    return TRUTHS[text] if kind == "boolean" else text


def plan_package(path: Path) -> PackagePlan:
    """Plan how to publish what a package holds. Raises NotAPackage."""
    tables, sha256 = read_package(path)
    try:
        steps = [step for kind in KINDS for step in _plan_rows(kind, tables)]
        _put_back_first_words(steps, tables)
        steps += _plan_revisions(tables)
        left_out = {name: len(tables[name]) for name in LEFT_OUT if tables[name]}
        steps.sort(key=lambda step: int(step.row["entry"]))
    except (KeyError, TypeError, ValueError) as error:
        raise NotAPackage(f"{path} is not a package of the register: {error} is missing or wrong.") from None
    return PackagePlan(path.name, sha256, steps, left_out)


def _plan_rows(kind: Kind, tables: Tables) -> Iterator[Step]:
    lists = {name: _group(tables[each.table], each) for name, each in kind.lists.items()}
    held = Counter(row["programme"] for row in tables["commitments"])
    for row in tables[kind.table]:
        key = tuple(row[column] for column in kind.key)
        words = {name: _read_word(kind.model, name, row[column]) for name, column in kind.fields.items()}
        if kind.model is Programme:
            words["expected_commitments"] = held[row["slug"]]
        place = f"{kind.table}.csv > {' '.join(map(str, key))}"
        yield Step(place, kind.model, row, words, {name: found[key] for name, found in lists.items()})


def _group(rows: list[Row], described: List) -> dict[tuple[Any, ...], list[Any]]:
    grouped: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        listed = row[described.column] if described.column else row
        grouped[tuple(row[column] for column in described.owner)].append(listed)
    return grouped


def _read_word(model: Any, name: str, value: Any) -> Any:
    """Return a cell as a field's words are written: an empty name of another row is none."""
    return None if value == "" and model._meta.get_field(name).is_relation else value


def _put_back_first_words(steps: list[Step], tables: Tables) -> None:
    """Give each thing that was reworded since the words with which it was published first."""
    changes: dict[str, list[Row]] = defaultdict(list)
    for change in tables["revision_changes"]:
        changes[change["thing"]].append(change)
    for step in steps:
        for change in reversed(changes.get(_find_subject(step), [])):
            before = json.loads(change["before"])
            (step.lists if change["column"] in step.lists else step.words)[change["column"]] = before


def _find_subject(step: Step) -> str:
    """Return the name in the log of a thing that may be reworded; nothing for another."""
    name = step.model.public_key
    return str(step.model(**{name: step.words[name]}).subject) if step.model in THINGS else ""


def _plan_revisions(tables: Tables) -> Iterator[Step]:
    changes = _group(tables["revision_changes"], List("revision_changes", ("thing", "number")))
    for row in tables["revisions"]:
        changed = {
            change["column"]: {side: json.loads(change[side]) for side in ("before", "after")}
            for change in changes[row["thing"], row["number"]]
        }
        place = f"revisions.csv > {row['thing']} {row['number']}"
        yield Step(place, Revision, row, {"reason": row["reason"], "changes": changed})
