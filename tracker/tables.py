"""The lists as tables: which columns there are, how each is written and how each sorts."""

from __future__ import annotations

import datetime as dt
from copy import copy
from functools import lru_cache
from html import escape
from typing import Any

import django_tables2 as tables
from django.template.loader import get_template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableData
from django_tables2.utils import OrderByTuple

from tracker.languages import english, find_address, speak, tell_language
from tracker.models import Commitment, Document
from tracker.moments import Moment, add_moment
from tracker.statuses import NOT_YET_CHECKED_LABEL, Status, Strength
from tracker.words import Excerpt, Marked, Piece, Search

TEMPLATE = "tables/table.html"
STATUS_TAG = "components/status_tag.html"


@lru_cache(maxsize=5_000)
def _write_date(value: dt.date, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value, "j M Y"))


@lru_cache(maxsize=5_000)
def _write_due_date(value: dt.date, is_overdue: bool, language: str) -> SafeString:
    date = _write_date(value, language)
    if not is_overdue:
        return date
    return format_html('<span class="timeliness timeliness--overdue">{}</span> {}', _("Overdue"), date)


@lru_cache(maxsize=100)
def _write_status(code: str, is_weak: bool, language: str) -> SafeString:
    label = Status(code).label if code in Status else NOT_YET_CHECKED_LABEL
    tag = get_template(STATUS_TAG).render({"code": code, "label": label})
    if not is_weak:
        return format_html("<div>{}</div>", tag)
    return format_html('<div>{} <span class="small nowrap">{}</span></div>', tag, _("Weak evidence only"))


def mark_pieces(pieces: list[Piece]) -> SafeString:
    """Write a text with the words that were searched for marked."""
    marked = [f"<mark>{escape(text)}</mark>" if is_found else escape(text) for text, is_found in pieces]
    return mark_safe("".join(marked))  # noqa: S308 - each piece is escaped


def _write_excerpt(excerpt: Excerpt) -> str:
    words = tell_language(mark_pieces(excerpt.pieces), excerpt.language)
    return f'<div class="excerpt"><b>{escape(str(excerpt.source))}:</b> {words}</div>'


class Table(tables.Table):
    """A table in the language of its page."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.language = get_language()
        super().__init__(*args, **options)


class Column(tables.Column):
    """A column that each table copies as it is: the library would copy in depth all that it is defined by."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Column:
        return copy(self)


class DateColumn(Column):
    """A date, written like 21 Nov 2026 and carrying its ISO form."""

    def render(self, value: dt.date, table: Table) -> SafeString:
        return _write_date(value, table.language)


def link_dated(record: Commitment, table: CommitmentTable) -> str:
    """Return the address of a commitment, on the day that the table is about."""
    return add_moment(
        find_address("tracker:commitment-detail", record.reference, language=table.language), table.moment
    )


class Answer(TableData):
    """The answer to a question as its table takes it: how it is to be sorted is noted, and a page is read by keys."""

    def __init__(self, count: int = 0, search: Search | None = None) -> None:
        super().__init__(())
        self.count, self.search = count, search or Search()
        self.sorting = ("relevance" if self.search.wanted else "reference", False)  # by what, and whether downwards

    def __len__(self) -> int:
        return self.count

    def order_by(self, aliases: OrderByTuple) -> None:
        """Take the last of the columns that were asked for, each a key of `SORTS`."""
        for alias in aliases:
            self.sorting = (alias.bare, alias.is_descending)


class CommitmentTable(Table):
    """The list of commitments, as they stand at the moment of the rows."""

    reference = Column(_("Reference"), linkify=link_dated)
    title = Column(_("Commitment"), attrs={"td": {"class": "cell-title"}})
    department = Column(_("Department"), accessor="department__name")
    status = Column(_("Status"), accessor="current_status", empty_values=())
    changed_on = DateColumn(_("Since"), accessor="status_since")
    made_on = DateColumn(_("Made"))
    due_on = Column(_("Due"), accessor="next_due_on")

    class Meta:
        model = Commitment
        fields = ()
        template_name = TEMPLATE
        order_by_field = "sort"
        order_by = "reference"

    caption = _("Commitments")

    def __init__(self, data: Answer, *, moment: Moment, order_by: Any = None, **options: Any) -> None:
        self.moment, self.search = moment, data.search
        self.excerpts: dict[int, Excerpt] = {}  # by key: why the search found a row
        if self.search.wanted and order_by is None:  # the best answers come first, which no column says
            order_by = ()
        super().__init__(data, order_by=order_by, **options)

    def render_title(self, record: Commitment) -> str:
        if not self.search.wanted:
            return speak(record, "title", language=self.language)
        title = speak(record, "title", lambda words: mark_pieces(Marked(self.search, words).split()), self.language)
        excerpt = self.excerpts.get(record.pk)
        return mark_safe(f"{title}{_write_excerpt(excerpt)}") if excerpt else title  # noqa: S308 - both are escaped

    def render_department(self, record: Commitment) -> str:
        return speak(record.department, "name", language=self.language)

    def render_due_on(self, value: dt.date) -> SafeString:
        return _write_due_date(value, value < self.moment.day, self.language)

    def render_status(self, record: Commitment) -> SafeString:
        return _write_status(record.current_status, record.current_strength == Strength.WEAK, self.language)


class DocumentTable(Table):
    title = Column(_("Title"), linkify=True, orderable=False, attrs={"td": {"class": "cell-title"}})
    publisher = Column(_("Publisher"), orderable=False)
    published_on = DateColumn(_("Date"), orderable=False, default=_("Not shown"))
    kind = Column(_("Kind"), orderable=False)
    strength = Column(_("Strength"), orderable=False)
    citation_count = Column(_("Cited"), orderable=False, attrs={"td": {"class": "number"}, "th": {"class": "number"}})

    class Meta:
        model = Document
        fields = ()
        template_name = TEMPLATE
        empty_text = _("No document answers this question.")

    caption = _("Documents")

    def render_title(self, value: str) -> str:
        return english(value)

    def render_publisher(self, value: str) -> str:
        return english(value)
