"""Somebody puts a status on her own page, as a badge or as a card: both follow the status and nobody who reads it."""

import http.server
import json
import threading
from collections.abc import Iterator
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.examples import draft_update, make_commitment, make_document, make_person, publish_as_approver
from tests.reading import read_page, read_text
from tests.seven import find, make_seven_commitments
from tracker.models import Withdrawal

SITE = "http://127.0.0.1:8000"
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


@pytest.fixture
def seven(db) -> None:
    make_seven_commitments()


def read_badge(client, address: str) -> ElementTree.Element:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def ask(client, url: str, **options: str) -> dict:
    response = client.get("/oembed/", {"url": url, **options})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return json.loads(response.content)


def test_a_badge_says_the_status_to_those_who_see_it_and_to_those_who_hear_it(client, seven):
    badge = read_badge(client, "/commitments/ACT-2/badge.svg")
    assert (badge.get("role"), badge.get("aria-label")) == ("img", "ACT-2: Partly delivered")
    assert badge.findtext(f"{SVG}title") == "ACT-2: Partly delivered"
    assert [text.text for text in badge.iter(f"{SVG}text")] == ["ACT-2", "Partly delivered"]


def test_a_badge_follows_the_status_and_keeps_its_size(client, seven):
    before = read_badge(client, "/commitments/REV-3/badge.svg")
    publish_as_approver(draft_update(find("REV-3"), "2026-01-01", status="partly-delivered"))
    after = read_badge(client, "/commitments/REV-3/badge.svg")
    assert [each.get("aria-label") for each in (before, after)] == ["REV-3: Not yet checked", "REV-3: Partly delivered"]
    assert before.get("width") == after.get("width")


def test_a_card_says_how_the_commitment_stands_and_leads_to_its_page(client, seven):
    page = read_page(client, "/commitments/ACT-1/card/")
    assert page.title == "ACT-1: In progress - Commitments Register"
    assert page.headings == ["ACT-1 Make reporting a duty"]
    assert page.main == (
        "ACT-1 Make reporting a duty In progress In progress since 1 July 2025: we found that work has begun but is "
        "not finished. The next date set for it is 20 January 2027. We last judged this on 1 July 2025, from 1 "
        "document: weak evidence only. Commitments Register. Independent: not a government website."
    )
    assert page.links == [f"{SITE}/commitments/ACT-1/"]
    assert [element.tag for element in page.find_all() if element.tag in {"script", "form", "img", "iframe"}] == []


def test_a_card_of_a_past_day_shows_that_day(client, seven):
    page = read_page(client, "/commitments/ACT-1/card/?on=2025-06-30")
    assert page.title.startswith("ACT-1: Not yet checked")
    assert page.links == [f"{SITE}/commitments/ACT-1/?on=2025-06-30"]


def test_what_was_withdrawn_says_so_wherever_it_was_put(client, seven):
    why = "It was entered twice, see ACT-1 of the same set."
    publish_as_approver(Withdrawal.objects.create(commitment=find("ACT-2"), reason=why, author=make_person("author")))
    assert read_badge(client, "/commitments/ACT-2/badge.svg").get("aria-label") == "ACT-2: Withdrawn"
    assert "is no longer counted" in read_page(client, "/commitments/ACT-2/card/").main


def test_no_draft_is_shown_elsewhere(client, seven):
    before = client.get("/commitments/REV-3/card/").content
    draft_update(find("REV-3"), "2026-01-01", status="delivered")
    assert client.get("/commitments/REV-3/card/").content == before
    paths = ("/commitments/REV-9/card/", "/commitments/REV-9/badge.svg")
    assert [client.get(path).status_code for path in paths] == [404, 404]


