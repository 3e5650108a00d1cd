"""What is searched: views of the public words of commitments, of their status updates and of documents, each with the
tables from which its words come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracker.querysets.searching import SEARCHED
from tracker.words import BOUNDARY

PREFIX = "search_"
LONGEST_TEXT = 150_000  # characters of a column: PostgreSQL takes a million bytes for all
JOINT = f" {BOUNDARY} "
AFTER_FIGURES = ":"  # and before all letters: numbers are no words to be meant
MANY = 10_000  # commitments that hold a word: more are not counted

Definitions = dict[str, str]  # by name; what the database can be asked for again, to compare
PutTogether = Callable[[str, str, str], str]


@dataclass(frozen=True)
class Source:
    """A table that a view reads: the keys of the rows of the view in which a row of it, written {row}, is searched, and
    the columns that matter.
    """

    table: str
    keys: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """An index of words: its name in the database, what is in its columns, and where that comes from.

    `beside` are other columns of its view and their types. PostgreSQL keeps them in the table of the words, which is
    asked for all of them together, and read whole.
    """

    name: str
    select: Callable[[PutTogether], str]
    sources: tuple[Source, ...]
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return SEARCHED[self.name]

    @property
    def view(self) -> str:
        return f"{self.name}_text"

    def list_events(self) -> Iterator[tuple[Source, str]]:
        """Yield everything that may change what is searched."""
        for source in self.sources:
            yield from ((source, event) for event in ("insert", "update", "delete"))

    def name_trigger(self, source: Source, event: str) -> str:
        return f"{self.name}_{event}_{source.table.removeprefix('tracker_')}"

    def write_view(self, put_together: PutTogether) -> str:
        """Return the view. `put_together` writes the joined texts of some rows, in an order, for one database."""
        return f"CREATE VIEW {self.view} AS {self.select(put_together)}"


def _line_up(*texts: str) -> str:
    joined = f" || '{JOINT}' || ".join(texts)
    return f"substr({joined}, 1, {LONGEST_TEXT})"


_CITED = f"d.title || '{JOINT}' || d.publisher"
_NAMED = "d.name || ' ' || d.abbreviation"
_PUBLIC = "d.published_at IS NOT NULL"
_PUBLIC_UPDATE = "u.published_at IS NOT NULL"


def _name_around(put_together: PutTogether) -> str:
    """Return who promised what kind of thing, in which set, about what, and who helps."""
    supporting = "tracker_commitment_supporting s JOIN tracker_department d ON d.id = s.department_id"
    topics = "tracker_commitment_topics m JOIN tracker_topic d ON d.id = m.topic_id"
    return _line_up(
        *("c.made_by", "c.kind"),
        put_together(_NAMED, f"tracker_department d WHERE d.id = c.department_id AND {_PUBLIC}", "d.id"),
        put_together("d.name", f"tracker_programme d WHERE d.id = c.programme_id AND {_PUBLIC}", "d.id"),
        put_together(_NAMED, f"{supporting} WHERE s.commitment_id = c.id AND {_PUBLIC}", "d.id"),
        put_together("d.name", f"{topics} WHERE m.commitment_id = c.id AND {_PUBLIC}", "d.id"),
    )


_EVIDENCE = "tracker_evidence e JOIN tracker_document d ON d.id = e.document_id"


def _select_commitments(put_together: PutTogether) -> str:
    title = _line_up("c.reference", "CAST(c.number AS text)", "c.title", "c.title_cy")
    history = f"tracker_statusupdate u WHERE u.commitment_id = c.id AND {_PUBLIC_UPDATE}"
    cited = (
        f"{_EVIDENCE} JOIN tracker_statusupdate u ON u.id = e.status_update_id "
        f"WHERE u.commitment_id = c.id AND {_PUBLIC_UPDATE} AND {_PUBLIC}"
    )
    record = _line_up(
        put_together(f"u.reason || '{JOINT}' || u.reason_cy", history, "u.id"), put_together(_CITED, cited, "e.id")
    )
    return (
        f"SELECT c.id AS id, {title} AS title, {_line_up('c.summary', 'c.summary_cy')} AS summary, "
        f"{_name_around(put_together)} AS about, {record} AS record "
        "FROM tracker_commitment c WHERE c.published_at IS NOT NULL AND c.withdrawn_at IS NULL"
    )


def _select_updates(put_together: PutTogether) -> str:
    cited = put_together(_CITED, f"{_EVIDENCE} WHERE e.status_update_id = u.id AND {_PUBLIC}", "e.id")
    return (
        f"SELECT u.id AS id, {_line_up('u.reason', 'u.reason_cy', cited)} AS record, "
        "u.commitment_id AS commitment, u.as_of AS as_of, u.published_at AS published_at "
        "FROM tracker_statusupdate u JOIN tracker_commitment c ON c.id = u.commitment_id "
        f"WHERE {_PUBLIC_UPDATE} AND c.published_at IS NOT NULL AND c.withdrawn_at IS NULL"
    )


def _select_documents(put_together: PutTogether) -> str:
    return f"SELECT d.id AS id, d.title AS title, d.publisher AS publisher FROM tracker_document d WHERE {_PUBLIC}"


_OF_PUBLISHED = "SELECT c.id FROM tracker_commitment c WHERE c.id = {row}.commitment_id AND c.published_at IS NOT NULL"
_CITING = (
    "FROM tracker_evidence e JOIN tracker_statusupdate u ON u.id = e.status_update_id "
    f"WHERE e.document_id = {{row}}.id AND {_PUBLIC_UPDATE}"
)
_UPDATE = ("commitment_id", "reason", "reason_cy", "published_at")
_EVIDENCE_COLUMNS = ("status_update_id", "document_id")
_DOCUMENT = ("title", "publisher", "published_at")

COMMITMENTS = Index(
    "search_commitment",
    _select_commitments,
    (
        Source(
            "tracker_commitment",
            "SELECT {row}.id WHERE {row}.published_at IS NOT NULL",
            (
                *("reference", "number", "title", "title_cy", "summary", "summary_cy", "made_by", "kind"),
                *("department_id", "programme_id", "published_at", "withdrawn_at"),
            ),
        ),
        Source("tracker_statusupdate", "SELECT {row}.commitment_id WHERE {row}.published_at IS NOT NULL", _UPDATE),
        Source(
            "tracker_evidence",
            "SELECT u.commitment_id FROM tracker_statusupdate u WHERE u.id = {row}.status_update_id "
            f"AND {_PUBLIC_UPDATE}",
            _EVIDENCE_COLUMNS,
        ),
        Source(
            "tracker_document",
            f"SELECT u.commitment_id {_CITING}",
            _DOCUMENT,
        ),
        Source(
            "tracker_department",
            "SELECT c.id FROM tracker_commitment c WHERE c.department_id = {row}.id UNION "
            "SELECT s.commitment_id FROM tracker_commitment_supporting s WHERE s.department_id = {row}.id",
            ("name", "abbreviation", "published_at"),
        ),
        Source(
            "tracker_programme",
            "SELECT c.id FROM tracker_commitment c WHERE c.programme_id = {row}.id",
            ("name", "published_at"),
        ),
        Source(
            "tracker_topic",
            "SELECT t.commitment_id FROM tracker_commitment_topics t WHERE t.topic_id = {row}.id",
            ("name", "published_at"),
        ),
        Source("tracker_commitment_supporting", _OF_PUBLISHED, ("commitment_id", "department_id")),
        Source("tracker_commitment_topics", _OF_PUBLISHED, ("commitment_id", "topic_id")),
    ),
)

UPDATES = Index(
    "search_update",
    _select_updates,
    (
        Source(
            "tracker_commitment",
            f"SELECT u.id FROM tracker_statusupdate u WHERE u.commitment_id = {{row}}.id AND {_PUBLIC_UPDATE}",
            ("published_at", "withdrawn_at"),
        ),
        Source("tracker_statusupdate", "SELECT {row}.id WHERE {row}.published_at IS NOT NULL", (*_UPDATE, "as_of")),
        Source(
            "tracker_evidence",
            f"SELECT u.id FROM tracker_statusupdate u WHERE u.id = {{row}}.status_update_id AND {_PUBLIC_UPDATE}",
            _EVIDENCE_COLUMNS,
        ),
        Source("tracker_document", f"SELECT u.id {_CITING}", _DOCUMENT),
    ),
    # Not `commitment_id`: workers of the version before, which go on for a while, join this table to one that has that.
    (("commitment", "bigint"), ("as_of", "date"), ("published_at", "timestamp with time zone")),
)

DOCUMENTS = Index(
    "search_document",
    _select_documents,
    (Source("tracker_document", "SELECT {row}.id WHERE {row}.published_at IS NOT NULL", _DOCUMENT),),
)

INDEXES = (COMMITMENTS, UPDATES, DOCUMENTS)
