"""Lists as HTML: the rows and heads of django-tables2's tables, the choices of django-filter's filters, links to pages.

The libraries define what there is; it is written here at once, because their own way looks up for each cell anew what
is the same for a whole column, which costs some fifty times as much. Templates of lists use these tags.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.exceptions import FieldDoesNotExist
from django.http import QueryDict
from django.template import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_tables2 import Table
from django_tables2.columns import BoundColumn
from django_tables2.templatetags.django_tables2 import table_page_range

register = template.Library()

Record = Any
Write = Callable[[Record], str]
# By whether a list is sorted downwards by a column; None where it is not sorted by it.
ARROW = '<span class="sort__arrow" aria-hidden="true">{}</span>'
ORDERS = {None: ("none", ""), True: ("descending", ARROW.format("▼")), False: ("ascending", ARROW.format("▲"))}


@register.simple_tag
def draw_rows(table: Table) -> SafeString:
    """Write the rows of a table's page, as `django_tables2.rows.BoundRow` defines their cells."""
    cells = [compile_cell(table, column, is_first=not place) for place, column in enumerate(table.columns)]
    rows = (f'<tr role="row">{"".join([write(record) for write in cells])}</tr>' for record in read_records(table))
    return mark_safe("\n".join(rows))  # noqa: S308 - each cell is escaped


def read_records(table: Table) -> Iterable[Record]:
    rows: Any = table.paginated_rows
    return rows.data  # type: ignore[no-any-return]


def compile_cell(table: Table, column: BoundColumn, *, is_first: bool) -> Write:
    """Return what writes a column's cell of a record. The first cell of a row is its head."""
    style = column.attrs["td"].get("class", "")
    shown = f' class="{escape(style)}"' if style else ""
    opening = (
        f'<th scope="row" role="rowheader"{shown}>'
        if is_first
        else f'<td role="cell" data-label="{conditional_escape(column.header)}"{shown}>'
    )
    closing = "</th>" if is_first else "</td>"
    write = compile_content(table, column)
    return lambda record: f"{opening}{write(record)}{closing}"


def compile_content(table: Table, column: BoundColumn) -> Write:
    read, render = compile_value(table, column), compile_call(column.render, table, column)
    link = compile_link(table, column)
    empty, default = column.column.empty_values, conditional_escape(column.default)

    def write(record: Record) -> str:
        value = read(record)
        if value in empty:
            return default
        content = conditional_escape(render(record, value))
        return f'<a href="{escape(link(record, value))}">{content}</a>' if link else content

    return write


def compile_value(table: Table, column: BoundColumn) -> Callable[[Record], Any]:
    """Return what reads a column's value of a record, in words where its field has choices."""
    accessor = column.accessor
    *way, last = accessor.bits
    try:
        has_choices = bool(getattr(accessor.get_field(table._meta.model), "choices", None))
    except FieldDoesNotExist:
        has_choices = False
    name = f"get_{last}_display" if has_choices else last

    def read(record: Record) -> Any:
        for step in way:
            record = getattr(record, step, None)
        value = getattr(record, name, None)
        return value() if has_choices and value else value

    return read


def compile_link(table: Table, column: BoundColumn) -> Callable[[Record, Any], str] | None:
    if not column.link:
        return None
    if callable(column.link.url):
        return compile_call(column.link.url, table, column)
    return lambda record, value: record.get_absolute_url()


def compile_call(function: Callable[..., Any], table: Table, column: BoundColumn) -> Callable[[Record, Any], Any]:
    """Return what calls a function with those of its arguments that django-tables2 offers by name."""
    wanted = find_arguments(getattr(function, "__func__", function))
    fixed = {"column": column.column, "bound_column": column, "table": table}
    always = {name: fixed[name] for name in wanted if name in fixed}
    takes_record, takes_value = "record" in wanted, "value" in wanted

    def call(record: Record, value: Any) -> Any:
        varying = {"record": record} if takes_record else {}
        if takes_value:
            varying["value"] = value
        return function(**always, **varying)

    return call


@lru_cache(maxsize=256)
def find_arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


@register.simple_tag(takes_context=True)
def draw_heads(context: Context, table: Table) -> SafeString:
    """Write the heads of a table's columns, each a link that sorts by it where the column can be sorted by."""
    link = Addresses(context["request"].GET, without="page")
    heads = "".join(draw_head(column, link) for column in table.columns)
    return mark_safe(heads)  # noqa: S308 - each head is escaped


def draw_head(column: BoundColumn, link: Addresses) -> str:
    style = column.attrs["th"].get("class", "")
    shown = f' class="{escape(style)}"' if style else ""
    header = conditional_escape(column.header)
    if not column.orderable:
        return f'<th scope="col" role="columnheader"{shown}>{header}</th>'
    alias = column.order_by_alias
    order, arrow = ORDERS[alias.is_descending if column.is_ordered else None]
    hint = _("sort descending") if alias.next.is_descending else _("sort ascending")
    address = escape(link("sort", str(alias.next)))
    return (
        f'<th scope="col" role="columnheader" aria-sort="{order}"{shown}><a href="{address}">'
        f'{header}{arrow}<span class="govuk-visually-hidden">, {escape(hint)}</span></a></th>'
    )


class Addresses:
    """Writes the address of a page with one parameter changed, as Django's `querystring` does, but reads it once."""

    def __init__(self, query: QueryDict, *, without: str = "") -> None:
        self._pairs = [(name, value) for name in query for value in query.getlist(name) if name != without]

    def __call__(self, name: str, value: Any) -> str:
        pairs = [(key, str(value) if key == name else old) for key, old in self._pairs]
        return f"?{urlencode(pairs if any(key == name for key, _old in pairs) else [*pairs, (name, value)])}"


@register.simple_tag(takes_context=True)
def link_pages(context: Context, table: Table) -> dict[str, Any]:
    """Return the addresses of the page before, the page after and some pages between; 0 stands for those left out."""
    link, page = Addresses(context["request"].GET), table.page
    numbers = [0 if number == "..." else number for number in table_page_range(page, table.paginator)]
    return {
        "previous": link("page", page.number - 1) if page.has_previous() else "",
        "next": link("page", page.number + 1) if page.has_next() else "",
        "numbered": [(number, link("page", number) if number else "") for number in numbers],
    }


@register.simple_tag
def draw_choices(name: str, choices: list[dict[str, Any]], kind: str = "checkbox") -> SafeString:
    """Write the choices of a filter as boxes to tick. `kind` is "radio" where only one can be chosen."""
    drawn = "\n".join(draw_choice(name, kind or "checkbox", choice) for choice in choices)
    return mark_safe(drawn)  # noqa: S308 - each choice is escaped


def draw_choice(name: str, kind: str, choice: dict[str, Any]) -> str:
    """Write one choice; its count is how many commitments it would show, None where nobody counted."""
    label, place, count = conditional_escape(choice["label"]), escape(choice["id"]), choice["count"]
    counted = (
        f'<span class="filter-choice__count"><span class="govuk-visually-hidden">{label}: </span>{count}</span>'
        if count is not None
        else ""
    )
    return (
        f'<div class="filter-choice"><input type="{kind}" id="{place}" name="{escape(name)}" '
        f'value="{escape(choice["value"])}"{" checked" if choice["checked"] else ""}> '
        f'<label class="filter-choice__label" for="{place}">{label}</label> {counted}</div>'
    )
