"""The columns of the three sheets, declared once: every format and the data dictionary are printed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from tracker.moments import Moment
from tracker.querysets import follow
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Status, compute_timeliness

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SCHEMA_VERSION = 1  # of the JSON; raised when a column is renamed, removed or means something else
Values = Mapping[str, Sequence[Any]]  # by path, those of some rows


@dataclass(frozen=True)
class Frame:
    """What is the same for all rows of a file: the site, and the moment that is asked about."""

    site: str
    moment: Moment

    def link(self, path: str, anchor: str = "") -> str:
        """Return the whole address of a page on the day of the file."""
        return f"{self.site}/{path}/{self._query}{anchor}"

    @cached_property
    def _query(self) -> str:
        return f"?{self.moment.query}" if self.moment.query else ""

    @cached_property
    def status_labels(self) -> dict[str | None, str]:
        """What a reader sees of each status, and where there is none."""
        labels = {**dict(Status.choices), None: NOT_YET_CHECKED_LABEL, "": NOT_YET_CHECKED_LABEL}
        return {status: str(label) for status, label in labels.items()}


# What the cells of a column hold, as the data dictionary says it.
KINDS = {
    "text": _("text"),
    "code": _("code"),
    "date": _("date"),
    "list": _("list"),
    "number": _("number"),
    "time": _("time"),
    "true or false": _("true or false"),
}


@dataclass(frozen=True)
class Column:
    """One fact: its stable name, what it means, and the path from a row at whose end the database holds it.

    `show` makes the fact of the frame and of what is found there, at the ends of several paths parted by spaces;
    without it, what is found is the fact.
    """

    name: str
    description: str
    path: str
    kind: str = "text"
    show: Callable[..., Any] | None = None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.path.split())

    def read(self, row: Any, frame: Frame) -> Any:
        """Return the fact of one row, whatever it is made of."""
        found = [follow(row, path) for path in self.paths]
        return self.show(frame, *found) if self.show else found[0]

    def read_all(self, values: Values, frame: Frame) -> Sequence[Any]:
        """Return the fact of each of many rows, of which nothing but the values was read."""
        found = [values[path] for path in self.paths]
        return list(map(partial(self.show, frame), *found)) if self.show else found[0]

    @property
    def kind_name(self) -> Any:
        return KINDS[self.kind]


@dataclass(frozen=True)
class Sheet:
    name: str
    one_row: str
    key: str
    commitment: str  # the path from a row to its commitment
    columns: tuple[Column, ...]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def paths(self) -> list[str]:
        """Where the database holds what its columns say."""
        return list(dict.fromkeys(path for column in self.columns for path in column.paths))

    def read_all(self, values: Values, frame: Frame) -> list[Sequence[Any]]:
        """Return the facts of many rows, column by column."""
        return [column.read_all(values, frame) for column in self.columns]


def show_status(frame: Frame, status: str | None) -> str:
    return status or NOT_YET_CHECKED


def show_status_label(frame: Frame, status: str | None) -> str:
    return frame.status_labels[status]


def show_timeliness(frame: Frame, next_due_on: dt.date | None, met_on_time: bool | None) -> str:
    return compute_timeliness(next_due_on, met_on_time, frame.moment.day).value


def show_list(frame: Frame, slugs: str | None) -> list[str]:
    return sorted(slugs.split()) if slugs else []


def show_time(frame: Frame, at: dt.datetime) -> str:
    return write_time(at)


def write_time(at: dt.datetime) -> str:
    """Write a time in UTC, to the second."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def link_commitment(frame: Frame, reference: str) -> str:
    return frame.link(f"commitments/{reference}")


def link_update(frame: Frame, reference: str, number: int) -> str:
    return frame.link(f"commitments/{reference}", f"#update-{number}")


def link_document(frame: Frame, identifier: str) -> str:
    return f"{frame.site}/documents/{identifier}/"


ON = Column("on", _("The day whose state the row shows."), "pk", "date", lambda frame, key: frame.moment.day)
KNOWN = Column(
    "known",
    _("The day up to which the register's own knowledge counts; empty where all that is known today does."),
    "pk",
    "date",
    lambda frame, key: frame.moment.known,
)
# In each row, because a CSV has no other place for it and rows are copied from file to file.
LICENSED = Column("licence", _("What may be done with the row."), "pk", "text", lambda frame, key: LICENCE)

