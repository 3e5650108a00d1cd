"""A bill received Royal Assent: three people, three browsers, and the public page changes at the last step alone."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Browser, Page, expect

from tests.desk import make_staff
from tests.examples import draft_update, make_commitment, publish_as_approver
from tracker.auditing import find_broken_invariants

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_register"),
    pytest.mark.xdist_group("desk"),
]

PASSWORD = "a bridge over quiet water"
ADDRESS = "https://www.legislation.gov.uk/ukpga/2024/1"
ASSENT = "The Act received Royal Assent on 1 May 2024, and its first part is in force."


def read_code(secret: str) -> str:
    """Return what an authenticator app shows at this moment."""
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


@pytest.fixture
def open_desk_of(browser: Browser, live_server: Any) -> Any:
    """Give somebody an account with a second factor, sign her in by the pages, and give back her own browser."""
    contexts = []

    def open_as(name: str, role: str) -> Page:
        person = make_staff(name, role)
        person.set_password(PASSWORD)
        person.save()
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(person, secret)
        contexts.append(browser.new_context(base_url=live_server.url))
        page = contexts[-1].new_page()
        page.goto("/admin/")
        page.get_by_label("Username or e-mail address").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Code").fill(read_code(secret))
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()
        return page

    yield open_as
    for context in contexts:
        context.close()


def record_status(page: Page) -> None:
    """Record on REV-1, as its page at the desk leads, what the Act says."""
    page.get_by_role("link", name="Find a commitment to record something about").click()
    page.locator("#searchbar").fill("REV-1")
    page.locator("#searchbar").press("Enter")
    page.get_by_role("link", name="REV-1", exact=True).click()
    page.get_by_role("link", name="Record a status update").click()
    page.get_by_label("Status:").select_option("Partly delivered")
    page.get_by_label("True since:").fill("2024-05-01")
    page.get_by_label("Reason:").fill(ASSENT)
    page.locator("#id_evidence-0-address").fill(ADDRESS)
    page.locator("#id_evidence-0-note").fill("The text of the Act.")
    page.locator("summary", has_text="If the register does not know the page yet").first.click()
    page.locator("#id_evidence-0-title").fill("The Act")
    page.locator("#id_evidence-0-publisher").fill("The National Archives")
    for name, choice in {"kind": "Legislation", "origin": "Official page", "strength": "Strong"}.items():
        page.locator(f"#id_evidence-0-{name}").select_option(choice)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".messagelist")).to_contain_text("Somebody else reviews it now.")


def test_the_public_page_changes_when_the_second_person_publishes_and_not_before(
    open_desk_of: Callable[[str, str], Page], page: Page, live_server: Any
) -> None:
    publish_as_approver(draft_update(make_commitment("REV-1"), "2024-03-01"))

    def read_status() -> str:
        page.goto(f"{live_server.url}/commitments/REV-1/")
        return page.locator("#status").inner_text()

    before = read_status()
    editor = open_desk_of("edith", "Editor")
    record_status(editor)
    assert read_status() == before

    reviewer = open_desk_of("rita", "Reviewer")
    reviewer.get_by_role("link", name="Status update: REV-1").first.click()
    expect(reviewer.get_by_text(ASSENT)).to_be_visible()
    reviewer.get_by_label("What the author should do").fill("Say in the note which part of the Act is in force.")
    reviewer.get_by_role("button", name="Send back with this note").click()
    assert read_status() == before

    editor.goto(f"{live_server.url}/admin/")
    editor.get_by_role("link", name="Status update: REV-1").first.click()
    expect(editor.get_by_text("Say in the note which part of the Act is in force.").first).to_be_visible()
    editor.locator("#id_evidence-0-note").fill("The text of the Act; part 1 is in force.")
    editor.get_by_role("button", name="Submit for review").click()
    assert read_status() == before

    reviewer.goto(f"{live_server.url}/admin/")
    reviewer.get_by_role("link", name="Status update: REV-1").first.click()
    reviewer.get_by_role("button", name="Publish").click()
    expect(reviewer.locator(".messagelist")).to_contain_text("Published.")
    assert read_status() == "Partly delivered since 1 May 2024: we found that some of it is done and some is not."
    assert page.get_by_role("link", name="The Act").first.get_attribute("href") == ADDRESS
    assert list(find_broken_invariants()) == []
