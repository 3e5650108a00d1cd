"""Answers each address in the language that it names, and without the database while that is away.

Nothing is read from headers or cookies: Django's own middleware would answer one address in several languages, which no
cache could keep apart.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tracker.languages import find_language
from tracker.outages import WATCH, Outage
from tracker.replicas import reads_replica
from tracker.views.health import come_back

ABOUT_THIS_PROCESS = ("/livez", "/readyz")


def speak_as_addressed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(find_language(request.path_info)):
            return get_response(request)

    return middleware


def need_no_lost_database(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer at once while the database is lost, so that those who wait for it do not fill every thread."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in ABOUT_THIS_PROCESS or reads_replica() or WATCH.is_well():
            return get_response(request)
        return come_back(request, Outage.AWAY)

    return middleware
