"""What keeps a reader safe whom nobody may see here: the way out, and titles that do not tell what a page is about.

A title stands in the tab, in the list of windows and in the browser's history, where other people see it.
"""

from __future__ import annotations

import re

from django import template

register = template.Library()

# Where “Exit this page” leads, as the GOV.UK Design System proposes: ordinary, quick to load and never out of place.
WAY_OUT = "https://www.bbc.co.uk/weather"

# Words, by their beginnings, that would tell that whoever reads the page reads about abuse; several in a row are one.
# The Welsh ones stand with each letter that they may begin with in a sentence.
TELLING = re.compile(
    r"(?:\b(?:abus|assault|child|cse[ab]?\b|csa\b|exploit|gang|groom|harm|indecen|offen[cds]|paedophil|penetrat|porn"
    r"|prostitut|rape|sex|safeguard|survivor|traffick|victim|violen"
    r"|(?:c|g|ch|ngh)am-?(?:dri|fant)|(?:p|b|ph|mh)l(?:ant|ent)|rh?yw(?:iol)?|(?:t|d|th|nh)(?:reis|rais|rosedd)"
    r"|(?:d|dd|n)(?:ioddef|iogel)|(?:g|ng)?oroes|(?:m|f)eithrin|ymosod|n?iwed|niweid|(?:p|b|ph|mh)uteini|masnachu"
    r")[\w'\u2019]*[\s,-]*)+",
    re.IGNORECASE,
)


@register.simple_tag
def way_out() -> str:
    return WAY_OUT


@register.filter
def neutral(name: str) -> str:
    """Return a name with an ellipsis for each word that tells what it is about: it still differs from other names."""
    return TELLING.sub("… ", name).replace("… )", "…)").replace("… :", "…:").strip()
