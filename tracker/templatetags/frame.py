"""The parts of the frame that are the same on all pages of one kind: drawn once for each language."""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_drawn: dict[tuple[str, str, str | None], SafeString] = {}  # there are some dozens of kinds of page


@register.simple_tag(takes_context=True)
def same_on_such_pages(context: Context, name: str) -> SafeString:
    """Draw a template that depends on the kind of page and its moment alone; only what is of today is kept."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    facts = {"request": request, "here": here.rpartition(":")[2]}
    moment = getattr(request, "moment", None)
    if moment is not None and moment.query:
        return get_template(name).render(facts, request)
    key = (name, here, get_language())
    if key not in _drawn:
        _drawn[key] = get_template(name).render(facts, request)
    return _drawn[key]
