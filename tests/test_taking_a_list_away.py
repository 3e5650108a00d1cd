"""A reader takes the answer to a question away as a file: the rows of the page, all of them, in the same order."""

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import odfdo
import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.examples import (
    D,
    draft_commitment,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    publish_as_approver,
)
from tests.files import SITE, add, fetch, read_csv, read_lines
from tests.reading import read_commitments, read_page
from tests.seven import find, make_seven_commitments
from tracker.exports import FORMATS, SHEETS, Selection, write_csv
from tracker.exports.reading import CHUNK
from tracker.models import Commitment, Revision
from tracker.moments import Moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_21_november_2026")]

WHY = "The department passed the work to the Treasury."
HEADERS = {
    "/commitments.csv": (
        "reference,title,summary,kind,programme,programme_name,number,department,department_name,supporting,topics,"
        "made_on,made_on_precision,made_by,status,status_label,status_since,status_update,status_as_of,"
        "status_strength,claim,claim_as_of,response,response_on,next_due_on,timeliness,checked_on,source_document,"
        "source_url,source_locator,confidence,editor_note,"
        "has_distressing_detail,url,on,known,licence"
    ),
    "/commitments/updates.csv": (
        "reference,update,basis,status,status_label,as_of,reason,strength,corrects,corrected_by,published_at,url,on,known,licence"
    ),
    "/commitments/evidence.csv": (
        "reference,update,document,document_title,document_url,publisher,published_on,document_kind,origin,strength,"
        "note,records_completion,already_in_place,document_page,url,on,known,licence"
    ),
}


def read_pages(question: str) -> list[str]:
    """Return the references on all pages of the list."""
    found: list[str] = []
    page = read_commitments(Client(), question)
    while True:
        found += page.references
        following = [link.attrib["href"] for link in page.find_all("a") if link.get("rel") == "next"]
        if not following:
            assert len(found) == page.counted
            return found
        page = read_page(Client(), f"/commitments/{following[0]}")


# --- The same rows as the page ---------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("moment", ["", "on=2025-06-16"])
def test_the_history_in_the_files_is_that_of_the_commitments_page(moment: str):
    reference = "IICSA-13"
    page = read_page(Client(), add(f"/commitments/{reference}/", moment))
    shown = [int(each.attrib["id"].removeprefix("update-")) for each in page.find_all(css="timeline__entry")]
    updates = [row for row in read_csv(add("/commitments/updates.csv", moment)) if row["reference"] == reference]
    assert [int(row["update"]) for row in updates] == shown
    assert {row["url"].partition("#")[0] for row in updates} == {SITE + add(f"/commitments/{reference}/", moment)}
    rows = read_csv(add("/commitments/evidence.csv", moment))
    cited = [row["update"] for row in rows if row["reference"] == reference]
    (whole,) = (row for row in read_lines(add("/commitments.jsonl", moment)) if row["reference"] == reference)
    assert cited == [str(each["update"]) for update in whole["updates"] for each in update["evidence"]]
    assert set(cited) == {row["update"] for row in updates}


@pytest.mark.usefixtures("empty_register")
def test_a_past_day_has_the_status_and_the_words_of_then(monkeypatch: pytest.MonkeyPatch):
    commitment = make_commitment(title="Words of today")
    publish_as_approver(draft_update(commitment, "2024-02-01", status="in-progress"))
    publish_as_approver(draft_update(commitment, "2024-05-01", status="partly-delivered"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC))
    changes = {
        "title": {"before": "Words of today", "after": "Words of December"},
        "editor_note": {"before": "", "after": "A caution."},
        "department": {"before": "home-office", "after": make_department("treasury").slug},
        "supporting": {"before": [], "after": ["home-office"]},
    }
    publish_as_approver(Revision.objects.create(target=commitment, changes=changes, reason=WHY))
    names = ("title", "editor_note", "department", "supporting", "status", "on", "known")
    moments = ("", "on=2024-03-01", "known=2026-11-21", "on=2024-03-01&known=2026-11-21")
    read = [[row[name] for name in names] for moment in moments for row in read_csv(add("/commitments.csv", moment))]
    now, then = (
        ["Words of December", "A caution.", "treasury", "home-office"],
        ["Words of today", "", "home-office", ""],
    )
    assert read == [
        [*now, "partly-delivered", "2026-12-01", ""],
        [*now, "in-progress", "2024-03-01", ""],
        [*then, "partly-delivered", "2026-11-21", "2026-11-21"],
        [*then, "in-progress", "2024-03-01", "2026-11-21"],
    ]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("known", ["2026-11-20", "2026-11-21", "2026-12-01"])
