"""New words, a withdrawal and new nouns are previewed as the public page that they would make, by staff alone."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from tests.desk import Desk, make_staff, preview_address, read_messages, read_text, review_address
from tests.examples import (
    draft_document,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tracker.auditing import find_broken_invariants
from tracker.models import Commitment, LogEntry, Petition, Revision, SupportService, Topic, Withdrawal
from tracker.templatetags.desk import words_of

pytestmark = pytest.mark.usefixtures("empty_register")

WHY = "The old words said less than the promise itself."
PETITION = {"number": 1, "title": "A petition", "state": "open", "parliament": "2024", "ask": "Do it."}


@pytest.fixture
def reviewer() -> Desk:
    return Desk(make_staff("rita", "Reviewer"))


def make_noun(name: str) -> Any:
    """Publish one noun and return it, with new words for it."""
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment))
    makers: dict[str, Any] = {
        "commitment": lambda: (commitment, "title"),
        "document": lambda: (make_document(), "title"),
        "department": lambda: (make_department(), "name"),
        "programme": lambda: (make_programme(), "description"),
        "topic": lambda: (publish_as_approver(Topic.objects.create(slug="data", name="Data")), "name"),
        "petition": lambda: (
            publish_as_approver(Petition.objects.create(**PETITION, outcome="partly-met", document=make_document())),
            "ask",
        ),
        "supportservice": lambda: (
            publish_as_approver(SupportService.objects.create(name="Help", phone="1", used_for="All")),
            "used_for",
        ),
    }
    return makers[name]()


@pytest.mark.parametrize(
    "name", ["commitment", "document", "department", "programme", "topic", "petition", "supportservice"]
)
def test_new_words_are_previewed_as_the_page_to_the_last_byte(reviewer, name):
    noun, field = make_noun(name)
    changes = {field: {"before": getattr(noun, field), "after": "Quite other words"}}
    revision = Revision.objects.create(target=noun, changes=changes, reason=WHY, submitted_at="2024-05-01T12:00Z")
    public, logged = Client().get(noun.get_absolute_url()).content, LogEntry.objects.count()
    assert f'href="{preview_address(revision)}"' in reviewer.get(review_address(revision)).content.decode()
    preview = reviewer.get(preview_address(revision))
    assert "Quite other words" in read_text(preview)
    assert (Client().get(noun.get_absolute_url()).content, LogEntry.objects.count()) == (public, logged)
    reviewer.decide(revision, "_publish")
    assert preview.content == Client().get(noun.get_absolute_url()).content
    if name != "supportservice":
        earlier = f"Changed on {date_format(timezone.localdate(), 'j F Y')}. {WHY} {words_of(field)}, before "
        assert earlier + changes[field]["before"] in read_text(preview)


def test_a_withdrawal_is_previewed_as_the_page_that_says_so(reviewer):
    commitment = make_commitment()
    draft = Withdrawal.objects.create(commitment=commitment, reason=WHY, submitted_at="2024-05-01T12:00Z")
    preview = reviewer.get(preview_address(draft))
    assert preview.status_code == 410
    assert f"REV-1 was withdrawn This entry, “{commitment.title}”, was a mistake." in read_text(preview)
    assert Client().get(commitment.get_absolute_url()).status_code == 200
    assert Commitment.objects.get().withdrawn_at is None
    reviewer.decide(draft, "_publish")
    assert preview.content == Client().get(commitment.get_absolute_url()).content


def test_a_draft_of_a_document_is_previewed_too(reviewer):
    draft = draft_document("the-draft")
    assert "Nothing in the register rests on it yet." in read_text(reviewer.get(preview_address(draft)))
    assert Client().get(draft.get_absolute_url()).status_code == 404


def test_words_that_cannot_be_published_have_no_page_to_show(reviewer):
    commitment, draft = make_commitment(), draft_document("the-draft")
    other = make_document("another")
    for target, field, after in (
        (commitment, "source_document", draft.identifier),
        (other, "url", make_document().url),
    ):
        changes = {field: {"before": target.read_words([field])[field], "after": after}}
        revision = Revision.objects.create(target=target, changes=changes, reason=WHY)
        answer = reviewer.get(preview_address(revision), follow=True)
        assert answer.redirect_chain == [(review_address(revision), 302)]
        assert read_messages(answer) == [
            "There is no such page to show: these words cannot be published. The rules below say why."
        ]
    assert list(find_broken_invariants()) == []


def test_previews_of_new_words_are_for_staff_alone_and_kept_nowhere(reviewer):
    commitment = make_commitment()
    changes = {"title": {"before": commitment.title, "after": "Quite other words"}}
    revision = Revision.objects.create(target=commitment, changes=changes, reason=WHY)
    withdrawal = Withdrawal.objects.create(commitment=commitment, reason=WHY)
    for draft in (revision, withdrawal):
        cached = reviewer.get(preview_address(draft)).headers["Cache-Control"]
        assert {"private", "no-store"} <= set(cached.split(", "))
        stranger = Client().get(preview_address(draft))
        assert (stranger.status_code, "Quite other words" in stranger.content.decode()) == (302, False)
