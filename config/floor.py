"""The oldest Django that the site starts with: settings.py asks, so that every command and every server does."""

from __future__ import annotations

import django
from django.core.exceptions import ImproperlyConfigured

FLOOR = (5, 2, 19)  # what came before has weaknesses that are known


def refuse_an_old_django(version: tuple[int, ...] = django.VERSION[:3]) -> None:
    """Raise ImproperlyConfigured where an older version is installed than the lock files name."""
    if version < FLOOR:
        raise ImproperlyConfigured(
            f"Django {'.'.join(map(str, FLOOR))} or newer is needed; this is {'.'.join(map(str, version))}."
        )
