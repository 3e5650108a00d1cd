"""Whether the site is well, for the machines that run it; and what readers see while its database is away."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
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
    """Say whether this process can show the register: the database answers and has the tables of this version.

    A read replica is enough: while the primary is away, public pages go on being read from there.
    """
    for each in connections.all():
        try:
            executor = MigrationExecutor(each)
            is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except DatabaseError:
            continue
        return (
            refuse("The database waits for a migration.\n") if is_behind else HttpResponse("ok\n", content_type=PLAIN)
        )
    return refuse("The database does not answer.\n")


def refuse(text: str, content_type: str = PLAIN) -> HttpResponse:
    response = HttpResponse(text, content_type, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw: 503 while no connection to the database can be had, and 500 for a fault of ours."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError) and is_database_away():
        return never_cache(lambda request: refuse(render_to_string("503.html"), "text/html; charset=utf-8"))(request)
    return server_error(request)


def is_database_away() -> bool:
    """Say whether a new connection fails. One that broke is left behind, so the next request begins anew."""
    try:
        if not connection.in_atomic_block:
            connection.close()
        connection.ensure_connection()
        return not connection.is_usable()
    except (OperationalError, InterfaceError):
        return True
