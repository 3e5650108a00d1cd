"""The number beside a choice is the number of commitments that a reader finds after choosing it."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.examples import (
    draft_milestone,
    draft_response,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tests.reading import read_commitments
from tests.seven import make_seven_commitments, make_topic
from tracker.models import Commitment
from tracker.statuses import Answer, Status, Strength, Timeliness

DEPARTMENTS = ("home-office", "education", "justice")
TOPICS = ("policing", "schools")
PROGRAMMES = {"REV": "the-review", "ACT": "the-act"}
PERMANENT = {  # choices that are shown even when nothing falls under them
    "status": [*Status.values, "not-yet-checked"],
    "kind": Commitment.Kind.values,
    "response": [*Answer.values, "not-recorded"],
    "timeliness": Timeliness.values,
    "strength": Strength.values,
}
QUICKLY = (Phase.reuse, Phase.generate)  # the examples are small as they are, and making them smaller takes minutes
FILTERS = ("department", "status", "programme", "topic", "kind", "response", "timeliness", "strength")

# Each status with a document that may carry it, and each answer to "by when" with a date that gives it.
JUDGEMENTS = {
    None: "",
    "in-progress": "weak",
    "partly-delivered": "moderate",
    "not-started": "strong",
    "will-not-be-done": "weak",
}
DATES = {None: "no-date", "2026-11-20": "overdue", "2026-12-01": "due-soon", "2027-06-30": "not-due"}
CLOSING = {"will-not-be-done"}


@dataclass(frozen=True)
class Facts:
    """What a commitment of these tests is, as far as the filters know it."""

    department: str
    supporting: frozenset[str]
    programme: str
    topics: frozenset[str]
    kind: str
    status: str | None
    answer: str | None
    due_on: str | None
    made_on: dt.date = dt.date(2024, 1, 10)

    def find_values(self, name: str, *, supporting: bool = False) -> set[str]:
        """Return every choice of a filter that it falls under."""
        values: dict[str, set[str]] = {
            "department": {self.department} | (self.supporting if supporting else frozenset()),
            "status": {self.status or "not-yet-checked"},
            "programme": {PROGRAMMES[self.programme]},
            "topic": set(self.topics),
            "kind": {self.kind},
            "response": {self.answer or "not-recorded"},
            "timeliness": {"no-date" if self.status in CLOSING else DATES[self.due_on]},
            "strength": {JUDGEMENTS[self.status]} - {""},
        }
        return values[name]


Question = dict[str, list[str]]


def count_by_hand(register: list[Facts], question: Question) -> dict[str, dict[str, int]]:
    """Count each choice of each filter over what the other filters leave."""
    supporting = "supporting" in question
    counts = {}
    for name in FILTERS:
        others = {key: values for key, values in question.items() if key not in {name, "supporting"}}
        left = [facts for facts in register if is_answer(facts, others, supporting=supporting)]
        found = Counter(value for facts in left for value in facts.find_values(name, supporting=supporting))
        shown = {*found, *question.get(name, []), *PERMANENT.get(name, [])}
        counts[name] = {value: found[value] for value in shown}
    return {name: choices for name, choices in counts.items() if choices}


def is_answer(facts: Any, question: Question, *, supporting: bool) -> bool:
    return all(facts.find_values(name, supporting=supporting) & set(values) for name, values in question.items())


facts = st.builds(
    Facts,
    department=st.sampled_from(DEPARTMENTS[:2]),
    supporting=st.frozensets(st.sampled_from(DEPARTMENTS[1:])),
    programme=st.sampled_from(sorted(PROGRAMMES)),
    topics=st.frozensets(st.sampled_from(TOPICS)),
    kind=st.sampled_from(["fund", "pledge"]),
    status=st.sampled_from(list(JUDGEMENTS)),
    answer=st.sampled_from([None, "accepted", "rejected"]),
    due_on=st.sampled_from(list(DATES)),
).map(lambda made: replace(made, supporting=made.supporting - {made.department}))

questions = st.fixed_dictionaries(
    {},
    optional={
        "department": st.sets(st.sampled_from(DEPARTMENTS), min_size=1).map(sorted),
        "supporting": st.just(["on"]),
        "status": st.sets(st.sampled_from([*filter(None, JUDGEMENTS), "not-yet-checked"]), min_size=1).map(sorted),
        "programme": st.sets(st.sampled_from([*PROGRAMMES.values()]), min_size=1).map(sorted),
        "topic": st.sets(st.sampled_from(TOPICS), min_size=1).map(sorted),
        "kind": st.sampled_from([["fund"], ["pledge"], ["fund", "pledge"]]),
        "response": st.sampled_from([["accepted"], ["not-recorded"], ["accepted", "rejected"]]),
        "timeliness": st.sets(st.sampled_from([*DATES.values()]), min_size=1).map(sorted),
        "strength": st.sampled_from([["weak"], ["moderate", "strong"]]),
    },
)


def build(register: list[Facts]) -> None:
    for number, made in enumerate(register, start=1):
        commitment = make_commitment(
            f"{made.programme}-{number}",
            programme=make_programme(PROGRAMMES[made.programme]),
            department=make_department(made.department),
            kind=made.kind,
            made_on=made.made_on,
        )
        commitment.supporting.set([make_department(slug) for slug in made.supporting])
        commitment.topics.set([make_topic(slug) for slug in made.topics])
        if made.answer:
            publish_as_approver(draft_response(commitment, answer=made.answer))
        if made.due_on:
            publish_as_approver(draft_milestone(commitment, made.due_on))
        if made.status:
            strength = JUDGEMENTS[made.status]
            evidence = {"document": make_document(f"{strength}-document", strength=strength)}
            publish_as_approver(draft_update(commitment, status=made.status, evidence=evidence))


@pytest.fixture
def all_choices() -> None:
    for slug in DEPARTMENTS:
        make_department(slug)
    for slug in TOPICS:
        make_topic(slug)
    for slug in PROGRAMMES.values():
        make_programme(slug)


@pytest.mark.usefixtures("on_21_november_2026", "empty_register", "all_choices")
def test_whatever_the_register_and_the_question_each_count_is_right(client: Client, at_length: bool) -> None:
    @settings(max_examples=60 if at_length else 6, deadline=None, phases=QUICKLY)
    @given(register=st.lists(facts, max_size=4), asked=st.lists(questions, min_size=3, max_size=3))
    def count_one(register: Any, asked: Any) -> None:
        with transaction.atomic():  # each example takes back what it wrote
            build(register)
            for question in asked:
                check_counts(client, register, question)
            transaction.set_rollback(True)

    count_one()


def check_counts(client: Client, register: list[Facts], question: Question) -> None:
    page = read_commitments(client, **question)
    assert page.counts == count_by_hand(register, question)
    asked = {name: values for name, values in question.items() if name != "supporting"}
    expected = sum(is_answer(made, asked, supporting="supporting" in question) for made in register)
    assert page.counted == len(page.references) == expected


@pytest.mark.parametrize(
    "question",
    [
        "",
        "department=home-office&supporting=on&programme=the-act",
        "topic=schools&made_before=2024-01-11",
        "q=every&timeliness=due-soon",
    ],
)
def test_following_any_choice_shows_as_many_rows_as_it_promised(client, on_21_november_2026, empty_register, question):
    make_seven_commitments()
    promised = read_commitments(client, question).counts
    found = {
        name: {value: follow(client, question, name, value) for value in choices} for name, choices in promised.items()
    }
    assert found == promised
    assert sum(map(len, found.values())) > 30


def follow(client: Client, question: str, name: str, value: str) -> int:
    """Choose one value of a filter in place of those chosen before, and count the rows."""
    asked = parse_qs(question) | {name: [value]}
    page = read_commitments(client, **asked)
    assert page.counted == len(page.references)
    return page.counted


def test_an_empty_register_counts_nought_under_every_permanent_choice(client, empty_register):
    assert read_commitments(client).counts == {name: dict.fromkeys(values, 0) for name, values in PERMANENT.items()}


def test_what_is_chosen_is_ticked_and_the_rest_is_not(client, on_21_november_2026, empty_register):
    make_seven_commitments()
    page = read_commitments(client, "status=delivered&department=home-office&supporting=on&topic=schools")
    assert page.ticked == [
        ("department", "home-office"),
        ("supporting", "on"),
        ("status", "delivered"),
        ("topic", "schools"),
    ]
