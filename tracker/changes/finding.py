"""Finds what changed between two days, as the history says it, in a number of queries that does not grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, starmap
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.translation import gettext

from tracker.changes.counting import Changes
from tracker.changes.kinds import Change
from tracker.models import (
    Commitment,
    Funding,
    Milestone,
    MilestoneUpdate,
    Response,
    Revision,
    Standing,
    StatusUpdate,
    Withdrawal,
)
from tracker.moments import LONDON, ImpossibleMoment, Interval, Moment
from tracker.querysets import CommitmentQuerySet, Listed, known_at
from tracker.statuses import CLOSED, NOT_YET_CHECKED, is_backward

Narrow = Callable[[CommitmentQuerySet], CommitmentQuerySet]
Among = Callable[[str], Any]

MOST_TURNS = 5_000  # of one answer: more would take seconds to read, and nobody reads them
FEW = 20_000  # commitments, which are sooner looked up one by one than all that happened to any


class TooManyChanges(ImpossibleMoment):
    """Raised where more happened between two days than one answer can hold. The message is for the reader."""


# What a kind of change has not. Typed, because the rows of all kinds are united.
EMPTY = Value("", output_field=CharField())
NO_DAY = Cast(Value(None), DateField())
NO_FIGURE = Cast(Value(None), BigIntegerField())
NAMES = ("pk", "reference", "department__slug", "programme__slug")


def find_changes(interval: Interval, narrow: Narrow | None = None) -> Changes:
    """Find what changed, in three or four queries; `narrow` keeps the commitments that are asked about, if not all are.

    Raises TooManyChanges.
    """
    whose = Whose(narrow)
    commitments = Commitment.objects.as_at(interval.end)
    standings = Standing.objects.as_known(interval.end)
    if narrow is not None:
        standings = standings.filter(whose.among(Commitment.objects.ever_published(), "commitment"))
    turns = list(_list_turns(standings.begun_between(interval.since, interval.until), interval)[: MOST_TURNS + 1])
    _refuse_many(len(turns))

    def among(path: str) -> Any:
        return whose.among(commitments, path)

    first, *others = (
        *_list_records(interval, among),
        *_list_steps(interval, among),
        *_list_passed(interval, among),
        *_list_publications(interval, among),
        _list_withdrawals(interval, whose),
    )
    rows = list(_read(chain(turns, first.union(*others, all=True))))
    rows.sort(key=lambda row: (-row.day.toordinal(), row.reference, row.number, row.kind, str(row.now_on)))
    return Changes(interval, rows, _count_last(interval, standings, narrow))


def _count_last(interval: Interval, standings: Any, narrow: Narrow | None) -> dict[str, int]:
    """Count the commitments by status on the last day, as its pages do: today's by the pointers."""
    if interval.end.on is not None:
        counted: dict[str, int] = standings.count_on(interval.until)
        return counted
    commitments = Commitment.objects.as_at(interval.end)
    return (narrow(commitments) if narrow else commitments).count_by_status()


def _refuse_many(count: int) -> None:
    if count > MOST_TURNS:
        refusal = gettext(
            "More changed between these days than one answer can hold: a status or a date more than %(count)s times. "
            "Ask about fewer days, or about one department or programme."
        )
        raise TooManyChanges(refusal % {"count": f"{MOST_TURNS:,}"})


class Whose:
    """The commitments that are asked about. A few are looked up; otherwise what happened says whose it was."""

    def __init__(self, narrow: Narrow | None) -> None:
        self.narrow = narrow
        self.keys: list[int] | None = None
        if narrow is not None:
            keys = narrow(Commitment.objects.ever_published()).order_by().values_list("pk", flat=True)
            found = list(keys[: FEW + 1])
            self.keys = found if len(found) <= FEW else None

    def among(self, commitments: CommitmentQuerySet, path: str) -> Any:
        """Return the condition that the commitment at the end of a path is one of these, and asked about."""
        if self.keys is not None:
            there = Exists(commitments.order_by().filter(pk=OuterRef(path)))
            return Q(there, **{f"{path}__in": Listed(self.keys)})
        asked = self.narrow(commitments) if self.narrow else commitments
        return Exists(asked.order_by().filter(pk=OuterRef(path)))


def _read(rows: Iterable[tuple[Any, ...]]) -> Iterator[Change]:
    """Say of a turn which way the status moved, and of a date that passed that it did so when its day had ended."""
    for change in starmap(Change, rows):
        if change.kind == "passed":
            yield change._replace(day=change.day + dt.timedelta(days=1))
        elif change.kind != "turn":
            yield change
        elif change.before != change.after:
            yield change._replace(kind=_tell_direction(change.before, change.after))


@cache
def _tell_direction(before: str, after: str) -> str:
    if not before:
        return "new"
    if before == NOT_YET_CHECKED:
        return "judged"
    if is_backward(before, after):
        return "backwards"
    return "forwards" if is_backward(after, before) else "sideways"


def _list(rows: QuerySet[Any], kind: Any, day: Any, *, names: Any = None, number: Any = None, **facts: Any) -> Any:
    """Return rows of any kind as the fields of `Change`, so that all kinds unite in one query."""
    return rows.order_by().values_list(
        Cast(kind, CharField()),
        *(names or _name("commitment")),
        day,
        number or F("number"),
        facts.get("before", EMPTY),
        facts.get("after", EMPTY),
        facts.get("was_on", NO_DAY),
        facts.get("now_on", NO_DAY),
        facts.get("figure", NO_FIGURE),
        facts.get("note", EMPTY),
    )


