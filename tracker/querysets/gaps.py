"""The gaps in the register's evidence: what each is called, and which commitments are in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tracker.statuses import CLOSED, DONE, NOT_YET_CHECKED, DefinedChoices, Status, Strength

UNCHECKED_AFTER = dt.timedelta(days=180)

Path = Callable[[str], str]


class Gap(DefinedChoices):
    """What is missing from the evidence of a commitment's present status; one may have several."""

    UNPROVEN = (
        "unproven",
        _(
            "We say that these are delivered, and no strong document shows it. Each rests on a record of the act "
            "itself, which proves less than a law, an audit or official figures."
        ),
        _("Delivered without strong evidence"),
    )
    WEAK = (
        "weak",
        _("Their status rests on statements, announcements or news alone. It may be right, but we cannot prove it."),
        _("Weak evidence only"),
    )
    COPIES = (
        "copies",
        _(
            "We read each document for these in somebody else's copy of an official record, and not in the record "
            "itself. A copy may be out of date or leave something out."
        ),
        _("Read in copies only"),
    )
    UNCHECKED = (
        "unchecked",
        format_lazy(
            _(
                "These are still open, and we have not looked for news of them for more than {days} days. Something "
                "may have happened that this register does not know."
            ),
            days=UNCHECKED_AFTER.days,
        ),
        format_lazy(_("Not checked for {days} days"), days=UNCHECKED_AFTER.days),
    )


@dataclass(frozen=True)
class Before:
    """What a date must be: earlier than a day, or none at all."""

    day: dt.date

    def holds(self, written: str) -> bool:
        """Say whether it is true of a date written like 2025-04-09, or of an empty text."""
        return written < self.day.isoformat()


Facts = dict[str, Collection[Any] | Before]


def find_facts(code: str, *, today: dt.date) -> Facts:
    """Return what the pointers say of what is in a gap on a day: one of some values each, or an early date.

    Raises KeyError for an unknown code.
    """
    facts: dict[str, Facts] = {
        Gap.UNPROVEN: {"current_status": DONE, "current_strength": {*Strength, ""} - {Strength.STRONG}},
        Gap.WEAK: {"current_strength": {Strength.WEAK}},
        Gap.COPIES: {"rests_on_copies": {True}},
        Gap.UNCHECKED: find_unchecked(today - UNCHECKED_AFTER),
    }
    return facts[code]


def find_unchecked(day: dt.date) -> Facts:
    """Return what the pointers say of what is still open and was last checked before a day, or never."""
    return {"current_status": {*Status, NOT_YET_CHECKED} - CLOSED, "checked_on": Before(day)}


def facts_condition(facts: Facts, *, path: Path) -> Q:
    """Return the condition that the pointers say something; `path` leads to them."""
    return reduce(and_, (_says(path(pointer), wanted) for pointer, wanted in facts.items()))


def _says(pointer: str, wanted: Collection[Any] | Before) -> Q:
    if isinstance(wanted, Before):
        return Q(**{f"{pointer}__lt": wanted.day}) | Q(**{f"{pointer}__isnull": True})
    return Q(**{f"{pointer}__in": wanted})
