"""The vocabulary of judgement: closed word lists with their definitions, and the rules that a status must keep.

Pure: nothing here reads or writes the database. The public page "How we judge" is printed from these lists, the
verbs refuse by these rules and `check_register` proves them, so the three cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

MINIMUM_REASON_LENGTH = 30
MINIMUM_SUCCESSOR_REASON_LENGTH = 60
EVIDENCE_GRACE = dt.timedelta(days=7)
DUE_SOON = dt.timedelta(days=60)


class DefinedChoices(models.TextChoices):
    """A closed list of words. Each member is `code, definition, label`; the definition is what the public reads."""

    definition: str

    def __new__(cls, code: str, definition: str) -> DefinedChoices:
        member = str.__new__(cls, code)
        member._value_ = code
        member.definition = definition
        return member


class Status(DefinedChoices):
    """What became of a commitment."""

    NOT_STARTED = (
        "not-started",
        _("We checked and found no concrete act. Announcements and repeated promises do not count."),
        _("Not started"),
    )
    IN_PROGRESS = (
        "in-progress",
        _(
            "At least one concrete act has been taken: a bill introduced, a consultation opened, money allocated or a "
            "body set up."
        ),
        _("In progress"),
    )
    PARTLY_DELIVERED = (
        "partly-delivered",
        _("Some of what was promised is done and some is not."),
        _("Partly delivered"),
    )
    DELIVERED = "delivered", _("All of it is done, and the evidence proves it."), _("Delivered")
    DELIVERED_DIFFERENTLY = (
        "delivered-differently",
        _("The aim is met by other means. The reason describes the difference."),
        _("Delivered another way"),
    )
    NOT_DELIVERED = (
        "not-delivered",
        _("The date or the mandate passed without it, or an act went against it."),
        _("Not delivered"),
    )
    WILL_NOT_BE_DONE = (
        "will-not-be-done",
        _("The body answerable for it rejected, withdrew or reversed it, in a statement of its own."),
        _("Will not be done"),
    )
    SUPERSEDED = (
        "superseded",
        _("A later commitment, decision or policy takes its place. It is linked or named."),
        _("Replaced"),
    )
    CANNOT_BE_JUDGED = (
        "cannot-be-judged",
        _("We checked, but the wording of the commitment or missing information prevents a judgement."),
        _("Cannot be judged"),
    )


NOT_YET_CHECKED = "not-yet-checked"
NOT_YET_CHECKED_LABEL = _("Not yet checked")
NOT_YET_CHECKED_DEFINITION = _(
    "We have published no assessment. These commitments are shown and counted apart, and are never part of a "
    "percentage."
)

DONE = frozenset({Status.DELIVERED, Status.DELIVERED_DIFFERENTLY})
CLOSED = DONE | {Status.NOT_DELIVERED, Status.WILL_NOT_BE_DONE, Status.SUPERSEDED}
PROGRESS = DONE | {Status.IN_PROGRESS, Status.PARTLY_DELIVERED}

_RANK: dict[str, int] = {
    Status.NOT_STARTED: 0,
    Status.NOT_DELIVERED: 0,
    Status.WILL_NOT_BE_DONE: 0,
    Status.IN_PROGRESS: 1,
    Status.PARTLY_DELIVERED: 2,
    Status.DELIVERED: 3,
    Status.DELIVERED_DIFFERENTLY: 3,
}


class Basis(DefinedChoices):
    """Who makes the judgement."""

    ASSESSMENT = "assessment", _("Our own judgement, on the evidence cited with it."), _("Our assessment")
    CLAIM = (
        "claim",
        _("What the body answerable says of itself. Shown beside our assessment, never in place of it."),
        _("The body's own claim"),
    )


class Strength(DefinedChoices):
    """How much a document can prove, from its kind and origin. Declared strongest first."""

    STRONG = (
        "strong",
        _(
            "Law in force or the text of an Act. A report by an inspectorate, an audit or an inquiry. Official "
            "statistics."
        ),
        _("Strong"),
    )
    MODERATE = (
        "moderate",
        _(
            "A detailed official record of an act already done. A bill, a consultation or a written answer. An "
            "established independent report."
        ),
        _("Moderate"),
    )
    WEAK = (
        "weak",
        _(
            "A body's own statement of intention, a press release, an announcement or a news story. A status that "
            "rests on these alone is labelled “weak evidence only”."
        ),
        _("Weak"),
    )


class Origin(DefinedChoices):
    """Who publishes a document."""

    OFFICIAL = (
        "official",
        _(
            "It is from government or Parliament, from an inspectorate or an inquiry, from the police or a council, or "
            "it is the law itself."
        ),
        _("Official page"),
    )
    OFFICIAL_COPY = "official-copy", _("Somebody else's copy of an official record."), _("Copy of an official record")
    INDEPENDENT = (
        "independent",
        _("It is from a law firm, a charity, a professional body or a university, or from the established press."),
        _("Independent"),
    )
    PARTISAN_OR_UNKNOWN = (
        "partisan-or-unknown",
        _("It is from an outlet that campaigns, takes sides or is not known. We cite none of these."),
        _("Partisan or unknown"),
    )


class Answer(DefinedChoices):
    """What the body answered to a commitment asked of it; separate from what it then did."""

    ACCEPTED = "accepted", _("The government agreed to do it."), _("Accepted")
    ACCEPTED_IN_PRINCIPLE = (
        "accepted-in-principle",
        _("The government agreed with the aim without agreeing to do it as asked."),
        _("Accepted in principle"),
    )
    PARTLY_ACCEPTED = "partly-accepted", _("The government agreed to some of it."), _("Partly accepted")
    CONSIDERING = "considering", _("The government said that it was still deciding."), _("Under consideration")
    REJECTED = "rejected", _("The government declined to do it."), _("Rejected")
    NO_RESPONSE = "no-response", _("The government was asked and gave no answer."), _("No response")


NOT_RECORDED = "not-recorded"
NOT_RECORDED_LABEL = _("No answer recorded")
NOT_RECORDED_DEFINITION = _("We have recorded no answer. That is not proof that none was given.")


class Timeliness(DefinedChoices):
    """Computed from the dates of milestones, never typed."""

    OVERDUE = "overdue", _("A date passed without the milestone being recorded as met."), _("Overdue")
    DUE_SOON = "due-soon", _("The next milestone falls due within 60 days."), _("Due soon")
    NOT_DUE = "not-due", _("The next milestone falls due in more than 60 days."), _("Not due yet")
    ON_TIME = "on-time", _("Every milestone was met by its first date."), _("Met on time")
    LATE = "late", _("Every milestone was met, at least one after its first date."), _("Met late")
    NO_DATE = (
        "no-date",
        _("No date was set, or the commitment was closed with its date still open."),
        _("No date"),
    )


def compute_timeliness(next_due_on: dt.date | None, met_on_time: bool | None, today: dt.date) -> Timeliness:
    """Say how a commitment stands against its dates.

    `next_due_on` is the earliest present date of a milestone still open; `met_on_time` is None unless all are met.
    """
    if next_due_on is not None:
        if next_due_on < today:
            return Timeliness.OVERDUE
        return Timeliness.DUE_SOON if next_due_on <= today + DUE_SOON else Timeliness.NOT_DUE
    if met_on_time is None:
        return Timeliness.NO_DATE
    return Timeliness.ON_TIME if met_on_time else Timeliness.LATE


def is_backward(before: str, after: str) -> bool:
    """Say whether a move between two statuses loses ground. Replaced and unjudged ones have no place on the scale."""
    before_rank, after_rank = _RANK.get(before), _RANK.get(after)
    return before_rank is not None and after_rank is not None and after_rank < before_rank


@dataclass(frozen=True)
class Citation:
    """One document cited for a judgement, as far as the rules need to know it."""

    title: str
    strength: str
    origin: str
    published_on: dt.date | None
    note: str
    records_completion: bool = False
    already_in_place: bool = False

    def supports_progress(self, made_on: dt.date) -> bool:
        """Say whether it can show progress on a commitment made on that day (rule 4)."""
        if self.published_on is None or self.already_in_place:
            return True
        return made_on - self.published_on <= EVIDENCE_GRACE

    @property
    def proves_delivery(self) -> bool:
        """Say whether it can carry "delivered" (rule 2)."""
        return self.strength == Strength.STRONG or (self.strength == Strength.MODERATE and self.records_completion)


@dataclass(frozen=True)
class Judgement:
    """A status update as the rules see it, with what they need to know of its commitment."""

    status: str
    basis: str
    as_of: dt.date
    reason: str
    made_on: dt.date
    citations: tuple[Citation, ...] = ()
    open_milestones: tuple[str, ...] = ()
    has_successor: bool = False
    was_rejected: bool = False

    @property
    def counting(self) -> tuple[Citation, ...]:
        """The citations that can carry the status: for progress, those that are not older than the commitment."""
        if self.status not in PROGRESS:
            return self.citations
        return tuple(citation for citation in self.citations if citation.supports_progress(self.made_on))

    @property
    def strength(self) -> str:
        """The strength of the strongest citation that counts; empty when there is none (rule 3)."""
        found = {citation.strength for citation in self.counting}
        return next((strength.value for strength in Strength if strength in found), "")


@dataclass(frozen=True)
class Refusal:
    """Why a judgement cannot be published: the rule's number, the form field it is about and what to do about it."""

    rule: int
    field: str
    sentence: str


