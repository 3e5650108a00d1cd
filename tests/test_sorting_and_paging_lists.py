"""A reader sorts the list of commitments by each column, turns its pages and gets the same rows on every database."""

import pytest

from tests.examples import (
    D,
    draft_commitment,
    draft_milestone,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tests.reading import read_commitments, read_text
from tracker.filters import counting
from tracker.publishing import publish_batch

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


@pytest.fixture
def five_commitments() -> None:
    """Rows that are alike in some columns and lack a value in others."""
    for reference, title, lead, made_on, judged, due_on in (
        ("REV-1", "zebra crossings", "education", "2024-01-12", ("in-progress", "2024-03-01"), "2027-06-30"),
        ("REV-2", "Apples for all", "home-office", "2024-01-10", ("delivered", "2024-02-01"), None),
        ("REV-10", "apples for schools", "home-office", "2024-01-11", ("in-progress", "2024-02-01"), "2024-06-30"),
        ("REV-A-3", "Éclairs", "education", "2024-01-10", None, None),
        ("REV-4", "Zoos", "education", "2024-01-10", ("cannot-be-judged", "2024-04-01"), "2024-06-30"),
    ):
        commitment = make_commitment(
            reference, title=title, department=make_department(lead), made_on=D(made_on), number=len(title)
        )
        if judged:
            publish_as_approver(draft_update(commitment, judged[1], status=judged[0]))
        if due_on:
            publish_as_approver(draft_milestone(commitment, due_on))


ORDERS = {
    "reference": ["REV-1", "REV-10", "REV-2", "REV-4", "REV-A-3"],
    "-reference": ["REV-A-3", "REV-4", "REV-2", "REV-10", "REV-1"],
    "title": ["REV-2", "REV-10", "REV-1", "REV-4", "REV-A-3"],
    "-title": ["REV-A-3", "REV-4", "REV-1", "REV-10", "REV-2"],
    "department": ["REV-1", "REV-4", "REV-A-3", "REV-10", "REV-2"],
    "-department": ["REV-10", "REV-2", "REV-1", "REV-4", "REV-A-3"],
    "status": ["REV-1", "REV-10", "REV-2", "REV-4", "REV-A-3"],
    "-status": ["REV-4", "REV-2", "REV-1", "REV-10", "REV-A-3"],
    "made_on": ["REV-2", "REV-4", "REV-A-3", "REV-10", "REV-1"],
    "-made_on": ["REV-1", "REV-10", "REV-2", "REV-4", "REV-A-3"],
    "changed_on": ["REV-10", "REV-2", "REV-1", "REV-4", "REV-A-3"],
    "-changed_on": ["REV-4", "REV-1", "REV-10", "REV-2", "REV-A-3"],
    "due_on": ["REV-10", "REV-4", "REV-1", "REV-2", "REV-A-3"],
    "-due_on": ["REV-1", "REV-10", "REV-4", "REV-2", "REV-A-3"],
}


def test_each_column_sorts_both_ways_with_what_has_no_value_last_and_ties_by_reference(client, five_commitments):
    assert {sort: read_commitments(client, sort=sort).references for sort in ORDERS} == ORDERS


def test_without_an_order_the_list_is_by_reference(client, five_commitments):
    assert read_commitments(client).references == ORDERS["reference"]


@pytest.mark.parametrize("few", [counting.FEW, 0])
def test_titles_sort_alike_on_every_database_whatever_their_letters_and_their_number(client, monkeypatch, few):
    monkeypatch.setattr(counting, "FEW", few)
    for number, title in enumerate(
        ["Übung", "àpropos", "Ärger", "ärger", "a-b", "a b", "ab", "Ab", "łódź", "1st"], start=1
    ):
        make_commitment(f"REV-{number}", title=title)
    titles = ["1st", "a b", "a-b", "ab", "Ab", "Ärger", "Übung", "àpropos", "ärger", "łódź"]
    assert [row[1] for row in read_commitments(client, "sort=title").rows] == titles


def test_the_table_says_in_its_markup_what_it_shows_and_how_it_is_sorted(client, five_commitments):
    page = read_commitments(client, "sort=-made_on&status=in-progress")
    (table,) = page.find_all("table", css="register-table")
    assert read_text(table.find("./caption")) == "Commitments"
    columns = [(cell.tag, cell.get("scope"), cell.get("aria-sort"), read_text(cell)) for cell in page.columns]
    assert columns == [
        ("th", "col", "none", "Reference, sort ascending"),
        ("th", "col", "none", "Commitment, sort ascending"),
        ("th", "col", "none", "Department, sort ascending"),
        ("th", "col", "none", "Status, sort ascending"),
        ("th", "col", "none", "Since, sort ascending"),
        ("th", "col", "descending", "Made▼, sort ascending"),
        ("th", "col", "none", "Due, sort ascending"),
    ]
    assert [(row[0].tag, row[0].get("scope")) for row in table.findall("./tbody/tr")] == [("th", "row")] * 2
    (up,) = [
        cell.get("aria-sort") for cell in read_commitments(client, "sort=made_on").columns if "▲" in read_text(cell)
    ]
    assert up == "ascending"


def test_the_heads_of_the_columns_lead_to_the_same_question_in_another_order(client, five_commitments):
    page = read_commitments(client, "status=in-progress&sort=-made_on&page=1")
    heads = [cell.find("./a").attrib["href"] for cell in page.columns]
    assert heads == [
        "?status=in-progress&sort=reference",
        "?status=in-progress&sort=title",
        "?status=in-progress&sort=department",
        "?status=in-progress&sort=status",
        "?status=in-progress&sort=changed_on",
        "?status=in-progress&sort=made_on",
        "?status=in-progress&sort=due_on",
    ]


@pytest.mark.parametrize("name", ["password", "-password", "department__name", "pk", "--title", "?", "current_update"])
def test_an_unknown_order_is_said_to_be_unknown(client, five_commitments, name):
    page = read_commitments(client, sort=name)
    assert page.notes == [f"The list cannot be sorted by “{name}”."]
    assert page.references == ORDERS["reference"]


@pytest.fixture
def fifty_two_commitments() -> list[str]:
    facts = {
        "programme": make_programme(),
        "department": make_department(),
        "source_document": make_document(),
        "made_on": D("2024-01-10"),
    }
    drafts = [draft_commitment(f"REV-{number}", **facts) for number in range(101, 153)]
    publish_batch("Commitments", {}, drafts)
    return [draft.reference for draft in drafts]


def test_a_page_has_25_rows_and_the_pages_have_every_row_once(client, fifty_two_commitments):
    pages = [read_commitments(client, page=number) for number in (1, 2, 3)]
    assert [len(page.references) for page in pages] == [25, 25, 2]
    assert [reference for page in pages for reference in page.references] == fifty_two_commitments
    assert {page.counted for page in pages} == {52}
    assert ["Showing 26 to 50 of 52" in page.main for page in pages] == [False, True, False]


@pytest.mark.parametrize("sort", ["made_on", "-made_on", "status", "-due_on", "department"])
def test_pages_of_rows_that_are_all_alike_miss_none(client, fifty_two_commitments, sort):
    pages = [read_commitments(client, page=number, sort=sort) for number in (1, 2, 3)]
    assert [reference for page in pages for reference in page.references] == fifty_two_commitments


def test_the_size_of_a_page_may_be_chosen_up_to_100(client, fifty_two_commitments):
    publish_batch("More commitments", {}, [draft_commitment(f"REV-{number}") for number in range(201, 251)])
    asked = ["10", "100", "101", "100000", "9" * 21, "0", "-5", "ten", "1e9", "2.5"]
    sizes = {size: len(read_commitments(client, per_page=size).references) for size in asked}
    assert sizes == {
        "10": 10,
        "100": 100,
        "101": 100,
        "100000": 100,
        "9" * 21: 100,
        "0": 25,
        "-5": 1,
        "ten": 25,
        "1e9": 25,
        "2.5": 25,
    }


@pytest.mark.parametrize(
    ("asked", "note", "first"),
    [
        ("4", "There is no page “4”. This is page 3 of 3.", "REV-151"),
        ("999999", "There is no page “999999”. This is page 3 of 3.", "REV-151"),
        ("9" * 21, "There is no page “99999999999999999999”. This is page 3 of 3.", "REV-151"),
        ("0", "There is no page “0”. This is page 3 of 3.", "REV-151"),
        ("-1", "There is no page “-1”. This is page 3 of 3.", "REV-151"),
        ("two", "There is no page “two”. This is page 1 of 3.", "REV-101"),
        ("2.5", "There is no page “2.5”. This is page 1 of 3.", "REV-101"),
    ],
)
def test_a_page_that_is_not_there_is_answered_with_one_that_is(client, fifty_two_commitments, asked, note, first):
    page = read_commitments(client, page=asked)
    assert (page.notes, page.references[0], page.counted) == ([note], first, 52)


def test_the_links_between_pages_keep_the_question(client, fifty_two_commitments):
    page = read_commitments(client, "status=not-yet-checked&sort=-reference&page=2")
    (box,) = page.find_all("nav", css="govuk-pagination")
    links = [
        (link.get("aria-label") or read_text(link), link.get("aria-current"), link.get("href"))
        for link in box.iter("a")
    ]
    question = "?status=not-yet-checked&sort=-reference&page="
    assert links == [
        ("Previous page", None, f"{question}1"),
        ("Page 1", None, f"{question}1"),
        ("Page 2", "page", f"{question}2"),
        ("Page 3", None, f"{question}3"),
        ("Next page", None, f"{question}3"),
    ]


def test_a_list_on_one_page_has_no_links_between_pages(client, five_commitments):
    page = read_commitments(client)
    assert page.find_all("nav", css="govuk-pagination") == []
