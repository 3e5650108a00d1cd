"""What an operator may know of each request, and nothing that tells who asked: the log's line and the numbers of it.

`wsgi` puts `Observed` in front of everything. No address, name, cookie, path or question is written down: a request is
known by the name of its route.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from prometheus_client import Counter, Histogram

from config.logs import name_route, request_id

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

LOGGER = logging.getLogger("register.requests")
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
GIVEN_ID = re.compile(r"[0-9a-f]{32}")  # as nginx makes one; anything else might be somebody's name
# What `tracker.finished` writes into a request: which version of the register it was answered from, and how.
VERSION, PAGE = "register.version", "register.page"
KEPT = "kept"

REQUESTS = Counter("register_requests", "Requests answered.", ["route", "status"])
SECONDS = Histogram(
    "register_request_seconds",
    "How long they took, until the last byte was handed over.",
    ["route"],
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2, 5),
)
PAGES = Counter("register_finished_pages", "Public pages, by whether they were drawn before.", ["result"])


def count(route: str, status: int, seconds: float, page: str) -> None:
    REQUESTS.labels(route, status).inc()
    SECONDS.labels(route).observe(seconds)
    if page:
        PAGES.labels(page).inc()


def find_id(environ: Environ) -> str:
    """Return the id that nginx gave a request, or a new one, which is no secret: it tells two requests apart."""
    given = environ.get("HTTP_X_REQUEST_ID")
    if given and GIVEN_ID.fullmatch(given):
        return str(given)
    return f"{random.getrandbits(128):032x}"


class Observed:
    """A WSGI application that writes down and counts what `application` answers."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not (settings.METRICS_ADDRESS or LOGGER.isEnabledFor(logging.INFO)):
            return self.application(environ, start_response)  # nobody asked for either
        request = Request(environ)

        def start(status: str, *rest: Any) -> Any:
            request.status = status
            return start_response(status, *rest)

        response = self.application(environ, start)
        if isinstance(response, list):
            request.finish()
            return response
        return request.follow(response)


class Request:
    """One request, from its first byte to the last of its answer."""

    def __init__(self, environ: Environ) -> None:
        self.environ, self.started, self.status = environ, time.perf_counter(), "0"
        self.id = find_id(environ)
        request_id.set(self.id)

    def follow(self, response: Any) -> Iterator[bytes]:
        try:
            yield from response
        finally:
            getattr(response, "close", lambda: None)()
            self.finish()

    def finish(self) -> None:
        page = self.environ.get(PAGE, "")
        if page == KEPT and not settings.METRICS_ADDRESS:
            return  # nginx writes these down; a line would cost three times what the page does
        seconds = time.perf_counter() - self.started
        status, route = int(self.status[:3]), name_route(self.environ["PATH_INFO"])
        method = self.environ["REQUEST_METHOD"]
        if settings.METRICS_ADDRESS:
            count(route, status, seconds, page)
        facts = {
            "request_id": self.id,
            "method": method if method in METHODS else "other",
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "version": self.environ.get(VERSION),
            "page": page,
        }
        LOGGER.info("%s", "answered", extra=facts)
