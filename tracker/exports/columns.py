"""The columns of the three sheets, declared once: every format and the data dictionary are printed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracker.moments import Moment
from tracker.querysets import EarlierWords
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Status, compute_timeliness

SCHEMA_VERSION = 1  # of the JSON; raised when a column is renamed, removed or means something else


@dataclass(frozen=True)
class Frame:
    """What is the same for all rows of a file: the site, and the moment with the words of then."""

    site: str
    moment: Moment
    words: EarlierWords

    def link(self, path: str, anchor: str = "") -> str:
        """Return the whole address of a page on the day of the file."""
        query = f"?{self.moment.query}" if self.moment.query else ""
        return f"{self.site}/{path}/{query}{anchor}"


@dataclass(frozen=True)
class Column:
    """One fact: its stable name, what it means and how it is read from a row."""

    name: str
    description: str
    read: Callable[[Any, Frame], Any]
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    name: str
    one_row: str
    key: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def read(self, row: Any, frame: Frame) -> list[Any]:
        return [column.read(row, frame) for column in self.columns]


STATUS_LABELS = dict(Status.choices)


def read_from(path: str) -> Callable[[Any, Frame], Any]:
    """Return what reads an attribute, or one of what a pointer leads to; None where it leads nowhere."""
    first, _, second = path.partition(".")

    def read(row: Any, frame: Frame) -> Any:
        value = getattr(row, first)
        return getattr(value, second) if second and value is not None else value

    return read


def read_slugs(name: str) -> Callable[[Any, Frame], list[str]]:
    """Return what reads a list, such as the topics, as it was at the moment of the file."""

    def read(row: Any, frame: Frame) -> list[str]:
        earlier = frame.words.by_field.get(name, {})
        slugs = earlier[row.pk] or () if row.pk in earlier else (each.slug for each in getattr(row, name).all())
        return sorted(slugs)

    return read


def read_status(row: Any, frame: Frame) -> str:
    return row.current_update.status if row.current_update else NOT_YET_CHECKED


def read_status_label(row: Any, frame: Frame) -> str:
    return STATUS_LABELS[row.current_update.status] if row.current_update else NOT_YET_CHECKED_LABEL


def read_timeliness(row: Any, frame: Frame) -> str:
    return compute_timeliness(row.next_due_on, row.met_on_time, frame.moment.day).value


def read_minute(row: Any, frame: Frame) -> str:
    return row.published_at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def link_commitment(row: Any, frame: Frame) -> str:
    return frame.link(f"commitments/{row.reference}")


def link_update(row: Any, frame: Frame) -> str:
    return frame.link(f"commitments/{row.commitment.reference}", f"#update-{row.number}")


def link_cited(row: Any, frame: Frame) -> str:
    return link_update(row.status_update, frame)


def link_document(row: Any, frame: Frame) -> str:
    return f"{frame.site}/documents/{row.document.identifier}/"


ON = Column("on", "The day whose state the row shows.", lambda row, frame: frame.moment.day, "date")
KNOWN = Column(
    "known",
    "The day up to which the register's own knowledge counts; empty where all that is known today does.",
    lambda row, frame: frame.moment.known,
    "date",
)

COMMITMENTS = Sheet(
    "commitments",
    "One row for each commitment of the question, in the order of the page.",
    "reference",
    (
        Column("reference", "Its permanent public name. The other sheets name it so.", read_from("reference")),
        Column("title", "What was promised, in a few words.", read_from("title")),
        Column("summary", "What was promised, in plain words and without judging it.", read_from("summary")),
        Column("kind", "What kind of commitment it is.", read_from("kind"), "code"),
        Column("programme", "Its set of commitments: the name in addresses.", read_from("programme.slug")),
        Column("programme_name", "The name of that set.", read_from("programme.name")),
        Column("number", "Its place in its programme.", read_from("number"), "number"),
        Column("department", "The body that answers for it: its name in addresses.", read_from("department.slug")),
        Column("department_name", "The name of that body.", read_from("department.name")),
        Column("supporting", "The other bodies with a part in it.", read_slugs("supporting"), "list"),
        Column("topics", "What it is about.", read_slugs("topics"), "list"),
        Column("made_on", "The day of the promise.", read_from("made_on"), "date"),
        Column("made_on_precision", "How exact that day is.", read_from("made_on_precision"), "code"),
        Column("made_by", "Who promised it, by office.", read_from("made_by")),
        Column("status", "Our assessment of what became of it.", read_status, "code"),
        Column("status_label", "The same as a reader sees it.", read_status_label),
        Column("status_since", "The day on which the present status began.", read_from("status_since"), "date"),
        Column(
            "status_update",
            "The number of the update that gives the status: see the sheet of updates.",
            read_from("current_update.number"),
            "number",
        ),
        Column("status_as_of", "The day that update is dated.", read_from("current_update.as_of"), "date"),
        Column(
            "status_strength",
            "How much the strongest document cited for the status can prove.",
            read_from("current_update.strength"),
            "code",
        ),
        Column("claim", "The status that the body itself claims.", read_from("current_claim.status"), "code"),
        Column("claim_as_of", "The day that claim is dated.", read_from("current_claim.as_of"), "date"),
        Column("response", "What the body answered to it, last.", read_from("current_response.answer"), "code"),
        Column("response_on", "The day of that answer.", read_from("current_response.on"), "date"),
        Column("next_due_on", "The first date that is still open.", read_from("next_due_on"), "date"),
        Column("timeliness", "How it stands against its dates on the day asked about.", read_timeliness, "code"),
        Column("checked_on", "The day on which we last looked for news.", read_from("checked_on"), "date"),
        Column("source_document", "The document in which it was promised.", read_from("source_document.identifier")),
        Column("source_url", "The address of that document at its publisher.", read_from("source_document.url")),
        Column("source_locator", "Where in the document the words are.", read_from("source_locator")),
        Column("confidence", "How sure the editor is of the entry as a whole.", read_from("confidence"), "code"),
        Column("editor_note", "A caution about the entry.", read_from("editor_note")),
        Column(
            "has_distressing_detail",
            "Whether its texts describe abuse in distressing detail. Say so before you show them.",
            read_from("has_distressing_detail"),
            "true or false",
        ),
        Column("url", "Its page in this register, on the day asked about.", link_commitment),
        ON,
        KNOWN,
    ),
)

UPDATES = Sheet(
    "updates",
    "One row for each status update of those commitments, newest first under each.",
    "reference and update",
    (
        Column("reference", "The commitment.", read_from("commitment.reference")),
        Column("update", "Its number, given once on that commitment.", read_from("number"), "number"),
        Column("basis", "Who says so: our assessment or the body's own claim.", read_from("basis"), "code"),
        Column("status", "What it says became of the commitment.", read_from("status"), "code"),
        Column("status_label", "The same as a reader sees it.", lambda row, frame: STATUS_LABELS[row.status]),
        Column("as_of", "The day from which it is true.", read_from("as_of"), "date"),
        Column("reason", "Why, in plain words.", read_from("reason")),
        Column("strength", "How much its strongest document can prove.", read_from("strength"), "code"),
        Column("corrects", "The number of the update that it puts right.", read_from("corrects_number"), "number"),
        Column(
            "corrected_by",
            "The number of the update that puts it right. It then no longer counts.",
            read_from("corrected_by_number"),
            "number",
        ),
        Column("published_at", "When the public could first read it, in UTC.", read_minute, "time"),
        Column("url", "Its place on the commitment's page.", link_update),
        ON,
        KNOWN,
    ),
)

EVIDENCE = Sheet(
    "evidence",
    "One row for each document cited for each of those updates.",
    "reference, update and document",
    (
        Column("reference", "The commitment.", lambda row, frame: row.status_update.commitment.reference),
        Column("update", "The number of the update that cites it.", read_from("status_update.number"), "number"),
        Column("document", "The document: its name in addresses.", read_from("document.identifier")),
        Column("document_title", "Its title.", read_from("document.title")),
        Column("document_url", "Its address at its publisher.", read_from("document.url")),
        Column("publisher", "Who published it.", read_from("document.publisher")),
        Column(
            "published_on",
            "The date that it shows, if it does.",
            read_from("document.published_on"),
            "date",
        ),
        Column("document_kind", "What kind of document it is.", read_from("document.kind"), "code"),
        Column("origin", "Who speaks in it.", read_from("document.origin"), "code"),
        Column("strength", "How much it can prove.", read_from("document.strength"), "code"),
        Column("note", "What it shows.", read_from("note")),
        Column(
            "records_completion",
            "Whether it is the promised thing itself or records the completed act.",
            read_from("records_completion"),
            "true or false",
        ),
        Column(
            "already_in_place",
            "Whether what it shows was in place before the commitment was made.",
            read_from("already_in_place"),
            "true or false",
        ),
        Column("document_page", "The document's page in this register.", link_document),
        Column("url", "The place of the update on the commitment's page.", link_cited),
        ON,
        KNOWN,
    ),
)

SHEETS = (COMMITMENTS, UPDATES, EVIDENCE)
