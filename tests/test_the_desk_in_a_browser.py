"""The desk works in a browser under the strict policy: each page obeys it and fits a tablet, and the pickers pick."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.desk import address_of, history_of, make_staff, preview_address, review_address, sign_in
from tests.examples import draft_update, make_commitment, make_document, publish_as_approver
from tests.test_the_desk import make_drafts
from tracker.models import Document, StatusUpdate

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_register"),
    pytest.mark.xdist_group("desk"),
]

TABLET = {"width": 768, "height": 1024}
LISTS = (
    *("commitment", "statusupdate", "response", "milestone", "milestoneupdate", "funding", "check", "withdrawal"),
    *("relation", "document", "department", "programme", "topic", "petition", "supportservice", "user"),
)


@pytest.fixture
def open_desk(page: Page, live_server: Any) -> Callable[[str, str], Page]:
    """Sign somebody in and give back the browser, on a tablet, at the first page of the desk."""

    def open_as(name: str, role: str) -> Page:
        client = Client()
        sign_in(client, make_staff(name, role))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.set_viewport_size(TABLET)
        page.goto(f"{live_server.url}/admin/")
        return page

    return open_as


def list_addresses(rows: list[Any]) -> list[str]:
    """Return an address of every kind of page that the desk has."""
    update, published = rows[0], publish_as_approver(draft_update(rows[0].commitment, "2024-06-01"))
    lists = [f"/admin/tracker/{name}/{page}" for name in LISTS for page in ("", "add/")]
    others = ["/admin/tracker/revision/", "/admin/tracker/logentry/", "/admin/tracker/signinfailure/"]
    pages = [address_of(row) for row in [*rows, published, update.commitment, make_document()]]
    histories = [history_of(update), f"{history_of(update)}{update.history.last().pk}/"]
    reviews = [review_address(row) for row in rows]
    staff = ["/admin/admin/logentry/", "/admin/queue/review/", "/admin/queue/drafts/", "/admin/queue/returned/"]
    return ["/admin/", *staff, *lists, *others, *pages, *histories, *reviews, preview_address(update)]


def is_complaint(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning")


def test_no_page_of_the_desk_breaks_the_policy_or_is_too_wide(open_desk, live_server):
    rows = make_drafts(1)
    page = open_desk("maria", "Manager")
    complaints: list[str] = []
    page.on("console", lambda message: is_complaint(message) and complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    wide = []
    for address in list_addresses(rows):
        answer = page.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(address)
    assert (complaints, wide) == ([], [])


def pick(page: Page, field: str, text: str) -> None:
    """Find a row by typing into a picker, and choose it."""
    page.locator(f"[aria-labelledby='select2-id_{field}-container']").click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option--highlighted", has_text=text).click()


def test_a_status_is_recorded_with_a_known_and_a_new_page(open_desk):
    commitment = make_commitment("REV-1")
    known = make_document("the-known-page")
    page = open_desk("edith", "Editor")
    page.get_by_role("link", name="Find a commitment to record something about").click()
    page.get_by_role("link", name="REV-1", exact=True).click()
    page.get_by_role("link", name="Record a status update").click()
    expect(page.locator("#select2-id_commitment-container")).to_contain_text("REV-1")
    page.get_by_label("Status:").select_option("In progress")
    page.get_by_role("link", name="Today").first.click()
    page.get_by_label("Reason:").fill("The Act received Royal Assent, as both pages show.")
    pick(page, "evidence-0-document", "known page")
    page.locator("#id_evidence-0-note").fill("Says so.")
    page.get_by_role("button", name="Add another Piece of evidence").click()
    page.locator("#id_evidence-1-address").fill("https://www.legislation.gov.uk/ukpga/2024/1")
    page.locator("#id_evidence-1-note").fill("The text of the Act.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".errorlist").first).to_contain_text("The register does not know this page yet")
    page.locator("#id_evidence-1-title").fill("The Act")
    page.locator("#id_evidence-1-publisher").fill("The National Archives")
    for name, choice in {"kind": "Legislation", "origin": "Official page", "strength": "Strong"}.items():
        page.locator(f"#id_evidence-1-{name}").select_option(choice)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".messagelist")).to_contain_text("Somebody else reviews it now.")
    update = StatusUpdate.objects.get()
    assert update.commitment == commitment
    assert update.review_state == "awaiting review"
    assert [each.document for each in update.evidence.all()] == [known, Document.objects.get(title="The Act")]
