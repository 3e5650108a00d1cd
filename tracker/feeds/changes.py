"""Atom feeds of what was published about the commitments that a question describes, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from tracker.feeds.questions import (
    NAME,
    REFUSED,
    Question,
    Unanswerable,
    licence,
    printable,
    read_question,
    read_question_about,
    refusing,
    whole,
)
from tracker.filters import MOMENT
from tracker.models import Checkpoint, Department, Programme, Redaction, StatusUpdate, Topic, Withdrawal
from tracker.publishing import find_newest_checkpoint
from tracker.querysets import known_at
from tracker.statuses import Basis

MAXIMUM_ENTRIES = 50
TLOG = "https://c2sp.org/tlog-checkpoint"


class ChangesFeed(Atom1Feed):
    """Atom with the whole text in each entry, and with the newest checkpoint of the log: each reader is a witness."""

    def latest_post_date(self) -> dt.datetime:
        """Return when the register last published anything, of which every feed tells: it never goes back."""
        days = [item["updateddate"] for item in self.items]
        if checkpoint := self.feed["checkpoint"]:
            days.append(checkpoint.at)
        return max(days, default=timezone.now())

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("link", None, {"rel": "license", "href": f"{whole(reverse('tracker:about'))}#licence"})
        if checkpoint := self.feed["checkpoint"]:
            address = whole(reverse("tracker:log-checkpoint", args=[checkpoint.size]))
            handler.addQuickElement("link", None, {"rel": "related", "type": "text/plain", "href": address})
            handler.addQuickElement("tlog:checkpoint", checkpoint.note, {"xmlns:tlog": TLOG})

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@dataclass(frozen=True)
class Change:
    """One entry: an update with the one that corrects it, if any, or a withdrawal. `commitment` has its words then."""

    record: StatusUpdate | Withdrawal
    commitment: Any
    corrected_by: StatusUpdate | None = None
    redacted_at: dt.datetime | None = None

    @property
    def is_withdrawal(self) -> bool:
        return isinstance(self.record, Withdrawal)

    @property
    def updated_at(self) -> dt.datetime:
        """When it last came to say something else: it was published, corrected, or words were removed from it."""
        corrected_at = self.corrected_by.published_at if self.corrected_by else None
        return max(at for at in (self.record.published_at, corrected_at, self.redacted_at) if at)

    @property
    def address(self) -> str:
        """Its permanent address, which is its id in every feed."""
        anchor = "" if self.is_withdrawal else f"#{self.record.anchor}"
        return whole(f"{self.commitment.get_absolute_url()}{anchor}")

    @property
    def title(self) -> str:
        return f"{self.commitment.reference}: {self._name()}. {self.commitment.title}"

    def _name(self) -> str:
        if not isinstance(self.record, StatusUpdate):
            return "Withdrawn"
        status = self.record.get_status_display()
        name = f"{self.record.get_basis_display()}: {status}" if self.record.basis == Basis.CLAIM else status
        return f"Correction: {name}" if self.record.corrects_id else name


def explain(request: HttpRequest, sentence: str) -> HttpResponse:
    """Say in a feed of one entry why there is no other."""
    address, now = whole(request.get_full_path()), timezone.now()
    feed = ChangesFeed(
        title=f"{NAME}: {REFUSED}",
        link=address,
        description=None,
        feed_url=address,
        feed_guid=address,
        author_name=NAME,
        checkpoint=None,
    )
    feed.add_item(
        title=sentence,
        link=address,
        description=None,
        unique_id=f"{address}#refused",
        pubdate=now,
        updateddate=now,
        content=f"<p>{escape(sentence)}</p>",
    )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


@refusing(explain)
def commitment_feed(request: HttpRequest, reference: str = "") -> HttpResponse:
    """Send what changed about the commitments that the list's filters describe, or about one commitment."""
    if not reference:
        question = read_question(request.GET)
        return send(request, question, reverse("tracker:commitment-list"), question.words)
    question = read_question_about(request.GET, reference.upper())
    return send(request, question, reverse("tracker:commitment-detail", args=[reference.upper()]), question.words)


def department_feed(request: HttpRequest, slug: str) -> HttpResponse:
    return send_group(request, Department, slug)


def programme_feed(request: HttpRequest, slug: str) -> HttpResponse:
    return send_group(request, Programme, slug)


def topic_feed(request: HttpRequest, slug: str) -> HttpResponse:
    return send_group(request, Topic, slug)


@refusing(explain)
def send_group(request: HttpRequest, model: Any, slug: str) -> HttpResponse:
    """Send what changed about the commitments that a department leads, of a programme or on a topic."""
    thing = get_object_or_404(model.objects.published(), slug=slug)
    if others := [name for name in request.GET if name not in MOMENT]:
        feed = reverse("tracker:commitment-feed")
        raise Unanswerable(f"“{others[0][:40]}” means nothing here. {feed} takes every filter of the list.")
    query = QueryDict(mutable=True)
    query.update(request.GET)
    query[model._meta.model_name] = slug
    return send(request, read_question(query), thing.get_absolute_url(), thing.name)


