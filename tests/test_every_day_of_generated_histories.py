"""On any day of any history, pointers, standings and a slow telling of the rules from the bare events agree.

`HISTORIES=2000 .venv/bin/python -m pytest -n0 --long tests/test_every_day_of_generated_histories.py` tries that many.
"""

import datetime as dt
import itertools
import os
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import (
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_person,
    publish_as_approver,
)
from tracker.auditing import (
    check_milestones_agree_with_their_updates,
    check_pointers_agree_with_history,
    check_standings_agree_with_history,
)
from tracker.models import Check, Commitment, Revision, Withdrawal
from tracker.moments import Moment
from tracker.statuses import DUE_SOON, Timeliness

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.usefixtures("empty_register")]

HISTORIES = int(os.environ.get("HISTORIES", "40"))
SAMPLE = 12  # of them, where the test is not to run at length
BEGINNING = dt.date(2024, 1, 10)  # both commitments were made on that day
PUBLISHED = dt.date(2024, 3, 20)  # the first publication; everything is dated before it
STATUSES = ["not-started", "in-progress", "partly-delivered", "not-delivered", "cannot-be-judged"]
CLOSED = {"not-delivered"}
REASON = "The first words were found to be wrong by the editor."


@dataclass
class Event:
    """Something that was published: on which day, about which commitment, of what kind, dated when, saying what."""

    published_on: dt.date
    subject: int
    kind: str
    day: dt.date
    says: Any = None
    about: int | None = None  # the place of the event that it corrects, meets or moves
    is_from_staff: bool = True


EVENTS = st.tuples(
    st.integers(0, 9),  # days since the publication before
    st.integers(0, 1),  # which commitment
    st.sampled_from(
        [
            *("assess", "assess", "assess", "claim", "answer", "milestone", "met", "moved", "check", "correct"),
            *("correct", "withdraw", "made earlier"),
        ]
    ),
    st.integers(0, 60),  # days after the beginning
    st.integers(0, 9),  # a choice of what it says
    st.booleans(),
)


def day_after(days: int) -> dt.date:
    return BEGINNING + dt.timedelta(days=days)


def plan(drawn: list[tuple[int, int, str, int, int, bool]]) -> list[Event]:
    """Turn what was drawn into events that can be published one after the other."""
    events: list[Event] = []
    today = PUBLISHED
    for wait, subject, kind, days, choice, is_from_staff in drawn:
        today += dt.timedelta(days=wait)
        event = Event(today, subject, kind, day_after(days), is_from_staff=is_from_staff)
        mine = [(place, each) for place, each in enumerate(events) if each.subject == subject]
        is_over = any(each.kind == "withdraw" for _, each in mine)
        if not is_over and fill_in(event, mine, days, choice):
            events.append(event)
    return events


def fill_in(event: Event, mine: list[tuple[int, Event]], days: int, choice: int) -> bool:
    """Give an event what it says and is about; say whether it can happen at all."""
    kind = event.kind
    if kind in ("met", "moved", "correct"):
        corrected = {each.about for _, each in mine if each.kind == "correct"}
        wanted = "assess" if kind == "correct" else "milestone"
        free = [place for place, each in mine if each.kind == wanted and place not in corrected]
        if not free:
            return False
        event.about = free[choice % len(free)]
    event.says = {
        "assess": STATUSES[choice % len(STATUSES)],
        "claim": STATUSES[choice % len(STATUSES)],
        "correct": STATUSES[choice % len(STATUSES)],
        "answer": ["accepted", "considering", "partly-accepted"][choice % 3],
        "milestone": (day_after(choice * 9), day_after(days) if event.is_from_staff else None),
        "met": event.day,
        "moved": day_after(days + 9),
    }.get(kind)
    return kind != "made earlier" or not any(each.kind == kind for _, each in mine)


def publish(event: Event, commitment: Commitment, rows: list[Any]) -> Any:
    author = make_person("author") if event.is_from_staff else None
    day = event.day.isoformat()
    other = rows[event.about] if event.about is not None else None
    match event.kind:
        case "assess":
            draft: Any = draft_update(commitment, day, status=event.says, author=author)
        case "claim":
            draft = draft_update(commitment, day, status=event.says, author=author, basis="claim")
        case "correct":
            draft = draft_update(commitment, day, status=event.says, author=author, corrects=other)
        case "answer":
            draft = draft_response(commitment, day, answer=event.says)
        case "milestone":
            due_on, set_on = event.says
            draft = draft_milestone(commitment, due_on.isoformat(), set_on=set_on)
        case "met":
            draft = draft_step(other, day, met_on=event.says.isoformat())
        case "moved":
            draft = draft_step(other, day, due_on=event.says.isoformat())
        case "check":
            draft = Check.objects.create(commitment=commitment, checked_on=event.day, note="Looked.", author=author)
        case "withdraw":
            draft = Withdrawal.objects.create(commitment=commitment, reason=REASON, author=author)
        case _:
            changes = {"made_on": {"before": "2024-01-10", "after": "2024-01-03"}}
            draft = Revision.objects.create(target=commitment, changes=changes, reason=REASON, author=author)
    return publish_as_approver(draft)


