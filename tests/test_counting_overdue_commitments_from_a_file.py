"""A data journalist has two minutes: from the home page to a pivot table of overdue commitments by department.

By links alone she needs two clicks: to the overdue commitments, and to the file that holds them.
"""

import csv
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from tests.pages import HomePage
from tests.reading import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site, "java_script_enabled": False, "accept_downloads": True}


@pytest.mark.parametrize("width", [320, 1280])
def test_two_clicks_lead_to_a_table_of_what_is_overdue_by_department(page: Window, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    HomePage(page).open()
    page.get_by_role("link", name="commitments that are overdue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Commitments")
    parts = urlsplit(page.url)
    shown = read_page(Client(), f"{parts.path}?{parts.query}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Commitments (CSV)").click()

    with download.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pivot = Counter(row["department"] for row in rows)

    assert pivot.total() == shown.counted > 1
    assert dict(pivot) == {slug: count for slug, count in shown.counts["department"].items() if count}
    assert {row["timeliness"] for row in rows} == {"overdue"}
