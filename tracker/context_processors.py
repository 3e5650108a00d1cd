"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tracker.keeping import Version


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the site's own address, for links that must be whole, where to report errors, and its state."""
    return {
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "site_state": SimpleLazyObject(lambda: (getattr(request, "version", None) or Version()).state),
    }
