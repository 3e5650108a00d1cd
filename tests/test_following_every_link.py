"""A reader follows every link of the site from the home page on: each leads somewhere, and each page is whole.

One walk over the whole register serves all the tests here.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import reduce
from xml.etree.ElementTree import Element

import pytest

from tests.reading import Page, has_class, read_text
from tests.walking import Walk
from tracker.models import Commitment, Department, Document, Petition, Programme, Topic

# A walk takes more than a minute. On every database test_page_weight opens each kind of page, and `make test-long` all.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.xdist_group("walk")]

INDEPENDENT = "Independent. This is not a government website."
FOOTER = ["About", "How we judge", "Help and support", "Corrections", "The log", "Accessibility", "Privacy"]


@pytest.fixture(scope="module")
def walk(register_at_rest: None, at_length: bool) -> Walk:
    """The whole site, at length too: there on every database."""
    return Walk()


def list_breaches(walk: Walk, check: Callable[[Page], bool]) -> list[str]:
    """Return the addresses of the pages that do not pass a check."""
    return sorted(address for address, page in walk.pages.items() if not check(page))


def test_every_link_leads_to_a_page(walk):
    assert walk.broken == []


def test_every_published_thing_can_be_reached_from_the_home_page(walk, loaded_register):
    models = (Commitment, Department, Document, Petition, Programme, Topic)
    addresses = {row.get_absolute_url() for model in models for row in model.objects.published()}
    assert len(addresses) == 102 + 22 + 251 + 4 + 10 + 14
    assert addresses - set(walk.pages) == set()


def test_every_anchor_that_is_linked_is_on_its_page(walk):
    ids = {address: {element.get("id") for element in page.root.iter()} for address, page in walk.pages.items()}
    missing = {address: anchors - ids.get(address, set()) for address, anchors in walk.anchors.items()}
    assert {address: anchors for address, anchors in missing.items() if anchors} == {}
    assert "/commitments/IICSA-13/" in walk.anchors


def test_every_page_has_one_heading_of_the_first_rank(walk):
    assert list_breaches(walk, lambda page: len(page.headings) == 1 and page.headings[0] != "") == []


def test_headings_leave_out_no_rank(walk):
    def is_in_steps(page: Page) -> bool:
        ranks = [int(element.tag[1]) for element in page.root.iter() if re.fullmatch("h[1-6]", element.tag)]
        return all(after <= before + 1 for before, after in zip([0, *ranks], ranks, strict=False))

    # Before the first heading stands at most the list of what is wrong with a question.
    assert list_breaches(walk, is_in_steps) == []


def test_every_page_has_a_title_of_its_own(walk):
    titles = Counter(page.title for page in walk.pages.values() if "?" not in page.asked)
    assert {title: count for title, count in titles.items() if count > 1} == {}
    assert list_breaches(walk, lambda page: "Commitments Register" in page.title) == []


def test_every_page_says_its_language_and_whose_it_is_and_leads_to_help(walk):
    def keeps_the_frame(page: Page) -> bool:
        footer = page.find("./body/footer")
        assert footer is not None
        names = [read_text(link) for link in footer.iter("a")]
        return (
            page.root.get("lang") == "en"
            and page.text.startswith(f"Skip to main content Exit this page {INDEPENDENT}")
            and page.links_named("Get help") == ["/help/"]
            and names[: len(FOOTER)] == FOOTER
        )

    assert list_breaches(walk, keeps_the_frame) == []


def test_every_id_is_on_its_page_once(walk):
    def has_unique_ids(page: Page) -> bool:
        ids = Counter(element.get("id") for element in page.root.iter() if element.get("id") is not None)
        return set(ids.values()) <= {1} and "" not in ids

    assert list_breaches(walk, has_unique_ids) == []


def test_what_an_element_refers_to_is_on_its_page(walk):
    names = ("for", "aria-labelledby", "aria-describedby", "aria-controls")

    def finds_all(page: Page) -> bool:
        ids = {element.get("id") for element in page.root.iter()}
        referred = {each for element in page.root.iter() for name in names for each in element.get(name, "").split()}
        return referred <= ids

    assert list_breaches(walk, finds_all) == []


def test_no_page_has_a_script_or_a_style_of_its_own_or_anything_from_another_site(walk):
    def is_data(element: Element) -> bool:
        return element.get("type") == "application/ld+json"

    def is_file(element: Element) -> bool:
        return element.tag == "script" and "src" in element.attrib and not element.text

    def is_bare(page: Page) -> bool:
        written = [
            element
            for element in page.root.iter()
            if (element.tag in {"style", "script", "iframe"} and not is_data(element) and not is_file(element))
            or any(n == "style" or n.startswith("on") for n in element.attrib)
        ]
        sources = [element.get("src", "") for element in page.root.iter() if "src" in element.attrib]
        loaded = [
            link for link in page.root.iter("link") if link.get("rel") not in {"canonical", "alternate", "service-desc"}
        ]
        sheets = [link.get("href", "") for link in loaded]
        return written == [] and all(address.startswith("/static/") for address in [*sources, *sheets])

    assert list_breaches(walk, is_bare) == []


def test_every_form_asks_this_site_by_get(walk):
    def asks_here(page: Page) -> bool:
        return all(
            form.get("action", "").startswith("/") and form.get("method") == "get" for form in page.root.iter("form")
        )

    assert list_breaches(walk, asks_here) == []


def test_no_page_sets_a_cookie(walk):
    assert dict(walk.client.cookies) == {}


def test_every_table_has_a_caption_and_says_what_its_heads_are_heads_of(walk):
    def is_told(page: Page) -> bool:
        tables = page.find_all("table")
        heads = [head for table in tables for head in table.iter("th")]
        return all(table.find("./caption") is not None for table in tables) and all(
            head.get("scope") in {"col", "row", "colgroup", "rowgroup"} for head in heads
        )

    assert list_breaches(walk, is_told) == []


def test_every_link_has_words(walk):
    assert list_breaches(walk, lambda page: all(read_text(link) for link in page.find_all("a"))) == []


def test_every_bar_is_an_image_with_its_numbers_in_words(walk):
    def is_told(page: Page) -> bool:
        return all(
            bar.get("role") == "img" and re.search(r"\d", bar.get("aria-label", ""))
            for bar in page.find_all("svg")
            if has_class(bar, "status-bar")
        )

    assert list_breaches(walk, is_told) == []


def test_no_page_shows_a_variable_that_had_no_value(walk):
    def is_filled(page: Page) -> bool:
        # What is hashed, and what a program reads, is shown as it is, null and all.
        code = [read_text(block) for name in ("pre", "code") for block in page.find_all(name)]
        words = reduce(lambda text, block: text.replace(block, ""), code, page.main)
        return re.search(r"\bNone\b(?! of)|\bnull\b|\{[{%]", words) is None

    assert list_breaches(walk, is_filled) == []
