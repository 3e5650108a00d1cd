"""A search engine finds every page and nothing else, and a page that is shared shows what it is."""

import json
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings as site
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.examples import D, draft_commitment, draft_update, make_commitment, make_department, publish_as_approver
from tests.reading import Page, read_page
from tests.seven import find, make_seven_commitments
from tracker.models import LogEntry
from tracker.statuses import NOT_YET_CHECKED, Status
from tracker.templatetags.colours import STATUS_COLOURS

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

SITE = "http://127.0.0.1:8000"
SECTIONS = ["pages", "commitments", "departments", "programmes", "topics", "petitions", "documents"]
ANSWER = (
    "In progress since 1 July 2025: we found that work has begun but is not finished. "
    "The next date set for it is 20 January 2027. We last judged this on 1 July 2025, from 1 document: "
    "weak evidence only."
)
NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def seven(db) -> None:
    make_seven_commitments()


def read_sitemap(client, address: str) -> dict[str, str | None]:
    """Return the addresses of English pages that a sitemap names, each with when it last changed."""
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    named = {
        each.findtext("s:loc", namespaces=NAMESPACE) or "": each.findtext("s:lastmod", namespaces=NAMESPACE)
        for each in root
    }
    return {address: day for address, day in named.items() if not address.startswith(f"{SITE}/cy/")}


# --- Being found -----------------------------------------------------------------------------


def test_the_sitemap_names_every_page_of_the_register_and_each_opens(client, seven):
    draft_commitment("REV-9", title="A draft")
    sections = read_sitemap(client, "/sitemap.xml")
    assert list(sections) == [f"{SITE}/sitemap-{name}.xml" for name in SECTIONS]
    addresses = [
        address.removeprefix(SITE)
        for section in sections
        for address in read_sitemap(client, section.removeprefix(SITE))
    ]
    assert {address for address in addresses if address.count("/") == 3} == {
        *(
            f"/commitments/{reference}/"
            for reference in ("REV-1", "REV-2", "REV-3", "ACT-1", "ACT-2", "ACT-3", "ACT-4")
        ),
        *(f"/departments/{slug}/" for slug in ("home-office", "ofsted", "education", "justice")),
        *("/programmes/the-review/", "/programmes/the-act/", "/topics/policing/", "/topics/schools/"),
        *(f"/documents/{name}/" for name in ("the-report", "the-news", "the-bill", "the-law")),
    }
    assert len(addresses) == len(set(addresses)) == 20 + 18
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_a_page_is_as_new_as_the_last_publication_that_touched_it(client, seven, monkeypatch):
    before = read_sitemap(client, "/sitemap-commitments.xml")
    assert set(before.values()) == {"2026-11-21"}
    later = LogEntry.objects.first().at.replace(day=22)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    publish_as_approver(draft_update(find("REV-3"), "2026-01-01"))
    after = {
        address.removeprefix(SITE)
        for section in SECTIONS
        for address, day in read_sitemap(client, f"/sitemap-{section}.xml").items()
        if day == "2026-11-22"
    }
    assert after == {
        *("/", "/commitments/", "/changes/", "/log/", "/commitments/REV-3/"),
        *("/compare/", "/differences/", "/evidence-gaps/"),
        *("/departments/education/", "/departments/home-office/", "/programmes/the-review/", "/topics/schools/"),
    }


def test_a_section_asks_as_much_of_one_row_as_of_three(client):
    def count() -> dict[str, int]:
        counts = {}
        for section in SECTIONS:
            with CaptureQueriesContext(connection) as queries:
                read_sitemap(client, f"/sitemap-{section}.xml")
            counts[section] = len(queries)
        return counts

    make_commitment("REV-1", department=make_department("department-1"))
    of_one = count()
    for number in (2, 3):
        make_commitment(f"REV-{number}", department=make_department(f"department-{number}"))
    assert count() == of_one
    assert (of_one["pages"], of_one["commitments"], of_one["departments"], of_one["documents"]) == (1, 2, 5, 1)


def test_there_is_no_sitemap_of_anything_else(client, seven):
    statuses = [client.get(f"/sitemap-{name}").status_code for name in ("bogus.xml", "pages.xml?p=9", "pages.xml?p=x")]
    assert statuses == [404, 404, 404]


