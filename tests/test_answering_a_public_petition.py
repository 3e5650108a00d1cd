"""A petition that is public gets its answer, debate and commitments later, through review like all new words."""

import pytest
from django.test import Client

from tests.desk import Desk, make_staff, read_messages, read_text
from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tracker.auditing import find_broken_invariants
from tracker.models import Commitment, Document, LogEntry, Petition, Revision, Withdrawal

pytestmark = pytest.mark.usefixtures("empty_register")

WHY = "The government answered, and the House debated it."


@pytest.fixture
def petition() -> Petition:
    make_commitment()
    facts = {"number": 711976, "title": "Publish the review", "state": "open", "parliament": "2024-", "ask": "Do it."}
    return publish_as_approver(
        Petition.objects.create(**facts, outcome="not-met-at-the-time", document=make_document("the-petition"))
    )


@pytest.fixture
def editor(petition) -> Desk:
    return Desk(make_staff("edith", "Editor"))


@pytest.fixture
def reviewer(petition) -> Desk:
    return Desk(make_staff("rita", "Reviewer"))


def answer_fields() -> dict:
    return {
        "response_on": "2024-05-19",
        "response_department": make_department().pk,
        "response_summary": "The ministry promised a paper.",
        "response_document": make_document("the-answer").pk,
    }


def reword(desk: Desk, row, **fields):
    return desk.change(row, {"reason_for_change": WHY} | fields)


def publish_new_words(desk: Desk) -> list[str]:
    return read_messages(desk.decide(Revision.objects.drafts().get(), "_publish"))


def test_a_later_answer_a_debate_and_commitments_stand_on_the_page_and_in_the_log(petition, editor, reviewer):
    commitment = Commitment.objects.get()
    debate = {"debated_on": "2024-06-03", "debate_house": "Commons", "debate_document": make_document("hansard").pk}
    reword(editor, petition, **answer_fields(), **debate, commitments=[commitment.pk], outcome="partly-met")
    assert "No answer is recorded." in read_text(Client().get(petition.get_absolute_url()))
    assert publish_new_words(reviewer) == [
        "Published. Revision: New wording of Petition 711976: Publish the review",
    ]

    page = read_text(Client().get(petition.get_absolute_url()))
    assert "The ministry promised a paper. By Home Office , on 19 May 2024 . The answer" in page
    assert "In the Commons on 3 June 2024" in page
    assert commitment.title in page
    assert "Outcome, before Not met at the time" in page
    stated = LogEntry.objects.order_by("sequence").last()
    assert (stated.kind, stated.subject) == ("petition", "petitions/711976")
    assert {name: stated.content[name] for name in ("response", "debate", "commitments", "outcome")} == {
        "response": {
            "on": "2024-05-19",
            "department": "home-office",
            "summary": "The ministry promised a paper.",
            "document": "the-answer",
        },
        "debate": {"on": "2024-06-03", "house": "Commons", "document": "hansard"},
        "commitments": ["REV-1"],
        "outcome": "partly-met",
    }
    assert list(find_broken_invariants()) == []


def test_new_words_name_rows_by_their_public_names(petition, editor):
    fields = answer_fields()
    reword(editor, petition, **fields, commitments=[Commitment.objects.get().pk])
    assert Revision.objects.get().changes == {
        "response_on": {"before": None, "after": "2024-05-19"},
        "response_department": {"before": None, "after": "home-office"},
        "response_summary": {"before": "", "after": "The ministry promised a paper."},
        "response_document": {"before": None, "after": "the-answer"},
        "commitments": {"before": [], "after": ["REV-1"]},
    }


def test_an_answer_that_was_recorded_by_mistake_is_taken_back(petition, editor, reviewer):
    reword(editor, petition, **answer_fields())
    publish_new_words(reviewer)
    reword(editor, petition, response_on="", response_department="", response_summary="", response_document="")
    publish_new_words(reviewer)
    assert Petition.objects.get().facts()["response"] is None
    assert "No answer is recorded." in read_text(Client().get(petition.get_absolute_url()))
    assert list(find_broken_invariants()) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"response_document": "draft"},
            "The new response document, “the-draft”, is not public yet, or not any more. Publish it first.",
        ),
        (
            {"response_summary": ""},
            "An answer is stated whole or not at all: fill in “answer”.",
        ),
        (
            {"debate_house": "Commons"},
            "A debate is stated whole or not at all: fill in “debated on”, “debate document”.",
        ),
        ({"commitments": "draft"}, "Not public, or not known: REV-2."),
        ({"commitments": "withdrawn"}, "Not public, or not known: REV-3."),
    ],
)
def test_what_is_not_public_or_not_whole_is_refused_in_words(petition, editor, fields, sentence):
    choices = {
        ("response_document", "draft"): lambda: draft_document("the-draft").pk,
        ("commitments", "draft"): lambda: [draft_commitment("REV-2").pk],
        ("commitments", "withdrawn"): lambda: [withdraw("REV-3").pk],
    }
    chosen = {name: choices[name, value]() if (name, value) in choices else value for name, value in fields.items()}
    answer = reword(editor, petition, **answer_fields() | chosen)
    assert read_messages(answer)[0] == f"Saved as a draft, not submitted. {sentence}"
    assert Petition.objects.get().response_document is None


def withdraw(reference: str):
    commitment = make_commitment(reference)
    publish_as_approver(Withdrawal.objects.create(commitment=commitment, reason="It was the same promise as another."))
    return commitment


def test_an_answer_is_not_given_tomorrow(petition, editor):
    answer = reword(editor, petition, **answer_fields() | {"response_on": "2999-01-01"})
    assert read_messages(answer)[0].endswith(": this day is still to come.")


def test_a_draft_of_a_petition_is_held_to_the_same_rules(editor):
    fields = {"number": 2, "title": "Another", "state": "open", "parliament": "2024-", "ask": "Do it."}
    fields |= {
        "outcome": "partly-met",
        "document": make_document("the-petition").pk,
        "debate_house": "Lords",
        "commitments": [],
    }
    answer = editor.add("petition", fields, press="_submit")
    assert answer.context["adminform"].form.errors == {
        "debated_on": ["A debate is stated whole or not at all: fill in “debated on”, “debate document”."]
    }


def test_the_source_of_a_commitment_and_the_document_of_a_programme_are_reworded(petition, editor, reviewer):
    commitment, page = Commitment.objects.get(), make_document("the-speech")
    reword(editor, commitment, source_document=page.pk, source_locator="Column 7")
    publish_new_words(reviewer)
    manager = Desk(make_staff("maria", "Manager"))
    programme = make_programme()
    reword(manager, programme, document=page.pk)
    publish_new_words(reviewer)
    commitment.refresh_from_db()
    programme.refresh_from_db()
    assert (commitment.source_document, commitment.source_locator, programme.document) == (page, "Column 7", page)
    stated = LogEntry.objects.filter(kind="commitment").latest("sequence")
    assert stated.content["source"] == {"document": "the-speech", "locator": "Column 7"}
    assert list(find_broken_invariants()) == []


def test_no_new_words_cite_an_unknown_outlet(petition, editor):
    document = draft_document("the-blog", origin="partisan-or-unknown", published_on=D("2024-05-01"))
    Document.objects.filter(pk=document.pk).update(published_at="2024-05-01T12:00Z")
    answer = reword(editor, petition, **answer_fields() | {"response_document": document.pk})
    assert read_messages(answer)[0] == (
        "Saved as a draft, not submitted. “The blog” comes from a partisan or unknown outlet, and none is cited here."
    )
