"""What a page says of itself to programs: how it looks when it is shared, and its facts in the words of schema.org.

Only what the page itself states; nothing here queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from tracker.languages import ENGLISH
from tracker.models import Commitment, StatusUpdate
from tracker.templatetags.moments import dated
from tracker.templatetags.register import Answer, status_label

register = template.Library()

NAME = _lazy("Commitments Register")
# As in Django's json_script: no text can end the element that it stands in.
ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


def language() -> str:
    return (get_language() or ENGLISH)[:2]


@register.simple_tag(takes_context=True)
def block_again(context: Context, name: str) -> SafeString:
    """Draw a block of the page a second time: what it is called when shared is what it is called."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return block.render(context) if block else SafeString("")


def begin(words: str) -> str:
    """Return how a text begins, in at most 200 characters."""
    return Truncator(words).chars(200)


def write_facts(facts: dict[str, Any]) -> SafeString:
    """Write facts as JSON-LD. A browser takes the element for data and never runs it, so the strict CSP stays."""
    text = json.dumps({"@context": "https://schema.org"} | facts, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


@register.simple_tag
def site_facts() -> SafeString:
    home = settings.SITE_URL + reverse("tracker:home")
    search = settings.SITE_URL + reverse("tracker:commitment-list") + "?q={search_term_string}"
    target = {"@type": "EntryPoint", "urlTemplate": search}
    action = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    return write_facts(
        {"@type": "WebSite", "name": str(NAME), "url": home, "inLanguage": language(), "potentialAction": action}
    )


@register.simple_tag
def list_facts() -> SafeString:
    return _write_list_facts(settings.SITE_URL, language())


@lru_cache
def _write_list_facts(site: str, language: str) -> SafeString:
    return write_facts(
        {
            "@type": "Dataset",
            "name": _("Commitments Register: commitments"),
            "description": _(
                "What governments promised about child sexual abuse, and what came of it: each commitment with its "
                "status, the reason for it and the documents that show it."
            ),
            "url": site + reverse("tracker:commitment-list"),
            "license": f"{site}{reverse('tracker:about')}#licence",
            "isAccessibleForFree": True,
            "inLanguage": language,
        }
    )


@register.simple_tag(takes_context=True)
def commitment_facts(
    context: Context, commitment: Commitment, answer: Answer, updates: Iterable[StatusUpdate]
) -> SafeString:
    """Say what a commitment's page says on top; `updates` is its history."""
    published = [commitment.published_at, *(update.published_at for update in updates)]
    days = [at for at in published if at]
    return write_facts(
        {
            "@type": "CreativeWork",
            "identifier": commitment.reference,
            "name": commitment.title,
            "abstract": str(answer),
            "url": settings.SITE_URL + dated(context, commitment.get_absolute_url()),
            "creativeWorkStatus": status_label(context.get("current")),
            "isPartOf": {
                "@type": "Dataset",
                "name": commitment.programme.name,
                "url": settings.SITE_URL + commitment.programme.get_absolute_url(),
            },
            "isBasedOn": commitment.source_document.url,
            "inLanguage": language(),
        }
        | ({"dateModified": timezone.localdate(max(days)).isoformat()} if days else {})
    )
