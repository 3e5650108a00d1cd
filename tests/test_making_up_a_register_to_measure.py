"""The register that the bench makes up is one that the verbs could have left: what is measured on it is the truth."""

import random
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.bench.filling import fill
from tests.bench.questions import Asker
from tests.bench.register import DEPARTMENTS, FULL, PROGRAMMES, Size, choose_size
from tests.bench.texts import Texts, read_texts
from tracker import auditing
from tracker.filters import MOMENT, SHAPING, CommitmentFilter
from tracker.models import Commitment, Department, Evidence, Programme, StatusUpdate

# The others are about the log, which it leaves empty, and about what an editor may claim.
KEPT = [
    auditing.check_pointers_agree_with_history,
    auditing.check_standings_agree_with_history,
    auditing.check_milestones_agree_with_their_updates,
    auditing.check_milestone_dates_are_possible,
    auditing.check_programmes_are_complete,
    auditing.check_nothing_public_rests_on_a_draft,
    auditing.check_no_partisan_document_is_cited,
    auditing.check_lead_departments_do_not_support_themselves,
    auditing.check_numbers_have_no_gaps,
    auditing.check_the_database_guards_history,
    auditing.check_the_search_is_up_to_date,
]


@pytest.mark.usefixtures("empty_register")
def test_what_is_made_up_is_what_the_verbs_would_have_left():
    fill(Size(60))

    assert [sentence for invariant in KEPT for sentence in invariant()] == []
    assert (Commitment.objects.published().count(), Department.objects.count()) == (60, DEPARTMENTS)
    assert Programme.objects.count() == PROGRAMMES
    assert (StatusUpdate.objects.count(), Evidence.objects.count()) == (59 * 4 + 8, 59 * 6 + 12)
    full = StatusUpdate.objects.filter(commitment__reference=f"BIG-{FULL}")
    assert (full.count(), Evidence.objects.filter(status_update__in=full).count()) == (8, 12)


@pytest.mark.usefixtures("empty_register")
def test_the_largest_have_an_update_and_a_citation_each():
    fill(Size(30, updates=1, citations=1))

    assert [sentence for invariant in KEPT for sentence in invariant()] == []
    assert (StatusUpdate.objects.count(), Evidence.objects.count()) == (29 + 8, 29 + 12)


@pytest.mark.usefixtures("empty_register")
def test_its_words_are_found_and_the_next_row_has_a_key_of_its_own():
    fill(Size(60))
    found = Commitment.objects.published().rank_matches("children")

    assert 20 < sum(map(len, found.values())) < 60
    assert StatusUpdate.objects.create(commitment_id=1, status="in-progress", as_of="2026-01-01").pk > 59 * 4 + 8


def test_the_same_seed_writes_the_same_and_another_does_not():
    first, again, other = (Texts(random.Random(seed)) for seed in (1, 1, 2))  # noqa: S311

    assert first.write("reason", ".") == again.write("reason", ".") != other.write("reason", ".")


def test_texts_have_the_lengths_of_those_in_the_files():
    texts = Texts(random.Random(1))  # noqa: S311
    longest = max(len(text.split()) for kind, text in read_texts() if kind == "summary")
    written = [len(texts.write("summary").split()) for _ in range(200)]

    assert min(written) > 5
    assert longest / 2 < max(written) < 1.5 * longest


@pytest.mark.usefixtures("loaded_register")
def test_the_generated_questions_are_of_every_filter_and_the_same_every_time():
    asked = list(Asker(102).ask_all(400))
    names = {name for address in asked for name, _ in parse_qsl(urlsplit(address).query)}

    assert asked == list(Asker(102).ask_all(400))
    assert names == {*CommitmentFilter.base_filters, *MOMENT, *SHAPING, "since"}


def test_from_half_a_million_on_each_has_less():
    assert choose_size(100_000) == Size(100_000, updates=4, citations=6)
    assert choose_size(1_000_000) == Size(1_000_000, updates=1, citations=1)
