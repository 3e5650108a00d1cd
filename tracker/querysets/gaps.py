"""The gaps in the register's evidence: what each is called, and which commitments are in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tracker.statuses import CLOSED, DONE, NOT_YET_CHECKED, DefinedChoices, Origin, Status, Strength

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


# The gaps that pointers tell by themselves, each by one of some values.
TOLD_BY_POINTERS: dict[str, dict[str, set[str]]] = {
    Gap.UNPROVEN: {"current_status": {*DONE}, "current_strength": {*Strength, ""} - {Strength.STRONG}},
    Gap.WEAK: {"current_strength": {Strength.WEAK}},
}


def gap_condition(code: str, *, today: dt.date, path: Path, commitment: type[models.Model]) -> Q:
    """Return the condition that a commitment is in a gap on a day. Raises KeyError for an unknown code.

    `path` leads to the pointers that the answer rests on.
    """
    if code in TOLD_BY_POINTERS:
        return Q(**{path(f"{pointer}__in"): values for pointer, values in TOLD_BY_POINTERS[code].items()})
    conditions: dict[str, Callable[[], Q]] = {
        Gap.COPIES: lambda: _rests_on_copies(path, commitment),
        Gap.UNCHECKED: lambda: unchecked_condition(today - UNCHECKED_AFTER, path=path),
    }
    return conditions[code]()


def unchecked_condition(day: dt.date, *, path: Path) -> Q:
    """Return the condition that a commitment is still open and was last checked before a day, or never."""
    checked_on = path("checked_on")
    unchecked = Q(**{f"{checked_on}__lt": day}) | Q(**{f"{checked_on}__isnull": True})
    still_open = Q(**{path("current_status__in"): {*Status, NOT_YET_CHECKED} - CLOSED})
    return unchecked & still_open


def _rests_on_copies(path: Path, commitment: type[models.Model]) -> Q:
    updates: Any = commitment._meta.get_field("status_updates").related_model
    evidence: Any = updates._meta.get_field("evidence").related_model
    documents: Any = evidence._meta.get_field("document").related_model
    copies = documents.objects.filter(origin=Origin.OFFICIAL_COPY).order_by().values("pk")  # found once for all rows
    others = evidence.objects.filter(status_update=OuterRef(path("current_update"))).exclude(document__in=copies)
    # What has a strength cites something.
    return Q(**{f"{path('current_strength')}__in": set(Strength)}) & ~Q(Exists(others))
