"""A page that lists things asks the database as much for one row as for three, and never more than twelve questions."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

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
from tests.reading import read_page
from tests.seven import make_topic
from tracker import keeping
from tracker.answers import Question
from tracker.models import Petition
from tracker.moments import read_moment

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


def make_rows(*numbers: int) -> None:
    """Make one of each noun for each number, joined with each other."""
    for number in numbers:
        commitment = make_commitment(
            f"REV-{number}",
            department=make_department(f"department-{number}"),
            programme=make_programme(f"programme-{number}"),
        )
        commitment.supporting.set([make_department("helper")])
        commitment.topics.set([make_topic("everything"), make_topic(f"topic-{number}")])
        publish_as_approver(draft_response(commitment))
        publish_as_approver(draft_milestone(commitment, "2026-12-01"))
        publish_as_approver(draft_update(commitment, evidence={"document": make_document(f"document-{number}")}))
        petition = Petition.objects.create(
            number=number,
            title="A petition",
            document=make_document(),
            state="closed",
            outcome="partly-met",
            ask="Do it.",
        )
        publish_as_approver(petition)
        petition.commitments.add(commitment)


def count_queries(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = read_page(client, address)
    assert len(page.headings) == 1
    return len(queries)


# How many queries each address costs when nobody asked since the register changed, and when somebody did.
LITERALLY = {
    "/": (12, 5),
    "/commitments/": (10, 3),
    "/commitments/?department=helper&supporting=on": (11, 3),
    "/commitments/?q=do&status=in-progress&topic=everything&sort=-due_on": (11, 3),
    "/commitments/?status=bogus": (6, 2),
    "/changes/?since=2024-01-01": (10, 7),
    "/changes/?since=2024-01-01&until=2024-12-31&department=department-1&programme=programme-1": (10, 7),
    "/departments/": (8, 3),
    "/departments/helper/": (12, 11),
    "/programmes/": (7, 3),
    "/topics/": (9, 3),
    "/topics/everything/": (8, 7),
    "/documents/": (3, 3),
    "/petitions/": (5, 4),
    "/log/": (4, 4),
    "/log/?kind=status-update&before=1000": (4, 4),
    "/log/1/": (5, 5),
}


def count_each(client) -> dict[str, tuple[int, int]]:
    counted = {}
    for address in LITERALLY:
        keeping.forget()
        counted[address] = (count_queries(client, address), count_queries(client, address))
    return counted


def test_each_list_page_asks_as_much_of_one_row_as_of_three(client):
    make_rows(1)
    of_one_row = count_each(client)
    make_rows(2, 3)
    of_three_rows = count_each(client)
    assert of_one_row == LITERALLY
    assert of_three_rows == LITERALLY


def test_another_question_to_a_list_asks_five_times_at_most(client):
    make_rows(1, 2, 3)
    count_queries(client, "/commitments/")
    questions = ["department=helper&supporting=on", "q=do&status=in-progress&topic=everything&sort=-due_on"]
    assert [count_queries(client, f"/commitments/?{question}") for question in questions] == [5, 5]


def test_why_rows_were_found_is_asked_for_all_of_them_at_once(client):
    make_rows(1, 2, 3)
    count_queries(client, "/commitments/")
    assert [count_queries(client, f"/commitments/?q={word}") for word in ("do", "document", "everything")] == [5, 6, 8]


def test_no_page_asks_more_than_twelve(client):
    assert max(first for first, _again in LITERALLY.values()) <= 12


@pytest.mark.parametrize(
    ("question", "first", "again"),
    [
        ("", 2, 0),
        ("status=in-progress&topic=everything", 2, 0),
        ("on=2026-11-20&supporting=on&topic=everything", 4, 0),
        ("department=helper&supporting=on&q=do", 4, 0),
    ],
)
def test_counts_and_total_ask_four_times_at_most(question, first, again):
    """The roll, on a past day the standings beside it, each of its lists, and what was searched for."""
    make_rows(1, 2, 3)
    assert [count_queries_of_counting(text) for text in (question, f"{question}&kind=fund")] == [first, again]


def count_queries_of_counting(question: str) -> int:
    query = QueryDict(question)
    asked = Question(query, read_moment(query, today=timezone.localdate())).filterset
    assert asked.is_valid()
    for name in asked.filters:
        asked.say(name)  # reads the version and what is offered, which is not counting
    with CaptureQueriesContext(connection) as queries:
        asked.count()
        asked.count_choices()
    return len(queries)
