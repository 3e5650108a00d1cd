"""What programs look for at the same address of every site: where they may go, and whom to tell of a weakness."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

PLAIN = "text/plain; charset=utf-8"
VALID_FOR = dt.timedelta(days=180)  # RFC 9116 asks for less than a year

# Questions to a list have no end: filters, past days, orders and pages. The sitemap names every page without one.
ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /accounts/
Disallow: /*?
Allow: /sitemap-*?p=

Sitemap: {sitemap}
"""

SECURITY = """\
Contact: mailto:{contact}
Expires: {expires}
Preferred-Languages: en
Canonical: {address}
Policy: {policy}
"""


def robots(request: HttpRequest) -> HttpResponse:
    sitemap = settings.SITE_URL + reverse("tracker:sitemap-list")
    return HttpResponse(ROBOTS.format(sitemap=sitemap), content_type=PLAIN)


def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness of this site (RFC 9116), where somebody can be told."""
    if not settings.CONTACT_EMAIL:
        raise Http404
    midnight = timezone.now().astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    text = SECURITY.format(
        contact=settings.CONTACT_EMAIL,
        expires=f"{midnight + VALID_FOR:%Y-%m-%dT%H:%M:%SZ}",
        address=settings.SITE_URL + reverse("tracker:security"),
        policy=settings.SITE_URL + reverse("tracker:disclosure"),
    )
    return HttpResponse(text, content_type=PLAIN)
