"""Words as readers type them and as texts hold them. The searches and the forms use this."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

MAXIMUM_WORDS = 10


def find_words(text: str) -> list[str]:
    """Return the words of a search; references keep their hyphens."""
    return re.findall(r"[\w-]*\w", text)


def find_spellings(word: str) -> list[str]:
    """Return what a word may stand as in a text: the stem of a plural, and "5 million" for "5m"."""
    if millions := re.fullmatch(r"(\d+)m", word, re.IGNORECASE):
        return [word, f"{millions[1]} million"]
    if len(word) > 4 and word.lower().endswith("ies"):
        return [word[:-3]]
    is_plural = len(word) > 3 and word.lower().endswith("s") and not word.lower().endswith("ss")
    return [word[:-1]] if is_plural else [word]


def tidy_address(address: str) -> str:
    """Return the address of a page with its scheme and its host in small letters, as browsers write them."""
    parts = urlsplit(address.strip())
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()))
