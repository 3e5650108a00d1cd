"""What a public page is called, as its ETag: by all that it depends on, so that who holds it need not be sent it again.

Every process that would draw the same page gives it the same name. `finished` works names out, and `middleware` sends
them: a name stands for what was drawn under it, and nothing is drawn to compare.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags

NAME = "register.name"  # in a request: what the page is called that would be drawn for it
ROOMS = ("config", "templates", "tracker")  # in which every page is made
SHOWN = ("CONTACT_EMAIL", "DEBUG", "LOG_KEY", "SITE_URL", "TWO_PERSON_RULE")  # settings on which pages depend


def read_code() -> str:
    """Return the fingerprint of all files of which pages are made, and of the versions of what they use."""
    base, found = settings.BASE_DIR, hashlib.sha256()
    files = [path for room in ROOMS for path in (base / room).rglob("*") if is_of_the_code(path)]
    for path in (base / "requirements.txt", *sorted(files)):
        found.update(repr((path.relative_to(base).as_posix(), path.read_bytes())).encode())
    return found.hexdigest()


def is_of_the_code(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def name_page(*facts: Any) -> str:
    """Name a page by its facts and the settings. Nobody can guess it, so that who knows a name was sent that page."""
    shown = [getattr(settings, name) for name in SHOWN]
    return salted_hmac(NAME, repr((facts, shown)), algorithm="sha256").hexdigest()[:32]


def find_held(facts: dict[str, Any], name: str) -> str:
    """Return the tag, as the reader wrote it, by which she says that she holds the page of this name; or nothing."""
    asked = facts.get("HTTP_IF_NONE_MATCH", "")
    held = parse_etags(asked) if name and asked else []
    return next((tag for tag in held if tag.removeprefix("W/") == f'"{name}"'), "")
