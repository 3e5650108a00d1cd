"""A page that lists things asks the database as much for one row as for three, and never more than ten questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
from tracker.models import Petition

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


LITERALLY = {
    "/": 10,
    "/commitments/": 8,
    "/commitments/?department=helper&supporting=on": 8,
    "/commitments/?q=do&status=in-progress&topic=everything&sort=-due_on": 8,
    "/commitments/?status=bogus": 4,
    "/changes/?since=2024-01-01": 6,
    "/changes/?since=2024-01-01&until=2024-12-31&department=department-1&programme=programme-1": 6,
    "/departments/": 4,
    "/departments/helper/": 10,
    "/programmes/": 3,
    "/topics/": 3,
    "/topics/everything/": 6,
    "/documents/": 2,
    "/petitions/": 3,
    "/log/": 2,
    "/log/?kind=status-update&before=1000": 2,
    "/log/1/": 4,
}


def test_each_list_page_asks_as_much_of_one_row_as_of_three(client):
    make_rows(1)
    of_one_row = {address: count_queries(client, address) for address in LITERALLY}
    make_rows(2, 3)
    of_three_rows = {address: count_queries(client, address) for address in LITERALLY}
    assert of_one_row == LITERALLY
    assert of_three_rows == LITERALLY


def test_no_page_asks_more_than_ten(client):
    assert max(LITERALLY.values()) <= 10
