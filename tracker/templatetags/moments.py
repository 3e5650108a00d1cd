"""Addresses for the moment that a page is about, so that a reader who looks at a past day stays on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tracker.languages import find_address
from tracker.moments import Moment, add_moment

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
def here_on(context: Context, on: str = "") -> str:
    """Write the address of this page on another day, or today; the rest of its question stays."""
    request = context.request  # type: ignore[attr-defined]
    query = request.GET.copy()
    for name in ("on", "known", "page"):
        query.pop(name, None)
    if on:
        query["on"] = str(on)
    return f"{request.path}?{query.urlencode()}" if query else str(request.path)


def _read_moment(context: Context) -> Moment | None:
    return getattr(getattr(context, "request", None), "moment", None)
