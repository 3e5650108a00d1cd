"""The kinds of change, in the words that the public reads, and one change with where its evidence is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from tracker.models import Commitment, Funding
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Answer, Status


@dataclass(frozen=True)
class Kind:
    """A kind of change: its heading, its name at the head of a column, what it means, and what its link leads to."""

    code: str
    heading: str
    name: str
    meaning: str
    link: str = _("Evidence")


KINDS = (
    Kind(
        "new",
        _("New commitments"),
        _("New"),
        _("By the day on which each was made, with the status that it had then."),
        _("What was promised"),
    ),
    Kind("judged", _("Judged for the first time"), _("First judged"), _("Until then they were “Not yet checked”.")),
    Kind("forwards", _("Statuses that moved forwards"), _("Forwards"), _("Closer to what was promised than before.")),
    Kind(
        "backwards",
        _("Statuses that moved backwards"),
        _("Backwards"),
        _("Further from what was promised than before."),
    ),
    Kind(
        "sideways",
        _("Statuses that moved neither forwards nor backwards"),
        _("Sideways"),
        _("To or from a status that is no step on the way, such as “Replaced”, or between two of equal rank."),
    ),
    Kind(
        "slipped",
        _("Dates that slipped"),
        _("Slipped"),
        _("A milestone was given a later date than it had."),
        _("The date"),
    ),
    Kind(
        "brought-forward",
        _("Dates brought forward"),
        _("Brought forward"),
        _("A milestone was given an earlier date than it had."),
        _("The date"),
    ),
    Kind(
        "passed",
        _("Dates that passed without being recorded as met"),
        _("Passed"),
        _("By the day after the date, which ended without it. Commitments closed by then are left out."),
        _("The date"),
    ),
    Kind(
        "met",
        _("Milestones met"),
        _("Met"),
        _("By the day on which each was met, measured against its first date."),
        _("The milestone"),
    ),
    Kind("answer", _("Answers given"), _("Answers"), _("By the day of the answer."), _("The answer")),
    Kind(
        "money",
        _("Money promised, allocated or spent"),
        _("Money"),
        _("As stated, by the day of the document. Amounts may overlap and are not added up."),
        _("The money"),
    ),
    Kind(
        "correction",
        _("Corrections"),
        _("Corrections"),
        _("By the day of publication. The wrong judgement stays in the history and no longer counts."),
    ),
    Kind(
        "withdrawal",
        _("Withdrawals"),
        _("Withdrawals"),
        _("Entries taken back as mistakes, by the day of publication. They no longer count anywhere."),
        _("What the page says now"),
    ),
    Kind(
        "wording",
        _("New wordings of commitments"),
        _("Wordings"),
        _("By the day of publication. The earlier words stay on the page."),
        _("The earlier words"),
    ),
)
MOVES = ("judged", "forwards", "backwards", "sideways")  # a commitment passed from one status to another
LABELS: dict[str, str] = {**dict(Status.choices), NOT_YET_CHECKED: NOT_YET_CHECKED_LABEL}
WORDS: dict[str, str] = {**LABELS, **dict(Answer.choices), **dict(Funding.Stage.choices)}


class Change(NamedTuple):
    """One change to a commitment. What the texts, dates and the figure hold goes by its kind."""

    kind: str
    commitment_id: int
    reference: str
    department: str
    programme: str
    day: dt.date
    number: int
    before: str
    after: str
    was_on: dt.date | None
    now_on: dt.date | None
    figure: int | None
    note: str
    commitment: Commitment | None = None
    page: str = ""
    url: str = ""

    @property
    def days(self) -> int:
        """How many days lie between its two dates."""
        return abs((self.now_on - self.was_on).days) if self.was_on and self.now_on else 0

    @property
    def label_before(self) -> str:
        return WORDS.get(self.before, self.before)

    @property
    def label_after(self) -> str:
        return WORDS.get(self.after, self.after)
