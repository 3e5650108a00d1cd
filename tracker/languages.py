"""The languages of the public pages and how an address names its own: English at the root, Welsh under /cy/.

Nothing here reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language

ENGLISH = "en-gb"
WELSH = "cy"
NAMES = {ENGLISH: "English", WELSH: "Cymraeg"}


def find_language(address: str) -> str:
    """Return the language of an address of this site, which begins with a slash."""
    return WELSH if f"{_path(address)}/".startswith(f"/{WELSH}/") else ENGLISH


def write_in(language: str, address: str) -> str:
    """Return the address of the same page in a language."""
    bare = address if find_language(address) == ENGLISH else address.removeprefix(f"/{WELSH}") or "/"
    return bare if language == ENGLISH else f"/{WELSH}{bare}"


def find_address(name: str, *parts: str | int, language: str | None = None) -> str:
    """Return what Django's `reverse` does, in the language of the page, without working it out for each link anew.

    `language` spares finding out for each address anew which that is.
    """
    return _find_address(language or get_language(), name, parts)


@lru_cache(maxsize=10_000)
def _find_address(language: str | None, name: str, parts: tuple[str | int, ...]) -> str:
    return reverse(name, args=parts)


def english(words: Any) -> Any:
    """Mark words of the register that are in English, where the page around them is not."""
    return tell_language(words, ENGLISH)


def tell_language(words: Any, language: str) -> Any:
    """Mark words that are in another language than the page around them."""
    if not words or get_language() == language:
        return words
    return format_html('<span lang="{}">{}</span>', language[:2], words)


def speak(row: Any, name: str, write: Callable[[str], Any] = str, language: str | None = None) -> Any:
    """Return a text of a row in the language of the page; where it has no Welsh one, the English, said to be so.

    `language` spares finding out for each text anew which that is.
    """
    language = language or get_language()
    if language == WELSH and (welsh := getattr(row, f"{name}_cy", "")):
        return write(welsh)
    words = write(getattr(row, name, ""))
    return words if language == ENGLISH else english(words)


def say(row: Any, name: str) -> str:
    """Return the same without saying so, for a title or a label, which can hold no mark."""
    welsh = getattr(row, f"{name}_cy", "") if get_language() == WELSH else ""
    return welsh or getattr(row, name, "")


def _path(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]
