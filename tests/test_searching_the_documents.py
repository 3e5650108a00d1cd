"""A reader looks for a document: by words, strength, origin and kind."""

import pytest

from tests.examples import D, draft_document, draft_update, make_commitment, make_document, publish_as_approver
from tests.reading import read_documents, read_text

pytestmark = pytest.mark.usefixtures("empty_register")


@pytest.fixture
def four_documents() -> None:
    make_document("the-report", title="The report of the review", publisher="Home Office")
    make_document(
        "the-act",
        title="Policing Act 2025",
        publisher="legislation.gov.uk",
        kind="legislation",
        published_on=D("2025-06-01"),
    )
    make_document(
        "the-news",
        title="Ministers report delay",
        publisher="The Gazette",
        kind="news",
        origin="independent",
        strength="weak",
        published_on=None,
    )
    make_document(
        "a-copy", title="Copy of a letter", publisher="A library", origin="official-copy", strength="moderate"
    )
    for number in (1, 2):
        publish_as_approver(draft_update(make_commitment(f"REV-{number}")))
    draft_update(make_commitment("REV-3"))


def test_each_row_says_what_the_document_is_and_how_often_it_is_cited(client, four_documents):
    assert read_documents(client).rows == [
        ["Copy of a letter", "A library", "1 Feb 2024", "Report", "Moderate", "0"],
        ["Ministers report delay", "The Gazette", "Not shown", "News", "Weak", "0"],
        ["Policing Act 2025", "legislation.gov.uk", "1 Jun 2025", "Legislation", "Strong", "0"],
        ["The report of the review", "Home Office", "1 Feb 2024", "Report", "Strong", "2"],
    ]


COPY, NEWS, ACT, REPORT = "Copy of a letter", "Ministers report delay", "Policing Act 2025", "The report of the review"


def test_each_filter_lists_what_falls_under_it(client, four_documents):
    expected = {
        "": [COPY, NEWS, ACT, REPORT],
        "q=report": [NEWS, REPORT],
        "q=REPORT+review": [REPORT],
        "q=report+gazette": [NEWS],
        "q=report+zeppelin": [],
        "q=%21": [],
        "strength=strong": [ACT, REPORT],
        "strength=strong&strength=weak": [NEWS, ACT, REPORT],
        "origin=official-copy": [COPY],
        "kind=news&kind=legislation": [NEWS, ACT],
        "kind=report&strength=strong": [REPORT],
        "kind=news&strength=strong": [],
    }
    pages = {question: read_documents(client, question) for question in expected}
    assert {question: [row[0] for row in page.rows] for question, page in pages.items()} == expected
    assert [page.counted for page in pages.values()] == [len(rows) for rows in expected.values()]


def test_the_table_has_a_caption_and_scopes(client, four_documents):
    page = read_documents(client)
    (table,) = page.find_all("table")
    assert read_text(table.find("./caption")) == "Documents"
    columns = [(cell.get("scope"), read_text(cell)) for cell in page.columns]
    assert columns == [("col", name) for name in ("Title", "Publisher", "Date", "Kind", "Strength", "Cited")]
    assert {row[0].get("scope") for row in table.findall("./tbody/tr")} == {"row"}


def test_nothing_found_is_said_in_words(client, four_documents):
    page = read_documents(client, "q=zeppelin")
    assert (page.count_sentence, page.rows) == ("0 documents", [])
    assert "No document answers this question." in page.main


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("strength=steel", "“steel” is not one of the choices of “Strength”."),
        ("department=home-office", "“department” is not a filter of this list. Remove it from the address."),
        ("q=" + "a" * 7000, "Search for at most 200 characters."),
    ],
)
def test_a_question_that_is_not_understood_shows_what_is_wrong_and_no_rows(client, four_documents, question, error):
    page = read_documents(client, question)
    assert (page.errors, page.counted, page.rows) == ([error], 0, [])


def test_a_draft_is_neither_listed_nor_counted(client, four_documents):
    draft_document("the-draft", title="A draft report")
    page = read_documents(client, "q=report")
    assert ([row[0] for row in page.rows], page.counted) == ([NEWS, REPORT], 2)


def test_a_citation_in_a_draft_is_not_counted(client, four_documents):
    make_commitment("REV-4")
    assert [row[-1] for row in read_documents(client, "q=review").rows] == ["2"]
