"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """Give templates the site's own address, for links that must be whole, and where to report errors."""
    return {"site_url": settings.SITE_URL, "contact_email": settings.CONTACT_EMAIL}
