"""A reader whom somebody may see leaves at once, and neither a title nor another site tells what she read."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from tests.pages import ALL_PAGES, CommitmentListPage, CommitmentPage, HelpPage
from tests.reading import Page, read_page, read_text
from tracker.models import Commitment, Document, Petition, Programme, Topic
from tracker.templatetags.safety import neutral

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]

WAY_OUT = "https://www.bbc.co.uk/weather"
TELLING = ("abus", "assault", "child", "exploit", "gang", "groom", "rape", "sexual", "survivor", "victim")


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site}


@pytest.fixture
def weather(page: Window) -> None:
    """Stand in for the site that the way out leads to."""
    page.route(f"{WAY_OUT}**", lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html"))


def read_all(client) -> dict[str, Page]:
    return {kind.path: Page(client.get(kind.path)) for kind in ALL_PAGES}


def is_telling(words: str) -> bool:
    return any(word.startswith(TELLING) for word in re.findall(r"\w+", words.lower()))


# --- Without a browser -----------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_every_page_has_the_way_out_first_for_the_keyboard_and_then_as_a_button(client):
    for path, page in read_all(client).items():
        links = page.find_all("a")
        ways = [(place, read_text(link)) for place, link in enumerate(links) if link.attrib["href"] == WAY_OUT]
        assert (read_text(links[0]), ways[0]) == ("Skip to main content", (1, "Exit this page")), path
        assert [name for _, name in ways[1:]] == ["Emergency Exit this page"], path
        assert {links[place].attrib["rel"] for place, _ in ways} == {"nofollow noreferrer"}, path


def test_the_pages_on_which_staff_type_passwords_have_none(client, db):
    page = read_page(client, "/accounts/login/")
    assert WAY_OUT not in page.links
    assert "exit.js" not in page.html


@pytest.mark.usefixtures("loaded_register")
def test_help_is_one_step_from_every_page(client):
    assert [path for path, page in read_all(client).items() if page.links_named("Get help") != ["/help/"]] == []


@pytest.mark.usefixtures("loaded_register")
def test_no_title_tells_what_a_page_is_about(client):
    pages = read_all(client).values()
    assert [page.title for page in pages if is_telling(page.title)] == []
    names = [
        *Commitment.objects.published().values_list("title", flat=True),
        *Document.objects.published().values_list("title", flat=True),
        *Petition.objects.published().values_list("title", flat=True),
        *Programme.objects.published().values_list("name", flat=True),
        *Topic.objects.published().values_list("name", flat=True),
    ]
    assert [name for name in names if is_telling(neutral(name))] == []


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    ("address", "title", "shared"),
    [
        (
            "/commitments/IICSA-13/",
            "IICSA-13: Introduce mandatory reporting of …",
            "IICSA-13: Introduce mandatory reporting of child sexual abuse",
        ),
        ("/", "", "Commitments Register: what governments promised about child sexual abuse"),
        ("/commitments/IICSA-19/", "IICSA-19: Set up a single redress scheme", ""),
        ("/topics/mandatory-reporting/", "Mandatory reporting", ""),
        ("/topics/victims-and-survivors/", "… and …", "Victims and survivors"),
        (
            "/petitions/300239/",
            "Petition 300239: Release the Home Office's … Review in full",
            "Petition 300239: Release the Home Office's Grooming Gang Review in full",
        ),
        ("/programmes/casey-national-audit/", "Casey national audit", ""),
    ],
)
def test_a_title_is_the_whole_name_unless_that_tells_and_what_is_shared_always_is(client, address, title, shared):
    page = read_page(client, address)
    assert page.title == f"{title} - Commitments Register".removeprefix(" - ")
    names = [each.attrib["content"] for each in page.find_all("meta") if each.get("property") == "og:title"]
    assert names == [shared if address == "/" else f"{shared or title} - Commitments Register"]


@pytest.mark.usefixtures("loaded_register")
def test_other_sites_learn_nothing_and_the_page_of_help_is_not_kept(client):
    responses = {kind.path: client.get(kind.path) for kind in ALL_PAGES}
    assert {response["Referrer-Policy"] for response in responses.values()} == {"same-origin"}
    assert {path for path, response in responses.items() if response.get("Cache-Control") == "no-store"} == {"/help/"}
    assert "ETag" not in responses["/help/"].headers


# --- In a browser ----------------------------------------------------------------------------


def test_the_button_leaves_and_going_back_does_not_bring_the_page_back(page: Window, weather: None):
    found = CommitmentListPage(page).open()
    CommitmentPage(page).open()
    page.get_by_role("link", name="Emergency Exit this page").click()
    page.wait_for_url(WAY_OUT)
    page.go_back()
    found.expect_to_be_here()


def test_the_keyboard_leaves_by_the_second_link(page: Window, weather: None):
    CommitmentPage(page).open()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    way = page.get_by_role("link", name="Exit this page", exact=True)
    expect(way).to_be_focused()
    expect(way).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.wait_for_url(WAY_OUT)


def test_shift_three_times_leaves_and_says_how_many_are_left(page: Window, weather: None):
    CommitmentPage(page).open()
    told = page.locator(".govuk-exit-this-page [role=status]")
    page.keyboard.press("Shift")
    expect(told).to_have_text("Shift, press 2 more times to exit.")
    page.keyboard.press("Shift")
    expect(told).to_have_text("Shift, press 1 more time to exit.")
    expect(page.locator(".govuk-exit-this-page__indicator-light--on")).to_have_count(2)
    page.keyboard.press("Shift")
    page.wait_for_url(WAY_OUT)


def test_shift_is_forgotten_after_five_seconds_or_another_key_and_capital_letters_are_not_counted(page: Window):
    page.clock.install()
    CommitmentListPage(page).open()
    told = page.locator(".govuk-exit-this-page [role=status]")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.fast_forward(5000)
    expect(told).to_have_text("Exit this page expired.")
    page.clock.fast_forward(5000)
    expect(told).to_have_text("")
    page.keyboard.press("Shift")
    page.keyboard.press("a")
    expect(told).to_have_text("Exit this page expired.")
    for letter in "ABC":
        page.keyboard.down("Shift")
        page.keyboard.press(letter)
        page.keyboard.up("Shift")
    page.keyboard.press("Shift")
    expect(told).to_have_text("Shift, press 2 more times to exit.")


def test_the_screen_is_empty_until_the_other_site_answers(page: Window):
    page.route(f"{WAY_OUT}**", lambda route: route.fulfill(status=204))  # with which a browser stays where it is
    HelpPage(page).open()
    page.get_by_role("link", name="Emergency Exit this page").click()
    expect(page.get_by_role("alert")).to_have_text("Loading.")
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    assert page.inner_text("body").split() == ["Loading."]


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_both_links_leave_without_javascript(page: Window, weather: None):
    for name in ("Exit this page", "Emergency Exit this page"):
        CommitmentPage(page).open()
        page.get_by_role("link", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(WAY_OUT)


@pytest.mark.parametrize("height", [480, 900])
def test_the_button_stays_in_sight_and_covers_nothing_that_has_the_focus(page: Window, height: int):
    page.set_viewport_size({"width": 320, "height": height})
    CommitmentPage(page).open()
    page.locator(".site-footer a").first.focus()
    button = page.get_by_role("link", name="Emergency Exit this page")
    expect(button).to_be_in_viewport()
    covered = []
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        focused = page.evaluate(
            "(() => { const box = document.activeElement.getBoundingClientRect();"
            " return [document.activeElement.textContent.trim(), box.top, box.bottom]})()"
        )
        box = button.bounding_box()
        assert box is not None
        if focused[0] != "Emergency Exit this page" and focused[1] < box["y"] + box["height"] and focused[2] > box["y"]:
            covered.append(focused[0])
    assert covered == []
