"""What keeps a reader safe whom nobody may see here: the way out, and titles that do not tell what a page is about.

A title stands in the tab, in the list of windows and in the browser's history, where other people see it.
"""

from __future__ import annotations

import re

from django import template

register = template.Library()

# Where “Exit this page” leads, as the GOV.UK Design System proposes: ordinary, quick to load and never out of place.
WAY_OUT = "https://www.bbc.co.uk/weather"

# Words, or beginnings of words, by which a title would tell that its reader reads about abuse.
TELLING = re.compile(
    r"\b(abus|child|cse[ab]?\b|csa\b|exploit|gangs?\b|groom|harm|indecen|offen[cds]|paedophil|porn|prostitut|rape|sexual"
    r"|safeguard|survivor|traffick|victim|violen)",
    re.IGNORECASE,
)


@register.simple_tag
def way_out() -> str:
    return WAY_OUT


@register.filter
def neutral(name: str, instead: str = "") -> str:
    """Return a name, or other words where it tells what it is about."""
    return instead if TELLING.search(name) else name
