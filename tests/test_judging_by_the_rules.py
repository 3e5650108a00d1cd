"""The rules of DESIGN.md, "Statuses": each with what it refuses and what it only just allows."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import D, make_commitment
from tracker.models import Commitment
from tracker.querysets.commitments import timeliness_condition
from tracker.statuses import (
    CLOSED,
    DONE,
    PROGRESS,
    Basis,
    Citation,
    Judgement,
    Origin,
    Refusal,
    Status,
    Strength,
    Timeliness,
    compute_timeliness,
    explain_refusals,
    is_backward,
)

TODAY = D("2026-11-21")

REPORT = Citation(
    title="The report",
    strength=Strength.STRONG,
    origin=Origin.OFFICIAL,
    published_on=D("2025-03-01"),
    note="Says what was done.",
)
RECORD = replace(REPORT, title="The record", strength=Strength.MODERATE, records_completion=True)
NEWS = replace(REPORT, title="The news", strength=Strength.WEAK, origin=Origin.INDEPENDENT)

JUDGEMENT = Judgement(
    status=Status.IN_PROGRESS,
    basis=Basis.ASSESSMENT,
    as_of=D("2025-04-01"),
    reason="A bill was introduced on 1 March.",
    made_on=D("2025-01-06"),
    citations=(REPORT,),
)


def refuse(judgement: Judgement = JUDGEMENT, /, **changes) -> list[Refusal]:
    return explain_refusals(replace(judgement, **changes), today=TODAY)


def test_a_reasoned_and_documented_judgement_is_not_refused():
    assert {status: refuse(status=status, reason="A reason " * 10) for status in Status} == {
        status: [] for status in Status
    }


# --- Rule 1: a reason and evidence -----------------------------------------------------------


@pytest.mark.parametrize("basis", Basis)
def test_a_reason_has_at_least_30_characters(basis):
    assert refuse(basis=basis, reason="x" * 30) == []
    assert refuse(basis=basis, reason="x" * 29) == [
        Refusal(
            1,
            "reason",
            "Give the reason in at least 30 characters, so that a reader can see why (29 so far).",
        )
    ]


def test_spaces_around_a_reason_do_not_count():
    assert [refusal.sentence for refusal in refuse(reason=f"  {'x' * 29}\n ")] == [
        "Give the reason in at least 30 characters, so that a reader can see why (29 so far)."
    ]


@pytest.mark.parametrize("basis", Basis)
def test_no_status_is_published_without_evidence(basis):
    assert refuse(basis=basis, citations=()) == [
        Refusal(1, "evidence", "Cite at least one document: no status is published without evidence.")
    ]


@pytest.mark.parametrize("basis", Basis)
def test_each_piece_of_evidence_says_what_it_shows(basis):
    silent = replace(REPORT, title="The silent page", note=" \n")

    assert refuse(basis=basis, citations=(REPORT, replace(silent, note="x"))) == []
    assert refuse(basis=basis, citations=(REPORT, silent)) == [
        Refusal(1, "evidence", "Say what “The silent page” shows.")
    ]


# --- Rule 2: what proves delivery ------------------------------------------------------------

UNPROVEN = (
    "needs a strong document, or a moderate one ticked as the promised thing itself or a record of the completed act. "
    "Add one, or choose another status."
)


@pytest.mark.parametrize(
    ("status", "label"),
    [(Status.DELIVERED, "Delivered"), (Status.DELIVERED_DIFFERENTLY, "Delivered another way")],
)
def test_delivery_needs_a_strong_document_or_a_moderate_record_of_it(status, label):
    unproven = [Refusal(2, "evidence", f"“{label}” {UNPROVEN}")]

    assert refuse(status=status, citations=(REPORT,)) == []
    assert refuse(status=status, citations=(RECORD,)) == []
    assert refuse(status=status, citations=(NEWS, RECORD)) == []
    assert refuse(status=status, citations=(replace(RECORD, records_completion=False),)) == unproven
    assert refuse(status=status, citations=(replace(NEWS, records_completion=True),)) == unproven


def test_only_delivery_needs_proof():
    for status in set(Status) - DONE:
        official = replace(NEWS, origin=Origin.OFFICIAL)
        assert refuse(status=status, reason="A reason " * 10, citations=(official,)) == []


def test_a_document_from_before_the_promise_does_not_prove_delivery():
    old = replace(REPORT, published_on=D("2024-12-01"))

    assert [refusal.rule for refusal in refuse(status=Status.DELIVERED, citations=(old, NEWS))] == [2]


def test_delivery_says_a_word_on_each_open_milestone():
    left_open = ("First report", "Full review")
    named = "The FIRST REPORT was dropped, and of the full review nothing came."

    assert refuse(status=Status.DELIVERED, open_milestones=left_open, reason=named) == []
    assert refuse(status=Status.PARTLY_DELIVERED, open_milestones=left_open) == []
    assert refuse(status=Status.DELIVERED, open_milestones=left_open) == [
        Refusal(
            2,
            "reason",
            f"The milestone “{title}” is still open. Record it as met first, or name it in the reason and say what "
            "became of it.",
        )
        for title in left_open
    ]


# --- Rule 3: weak evidence -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("citations", "strength"),
    [
        ((), ""),
        ((NEWS,), "weak"),
        ((NEWS, NEWS), "weak"),
        ((NEWS, RECORD), "moderate"),
        ((NEWS, REPORT, RECORD), "strong"),
        ((replace(REPORT, published_on=D("2024-12-01")), NEWS), "weak"),
    ],
)
def test_a_status_is_as_strong_as_the_strongest_document_that_counts(citations, strength):
    assert replace(JUDGEMENT, citations=citations).strength == strength


def test_for_what_is_no_progress_older_documents_count():
    old = replace(REPORT, published_on=D("2024-12-01"))

    assert replace(JUDGEMENT, status=Status.CANNOT_BE_JUDGED, citations=(old, NEWS)).strength == "strong"


def test_weak_evidence_alone_is_labelled_not_refused():
    assert refuse(citations=(NEWS,)) == []


# --- Rule 4: evidence from before the promise ------------------------------------------------

SEVEN_DAYS_BEFORE = replace(REPORT, published_on=D("2024-12-30"))
EIGHT_DAYS_BEFORE = replace(REPORT, published_on=D("2024-12-29"))
TOO_OLD = Refusal(
    4,
    "evidence",
    "Every document cited is dated more than 7 days before the commitment was made (2025-01-06), so none can show "
    "progress on it. Cite a later one, or tick “already in place” and explain it in the note.",
)


def test_evidence_may_be_seven_days_older_than_the_promise_and_not_eight():
    assert refuse(citations=(SEVEN_DAYS_BEFORE,)) == []
    assert refuse(citations=(EIGHT_DAYS_BEFORE,)) == [TOO_OLD]
    assert refuse(citations=(EIGHT_DAYS_BEFORE, NEWS)) == []
    assert refuse(citations=(replace(EIGHT_DAYS_BEFORE, published_on=None),)) == []


def test_only_progress_needs_evidence_from_after_the_promise():
    reason = "A reason " * 10

    refused = {status for status in Status if refuse(status=status, citations=(EIGHT_DAYS_BEFORE,), reason=reason)}

    assert refused == PROGRESS


def test_what_was_already_in_place_is_explained_in_30_characters():
    in_place = replace(EIGHT_DAYS_BEFORE, already_in_place=True)

    assert refuse(citations=(replace(in_place, note="x" * 30),)) == []
    assert refuse(citations=(replace(in_place, note="x" * 29),)) == [
        Refusal(
            4,
            "evidence",
            "“The report” is ticked as already in place: explain that in its note, in at least 30 characters.",
        )
    ]


def test_the_first_days_of_the_calendar_are_judged_like_any_other():
    assert (
        refuse(
            made_on=dt.date.min,
            as_of=dt.date.min,
            citations=(replace(REPORT, published_on=dt.date.min),),
        )
        == []
    )


# --- Rule 5: when it is true -----------------------------------------------------------------


@pytest.mark.parametrize("basis", Basis)
def test_a_status_is_not_true_before_the_promise(basis):
    assert refuse(basis=basis, as_of=D("2025-01-06")) == []
    assert refuse(basis=basis, as_of=D("2025-01-05")) == [
        Refusal(
            5,
            "as_of",
            "The commitment was made on 2025-01-06: a status cannot be true before that day.",
        )
    ]


@pytest.mark.parametrize("basis", Basis)
def test_a_status_is_not_true_from_tomorrow(basis):
    assert refuse(basis=basis, as_of=D("2026-11-21")) == []
    assert refuse(basis=basis, as_of=D("2026-11-22")) == [
        Refusal(5, "as_of", "Today is 2026-11-21: a status cannot be true from a day in the future.")
    ]


# --- Rule 6: what replaces it ----------------------------------------------------------------


@pytest.mark.parametrize("basis", Basis)
def test_what_is_replaced_links_its_successor_or_names_it(basis):
    replaced = replace(JUDGEMENT, basis=basis, status=Status.SUPERSEDED)

    assert refuse(replaced, has_successor=True) == []
    assert refuse(replaced, reason="x" * 60) == []
    assert refuse(replaced, reason="x" * 59) == [
        Refusal(
            6,
            "reason",
            "Link the commitment that replaces this one, or say in the reason which decision or policy did, in at "
            "least 60 characters.",
        )
    ]


# --- Rule 7: who said that it will not be done -----------------------------------------------


@pytest.mark.parametrize("basis", Basis)
def test_a_refusal_rests_on_the_body_itself(basis):
    dropped = replace(JUDGEMENT, basis=basis, status=Status.WILL_NOT_BE_DONE)

    assert refuse(dropped, citations=(replace(NEWS, origin=Origin.OFFICIAL),)) == []
    assert refuse(dropped, citations=(replace(NEWS, origin=Origin.OFFICIAL_COPY),)) == []
    assert refuse(dropped, citations=(NEWS, NEWS)) == []
    assert refuse(dropped, citations=(NEWS,), was_rejected=True) == []
    assert refuse(dropped, citations=(NEWS, replace(NEWS, origin=Origin.PARTISAN_OR_UNKNOWN))) == [
        Refusal(
            7,
            "evidence",
            "“Will not be done” rests on a statement of the body itself: cite its official page or a copy of it, "
            "record its answer “rejected” first, or cite two independent reports of what it said.",
        )
    ]


# --- All rules together ----------------------------------------------------------------------


def test_a_claim_is_not_judged_by_rules_2_to_4():
    unproven = replace(
        JUDGEMENT,
        status=Status.DELIVERED,
        citations=(replace(EIGHT_DAYS_BEFORE, strength=Strength.WEAK, already_in_place=True),),
        open_milestones=("First report",),
    )

    assert [refusal.rule for refusal in refuse(unproven)] == [2, 2, 4]
    assert refuse(unproven, basis=Basis.CLAIM) == []


def test_all_broken_rules_are_named_at_once_and_in_order():
    broken = refuse(
        status=Status.DELIVERED,
        reason="Done.",
        as_of=D("2024-12-31"),
        citations=(replace(EIGHT_DAYS_BEFORE, note=""),),
        open_milestones=("First report",),
    )

    assert [(refusal.rule, refusal.field) for refusal in broken] == [
        (1, "reason"),
        (1, "evidence"),
        (2, "evidence"),
        (2, "reason"),
        (4, "evidence"),
        (5, "as_of"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.DELIVERED, Status.PARTLY_DELIVERED),
        (Status.DELIVERED_DIFFERENTLY, Status.IN_PROGRESS),
        (Status.PARTLY_DELIVERED, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Status.NOT_STARTED),
        (Status.IN_PROGRESS, Status.NOT_DELIVERED),
        (Status.PARTLY_DELIVERED, Status.WILL_NOT_BE_DONE),
    ],
)
def test_a_move_that_loses_ground_is_backward_and_its_return_is_not(before, after):
    assert (is_backward(before, after), is_backward(after, before)) == (True, False)


@pytest.mark.parametrize("status", Status)
def test_replaced_and_unjudged_statuses_have_no_place_on_the_scale(status):
    for unplaced in ("superseded", "cannot-be-judged", "not-yet-checked", ""):
        assert not is_backward(status, unplaced)
        assert not is_backward(unplaced, status)
    assert not is_backward(status, status)


def test_the_groups_of_statuses_are_as_published():
    done = {"delivered", "delivered-differently"}
    closed = {*done, "not-delivered", "will-not-be-done", "superseded"}
    assert (set(DONE), set(CLOSED), set(PROGRESS)) == (done, closed, {*done, "in-progress", "partly-delivered"})


# --- Timeliness ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("next_due_on", "met_on_time", "expected"),
    [
        ("2026-11-20", None, Timeliness.OVERDUE),
        ("2026-11-21", None, Timeliness.DUE_SOON),
        ("2027-01-20", None, Timeliness.DUE_SOON),  # in 60 days
        ("2027-01-21", None, Timeliness.NOT_DUE),  # in 61
        (None, True, Timeliness.ON_TIME),
        (None, False, Timeliness.LATE),
        (None, None, Timeliness.NO_DATE),
    ],
)
def test_timeliness_is_computed_from_dates(next_due_on, met_on_time, expected):
    assert compute_timeliness(next_due_on and D(next_due_on), met_on_time, TODAY) == expected


@pytest.mark.django_db
def test_the_database_computes_timeliness_as_the_rules_do(empty_register):
    commitment = make_commitment()
    dates = st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
    near = (st.sampled_from([-1, 0, 1, 59, 60, 61]) | st.integers(-400, 400)).map(dt.timedelta)

    @given(today=dates, distance=st.none() | near, met_on_time=st.none() | st.booleans())
    def agree(today, distance, met_on_time):
        next_due_on = None if distance is None else today + distance
        with transaction.atomic():
            Commitment.objects.filter(pk=commitment.pk).update(next_due_on=next_due_on, met_on_time=met_on_time)
            found = [code for code in Timeliness if Commitment.objects.filter(timeliness_condition(code, today=today))]
        assert found == [compute_timeliness(next_due_on, met_on_time, today)]

    agree()
