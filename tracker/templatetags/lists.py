"""Lists as HTML: the rows and heads of django-tables2's tables, and the links to their pages.

The library defines what there is; it is written here at once, because its own way looks up for each cell anew what is
the same for a whole column, which costs some fifty times as much. What is the same for all readers of a table in one
language is put together once. The template of tables uses these.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple
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
# By the type of table and the language; of heads by the column and the order that it gives the list, too.
_compiled: dict[tuple[type[Table], str | None], list[Write]] = {}
_headed: dict[tuple[type[Table], str, str | None, str | None], tuple[str, str, str]] = {}


@register.simple_tag
def draw_rows(table: Table) -> SafeString:
    """Write the rows of a table's page, as `django_tables2.rows.BoundRow` defines their cells."""
    key = type(table), get_language()
    if key not in _compiled:
        _compiled[key] = [compile_cell(table, column, is_first=not at) for at, column in enumerate(table.columns)]
    cells = _compiled[key]
    rows: Sequence[Record] = table.paginated_rows.data  # type: ignore[union-attr]
    drawn = [f'<tr role="row">{"".join([write(table, record) for write in cells])}</tr>' for record in rows]
    return mark_safe("\n".join(drawn) or draw_nothing(table, len(cells)))  # noqa: S308 - each cell is escaped


def draw_nothing(table: Table, width: int) -> str:
    said = write_text(table.empty_text or _("Nothing to show."))
    return f'<tr role="row"><td role="cell" colspan="{width}">{said}</td></tr>'


def compile_cell(table: Table, column: BoundColumn, *, is_first: bool) -> Write:
    """Return what writes a column's cell of any record of such a table. The first cell of a row is its head."""
    shown = write_class(column, "td")
    opening = (
        f'<th scope="row" role="rowheader"{shown}>'
        if is_first
        else f'<td role="cell" data-label="{write_text(column.header)}"{shown}>'
    )
    closing = "</th>" if is_first else "</td>"
    read, render, link = compile_value(table, column), compile_render(table, column), compile_link(column)
    empty, blank = column.column.empty_values, f"{opening}{write_text(column.default)}{closing}"

    def write(table: Table, record: Record) -> str:
        value = read(record)
        if value in empty:
            return blank
        content = write_text(render(record, value, table))
        if link:
            content = f'<a href="{escape(link(record, value, table))}">{content}</a>'
        return f"{opening}{content}{closing}"

    return write


def write_class(column: BoundColumn, element: str) -> str:
    style = column.column.attrs.get(element, {}).get("class", "")
    return f' class="{escape(style)}"' if style else ""


def compile_value(table: Table, column: BoundColumn) -> Callable[[Record], Any]:
    """Return what reads a column's value of a record, in words where its field has choices."""
    accessor = column.accessor
    *way, last = accessor.bits
    try:
        has_choices = bool(getattr(accessor.get_field(table._meta.model), "choices", None))
    except FieldDoesNotExist:
        has_choices = False
    find = attrgetter(".".join([*way, f"get_{last}_display" if has_choices else last]))
    if not (way or has_choices):
        return find

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
    places = [OFFERED.index(name) for name in (["table"] if is_of_table else []) + names]
    pick = itemgetter(*places)
    return (lambda *offered: function(*pick(offered))) if len(places) > 1 else lambda *offered: function(pick(offered))


# --- What stands around the rows ---------------------------------------------------------------

GAP = "\0"  # where the value of a parameter belongs in an address, which has no such sign


def frame_address(query: QueryDict, name: str, *, without: str = "") -> str:
    """Return the address of this page with one parameter left open, as Django's `querystring` writes it, escaped."""
    parts = [
        f"{name}={GAP}" if key == name else urlencode([(key, value)])
        for key in query
        if key != without
        for value in query.getlist(key)
    ]
    if name not in query:
        parts.append(f"{name}={GAP}")
    return escape(f"?{'&'.join(parts)}")


@register.simple_tag
def draw_count(table: Table) -> SafeString:
    """Say which of how many rows are shown."""
    page, paginator = table.page, table.paginator
    if not paginator.count:
        return SafeString()
    said = _("Showing %(first)s to %(last)s of %(all)s")
    facts = {"first": page.start_index(), "last": page.end_index(), "all": paginator.count}
    return mark_safe(f'<p class="table-count">{escape(said % facts)}</p>')  # noqa: S308 - escaped


