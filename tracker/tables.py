"""The lists as tables: which columns there are, how each is written and how each sorts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.models import Commitment, Document
from tracker.moments import Moment, add_moment
from tracker.querysets import SORTS
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL

TEMPLATE = "tables/table.html"
STATUS_TAG = "components/status_tag.html"
WEAK_EVIDENCE = format_html(' <span class="small nowrap">{}</span>', "Weak evidence only")


def render_date(value: dt.date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value.day} {value:%b %Y}")


class DateColumn(tables.Column):
    """A date, written like 21 Nov 2026 and carrying its ISO form."""

    def render(self, value: dt.date) -> SafeString:
        return render_date(value)


def link_dated(record: Commitment, table: tables.Table) -> str:
    """Return the address of a commitment, on the day that the table is about."""
    return add_moment(record.get_absolute_url(), table.moment)


class CommitmentTable(tables.Table):
    """The list of commitments, as they stand at the moment of the rows."""

    reference = tables.Column(linkify=link_dated)
    title = tables.Column("Commitment", attrs={"td": {"class": "cell-title"}})
    department = tables.Column("Department", accessor="department__name")
    status = tables.Column("Status", accessor="current_update", empty_values=())
    changed_on = DateColumn("Since", accessor="status_since")
    made_on = DateColumn("Made")
    due_on = tables.Column("Due", accessor="next_due_on")

    class Meta:
        model = Commitment
        fields = ()
        template_name = TEMPLATE
        order_by_field = "sort"
        order_by = "reference"

    caption = "Commitments"

    def __init__(self, *args: Any, moment: Moment, **options: Any) -> None:
        self.moment = moment
        super().__init__(*args, **options)

    def render_due_on(self, value: dt.date) -> SafeString:
        overdue = format_html('<span class="timeliness timeliness--overdue">{}</span> ', "Overdue")
        return format_html("{}{}", overdue if value < self.moment.day else "", render_date(value))

    def render_status(self, record: Commitment) -> SafeString:
        update = record.current_update
        code, label = (
            (update.status, update.get_status_display()) if update else (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL)
        )
        tag = get_template(STATUS_TAG).render({"code": code, "label": label})
        weak = update is not None and update.rests_on_weak_evidence_only
        return format_html("<div>{}{}</div>", tag, WEAK_EVIDENCE if weak else "")


def _order_by(name: str) -> Any:
    def order(self: CommitmentTable, queryset: Any, is_descending: bool) -> tuple[QuerySet, bool]:
        return queryset.sorted_by(name, descending=is_descending), True

    return order


for _name in SORTS:
    setattr(CommitmentTable, f"order_{_name}", _order_by(_name))


class DocumentTable(tables.Table):
    title = tables.Column(linkify=True, orderable=False, attrs={"td": {"class": "cell-title"}})
    publisher = tables.Column(orderable=False)
    published_on = DateColumn("Date", orderable=False, default="Not shown")
    kind = tables.Column(orderable=False)
    strength = tables.Column(orderable=False)
    citation_count = tables.Column(
        "Cited", orderable=False, attrs={"td": {"class": "number"}, "th": {"class": "number"}}
    )

    class Meta:
        model = Document
        fields = ()
        template_name = TEMPLATE
        empty_text = "No document answers this question."

    caption = "Documents"
