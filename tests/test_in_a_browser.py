"""A reader uses the site in a browser: on a phone, on a desk, with a keyboard, without JavaScript, without sight.

The pages are only read, so one site with the loaded register serves all tests here.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.pages import (
    ALL_PAGES,
    EVERY_KIND,
    CommitmentListPage,
    CommitmentPage,
    DocumentListPage,
    HomePage,
    PublicPage,
)
from tests.test_asking_about_a_past_day import OVERDUE, STOOD, THREE, name_overdue
from tracker.accessibility import WIDTHS

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
WITHOUT_JAVASCRIPT = pytest.mark.browser_context_args(java_script_enabled=False)


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site, "viewport": DESK}


TARGETS_TOO = "rules: {'target-size': {enabled: true}}"
COLOURS_ALONE = "runOnly: ['color-contrast', 'link-in-text-block']"


def find_violations(page: Page, rules: str = TARGETS_TOO) -> list[str]:
    """Return what axe finds wrong, each with the elements it is about."""
    if not page.evaluate("'axe' in window"):  # half a megabyte is sent once for each page
        page.evaluate(AXE)
    found = page.evaluate(f"axe.run(document, {{{rules}, resultTypes: ['violations']}}).then(done => done.violations)")
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}" for each in found]


def unfold_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def measure_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def find_cut_off(page: Page) -> list[str]:
    """Return the words of each element that hides what is too large for it, but for what is hidden from eyes anyway."""
    return page.evaluate(
        "[...document.querySelectorAll('main *')].filter(each => each.scrollWidth > each.clientWidth + 1 &&"
        " each.clientWidth > 1 && ['hidden', 'clip'].includes(getComputedStyle(each).overflowX))"
        ".map(each => each.textContent.trim())"
    )


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_a_page_is_accessible_fits_and_obeys_its_own_policy(page: Page, site: str, kind: type[PublicPage]):
    complaints: list[str] = []
    strangers: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        if "Failed to load resource" not in message.text or kind.status == 200:
            complaints.append(message.text)

    def note_request(request: Request) -> None:
        if not request.url.startswith(site):
            strangers.append(request.url)

    page.on("console", note_message)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", note_request)
    first, *others = WIDTHS
    page.set_viewport_size({"width": first, "height": 640})
    kind(page).open()
    assert (complaints, strangers, page.context.cookies()) == ([], [], [])
    assert measure_overflow(page) == 0
    assert find_violations(page) == []
    unfold_everything(page)
    for width in others:
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, measure_overflow(page), find_violations(page)) == (width, 0, [])
    page.emulate_media(forced_colors="active")
    assert find_violations(page, COLOURS_ALONE) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert (measure_overflow(page), find_cut_off(page)) == (0, [])


def test_every_page_fits_on_a_phone_in_welsh_too(page: Page, site: str):
    """Its words are longer than the English ones."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 640})
    wide = {}
    for kind in ALL_PAGES:
        page.goto(f"{site}/cy{kind.path}")
        if overflow := measure_overflow(page):
            wide[kind.__name__] = overflow
    assert wide == {}


def test_axe_finds_what_is_wrong(page: Page):
    """So that "no violations" is known to mean something."""
    HomePage(page).open()
    page.evaluate("document.querySelector('#search').labels[0].remove()")
    assert {each.split(":")[0] for each in find_violations(page)} == {"label", "label-title-only"}


@WITHOUT_JAVASCRIPT
def test_somebody_with_a_question_has_its_answer_in_three_steps(page: Page):
    found = HomePage(page).open().search("mandatory reporting")
    assert found.address == "/commitments/?q=mandatory+reporting"
    assert "IICSA-13" in found.references
    commitment = found.open_commitment("IICSA-13").expect_to_be_here()
    assert commitment.address == "/commitments/IICSA-13/"
    assert commitment.sentence == (
        "In progress since 6 January 2025: we found that work has begun but is not finished."
    )


@WITHOUT_JAVASCRIPT
def test_somebody_lists_what_a_department_has_in_progress(page: Page):
    department = HomePage(page).open().choose_department("Home Office")
    assert department.address == "/departments/home-office/"
    found = department.list_those_with_status("In progress")
    assert found.address == "/commitments/?department=home-office&status=in-progress"
    assert (found.count, found.tags) == (24, ["Department: Home Office", "Status: In progress"])