@register.simple_tag(takes_context=True)
def draw_heads(context: Context, table: Table) -> SafeString:
    """Write the heads of a table's columns, each a link that sorts by it where the column can be sorted by."""
    address, language = frame_address(context["request"].GET, "sort", without="page"), get_language()
    heads = []
    for column in table.columns:
        key = type(table), column.name, table.order_by[column.name] if column.is_ordered else None, language
        if key not in _headed:
            _headed[key] = frame_head(column)
        before, following, after = _headed[key]
        heads.append(f"{before}{address.replace(GAP, following)}{after}" if following else before)
    return mark_safe("".join(heads))  # noqa: S308 - each part is escaped


def frame_head(column: BoundColumn) -> tuple[str, str, str]:
    """Return what is written before and after the address that sorts by a column, and how that names the order."""
    shown, header = write_class(column, "th"), write_text(column.header)
    if not column.orderable:
        return f'<th scope="col" role="columnheader"{shown}>{header}</th>', "", ""
    alias = column.order_by_alias
    order, arrow = ORDERS[alias.is_descending if column.is_ordered else None]
    hint = escape(_("sort descending") if alias.next.is_descending else _("sort ascending"))
    return (
        f'<th scope="col" role="columnheader" aria-sort="{order}"{shown}><a href="',
        alias.next,
        f'">{header}{arrow}<span class="govuk-visually-hidden">, {hint}</span></a></th>',
    )


# --- The links to the pages --------------------------------------------------------------------

PAGINATION, LINK = "govuk-pagination", "govuk-link govuk-pagination__link"
STEPS = {
    "prev": (
        "m6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414"
        "-1.414z"
    ),
    "next": (
        "m8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441-6.4062-6.7246"
        "-6.7266z"
    ),
}


class Pages(NamedTuple):
    """What stands around the addresses of pages, in one language."""

    opening: str
    prev: tuple[str, str]
    next: tuple[str, str]
    label: str


@lru_cache
def _say_pages(language: str | None) -> Pages:
    words = {
        "prev": _('Previous<span class="govuk-visually-hidden"> page</span>'),
        "next": _('Next<span class="govuk-visually-hidden"> page</span>'),
    }

    def frame(step: str) -> tuple[str, str]:
        title = f'<span class="{PAGINATION}__link-title">{words[step]}</span>'
        arrow = (
            f'<svg class="{PAGINATION}__icon {PAGINATION}__icon--{step}" height="13" width="15" aria-hidden="true" '
            f'focusable="false" viewBox="0 0 15 13"><path d="{STEPS[step]}"/></svg>'
        )
        inside = f"{arrow}{title}" if step == "prev" else f"{title}{arrow}"
        return f'<div class="{PAGINATION}__{step}"><a class="{LINK}" href="', f'" rel="{step}">{inside}</a></div>'

    opening = f'<nav class="{PAGINATION}" aria-label="{escape(_("Pages of results"))}">'
    return Pages(opening, frame("prev"), frame("next"), escape(_("Page %(number)s")))


@register.simple_tag(takes_context=True)
def draw_pages(context: Context, table: Table) -> SafeString:
    """Write the links to the page before and the page after, and to some pages by their numbers."""
    if table.paginator.num_pages <= 1:
        return SafeString()
    say, page, address = _say_pages(get_language()), table.page, frame_address(context["request"].GET, "page")

    def step(frame: tuple[str, str], number: int) -> str:
        return address.replace(GAP, str(number)).join(frame)

    numbered = [
        draw_page(number, page.number, address, say.label) for number in table_page_range(page, table.paginator)
    ]
    drawn = (
        say.opening,
        step(say.prev, page.number - 1) if page.has_previous() else "",
        f'<ul class="{PAGINATION}__list">{"".join(numbered)}</ul>',
        step(say.next, page.number + 1) if page.has_next() else "",
        "</nav>",
    )
    return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped


def draw_page(number: int | str, present: int, address: str, label: str) -> str:
    """Write the link to a page by its number, labelled so; three dots stand for those left out."""
    if number == "...":
        return f'<li class="{PAGINATION}__item {PAGINATION}__item--ellipsis">⋯</li>'
    style, current = (f" {PAGINATION}__item--current", ' aria-current="page"') if number == present else ("", "")
    return (
        f'<li class="{PAGINATION}__item{style}"><a class="{LINK}" href="{address.replace(GAP, str(number))}" '
        f'aria-label="{label % {"number": number}}"{current}>{number}</a></li>'
    )
