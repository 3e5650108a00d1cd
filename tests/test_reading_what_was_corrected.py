"""The page "Corrections" lists, from the log, all that was corrected, withdrawn, reworded or redacted."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.examples import REASON, draft_update, make_commitment, make_document, make_person, publish_as_approver
from tests.reading import read_page, read_text
from tracker.models import Commitment, LogEntry, Redaction, Revision, Withdrawal

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

WRONG, RIGHT = "The bill was thought to be in force already.", "The bill is before the House of Lords, not in force."
MISTAKE = "It repeats another commitment word for word."


def correct(reference: str, wrong: str = WRONG, right: str = RIGHT) -> Commitment:
    commitment = make_commitment(reference)
    first = publish_as_approver(draft_update(commitment, "2024-03-01", status="delivered", reason=wrong))
    publish_as_approver(draft_update(commitment, "2024-03-02", reason=right, corrects=first))
    return commitment


def withdraw(reference: str) -> None:
    about = {"commitment": make_commitment(reference), "author": make_person("author")}
    publish_as_approver(Withdrawal.objects.create(reason=MISTAKE, **about))


def reword(identifier: str) -> None:
    document = make_document(identifier)
    changes = {"title": {"before": document.title, "after": "Another title"}}
    publish_as_approver(Revision.objects.create(target=document, changes=changes, reason=REASON))


def redact(phrase: str) -> Redaction:
    author = make_person("author")
    return publish_as_approver(Redaction.objects.create(phrase=phrase, reason="court-order", author=author))


def read_list(question: str = "") -> list[str]:
    page = read_page(Client(), f"/corrections/{question}")
    return [read_text(each) for each in page.find_all("li", css="entry")]


def number_of(kind: str, subject: str) -> int:
    return LogEntry.objects.filter(kind=kind, subject=subject).latest("sequence").sequence


def test_without_a_correction_the_page_says_so():
    publish_as_approver(draft_update(make_commitment()))

    assert (
        "Nothing has been corrected, withdrawn, reworded or removed so far."
        in read_page(Client(), "/corrections/").main
    )
    assert read_list() == []


def test_each_change_is_listed_newest_first_with_what_was_said_before():
    correct("REV-1")
    withdraw("REV-2")
    reword("the-news")
    make_commitment("REV-3", summary="What Jane Roe asked for.")
    redact("Jane Roe")
    corrected, withdrawn = (
        number_of("status-update", "commitments/REV-1#update-2"),
        number_of("withdrawal", "commitments/REV-2#withdrawal-1"),
    )
    reworded, redacted = number_of("revision", "documents/the-news"), number_of("redaction", "corrections")
    emptied = number_of("commitment", "commitments/REV-3")

    day = "21 November 2026 Number"
    assert read_list() == [
        f"Redaction: REV-3 {day} {redacted} in the log Words were removed: a court forbids them. "
        f"Of the log\u2019s entry {emptied} only the number, the time and the hash remain.",
        f"New wording: document the-news {day} {reworded} in the log {REASON} Title, before The news "
        "Title, after Another title",
        f"Withdrawal: REV-2 {day} {withdrawn} in the log It was entered by mistake. {MISTAKE}",
        f"Correction: REV-1, update 2 {day} {corrected} in the log Now: In progress as of 2 March 2024. "
        f"{RIGHT} Before, in REV-1, update 1: Delivered as of 1 March 2024. {WRONG}",
    ]
    assert {"/commitments/REV-1/#update-2", "/commitments/REV-1/#update-1", "/documents/the-news/"} <= set(
        read_page(Client(), "/corrections/").links
    )


def test_what_was_redacted_is_struck_out_without_its_words():
    correct("REV-1", wrong=f"{WRONG} So said Jane Roe.")
    correct("REV-2", right=f"{RIGHT} So said Jane Roe.")
    redact("Jane Roe")

    listed = read_list()

    struck = "What it said was removed on 21 November 2026: a court forbids them."
    assert [struck in each for each in listed] == [False, True, True]
    assert listed[1].endswith(f"{struck} Before, in REV-2, update 1: Delivered as of 1 March 2024. {WRONG}")
    assert listed[2].endswith(f"Now: In progress as of 2 March 2024. {RIGHT} {struck}")
    assert "Jane Roe" not in "".join(listed)


def test_a_draft_and_an_update_that_corrects_nothing_are_not_listed():
    commitment = correct("REV-1")
    second = commitment.status_updates.get(number=2)
    draft_update(commitment, "2024-03-03", corrects=second)
    publish_as_approver(draft_update(commitment, "2024-04-01"))
    Withdrawal.objects.create(commitment=commitment, reason=MISTAKE)

    assert [each.partition(" 21 ")[0] for each in read_list()] == ["Correction: REV-1, update 2"]


def test_the_list_has_pages():
    for number in range(1, 28):
        reword(f"document-{number}")

    newest, oldest = read_list(), read_list("?page=2")

    assert (len(newest), len(oldest)) == (25, 2)
    assert oldest[1].startswith("New wording: document document-1 ")
    assert read_list("?page=999") == oldest
    assert read_list("?page=x") == newest


def count_queries() -> int:
    with CaptureQueriesContext(connection) as queries:
        read_list()
    return len(queries)


def make_one_of_each(*numbers: int) -> None:
    for number in numbers:
        correct(f"REV-{number}1")
        withdraw(f"REV-{number}2")
        reword(f"document-{number}")
        make_commitment(f"REV-{number}3", summary=f"What Jane Roe the {number}th asked for.")
        redact(f"Jane Roe the {number}th")


def test_the_page_costs_six_queries_however_many_rows():
    make_one_of_each(1)
    assert count_queries() == 6
    make_one_of_each(2, 3)
    assert count_queries() == 6
