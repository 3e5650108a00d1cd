"""A reader opens the home page of a small or empty register and sees only what is known."""

import pytest

from tests.examples import draft_milestone, make_commitment, publish_as_approver
from tests.reading import read_page, read_text
from tests.seven import make_seven_commitments

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


def read_entries(client, section):
    page = read_page(client, "/")
    (found,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == section]
    return [read_text(entry) for entry in found.iter("li")]


def test_an_empty_register_says_so_in_sentences(client):
    page = read_page(client, "/")
    assert "A public record of 0 commitments" in page.main
    assert read_entries(client, "changed") == ["Nothing has been published yet."]
    assert read_entries(client, "due") == ["No date has passed and none falls in the next 60 days."]
    assert read_entries(client, "programmes") == read_entries(client, "departments") == []


def test_what_is_not_yet_checked_or_cannot_be_judged_is_counted_apart(client):
    make_seven_commitments()
    page = read_page(client, "/")
    assert "Of 7 commitments, 5 have a judgement. 1 of those is delivered." in page.main
    numbers = {
        read_text(table.find("./caption")): {
            read_text(row[0]): read_text(row[1]) for row in table.findall("./tbody/tr")
        }
        for table in page.find_all("table")
    }
    assert numbers == {
        "Commitments with a judgement": {
            "Delivered": "1",
            "Delivered another way": "0",
            "Partly delivered": "1",
            "In progress": "2",
            "Not started": "0",
            "Not delivered": "0",
            "Will not be done": "0",
            "Replaced": "1",
            "All with a judgement": "5",
        },
        "Counted apart": {"Cannot be judged": "1", "Not yet checked": "1"},
    }
    widths = [float(part.attrib["width"]) for part in page.find_all("svg", css="status-bar")[0].iter("rect")]
    assert widths == [20, 20, 40, 20]


def test_only_programmes_and_departments_with_commitments_have_a_bar(client):
    make_seven_commitments()
    assert read_entries(client, "departments") == [
        "Education Partly delivered: 1 of 1 2 commitments: 1 partly delivered, 1 not yet checked",
        "Home Office Delivered: 1 of 2In progress: 1 of 2 "
        "3 commitments: 1 delivered, 1 in progress, 1 cannot be judged",
        "Justice In progress: 1 of 2Replaced: 1 of 2 2 commitments: 1 in progress, 1 replaced",
    ]


def test_what_changed_lately_is_newest_first_with_its_status_in_words(client):
    make_seven_commitments()
    assert read_entries(client, "changed") == [
        "Review the old cases 4 July 2025 Replaced ACT-4",
        "Publish the data each year 3 July 2025 Cannot be judged ACT-3",
        "Pay for local inquiries 2 July 2025 Partly delivered ACT-2",
        "Make reporting a duty 1 July 2025 In progress ACT-1",
        "Write to every school 10 June 2024 Delivered REV-2",
        "Open a helpline for children 1 March 2024 In progress REV-1",
    ]


def test_what_is_due_soon_stands_before_what_is_overdue(client):
    make_seven_commitments()
    assert read_entries(client, "due") == [
        "Train every teacher Due soon due by 21 November 2026 REV-3",
        "Make reporting a duty Due soon due by 20 January 2027 ACT-1",
        "Open a helpline for children Overdue was due by 20 November 2026 REV-1",
    ]


def test_what_is_due_soon_ends_with_a_link_to_the_rest(client):
    for number in range(1, 9):
        publish_as_approver(draft_milestone(make_commitment(f"REV-{number}"), f"2026-12-0{number}"))
    assert len(read_entries(client, "due")) == 8
    publish_as_approver(draft_milestone(make_commitment("REV-9"), "2026-12-09"))
    entries = read_entries(client, "due")
    assert entries[7:] == [
        "Do what REV-8 says Due soon due by 8 December 2026 REV-8",
        "All commitments that are due in 60 days",
    ]
    (rest,) = read_page(client, "/").links_named("All commitments that are due in 60 days")
    assert read_page(client, rest).references == [f"REV-{number}" for number in range(1, 10)]


def test_the_search_box_asks_the_list(client):
    page = read_page(client, "/")
    (form,) = (form for form in page.find_all("form") if form.get("role") == "search")
    assert (form.get("action"), form.get("method")) == ("/commitments/", "get")
    assert [box.get("name") for box in form.iter("input")] == ["q"]