def test_a_file_knows_as_much_as_the_page(known: str, monkeypatch: pytest.MonkeyPatch):
    make_seven_commitments()
    monkeypatch.setattr("django.utils.timezone.now", lambda: dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC))
    changes = {"title": {"before": "Write to every school", "after": "Advise schools"}}
    publish_as_approver(Revision.objects.create(target=find("REV-2"), changes=changes, reason=WHY))
    publish_as_approver(draft_update(find("REV-1"), "2024-05-01", status="partly-delivered"))
    publish_as_approver(draft_commitment("REV-8"))
    asked = ("", "sort=title", "sort=-changed_on", "q=every", "status=in-progress", "department=home-office")
    for question in (f"on={on}&known={known}&{each}".rstrip("&") for each in asked for on in ("2024-06-30", known)):
        listed = read_pages(question)
        rows = read_lines(f"/commitments.jsonl?{question}")
        assert [row["reference"] for row in rows] == listed
        assert [row["title"] for row in rows] == [row[1] for row in read_commitments(Client(), question).rows]
        assert [row["reference"] for row in read_csv(f"/commitments.csv?{question}")] == listed


@pytest.mark.usefixtures("empty_register")
def test_a_draft_is_in_no_file():
    make_seven_commitments()
    before = [fetch(f"/commitments{ending}") for ending in (".csv", ".jsonl", ".json", "/updates.csv", "/evidence.csv")]
    draft_commitment("REV-99", title="Quagga")
    draft_update(find("REV-1"), "2026-01-01", reason="Quagga, a reason that is long enough.")
    after = [fetch(f"/commitments{ending}") for ending in (".csv", ".jsonl", ".json", "/updates.csv", "/evidence.csv")]
    assert after == before
    assert not any(b"Quagga" in content for content in after)


# --- What is in a file -----------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", HEADERS)
def test_the_header_is_the_same_even_without_rows(address: str):
    assert fetch(address).decode() == f"{HEADERS[address]}\r\n"