@WITHOUT_JAVASCRIPT
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_filters_are_ticked_applied_sorted_and_removed(page: Page, size: Any):
    page.set_viewport_size(size)
    found = CommitmentListPage(page).open()
    assert found.count == 102
    found.open_filters()
    found.tick("Status", "In progress", "Delivered")
    found.tick("Department", "Home Office")
    found = found.apply()
    question = "department=home-office&status=in-progress&status=delivered"
    assert found.address.split("?")[1].split("&") == question.split("&")
    assert sorted(found.tags) == ["Department: Home Office", "Status: Delivered", "Status: In progress"]
    assert found.count == 36
    if size == DESK:
        found = found.sort("Made")
        assert found.address == f"/commitments/?{question}&sort=made_on"
        expect(page.get_by_role("columnheader", name="Made")).to_have_attribute("aria-sort", "ascending")
    found = found.remove("Status: In progress")
    assert (found.count, found.tags) == (12, ["Department: Home Office", "Status: Delivered"])


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_error_leads_to_its_filter_which_is_open(page: Page, size: Any):
    page.set_viewport_size(size)
    page.goto("/commitments/?department=bogus")
    page.get_by_role("link", name="“bogus” is not one of the choices of “Department”.").click()
    expect(page.locator("#id_department")).to_be_focused()
    expect(page.get_by_role("checkbox").first).to_be_in_viewport()


@WITHOUT_JAVASCRIPT
def test_pages_are_turned(page: Page):
    first = CommitmentListPage(page).open()
    before = first.references
    second = first.next_page()
    assert second.address == "/commitments/?page=2"
    assert (len(before), len(second.references), set(before) & set(second.references)) == (25, 25, set())


def test_the_keyboard_reaches_the_content_at_once(page: Page):
    CommitmentListPage(page).open()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_on_a_phone_each_cell_of_the_table_but_the_title_says_what_it_is(page: Page):
    page.set_viewport_size(PHONE)
    CommitmentListPage(page).open()
    cells = page.locator(".register-table tbody tr").first.locator("td")
    labels = cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    assert [label.strip('"') for label in labels] == ["none", "Department", "Status", "Since", "Made", "Due"]


def test_a_screen_reader_is_told_of_the_table_its_heads_and_its_order(page: Page):
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        CommitmentListPage(page).open()
        table = page.get_by_role("table", name="Commitments")
        expect(table).to_be_attached()
        expect(table.get_by_role("columnheader")).to_have_count(7)
        expect(table.get_by_role("rowheader")).to_have_count(25)
        expect(table.get_by_role("cell")).to_have_count(150)
    DocumentListPage(page).open()
    expect(page.get_by_role("table", name="Documents").get_by_role("columnheader")).to_have_count(6)


def test_an_anchor_of_the_history_is_on_the_screen_when_it_is_opened(page: Page):
    page.goto(f"{CommitmentPage.path}#update-1")
    expect(page.locator("#update-1")).to_be_in_viewport()


@pytest.mark.parametrize("day", STOOD)
def test_the_list_three_commitments_and_the_home_page_show_that_day(page: Page, day: str) -> None:
    total = sum(STOOD[day].values())
    page.goto(f"/?on={day}")
    expect(page.locator("main")).to_contain_text(f"Of {total} commitments")
    expect(page.locator("main")).to_contain_text(name_overdue(len(OVERDUE[day])))
    page.get_by_role("link", name="Commitments", exact=True).first.click()
    expect(page.locator("#result-count")).to_have_text(f"{total} commitments")
    for code, count in STOOD[day].items():
        page.goto(f"/commitments/?status={code}&on={day}")
        expect(page.locator("#result-count")).to_have_attribute("data-count", str(count))
    for reference, (sentence, updates) in THREE[day].items():
        page.goto(f"/commitments/{reference}/?on={day}")
        expect(page.locator("#status")).to_contain_text(sentence)
        expect(page.locator(".timeline__entry")).to_have_count(updates)
    page.get_by_role("link", name="Show today").click()
    expect(page.locator("#moment")).to_have_count(0)
