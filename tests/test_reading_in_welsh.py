"""Every public page is there twice, in English at the root and in Welsh under /cy/, and its address says which."""

import datetime as dt
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import translation

from tests.reading import Page, read_page
from tracker.languages import ENGLISH, WELSH, find_language, write_in
from tracker.templatetags.register import day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded_register")]

SITE = "http://127.0.0.1:8000"
XHTML = "{http://www.w3.org/1999/xhtml}link"


def find_switch(page: Page) -> tuple[str, str, str]:
    """Return where the way to the other language leads, what it is called and the language that it says it is in."""
    (link,) = page.find_all("a", css="topbar__language")
    return link.attrib["href"], link.text or "", link.attrib["lang"]


def list_alternates(page: Page) -> dict[str, str]:
    links = [link for link in page.find_all("link") if "hreflang" in link.attrib]
    return {link.attrib["hreflang"]: link.attrib["href"] for link in links}


# --- Addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "welsh"),
    [
        ("/", "/cy/"),
        ("/commitments/IICSA-13/", "/cy/commitments/IICSA-13/"),
        ("/commitments/?q=cy&on=2025-04-01#top", "/cy/commitments/?q=cy&on=2025-04-01#top"),
        ("/cyfle/?q=/cy/", "/cy/cyfle/?q=/cy/"),
    ],
)
def test_the_address_alone_says_which_language(english, welsh):
    assert (find_language(english), find_language(welsh)) == (ENGLISH, WELSH)
    assert [write_in(WELSH, address) for address in (english, welsh)] == [welsh, welsh]
    assert [write_in(ENGLISH, address) for address in (english, welsh)] == [english, english]


def test_what_a_browser_prefers_changes_nothing(client):
    plain = client.get("/about/", headers={"accept-language": "cy"})
    assert (Page(plain).root.get("lang"), plain["Vary"], dict(client.cookies)) == ("en", "Accept-Encoding", {})
    welsh = client.get("/cy/about/", headers={"accept-language": "en"})
    assert (Page(welsh).root.get("lang"), welsh["Vary"], dict(client.cookies)) == ("cy", "Accept-Encoding", {})


@pytest.mark.parametrize(
    "address",
    ["/", "/commitments/?department=home-office&page=2", "/commitments/IICSA-13/?on=2025-06-16", "/departments/"],
)
def test_the_header_leads_to_the_same_page_in_the_other_language_and_back(client, address):
    welsh = write_in(WELSH, address)
    assert find_switch(read_page(client, address)) == (welsh, "Cymraeg", "cy")
    assert find_switch(read_page(client, welsh)) == (address, "English", "en")


def test_a_page_that_is_not_there_leads_to_the_home_page_of_the_other_language(client):
    assert find_switch(read_page(client, "/nothing/", status=404)) == ("/cy/", "Cymraeg", "cy")
    missing = read_page(client, "/cy/nothing/", status=404)
    assert (missing.root.get("lang"), find_switch(missing)) == ("cy", ("/", "English", "en"))


def test_the_pages_of_staff_are_in_english_alone(client):
    page = read_page(client, "/accounts/login/")
    assert (page.root.get("lang"), page.find_all("a", css="topbar__language")) == ("en", [])
    assert client.get("/cy/accounts/login/").status_code == client.get("/cy/admin/").status_code == 404


def test_each_page_names_itself_in_both_languages_to_search_engines(client):
    for address in ("/commitments/?status=delivered", "/commitments/IICSA-13/", "/topics/"):
        both = {"en-gb": SITE + address, "cy": f"{SITE}/cy{address}"}
        for page in (read_page(client, address), read_page(client, f"/cy{address}")):
            assert list_alternates(page) == both
            assert [link.get("href") for link in page.find_all("link") if link.get("rel") == "canonical"] == [
                SITE + page.asked
            ]


def test_the_sitemap_names_each_page_in_both_languages(client):
    root = ElementTree.fromstring(client.get("/sitemap-topics.xml").content)  # noqa: S314 - our own
    addresses = [address.text or "" for each in root for address in each if address.tag.endswith("loc")]
    assert len(addresses) == 2 * 14
    assert {write_in(WELSH, address.removeprefix(SITE)) for address in addresses} == {
        address.removeprefix(SITE) for address in addresses if "/cy/" in address
    }
    for each in root:
        links = {link.attrib["hreflang"]: link.attrib["href"] for link in each.iter(XHTML)}
        assert links == {"en-gb": links["en-gb"], "cy": links["en-gb"].replace(SITE, f"{SITE}/cy")}


def test_links_stay_in_welsh_also_on_a_past_day(client):
    page = read_page(client, "/cy/commitments/IICSA-13/?on=2025-06-16")
    inside = [link for link in page.links if link.startswith("/") and ".svg" not in link]
    pages = [link for link in inside if not any(shape in link for shape in ("/feed/", "/calendar/", "/cite."))]
    (english,) = [link for link in pages if find_language(link) == ENGLISH]
    assert english == "/commitments/IICSA-13/?on=2025-06-16"
    assert "/cy/departments/home-office/?on=2025-06-16" in pages


# --- What stays in English -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["commitment-csv", "commitment-json", "commitment-feed", "log-jsonl", "robots"])
def test_files_are_in_english_alone_and_welsh_pages_lead_to_them(client, name):
    with translation.override(WELSH):
        address = reverse(f"tracker:{name}")
    assert find_language(address) == ENGLISH
    assert client.get(f"/cy{address}").status_code == 404


# --- Dates -----------------------------------------------------------------------------------


def test_dates_are_written_in_the_language_of_the_page():
    months = [dt.date(2026, month, 21) for month in range(1, 13)]
    with translation.override(WELSH):
        assert [day(date) for date in months] == [
            *("21 Ionawr 2026", "21 Chwefror 2026", "21 Mawrth 2026", "21 Ebrill 2026", "21 Mai 2026"),
            *("21 Mehefin 2026", "21 Gorffennaf 2026", "21 Awst 2026", "21 Medi 2026", "21 Hydref 2026"),
            *("21 Tachwedd 2026", "21 Rhagfyr 2026"),
        ]
    assert [day(date) for date in months[-2:]] == ["21 November 2026", "21 December 2026"]
