"""Calendars of the milestones of the commitments that a question describes: each an event of a whole day."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText

from tracker.feeds.questions import (
    NAME,
    REFUSED,
    Question,
    at_that_moment,
    licence,
    printable,
    read_question,
    read_question_about,
    refusing,
)
from tracker.models import Checkpoint, Commitment, Milestone
from tracker.publishing import find_milestone_pointers, find_newest_checkpoint
from tracker.querysets import list_milestones
from tracker.templatetags.register import day, describe_standing

MAXIMUM_EVENTS = 2000
ASK_AGAIN_AFTER = dt.timedelta(hours=12)
TENTATIVE, CONFIRMED = "TENTATIVE", "CONFIRMED"


def explain(request: HttpRequest, sentence: str) -> HttpResponse:
    """Say in a calendar without dates why it has none."""
    return send(start_calendar(f"{NAME}: {REFUSED}", sentence), "refused")


@refusing(explain)
def commitment_calendar(request: HttpRequest, reference: str = "") -> HttpResponse:
    """Send the milestones of the commitments that the list's filters describe, or of one commitment."""
    query = request.GET
    question = read_question_about(query, reference.upper()) if reference else read_question(query)
    checkpoint = find_newest_checkpoint()  # first, so that it promises nothing newer than what follows
    milestones = read_milestones(question)
    commitments = question.find({milestone.commitment_id for milestone in milestones})
    name = f"{NAME}: {question.words or 'all commitments'}"
    calendar = start_calendar(name, describe_calendar(checkpoint, is_cut=len(milestones) == MAXIMUM_EVENTS))
    for milestone in milestones:
        if commitment := commitments.get(milestone.commitment_id):  # one may have left the answer between two queries
            calendar.add_component(build_event(milestone, commitment, question))
    return send(calendar, reference.upper() or "commitments")


def send(calendar: Calendar, name: str) -> HttpResponse:
    if not calendar.subcomponents:
        calendar.add_component(build_time_zone())
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return response


def read_milestones(question: Question) -> list[Milestone]:
    """Return the milestones as they were at the moment asked about, those that are due last first."""
    moment = question.moment
    chosen = question.commitments if moment.on else question.commitments.filter(withdrawn_at__isnull=True)
    rows: Any = list_milestones(Milestone, moment).filter(commitment__in=chosen.order_by().values("pk"))
    milestones = list(rows.order_by("-due_on", "-pk")[:MAXIMUM_EVENTS])
    for milestone in milestones:
        for name, value in find_milestone_pointers(milestone).items():
            setattr(milestone, name, value)  # the steps that were read end on that day
    return milestones


def describe_calendar(checkpoint: Checkpoint | None, *, is_cut: bool) -> str:
    about = [f"The {MAXIMUM_EVENTS} dates that are due last." if is_cut else "Each date that was promised.", licence()]
    if checkpoint:
        about.append(f"The register is at version {checkpoint.size}. Root of its log: {checkpoint.root_hash}")
    return " ".join(about)


def start_calendar(name: str, about: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{NAME}//{urlsplit(settings.SITE_URL).hostname}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # The first of each pair is RFC 7986; the second is what older programs read.
    for pair, text in ((("name", "x-wr-calname"), printable(name)), (("description", "x-wr-caldesc"), about)):
        for each in pair:
            calendar.add(each, vText(text))  # of the older name the library does not know that it is a text
    calendar.add("refresh-interval", ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    return calendar


def build_time_zone() -> Timezone:
    """Return the one component of a calendar without dates: RFC 5545 asks for at least one, of whichever kind."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", dt.datetime(1970, 1, 1))  # noqa: DTZ001 - it is the zone's own
    for name in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(name, dt.timedelta())
    zone.add_component(standard)
    return zone


def build_event(milestone: Milestone, commitment: Commitment, question: Question) -> Event:
    """Return a milestone as an event. Its id never changes; its sequence grows with each published step."""
    steps = list(milestone.milestone_updates.all())
    due_on = milestone.present_due_on or milestone.due_on
    event = Event()
    event.add("uid", f"{commitment.reference}-milestone-{milestone.number}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", len(steps))
    event.add("dtstamp", max(row.published_at for row in (milestone, *steps) if row.published_at))
    event.add("dtstart", due_on)
    event.add("dtend", due_on + dt.timedelta(days=1))
    event.add("transp", "TRANSPARENT")  # a promise of the government keeps nobody from meeting
    event.add("summary", printable(f"{'Met: ' if milestone.met_on else ''}{commitment.reference}, {milestone.title}"))
    event.add("description", printable(describe(milestone, commitment, question)))
    event.add("url", at_that_moment(f"{commitment.get_absolute_url()}#{milestone.anchor}", question.moment))
    event.add("status", CONFIRMED if milestone.met_on else TENTATIVE)
    if settings.CONTACT_EMAIL:
        event.add("organizer", vCalAddress(f"mailto:{settings.CONTACT_EMAIL}"))
    return event


def describe(milestone: Milestone, commitment: Commitment, question: Question) -> str:
    """Say when it was first due, whether that was moved, and whether it was met."""
    status = commitment.current_update.status if commitment.current_update else ""
    first = f"First due by {day(milestone.due_on)} (“{milestone.due_text}”)"
    if milestone.present_due_on and milestone.present_due_on != milestone.due_on:
        first += f", moved to {day(milestone.present_due_on)}"
    return "\n".join(
        (
            f"{commitment.title}. {commitment.department.name}.",
            f"{first}.",
            describe_standing(milestone, status, question.moment.day).sentence,
        )
    )
