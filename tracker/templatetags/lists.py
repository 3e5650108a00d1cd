"""Lists as HTML: the rows and heads of django-tables2's tables, and the links to their pages.

The library defines what there is; it is written here at once, because its own way looks up for each cell anew what is
the same for a whole column, which costs some fifty times as much. Templates of lists use these tags.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from html import escape
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.exceptions import FieldDoesNotExist
from django.http import QueryDict
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tables2 import Table
from django_tables2.columns import BoundColumn
from django_tables2.templatetags.django_tables2 import table_page_range

from tracker.templatetags.writing import write_text

register = template.Library()

Record = Any
Write = Callable[[Table, Record], str]
Call = Callable[[Record, Any, Table], Any]
# By whether a list is sorted downwards by a column; None where it is not sorted by it.
ARROW = '<span class="sort__arrow" aria-hidden="true">{}</span>'
ORDERS = {None: ("none", ""), True: ("descending", ARROW.format("▼")), False: ("ascending", ARROW.format("▲"))}
OFFERED = ("record", "value", "table")  # what a column's functions may ask for, by name
_compiled: dict[tuple[type[Table], str | None], list[Write]] = {}


@register.simple_tag
def draw_rows(table: Table) -> SafeString:
    """Write the rows of a table's page, as `django_tables2.rows.BoundRow` defines their cells."""
    key = type(table), get_language()
    if key not in _compiled:
        _compiled[key] = [compile_cell(table, column, is_first=not at) for at, column in enumerate(table.columns)]
    cells = _compiled[key]
    rows = [f'<tr role="row">{"".join([write(table, record) for write in cells])}</tr>' for record in read_rows(table)]
    return mark_safe("\n".join(rows))  # noqa: S308 - each cell is escaped


def read_rows(table: Table) -> Iterable[Record]:
    rows: Any = table.paginated_rows
    return rows.data  # type: ignore[no-any-return]


def compile_cell(table: Table, column: BoundColumn, *, is_first: bool) -> Write:
    """Return what writes a column's cell of any record of such a table. The first cell of a row is its head."""
    shown = write_class(column, "td")
    opening = (
        f'<th scope="row" role="rowheader"{shown}>'
        if is_first
        else f'<td role="cell" data-label="{write_text(column.header)}"{shown}>'
    )
    closing = "</th>" if is_first else "</td>"
    write = compile_content(table, column)
    return lambda table, record: f"{opening}{write(table, record)}{closing}"


def write_class(column: BoundColumn, element: str) -> str:
    style = column.column.attrs.get(element, {}).get("class", "")
    return f' class="{escape(style)}"' if style else ""


def compile_content(table: Table, column: BoundColumn) -> Write:
    read, render, link = compile_value(table, column), compile_render(table, column), compile_link(column)
    empty, default = column.column.empty_values, write_text(column.default)

    def write(table: Table, record: Record) -> str:
        value = read(record)
        if value in empty:
            return default
        content = write_text(render(record, value, table))
        return f'<a href="{escape(link(record, value, table))}">{content}</a>' if link else content

    return write


def compile_value(table: Table, column: BoundColumn) -> Callable[[Record], Any]:
    """Return what reads a column's value of a record, in words where its field has choices."""
    accessor = column.accessor
    *way, last = accessor.bits
    try:
        has_choices = bool(getattr(accessor.get_field(table._meta.model), "choices", None))
    except FieldDoesNotExist:
        has_choices = False
    find = attrgetter(".".join([*way, f"get_{last}_display" if has_choices else last]))

    def read(record: Record) -> Any:
        try:
            value = find(record)
        except AttributeError:  # the way leads over something that is not there
            return None
        return value() if has_choices else value

    return read


def compile_render(table: Table, column: BoundColumn) -> Call:
    """Return what writes a value: the table's `render_...` of the column's name, or else the column itself."""
    if method := getattr(type(table), f"render_{column.name}", None):
        return compile_call(method, is_of_table=True)
    return compile_call(type(table).base_columns[column.name].render)


def compile_link(column: BoundColumn) -> Call | None:
    if not column.link:
        return None
    if callable(column.link.url):
        return compile_call(column.link.url)
    return lambda record, value, table: record.get_absolute_url()


def compile_call(function: Callable[..., Any], *, is_of_table: bool = False) -> Call:
    """Return what calls a function, or a method of the table, with those of `OFFERED` that it takes, in its order."""
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    places = [2] * is_of_table + [OFFERED.index(name) for name in names]
    return lambda *offered: function(*[offered[place] for place in places])


@register.simple_tag(takes_context=True)
def draw_heads(context: Context, table: Table) -> SafeString:
    """Write the heads of a table's columns, each a link that sorts by it where the column can be sorted by."""
    link, hints = Addresses(context["request"].GET, without="page"), (_("sort ascending"), _("sort descending"))
    heads = [draw_head(column, link, hints) for column in table.columns]
    return mark_safe("".join(heads))  # noqa: S308 - each head is escaped


def draw_head(column: BoundColumn, link: Addresses, hints: tuple[str, str]) -> str:
    shown, header = write_class(column, "th"), write_text(column.header)
    if not column.orderable:
        return f'<th scope="col" role="columnheader"{shown}>{header}</th>'
    alias = column.order_by_alias
    order, arrow = ORDERS[alias.is_descending if column.is_ordered else None]
    following = alias.next
    address, hint = escape(link("sort", following)), escape(hints[following.is_descending])
    return (
        f'<th scope="col" role="columnheader" aria-sort="{order}"{shown}><a href="{address}">'
        f'{header}{arrow}<span class="govuk-visually-hidden">, {hint}</span></a></th>'
    )


class Addresses:
    """Writes the address of a page with one parameter changed, as Django's `querystring` does, but reads it once."""

    def __init__(self, query: QueryDict, *, without: str = "") -> None:
        pairs = [(name, value) for name in query for value in query.getlist(name) if name != without]
        self._parts = [(name, urlencode([(name, value)])) for name, value in pairs]

    def __call__(self, name: str, value: int | str) -> str:
        """`value` is a number or the name of a column, which need no quoting."""
        asked = f"{name}={value}"
        parts = [asked if key == name else part for key, part in self._parts]
        return f"?{'&'.join(parts if asked in parts else [*parts, asked])}"


@register.simple_tag(takes_context=True)
def link_pages(context: Context, table: Table) -> dict[str, Any]:
    """Return the addresses of the page before and the page after, and the links to some pages as they are written."""
    link, page = Addresses(context["request"].GET), table.page
    numbers, label = table_page_range(page, table.paginator), _("Page %(number)s")
    return {
        "previous": link("page", page.number - 1) if page.has_previous() else "",
        "next": link("page", page.number + 1) if page.has_next() else "",
        "numbered": mark_safe(  # noqa: S308 - each is escaped
            "".join([draw_page_link(number, page.number, link, label) for number in numbers])
        ),
    }


ITEM = "govuk-pagination__item"


def draw_page_link(number: int | str, present: int, link: Addresses, label: str) -> str:
    """Write the link to a page by its number, labelled so; three dots stand for those left out."""
    if number == "...":
        return f'<li class="{ITEM} {ITEM}--ellipsis">⋯</li>'
    style, current = (f" {ITEM}--current", ' aria-current="page"') if number == present else ("", "")
    said, address = escape(label % {"number": number}), escape(link("page", number))
    return (
        f'<li class="{ITEM}{style}"><a class="govuk-link govuk-pagination__link" href="{address}" '
        f'aria-label="{said}"{current}>{number}</a></li>'
    )
