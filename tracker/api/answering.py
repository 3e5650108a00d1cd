"""How each door of the API answers: it refuses what is not described, says where an answer is from, and how old it is.

A refusal is a problem in sentences (RFC 9457), whatever it is about.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from tracker.answers import Unanswerable
from tracker.api.description import FINGERPRINT
from tracker.api.operations import OPERATIONS, Operation
from tracker.exports import LICENCE, SCHEMA_VERSION
from tracker.models import Checkpoint
from tracker.moments import LONDON, ImpossibleMoment, Moment, read_moment
from tracker.publishing import find_newest_checkpoint

PROBLEM = "application/problem+json"
READING = ("GET", "HEAD")  # and OPTIONS, which config.middleware answers


class Refusal(Exception):
    """Raised with what is wrong, in sentences, and with the status of the answer that says so."""

    def __init__(self, *sentences: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, **facts: Any) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences
        self.status = status
        self.facts = facts


@dataclass(frozen=True)
class Answer:
    """What a door has to say, and the addresses of the other pages of it."""

    fields: dict[str, Any]
    links: dict[str, str] = field(default_factory=dict)


View = Callable[..., Answer]


def reading_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse, as a problem, whatever would write."""

    @csrf_exempt  # such a request is refused here, and by what it asks rather than by what it lacks
    @wraps(view)
    def door(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if request.method in READING:
            return view(request, **named)
        sentence = f"The API is read-only: ask with {' or '.join(READING)}."
        return refuse(Refusal(sentence, status=HTTPStatus.METHOD_NOT_ALLOWED))

    return door


def answers(name: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Make a door of a function that takes the query, the moment and what the path names, and returns an Answer."""
    operation = OPERATIONS[name]

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @reading_only
        @wraps(view)
        def door(request: HttpRequest, **named: Any) -> HttpResponseBase:
            try:
                return answer(request, operation, view, named)
            except Refusal as refusal:
                return refuse(refusal)
            except (ImpossibleMoment, Unanswerable, SuspiciousOperation) as error:
                return refuse(Refusal(str(error)))

        return door

    return decorate


def answer(request: HttpRequest, operation: Operation, view: View, named: dict[str, Any]) -> HttpResponseBase:
    query = request.GET
    refuse_unfit(query, operation)
    today = timezone.localdate()
    moment = read_moment(query, today=today) if operation.is_dated else Moment(today)
    checkpoint = find_newest_checkpoint()
    etag = write_etag(request, checkpoint, today)
    # A star matches whatever there is, and whether there is anything is not known yet.
    matches = "*" not in request.headers.get("If-None-Match", "*")
    response = get_conditional_response(request, etag=etag) if matches else None
    if response is None:
        found = view(query, moment, **named)
        content = describe_source(operation, moment, checkpoint) | found.fields
        response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
        response["Link"] = write_links(found.links)
    return label(response, etag, checkpoint, today)


def refuse_unfit(query: QueryDict, operation: Operation) -> None:
    """Refuse what cannot be asked at an address, what has no value, and two values where one is asked for.

    A page takes an empty field of its form for one that was left out. From a program it is more likely a mistake, and
    would be answered with everything.
    """
    lists = {parameter.name: parameter.is_list for parameter in operation.query}
    sentences = []
    for name, values in sorted(query.lists()):
        if name not in lists:
            sentences.append(f"“{name[:40]}” cannot be asked here. Remove it from the address.")
        elif not all(value.strip() for value in values):
            sentences.append(f"“{name}” is empty. Give it a value, or leave it out.")
        elif len(values) > 1 and not lists[name]:
            sentences.append(f"“{name}” has more than one value. Give only one.")
    if sentences:
        raise Refusal(*sentences)


# --- What is said with every answer ----------------------------------------------------------


def describe_source(operation: Operation, moment: Moment, checkpoint: Checkpoint | None) -> dict[str, Any]:
    content = {"schema_version": SCHEMA_VERSION, "licence": LICENCE, "checkpoint": link_checkpoint(checkpoint)}
    if operation.is_dated:
        content |= {"on": moment.day, "known": moment.known}
    return content


def link_checkpoint(checkpoint: Checkpoint | None) -> str | None:
    return settings.SITE_URL + reverse("tracker:log-checkpoint", args=[checkpoint.size]) if checkpoint else None


def write_links(links: dict[str, str]) -> str:
    """Write the head's links: to the licence, the description and the other pages (RFC 8288)."""
    whole = {
        "license": LICENCE,
        "service-desc": settings.SITE_URL + reverse("tracker:api-description"),
        "service-doc": settings.SITE_URL + reverse("tracker:api"),
        **links,
    }
    return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in whole.items())


def write_etag(request: HttpRequest, checkpoint: Checkpoint | None, today: dt.date) -> str:
    """Name an answer by all that it depends on: the address, the register, the day and how answers are written."""
    address = settings.SITE_URL + request.get_full_path()
    parts = (FINGERPRINT, str(checkpoint.size if checkpoint else 0), today.isoformat(), address)
    return f'"{hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]}"'


def label(response: Any, etag: str, checkpoint: Checkpoint | None, today: dt.date) -> HttpResponse:
    midnight = dt.datetime.combine(today, dt.time(), LONDON)
    changed_at = max(midnight, checkpoint.at) if checkpoint else midnight
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed_at.timestamp())
    response["X-Robots-Tag"] = "noindex"
    if address := link_checkpoint(checkpoint):
        response["Log-Checkpoint"] = address
    labelled: HttpResponse = response
    return labelled


# --- Refusals --------------------------------------------------------------------------------


def refuse(refusal: Refusal) -> HttpResponse:
    problem = {
        "type": "about:blank",
        "title": refusal.status.phrase,
        "status": refusal.status,
        "detail": str(refusal),
        "errors": refusal.sentences,
        **refusal.facts,
    }
    response = JsonResponse(
        problem, status=refusal.status, content_type=PROBLEM, json_dumps_params={"ensure_ascii": False}
    )
    response["X-Robots-Tag"] = "noindex"
    if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = ", ".join([*READING, "OPTIONS"])
    return response