def _name(path: str) -> list[F]:
    return [F(f"{path}__{name}") for name in NAMES]


def _known(model: Any, end: Moment) -> Any:
    return model.objects.ever_published().filter(known_at(end))


def _list_turns(begun: Any, interval: Interval) -> Any:
    turns = begun.turning(interval.end)
    facts = {"before": F("before"), "after": F("after"), "note": F("commitment__made_by")}
    return _list(turns, Value("turn"), F("from_on"), number=Coalesce("current_update__number", 0), **facts)


def _list_records(interval: Interval, among: Among) -> list[Any]:
    """List the answers given and the money stated in an interval."""
    then = {"on__gt": interval.since, "on__lte": interval.until}
    answers = _known(Response, interval.end).filter(among("commitment"), **then)
    money = _known(Funding, interval.end).filter(among("commitment"), **then)
    return [
        _list(answers, Value("answer"), F("on"), after=F("answer"), note=F("by")),
        _list(money, Value("money"), F("on"), after=F("stage"), figure=F("amount_gbp"), note=F("note")),
    ]


def _read_steps(interval: Interval, among: Among) -> Any:
    steps = _known(MilestoneUpdate, interval.end).filter(milestone__published_at__isnull=False)
    return steps.filter(among("milestone__commitment"))


def _list_steps(interval: Interval, among: Among) -> list[Any]:
    """List the milestones that were met and those that were given another date."""
    then = _read_steps(interval, among).filter(as_of__gt=interval.since, as_of__lte=interval.until)
    sooner = Q(as_of__lt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), number__lt=OuterRef("number"))
    dated = _known(MilestoneUpdate, interval.end).filter(sooner, milestone=OuterRef("milestone"))
    newest = dated.filter(due_on__isnull=False).order_by("-as_of", "-number").values("due_on")[:1]
    was_due_on = Coalesce(Subquery(newest), F("milestone__due_on"))
    moved = then.filter(due_on__isnull=False).annotate(was_due_on=was_due_on).exclude(due_on=F("was_due_on"))
    direction = Case(When(due_on__gt=F("was_due_on"), then=Value("slipped")), default=Value("brought-forward"))
    shared = {"names": _name("milestone__commitment"), "number": F("milestone__number"), "note": F("milestone__title")}
    return [
        _list(moved, direction, F("as_of"), was_on=F("was_due_on"), now_on=F("due_on"), **shared),
        _list(
            then.filter(met_on__isnull=False),
            Value("met"),
            F("as_of"),
            was_on=F("milestone__due_on"),
            now_on=F("met_on"),
            **shared,
        ),
    ]


def _list_passed(interval: Interval, among: Among) -> list[Any]:
    """List the dates, first and later ones, that ended in an interval with the milestone and the commitment open."""
    ended = {"due_on__gte": interval.since, "due_on__lt": interval.until}
    steps = _known(MilestoneUpdate, interval.end).filter(as_of__lte=OuterRef("due_on"))
    later = Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), number__gt=OuterRef("number"))

    def stood_open(path: str) -> Exists:
        then = Standing.objects.as_known(interval.end).filter(
            commitment=OuterRef(path), from_on__lte=OuterRef("due_on"), until_on__gt=OuterRef("due_on")
        )
        return Exists(then.exclude(current_status__in=CLOSED))

    first = _known(Milestone, interval.end).filter(among("commitment"), **ended)
    first = first.filter(Q(set_on__isnull=True) | Q(set_on__lte=F("due_on")), stood_open("commitment"))
    moved = _read_steps(interval, among).filter(as_of__lte=F("due_on"), **ended)
    moved = moved.filter(stood_open("milestone__commitment"))
    names = {"names": _name("milestone__commitment"), "number": F("milestone__number"), "note": F("milestone__title")}
    return [
        _list(
            first.exclude(Exists(steps.filter(milestone=OuterRef("pk")))),
            Value("passed"),
            F("due_on"),
            was_on=F("due_on"),
            note=F("title"),
        ),
        _list(
            moved.exclude(Exists(steps.filter(later, milestone=OuterRef("milestone")))),
            Value("passed"),
            F("due_on"),
            was_on=F("due_on"),
            **names,
        ),
    ]


def _list_publications(interval: Interval, among: Among) -> list[Any]:
    """List the corrections and new wordings that were published in an interval."""
    published_on = TruncDate("published_at", tzinfo=LONDON)
    corrections = _published_in(interval, StatusUpdate).filter(among("commitment"), corrects__isnull=False)
    facts = {"before": F("corrects__status"), "after": F("status"), "figure": F("corrects__number")}
    wordings = _published_in(interval, Revision).filter(
        among("object_id"), content_type__app_label="tracker", content_type__model=Commitment._meta.model_name
    )
    target = Commitment.objects.filter(pk=OuterRef("object_id"))
    names = [Subquery(target.values(name)[:1]) for name in NAMES]
    return [
        _list(corrections, Value("correction"), published_on, note=F("reason"), **facts),
        _list(wordings, Value("wording"), published_on, names=names, number=F("pk"), note=F("reason")),
    ]


def _list_withdrawals(interval: Interval, whose: Whose) -> Any:
    among = whose.among(Commitment.objects.ever_published(), "commitment")
    rows = _published_in(interval, Withdrawal).filter(among)
    return _list(rows, Value("withdrawal"), TruncDate("published_at", tzinfo=LONDON), note=F("reason"))


def _published_in(interval: Interval, model: Any) -> Any:
    after, before = interval.times
    return _known(model, interval.end).filter(published_at__gte=after, published_at__lt=before)