def tell(events: list[Event], subject: int, on: dt.date, known: dt.date) -> tuple[Any, ...] | None:
    """Tell, day by day and from the events alone, how a commitment stood on a day as the register knew it on another.

    It was published with both commitments on the first day of publication.
    """
    heard = {place: each for place, each in enumerate(events) if each.subject == subject and each.published_on <= known}
    kinds = {each.kind for each in heard.values()}
    made_on = dt.date(2024, 1, 3) if "made earlier" in kinds else BEGINNING
    if known < PUBLISHED or "withdraw" in kinds or on < made_on:
        return None
    wrong = {each.about for each in heard.values() if each.kind == "correct"}
    counting = {place: each for place, each in heard.items() if place not in wrong}
    told = walk(counting, made_on, on)
    closed = told["status"] in CLOSED
    return (
        *(told["status"], told["since"], told["claim"], told["answer"], find_day_looked(counting, on)),
        *find_dates(counting, told["due"], told["met"], on, closed=closed),
    )


def walk(heard: dict[int, Event], made_on: dt.date, on: dt.date) -> dict[str, Any]:
    """Go through the days until one and take in what is dated on each, in the order of publication."""
    told: dict[str, Any] = dict.fromkeys(("status", "since", "claim", "answer"))
    told["due"] = {place: each.says[0] for place, each in heard.items() if each.kind == "milestone"}
    told["met"] = dict.fromkeys(told["due"])
    for number in range((on - made_on).days + 1):
        for event in heard.values():
            if event.day == made_on + dt.timedelta(days=number):
                take_in(told, event)
    return told


def take_in(told: dict[str, Any], event: Event) -> None:
    match event.kind:
        case "assess" | "correct":
            told["since"] = told["since"] if event.says == told["status"] else event.day
            told["status"] = event.says
        case "claim" | "answer":
            told[event.kind] = event.says
        case "moved":
            told["due"][event.about], told["met"][event.about] = event.says, None
        case "met":
            told["met"][event.about] = event.says


def find_day_looked(heard: dict[int, Event], on: dt.date) -> dt.date | None:
    judgements = [each for each in heard.values() if each.kind in ("assess", "correct") and each.day <= on]
    days = [each.published_on if each.is_from_staff else each.day for each in judgements]
    days += [each.day for each in heard.values() if each.kind == "check"]
    return max((day for day in days if day <= on), default=None)


def find_dates(heard: dict[int, Event], due: Any, met: Any, on: dt.date, *, closed: bool) -> tuple[Any, Any]:
    there = [place for place in due if not (heard[place].says[1] and heard[place].says[1] > on)]
    still_open = [due[place] for place in there if met[place] is None]
    in_time = [met[place] <= heard[place].says[0] for place in there if met[place] is not None]
    next_due = min(still_open) if still_open and not closed else None
    return next_due, all(in_time) if in_time and not still_open else None


def time_of(told: tuple[Any, ...], on: dt.date) -> str:
    next_due, in_time = told[5:]
    if next_due is None:
        return {None: "no-date", True: "on-time", False: "late"}[in_time]
    if next_due < on:
        return "overdue"
    return "due-soon" if next_due <= on + DUE_SOON else "not-due"


def read(commitments: Any) -> dict[str, tuple[Any, ...]]:
    """Read the same facts from the rows of a question."""
    return {
        row.reference: (
            row.current_update and row.current_update.status,
            row.status_since,
            row.current_claim and row.current_claim.status,
            row.current_response and row.current_response.answer,
            row.checked_on,
            row.next_due_on,
            row.met_on_time,
        )
        for row in commitments.for_listing()
    }


def compare(events: list[Event], moment: Moment) -> None:
    known = moment.known or moment.today
    told = {
        f"REV-{subject + 1}": facts
        for subject in (0, 1)
        if (facts := tell(events, subject, moment.day, known)) is not None
    }
    asked = Commitment.objects.as_at(moment)
    assert read(asked) == told
    counted: dict[str, int] = {}
    for facts in told.values():
        code = facts[0] or "not-yet-checked"
        counted[code] = counted.get(code, 0) + 1
    assert asked.count_by_status() == counted
    timely = {
        code.value: sorted(asked.with_timeliness([code], today=moment.day).values_list("reference", flat=True))
        for code in Timeliness
    }
    assert timely == {
        code.value: sorted(name for name, facts in told.items() if time_of(facts, moment.day) == code)
        for code in Timeliness
    }


def test_every_way_of_asking_tells_the_same_of_every_day(monkeypatch: pytest.MonkeyPatch, at_length: bool) -> None:
    ticks = itertools.count()  # two publications of one day come one after the other, as they do when the clock runs

    def set_day(day: dt.date) -> None:
        noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: noon + dt.timedelta(microseconds=next(ticks)))

    set_day(PUBLISHED)
    commitments = [make_commitment("REV-1"), make_commitment("REV-2")]

    tried = HISTORIES if at_length else SAMPLE

    @settings(max_examples=tried, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        drawn=st.lists(EVENTS, max_size=12),
        days=st.lists(st.tuples(st.integers(-8, 140), st.integers(0, 140)), min_size=3, max_size=3),
    )
    def try_one(drawn: list[Any], days: list[tuple[int, int]]) -> None:
        point = transaction.savepoint()
        try:
            events = plan(drawn)
            rows: list[Any] = []
            for event in events:
                set_day(event.published_on)
                rows.append(publish(event, commitments[event.subject], rows))
            today = max([PUBLISHED, *(event.published_on for event in events)])
            compare(events, Moment(today))
            compare(events, Moment(today, today))
            for on_day, known_day in days:
                on, known = min(day_after(on_day), today), min(day_after(known_day), today)
                compare(events, Moment(today, on))
                if on <= known:
                    compare(events, Moment(today, on, known))
            broken = [
                *check_pointers_agree_with_history(),
                *check_standings_agree_with_history(),
                *check_milestones_agree_with_their_updates(),
            ]
            assert broken == []
        finally:
            transaction.savepoint_rollback(point)

    try_one()
