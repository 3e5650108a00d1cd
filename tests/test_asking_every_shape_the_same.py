"""Whatever is asked, every shape of the answer has the same rows: page, files, API, feed and calendar."""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from django.test import Client

from tests.examples import REASON, draft_commitment, draft_milestone, draft_step, draft_update
from tests.files import SITE, add, fetch, read_csv, read_lines
from tests.reading import Page, read_cell, read_page
from tracker.models import Commitment, Milestone, Withdrawal

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "loaded_register")

QUESTIONS, BATCHES = 200, 4
SAMPLE = 8  # of each batch, where the test is not to run at length
QUAGGA = f"Quagga. {REASON}"
MOMENTS = [{}, {}, {"on": "2025-04-09"}, {"on": "2025-06-16"}, {"on": "2026-04-29"}, {"known": "2026-11-20"}]
VALUES: dict[str, list[Any]] = {
    "q": ["police", "children data", "home office", "IICSA", "2025", "quagga"],
    "department": ["home-office", "ministry-of-justice", ["department-for-education", "home-office"]],
    "supporting": ["on", "off"],
    "programme": ["iicsa-final-report", ["casey-national-audit", "petition-response-2018"]],
    "topic": ["mandatory-reporting", ["policing-and-investigations", "redress-and-compensation"]],
    "kind": ["recommendation", ["pledge", "fund"]],
    "status": ["in-progress", ["delivered", "not-started"], "not-yet-checked", ["superseded", "partly-delivered"]],
    "timeliness": ["overdue", "no-date", ["due-soon", "late"]],
    "strength": ["strong", ["weak", "moderate"]],
    "response": ["accepted", "not-recorded", ["rejected", "accepted-in-principle"]],
    "made_after": ["2018-01-01", "2022-10-20"],
    "made_before": ["2025-06-16", "2023-01-01"],
    "sort": ["reference", "-reference", "-changed_on", "due_on", "title", "status", "-department", "made_on"],
}


def make_questions() -> list[str]:
    """Make up questions of one to four filters, or an order, on some day: all different, and the same every time."""
    chance = random.Random(5)  # noqa: S311
    questions: dict[str, None] = {}
    while len(questions) < QUESTIONS:
        names = chance.sample(sorted(VALUES), chance.choice([1, 1, 2, 2, 3, 4]))
        asked = {name: chance.choice(VALUES[name]) for name in names}
        questions[urlencode(asked | chance.choice(MOMENTS), doseq=True)] = None
    return list(questions)


@pytest.fixture
def drafts(loaded_register: None) -> None:
    """Write of each kind of thing one that nobody has published, about what is asked for."""
    for commitment in Commitment.objects.published().filter(programme__slug="iicsa-final-report")[:5]:
        draft_update(commitment, "2025-01-10", status="delivered", reason=QUAGGA)
        draft_update(commitment, "2026-11-01", reason=QUAGGA, corrects=commitment.current_update)
        draft_milestone(commitment, "2026-11-30", title=QUAGGA)
        Withdrawal.objects.create(commitment=commitment, reason=QUAGGA)
    for milestone in Milestone.objects.filter(met_on=None):
        draft_step(milestone, "2026-11-01", due_on="2030-01-01")
    lead = Commitment.objects.published().filter(department__slug="home-office")[0].department
    draft_commitment("QUAGGA-1", title=QUAGGA, department=lead)


# --- The shapes that have a row for each commitment, as texts by the names of the files' columns -------------

Rows = list[dict[str, str]]


def read_pages(question: str) -> Rows:
    """Return what the rows of the list say, on all of its pages."""
    rows: Rows = []
    page = read_page(Client(), add("/commitments/", f"{question}&per_page=100"))
    counted = page.counted
    while True:
        rows += read_table(page)
        following = [link.attrib["href"] for link in page.find_all("a") if link.get("rel") == "next"]
        if not following:
            assert len(rows) == counted
            return rows
        page = read_page(Client(), f"/commitments/{following[0]}")


def read_table(page: Page) -> Iterator[dict[str, str]]:
    for row in (row for table in page.find_all("table", css="register-table") for row in table.findall("./tbody/tr")):
        texts = [read_cell(cell) for cell in row]
        days = [next((time.attrib["datetime"] for time in cell.iter("time")), "") for cell in row]
        if len(texts) > 1:
            yield {
                "reference": texts[0],
                "title": texts[1],
                "department_name": texts[2],
                "status_label": texts[3].removesuffix(" Weak evidence only"),
                "status_since": days[4],
                "made_on": days[5],
                "next_due_on": days[6],
            }


