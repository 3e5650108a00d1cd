"""Reads the question of a feed or calendar: the filters of the list and the day, refused whole in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from tracker.filters import MOMENT, SHAPING, CommitmentFilter, build_filter_tags, order, shorten
from tracker.models import Commitment
from tracker.moments import ImpossibleMoment, Moment, add_moment, read_moment
from tracker.querysets import CommitmentQuerySet

NAME = "Commitments Register"
REFUSED = "this question cannot be answered"
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # no XML and no calendar may hold these

Feeding = Callable[..., HttpResponse]


class Unanswerable(Exception):
    """Raised with what is wrong with a question, a sentence a line."""


@dataclass(frozen=True)
class Question:
    """Which commitments are asked about, at which moment; withdrawn ones are among them where that is today.

    `words` says it for people and is empty for all of them; `query` is the one way of writing it in an address.
    """

    commitments: CommitmentQuerySet
    moment: Moment
    words: str
    query: str

    def find(self, keys: set[int]) -> dict[int, Commitment]:
        """Read these commitments, in the words that they had at the moment asked about."""
        return self.commitments.for_listing().in_bulk(keys)


def read_question(query: QueryDict) -> Question:
    """Read what the list's filters ask. Raises Unanswerable."""
    moment = read_day(query)
    filterset = CommitmentFilter(shorten(query), queryset=find_commitments(moment), withdrawn=True)
    if not filterset.is_valid():
        errors = [sentence for sentences in filterset.form.errors.values() for sentence in sentences]
        raise Unanswerable("\n".join(errors))
    words = ", ".join(tag["label"] for tag in build_filter_tags(filterset, lambda name, value: ""))
    return Question(filterset.qs, moment, words, write_in_order(query))


def read_question_about(query: QueryDict, reference: str) -> Question:
    """Ask about one commitment; the address may name a day. Raises Unanswerable, and Http404 for one not there then."""
    for name in shorten(query):
        if name not in MOMENT:
            raise Unanswerable(f"“{name[:40]}” means nothing here. Remove it from the address.")
    moment = read_day(query)
    commitments = find_commitments(moment).filter(reference=reference)
    commitment = commitments.first()
    if commitment is None:
        raise Http404
    return Question(commitments, moment, f"{reference}, {commitment.title}", write_in_order(query))


def read_day(query: QueryDict) -> Moment:
    try:
        return read_moment(query, today=timezone.localdate())
    except ImpossibleMoment as error:
        raise Unanswerable(str(error)) from None


def find_commitments(moment: Moment) -> CommitmentQuerySet:
    """Return what a question chooses from: a feed of today says of a withdrawn commitment that it was withdrawn."""
    rows: Any = Commitment.objects
    found: CommitmentQuerySet = rows.as_at(moment) if moment.on else rows.ever_published()
    return found


def write_in_order(query: QueryDict) -> str:
    """Write a question in the one order that all ways of asking it share, without how the page shows its answer."""
    return order(shorten(query, without=SHAPING)).urlencode()


def refusing(explain: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[Feeding], Feeding]:
    """Answer a question that makes no sense with what is wrong with it, in the format of the answer."""

    def decorate(view: Feeding) -> Feeding:
        @wraps(view)
        def refuse(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            try:
                return view(request, *args, **options)
            except Unanswerable as error:
                response = explain(request, printable(str(error)))
                response.status_code = HTTPStatus.BAD_REQUEST
                return response

        return refuse

    return decorate


def whole(address: str) -> str:
    """Return an address of this site as others must write it."""
    return f"{settings.SITE_URL}{address}"


def licence() -> str:
    return (
        "The register states facts from public sources in its own words. "
        f"What may be done with them: {whole(reverse('tracker:about'))}#licence"
    )


def printable(text: str) -> str:
    return UNPRINTABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def at_that_moment(address: str, moment: Moment) -> str:
    return whole(add_moment(address, moment))
