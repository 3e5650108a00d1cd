"""A reader sets two to four departments, programmes or topics side by side; each number says of how many it is."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.examples import draft_commitment, make_commitment, make_department, publish_as_approver
from tests.reading import Page, read_commitments, read_page, read_text
from tests.seven import find, make_seven_commitments
from tracker import keeping

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

TWO = "department=home-office&department=education"


@pytest.fixture
def seven(db: None) -> None:
    make_seven_commitments()


def read_table(page: Page, number: int) -> dict[str, list[str]]:
    """Return the cells of one of the two tables by the word that opens their row, without those that nobody has."""
    table = page.find_all("table", css="compared")[number]
    rows = {read_text(row[0]): [read_text(cell) for cell in row[1:]] for row in table.findall("./tbody/tr")}
    return {word: cells for word, cells in rows.items() if any(not cell.startswith("0") for cell in cells)}


def read_bases(page: Page) -> dict[str, str]:
    """Return what stands under the name of each side."""
    tiles = page.find_all("li", css="tile")
    return {read_text(tile.find("./h2")): read_text(tile.find("./p[@class='tile__note']")) for tile in tiles}


def test_two_departments_stand_side_by_side_with_their_bases(client, seven):
    page = read_page(client, f"/compare/?{TWO}")
    assert read_bases(page) == {
        "Home Office": "2 of 3 with a judgement; 1 cannot be judged; 0 not yet checked",
        "Education": "1 of 2 with a judgement; 0 cannot be judged; 1 not yet checked",
    }
    assert read_table(page, 0) == {
        "Delivered": ["1 of 2 (50%)", "0 of 1"],
        "Partly delivered": ["0 of 2", "1 of 1 (100%)"],
        "In progress": ["1 of 2 (50%)", "0 of 1"],
        "Cannot be judged (counted apart)": ["1", "0"],
        "Not yet checked (counted apart)": ["0", "1"],
    }


def test_what_was_not_yet_checked_is_in_no_share_of_the_dates(client, seven):
    assert read_table(read_page(client, f"/compare/?{TWO}"), 1) == {
        "Overdue": ["1 of 3 (33%)", "0 of 1"],
        "Not due yet": ["1 of 3 (33%)", "0 of 1"],
        "Met on time": ["1 of 3 (33%)", "0 of 1"],
        "Met late": ["0 of 3", "1 of 1 (100%)"],
    }


@pytest.mark.parametrize("question", [TWO, "programme=the-act&programme=the-review", "topic=schools&topic=policing"])
@pytest.mark.parametrize("moment", ["", "&on=2025-07-01", "&on=2026-01-01&known=2026-11-21"])
def test_each_number_leads_to_as_many_commitments(client, seven, question, moment):
    page = read_page(client, f"/compare/?{question}{moment}")
    links = [link for table in page.find_all("table", css="compared") for link in table.iter("a")]
    assert len(links) > 3
    for link in links:
        _, _, asked = link.attrib["href"].partition("?")
        assert read_commitments(client, asked).counted == int(read_text(link).split()[0])


def test_the_bars_have_the_numbers_of_the_tables(client, seven):
    bars = read_page(client, f"/compare/?{TWO}").find_all("svg", css="status-bar")
    assert [bar.attrib["aria-label"] for bar in bars] == [
        "Home Office: 1 delivered, 1 in progress",
        "Home Office, dates: 1 overdue, 1 not due yet, 1 met on time",
        "Education: 1 partly delivered",
        "Education, dates: 1 met late",
    ]


def test_no_percentage_stands_without_its_base(client, seven):
    text = read_page(client, "/compare/?programme=the-act&programme=the-review").main
    assert len(re.findall(r"\d+%", text)) == len(re.findall(r"\d+ of \d+ \(\d+%\)", text)) > 0


def test_a_past_day_is_compared_as_it_was(client, seven):
    page = read_page(client, f"/compare/?{TWO}&on=2024-06-09")
    assert read_bases(page) == {
        "Home Office": "1 of 2 with a judgement; 0 cannot be judged; 1 not yet checked",
        "Education": "0 of 1 with a judgement; 0 cannot be judged; 1 not yet checked",
    }


def test_what_did_not_exist_on_the_day_is_said(client, seven):
    page = read_page(client, "/compare/?programme=the-act&programme=the-review&on=2024-01-09", status=400)
    assert page.errors == ["Not everything you chose existed on 9 January 2024. Choose another day."]


def test_nothing_chosen_offers_all_there_is(client, seven):
    page = read_page(client, "/compare/")
    assert [(name, value) for name, value in list_offered(page) if name == "topic"] == [
        ("topic", "policing"),
        ("topic", "schools"),
    ]
    assert page.ticked == [] == page.find_all("table")


def list_offered(page: Page) -> list[tuple[str, str]]:
    boxes = [box for choice in page.find_all("label", css="filter-choice") for box in choice.iter("input")]
    return [(box.attrib["name"], box.attrib["value"]) for box in boxes]


def test_one_chosen_asks_for_more(client, seven):
    page = read_page(client, "/compare/?department=home-office")
    assert page.notes == ["You have chosen one department. Choose one to three more, and then “Compare”."]
    assert (page.ticked, page.find_all("table")) == ([("department", "home-office")], [])


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("department=home-office&topic=schools", "Compare one kind at a time: departments, or programmes, or topics."),
        ("department=home-office&department=bogus", "“bogus” is not one of the choices of “Departments”."),
        ("&".join(f"department=body-{n}" for n in range(1, 6)), "Choose at most 4 to compare. You chose 5."),
        (f"{TWO}&status=delivered", "“status” is not a filter of this list. Remove it from the address."),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(client, seven, question, message):
    for number in range(1, 6):
        make_department(f"body-{number}")
    page = read_page(client, f"/compare/?{question}", status=400)
    assert (page.errors, page.find_all("table")) == ([message], [])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/departments/", "Compare two to four departments"),
        ("/programmes/", "Compare two to four programmes"),
        ("/topics/", "Compare two to four topics"),
        ("/departments/home-office/", "Compare with others"),
        ("/programmes/the-act/", "Compare with others"),
        ("/topics/schools/", "Compare with others"),
    ],
)
def test_every_list_and_page_that_is_compared_leads_there(client, seven, address, words):
    (link,) = read_page(client, address).links_named(words)
    room, *slugs = address.strip("/").split("/")
    assert read_page(client, link).ticked == [(room.removesuffix("s"), slug) for slug in slugs]


def test_four_cost_as_many_queries_as_two(client):
    for number in range(1, 5):
        publish_as_approver(draft_commitment(f"REV-{number}", department=make_department(f"body-{number}")))
    counts = []
    for chosen in (2, 4):
        keeping.forget()
        with CaptureQueriesContext(connection) as queries:
            read_page(client, "/compare/?" + "&".join(f"department=body-{n}" for n in range(1, chosen + 1)))
        counts.append(len(queries))
    assert counts == [8, 8]


def test_a_topic_shows_which_department_promised_what(client, seven):
    find("REV-2").supporting.clear()
    make_commitment("REV-8", department=make_department("justice")).topics.set(find("REV-3").topics.all())
    page = read_page(client, "/topics/schools/")
    (table,) = page.find_all("table", css="register-table")
    rows = [[read_text(cell) for cell in row] for row in table.findall("./tbody/tr")]
    assert [row if len(row) == 1 else [row[0], row[2], row[3]] for row in rows] == [
        ["Education"],
        ["REV-3", "Home Secretary", "Not yet checked"],
        ["Home Office"],
        ["REV-2", "Home Secretary", "Delivered"],
        ["Justice"],
        ["REV-8", "Home Secretary", "Not yet checked"],
    ]