def read_json_pages(question: str, path: str = "/commitments.json") -> Rows:
    rows: Rows = []
    address = add(path, f"{question}&per_page=60")
    while address:
        response = Client().get(address)
        answer = response.json()
        rows += map(as_texts, answer["commitments"])
        links = {rel: link for link, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', response["Link"])}
        address = links.get("next", "").removeprefix(SITE)
    assert len(rows) == answer["count"]
    return rows


def read_json_lines(question: str) -> Rows:
    return [as_texts(each) for each in read_lines(add("/commitments.jsonl", question))]


def as_texts(commitment: dict[str, Any]) -> dict[str, str]:
    """Write the values of JSON as the cells of a CSV."""
    return {name: write(value) for name, value in commitment.items() if name != "updates"}


def write(value: Any) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


# Whatever else lists the commitments of a question stands here too.
SHAPES: dict[str, Callable[[str], Rows]] = {
    "page": read_pages,
    "JSON": read_json_pages,
    "JSON Lines": read_json_lines,
    "API": partial(read_json_pages, path="/api/commitments/"),
}


# --- The shapes that have rows of their own about the same commitments ---------------------------------------


def find_moment(question: str) -> str:
    return "&".join(re.findall(r"(?:on|known)=[\d-]+", question))


@cache
def read_all_events(moment: str) -> dict[str, str]:
    """Return the text of each event there is on a day, by its id."""
    return read_events(moment)


def read_events(question: str) -> dict[str, str]:
    text = re.sub("\r\n ", "", fetch(add("/commitments.ics", question)).decode())
    events = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, flags=re.DOTALL)
    return {re.findall(r"^UID:(.*?)\r$", event, flags=re.MULTILINE)[0]: event for event in events}


def check_calendar(question: str, listed: list[str]) -> None:
    everything = read_all_events(find_moment(question))
    expected = {uid: event for uid, event in everything.items() if uid.partition("-milestone-")[0] in listed}
    assert list(read_events(question).items()) == list(expected.items())


def check_feed(question: str, updates: Rows) -> None:
    """The feed has the fifty newest of the updates; the files say when, to the second."""
    entries = feedparser.parse(fetch(add("/commitments.atom", question))).entries
    times = {re.sub(r"\?[^#]*", "", row["url"]): row["published_at"][:19] for row in updates}
    said = [(entry.id, entry.updated[:19]) for entry in entries]
    assert (len(said), len(dict(said))) == (min(50, len(times)),) * 2
    assert said == [(each, times[each]) for each, _ in said]
    left_out = [at for each, at in times.items() if each not in dict(said)]
    assert max(left_out, default="") <= min((at for _, at in said), default="~")


# --- The questions ---------------------------------------------------------------------------


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_each_shape_of_an_answer_has_the_rows_of_the_page_in_its_order(batch: int, at_length: bool):
    found, questions = 0, make_questions()[batch::BATCHES]
    questions = questions if at_length else questions[:SAMPLE]
    for question in questions:
        rows = read_csv(add("/commitments.csv", question))
        listed = [row["reference"] for row in rows]
        for name, read in SHAPES.items():
            read_rows = read(question)
            expected = [{column: row[column] for column in each} for row, each in zip(rows, read_rows, strict=False)]
            assert (len(read_rows), read_rows) == (len(rows), expected), f"{name} of {question}"
        check_history(question, listed)
        found += bool(listed)
    assert found > len(questions) / 3  # enough of the questions have an answer


def check_history(question: str, listed: list[str]) -> None:
    updates = read_csv(add("/commitments/updates.csv", question))
    whole = read_lines(add("/commitments.jsonl", question))
    assert [(row["reference"], row["update"]) for row in updates] == [
        (row["reference"], str(each["update"])) for row in whole for each in row["updates"]
    ]
    assert not any("Quagga" in row["reason"] for row in updates)
    check_feed(question, updates)
    check_calendar(question, listed)


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize(
    "address",
    [
        *("/commitments/", "/commitments.csv", "/commitments/updates.csv", "/commitments/evidence.csv"),
        *("/commitments.json", "/commitments.jsonl", "/commitments.atom", "/commitments.ics", "/api/commitments/"),
    ],
)
def test_a_draft_is_in_no_shape(address: str):
    assert b"uagga" not in fetch(address)