@pytest.mark.parametrize("form", ["card/", "badge.svg"])
def test_these_alone_may_be_framed_and_are_kept_for_five_minutes(client, seven, form):
    response = client.get(f"/commitments/ACT-1/{form}")
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in response.headers
    assert response["Cache-Control"].startswith("public, max-age=300, s-maxage=1, ")
    assert {"Set-Cookie", "Vary"} & set(response.headers) <= {"Vary"}
    assert "Cookie" not in response.get("Vary", "")
    again = client.get(f"/commitments/ACT-1/{form}", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    page = client.get("/commitments/ACT-1/")
    assert (page["X-Frame-Options"], "frame-ancestors 'none'" in page["Content-Security-Policy"]) == ("DENY", True)


def test_oembed_finds_the_card_by_the_address_of_the_page(client, seven):
    assert ask(client, f"{SITE}/commitments/act-1/#update-1", maxwidth="400") == {
        "version": "1.0",
        "type": "rich",
        "title": "ACT-1: Make reporting a duty",
        "provider_name": "Commitments Register",
        "provider_url": f"{SITE}/",
        "cache_age": 300,
        "width": 400,
        "height": 300,
        "html": (
            f'<iframe src="{SITE}/commitments/ACT-1/card/" title="ACT-1 in the Commitments Register" width="400" '
            'height="300" loading="lazy"></iframe>'
        ),
    }
    then = ask(client, f"{SITE}/commitments/ACT-1/?on=2025-06-30", maxwidth="bogus")
    assert then["width"] == 480
    assert f'src="{SITE}/commitments/ACT-1/card/?on=2025-06-30"' in then["html"]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 404),
        ("https://example.org/commitments/ACT-1/", 404),
        (f"{SITE}.example.org/commitments/ACT-1/", 404),
        (f"{SITE}/commitments/REV-9/", 404),
        (f"{SITE}/topics/policing/", 404),
        (f"{SITE}/commitments/ACT-1/?on=bogus", 404),
        (f"{SITE}/%00", 404),
    ],
)
def test_oembed_knows_no_other_pages(client, seven, url, status):
    assert client.get("/oembed/", {"url": url}).status_code == status


def test_oembed_speaks_json_alone(client, seven):
    answer = client.get("/oembed/", {"url": f"{SITE}/commitments/ACT-1/", "format": "xml"})
    assert answer.status_code == 501


def test_the_page_offers_both_and_names_where_oembed_is(client, seven):
    page = read_page(client, "/commitments/ACT-1/")
    (address,) = [link.get("href") for link in page.find_all("link") if link.get("type") == "application/json+oembed"]
    assert address == f"{SITE}/oembed/?url={quote(f'{SITE}/commitments/ACT-1/', safe='')}"
    html = ask(client, f"{SITE}/commitments/ACT-1/")["html"]
    code = [read_text(block) for block in page.find_all("pre", css="code-block")]
    assert code == [
        html,
        f'<object type="image/svg+xml" data="{SITE}/commitments/ACT-1/badge.svg" height="24">'
        f'<a href="{SITE}/commitments/ACT-1/">ACT-1 in the Commitments Register</a></object>',
    ]
    assert (page.links_named("A card"), page.links_named("A badge")) == (
        ["/commitments/ACT-1/card/"],
        ["/commitments/ACT-1/badge.svg"],
    )


# --- In a browser ----------------------------------------------------------------------------


@pytest.fixture
def other_site(live_server) -> Iterator[str]:
    """Another site, with the card, the badge and what may not be framed on its page."""
    base = f"{live_server.url}/commitments/REV-1"
    html = (
        f'<!doctype html><title>Another</title><iframe id="card" src="{base}/card/"></iframe>'
        f'<object id="badge" type="image/svg+xml" data="{base}/badge.svg"></object><iframe id="page" src="{base}/">'
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_another_site_shows_the_card_and_the_badge_and_cannot_frame_the_page(page, other_site):
    commitment = make_commitment("REV-1")
    publish_as_approver(draft_update(commitment, evidence={"document": make_document()}))
    page.goto(other_site)
    page.wait_for_load_state("networkidle")
    card = page.frame_locator("#card")
    assert card.locator("h1").inner_text().split() == ["REV-1", "Do", "what", "REV-1", "says"]
    badge = next(frame for frame in page.frames if frame.url.endswith("/badge.svg"))
    assert badge.locator("title").text_content() == "REV-1: In progress"
    refused = page.frame_locator("#page").locator("body").inner_text()
    assert "refused to connect" in refused
    assert "REV-1" not in refused
