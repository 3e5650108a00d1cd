"""A reader asks where the register is least sure: gaps in the evidence, and claims that differ from what we found."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.examples import draft_document, draft_update, make_commitment, publish_as_approver
from tests.reading import Page, read_commitments, read_page, read_text
from tests.sections import read_section
from tests.seven import find, make_seven_commitments
from tracker.models import Evidence
from tracker.querysets import Gap

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

WAITING = "Gap in the evidence: Not checked for 180 days"
CHECKED = [
    ("2026-05-24", "in-progress", True),
    ("2026-05-24", "cannot-be-judged", True),
    ("2026-05-25", "in-progress", False),
    ("2026-05-24", "delivered", False),
    ("2026-05-24", "will-not-be-done", False),
]


@pytest.fixture
def seven(db: None) -> None:
    make_seven_commitments()


def claim(reference: str, status: str, as_of: str) -> None:
    update = draft_update(
        find(reference), as_of, status=status, basis="claim", reason="The minister said so in an answer."
    )
    publish_as_approver(update)


def judge_by(reference: str, status: str, as_of: str, **facts: Any) -> None:
    document = publish_as_approver(draft_document(f"shows-{reference}".lower(), **facts))
    evidence = {"document": document, "records_completion": True}
    publish_as_approver(draft_update(find(reference), as_of, status=status, evidence=evidence))


def read_gaps(client: Client, question: str = "") -> dict[str, list[str]]:
    """Return the references in each gap; its count is asserted to be that of the page and of the list it leads to."""
    page = read_page(client, f"/evidence-gaps/?{question}".rstrip("?"))
    found = {}
    for gap in Gap:
        (section,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == gap.value]
        links = [link.attrib["href"] for link in section.iter("a") if "gap=" in link.attrib["href"]]
        found[gap.value] = read_page(client, links[0]).references if links else []
        assert read_text(section.find("./h2")) == f"{gap.label}: {len(found[gap.value])}"
        assert [read_text(row[0]) for row in section.findall(".//tbody/tr")] == found[gap.value]
    return found


def read_differences(page: Page) -> list[list[str]]:
    return [[row[0], row[3], row[4]] for row in page.rows]


def test_each_gap_lists_what_is_in_it_and_leads_to_the_same_list(client, seven):
    judge_by("REV-2", "delivered", "2025-01-02", strength="moderate")
    judge_by("ACT-2", "partly-delivered", "2026-11-01", origin="official-copy", published_on="2026-11-01")
    assert read_gaps(client) == {
        "unproven": ["REV-2"],
        "weak": ["ACT-1"],
        "copies": ["ACT-2"],
        "unchecked": ["REV-3"],
    }


@pytest.mark.parametrize(("as_of", "status", "waits"), CHECKED)
def test_what_is_open_and_was_not_looked_at_for_180_days_waits_to_be_checked(client, as_of, status, waits):
    # Nobody wrote it here, so it was checked on the day on which it was true.
    publish_as_approver(draft_update(make_commitment(), as_of, status=status, author=None))
    waiting = ["REV-1"] if waits else []
    assert (read_gaps(client)["unchecked"], read_commitments(client, "gap=unchecked").references) == (waiting, waiting)


def test_gaps_are_those_of_the_chosen_departments_and_of_the_day(client, seven):
    judge_by("REV-2", "delivered", "2025-01-02", strength="moderate")
    assert read_gaps(client, "department=home-office")["unproven"] == ["REV-2"]
    assert read_gaps(client, "department=education&department=justice") == {
        "unproven": [],
        "weak": ["ACT-1"],
        "copies": [],
        "unchecked": ["REV-3"],
    }
    assert read_gaps(client, "on=2025-01-01")["unproven"] == []
    assert read_gaps(client, "on=2025-07-01")["weak"] == ["ACT-1"]
    assert read_gaps(client, "known=2026-11-20") == {gap.value: [] for gap in Gap}


def test_a_commitment_that_rests_on_a_copy_and_on_the_record_itself_is_in_no_gap(client):
    copy = publish_as_approver(draft_document("the-copy", origin="official-copy"))
    update = draft_update(make_commitment())
    Evidence.objects.create(status_update=update, document=copy, note="Says the same.")
    publish_as_approver(update)
    assert read_gaps(client) == {"unproven": [], "weak": [], "copies": [], "unchecked": []}


def test_a_difference_stands_with_what_is_claimed_beside_what_we_found(client, seven):
    claim("REV-1", "delivered", "2025-01-01")
    claim("REV-2", "delivered", "2025-01-01")  # says the same as we do
    claim("REV-3", "delivered", "2025-01-01")  # which we have not checked
    page = read_page(client, "/differences/")
    assert (page.counted, page.count_sentence) == (1, "1 difference")
    assert read_differences(page) == [["REV-1", "Delivered 1 January 2025", "In progress 1 March 2024"]]
    (link,) = page.links_named("REV-1")
    two_views = read_section(read_page(client, link), "two-views")
    assert two_views.startswith("Claimed and found The two differ. All such differences Our assessment In progress")
    (rest,) = page.links_named("Filter and sort these in the list of commitments")
    assert (rest, read_page(client, rest).references) == ("/commitments/?claim_differs=on", ["REV-1"])
    (sheet,) = page.links_named("Commitments (CSV)")
    assert sheet == "/commitments.csv?claim_differs=on"


def test_differences_are_those_of_the_chosen_departments_and_of_the_day(client, seven):
    claim("REV-1", "delivered", "2025-01-01")
    claim("ACT-2", "delivered", "2025-09-01")
    assert read_page(client, "/differences/").references == ["ACT-2", "REV-1"]
    assert read_page(client, "/differences/?department=education").references == ["ACT-2"]
    assert read_page(client, "/differences/?department=education&department=home-office").counted == 2
    assert read_page(client, "/differences/?on=2025-08-31").references == ["REV-1"]
    assert read_page(client, "/differences/?on=2024-12-31").counted == 0
    assert read_page(client, "/differences/?known=2026-11-20").counted == 0
    assert read_page(client, "/differences/?department=justice").counted == 0


def test_a_register_without_differences_says_what_that_does_not_mean(client, seven):
    page = read_page(client, "/differences/")
    assert (page.counted, page.rows) == (0, [])
    assert "That does not mean that every body agrees with us" in page.main


@pytest.mark.parametrize("path", ["/differences/", "/evidence-gaps/"])
@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("department=bogus", "“bogus” is not one of the choices of “Department”."),
        ("status=delivered", "“status” is not a filter of this page. Remove it from the address."),
        ("page=2", "“page” is not a filter of this page. Remove it from the address."),
    ],
)
def test_a_question_that_is_not_understood_is_refused_in_a_sentence(client, seven, path, question, message):
    page = read_page(client, f"{path}?{question}", status=400)
    assert (page.errors, page.counted, page.rows) == ([message], 0, [])


def test_the_list_can_be_asked_for_gaps_and_differences_with_every_other_filter(client, seven):
    claim("REV-1", "delivered", "2025-01-01")
    page = read_commitments(client, "gap=weak&gap=unchecked&department=justice")
    assert (page.references, list(page.tags)) == (
        ["ACT-1"],
        ["Department: Justice", "Gap in the evidence: Weak evidence only", WAITING],
    )
    page = read_commitments(client, "claim_differs=on&status=in-progress")
    assert (page.references, ("claim_differs", "on") in page.ticked) == (["REV-1"], True)
    assert read_commitments(client, "gap=bogus").errors == [
        "“bogus” is not one of the choices of “Gap in the evidence”."
    ]
    assert read_commitments(client, "claim_differs=x").errors == ["“claim_differs” is either on or off."]


def test_both_pages_ask_as_much_of_one_row_as_of_three(client):
    counts = []  # of a first time and of another
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            make_commitment(f"REV-{number}")
            publish_as_approver(draft_update(find(f"REV-{number}"), author=None))
            claim(f"REV-{number}", "delivered", "2025-01-01")
        for path in ("/differences/", "/evidence-gaps/") * 2:
            with CaptureQueriesContext(connection) as queries:
                read_page(client, path)
            counts.append(len(queries))
    assert counts == [9, 5, 4, 5] * 2
