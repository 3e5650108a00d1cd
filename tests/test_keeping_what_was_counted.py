"""What was counted is kept until the register or the day changes, and never told of another register."""

import datetime as dt
from sys import getsizeof

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.examples import draft_response, draft_update, make_commitment, publish_as_approver
from tests.migrating import migrate
from tests.reading import read_commitments
from tracker import keeping
from tracker.auditing import find_broken_invariants
from tracker.filters import Counting, counting
from tracker.models import Commitment, LogHead

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


def keep(name: str, found: object) -> object:
    return keeping.Version().keep(name, lambda: found)


def test_what_was_found_for_a_version_is_found_again():
    make_commitment()
    assert [keep("counted", 1), keep("counted", 2), keep("counted otherwise", 3)] == [1, 1, 3]


def test_a_publication_is_counted_at_once(client: Client):
    commitment = make_commitment("REV-1")
    assert (read_commitments(client).counted, read_commitments(client).counts["status"]["in-progress"]) == (1, 0)
    publish_as_approver(draft_update(commitment, status="in-progress"))
    make_commitment("REV-2")
    assert (read_commitments(client).counted, read_commitments(client).counts["status"]["in-progress"]) == (2, 1)


def test_a_publication_that_was_taken_back_leaves_nothing(client: Client):
    make_commitment("REV-1")
    assert read_commitments(client).counted == 1
    with transaction.atomic():
        make_commitment("REV-2")
        assert read_commitments(client).counted == 2  # as a preview shows it
        transaction.set_rollback(True)
    assert read_commitments(client).counted == 1
    make_commitment("REV-3")
    assert read_commitments(client).references == ["REV-1", "REV-3"]


def test_a_day_later_dates_are_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    make_commitment()
    assert keep("overdue", 1) == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC))
    assert keep("overdue", 2) == 2


def test_no_more_is_kept_than_the_limit_and_what_was_asked_for_last_stays(monkeypatch: pytest.MonkeyPatch):
    make_commitment()
    monkeypatch.setattr(keeping, "LIMIT", 3)
    for number in range(3):
        keep(f"question {number}", number)
    keep("question 0", "again")
    keep("question 3", 3)
    assert [keep("question 0", "anew"), keep("question 2", "anew"), keep("question 1", "anew")] == [0, 2, "anew"]


def test_what_is_large_is_kept_up_to_so_many_bytes(monkeypatch: pytest.MonkeyPatch):
    make_commitment()
    monkeypatch.setattr(keeping, "LARGE", 2 * getsizeof(bytes(1000)))

    def keep_large(name: str, size: int) -> int:
        return len(keeping.Version().keep_large(name, lambda: bytes(size)))

    for size in (1000, 999, 998):
        keep_large(f"roll of {size}", size)
    assert [keep_large(f"roll of {size}", 1) for size in (998, 999, 1000)] == [998, 999, 1]
    assert [keep_large("too large", size) for size in (3000, 2999)] == [3000, 2999]


def test_the_roll_of_today_makes_room_for_no_other_and_each_roll_tells_its_size(client: Client):
    make_commitment()
    read_commitments(client, "on=2026-11-20")
    for number in range(40):
        keeping.Version().keep_large(f"mask {number}", lambda: bytes(1_000_000))
    with CaptureQueriesContext(connection) as queries:
        roll = Counting(Commitment.objects.all(), keeping.Version(), dt.date(2026, 11, 21)).roll
    assert (len(queries), len(roll.keys)) == (1, 1)  # the version alone
    parts = (roll.keys, roll.present, *(part for each in roll.columns.values() for part in (each.text, each.codes)))
    assert getsizeof(roll) >= sum(map(getsizeof, parts))
    assert keeping._large.weight <= keeping.LARGE


def test_a_roll_that_is_read_in_pieces_is_the_same(client: Client, monkeypatch: pytest.MonkeyPatch):
    for number in (3, 1, 10, 2, 5):
        publish_as_approver(draft_update(make_commitment(f"REV-{number}"), status="in-progress"))
    whole = [read_commitments(client, question) for question in ("", "on=2026-11-20")]
    for piece in (1, 2, 5):
        keeping.forget()
        monkeypatch.setattr(counting, "PIECE", piece)
        monkeypatch.setattr(counting, "WHOLE", 0)
        pieces = [read_commitments(client, question) for question in ("", "on=2026-11-20")]
        assert [(page.references, page.counts) for page in pieces] == [(page.references, page.counts) for page in whole]
    assert whole[0].references == ["REV-1", "REV-10", "REV-2", "REV-3", "REV-5"]


def test_the_version_is_looked_up_once_for_a_request():
    make_commitment()
    version = keeping.Version()
    with CaptureQueriesContext(connection) as queries:
        for name in ("one", "two", "three"):
            version.keep(name, lambda: None)
    assert len(queries) == 1


def test_a_register_without_a_log_keeps_things_apart_from_one_with_it():
    assert not LogHead.objects.exists()
    assert keep("counted", 0) == 0
    make_commitment()
    assert keep("counted", 1) == 1


@pytest.mark.django_db(transaction=True)
def test_the_way_back_and_forth_works_out_again_what_is_counted(transactional_db: None):
    commitment = make_commitment("REV-1")
    publish_as_approver(draft_update(commitment, status="in-progress"))
    publish_as_approver(draft_response(commitment, answer="accepted"))
    migrate("0008_welsh_words")
    migrate()
    stands = Commitment.objects.values_list("current_status", "current_strength", "current_answer")
    assert list(stands) == [("in-progress", "strong", "accepted")]
    assert list(find_broken_invariants()) == []
