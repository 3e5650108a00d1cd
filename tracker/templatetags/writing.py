"""How text is put into HTML where pages are written without templates."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString


def write_text(words: object) -> str:
    """Return words as they stand in HTML; `conditional_escape` does the same, but looks for rarer kinds of text too."""
    return words if isinstance(words, SafeString) else escape(str(words))