def send(request: HttpRequest, question: Question, page: str, words: str) -> HttpResponse:
    """Send a feed about a question; `page` is where people read the same."""
    checkpoint = find_newest_checkpoint()
    query = question.query if page == reverse("tracker:commitment-list") else question.moment.query
    feed = ChangesFeed(
        title=printable(f"{NAME}: {words or 'all commitments'}"),
        link=whole(f"{page}?{query}".rstrip("?")),
        description=printable(describe(question, checkpoint)),
        language="en-gb",
        author_name=NAME,
        feed_url=whole(f"{request.path}?{query}".rstrip("?")),
        feed_guid=whole(f"{request.path}?{query}".rstrip("?")),
        feed_copyright=licence(),
        checkpoint=checkpoint,
    )
    for change in list_changes(question):
        add(feed, change)
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def describe(question: Question, checkpoint: Checkpoint | None) -> str:
    sentences = [f"The newest {MAXIMUM_ENTRIES} status updates, corrections and withdrawals that were published."]
    if question.moment.on:
        sentences.append(f"As it stood on {question.moment.day.isoformat()}.")
    if checkpoint:
        sentences.append(f"The register is at version {checkpoint.size}; the checkpoint says so, signed.")
    return " ".join(sentences)


def add(feed: ChangesFeed, change: Change) -> None:
    record = change.record
    content = render_to_string("tracker/_feed_entry.html", {"change": change, "record": record, "whole": whole("")})
    feed.add_item(
        title=printable(change.title),
        link=change.address,
        description=None,
        unique_id=change.address if not change.is_withdrawal else f"{change.address}#{record.anchor}",
        pubdate=record.published_at,
        updateddate=change.updated_at,
        categories=() if change.is_withdrawal else (record.get_status_display(),),
        content=printable(content),
    )


def list_changes(question: Question) -> list[Change]:
    """Return the newest updates and withdrawals, newest publication first."""
    updates, withdrawals = read_updates(question), read_withdrawals(question)
    commitments = question.find({record.commitment_id for record in (*updates, *withdrawals)})
    corrections = find_corrections(question, updates)
    redactions = find_redactions()
    changes = []
    for record in (*updates, *withdrawals):
        if commitment := commitments.get(record.commitment_id):  # one may have left the answer between two queries
            corrected_by = corrections.get(record.pk) if isinstance(record, StatusUpdate) else None
            redacted = [redactions[each] for each in list_subjects(record, commitment) if each in redactions]
            changes.append(Change(record, commitment, corrected_by, max(redacted, default=None)))
    changes.sort(key=lambda change: (change.record.published_at, change.record.pk), reverse=True)
    return changes[:MAXIMUM_ENTRIES]


def read_updates(question: Question) -> list[StatusUpdate]:
    chosen = question.commitments.filter(withdrawn_at__isnull=True) if not question.moment.on else question.commitments
    rows: Any = StatusUpdate.objects.ever_published().filter(
        known_at(question.moment),
        as_of__lte=question.moment.day,
        commitment__in=chosen.order_by().values("pk"),
    )
    newest = rows.select_related("corrects").order_by("-published_at", "-pk")[:MAXIMUM_ENTRIES]
    return list(newest.prefetch_related("evidence__document"))


def read_withdrawals(question: Question) -> list[Withdrawal]:
    """Return the withdrawals of what is asked about. A past day, as it is known now, never had what was withdrawn."""
    if question.moment.on:
        return []
    chosen = question.commitments.filter(withdrawn_at__isnull=False).order_by().values("pk")
    rows: Any = Withdrawal.objects.ever_published().filter(commitment__in=chosen)
    return list(rows.order_by("-published_at", "-pk")[:MAXIMUM_ENTRIES])


def find_corrections(question: Question, updates: list[StatusUpdate]) -> dict[int, StatusUpdate]:
    """Return what corrects some of these updates, by what it corrects."""
    rows: Any = StatusUpdate.objects.ever_published().filter(known_at(question.moment), corrects__in=updates)
    return {update.corrects_id: update for update in rows}


def find_redactions() -> dict[str, dt.datetime]:
    """Return when words were last removed from each public thing, by its name in the log."""
    rows: Any = Redaction.objects.published().order_by("published_at")
    return {subject: redaction.published_at for redaction in rows for subject in redaction.subjects}


def list_subjects(record: StatusUpdate | Withdrawal, commitment: Any) -> list[str]:
    """Return the names in the log of what an entry says something of."""
    documents = [each.document for each in record.evidence.all()] if isinstance(record, StatusUpdate) else []
    things = [each.subject for each in (commitment, commitment.department, *documents)]
    return [f"{commitment.subject}#{record.anchor}", *things]
