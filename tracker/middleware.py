"""Answers each address in the language that it names, and without the database while that is away.

Nothing is read from headers or cookies: Django's own middleware would answer one address in several languages, which no
cache could keep apart. Names pages by the version of the register that they show. And stops what would keep the
database busy for long.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from time import thread_time
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import translation

from tracker.languages import find_language
from tracker.naming import NAME, find_held
from tracker.outages import WATCH, Outage
from tracker.replicas import reads_replica
from tracker.views.health import come_back

ABOUT_THIS_PROCESS = ("/livez", "/readyz")
DESK = ("/admin/", "/accounts/")

STEPS = 100_000  # of SQLite's machine, between two looks at the clock: about a millisecond


def speak_as_addressed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(find_language(request.path_info)):
            return get_response(request)

    return middleware


# What a view says of its answer that a 304 would have to say again.
SAID = ("Cache-Control", "ETag")
EXCEPTIONS = ("_csp_replace", "xframe_options_exempt")


def name_by_version(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send the name that `finished` has for a page as its ETag; and, before anything is asked, 304 to who holds that.

    Only whoever was sent a name can know it: so the page is there, and is one to which nothing here is an exception.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        name = request.META.get(NAME, "")
        if held := find_held(request.META, name):
            return HttpResponseNotModified(headers={"ETag": held, "Vary": "Accept-Encoding"})
        response = get_response(request)
        if name and response.status_code == HTTPStatus.OK and is_plain(response):
            response["ETag"] = f'"{name}"'
        return response

    return middleware


def is_plain(response: HttpResponse) -> bool:
    says_more = any(name in response for name in SAID) or response.cookies
    return not (response.streaming or says_more or any(hasattr(response, name) for name in EXCEPTIONS))


def need_no_lost_database(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer at once while the database is lost, so that those who wait for it do not fill every thread."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in ABOUT_THIS_PROCESS or reads_replica() or WATCH.is_well():
            return get_response(request)
        return come_back(request, Outage.AWAY)

    return middleware


def stop_long_questions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let no statement that answers a reader run on and on: `views.broken` then says that the question is too large.

    The desk waits as long as it takes. Files that are sent while they are read are not stopped on their way.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        # By its address alone: to ask who somebody is would make each public page vary by the cookie.
        limit = Limit(0 if request.path_info.startswith(DESK) else settings.LONGEST_QUESTION)
        with connection.execute_wrapper(limit):
            try:
                return get_response(request)
            finally:
                limit.lift()

    return middleware


class Limit:
    """Stops each statement after some seconds; 0 for never. Both databases then raise an OperationalError.

    SQLite works in this thread, so there its own time counts, however busy the machine is.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked = context["connection"]
        asked.ensure_connection()
        if asked.vendor == "sqlite":
            if self.seconds and not self.until:
                asked.connection.set_progress_handler(self.is_over, STEPS)
            self.until = thread_time() + self.seconds
        elif getattr(asked, "limited", None) != (asked.connection, self.seconds):
            # For staff what the connection began with: see `config.patience`.
            limit = f"SET statement_timeout = {int(1000 * self.seconds)}" if self.seconds else "RESET statement_timeout"
            with asked.wrap_database_errors:
                asked.connection.execute(limit)
            asked.limited = (asked.connection, self.seconds)  # it stays for as long as the connection does
        return execute(sql, params, many, context)

    def is_over(self) -> bool:
        return thread_time() > self.until

    def lift(self) -> None:
        if connection.vendor == "sqlite" and self.until and connection.connection is not None:
            connection.connection.set_progress_handler(None, STEPS)