def test_robots_are_kept_from_the_desk_and_from_endless_questions_and_shown_the_sitemap(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /admin/\nDisallow: /accounts/\nDisallow: /*?\nAllow: /sitemap-*?p=\n\n"
        f"Sitemap: {SITE}/sitemap.xml\n"
    )


def test_whoever_finds_a_weakness_is_told_whom_to_tell(client, settings):
    settings.CONTACT_EMAIL = "register@example.org"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "Contact: mailto:register@example.org\nExpires: 2027-05-20T00:00:00Z\nPreferred-Languages: en\n"
        f"Canonical: {SITE}/.well-known/security.txt\n"
        f"Policy: {SITE}/security/\n"
    )
    settings.CONTACT_EMAIL = ""
    assert client.get("/.well-known/security.txt").status_code == 404


def read_canonical(client, address: str) -> list[str]:
    links = Page(client.get(address)).find_all("link")
    return [link.attrib["href"].removeprefix(SITE) for link in links if link.get("rel") == "canonical"]


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/", ["/"]),
        ("/departments/", ["/departments/"]),
        ("/departments/?on=2025-12-31", ["/departments/?on=2025-12-31"]),
        ("/about/?from=somewhere", ["/about/"]),
        ("/topics/policing/", ["/topics/policing/"]),
        ("/commitments/?page=1&status=delivered", ["/commitments/?page=1&status=delivered"]),
        ("/commitments/?status=bogus", []),
        ("/departments/?on=bogus", []),
        ("/departments/bogus/", []),
        ("/accounts/login/", []),
    ],
)
def test_each_page_names_the_one_address_it_has(client, seven, address, canonical):
    assert read_canonical(client, address) == canonical


# --- Being shared ----------------------------------------------------------------------------


def read_card(page: Page) -> dict[str, str]:
    """Return what a page says for those who share it."""
    metas = [(meta.get("property") or meta.get("name", ""), meta.get("content", "")) for meta in page.find_all("meta")]
    return {name: content for name, content in metas if name.startswith(("og:", "twitter:"))}


def read_facts(page: Page) -> list[dict[str, Any]]:
    return [json.loads("".join(each.itertext())) for each in page.find_all("script") if "src" not in each.attrib]


def test_a_shared_commitment_shows_its_status_in_words(client, seven):
    page = read_page(client, "/commitments/ACT-1/?on=2025-12-31")
    assert read_card(page) == {
        "og:site_name": "Commitments Register",
        "og:type": "website",
        "og:locale": "en_GB",
        "og:title": "ACT-1: Make reporting a duty - Commitments Register, on 31 December 2025",
        "og:description": f"{ANSWER} The government promised to do it.",
        "og:url": f"{SITE}/commitments/ACT-1/?on=2025-12-31",
        "og:image": f"{SITE}/static/tracker/share/in-progress.png",
        "og:image:alt": "In progress: the status of a commitment in the Commitments Register",
        "og:image:width": "1200",
        "og:image:height": "630",
        "twitter:card": "summary_large_image",
    }


def test_every_other_page_shows_its_title_and_the_picture_of_the_site(client, seven):
    for address in ("/commitments/?status=delivered", "/departments/home-office/", "/about/", "/log/"):
        page = read_page(client, address)
        card = read_card(page)
        assert (card["og:title"], card["og:url"]) == (page.title, SITE + address)
        assert card["og:image"] == f"{SITE}/static/tracker/share/register.png"


@pytest.mark.parametrize("name", ["register", *Status.values, NOT_YET_CHECKED])
def test_each_picture_is_there_in_the_size_that_other_sites_ask_for(name):
    content = Path(str(finders.find(f"tracker/share/{name}.png"))).read_bytes()
    assert struct.unpack(">II", content[16:24]) == (1200, 630)
    assert len(content) < 60_000


def test_the_colours_of_pictures_are_those_of_the_style_sheet():
    text = (site.BASE_DIR / "tracker" / "styles" / "_settings.scss").read_text()
    found = re.findall(r'"([a-z-]+)": \(fill: (#\w+), ink: (#\w+), tint: (#\w+)\)', text)
    assert {code: tuple(colours) for code, *colours in found} == STATUS_COLOURS


def test_pages_say_what_they_are_in_the_words_of_schema_org(client, seven):
    (home,) = read_facts(read_page(client, "/"))
    (dataset,) = read_facts(read_page(client, "/commitments/"))
    (work,) = read_facts(read_page(client, "/commitments/ACT-1/"))
    assert (home["@type"], home["url"]) == ("WebSite", f"{SITE}/")
    assert (dataset["@type"], dataset["url"]) == ("Dataset", f"{SITE}/commitments/")
    assert work == {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "identifier": "ACT-1",
        "name": "Make reporting a duty",
        "abstract": ANSWER,
        "url": f"{SITE}/commitments/ACT-1/",
        "creativeWorkStatus": "In progress",
        "isPartOf": {"@type": "Dataset", "name": "The act", "url": f"{SITE}/programmes/the-act/"},
        "isBasedOn": "https://www.gov.uk/the-report",
        "inLanguage": "en",
        "dateModified": "2026-11-21",
    }
    assert read_facts(read_page(client, "/about/")) == []


def test_no_title_can_end_the_element_that_it_stands_in(client):
    title = '</script><script>alert("1")</script>&amp;'
    make_commitment("REV-1", title=title, made_on=D("2024-01-10"))
    response = client.get("/commitments/REV-1/")
    page = Page(response)
    assert [facts["name"] for facts in read_facts(page)] == [title]
    assert read_card(page)["og:title"] == f"REV-1: {title} - Commitments Register"
    assert "<script>alert" not in page.html


@pytest.mark.django_db(transaction=True)
def test_no_browser_takes_the_facts_for_a_script(page, live_server, loaded_register):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.add_init_script("document.addEventListener('securitypolicyviolation', () => console.log('refused'))")
    for address in ("/", "/commitments/", "/commitments/IICSA-13/"):
        assert page.goto(live_server.url + address).status == 200
        assert page.locator('script[type="application/ld+json"]').count() == 1
    assert complaints == []
