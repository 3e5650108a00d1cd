"""What a question, or one thing, comes to at a moment: read here once for the pages, the files and the API."""

from tracker.answers.commitments import RELATIONS, REPLACED_BY, list_links, list_related
from tracker.answers.comparing import Comparison, compare
from tracker.answers.documents import list_evidence, list_uses
from tracker.answers.excerpts import find_excerpts
from tracker.answers.histories import History, ask_commitment, read_history
from tracker.answers.moments import list_revisions, read_as_at, read_petitions
from tracker.answers.paging import (
    MAXIMUM_PAGE_SIZE,
    PAGE_SIZE,
    RowPaginator,
    Unanswerable,
    describe_page,
    link_pages,
    read_page,
    read_per_page,
    slice_rows,
)
from tracker.answers.questions import PAGING, Question, offer_files, offer_following
from tracker.answers.suggesting import suggest

__all__ = [
    "MAXIMUM_PAGE_SIZE",
    "PAGE_SIZE",
    "PAGING",
    "RELATIONS",
    "REPLACED_BY",
    "Comparison",
    "History",
    "Question",
    "RowPaginator",
    "Unanswerable",
    "ask_commitment",
    "compare",
    "describe_page",
    "find_excerpts",
    "link_pages",
    "list_evidence",
    "list_links",
    "list_related",
    "list_revisions",
    "list_uses",
    "offer_files",
    "offer_following",
    "read_as_at",
    "read_history",
    "read_page",
    "read_per_page",
    "read_petitions",
    "slice_rows",
    "suggest",
]
