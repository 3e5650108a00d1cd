"""A reader looks at three past days in a browser; the numbers are those counted by hand from the fixtures."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.test_asking_about_a_past_day import OVERDUE, STOOD, THREE

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def site(register_at_rest: None) -> Iterator[str]:
    """The address of the site, running with the register loaded."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site}


@pytest.mark.parametrize("day", STOOD)
def test_the_list_three_commitments_and_the_home_page_show_that_day(page: Page, day: str) -> None:
    total = sum(STOOD[day].values())
    page.goto(f"/?on={day}")
    expect(page.locator("main")).to_contain_text(f"Of {total} commitments")
    expect(page.locator("main")).to_contain_text(f"All {len(OVERDUE[day])} commitments that are overdue")
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
