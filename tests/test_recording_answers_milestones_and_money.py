"""Answers, milestones, money and checks are recorded like a status: dated, with a document, reviewed, never changed."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from tests.desk import (
    Desk,
    address_of,
    make_staff,
    preview_address,
    read_errors,
    read_messages,
    read_text,
    review_address,
)
from tests.examples import (
    D,
    draft_document,
    draft_milestone,
    draft_step,
    draft_update,
    make_commitment,
    make_document,
    publish_as_approver,
)
from tracker.auditing import find_broken_invariants
from tracker.models import (
    Check,
    Commitment,
    Funding,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Response,
    StatusUpdate,
    Withdrawal,
)

pytestmark = pytest.mark.usefixtures("empty_register")

TOMORROW = (dt.date.today() + dt.timedelta(days=1)).isoformat()  # noqa: DTZ011 - the rule knows the site's own day


@pytest.fixture
def commitment() -> Commitment:
    return make_commitment()


@pytest.fixture
def editor(commitment) -> Desk:
    return Desk(make_staff("edith", "Editor"))


@pytest.fixture
def manager(commitment) -> Desk:
    return Desk(make_staff("maria", "Manager"))


@pytest.fixture
def reviewer(commitment) -> Desk:
    return Desk(make_staff("rita", "Reviewer"))


def read_public(commitment: Commitment) -> str:
    return read_text(Client().get(commitment.get_absolute_url()))


def read_log(count: int) -> list[tuple[str, str]]:
    """Return kind and subject of the newest entries, oldest first."""
    newest = LogEntry.objects.order_by("-sequence").values_list("kind", "subject")[:count]
    return list(reversed(newest))


# --- Answers and money ------------------------------------------------------------------------------


def test_an_answer_is_recorded_reviewed_and_published(commitment, editor, reviewer):
    page = draft_document("the-answer")
    fields = {"commitment": commitment.pk, "answer": "rejected", "on": "2024-02-01", "by": "UK Government"}
    answer = editor.add("response", fields | {"document": page.pk}, press="_submit")
    assert read_messages(answer) == ["Submitted: REV-1: Rejected on 2024-02-01. Somebody else reviews it now."]
    response = Response.objects.get()
    assert "Rejected on 1 February 2024 , by UK Government" in read_text(reviewer.get(preview_address(response)))
    assert "Rejected" not in read_public(commitment)
    reviewer.decide(response, "_publish")
    assert "Rejected on 1 February 2024 , by UK Government" in read_public(commitment)
    assert read_log(2) == [("document", "documents/the-answer"), ("response", "commitments/REV-1#response-1")]
    assert Commitment.objects.get().current_response == response
    assert list(find_broken_invariants()) == []


def test_money_is_recorded_reviewed_and_published(commitment, editor, reviewer):
    fields = {"commitment": commitment.pk, "stage": "allocated", "amount_gbp": "5000000", "on": "2024-02-01"}
    editor.add("funding", fields | {"document": make_document().pk}, press="_submit")
    reviewer.decide(Funding.objects.get(), "_publish")
    assert "Allocated £5 million 1 February 2024" in read_public(commitment)
    assert read_log(1) == [("funding", "commitments/REV-1#funding-1")]


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("response", {"answer": "accepted", "by": "UK Government", "on": TOMORROW}, "on"),
        ("funding", {"stage": "spent", "amount_gbp": "1", "on": TOMORROW}, "on"),
        ("check", {"checked_on": TOMORROW, "note": "Hansard"}, "checked_on"),
    ],
)
def test_what_is_still_to_come_is_not_recorded_as_done(commitment, editor, name, fields, field):
    fields = {"commitment": commitment.pk, "document": make_document().pk} | fields
    errors = read_errors(editor.add(name, fields, press="_submit"))
    assert {key: [text.partition(": ")[2] for text in texts] for key, texts in errors.items()} == {
        field: ["this day is still to come."],
    }


def test_nothing_published_is_opened_for_change(commitment, editor, reviewer):
    fields = {"commitment": commitment.pk, "stage": "spent", "amount_gbp": "5", "on": "2024-02-01"}
    editor.add("funding", fields | {"document": make_document().pk}, press="_submit")
    funding = Funding.objects.get()
    reviewer.decide(funding, "_publish")
    assert editor.get(address_of(funding)).context["has_change_permission"] is False
    answer = editor.post(address_of(funding), fields | {"amount_gbp": "6", "_save": "1"})
    assert (answer.status_code, Funding.objects.get().amount_gbp) == (409, 5)


# --- Milestones -------------------------------------------------------------------------------------


def test_a_milestone_is_set_moved_and_met_and_its_first_date_stays(commitment, editor, reviewer):
    fields = {"commitment": commitment.pk, "title": "First report", "due_on": "2024-06-30", "due_text": "by summer"}
    fields["milestone_documents-0-document"] = make_document().pk
    editor.add("milestone", fields, press="_submit")
    milestone = Milestone.objects.get()
    reviewer.decide(milestone, "_publish")
    step = {"milestone": milestone.pk, "milestone_update_documents-0-document": make_document().pk}
    moved = {
        "as_of": "2024-06-01",
        "due_on": "2024-12-31",
        "reason": "The inspectorate asked for more time to write it.",
    }
    editor.add("milestoneupdate", step | moved, press="_submit")
    reviewer.decide(MilestoneUpdate.objects.drafts().get(), "_publish")
    milestone.refresh_from_db()
    assert (milestone.due_on, milestone.present_due_on, milestone.met_on) == (D("2024-06-30"), D("2024-12-31"), None)
    editor.add("milestoneupdate", step | {"as_of": "2024-11-01", "met_on": "2024-11-01"}, press="_submit")
    reviewer.decide(MilestoneUpdate.objects.drafts().get(), "_publish")
    milestone.refresh_from_db()
    assert (milestone.due_on, milestone.met_on, milestone.days_late) == (D("2024-06-30"), D("2024-11-01"), 124)
    assert Commitment.objects.get().met_on_time is False
    assert list(find_broken_invariants()) == []


def submit_step(editor: Desk, milestone: Milestone, **fields: Any) -> dict[str, list[str]]:
    cited = {"milestone_update_documents-0-document": make_document().pk}
    return read_errors(editor.add("milestoneupdate", {"milestone": milestone.pk} | cited | fields, press="_submit"))


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"as_of": "2024-06-01", "due_on": "2024-12-31", "reason": "Later."},
            {"reason": ["Give the public a reason of at least 30 characters."]},
        ),
        (
            {"as_of": "2024-06-01", "due_on": "2024-12-31", "met_on": "2024-06-01"},
            {"": ["Fill in either the day on which it was met or its new date."]},
        ),
        ({"as_of": "2024-06-01"}, {"": ["Fill in either the day on which it was met or its new date."]}),
        (
            {"as_of": "2024-06-01", "met_on": "2023-06-01"},
            {"met_on": ["The commitment was made on 2024-01-10: it cannot be met before that day."]},
        ),
        (
            {"as_of": "2024-06-01", "met_on": "2024-06-01", "milestone_update_documents-0-document": ""},
            {"milestone_update_documents": ["Name at least one document that shows it."]},
        ),
    ],
)
def test_what_a_step_still_lacks_is_said_beside_its_field(commitment, editor, fields, errors):
    milestone = publish_as_approver(draft_milestone(commitment))
    assert submit_step(editor, milestone, **fields) == errors
    assert MilestoneUpdate.objects.count() == 0


def test_a_milestone_is_not_met_tomorrow(commitment, editor):
    milestone = publish_as_approver(draft_milestone(commitment))
    assert list(submit_step(editor, milestone, as_of=TOMORROW, met_on=TOMORROW)) == ["as_of", "met_on"]


def test_a_milestone_that_is_not_public_is_neither_met_nor_moved(commitment, editor):
    draft = draft_milestone(commitment)
    assert submit_step(editor, draft, as_of="2024-06-01", met_on="2024-06-01") == {
        "milestone": ["The milestone “First report” is not public yet. Publish it first."],
    }


def test_the_page_of_a_commitment_offers_what_may_be_recorded_of_it(commitment, editor, manager):
    milestone = publish_as_approver(draft_milestone(commitment))
    links = {
        "statusupdate": "Record a status update",
        "response": "Record an answer",
        "milestone": "Set a milestone",
        "funding": "Record money",
        "check": "Checked today, nothing new",
        "withdrawal": "It was entered by mistake",
    }
    offered = [(f"/admin/tracker/{name}/add/?commitment={commitment.pk}", label) for name, label in links.items()]
    met = (f"/admin/tracker/milestoneupdate/add/?milestone={milestone.pk}", "“First report” was met or moved")
    assert manager.get(address_of(commitment)).context["record_links"] == [*offered, met]
    assert editor.get(address_of(commitment)).context["record_links"] == [*offered[:-1], met]
    for address, _ in [*offered[:-1], met]:
        form = editor.open_form(address)
        assert str(form.get("commitment", form.get("milestone"))) == address.rpartition("=")[2]


# --- Checks -----------------------------------------------------------------------------------------


LOOKED = {"_checked": "1", "note": "Hansard, and the ministry's own pages."}


def test_checking_many_commitments_at_once_records_each(commitment, editor, reviewer):
    others = [make_commitment("REV-2"), make_commitment("REV-3")]
    answer = editor.act("commitment", "record_check", commitment, *others, **LOOKED)
    assert read_messages(answer) == [f"REV-{number}: recorded, and awaits review." for number in (1, 2, 3)]
    assert [check.note for check in Check.objects.all()] == [LOOKED["note"]] * 3
    again = editor.act("commitment", "record_check", commitment, **LOOKED)
    assert read_messages(again) == ["REV-1: left alone, because a check of today is recorded already."]
    today = Check.objects.first().checked_on
    answer = reviewer.act("check", "publish_those_without_warnings", *Check.objects.order_by("pk"))
    assert read_messages(answer) == [
        f"REV-{number}: checked on {today}, nothing new: published." for number in (1, 2, 3)
    ]
    assert set(Commitment.objects.values_list("checked_on", flat=True)) == {today}


def test_checking_many_at_once_first_asks_where_one_looked(commitment, editor):
    others = [make_commitment("REV-2"), make_commitment("REV-3")]
    asked = editor.act("commitment", "record_check", commitment, *others)
    page = read_text(asked)
    assert "Where you looked: Read by the public, beside the day." in page
    assert "3 commitments REV-1 Do what REV-1 says REV-2 Do what REV-2 says REV-3 Do what REV-3 says" in page
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asked.content.decode()))
    chosen = re.findall(r'name="_selected_action" value="(\d+)"', asked.content.decode())
    assert [int(key) for key in chosen] == [commitment.pk, *(other.pk for other in others)]
    for note in ("", "   "):
        sent = fields | {"_selected_action": chosen, "note": note}
        again = editor.post("/admin/tracker/commitment/", sent)
        assert "Say where you looked: readers see it beside the day." in read_text(again)
    assert Check.objects.count() == 0
    editor.post("/admin/tracker/commitment/", fields | {"_selected_action": chosen, "note": "Hansard"})
    assert [check.note for check in Check.objects.all()] == ["Hansard"] * 3


def test_checking_all_of_a_list_that_goes_on_is_asked_and_recorded_as_a_whole(commitment, editor):
    make_commitment("REV-2")
    whole = {"select_across": "1"}
    asked = editor.act("commitment", "record_check", commitment, **whole)
    assert 'name="select_across" value="1"' in asked.content.decode()
    assert "2 commitments REV-1" in read_text(asked)
    editor.act("commitment", "record_check", commitment, **whole, **LOOKED)
    assert [check.commitment.reference for check in Check.objects.order_by("pk")] == ["REV-1", "REV-2"]


def test_a_check_says_where_one_looked(commitment, editor, reviewer):
    fields = {"commitment": commitment.pk, "checked_on": "2024-09-01"}
    assert read_errors(editor.add("check", fields, press="_submit")) == {
        "note": ["Say where you looked: readers see it beside the day."]
    }
    editor.add("check", fields)
    draft = Check.objects.get()
    assert draft.review_state == "draft"
    editor.change(draft, {"note": "Hansard, and the ministry's own pages."}, press="_submit")
    reviewer.decide(draft, "_publish")
    assert "Last checked 1 September 2024 . We looked at: Hansard, and the ministry's own pages." in read_public(
        commitment
    )
    publish_as_approver(draft_update(commitment, "2024-09-02", author=None))
    assert "Last checked 2 September 2024 . The day of our latest judgement" in read_public(commitment)


def test_a_check_is_freshness_and_no_change_of_status(commitment, editor, reviewer):
    publish_as_approver(draft_update(commitment, "2024-03-01", author=None))
    editor.add("check", {"commitment": commitment.pk, "checked_on": "2024-09-01", "note": "Hansard"}, press="_submit")
    reviewer.decide(Check.objects.get(), "_publish")
    found = Commitment.objects.get()
    assert (found.checked_on, found.status_since) == (D("2024-09-01"), D("2024-03-01"))
    assert "Last checked 1 September 2024" in read_public(commitment)


# --- Bulk publishing --------------------------------------------------------------------------------


def submitted(commitment: Commitment, **changes: Any) -> StatusUpdate:
    update = draft_update(commitment, **changes)
    StatusUpdate.objects.filter(pk=update.pk).update(submitted_at="2024-05-01T12:00Z")
    return update


def test_publishing_many_says_of_each_what_was_done(commitment, reviewer):
    weak = make_document("the-news", origin="independent", strength="weak")
    rows = [
        submitted(commitment, as_of="2024-03-01"),
        draft_update(commitment, "2024-03-02"),
        submitted(commitment, as_of="2024-03-03", evidence={"document": weak}),
        submitted(commitment, as_of="2024-03-04", reason="Too short"),
        submitted(commitment, as_of="2024-03-05", author=None),
    ]
    StatusUpdate.objects.filter(pk=rows[4].pk).update(author=reviewer.client.session["_auth_user_id"])
    answer = reviewer.act("statusupdate", "publish_those_without_warnings", *rows)
    said = {message.split(": ", 2)[1][-10:]: message.split(": ", 2)[2] for message in read_messages(answer)}
    assert said == {
        "2024-03-01": "published.",
        "2024-03-02": "left alone, because it does not await review.",
        "2024-03-03": "left alone. It rests on weak evidence only: the public will see that, and it is listed as a "
        "gap.",
        "2024-03-04": "refused. Give the reason in at least 30 characters, so that a reader can see why (9 so far).",
        "2024-03-05": "refused. You wrote this, so somebody else must publish it.",
    }
    assert list(StatusUpdate.objects.published()) == [rows[0]]


# --- Mistakes ---------------------------------------------------------------------------------------


def test_a_commitment_entered_by_mistake_is_withdrawn_with_a_reason(commitment, manager, reviewer):
    answer = manager.add("withdrawal", {"commitment": commitment.pk, "reason": "Twice."}, press="_submit")
    assert read_errors(answer) == {"reason": ["Give the public a reason of at least 30 characters."]}
    reason = "It was entered twice: see REV-2, which is the same promise."
    manager.add("withdrawal", {"commitment": commitment.pk, "reason": reason}, press="_submit")
    draft = draft_update(commitment, "2024-05-01")
    assert commitment.title in read_text(Client().get("/commitments/"))
    reviewer.decide(Withdrawal.objects.get(), "_publish")
    assert commitment.title not in read_text(Client().get("/commitments/"))
    assert read_log(1) == [("withdrawal", "commitments/REV-1#withdrawal-1")]
    assert "REV-1 was withdrawn." in read_text(reviewer.get(review_address(draft)))
    assert manager.get(address_of(commitment)).context["has_change_permission"] is False
    assert list(find_broken_invariants()) == []


def test_a_draft_that_another_draft_rests_on_is_not_discarded(commitment, editor):
    milestone = draft_milestone(commitment)
    draft_step(milestone, "2024-05-01", met_on="2024-05-01")
    answer = editor.change(milestone, {}, press="_discard")
    assert read_messages(answer) == [
        "REV-1: First report cannot be discarded, because something rests on it: "
        "“REV-1: First report: met as of 2024-05-01”."
    ]
    assert Milestone.objects.filter(pk=milestone.pk).exists()
