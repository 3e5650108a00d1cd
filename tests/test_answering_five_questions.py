"""A person in a hurry asks five questions on a small phone: each is answered within three taps from the home page.

Words that are typed in count as no tap, the button beside them as one. Nothing here needs JavaScript.
"""

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Window

from tests.pages import HomePage
from tests.reading import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]

PHONE = {"width": 320, "height": 640}
MOST_TAPS = 3


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    phone = {"viewport": PHONE, "has_touch": True, "java_script_enabled": False}
    return {**browser_context_args, **phone, "base_url": site}


class Reader:
    """Somebody with one thumb, who counts the taps."""

    def __init__(self, page: Window) -> None:
        self.page = page
        self.taps = 0

    def tap(self, target: Locator) -> None:
        self.taps += 1
        assert self.taps <= MOST_TAPS
        target.tap()

    def follow(self, name: str, *, within: str = "main") -> None:
        self.tap(self.page.get_by_role(within).get_by_role("link", name=name, exact=True).first)

    def search(self, words: str) -> None:
        self.page.get_by_label("Search the commitments").fill(words)
        self.tap(self.page.get_by_role("main").get_by_role("button", name="Search"))

    def read(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def read_at_once(self, words: str) -> None:
        """Read words that are on the screen without scrolling."""
        expect(self.page.get_by_text(words).first).to_be_in_viewport(ratio=1)


@pytest.fixture
def reader(page: Window) -> Reader:
    return Reader(HomePage(page).open().page)


def test_is_iicsa_13_done(reader: Reader):
    reader.search("IICSA 13")
    reader.follow("IICSA-13")
    reader.read_at_once("In progress")
    reader.read("In progress since 6 January 2025: we found that work has begun but is not finished.")


def test_what_has_the_home_office_not_delivered(reader: Reader):
    reader.follow("Departments", within="navigation")
    reader.follow("Home Office")
    reader.follow("33 with a judgement are not delivered, or not in full")
    reader.read_at_once("33 commitments")
    reader.read("Introduce mandatory reporting of child sexual abuse")


@pytest.mark.usefixtures("on_21_november_2026")
def test_what_changed_this_summer(reader: Reader):
    reader.follow("What changed", within="navigation")
    reader.follow("Summer 2026 (June to August)")
    reader.read_at_once("from 31 May 2026 to 31 August 2026")
    reader.read("3 changes")
    reader.read("Statuses that moved forwards: 1")


def test_what_happened_to_the_5m(reader: Reader):
    reader.search("£5m")
    reader.follow("JAN25-20")
    reader.read_at_once("Provide £5 million for local inquiries")
    reader.read("No figure for money spent from the £5m, nor its later fate, was found.")


def test_where_do_i_get_help(reader: Reader):
    reader.follow("Get help", within="banner")
    reader.read_at_once("Someone is in danger now")
    reader.read_at_once("999")
    reader.read("0800 1111")


# --- The two ways that the routes rest on ------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address", ["/departments/home-office/", "/programmes/iicsa-final-report/", "/topics/duty-of-candour/"]
)
def test_what_is_not_delivered_is_counted_and_listed(client: Any, address: str):
    (link,) = [each for each in read_page(client, address).find_all("a") if "not in full" in (each.text or "")]
    assert f"{read_page(client, link.attrib['href']).counted} with a judgement" in (link.text or "")


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    ("today", "name", "question"),
    [
        ("2026-05-31", "Summer 2025 (June to August)", "since=2025-05-31&until=2025-08-31"),
        ("2026-07-01", "Summer 2026 (June to August)", "since=2026-05-31"),
        ("2026-09-01", "Summer 2026 (June to August)", "since=2026-05-31&until=2026-08-31"),
    ],
)
def test_the_newest_summer_that_has_begun_is_offered(
    client: Any, monkeypatch: Any, today: str, name: str, question: str
):
    noon = dt.datetime.fromisoformat(f"{today}T12:00:00+00:00")
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    assert read_page(client, "/changes/").links_named(name) == [f"/changes/?{question}"]
