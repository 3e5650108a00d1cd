"""The languages of the public pages and how an address names its own: English at the root, Welsh under /cy/. Pure."""

from __future__ import annotations

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


def _path(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]
