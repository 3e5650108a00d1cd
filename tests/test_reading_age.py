"""A child of twelve can read what this site says in its own words, and no sentence is longer than 25 words.

The measure is the automated readability index, which counts letters and words alone: 7 is the seventh year of an
American school, so twelve or thirteen years of age. Twenty-five words are what GOV.UK allows a sentence. Titles,
summaries, reasons and notes of the register are not measured: they say what others promised.
"""

import datetime as dt
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
import textstat

from tests.reading import Page, read_page, read_text
from tracker.models import Commitment, StatusUpdate
from tracker.querysets import Gap
from tracker.statuses import Answer, Basis, Origin, Status, Strength, Timeliness
from tracker.templatetags.register import describe_status

LIMIT = 7.0
LONGEST = 25  # words

PAGES = (
    "/how-we-judge/",
    "/about/",
    "/help/",
    "/accessibility/",
    "/privacy/",
    "/security/",
    "/corrections/",
    "/compare/",
    "/compare/?department=home-office&department=department-for-education",
    "/differences/",
    "/evidence-gaps/",
    "/data/",
    "/log/",
)
BLOCKS = {"p", "li", "dd"}
OF_THE_REGISTER = {"table", "pre", "code", "nav", "aside", "form"}
WORDS = (Status, Basis, Strength, Origin, Answer, Timeliness, Gap)
DAY = dt.date(2026, 11, 20)


def list_blocks(element: Element) -> Iterator[str]:
    """Yield the text of each innermost block that ends as a sentence does."""
    for child in element:
        if child.tag in OF_THE_REGISTER:
            continue
        inner = list(list_blocks(child))
        yield from inner
        text = read_text(child)
        if child.tag in BLOCKS and not inner and text.endswith((".", "?", ":")):
            yield text


def list_sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence]


def find_long(texts: list[str]) -> list[str]:
    return [each for text in texts for each in list_sentences(text) if len(each.split()) > LONGEST]


def measure(texts: list[str]) -> float:
    return textstat.automated_readability_index(" ".join(texts))


def read_our_words(page: Page) -> list[str]:
    main = page.find(".//main")
    assert main is not None
    return list(list_blocks(main))


@pytest.mark.usefixtures("loaded_register", "on_21_november_2026")
@pytest.mark.parametrize("address", PAGES)
def test_a_child_of_twelve_can_read_a_page(client, address):
    texts = read_our_words(read_page(client, address))
    assert texts != []
    assert measure(texts) <= LIMIT
    assert find_long(texts) == []


@pytest.mark.parametrize("strength", Strength)
@pytest.mark.parametrize("status", Status)
def test_a_child_of_twelve_can_read_the_answer(status, strength):
    update = StatusUpdate(status=status, as_of=DAY, strength=strength)
    claim = StatusUpdate(status=Status.DELIVERED, as_of=DAY, basis=Basis.CLAIM)
    commitment = Commitment(current_update=update, current_claim=claim, status_since=DAY, next_due_on=DAY)
    answer = str(describe_status(commitment, 3, dt.date(2026, 11, 21)))
    assert len(list_sentences(answer)) == 4
    assert measure([answer]) <= LIMIT
    assert find_long([answer]) == []


@pytest.mark.parametrize("words", WORDS)
def test_a_child_of_twelve_can_read_what_the_words_mean(words):
    meanings = [str(word.definition) for word in words]
    assert measure(meanings) <= LIMIT
    assert find_long(meanings) == []


def test_the_measure_tells_hard_words_from_plain_ones():
    """So that the limit is known to mean something."""
    plain = "We looked on that day. We found that some of it is done and some is not."
    hard = (
        "Notwithstanding aforementioned considerations, implementation of outstanding recommendations necessitates "
        "comprehensive interdepartmental consultation regarding prospective legislative instruments."
    )
    assert measure([plain]) < 3 < LIMIT < 20 < measure([hard])
