"""Any page is light: with all its files at most 60 kB, compressed as the site sends it, and seen again 15 kB."""

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import expect

from tests.pages import ALL_PAGES
from tests.reading import Page

pytestmark = pytest.mark.usefixtures("loaded_register")

LIMIT = 60_000
LIMIT_OF_SECOND_VISIT = 15_000
HEAVIEST = "/commitments/?per_page=100"
LOADED = {"stylesheet", "icon", "apple-touch-icon"}


def weigh(client: Client, address: str, status: int) -> tuple[int, int]:
    """Return how many bytes a browser gets that understands gzip only: for the page alone, and with all its files."""
    response = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert (response.status_code, response["Content-Encoding"]) == (status, "gzip")
    assert "Set-Cookie" not in response.headers
    page = Page(client.get(address))
    return len(response.content), len(response.content) + sum(weigh_file(address) for address in find_files(page))


def find_files(page: Page) -> set[str]:
    linked = {link.attrib["href"] for link in page.root.iter("link") if link.get("rel") in LOADED}
    return linked | {element.attrib["src"] for element in page.root.iter() if "src" in element.attrib}


def weigh_file(address: str) -> int:
    found = finders.find(address.removeprefix("/static/"))
    assert isinstance(found, str), f"{address} is no static file"
    content = Path(found).read_bytes()
    return min(len(content), len(gzip.compress(content, 9)))


def test_no_visit_is_heavy(client):
    """What a second visit asks for again is the page alone: its files are named by their content and kept for years."""
    addresses = {kind.path: kind.status for kind in ALL_PAGES} | {HEAVIEST: 200}
    weights = {address: weigh(client, address, status) for address, status in addresses.items()}
    assert {address: first for address, (_, first) in weights.items() if first > LIMIT} == {}
    assert {address: second for address, (second, _) in weights.items() if second > LIMIT_OF_SECOND_VISIT} == {}
    assert min(first for _, first in weights.values()) > 10_000  # the style sheet alone is more


def test_every_page_loads_the_same_four_files(client):
    """So that a second page costs its text alone."""
    files = {kind.path: find_files(Page(client.get(kind.path))) for kind in ALL_PAGES}
    names = ("exit.js", "favicon.svg", "icon-180.png", "register.css")
    expected = {f"/static/tracker/{name}" for name in names}
    assert {path for path, found in files.items() if found != expected} == set()


# What Chromium's own tools call "Slow 3G": 400 kbit/s each way, and 400 ms there and back.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.mark.xdist_group("browser")
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/commitments/", "/commitments/IICSA-13/"])
def test_on_a_slow_phone_a_page_asks_this_site_for_a_handful_of_files_and_shows_without_the_script(page, site, path):
    """Bytes and requests say how quick a page is on any machine; seconds would say how busy the one of the tests is."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/exit.js", lambda route: None)  # it never comes, and nobody waits for it
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(site + path, wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="Emergency Exit this page")).to_have_css("color", "rgb(255, 255, 255)")
    assert [address for address in asked if not address.startswith(f"{site}/")] == []
    files = {address.rsplit("/", 1)[1] for address in asked[1:]}
    assert {"register.css", "exit.js"} <= files <= {"register.css", "exit.js", "favicon.svg", "icon-180.png"}
