"""A programme never holds more commitments than it says that it has: publishing one more raises the number."""

import pytest

from tests.desk import Desk, make_staff, read_messages, read_text
from tests.examples import draft_commitment, make_commitment, make_programme
from tracker.auditing import find_broken_invariants
from tracker.models import Programme

pytestmark = pytest.mark.usefixtures("empty_register")


@pytest.fixture
def reviewer() -> Desk:
    return Desk(make_staff("rita", "Reviewer"))


def publish_another(reviewer: Desk, reference: str) -> None:
    draft = draft_commitment(reference, submitted_at="2024-05-01T12:00Z")
    assert read_messages(reviewer.decide(draft, "_publish"))[0].startswith("Published.")


def test_a_commitment_more_than_expected_raises_the_number_with_its_history(reviewer):
    make_commitment("REV-1")
    publish_another(reviewer, "REV-2")
    programme = Programme.objects.get()
    newest = programme.history.first()
    assert (programme.expected_commitments, newest.expected_commitments) == (2, 2)
    assert (newest.history_change_reason, newest.history_user.username) == ("REV-2 published", "rita")
    assert "All 2 of the set are in the register." in read_text(reviewer.get("/programmes/the-review/"))
    assert list(find_broken_invariants()) == []


def test_a_programme_that_expects_more_is_still_told_to_be_incomplete(reviewer):
    make_programme()
    Programme.objects.update(expected_commitments=3)
    publish_another(reviewer, "REV-1")
    programme = Programme.objects.get()
    assert (programme.expected_commitments, programme.history.first().history_change_reason) == (3, "published")
    assert list(find_broken_invariants()) == ["The review should hold 3 commitments and holds 1."]


def test_a_form_that_was_opened_before_does_not_put_the_old_number_back(reviewer):
    manager = Desk(make_staff("maria", "Manager"))
    make_commitment("REV-1")
    address = f"/admin/tracker/programme/{Programme.objects.get().pk}/change/"
    form = manager.open_form(address)
    publish_another(reviewer, "REV-2")
    answer = manager.post(address, form | {"_save": "1"})
    assert "rita wrote here: “2”" in read_text(answer)
    assert Programme.objects.get().expected_commitments == 2
