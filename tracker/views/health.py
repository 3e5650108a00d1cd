"""Whether the site is well, for the machines that run it; and what readers see while its database is away."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

from tracker.outages import WATCH, Outage, find_outage
from tracker.replicas import reads_replica

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
        except (DatabaseError, InterfaceError):
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
    """Answer what nobody foresaw: 503 where the database does not do what it is asked, and 500 for a fault of ours."""
    outage = find_outage(sys.exc_info()[1])
    if outage is None:
        return server_error(request)
    if outage is Outage.AWAY and not reads_replica():
        WATCH.lose()
    return come_back(request, outage)


def come_back(request: HttpRequest, outage: Outage) -> HttpResponse:
    """Ask a reader to come back later, and give staff what they sent, to send it again."""
    if request.method == "POST" and is_of_the_desk(request):
        page = render_to_string("admin/tracker/not_saved.html", describe_what_was_sent(request, outage))
    else:
        page = render_to_string("too_large.html" if outage is Outage.LONG else "503.html")
    response = refuse(page, "text/html; charset=utf-8")
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    return response


def is_of_the_desk(request: HttpRequest) -> bool:
    """Say whether somebody sent a form of the desk. Browsers send the cookie from our own pages alone."""
    return request.path_info.startswith(reverse("admin:index")) and settings.SESSION_COOKIE_NAME in request.COOKIES


def describe_what_was_sent(request: HttpRequest, outage: Outage) -> dict[str, Any]:
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    unsaid = ("csrfmiddlewaretoken", "started_from", "_FORMS", "-id", "__prefix__", "version")
    return {
        "outage": outage,
        "may_be_done": outage is Outage.AWAY,  # the answer to the last statement may have been what was lost
        "address": request.get_full_path(),
        "fields": fields,
        "kept": [
            (name, value)
            for name, value in fields
            if value and not name.startswith("_") and not any(part in name for part in unsaid)
        ],
        "has_files": bool(request.FILES),
    }
