"""Where a commitment's texts would distress, its page says so before it shows them, and no other page shows them."""

import io
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.desk import Desk, make_staff
from tests.examples import draft_update, make_commitment, publish_as_approver, small_files, write_files
from tests.migrating import NEWEST, migrate
from tests.reading import Page, read_page, read_text
from tracker.auditing import find_broken_invariants
from tracker.importing import RegisterFiles, plan_load, read_register
from tracker.models import Commitment, LogEntry, Revision

pytestmark = pytest.mark.usefixtures("empty_register")

SUMMARY = "What was done to a child is told here at length."
REASON = "The inquiry published what it had heard of it."
NOTE = "Tells it in their own words."
WHY = "Readers wrote that the text had distressed them."
TEXTS = (SUMMARY, REASON, NOTE)


@pytest.fixture
def commitment() -> Commitment:
    made = make_commitment(summary=SUMMARY, has_distressing_detail=True)
    publish_as_approver(draft_update(made, reason=REASON, evidence={"note": NOTE}))
    return made


def find_folded(page: Page) -> Element:
    (folded,) = [each for each in page.find_all("details") if each.get("id") == "texts"]
    assert "open" not in folded.attrib
    return folded


def test_the_page_says_so_first_and_shows_the_texts_to_whoever_reads_on(client, commitment):
    page = read_page(client, "/commitments/REV-1/")
    folded = read_text(find_folded(page))
    assert folded.startswith("Show the texts of REV-1")
    assert [text for text in TEXTS if text not in folded] == []
    assert [text for text in TEXTS if text in page.main.replace(folded, "")] == []
    before = page.main[: page.main.index("Show the texts")]
    assert "Distressing detail The texts of this entry describe abuse in detail that may distress you." in before
    assert "In progress" in before
    assert [text for text in TEXTS if text in page.html[: page.html.index("<body")]] == []


def test_an_entry_without_it_shows_its_texts_at_once(client):
    publish_as_approver(draft_update(make_commitment(summary=SUMMARY), reason=REASON))
    page = read_page(client, "/commitments/REV-1/")
    assert SUMMARY in page.main
    assert [each for each in page.find_all("details") if each.get("id") == "texts"] == []
    assert "distress" not in page.main


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/commitments/", "/commitments/?q=child", "/changes/?since=2024-01-01&until=2025-01-01"),
        *("/departments/home-office/", "/programmes/the-review/", "/documents/the-report/"),
        *("/commitments.atom", "/commitments/REV-1/feed/", "/commitments.ics", "/commitments/REV-1/card/"),
    ],
)
def test_no_list_feed_or_card_shows_the_texts(client, commitment, address):
    response = client.get(address)
    text = response.getvalue().decode()
    assert response.status_code == 200
    assert [each for each in TEXTS if each in text] == []


def test_files_hold_the_texts_and_say_what_they_are(client, commitment):
    header, row = client.get("/commitments.csv").getvalue().decode("utf-8-sig").splitlines()
    values = dict(zip(header.split(","), row.split(","), strict=True))
    assert (values["summary"], values["has_distressing_detail"]) == (SUMMARY, "true")


def test_staff_say_so_for_what_is_public_with_a_reason_and_two_people(client):
    commitment = make_commitment()
    logged = LogEntry.objects.filter(kind="commitment").latest("sequence").content
    assert "has_distressing_detail" not in logged
    editor, reviewer = Desk(make_staff("edith", "Editor")), Desk(make_staff("rita", "Reviewer"))
    editor.change(commitment, {"has_distressing_detail": "on", "reason_for_change": WHY})
    (revision,) = Revision.objects.all()
    assert revision.changes == {"has_distressing_detail": {"before": False, "after": True}}
    assert "Show the texts" not in read_page(client, "/commitments/REV-1/").main
    reviewer.decide(revision, "_publish")
    page = read_page(client, "/commitments/REV-1/")
    assert f"{WHY} Describes abuse in distressing detail, before No" in read_text(find_folded(page))
    assert LogEntry.objects.filter(kind="commitment").latest("sequence").content == logged | {
        "has_distressing_detail": True
    }
    assert list(find_broken_invariants()) == []


def read_files(folder: Path, *, first: dict[str, Any]) -> RegisterFiles:
    """Write a register whose first commitment says more, and read it."""
    files = small_files()
    one, other = files["commitments/the-review.json"]
    register, problems = read_register(
        write_files(folder, files | {"commitments/the-review.json": [one | first, other]})
    )
    assert problems == []
    return register


def test_the_registers_files_may_say_so_and_need_not(tmp_path, on_21_november_2026):
    read_files(tmp_path, first={"has_distressing_detail": True})
    call_command("load_register", tmp_path, stdout=io.StringIO())
    assert dict(Commitment.objects.values_list("reference", "has_distressing_detail")) == {
        "REV-1": True,
        "REV-2": False,
    }
    said = read_files(tmp_path, first={"has_distressing_detail": True})
    assert plan_load(said).refusals == []
    unsaid = read_files(tmp_path, first={"has_distressing_detail": False})
    assert [refusal.path for refusal in plan_load(unsaid).refusals] == [
        "commitments/the-review.json > REV-1 > has_distressing_detail"
    ]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_way_back_and_forth_keeps_what_is_public(transactional_db):
    make_commitment()
    before = list(LogEntry.objects.order_by("sequence").values())
    migrate("0006_redaction")
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "tracker_commitment")
    assert "has_distressing_detail" not in [column.name for column in columns]
    migrate()
    assert list(LogEntry.objects.order_by("sequence").values()) == before
    assert list(Commitment.objects.values_list("reference", "has_distressing_detail")) == [("REV-1", False)]
    assert MigrationExecutor(connection).migration_plan([("tracker", NEWEST)]) == []
