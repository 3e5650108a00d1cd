"""Addresses for the moment that a page is about, so that a reader who looks at a past day stays on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from tracker.languages import english, find_address
from tracker.moments import Moment, add_moment
from tracker.templatetags.register import day
from tracker.templatetags.writing import write_text

register = template.Library()


@register.simple_tag(takes_context=True)
def dated(context: Context, address: str) -> str:
    """Write an address for the moment that the page is about."""
    return add_moment(address, _read_moment(context))


@register.simple_tag(takes_context=True)
def dated_url(context: Context, name: str, *args: Any) -> str:
    """Write the address of a page by its name, for the moment that this page is about."""
    return add_moment(find_address(name, *args), _read_moment(context))


@register.simple_tag(takes_context=True)
def changes_url(context: Context, **filters: str) -> str:
    """Write the address of what changed in the 90 days up to the moment that the page is about."""
    moment = _read_moment(context)
    days = {"until": moment.on, "known": moment.known} if moment else {}
    asked = filters | {name: day.isoformat() for name, day in days.items() if day}
    address = find_address("tracker:change-list")
    return f"{address}?{urlencode(asked)}" if asked else address


@register.simple_tag(takes_context=True)
def moment_inputs(context: Context) -> SafeString:
    """Write hidden fields that keep the answer to a form on the moment of its page."""
    moment = _read_moment(context)
    asked = parse_qsl(moment.query) if moment else []
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', asked)


@register.simple_tag(takes_context=True)
def kept_inputs(context: Context) -> SafeString:
    """Write the rest of a page's question as hidden fields of the form that asks it about another day."""
    query = context.request.GET  # type: ignore[attr-defined]
    kept = [(name, value) for name in query if name not in ("on", "known", "page") for value in query.getlist(name)]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag(takes_context=True)
def here_on(context: Context) -> str:
    """Write the address of this page as it is today; the rest of its question stays."""
    request = context.request  # type: ignore[attr-defined]
    query = request.GET.copy()
    for name in ("on", "known", "page"):
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else str(request.path)


class Notable(Protocol):
    """A day that readers ask about, and what happened on it."""

    day: dt.date
    name: str


@register.simple_tag(takes_context=True)
def draw_days(context: Context, days: Iterable[Notable]) -> SafeString:
    """Write the links of a list to this page on other days."""
    here = here_on(context)
    address = write_text(f"{here}{'&' if '?' in here else '?'}on=")
    language = get_language()
    links = [f'<li><a href="{address}{_draw_day(each.day, each.name, language)}</li>' for each in days]
    return mark_safe("".join(links))  # noqa: S308 - each part is escaped


@lru_cache(maxsize=1_000)
def _draw_day(on: dt.date, name: str, language: str | None) -> str:
    """Write a link to a day from the day in its address on: there are few, and each stands on every page."""
    return f'{on.isoformat()}">{day(on)}</a> <span class="quiet">{write_text(english(name))}</span>'


def _read_moment(context: Context) -> Moment | None:
    return getattr(getattr(context, "request", None), "moment", None)
