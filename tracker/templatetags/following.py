"""The address of the feed or calendar that answers the same question as a list."""

from __future__ import annotations

from django import template
from django.template import Context
from django.urls import reverse

register = template.Library()

NOT_ASKED = ("sort", "page", "per_page")  # how the page shows its answer


@register.simple_tag(takes_context=True)
def same_question(context: Context, name: str) -> str:
    """Write the address that answers the question of this list in another form; sorting and paging are left out."""
    query = context.request.GET.copy()  # type: ignore[attr-defined]
    for shaping in NOT_ASKED:
        query.pop(shaping, None)
    return f"{reverse(name)}?{query.urlencode()}".rstrip("?")
