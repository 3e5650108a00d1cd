"""How the register's facts are put into words: dates, sums, statuses and how a milestone stands.

Templates and the views of single pages use these; nothing here queries.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from tracker.models import REMOVED_ADDRESS, Commitment, Milestone, StatusUpdate
from tracker.statuses import (
    CLOSED,
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_DEFINITION,
    NOT_YET_CHECKED_LABEL,
    Status,
    Strength,
    Timeliness,
    compute_timeliness,
)

register = template.Library()

MILLION = 1_000_000
JULY = gettext_noop("July")  # Django's own Welsh catalogue misspells it
NOT_YET_CHECKED_SENTENCE = _lazy("Not yet checked: we have not judged yet whether this was done.")

# The answer in one sentence: the status, since when, and what it means, in words that a child knows. "Since" says when
# the present run of the same judgement began.
ANSWERS = {
    Status.NOT_STARTED: _lazy("Not started, in our view since {since}: we looked and found no real step."),
    Status.IN_PROGRESS: _lazy("In progress since {since}: we found that work has begun but is not finished."),
    Status.PARTLY_DELIVERED: _lazy("Partly delivered since {since}: we found that some of it is done and some is not."),
    Status.DELIVERED: _lazy("Delivered by {since}: we found that all of it is done."),
    Status.DELIVERED_DIFFERENTLY: _lazy(
        "Delivered another way by {since}: we found that its aim was met by other means."
    ),
    Status.NOT_DELIVERED: _lazy(
        "Not delivered, in our view since {since}: its time ran out, or an act went against it."
    ),
    Status.WILL_NOT_BE_DONE: _lazy(
        "Will not be done, in our view since {since}: those in charge said no, or took it back."
    ),
    Status.SUPERSEDED: _lazy("Replaced since {since}: we found that it gave way to something newer."),
    Status.CANNOT_BE_JUDGED: _lazy(
        "Cannot be judged since {since}: we looked, but the words or the facts are too unclear."
    ),
}

# What one document, or several, prove.
STRENGTHS = {
    Strength.STRONG: (_lazy("strong evidence"), _lazy("at least one of them strong evidence")),
    Strength.MODERATE: (_lazy("moderate evidence"), _lazy("moderate evidence at best")),
    Strength.WEAK: (_lazy("weak evidence only"), _lazy("weak evidence only")),
}


@dataclass(frozen=True)
class Standing:
    """How a milestone stands against its dates: a code of Timeliness and a sentence."""

    code: str
    sentence: str


@register.filter
def was_removed(address: str) -> bool:
    """Say whether an address of another site held words that must not be published."""
    return address.startswith(REMOVED_ADDRESS)


@register.filter
def day(date: dt.date | None) -> str:
    """Write a date like 21 November 2026; no date is an empty text."""
    return write_day(date, get_language()) if date else ""


@lru_cache(maxsize=5_000)
def write_day(date: dt.date, language: str | None) -> str:
    return date_format(date, "j F Y")


@register.filter
def time_tag(date: dt.date) -> SafeString:
    """Write a date for people and for machines."""
    return write_time(date, get_language())


@lru_cache(maxsize=5_000)
def write_time(date: dt.date, language: str | None) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), date_format(date, "j F Y"))


@register.filter
def pounds(amount: int) -> str:
    """Write a sum exactly: in millions where two decimals are enough, otherwise in full."""
    if amount >= MILLION and amount % 10_000 == 0:
        whole = (
            0 if amount % MILLION else amount // MILLION
        )  # in Welsh, two millions sound otherwise than two and a half
        words = ngettext("£%(amount)s million", "£%(amount)s million", whole)
        return words % {"amount": f"{amount / MILLION:,.2f}".rstrip("0").rstrip(".")}
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
            return _("in %(month)s") % {"month": date_format(commitment.made_on, "F Y")}
        case Commitment.Precision.LATEST_POSSIBLE:
            return _("by %(day)s at the latest") % {"day": day(commitment.made_on)}
        case _:
            return _("on %(day)s") % {"day": day(commitment.made_on)}


@register.filter
def status_code(update: StatusUpdate | None) -> str:
    """Return the code of a status, or that of "not yet checked" where there is none."""
    return update.status if update else NOT_YET_CHECKED


@register.filter
def status_label(update: StatusUpdate | None) -> str:
    return update.get_status_display() if update else str(NOT_YET_CHECKED_LABEL)


# Every word that may stand where a status does, with what it means.
STATUS_WORDS = (
    *((status.value, status.label, status.definition) for status in Status),
    (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, NOT_YET_CHECKED_DEFINITION),
)


@register.simple_tag
def status_tag(code: str, label: object, *, large: bool = False) -> SafeString:
    """Draw a status in words with its shape and colour; `large` for the top of a page."""
    return _draw("components/status_tag.html", get_language(), code=code, label=str(label), large=large)


@register.simple_tag
def status_meaning(code: str) -> SafeString:
    """Fold out what one status means, in its place."""
    label, meaning = next((label, meaning) for word, label, meaning in STATUS_WORDS if word == code)
    return _draw("tracker/_status_meaning.html", get_language(), label=str(label), meaning=str(meaning))


@register.simple_tag
def status_meanings() -> SafeString:
    """Fold out what every status means, once for a whole list."""
    return _draw_meanings(get_language())


@lru_cache
def _draw_meanings(language: str | None) -> SafeString:
    facts = {"words": STATUS_WORDS, "weak": Strength.WEAK.definition}
    return get_template("tracker/_status_meanings.html").render(facts)


@register.simple_tag
def draw_once(template: str) -> SafeString:
    """Draw a piece that says the same on every page, once for each language."""
    return _draw(template, get_language())


@lru_cache(maxsize=200)
def _draw(template: str, language: str | None, **facts: object) -> SafeString:
    """Draw a piece of a page of which there are few; the same facts look the same in one language."""
    return get_template(template).render(facts)


@dataclass(frozen=True)
class Answer:
    """How a commitment stands: the answer in one sentence, and what is missing, who says so and on what evidence."""

    sentence: str
    more: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.more}".strip()


def describe_status(commitment: Commitment, evidence_count: int, today: dt.date) -> Answer:
    """Say in plain sentences how a commitment stands on a day, by its pointers.

    `evidence_count` counts the documents of the newest judgement.
    """
    update = commitment.current_update
    parts = [
        describe_next_date(commitment, today),
        describe_evidence(update, evidence_count) if update else "",
        describe_claim(update, commitment.current_claim),
    ]
    more = " ".join(part for part in parts if part)
    if update is None:
        return Answer(str(NOT_YET_CHECKED_SENTENCE), more)
    return Answer(ANSWERS[Status(update.status)].format(since=day(commitment.status_since or update.as_of)), more)


def describe_next_date(commitment: Commitment, today: dt.date) -> str:
    """Say which date has passed or comes next; an empty text where none is open."""
    due_on = commitment.next_due_on
    if due_on is None:
        return ""
    if compute_timeliness(due_on, None, today) == Timeliness.OVERDUE:
        sentence = _("A date set for it, %(day)s, has passed, and we have no record that it was met.")
    else:
        sentence = _("The next date set for it is %(day)s.")
    return sentence % {"day": day(due_on)}


def describe_evidence(update: StatusUpdate, count: int) -> str:
    """Say how recent a judgement is and how much its documents prove."""
    words = ngettext(
        "We last judged this on %(day)s, from %(count)s document",
        "We last judged this on %(day)s, from %(count)s documents",
        count,
    )
    sentence = words % {"day": day(update.as_of), "count": count}
    if not update.strength:
        return f"{sentence}."
    one, several = STRENGTHS[Strength(update.strength)]
    return f"{sentence}: {one if count == 1 else several}."


def describe_claim(update: StatusUpdate | None, claim: StatusUpdate | None) -> str:
    """Say what the body answerable says of itself beside our judgement; an empty text where it says nothing."""
    if claim is None:
        return ""
    if update is None:
        sentence = _("The body that answers for it says “%(status)s”. We have not checked that.")
    elif claim.status == update.status:
        sentence = _("The body that answers for it also says “%(status)s”.")
    else:
        sentence = _("The body that answers for it says something else: “%(status)s”.")
    return sentence % {"status": claim.get_status_display()}


def describe_standing(milestone: Milestone, status: str, today: dt.date) -> Standing:
    """Say how a milestone stands on a day; an open date no longer counts once its commitment is closed."""
    if milestone.met_on is not None:
        return _describe_met(milestone)
    if status in CLOSED:
        sentence = _("Not recorded as met. The commitment was closed with this date still open.")
        return Standing(Timeliness.NO_DATE, sentence)
    due_on = milestone.present_due_on or milestone.due_on
    code = compute_timeliness(due_on, None, today)
    if overdue := milestone.days_overdue(today):
        if due_on != milestone.due_on:
            sentence = _("Not recorded as met: %(days)s overdue (from its first date).")
        else:
            sentence = _("Not recorded as met: %(days)s overdue.")
        return Standing(code, sentence % {"days": count_days(overdue)})
    left = (due_on - today).days
    sentence = _("Not due yet: %(days)s left.") % {"days": count_days(left)} if left else _("Due today.")
    return Standing(code, sentence)


def _describe_met(milestone: Milestone) -> Standing:
    if milestone.days_late:
        facts = {"day": day(milestone.met_on), "days": count_days(milestone.days_late)}
        return Standing(Timeliness.LATE, _("Met on %(day)s, %(days)s late.") % facts)
    return Standing(Timeliness.ON_TIME, _("Met on %(day)s, on time.") % {"day": day(milestone.met_on)})


@register.filter
def count_days(count: int) -> str:
    """Write how many days: 1 day, 1,234 days."""
    return _write_days(count, get_language())


@lru_cache(maxsize=5_000)
def _write_days(count: int, language: str | None) -> str:
    return ngettext("%(number)s day", "%(number)s days", count) % {"number": commas(count)}
