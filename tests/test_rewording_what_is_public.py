"""Public words change by a revision: with a reason, after review, and with the earlier words kept in the log."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from tests.desk import (
    Desk,
    address_of,
    history_of,
    make_staff,
    read_errors,
    read_form,
    read_messages,
    read_text,
    review_address,
)
from tests.examples import (
    draft_commitment,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    publish_as_approver,
)
from tests.reading import read_commitments
from tracker.auditing import find_broken_invariants
from tracker.models import (
    Commitment,
    Department,
    Document,
    LogEntry,
    Petition,
    Programme,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
)

pytestmark = pytest.mark.usefixtures("empty_register")

MIGRATION = importlib.import_module("tracker.migrations.0004_desk")
WHY = "The old words said less than the promise itself."


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


def reword(desk: Desk, row: Any, **fields: Any) -> Any:
    return desk.change(row, {"reason_for_change": WHY} | fields)


def the_revision() -> Revision:
    return Revision.objects.drafts().get()


def test_new_words_wait_for_a_second_person_and_the_log_states_both(commitment, editor, reviewer):
    answer = reword(editor, commitment, title="Do all that REV-1 says")
    assert read_messages(answer)[-1] == "Your new words await review. Until then the old ones stand."
    assert Commitment.objects.get().title == "Do what REV-1 says"
    page = read_text(reviewer.get(review_address(the_revision())))
    assert (
        "What stands now Title Do what REV-1 says What would stand Title Do all that REV-1 says Reason for the change "
        "The old words said less than the promise itself."
    ) in page
    reviewer.decide(the_revision(), "_publish")
    assert "Do all that REV-1 says" in read_text(Client().get(commitment.get_absolute_url()))
    revision, reworded = LogEntry.objects.order_by("-sequence")[:2][::-1]
    assert (revision.kind, revision.subject, revision.content) == (
        "revision",
        "commitments/REV-1",
        {
            "reason": WHY,
            "changes": {"title": {"before": "Do what REV-1 says", "after": "Do all that REV-1 says"}},
        },
    )
    assert (reworded.kind, reworded.content) == ("commitment", Commitment.objects.get().facts())
    assert list(find_broken_invariants()) == []


def test_new_words_need_a_reason(commitment, editor):
    answer = reword(editor, commitment, title="Another title", reason_for_change="")
    assert read_errors(answer) == {"reason_for_change": ["Say why: the reason is shown beside the earlier words."]}
    assert read_form(answer)["title"] == "Another title"
    assert list(read_errors(reword(editor, commitment, title="Another", reason_for_change="Short"))) == [
        "reason_for_change"
    ]
    assert Revision.objects.count() == 0


def test_saving_without_a_change_asks_nobody_for_review(commitment, editor):
    answer = reword(editor, commitment)
    assert read_messages(answer)[-1] == "No word was changed, so there is nothing to review."
    assert Revision.objects.count() == 0


def test_whoever_wrote_new_words_does_not_publish_them(commitment, reviewer):
    reword(reviewer, commitment, title="Another title")
    answer = reviewer.decide(the_revision(), "_publish")
    assert read_messages(answer) == ["You wrote this, so somebody else must publish it."]


def test_every_kind_of_public_words_can_be_revised(manager, reviewer):
    document = make_document()
    rows = [
        (document, "title", "Another title of the report"),
        (make_department(), "name", "The Home Office"),
        (Programme.objects.get(), "description", "What the review recommended in the end."),
        (publish_as_approver(Topic.objects.create(slug="data", name="Data")), "name", "Data and numbers"),
        (
            publish_as_approver(SupportService.objects.create(name="Help", phone="1", used_for="All")),
            *("used_for", "Everybody"),
        ),
        (
            publish_as_approver(
                Petition.objects.create(
                    number=1,
                    title="A petition",
                    state="open",
                    parliament="2024",
                    ask="Do it.",
                    outcome="partly-met",
                    document=document,
                )
            ),
            *("signatures", 0),
        ),
    ]
    for row, field, words in rows:
        assert read_errors(reword(manager, row, **{field: words})) == {}
        reviewer.decide(the_revision(), "_publish")
        row.refresh_from_db()
        assert getattr(row, field) == words
    assert list(find_broken_invariants()) == []


def test_what_the_log_does_not_state_is_kept_at_once(manager):
    programme = Programme.objects.get()
    answer = manager.change(programme, {"expected_commitments": "2"})
    assert read_messages(answer)[0] == "Saved: Expected commitments."
    programme.refresh_from_db()
    assert (programme.expected_commitments, programme.history.first().history_user.username) == (2, "maria")
    assert Revision.objects.count() == 0


def test_the_place_the_urgency_and_the_confirmation_of_a_service_are_reviewed_and_logged(manager, reviewer):
    service = publish_as_approver(SupportService.objects.create(name="Help", phone="1", used_for="All"))
    reword(manager, service, is_emergency="on", position="2", confirmed_on="2024-05-01")
    service.refresh_from_db()
    assert (service.is_emergency, service.position, service.confirmed_on) == (False, 0, None)
    assert "Confirmed" not in read_text(Client().get("/help/"))
    reviewer.decide(the_revision(), "_publish")
    stated = LogEntry.objects.filter(kind="support-service").latest("sequence").content
    assert stated == {
        "name": "Help",
        "for": "All",
        "phone": "1",
        "url": "",
        "is_emergency": True,
        "position": 2,
        "confirmed_on": "2024-05-01",
    }
    assert list(find_broken_invariants()) == []


def test_a_number_is_not_confirmed_tomorrow(manager):
    service = publish_as_approver(SupportService.objects.create(name="Help", phone="1", used_for="All"))
    answer = reword(manager, service, confirmed_on="2999-01-01")
    assert read_messages(answer)[0].endswith(": this day is still to come.")
    fields = {"name": "Other", "phone": "1", "used_for": "All", "position": "0", "confirmed_on": "2999-01-01"}
    errors = read_errors(manager.add("supportservice", fields, press="_submit"))
    assert [(name, text.partition(": ")[2]) for name, (text,) in errors.items()] == [
        ("confirmed_on", "this day is still to come.")
    ]


def test_a_service_that_was_logged_in_short_stays_what_the_log_says_until_its_first_new_words(manager, reviewer):
    service = publish_as_approver(
        SupportService.objects.create(name="Help", phone="1", used_for="All", position=3, is_stated_in_full=False)
    )
    assert LogEntry.objects.latest("sequence").content == {"name": "Help", "for": "All", "phone": "1", "url": ""}
    # As the migration finds it in a register of an earlier version.
    SupportService.objects.update(is_stated_in_full=True)
    assert list(find_broken_invariants()) == ["help/Help (support-service) is not what the log says was published."]
    MIGRATION.know_what_was_logged_in_short(apps, None)
    assert list(find_broken_invariants()) == []
    reword(manager, service, confirmed_on="2024-05-01")
    assert the_revision().changes == {"confirmed_on": {"before": None, "after": "2024-05-01"}}
    reviewer.decide(the_revision(), "_publish")
    stated = LogEntry.objects.filter(kind="support-service").latest("sequence").content
    assert (stated["position"], stated["confirmed_on"]) == (3, "2024-05-01")
    assert list(find_broken_invariants()) == []


def test_the_history_that_staff_read_tells_of_lists(editor, reviewer):
    topics = [publish_as_approver(Topic.objects.create(slug=name, name=name.title())) for name in ("data", "care")]
    draft = draft_commitment("REV-2")
    editor.change(draft, {"topics": [topics[0].pk]})
    editor.change(draft, {"topics": [topic.pk for topic in topics], "title": "Do both"})
    told = read_text(reviewer.get(history_of(draft)))
    assert "Topics [Data] → [Care, Data]" in told


def test_earlier_states_show_no_change_of_lists_that_was_none(editor, reviewer):
    topic = publish_as_approver(Topic.objects.create(slug="data", name="Data"))
    draft = draft_commitment("REV-2")
    draft.topics.add(topic)
    # As the migration finds it: the history has not kept the lists.
    apps.get_model("tracker", "HistoricalCommitment_topics").objects.all().delete()
    MIGRATION.fill_lists_of_earlier_states(apps, None)
    editor.change(draft, {"title": "Do both"})
    assert "Topics" not in read_text(reviewer.get(history_of(draft)))


def test_topics_and_supporting_bodies_are_reworded_as_lists(commitment, editor, reviewer):
    topic = publish_as_approver(Topic.objects.create(slug="data", name="Data"))
    helper = make_department("treasury")
    reword(editor, commitment, topics=[topic.pk], supporting=[helper.pk])
    assert the_revision().changes == {
        "supporting": {"before": [], "after": ["treasury"]},
        "topics": {"before": [], "after": ["data"]},
    }
    reviewer.decide(the_revision(), "_publish")
    assert (list(commitment.topics.all()), list(commitment.supporting.all())) == ([topic], [helper])
    assert list(find_broken_invariants()) == []


# --- What would break the register ------------------------------------------------------------------


def test_a_document_does_not_lose_the_strength_that_a_status_rests_on(commitment, editor):
    proof = make_document("the-proof")
    publish_as_approver(draft_update(commitment, status="delivered", evidence={"document": proof}))
    answer = reword(editor, proof, strength="weak")
    assert read_messages(answer)[0] == (
        "Saved as a draft, not submitted. Update 1 of REV-1 rests on this and would break a rule: “Delivered” "
        "needs a strong document, or a moderate one ticked as the promised thing itself or a record of the completed "
        "act. Add one, or choose another status."
    )
    assert (Document.objects.get(pk=proof.pk).strength, the_revision().review_state) == ("strong", "draft")


def test_a_rule_that_breaks_between_writing_and_publishing_is_refused_in_words(commitment, editor, reviewer):
    proof = make_document("the-proof")
    reword(editor, proof, strength="weak")
    publish_as_approver(draft_update(commitment, status="delivered", evidence={"document": proof}))
    answer = reviewer.decide(the_revision(), "_publish")
    assert [message.partition(": ")[0] for message in read_messages(answer)] == [
        "Update 1 of REV-1 rests on this and would break a rule"
    ]
    assert Document.objects.get(pk=proof.pk).strength == "strong"
    assert list(find_broken_invariants()) == []


def test_the_strength_of_what_cites_a_document_follows_it(commitment, editor, reviewer):
    page = make_document("the-page")
    update = publish_as_approver(draft_update(commitment, evidence={"document": page}))
    reword(editor, page, strength="weak")
    reviewer.decide(the_revision(), "_publish")
    assert StatusUpdate.objects.get(pk=update.pk).strength == "weak"
    assert list(find_broken_invariants()) == []


def test_what_cites_a_document_alone_that_turns_out_to_be_a_copy_is_a_gap_from_then_on(client, editor, reviewer):
    page = make_document("the-page")
    publish_as_approver(draft_update(make_commitment("REV-2"), evidence={"document": page}))
    assert read_commitments(client, "gap=copies").references == []
    reword(editor, page, origin="official-copy")
    reviewer.decide(the_revision(), "_publish")
    assert read_commitments(client, "gap=copies").references == ["REV-2"]
    assert read_commitments(client, "gap=copies&on=2025-01-01").references == ["REV-2"]
    assert list(find_broken_invariants()) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"made_on": "2024-03-02"},
            "Update 1 of REV-1 rests on this and would break a rule: The commitment was made on 2024-03-02: a "
            "status cannot be true before that day.",
        ),
        ({"supporting": "lead"}, "Home Office leads this, so it is not listed as supporting as well."),
    ],
)
def test_a_commitment_is_not_reworded_against_its_own_history(commitment, editor, fields, sentence):
    late = make_document("the-bill", published_on="2024-03-01")
    publish_as_approver(draft_update(commitment, "2024-03-01", evidence={"document": late}))
    if fields == {"supporting": "lead"}:
        fields = {"supporting": [commitment.department_id]}
    answer = reword(editor, commitment, **fields)
    assert read_messages(answer)[0] == f"Saved as a draft, not submitted. {sentence}"


def test_no_cited_document_becomes_one_of_an_unknown_outlet(commitment, editor):
    publish_as_approver(draft_update(commitment))
    answer = reword(editor, make_document(), origin="partisan-or-unknown")
    assert read_messages(answer)[0] == (
        "Saved as a draft, not submitted. It is cited in public, and no partisan or unknown outlet is cited."
    )


def test_two_documents_do_not_take_the_same_address(commitment, editor, reviewer):
    first, second = make_document("first"), make_document("second")
    reword(editor, first, url="https://www.gov.uk/third")
    waiting = the_revision()
    reword(editor, second, url="https://www.gov.uk/third")
    reviewer.decide(waiting, "_publish")
    answer = reviewer.decide(the_revision(), "_publish")
    assert read_messages(answer) == ["Document with this Address already exists."]
    assert list(find_broken_invariants()) == []


def test_words_that_were_written_over_are_not_brought_back_by_an_older_revision(commitment, editor, reviewer):
    reword(editor, commitment, title="First new title")
    first = the_revision()
    second = Revision.objects.create(
        target=commitment, reason=WHY, changes={"title": {"before": commitment.title, "after": "Second new title"}}
    )
    Revision.objects.filter(pk=second.pk).update(submitted_at="2024-05-01T12:00Z")
    reviewer.decide(first, "_publish")
    stale = "The words of “title” have changed since this was written. Send it back to be written anew."
    assert stale in read_text(reviewer.get(review_address(second)))
    assert read_messages(reviewer.decide(second, "_publish")) == [stale]
    assert Commitment.objects.get().title == "First new title"


def test_a_page_says_which_new_words_already_wait(commitment, editor):
    reword(editor, commitment, title="Another title")
    page = read_text(Desk(make_staff("erna", "Editor")).get(address_of(commitment)))
    assert "New words by edith await review: read them before you write others." in page


def test_a_department_that_is_not_public_yet_carries_no_commitment(manager, commitment):
    draft = Department.objects.create(slug="new", name="New body", kind="regulator")
    fields = {
        "reference": "REV-2",
        "title": "New",
        "summary": "New",
        "kind": "pledge",
        "number": "2",
        "programme": commitment.programme_id,
        "source_document": make_document().pk,
        "made_on": "2024-01-10",
        "made_on_precision": "day",
        "made_by": "Home Secretary",
        "department": draft.pk,
        "confidence": "high",
    }
    answer = manager.post("/admin/tracker/commitment/add/", fields | {"_submit": "1"})
    assert read_errors(answer) == {"department": ["“New body” is not public yet. Publish it first."]}