COMMITMENTS = Sheet(
    "commitments",
    _("One row for each commitment of the question, in the order of the page."),
    _("reference"),
    "pk",
    (
        Column("reference", _("Its permanent public name. The other sheets name it so."), "reference"),
        Column("title", _("What was promised, in a few words."), "title"),
        Column("summary", _("What was promised, in plain words and without judging it."), "summary"),
        Column("kind", _("What kind of commitment it is."), "kind", "code"),
        Column("programme", _("Its set of commitments: the name in addresses."), "programme__slug"),
        Column("programme_name", _("The name of that set."), "programme__name"),
        Column("number", _("Its place in its programme."), "number", "number"),
        Column("department", _("The body that answers for it: its name in addresses."), "department__slug"),
        Column("department_name", _("The name of that body."), "department__name"),
        Column("supporting", _("The other bodies with a part in it."), "supporting", "list", show_list),
        Column("topics", _("What it is about."), "topics", "list", show_list),
        Column("made_on", _("The day of the promise."), "made_on", "date"),
        Column("made_on_precision", _("How exact that day is."), "made_on_precision", "code"),
        Column("made_by", _("Who promised it, by office."), "made_by"),
        Column("status", _("Our assessment of what became of it."), "current_update__status", "code", show_status),
        Column("status_label", _("The same as a reader sees it."), "current_update__status", "text", show_status_label),
        Column("status_since", _("The day on which the present status began."), "status_since", "date"),
        Column(
            "status_update",
            _("The number of the update that gives the status: see the sheet of updates."),
            "current_update__number",
            "number",
        ),
        Column("status_as_of", _("The day that update is dated."), "current_update__as_of", "date"),
        Column(
            "status_strength",
            _("How much the strongest document cited for the status can prove."),
            "current_update__strength",
            "code",
        ),
        Column("claim", _("The status that the body itself claims."), "current_claim__status", "code"),
        Column("claim_as_of", _("The day that claim is dated."), "current_claim__as_of", "date"),
        Column("response", _("What the body answered to it, last."), "current_response__answer", "code"),
        Column("response_on", _("The day of that answer."), "current_response__on", "date"),
        Column("next_due_on", _("The first date that is still open."), "next_due_on", "date"),
        Column(
            "timeliness",
            _("How it stands against its dates on the day asked about."),
            "next_due_on met_on_time",
            "code",
            show_timeliness,
        ),
        Column("checked_on", _("The day on which we last looked for news."), "checked_on", "date"),
        Column("source_document", _("The document in which it was promised."), "source_document__identifier"),
        Column("source_url", _("The address of that document at its publisher."), "source_document__url"),
        Column("source_locator", _("Where in the document the words are."), "source_locator"),
        Column("confidence", _("How sure the editor is of the entry as a whole."), "confidence", "code"),
        Column("editor_note", _("A caution about the entry."), "editor_note"),
        Column(
            "has_distressing_detail",
            _("Whether its texts describe abuse in distressing detail. Say so before you show them."),
            "has_distressing_detail",
            "true or false",
        ),
        Column("url", _("Its page in this register, on the day asked about."), "reference", "text", link_commitment),
        ON,
        KNOWN,
        LICENSED,
    ),
)

UPDATES = Sheet(
    "updates",
    _("One row for each status update of those commitments, newest first under each."),
    _("reference and update"),
    "commitment",
    (
        Column("reference", _("The commitment."), "commitment__reference"),
        Column("update", _("Its number, given once on that commitment."), "number", "number"),
        Column("basis", _("Who says so: our assessment or the body's own claim."), "basis", "code"),
        Column("status", _("What it says became of the commitment."), "status", "code"),
        Column("status_label", _("The same as a reader sees it."), "status", "text", show_status_label),
        Column("as_of", _("The day from which it is true."), "as_of", "date"),
        Column("reason", _("Why, in plain words."), "reason"),
        Column("strength", _("How much its strongest document can prove."), "strength", "code"),
        Column("corrects", _("The number of the update that it puts right."), "corrects__number", "number"),
        Column(
            "corrected_by",
            _("The number of the update that puts it right. It then no longer counts."),
            "correction__number",
            "number",
        ),
        Column("published_at", _("When the public could first read it, in UTC."), "published_at", "time", show_time),
        Column("url", _("Its place on the commitment's page."), "commitment__reference number", "text", link_update),
        ON,
        KNOWN,
        LICENSED,
    ),
)

EVIDENCE = Sheet(
    "evidence",
    _("One row for each document cited for each of those updates."),
    _("reference, update and document"),
    "status_update__commitment",
    (
        Column("reference", _("The commitment."), "status_update__commitment__reference"),
        Column("update", _("The number of the update that cites it."), "status_update__number", "number"),
        Column("document", _("The document: its name in addresses."), "document__identifier"),
        Column("document_title", _("Its title."), "document__title"),
        Column("document_url", _("Its address at its publisher."), "document__url"),
        Column("publisher", _("Who published it."), "document__publisher"),
        Column(
            "published_on",
            _("The date that it shows, if it does."),
            "document__published_on",
            "date",
        ),
        Column("document_kind", _("What kind of document it is."), "document__kind", "code"),
        Column("origin", _("Who speaks in it."), "document__origin", "code"),
        Column("strength", _("How much it can prove."), "document__strength", "code"),
        Column("note", _("What it shows."), "note"),
        Column(
            "records_completion",
            _("Whether it is the promised thing itself or records the completed act."),
            "records_completion",
            "true or false",
        ),
        Column(
            "already_in_place",
            _("Whether what it shows was in place before the commitment was made."),
            "already_in_place",
            "true or false",
        ),
        Column(
            "document_page", _("The document's page in this register."), "document__identifier", "text", link_document
        ),
        Column(
            "url",
            _("The place of the update on the commitment's page."),
            "status_update__commitment__reference status_update__number",
            "text",
            link_update,
        ),
        ON,
        KNOWN,
        LICENSED,
    ),
)

SHEETS = (COMMITMENTS, UPDATES, EVIDENCE)
