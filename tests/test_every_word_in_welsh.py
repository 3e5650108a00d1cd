"""Nothing of the public site stays untranslated: every message has its Welsh words, and every word is a message."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import polib
import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.utils import translation
from django.utils.translation import ngettext, trans_real

from tests.catalogue import MO, extract, read, update
from tests.reading import Page, read_page
from tracker.languages import WELSH
from tracker.models import REFERENCE_PATTERN, Department
from tracker.templatetags import choices, frame, lists

PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
OPENED, CLOSED = "⟦", "⟧"

ADDRESSES = (
    *("", "commitments/", "commitments/?status=delivered&department=home-office&page=2", "commitments/?q=1234567"),
    *("commitments/?status=99&made_after=9", "commitments/?on=2025-06-16&strength=weak&sort=9"),
    *(
        "commitments/IICSA-13/",
        "commitments/IICSA-13/?on=2025-06-16",
        "commitments/IICSA-13/?on=2020-06-16",
        "commitments/IICSA-13/card/",
    ),
    *("changes/?since=2025-01-01", "changes/?since=2025-06-16&until=2025-06-16", "changes/?since=9"),
    *(
        "departments/",
        "departments/home-office/",
        "departments/ministry-of-justice/",
        "programmes/",
        "programmes/iicsa-final-report/",
    ),
    *("topics/", "petitions/", "petitions/300239/", "documents/", "documents/?q=1234567", "documents/?kind=9"),
    *("log/", "log/?kind=response", "log/?before=-1", "log/2/", "how-we-judge/", "about/", "help/", "accessibility/"),
    *(
        "compare/",
        "compare/?topic=mandatory-reporting",
        "compare/?department=home-office&department=ministry-of-justice",
    ),
    *("differences/", "differences/?department=9", "evidence-gaps/", "evidence-gaps/?department=home-office"),
    *("privacy/", "security/", "corrections/", "data/", "api/", "nothing/", "commitments/?on=2999-01-01"),
)


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return read()


# --- The catalogue ---------------------------------------------------------------------------


def test_every_message_of_the_site_is_in_the_catalogue_and_nothing_else_is(catalogue):
    assert {(entry.msgctxt, entry.msgid) for entry in catalogue} == set(extract()), "run `make welsh`"


def test_every_message_has_its_welsh_words(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_each_translation_names_what_its_message_names(catalogue):
    def find_places(text: str) -> set[str]:
        return {match[0] for match in PLACES.finditer(text)}

    wrong = [
        (entry.msgid, words)
        for entry in catalogue
        for words in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
        if find_places(words) not in (find_places(entry.msgid), find_places(entry.msgid_plural or entry.msgid))
    ]
    assert wrong == []


def test_the_markup_in_a_translation_is_that_of_its_message(catalogue):
    def find_tags(text: str) -> list[str]:
        return sorted(re.findall(r"<[^>]+>", text))

    texts = [(entry.msgid, words) for entry in catalogue for words in entry.msgstr_plural.values() or [entry.msgstr]]
    assert [(before, after) for before, after in texts if find_tags(before) != find_tags(after)] == []


def test_the_compiled_catalogue_is_the_one_its_source_makes(catalogue):
    assert MO.read_bytes() == catalogue.to_binary(), "run `make welsh`"
    assert str(update()) == str(catalogue), "run `make welsh`"


@pytest.mark.parametrize(
    ("one", "many", "forms"),
    [
        (
            "%(count)s commitment",
            "%(count)s commitments",
            ["0 ymrwymiad", "1 ymrwymiad", "2 ymrwymiad", "3 ymrwymiad", "5 ymrwymiad", "6 ymrwymiad", "8 ymrwymiad"],
        ),
        (
            "%(number)s document",
            "%(number)s documents",
            ["0 dogfen", "1 ddogfen", "2 ddogfen", "3 dogfen", "5 dogfen", "6 dogfen", "8 dogfen"],
        ),
        (
            "%(number)s day",
            "%(number)s days",
            ["0 diwrnod", "1 diwrnod", "2 ddiwrnod", "3 diwrnod", "5 diwrnod", "6 diwrnod", "8 diwrnod"],
        ),
        (
            "%(number)s signature.",
            "%(number)s signatures.",
            ["0 llofnod.", "1 llofnod.", "2 lofnod.", "3 llofnod.", "5 llofnod.", "6 llofnod.", "8 llofnod."],
        ),
        (
            "%(number)s row",
            "%(number)s rows",
            ["0 rhes", "1 rhes", "2 res", "3 rhes", "5 rhes", "6 rhes", "8 rhes"],
        ),
    ],
)
def test_nouns_follow_their_number(one, many, forms):
    with translation.override(WELSH):
        assert [
            ngettext(one, many, number) % {"count": number, "number": number} for number in (0, 1, 2, 3, 5, 6, 8)
        ] == forms


# --- The pages -------------------------------------------------------------------------------


def mark(text: str) -> str:
    """Put marks around the words of a message, and not around what is put into it."""
    parts = re.split(r"(%\(\w+\)[sd]|\{\w+\}|<[^>]+>)", text)
    return "".join(part if place % 2 or not part else f"{OPENED}{part}{CLOSED}" for place, part in enumerate(parts))


def forget_what_was_drawn() -> None:
    """Forget what is said once for each language, by whichever module of the site, and the templates that fold it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("tracker.") and "migrations" not in name:
            for each in vars(module).values():
                getattr(each, "cache_clear", lambda: None)()
    for drawn in (frame._drawn, choices._blank_fields, choices._said, lists._compiled, lists._headed):
        drawn.clear()
    for engine in engines.all():
        for loader in engine.engine.template_loaders:
            loader.reset()


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak Welsh in which each message is its English words between marks, so that what is no message shows."""
    welsh = trans_real.DjangoTranslation(WELSH)
    for catalogue in welsh._catalog._catalogs:
        for key, words in catalogue.items():
            message = key[0] if isinstance(key, tuple) else key
            catalogue[key] = mark(message) if message else words
    monkeypatch.setitem(trans_real._translations, WELSH, welsh)
    forget_what_was_drawn()
    yield
    forget_what_was_drawn()


def list_bare_words(element: Element, *, in_welsh: bool = True) -> Iterator[str]:
    """Yield the words of an element that are neither of a message nor said to be in English."""
    in_welsh = in_welsh and element.get("lang", WELSH) == WELSH and element.tag not in {"script", "code", "time"}
    texts = [element.text or "", *(child.tail or "" for child in element)]
    names = ("aria-label", "alt", "placeholder")
    if in_welsh:
        for text in [*texts, *(element.get(name, "") for name in names if element.tag not in {"svg", "link"})]:
            bare = re.sub(f"{OPENED}[^{OPENED}{CLOSED}]*{CLOSED}", "", text)
            if re.search("[A-Za-z]{2}", bare):
                yield " ".join(bare.split())
    for child in element:
        yield from list_bare_words(child, in_welsh=in_welsh)


# What has no Welsh wherever it stands: references, the names in addresses, whole addresses, keys and hashes.
NAMES = re.compile(rf"{REFERENCE_PATTERN}\b|since|before|https?://\S+|\b[0-9a-f]{{32,64}}\b|\S+\+[0-9a-f]{{8}}\+\S+")


def find_bare(page: Page) -> list[str]:
    body = page.find("./body")
    assert body is not None
    # The Welsh that the register itself holds is no message.
    held = "|".join(
        re.escape(name) for name in Department.objects.exclude(name_cy="").values_list("name_cy", flat=True)
    )
    words = [re.sub(held, "", NAMES.sub("", text)) for text in list_bare_words(body)]
    return sorted({text for text in words if re.search("[A-Za-z]{2}", text)})


@pytest.mark.usefixtures("marked", "loaded_register")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_word_of_a_welsh_page_is_a_message_or_said_to_be_english(client, address):
    response = client.get(f"/cy/{address}")
    assert find_bare(Page(response)) == []


def test_the_marks_are_seen(client, marked, loaded_register):
    page = read_page(client, "/cy/")
    assert page.headings == [f"{OPENED}What governments promised about child sexual abuse, and what came of it{CLOSED}"]


def test_the_style_sheet_says_only_what_stands_at_the_foot_of_a_printed_page_in_each_language():
    sheet = finders.find("tracker/register.css")
    assert isinstance(sheet, str)
    said = re.findall(r'content:((?:\s*(?:"[^"]*"|[a-z]+\([a-z-]+\)))+)', Path(sheet).read_text())
    texts = [re.findall('"([^"]*)"', each) for each in said]
    assert [each for each in texts if re.search("[A-Za-z]{2}", " ".join(each))] == [
        ["Commitments Register"],
        ["Page ", " of "],
        ["Cofrestr Ymrwymiadau"],
        ["Tudalen ", " o "],
    ]
