"""Every address of the site, from the resolver itself: a new page is found by the tests that go through all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

# Examples in the register's own files, by the part of an address that they stand for.
EXAMPLES = {
    "commitments/<reference:reference>": "IICSA-13",
    "departments/<slug:slug>": "home-office",
    "programmes/<slug:slug>": "iicsa-final-report",
    "topics/<slug:slug>": "online-safety",
    "documents/<slug:identifier>": "casey-government-response",
    "petitions/<int:number>": "300239",
    "log/<int:sequence>": "900",
    "log/checkpoint/<int:size>": "900",
    "data/<str:name>": "register.zip",
    "sitemap-<slug:section>": "commitments",
    "api/<path:rest>": "nowhere",
    "queue/<slug:code>": "review",
    "<slug:kind>": "statusupdate",
    "r/<path:content_type_id>": "1",
    "<uidb64>": "MQ",
    "<token>": "x-y",
    "<path:object_id>": "1",
    "<slug:object_id>": "1",
    "<int:pk>": "1",
}
PART = re.compile(r"<[^>]+>")
# Django writes some of the desk's addresses as regular expressions.
EXPRESSIONS = {
    r"^([^/]+)/history/([^/]+)/$": "<path:object_id>/history/<int:pk>/",
    r"^(?P<app_label>tracker|auth|admin)/$": "tracker/",
    r"(?P<url>.*)$": "nowhere",
}


def list_routes(patterns: list[URLPattern | URLResolver] | None = None, start: str = "/") -> Iterator[str]:
    """Yield every route, such as /departments/<slug:slug>/feed/, in the order in which they are tried."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = start + EXPRESSIONS.get(str(each.pattern), str(each.pattern))
        if isinstance(each, URLResolver):
            yield from list_routes(each.url_patterns, route)
        else:
            yield route


def list_addresses(examples: Mapping[str, str] = EXAMPLES) -> list[str]:
    """Return an address for every route, with an example in place of each of its parts."""
    return list(dict.fromkeys(fill_in(route, examples) for route in list_routes()))


def fill_in(route: str, examples: Mapping[str, str] = EXAMPLES) -> str:
    """Put an example in place of each part of a route; fails where nobody has given one."""
    while part := PART.search(route):
        before = route[: part.end()]
        found = next((text for ending, text in examples.items() if before.endswith(ending)), None)
        assert found is not None, f"tests/addresses.py has no example for {before}"
        route = route[: part.start()] + found + route[part.end() :]
    return route
