"""A reader uses a keyboard alone or a screen reader; and the accessibility statement says truly what was tested."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from tests import pages
from tests.pages import ALL_PAGES, EVERY_KIND, CommitmentListPage, CommitmentPage, HomePage
from tests.reading import Page, read_page, read_text
from tracker.accessibility import CHECKS, KINDS, TESTED_ON, WIDTHS

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]

TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site}


# --- The statement ---------------------------------------------------------------------------


def test_the_statement_prints_the_list_that_the_tests_work_from(client, db):
    text = read_page(client, "/accessibility/").main
    assert [words for words in (*KINDS.values(), *(check.words for check in CHECKS)) if str(words) not in text] == []
    assert f"{WIDTHS[0]}, {WIDTHS[1]} and {WIDTHS[2]} pixels wide" in text
    assert f"last tested on {TESTED_ON.day} {TESTED_ON:%B %Y}" in text


def test_everything_that_the_statement_says_is_tested_is():
    missing = []
    for check in CHECKS:
        name, _, test = check.test.partition("::")
        if f"\ndef {test}(" not in (TESTS / name).read_text("utf-8"):
            missing.append(check.test)
    assert missing == []
    assert sorted(KINDS) == sorted(kind.__name__ for kind in EVERY_KIND)


# --- What a screen reader is told ------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_what_is_sorted_and_where_one_is_are_said(client):
    page = read_page(client, "/commitments/?sort=-made_on")
    orders = {read_text(cell).split()[0].strip("▲▼,"): cell.get("aria-sort") for cell in page.columns}
    assert orders == dict.fromkeys(["Reference", "Commitment", "Department", "Status", "Since", "Due"], "none") | {
        "Made": "descending"
    }
    told = {}
    for path in ("/commitments/", "/commitments/?page=2", "/commitments/IICSA-13/", "/topics/", "/how-we-judge/"):
        links = [link for link in read_page(client, path).find_all("a") if "aria-current" in link.attrib]
        told[path] = [(read_text(link), link.attrib["aria-current"]) for link in links]
    assert told == {
        "/commitments/": [("Commitments", "page"), ("1", "page")],
        "/commitments/?page=2": [("Commitments", "page"), ("2", "page")],
        "/commitments/IICSA-13/": [("Commitments", "true")],
        "/topics/": [("Topics", "page")],
        "/how-we-judge/": [("How we judge", "page")],
    }


@pytest.mark.usefixtures("loaded_register")
def test_links_with_the_same_words_lead_to_the_same_place(client):
    ambiguous = {}
    for kind in ALL_PAGES:
        leads: dict[str, set[str]] = defaultdict(set)
        main = Page(client.get(kind.path)).find(".//main")
        for link in main.iter("a") if main is not None else ():
            leads[read_text(link)].add(re.sub(r"[?#].*", "", link.attrib["href"]))
        several = sorted(words for words, places in leads.items() if len(places) > 1)
        if several:
            ambiguous[kind.__name__] = several
    assert ambiguous == {}


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("kind", [pages.WrongListPage, pages.WrongChangeListPage])
def test_each_error_leads_to_its_field(client, kind):
    page = Page(client.get(kind.path))
    (summary,) = page.find_all(css="govuk-error-summary")
    targets = [link.attrib["href"].removeprefix("#") for link in summary.iter("a")]
    fields = {each.attrib["id"]: each.tag for each in page.find_all() if "id" in each.attrib}
    assert targets
    assert [target for target in targets if target not in fields] == []
    assert page.title.startswith("Error: ")


# --- With the keyboard alone -----------------------------------------------------------------


def press_until(page: Window, name: str, *, key: str = "Tab", at_most: int = 150) -> None:
    """Press a key until what has the focus has these words."""
    for _ in range(at_most):
        page.keyboard.press(key)
        if page.evaluate("(document.activeElement.innerText || '').trim()") == name:
            return
    pytest.fail(f"{name} is not reached in {at_most} steps")


def follow(page: Window, name: str, *, key: str = "Tab") -> None:
    press_until(page, name, key=key)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_commitment_is_found_read_and_taken_away_by_keyboard(page: Window):
    HomePage(page).open()
    follow(page, "Departments")
    follow(page, "Home Office")
    follow(page, "In progress")
    found = CommitmentListPage(page).expect_to_be_here()
    assert found.address == "/commitments/?department=home-office&status=in-progress"
    with page.expect_download() as download:
        press_until(page, "Commitments (CSV)")
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")
    follow(page, "IICSA-13", key="Shift+Tab")
    CommitmentPage(page).expect_to_be_here()
    press_until(page, "See the evidence")
    page.keyboard.press("Enter")
    expect(page.locator("#update-13")).to_be_in_viewport()
    press_until(page, "Exit this page", key="Shift+Tab")


# The box of what has the focus, whether something marks it, and whether it or a part of it lies on top where it is.
READ_FOCUS = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const isMarked = style.outlineStyle !== 'none' && style.outlineWidth !== '0px' || style.boxShadow !== 'none';
  return {name: (element.innerText || element.name || element.id).trim(), isMarked,
          isSeen: element.contains(top) || top !== null && top.contains(element), place: box.top + scrollY};
}"""


@pytest.mark.parametrize("kind", [HomePage, CommitmentListPage, CommitmentPage], ids=lambda kind: kind.__name__)
def test_the_focus_is_always_seen_and_goes_in_the_order_of_the_page(page: Window, kind: Any):
    kind(page).open()
    stops = []
    for _ in range(45):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(READ_FOCUS))
    assert [stop["name"] for stop in stops if not stop["isMarked"]] == []
    assert [stop["name"] for stop in stops[2:] if not stop["isSeen"]] == []
    assert [stop["name"] for stop in stops[:3]] == ["Skip to main content", "Exit this page", stops[2]["name"]]