def explain_refusals(judgement: Judgement, *, today: dt.date) -> list[Refusal]:
    """Return every reason why a judgement may not be published; an empty list means that it may.

    Rules 2 to 4 judge our own assessments; a claim is recorded as what the body said. Source: DESIGN.md, "Statuses".
    """
    rules = [
        _refuse_unreasoned,
        _refuse_misdated,
        _refuse_unnamed_successor,
        _refuse_unstated_refusal,
    ]
    if judgement.basis == Basis.ASSESSMENT:
        rules += [_refuse_unproven_delivery, _refuse_progress_before_promise]
    refusals = [refusal for rule in rules for refusal in rule(judgement, today)]
    return sorted(refusals, key=lambda refusal: refusal.rule)


def _refuse_unreasoned(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    length = len(judgement.reason.strip())
    if length < MINIMUM_REASON_LENGTH:
        yield Refusal(
            1,
            "reason",
            f"Give the reason in at least {MINIMUM_REASON_LENGTH} characters, so that a reader can see why "
            f"({length} so far).",
        )
    if not judgement.citations:
        yield Refusal(1, "evidence", "Cite at least one document: no status is published without evidence.")
    for citation in judgement.citations:
        if not citation.note.strip():
            yield Refusal(1, "evidence", f"Say what “{citation.title}” shows.")


def _refuse_unproven_delivery(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    if judgement.status not in DONE:
        return
    if not any(citation.proves_delivery for citation in judgement.counting):
        label = dict(Status.choices)[judgement.status]
        yield Refusal(
            2,
            "evidence",
            f"“{label}” needs a strong document, or a moderate one ticked as the promised thing itself or a record of "
            "the completed act. Add one, or choose another status.",
        )
    for title in judgement.open_milestones:
        if title.casefold() not in judgement.reason.casefold():
            yield Refusal(
                2,
                "reason",
                f"The milestone “{title}” is still open. Record it as met first, or name it in the reason and say what "
                "became of it.",
            )


def _refuse_progress_before_promise(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    if judgement.status not in PROGRESS or not judgement.citations:
        return
    if not judgement.counting:
        yield Refusal(
            4,
            "evidence",
            f"Every document cited is dated more than {EVIDENCE_GRACE.days} days before the commitment was made "
            f"({judgement.made_on.isoformat()}), so none can show progress on it. Cite a later one, or tick “already "
            "in place” and explain it in the note.",
        )
    for citation in judgement.citations:
        if citation.already_in_place and len(citation.note.strip()) < MINIMUM_REASON_LENGTH:
            yield Refusal(
                4,
                "evidence",
                f"“{citation.title}” is ticked as already in place: explain that in its note, in at least "
                f"{MINIMUM_REASON_LENGTH} characters.",
            )


def _refuse_misdated(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    if judgement.as_of < judgement.made_on:
        yield Refusal(
            5,
            "as_of",
            f"The commitment was made on {judgement.made_on.isoformat()}: a status cannot be true before that day.",
        )
    if judgement.as_of > today:
        yield Refusal(
            5,
            "as_of",
            f"Today is {today.isoformat()}: a status cannot be true from a day in the future.",
        )


def _refuse_unnamed_successor(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    if judgement.status != Status.SUPERSEDED or judgement.has_successor:
        return
    if len(judgement.reason.strip()) < MINIMUM_SUCCESSOR_REASON_LENGTH:
        yield Refusal(
            6,
            "reason",
            "Link the commitment that replaces this one, or say in the reason which decision or policy did, in at "
            f"least {MINIMUM_SUCCESSOR_REASON_LENGTH} characters.",
        )


def _refuse_unstated_refusal(judgement: Judgement, today: dt.date) -> Iterator[Refusal]:
    if judgement.status != Status.WILL_NOT_BE_DONE or judgement.was_rejected:
        return
    official = {Origin.OFFICIAL, Origin.OFFICIAL_COPY}
    reports = [citation for citation in judgement.citations if citation.origin == Origin.INDEPENDENT]
    if len(reports) < 2 and not any(citation.origin in official for citation in judgement.citations):
        yield Refusal(
            7,
            "evidence",
            "“Will not be done” rests on a statement of the body itself: cite its official page or a copy of it, "
            "record its answer “rejected” first, or cite two independent reports of what it said.",
        )
