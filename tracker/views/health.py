"""Whether the site is well, for the machines that run it; and what readers see while its database is away."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

PLAIN = "text/plain; charset=utf-8"
TRY_AGAIN_AFTER = 5  # seconds


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; one that does not wants to be started again."""
    return HttpResponse("ok\n", content_type=PLAIN)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process can show the register: the database answers and has the tables of this version."""
    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return refuse("The database does not answer.\n")
    return refuse("The database waits for a migration.\n") if is_behind else HttpResponse("ok\n", content_type=PLAIN)


def refuse(text: str, content_type: str = PLAIN) -> HttpResponse:
    response = HttpResponse(text, content_type, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw: 503 while no connection to the database can be had, or where it took too long and was
    stopped, and 500 for a fault of ours.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError) and was_stopped(error):
        return refuse_page(request, "too_large.html")
    if isinstance(error, OperationalError | InterfaceError) and is_database_away():
        return refuse_page(request, "503.html")
    return server_error(request)


def refuse_page(request: HttpRequest, template: str) -> HttpResponse:
    return never_cache(lambda request: refuse(render_to_string(template), "text/html; charset=utf-8"))(request)


def was_stopped(error: OperationalError) -> bool:
    """Say whether the database did not answer because `middleware.stop_long_questions` stopped it."""
    return str(error) == "interrupted" or "statement timeout" in str(error)


def is_database_away() -> bool:
    """Say whether a new connection fails. One that broke is left behind, so the next request begins anew."""
    try:
        if not connection.in_atomic_block:
            connection.close()
        connection.ensure_connection()
        return not connection.is_usable()
    except (OperationalError, InterfaceError):
        return True
