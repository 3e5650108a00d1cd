"""A commitment and a list are printed as documents: all that is folded away, addresses, page numbers and day."""

import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.pages import CommitmentPage, FilteredListPage
from tracker.models import Commitment, Document

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]

MENUS = ("Skip to main content", "Exit this page", "Get help", "Apply filters", "Take this away")


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args: dict[str, Any], site: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": site}


def print_pages(page: Page) -> list[str]:
    """Return the text of each sheet of the page as Chromium prints it on A4."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    return [sheet.extract_text() for sheet in reader.pages]


def squeeze(text: str) -> str:
    """Return a text without its spaces and ends of lines, which a printed address may have anywhere."""
    return re.sub(r"\s", "", text)


def test_a_commitment_is_printed_with_its_whole_history_and_every_address(page: Page):
    CommitmentPage(page).open()
    sheets = print_pages(page)
    text, squeezed = "\n".join(sheets), squeeze("".join(sheets))
    commitment = Commitment.objects.get(reference="IICSA-13")
    updates = commitment.status_updates.published()
    assert updates.count() == 13
    assert [update.reason for update in updates if squeeze(update.reason) not in squeezed] == []
    documents = Document.objects.filter(evidence__status_update__in=updates).distinct()
    assert [document.url for document in documents if document.url not in squeezed] == []
    assert "as it stood on" in text  # how to cite it, which is folded away on the screen
    assert squeeze("http://127.0.0.1:8000/commitments/IICSA-13/ Printed as the page was on") in squeezed
    assert [words for words in MENUS if words in text] == []


def test_a_list_is_printed_as_a_table_with_what_was_asked(page: Page):
    found = FilteredListPage(page).open()
    references, tags = found.references, found.tags
    sheets = print_pages(page)
    text = "\n".join(sheets)
    assert [reference for reference in references if reference not in text] == []
    assert [tag for tag in tags if squeeze(tag) not in squeeze(text)] == []
    assert "Reference Commitment Department Status Since Made Due" in " ".join(text.split())
    assert [words for words in MENUS if words in text] == []


@pytest.mark.parametrize("kind", [CommitmentPage, FilteredListPage], ids=["commitment", "list"])
def test_every_sheet_has_its_number(page: Page, kind: Any):
    kind(page).open()
    sheets = [" ".join(sheet.split()) for sheet in print_pages(page)]
    assert len(sheets) > 1
    numbers = [f"Page {number} of {len(sheets)}" for number in range(1, len(sheets) + 1)]
    assert [number for number, sheet in zip(numbers, sheets, strict=True) if number not in sheet] == []
