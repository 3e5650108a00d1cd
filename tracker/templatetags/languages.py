"""The ways between the languages of a page, and the mark on what stays English on a Welsh one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import is_valid_path
from django.utils import translation

from tracker.languages import NAMES, english, find_address, find_language, say, speak, write_in
from tracker.templatetags.moments import dated

register = template.Library()
register.filter("english", english)
register.filter("speak", speak)
register.filter("say", say)


@register.simple_tag(takes_context=True)
def other_language(context: Context) -> dict[str, str] | None:
    """Return the code, the name and the address of this page in the other language; None where there is no other.

    From what is not found or broken the way leads to the home page.
    """
    request = context.get("request")
    match = request.resolver_match if request else None
    here = request.get_full_path() if match else find_address("tracker:home")
    code = next(code for code in NAMES if code != find_language(here))
    address = write_in(code, here)
    is_there = match is None or is_in_each_language(match.view_name, code, address.partition("?")[0])
    return {"code": code[:2], "name": NAMES[code], "address": address} if is_there else None


_found: dict[tuple[str, str], bool] = {}  # there are some dozens of pages, and each is asked for again and again


def is_in_each_language(page: str, code: str, address: str) -> bool:
    """Say whether a page, named as in `urls.py`, is there in a language, in which it has this address."""
    if (page, code) not in _found:
        with translation.override(code):
            _found[page, code] = is_valid_path(address)
    return _found[page, code]


@register.simple_tag(takes_context=True)
def in_each_language(context: Context) -> list[tuple[str, str]]:
    """Return the codes of the languages, each with the page's one address in it; none for a question that is wrong."""
    request: Any = context["request"]
    if context.get("errors"):
        return []
    here = context.get("canonical_path") or dated(context, request.path)
    return [(code, write_in(code, here)) for code in NAMES]