@pytest.mark.usefixtures("empty_register")
def test_a_row_says_what_is_known_of_a_commitment():
    make_seven_commitments()
    (row,) = read_csv("/commitments.csv?q=every&department=home-office")
    assert row == {
        "reference": "REV-2",
        "title": "Write to every school",
        "summary": "The government promised to do it.",
        "kind": "pledge",
        "programme": "the-review",
        "programme_name": "The review",
        "number": "2",
        "department": "home-office",
        "department_name": "Home Office",
        "supporting": "",
        "topics": "policing; schools",
        "made_on": "2024-01-11",
        "made_on_precision": "day",
        "made_by": "Home Secretary",
        "status": "delivered",
        "status_label": "Delivered",
        "status_since": "2024-06-10",
        "status_update": "1",
        "status_as_of": "2024-06-10",
        "status_strength": "strong",
        "claim": "",
        "claim_as_of": "",
        **{name: row[name] for name in ("response", "response_on", "timeliness", "checked_on")},
        "next_due_on": "",
        "source_document": "the-report",
        "source_url": "https://www.gov.uk/the-report",
        "source_locator": "",
        "confidence": "high",
        "editor_note": "",
        "has_distressing_detail": "false",
        "url": f"{SITE}/commitments/REV-2/",
        "on": "2026-11-21",
        "known": "",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.mark.usefixtures("empty_register")
def test_a_correction_is_marked_on_both_sides():
    commitment = make_commitment()
    wrong = publish_as_approver(draft_update(commitment, "2024-02-01"))
    publish_as_approver(draft_update(commitment, "2024-02-01", status="not-started", corrects=wrong))
    rows = read_csv("/commitments/updates.csv")
    assert [(row["update"], row["corrects"], row["corrected_by"]) for row in rows] == [("2", "1", ""), ("1", "", "2")]


HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\n=1",
    '=HYPERLINK("https://x")',
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(text: str):
    make_commitment(title=text)
    assert read_csv("/commitments.csv")[0]["title"] == f"'{text}"
    assert read_lines("/commitments.jsonl")[0]["title"] == text
    cell = openpyxl.load_workbook(io.BytesIO(fetch("/commitments.xlsx")))["commitments"]["B2"]
    assert (cell.value, cell.data_type) == (f"'{text}", "s")
    assert b"of:=" not in fetch("/commitments.ods")


@pytest.mark.usefixtures("empty_register")
def test_a_text_is_kept_with_its_lines_and_marks():
    text = 'First; "second",  £5 million\n\n  and a\tline <b>&amp;</b> '
    make_commitment(summary=text)
    assert read_csv("/commitments.csv")[0]["summary"] == text
    assert read_lines("/commitments.jsonl")[0]["summary"] == text
    assert read_workbook("xlsx")["commitments"][1][2] == text
    assert read_workbook("ods")["commitments"][1][2] == text


# --- Workbooks -------------------------------------------------------------------------------


def read_workbook(ending: str, question: str = "") -> dict[str, list[list[Any]]]:
    return open_workbook(ending, fetch(add(f"/commitments.{ending}", question)))


def open_workbook(ending: str, answer: bytes) -> dict[str, list[list[Any]]]:
    content = io.BytesIO(answer)
    if ending == "ods":
        tables = odfdo.Document(content).body.tables
        return {table.name: [list(row) for row in table.get_values()] for table in tables}
    book = openpyxl.load_workbook(content, read_only=True)
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


def as_text(value: Any) -> str:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return "" if value is None else str(value)


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
@pytest.mark.parametrize("question", ["", "department=home-office&sort=-made_on", "on=2024-06-20"])
def test_a_workbook_has_the_sheets_and_says_where_they_are_from(ending: str, question: str):
    make_seven_commitments()
    book = read_workbook(ending, question)
    assert list(book) == ["commitments", "updates", "evidence", "about"]
    for sheet, address in zip(SHEETS, HEADERS, strict=True):
        header, *rows = book[sheet.name]
        assert header == sheet.header
        expected = [list(row.values()) for row in read_csv(add(address, question))]
        filled = [[as_text(value) for value in row] + [""] * (len(header) - len(row)) for row in rows]
        assert filled == expected
    about = {row[0]: row[1] for row in book["about"]}
    assert about["question"] == SITE + add("/commitments/", question)
    assert about["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert about["checkpoint"].startswith(f"{SITE}/log/checkpoint/")


@pytest.mark.usefixtures("empty_register")
def test_dates_and_numbers_of_a_workbook_are_dates_and_numbers():
    make_commitment()
    header, row = read_workbook("xlsx")["commitments"]
    assert (row[header.index("made_on")], row[header.index("number")]) == (dt.datetime(2024, 1, 10), 1)  # noqa: DTZ001
    header, row = read_workbook("ods")["commitments"]
    assert (row[header.index("made_on")], row[header.index("number")]) == (D("2024-01-10"), 1)


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_workbook_that_would_be_too_long_is_refused_in_a_sentence(ending: str, monkeypatch: pytest.MonkeyPatch):
    make_seven_commitments()
    form = next(each for each in FORMATS if each.ending == ending)
    monkeypatch.setitem(vars(form), "limit", 6)
    response = Client().get(f"/commitments.{ending}")
    assert (response.status_code, response["Content-Type"]) == (400, form.media_type)
    ((name, lines),) = open_workbook(ending, response.content).items()
    assert (name, lines[0]) == ("errors", ["error"])
    assert lines[1][0].startswith("This workbook holds at most 6 commitments, and this question has 7. ")
    page = read_commitments(Client())
    assert f"{form.label}: for at most 6 commitments. Narrow the question, or take the CSV files." in page.main
    assert f"/commitments.{ending}" not in [link.get("href") for link in page.find_all("link")]


# --- JSON in pages ---------------------------------------------------------------------------


def read_links(response: Any) -> dict[str, str]:
    return {rel: address for address, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', response["Link"])}


@pytest.mark.usefixtures("empty_register")
def test_the_pages_of_the_json_lead_to_each_other_and_hold_everything_once():
    make_seven_commitments()
    address, found = "/commitments.json?per_page=3&sort=-made_on", []
    while address:
        response = Client().get(address)
        page = response.json()
        assert (page["schema_version"], page["count"], page["pages"], page["per_page"]) == (1, 7, 3, 3)
        found += page["commitments"]
        links = read_links(response)
        assert links["last"] == f"{SITE}/commitments.json?per_page=3&sort=-made_on&page=3"
        address = links.get("next", "").removeprefix(SITE)
    licence = {"licence": "https://creativecommons.org/licenses/by/4.0/"}  # each line says it, the page once
    assert [row | licence for row in found] == read_lines("/commitments.jsonl?sort=-made_on")


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("page=2", "There is no page “2”; there are 1."),
        ("page=0", "There is no page “0”; there are 1."),
        ("page=x", "There is no page “x”; there are 1."),
        ("page=%F0%9F%91%8D", "There is no page “👍”; there are 1."),
        ("per_page=0", "“per_page” must be a whole number from 1; not “0”."),
        ("per_page=-5", "“per_page” must be a whole number from 1; not “-5”."),
    ],
)
def test_a_page_of_the_json_that_is_not_there_is_refused(asked: str, message: str):
    response = Client().get(f"/commitments.json?{asked}")
    assert (response.status_code, response.json()["errors"]) == (400, [message])


def test_a_page_of_the_json_has_at_most_a_thousand():
    assert json.loads(fetch("/commitments.json?per_page=999999"))["per_page"] == 1000


# --- What is wrong with a question -----------------------------------------------------------

WRONG = {
    "department=bogus": "“bogus” is not one of the choices of “Department”.",
    "password=1": "“password” is not a filter of this list. Remove it from the address.",
    "on=31-02-x": "“31-02-x” is not a real date. Write “on” like 2025-04-09.",
    "on=2027-01-01": "2027-01-01 is still to come. Today is 2026-11-21.",
    "q=one&q=two": "“Words” has more than one value. Give only one.",
}


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("question", WRONG)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.address_name)
def test_a_question_that_is_not_understood_is_refused_in_the_format_asked_for(form: Any, question: str):
    make_seven_commitments()
    address = dict(zip((each.address_name for each in FORMATS), ADDRESSES, strict=True))[form.address_name]
    response = Client().get(f"{address}?{question}")
    assert response.status_code == 400
    assert response["X-Robots-Tag"] == "noindex"
    if form.ending == "csv":
        assert list(csv.reader(io.StringIO(response.content.decode()))) == [["error"], [WRONG[question]]]
    elif form.ending.startswith("json"):
        assert (response["Content-Type"], response.json()["status"]) == ("application/problem+json", 400)
        assert (response.json()["detail"], response.json()["errors"]) == (WRONG[question], [WRONG[question]])
    else:
        assert response["Content-Type"] == form.media_type
        assert open_workbook(form.ending, response.content) == {"errors": [["error"], [WRONG[question]]]}


