"""The ways between the languages of a page, and the mark on what stays English on a Welsh one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html

from tracker.languages import ENGLISH, NAMES, find_language, write_in
from tracker.templatetags.moments import dated

register = template.Library()


@register.simple_tag(takes_context=True)
def other_language(context: Context) -> dict[str, str] | None:
    """Return the code, the name and the address of this page in the other language; None where there is no other.

    What is not found or broken has no twin: the way leads to the home page.
    """
    request = context.get("request")
    match = request and request.resolver_match
    if match and "tracker" not in match.app_names:
        return None
    here = request.get_full_path() if match else reverse("tracker:home")
    code = next(code for code in NAMES if code != find_language(here))
    return {"code": code[:2], "name": NAMES[code], "address": write_in(code, here)}


@register.simple_tag(takes_context=True)
def in_each_language(context: Context) -> list[tuple[str, str]]:
    """Return the codes of the languages, each with the page's one address in it."""
    request: Any = context["request"]
    here = context.get("canonical_path") or dated(context, request.path)
    return [(code, write_in(code, here)) for code in NAMES]


@register.filter
def english(words: Any) -> Any:
    """Mark words of the register that are in English, where the page around them is not."""
    if not words or translation.get_language() == ENGLISH:
        return words
    return format_html('<span lang="en">{}</span>', words)
