"""A first visit to any page is light: at most 60 kB in all, compressed as the site sends it, and no cookie."""

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.pages import ALL_PAGES
from tests.reading import Page

pytestmark = pytest.mark.usefixtures("loaded_register")

LIMIT = 60_000
HEAVIEST = "/commitments/?per_page=100"
LOADED = {"stylesheet", "icon", "apple-touch-icon"}


def weigh(client: Client, address: str, status: int) -> int:
    """Return how many bytes a browser gets that has nothing yet and understands gzip only."""
    response = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert (response.status_code, response["Content-Encoding"]) == (status, "gzip")
    assert "Set-Cookie" not in response.headers
    page = Page(client.get(address))
    return len(response.content) + sum(weigh_file(address) for address in find_files(page))


def find_files(page: Page) -> set[str]:
    linked = {link.attrib["href"] for link in page.root.iter("link") if link.get("rel") in LOADED}
    return linked | {element.attrib["src"] for element in page.root.iter() if "src" in element.attrib}


def weigh_file(address: str) -> int:
    found = finders.find(address.removeprefix("/static/"))
    assert isinstance(found, str), f"{address} is no static file"
    content = Path(found).read_bytes()
    return min(len(content), len(gzip.compress(content, 9)))


def test_no_first_visit_is_heavy(client):
    addresses = {kind.path: kind.status for kind in ALL_PAGES} | {HEAVIEST: 200}
    weights = {address: weigh(client, address, status) for address, status in addresses.items()}
    assert {address: weight for address, weight in weights.items() if weight > LIMIT} == {}
    assert min(weights.values()) > 10_000  # the style sheet alone is more


def test_every_page_loads_the_same_four_files(client):
    """So that a second page costs its text alone."""
    files = {kind.path: find_files(Page(client.get(kind.path))) for kind in ALL_PAGES}
    names = ("exit.js", "favicon.svg", "icon-180.png", "register.css")
    expected = {f"/static/tracker/{name}" for name in names}
    assert {path for path, found in files.items() if found != expected} == set()
