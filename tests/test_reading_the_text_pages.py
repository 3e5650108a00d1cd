"""A reader asks how we judge, who we are, where to get help, and what is done with what we know of them."""

import itertools
import re

import pytest

from tests.reading import Page, read_page, read_text
from tracker.models import SupportService
from tracker.statuses import Answer, Basis, Origin, Status, Strength, Timeliness
from tracker.views.texts import list_rules

TEXTS = {
    "/how-we-judge/": "How we judge",
    "/about/": "About this register",
    "/help/": "Help and support",
    "/accessibility/": "Accessibility",
    "/privacy/": "Privacy",
    "/security/": "Report a weakness",
    "/corrections/": "Corrections",
}


def read_words(page: Page) -> dict[str, str]:
    """Return what stands at the anchor of each word."""
    return {row.attrib["id"]: read_text(row) for row in page.find_all("div", css="facts__row")}


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", TEXTS)
def test_each_text_has_a_page_and_a_link_in_the_footer(client, address):
    page = read_page(client, address)
    assert page.headings == [TEXTS[address]]
    assert page.title == f"{TEXTS[address]} - Commitments Register"
    assert address in read_page(client, "/topics/").links


@pytest.mark.usefixtures("empty_register")
def test_every_word_has_its_definition_at_its_own_anchor(client):
    lists = (Status, Basis, Strength, Origin, Answer, Timeliness)
    words = {word.value: f"{word.label} {word.definition}" for choices in lists for word in choices}
    assert read_words(read_page(client, "/how-we-judge/")) == words | {
        "not-yet-checked": "Not yet checked We have published no assessment. These commitments are shown and counted "
        "apart, and are never part of a percentage.",
        "not-recorded": "No answer recorded We have recorded no answer. That is not proof that none was given.",
    }


@pytest.mark.usefixtures("empty_register")
def test_the_ten_rules_are_told_in_order(client):
    page = read_page(client, "/how-we-judge/")
    rules = {item.attrib["id"]: read_text(item) for item in page.find_all("li") if "value" in item.attrib}
    assert rules == {f"rule-{number}": sentence for number, sentence in list_rules()}
    assert list(rules) == [f"rule-{number}" for number in range(1, 11)]
    assert rules["rule-4"] == (
        "A document dated more than 7 days before the commitment was made cannot show progress on it. It can if "
        "what it describes was already in place, and a note explains that."
    )


@pytest.mark.usefixtures("loaded_register")
def test_no_anchor_is_used_twice_on_a_page(client):
    for address in (*TEXTS, "/commitments/IICSA-13/", "/departments/", "/petitions/300239/"):
        anchors = re.findall(r' id="([^"]+)"', read_page(client, address).html)
        assert len(set(anchors)) == len(anchors), address


@pytest.mark.usefixtures("loaded_register")
def test_headings_never_skip_a_level(client):
    for address in (*TEXTS, "/commitments/IICSA-01/", "/departments/", "/documents/poa-bill/", "/petitions/300239/"):
        levels = [int(level) for level in re.findall(r"<h([1-6])", read_page(client, address).html)]
        assert levels[0] == 1, address
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), address


@pytest.mark.usefixtures("loaded_register")
def test_about_says_what_the_register_holds_and_how_far_it_reaches(client):
    page = read_page(client, "/about/")
    assert "It holds 102 commitments, 373 dated status updates and 251 documents." in page.main
    assert "Compiled to 21 November 2026. The newest update is dated 1 September 2026." in page.main
    assert "It is independent and not a government website." in page.main


@pytest.mark.usefixtures("empty_register")
def test_about_speaks_of_an_empty_register_too(client):
    assert "It holds 0 commitments, 0 dated status updates and 0 documents." in read_page(client, "/about/").main


@pytest.mark.usefixtures("loaded_register")
def test_help_puts_emergencies_first_and_every_number_can_be_dialled(client):
    page = read_page(client, "/help/")
    assert read_text(page.find_all("h2")[0]) == "If someone is in danger, or to report abuse"
    dialled = [link.attrib["href"] for link in page.find_all("a") if link.attrib["href"].startswith("tel:")]
    assert dialled == [
        "tel:999",
        "tel:101",
        "tel:08001111",
        "tel:08088005000",
        "tel:08088010331",
        "tel:08085002222",
        "tel:08088010818",
        "tel:08088010800",
        "tel:08081689111",
        "tel:116123",
    ]


@pytest.mark.usefixtures("loaded_register")
def test_help_gives_the_day_of_a_confirmed_number_and_says_nothing_of_the_others(client):
    page = read_page(client, "/help/")
    services = [read_text(service) for service in page.find_all("li", css="helpline")]
    confirmed = [service for service in services if "Number confirmed on 21 November 2026" in service]
    assert len(services) == 10
    assert len(confirmed) == SupportService.objects.published().filter(confirmed_on__isnull=False).count()
    assert "unconfirmed" not in page.main
    assert "not confirmed" not in page.main


@pytest.mark.usefixtures("empty_register")
def test_a_draft_service_is_not_shown(client):
    SupportService.objects.create(name="SECRET service", used_for="Nobody", phone="0000")
    assert "SECRET" not in read_page(client, "/help/").html


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", ["/corrections/", "/accessibility/"])
def test_the_contact_address_is_given_where_there_is_one(client, settings, address):
    settings.CONTACT_EMAIL = "register@example.org"
    assert read_page(client, address).links_named("register@example.org") == ["mailto:register@example.org"]
    settings.CONTACT_EMAIL = ""
    page = read_page(client, address)
    assert [link for link in page.links if link.startswith("mailto:")] == []
    assert "has no contact address yet" in page.main


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address", [*TEXTS, "/commitments/IICSA-13/", "/departments/home-office/", "/petitions/300239/"]
)
def test_what_privacy_says_is_true(client, address):
    """No cookies, and nothing loaded from anywhere else."""
    response = client.get(address)
    assert response.cookies == {}
    page = Page(response)
    links = [link for link in page.find_all("link") if link.attrib["rel"] not in {"canonical", "alternate"}]
    loaded = [link.attrib["href"] for link in links]
    loaded += [element.attrib["src"] for element in page.find_all() if "src" in element.attrib]
    assert [address for address in loaded if not address.startswith("/static/")] == []
    scripts = [script for script in page.find_all("script") if script.get("type") != "application/ld+json"]
    assert [script.attrib for script in scripts] == [{"src": "/static/tracker/exit.js", "defer": ""}]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/how-we-judge/", 1),
        ("/about/", 5),
        ("/help/", 3),
        ("/accessibility/", 1),
        ("/privacy/", 1),
        ("/security/", 1),
        ("/corrections/", 3),
    ],
)
def test_a_text_costs_few_queries(client, django_assert_num_queries, address, queries):
    with django_assert_num_queries(queries):
        client.get(address)
