"""What the tables of the package are made of: one definition for CSV, Table Schema, SQLite and the data dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from tracker.exports.columns import Column, Frame, Sheet, show_time
from tracker.models import (
    Commitment,
    Department,
    Document,
    Funding,
    Petition,
    Relation,
    RemovalReason,
)
from tracker.statuses import (
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_DEFINITION,
    NOT_YET_CHECKED_LABEL,
    Answer,
    Basis,
    Origin,
    Status,
    Strength,
)

Names = tuple[str, ...]
Word = tuple[str, str, str]


def list_words(choices: Any) -> tuple[Word, ...]:
    """Return the code, the label and the definition, where there is one, of each word of a closed list."""
    return tuple((word.value, word.label, getattr(word, "definition", "")) for word in choices)


# Every closed list of words that a table holds.
VOCABULARIES: dict[str, tuple[Word, ...]] = {
    "status": list_words(Status),
    "status-of-commitment": (
        *list_words(Status),
        (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, NOT_YET_CHECKED_DEFINITION),
    ),
    "basis": list_words(Basis),
    "strength": list_words(Strength),
    "origin": list_words(Origin),
    "answer": list_words(Answer),
    "commitment-kind": list_words(Commitment.Kind),
    "precision": list_words(Commitment.Precision),
    "confidence": list_words(Commitment.Confidence),
    "relation": list_words(Relation.Kind),
    "document-kind": list_words(Document.Kind),
    "department-kind": list_words(Department.Kind),
    "funding-stage": list_words(Funding.Stage),
    "petition-state": list_words(Petition.State),
    "petition-outcome": list_words(Petition.Outcome),
    "reason-for-removal": list_words(RemovalReason),
}


@dataclass(frozen=True)
class Field(Column):
    """A column of a table. `words` names its vocabulary; `is_needed` says that no row is without it.

    `is_own` marks what belongs to this register rather than to what it says: when it published a row, and where. A
    register that loads the package has its own.
    """

    words: str = ""
    is_needed: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class Reference:
    """Columns that name a row of a table by its key."""

    columns: Names
    table: str
    key: Names


@dataclass(frozen=True)
class Table:
    """One file of the package. `read_rows` yields its rows in a fixed order, a few hundred at a time.

    `indexed` are columns that are searched by besides the key and the references; `titled` and `searched` are the
    columns that the full-text search reads.
    """

    name: str
    one_row: Any
    key: Names
    fields: tuple[Field, ...]
    read_rows: Callable[[], Iterable[Any]]
    references: tuple[Reference, ...] = ()
    indexed: tuple[Names, ...] = ()
    titled: str = ""
    searched: Names = ()

    @property
    def header(self) -> list[str]:
        return [field.name for field in self.fields]

    def read(self, row: Any, frame: Frame) -> list[Any]:
        values = ((field, field.read(row, frame)) for field in self.fields)
        return [None if value == "" and field.kind == "code" else value for field, value in values]

    def has_always(self, columns: Names) -> bool:
        """Say whether every row has all of these columns."""
        return all(field.is_needed for field in self.fields if field.name in columns)


def take(sheet: Sheet, *names: str, **options: Any) -> tuple[Field, ...]:
    """Return columns of a sheet as they are there, with what the package says of them besides, or otherwise."""
    columns = {column.name: column for column in sheet.columns}
    facts = ({fact.name: getattr(columns[name], fact.name) for fact in fields(Column)} for name in names)
    return tuple(Field(**{**each, **options}) for each in facts)


def text(name: str, description: Any, path: str = "", **options: Any) -> Field:
    return Field(name, description, path or name, "text", **options)


def needed(name: str, description: Any, path: str = "", kind: str = "text", **options: Any) -> Field:
    return Field(name, description, path or name, kind, is_needed=True, **options)


def day(name: str, description: Any, path: str = "") -> Field:
    return Field(name, description, path or name, "date")


def number(name: str, description: Any, path: str = "") -> Field:
    return Field(name, description, path or name, "number")


def code(name: str, description: Any, words: str, path: str = "") -> Field:
    return Field(name, description, path or name, "code", words=words, is_needed=True)


def refer(column: str, table: str, key: str) -> Reference:
    return Reference((column,), table, (key,))


def link_page(frame: Frame, subject: str) -> str:
    """Return the address of a row's page, or of its place on that of its commitment."""
    thing, mark, anchor = subject.partition("#")
    return frame.link(thing, mark + anchor)


PUBLISHED = (
    Field(
        "entry",
        _("The number of the entry of the log by which it became public."),
        "entry",
        "number",
        is_own=True,
    ),
    Field(
        "published_at",
        _("When the public could first read it, in UTC."),
        "published_at",
        "time",
        show_time,
        is_own=True,
    ),
)
PAGE = Field("page", _("Its page in this register."), "subject", "text", link_page, is_own=True)
REFERENCE = needed("reference", _("The commitment."), "commitment__reference")
OF_COMMITMENT = refer("reference", "commitments", "reference")
OF_DOCUMENT = refer("document", "documents", "identifier")
