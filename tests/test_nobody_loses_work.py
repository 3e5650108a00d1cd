"""People who work on the same thing at once are told of one another; no text, update or log entry is ever lost."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import (
    Desk,
    address_of,
    history_of,
    make_staff,
    preview_address,
    read_errors,
    read_form,
    read_messages,
    read_text,
    review_address,
)
from tests.examples import draft_document, draft_update, make_commitment, publish_as_approver
from tracker.models import Commitment, Document, LogEntry, Revision, StatusUpdate, Topic

WHY = "The old words said less than the promise itself."
HERS = "Anna's own reason, which took her an hour to write."
THEIRS = "Bert's reason, which he saved while Anna was writing."

alone = pytest.mark.usefixtures("empty_register")


@pytest.fixture
def commitment() -> Commitment:
    return make_commitment()


@pytest.fixture
def anna(commitment) -> Desk:
    return Desk(make_staff("anna", "Editor"))


@pytest.fixture
def bert(commitment) -> Desk:
    return Desk(make_staff("bert", "Reviewer"))


def submitted(commitment: Commitment) -> StatusUpdate:
    update = draft_update(commitment)
    StatusUpdate.objects.filter(pk=update.pk).update(submitted_at="2024-05-01T12:00Z")
    update.refresh_from_db()
    return update


CONFLICT = (
    "bert {what} while you were writing. Nothing is lost: your text is kept below, and theirs stands until you save. "
    "Compare the two, then save again to put yours in its place."
)

# --- The same draft ---------------------------------------------------------------------------------


@alone
def test_the_second_to_save_a_draft_is_told_who_changed_what_and_keeps_her_text(commitment, anna, bert):
    draft = draft_update(commitment)
    form = anna.open_form(address_of(draft)) | {"reason": HERS, "_save": "1"}
    bert.change(draft, {"reason": THEIRS, "status": "partly-delivered"})
    answer = anna.post(address_of(draft), form)
    assert read_errors(answer) == {
        "": [CONFLICT.format(what="changed “Status”, “Reason”")],
        "status": ["bert wrote here: “Partly delivered”"],
        "reason": [f"bert wrote here: “{THEIRS}”"],
    }
    assert read_form(answer)["reason"] == HERS
    draft.refresh_from_db()
    assert draft.reason == THEIRS
    anna.post(address_of(draft), read_form(answer) | {"_save": "1"})
    draft.refresh_from_db()
    assert (draft.reason, draft.status) == (HERS, "in-progress")
    assert [state.reason for state in draft.history.all()] == [HERS, THEIRS, draft.history.last().reason]


@alone
def test_a_change_of_the_evidence_alone_is_a_change_as_well(commitment, anna, bert):
    draft = draft_update(commitment)
    form = anna.open_form(address_of(draft)) | {"reason": HERS, "_save": "1"}
    bert.change(draft, {"evidence-0-note": "Bert says more of what it shows."})
    assert read_errors(anna.post(address_of(draft), form)) == {"": [CONFLICT.format(what="saved this")]}
    assert draft.evidence.get().note == "Bert says more of what it shows."


@alone
def test_who_writes_on_a_draft_that_was_published_meanwhile_gets_her_text_back(commitment, anna, bert):
    update = submitted(commitment)
    form = anna.open_form(address_of(update)) | {"reason": HERS, "evidence-0-note": "Her note of it.", "_save": "1"}
    bert.decide(update, "_publish")
    answer = anna.post(address_of(update), form)
    page = read_text(answer)
    assert answer.status_code == 409
    assert "bert published this while you were writing" in page
    assert [text in page for text in (HERS, "Her note of it.")] == [True, True]
    update.refresh_from_db()
    assert update.reason != HERS


@alone
def test_who_writes_on_a_draft_that_was_discarded_meanwhile_gets_her_text_back(commitment, anna, bert):
    update = submitted(commitment)
    form = anna.open_form(address_of(update)) | {"reason": HERS, "_submit": "1"}
    bert.decide(update, "_discard")
    answer = anna.post(address_of(update), form)
    assert answer.status_code == 409
    assert "bert discarded this while you were writing" in read_text(answer)
    assert HERS in read_text(answer)


@alone
def test_what_a_discarded_draft_said_can_still_be_read(commitment, anna, bert):
    update = submitted(commitment)
    anna.change(update, {"reason": HERS}, press="_submit")
    bert.decide(update, "_discard")
    page = anna.get(history_of(update))
    assert (page.status_code, HERS in read_text(page)) == (200, True)
    assert "Discarded." in read_text(bert.get("/admin/admin/logentry/"))


# --- The same public words --------------------------------------------------------------------------


@alone
def test_the_second_to_reword_something_is_told_of_the_words_that_wait(commitment, anna, bert):
    form = anna.open_form(address_of(commitment)) | {"title": HERS, "reason_for_change": WHY, "_save": "1"}
    bert.change(commitment, {"title": THEIRS, "reason_for_change": WHY})
    answer = anna.post(address_of(commitment), form)
    assert read_errors(answer) == {
        "": [CONFLICT.format(what="put forward other words, which await review,")],
        "title": [f"bert wrote here: “{THEIRS}”"],
    }
    assert read_form(answer)["title"] == HERS
    anna.post(address_of(commitment), read_form(answer) | {"_save": "1"})
    assert [each.changes["title"]["after"] for each in Revision.objects.order_by("pk")] == [THEIRS, HERS]


@alone
def test_words_that_were_published_meanwhile_are_not_taken_back_unawares(commitment, anna, bert):
    form = anna.open_form(address_of(commitment)) | {"summary": HERS, "reason_for_change": WHY, "_save": "1"}
    bert.change(commitment, {"title": THEIRS, "reason_for_change": WHY})
    rosa = Desk(make_staff("rosa", "Reviewer"))
    rosa.decide(Revision.objects.get(), "_publish")
    answer = anna.post(address_of(commitment), form)
    errors = read_errors(answer)
    assert list(errors) == ["title", ""]
    assert errors["title"] == [f"rosa wrote here: “{THEIRS}”"]
    assert Commitment.objects.get().title == THEIRS


# --- Decisions --------------------------------------------------------------------------------------


@alone
def test_of_two_reviewers_who_publish_at_once_one_wins_and_the_other_is_told(commitment, bert):
    update = submitted(commitment)
    rosa = Desk(make_staff("rosa", "Reviewer"))
    rosa.get(review_address(update))
    bert.decide(update, "_publish")
    entries = LogEntry.objects.count()
    for press in ("_publish", "_send_back", "_discard"):
        answer = rosa.decide(update, press, note="Say in the reason when it comes into force.")
        assert set(read_messages(answer)) == {
            "Somebody else has published or discarded this meanwhile. Nothing is left to decide.",
        }
    assert LogEntry.objects.count() == entries
    update.refresh_from_db()
    assert update.approver.username == "bert"


@alone
def test_a_reviewer_publishes_what_she_has_read_and_nothing_newer(commitment, anna, bert):
    update = submitted(commitment)
    seen = update.version
    anna.change(update, {"reason": HERS}, press="_submit")
    answer = bert.post(review_address(update), {"_publish": "1", "version": seen}, follow=True)
    assert read_messages(answer) == [
        "REV-1: In progress as of 2024-03-01 was changed after you opened it. Read it again before you decide.",
    ]
    assert HERS in read_text(answer)
    assert StatusUpdate.objects.get().review_state == "awaiting review"


@alone
def test_a_reviewer_publishes_the_new_documents_that_she_has_read_and_no_others(commitment, anna, bert):
    news = draft_document("the-news")
    update = draft_update(commitment, evidence={"document": news})
    StatusUpdate.objects.filter(pk=update.pk).update(submitted_at="2024-05-01T12:00Z")
    seen = re.search(r'name="version" value="(\d+)"', bert.get(review_address(update)).content.decode())
    assert seen is not None
    anna.change(news, {"title": "Quite another story"})
    answer = bert.post(review_address(update), {"_publish": "1", "version": seen[1]}, follow=True)
    assert "was changed after you opened it" in answer.content.decode()
    assert not Document.objects.get(pk=news.pk).is_published


@alone
def test_a_draft_that_its_author_took_back_is_not_published(commitment, anna, bert):
    update = submitted(commitment)
    anna.change(update, {"reason": HERS})
    answer = bert.decide(update, "_publish")
    assert read_messages(answer) == [
        "Its author has taken it back to work on it. It returns to your queue when it is submitted again.",
    ]


@alone
def test_a_preview_of_a_draft_that_is_gone_says_so(commitment, anna):
    update = draft_update(commitment)
    address = preview_address(update)
    anna.change(update, {}, press="_discard")
    assert anna.get(address).status_code == 404


@alone
def test_a_topic_edited_by_two_managers_keeps_both_their_words_in_its_history(commitment):
    topic = Topic.objects.create(slug="data", name="Data")
    mara, maud = (Desk(make_staff(name, "Manager")) for name in ("mara", "maud"))
    form = mara.open_form(address_of(topic)) | {"name": "Numbers", "_save": "1"}
    maud.change(topic, {"name": "Figures"})
    assert list(read_errors(mara.post(address_of(topic), form))) == ["name", ""]
    assert [state.name for state in topic.history.all()] == ["Figures", "Data"]
    publish_as_approver(topic)


# --- Two hundred at once ----------------------------------------------------------------------------


def test_of_two_hundred_attempts_at_once_every_one_is_accounted_for(own_database):
    script = Path(__file__).with_name("crowd.py")
    environment = os.environ | {"DATABASE_URL": own_database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["attempts"] == 200
    assert found["not accounted for"] == []
    assert found["broken"] == []
    assert found["entries of each update"] == [1] * found["published"]
    assert found["published"] == found["told that it was published"]
    assert found["saved"] == found["told that it was saved"]
