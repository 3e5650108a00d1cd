"""How the register's facts are put into words: dates, sums, statuses and how a milestone stands.

Templates and the views of single pages use these; nothing here queries.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import template
from django.template.defaultfilters import pluralize
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_noop

from tracker.models import REMOVED_ADDRESS, Commitment, Milestone, Redaction, StatusUpdate
from tracker.statuses import (
    CLOSED,
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_LABEL,
    Status,
    Strength,
    Timeliness,
    compute_timeliness,
)

register = template.Library()

MILLION = 1_000_000
JULY = gettext_noop("July")  # Django's own Welsh catalogue misspells it
NOT_YET_CHECKED_SENTENCE = f"{NOT_YET_CHECKED_LABEL}. We have published no assessment of this commitment."

# "Since" says when the present run of the same judgement began.
SINCE = {
    Status.NOT_STARTED: "Not started, as judged since {since}",
    Status.IN_PROGRESS: "In progress since {since}",
    Status.PARTLY_DELIVERED: "Partly delivered since {since}",
    Status.DELIVERED: "Delivered by {since}",
    Status.DELIVERED_DIFFERENTLY: "Delivered another way by {since}",
    Status.NOT_DELIVERED: "Not delivered, as judged since {since}",
    Status.WILL_NOT_BE_DONE: "Will not be done, as judged since {since}",
    Status.SUPERSEDED: "Replaced since {since}",
    Status.CANNOT_BE_JUDGED: "Cannot be judged since {since}",
}

# How one document, or the strongest of several, is put at the end of that sentence.
STRENGTHS = {
    Strength.STRONG: ("strong", "at least one strong"),
    Strength.MODERATE: ("moderate", "at best moderate"),
    Strength.WEAK: ("weak evidence only", "weak evidence only"),
}


@dataclass(frozen=True)
class Standing:
    """How a milestone stands against its dates: a code of Timeliness and a sentence."""

    code: str
    sentence: str


@register.filter
def at(removals: dict[str, list[Redaction]], anchor: str) -> list[Redaction]:
    """Return what was removed at a place of a page."""
    return removals.get(anchor, [])


@register.filter
def was_removed(address: str) -> bool:
    """Say whether an address of another site held words that must not be published."""
    return address.startswith(REMOVED_ADDRESS)


@register.filter
def day(date: dt.date | None) -> str:
    """Write a date like 21 November 2026; no date is an empty text."""
    return date_format(date, "j F Y") if date else ""


@register.filter
def time_tag(date: dt.date) -> SafeString:
    """Write a date for people and for machines."""
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), day(date))


@register.filter
def pounds(amount: int) -> str:
    """Write a sum exactly: in millions where two decimals are enough, otherwise in full."""
    if amount >= MILLION and amount % 10_000 == 0:
        return f"£{f'{amount / MILLION:,.2f}'.rstrip('0').rstrip('.')} million"
    return f"£{amount:,}"


@register.filter
def commas(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}"


@register.filter
def tel(phone: str) -> str:
    """Return the address that dials a phone number."""
    return "tel:" + "".join(character for character in phone if character.isdigit() or character == "+")


@register.filter
def when_made(commitment: Commitment) -> str:
    """Say when a commitment was made, no more exactly than is known."""
    match commitment.made_on_precision:
        case Commitment.Precision.MONTH:
            return f"in {commitment.made_on:%B %Y}"
        case Commitment.Precision.LATEST_POSSIBLE:
            return f"by {day(commitment.made_on)} at the latest"
        case _:
            return f"on {day(commitment.made_on)}"


@register.filter
def status_code(update: StatusUpdate | None) -> str:
    """Return the code of a status, or that of "not yet checked" where there is none."""
    return update.status if update else NOT_YET_CHECKED


@register.filter
def status_label(update: StatusUpdate | None) -> str:
    return update.get_status_display() if update else NOT_YET_CHECKED_LABEL


def describe_status(update: StatusUpdate | None, since: dt.date | None, evidence_count: int) -> str:
    """Say in a plain sentence how a commitment stands, since when and on what evidence.

    `since` is the day on which the present run began; `evidence_count` counts the documents of the newest judgement.
    """
    if update is None:
        return NOT_YET_CHECKED_SENTENCE
    standing = SINCE[Status(update.status)].format(since=day(since or update.as_of))
    return f"{standing}. {describe_evidence(update, evidence_count)}"


def describe_evidence(update: StatusUpdate, count: int) -> str:
    """Say how recent a judgement is and how much its documents prove."""
    parts = [f"Latest judgement: {day(update.as_of)}, on {count} document{pluralize(count)}"]
    if update.strength:
        one, several = STRENGTHS[Strength(update.strength)]
        parts.append(one if count == 1 else several)
    return ", ".join(parts) + "."


def describe_standing(milestone: Milestone, status: str, today: dt.date) -> Standing:
    """Say how a milestone stands on a day; an open date no longer counts once its commitment is closed."""
    if milestone.met_on is not None:
        return _describe_met(milestone)
    if status in CLOSED:
        sentence = "Not recorded as met. The commitment was closed with this date still open."
        return Standing(Timeliness.NO_DATE, sentence)
    due_on = milestone.present_due_on or milestone.due_on
    code = compute_timeliness(due_on, None, today)
    if overdue := milestone.days_overdue(today):
        counted = " (from its first date)" if due_on != milestone.due_on else ""
        return Standing(code, f"Not recorded as met: {_days(overdue)} overdue{counted}.")
    left = (due_on - today).days
    return Standing(code, f"Not due yet: {_days(left)} left." if left else "Due today.")


def _describe_met(milestone: Milestone) -> Standing:
    if milestone.days_late:
        return Standing(Timeliness.LATE, f"Met on {day(milestone.met_on)}, {_days(milestone.days_late)} late.")
    return Standing(Timeliness.ON_TIME, f"Met on {day(milestone.met_on)}, on time.")


def _days(count: int) -> str:
    return f"{count:,} day{pluralize(count)}"