# --- How it is sent --------------------------------------------------------------------------

ADDRESSES = [
    *HEADERS,
    *("/commitments.xlsx", "/commitments.ods", "/commitments.json", "/commitments.jsonl"),
]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_is_named_by_its_days_and_says_where_it_is_from(address: str):
    make_seven_commitments()
    response = Client().get(f"{address}?on=2025-07-01&known=2026-11-21&status=delivered&page=1")
    name, ending = re.fullmatch(r".*?([a-z]+)\.([a-z]+)", address).groups()  # type: ignore[union-attr]
    assert response["Content-Disposition"].endswith(
        f'filename="{name}-2026-11-21-on-2025-07-01-known-2026-11-21.{ending}"'
    )
    links = read_links(response)
    assert links["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert links["canonical"] == f"{SITE}/commitments/?on=2025-07-01&known=2026-11-21&status=delivered"
    assert links["describedby"] == f"{SITE}/data/"
    assert response["X-Robots-Tag"] == "noindex"
    assert re.fullmatch(rf"{SITE}/log/checkpoint/\d+", response["Log-Checkpoint"])


@pytest.mark.usefixtures("empty_register")
def test_the_first_rows_are_sent_before_the_last_are_read():
    key = make_commitment().pk
    chunks = write_csv(SHEETS[0], Selection([key, *range(key + 1, key + 2 * CHUNK)], Moment(D("2026-11-21")), SITE))
    with CaptureQueriesContext(connection) as first:
        assert next(chunks).startswith(b"reference,")
    with CaptureQueriesContext(connection) as rest:
        assert len(list(chunks)) == 1
    assert len(first) == len(rest) > 0


@pytest.mark.usefixtures("empty_register")
def test_a_file_asks_as_much_of_one_row_as_of_three():
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            fetch(address)
        return len(queries)

    def make_row(number: int) -> None:
        commitment = make_commitment(f"REV-{number}", department=make_department(f"department-{number}"))
        document = make_document(f"document-{number}")
        publish_as_approver(draft_update(commitment, evidence={"document": document}))
        commitment.supporting.set([make_department("helper")])

    make_row(1)
    dated = [f"{address}?on=2024-12-01" for address in ADDRESSES]
    of_one = [count(address) for address in [*ADDRESSES, *dated]]
    make_row(2)
    make_row(3)
    assert [count(address) for address in [*ADDRESSES, *dated]] == of_one
    assert max(of_one) <= 30


# --- The page --------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_the_page_offers_each_file_with_its_rows():
    make_seven_commitments()
    question = "sort=-made_on&department=home-office"
    page = read_commitments(Client(), f"{question}&per_page=2")
    box = next(each for each in page.find_all("section") if each.get("aria-labelledby") == "take-away")
    offered = [link.attrib["href"] for link in box.iter("a")]
    assert offered == [*(f"{address}?{question}" for address in ADDRESSES), "/data/"]
    said = [" ".join("".join(item.itertext()).split()) for item in box.iter("li")]
    rows = [len(read_csv(address)) for address in offered[:3]]
    assert rows[0] == page.counted == 3
    assert said[0] == "Commitments (CSV), 3 commitments. One row for each commitment."
    assert said[1] == f"Status updates (CSV), {rows[1]} updates. The history of these commitments."
    assert said[2] == f"Evidence (CSV), {rows[2]} rows. The documents cited for each update."
    types = {each.media_type for each in FORMATS}  # a feed and a calendar stand beside the files
    alternates = [
        each for each in page.find_all("link") if each.get("rel") == "alternate" and each.get("type") in types
    ]
    assert [link.attrib["href"] for link in alternates] == offered[:-1]
    assert [link.attrib["type"] for link in alternates] == [each.media_type for each in FORMATS]


@pytest.mark.usefixtures("empty_register")
def test_a_question_that_is_not_understood_offers_no_file():
    page = read_commitments(Client(), "department=bogus")
    assert [link for link in page.find_all("link") if link.get("rel") == "alternate" and link.get("type")] == []
    assert "Take this away" not in page.main


def test_the_data_dictionary_names_every_column_and_every_file():
    page = read_page(Client(), "/data/")
    for sheet, header in zip(SHEETS, HEADERS.values(), strict=True):
        box = next(each for each in page.find_all("section") if each.get("aria-labelledby") == sheet.name)
        assert [code.text for code in box.iter("code")] == header.split(",")
    for address in (*ADDRESSES, "/commitments.atom", "/commitments.ics"):
        assert address in page.links
    assert "an apostrophe put before it" in page.main


@pytest.mark.usefixtures("loaded_register")
def test_every_address_in_a_row_is_that_of_its_page():
    for row in read_csv("/commitments.csv"):
        assert row["url"] == SITE + Commitment.objects.get(reference=row["reference"]).get_absolute_url()
    row = read_csv("/commitments/evidence.csv")[0]
    assert Client().get(row["document_page"].removeprefix(SITE)).status_code == 200
