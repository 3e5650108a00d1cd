"""Addresses of pages as they are kept and compared. The questions and the forms use this."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def tidy_address(address: str) -> str:
    """Return the address of a page with its scheme and its host in small letters, as browsers write them."""
    parts = urlsplit(address.strip())
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()))
