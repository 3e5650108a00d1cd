"""A reader puts the promised dates into a calendar: they move when a date moves, and say when it was met."""

import datetime as dt
from typing import Any

import icalendar
import pytest
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.examples import (
    draft_milestone,
    draft_step,
    make_commitment,
    make_person,
    publish_as_approver,
)
from tests.seven import find, make_seven_commitments
from tracker.models import Checkpoint, Milestone, Withdrawal

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

SITE = "http://127.0.0.1:8000"
D = dt.date.fromisoformat


@pytest.fixture
def seven(db) -> None:
    make_seven_commitments()


def read_calendar(client, address: str) -> Any:
    """Read a calendar with two programs that know nothing of each other, and return what the first understood."""
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert max(len(line) for line in response.content.split(b"\r\n")) <= 75
    calendar = icalendar.Calendar.from_ical(response.content)
    assert [error for event in calendar.walk() for error in event.errors] == []
    second = vobject.readOne(response.content.decode()).contents.get("vevent", [])
    assert [(event.uid.value, event.dtstart.value, event.summary.value) for event in second] == [
        (str(event["uid"]), event.decoded("dtstart"), str(event["summary"])) for event in calendar.walk("VEVENT")
    ]
    return calendar


def read_dates(client, address: str) -> dict[str, dt.date]:
    """Return the day of each event by the reference of its commitment."""
    events = read_calendar(client, address).walk("VEVENT")
    return {str(event["uid"]).partition("-milestone")[0]: event.decoded("dtstart") for event in events}


def read_event(client, reference: str) -> Any:
    (event,) = read_calendar(client, f"/commitments/{reference}/calendar/").walk("VEVENT")
    return event


ALL = {
    "ACT-3": D("2027-01-21"),
    "ACT-1": D("2027-01-20"),
    "REV-3": D("2026-11-21"),
    "REV-1": D("2026-11-20"),
    "ACT-4": D("2026-01-01"),
    "ACT-2": D("2025-09-30"),
    "REV-2": D("2024-06-30"),
}


@pytest.mark.parametrize(
    ("address", "references"),
    [
        ("/commitments.ics", list(ALL)),
        ("/commitments.ics?department=home-office&timeliness=overdue", ["REV-1"]),
        ("/commitments.ics?topic=policing&sort=title&per_page=1", ["ACT-3", "REV-2"]),
        ("/commitments.ics?q=zeppelin", []),
        ("/commitments/act-2/calendar/", ["ACT-2"]),
    ],
)
def test_a_calendar_holds_the_dates_of_what_its_address_describes_the_last_first(client, seven, address, references):
    dates = read_dates(client, address)
    assert list(dates.items()) == [(reference, ALL[reference]) for reference in references]


def test_a_calendar_without_dates_has_a_component_as_rfc_5545_asks_and_no_event(client):
    (component,) = read_calendar(client, "/commitments.ics").subcomponents
    assert (component.name, str(component["tzid"])) == ("VTIMEZONE", "Etc/UTC")
    assert component.to_tz().utcoffset(dt.datetime(2026, 11, 21)) == dt.timedelta()  # noqa: DTZ001


def test_a_calendar_with_dates_has_nothing_but_its_events(client, seven):
    assert {each.name for each in read_calendar(client, "/commitments.ics").subcomponents} == {"VEVENT"}


def test_an_event_tells_what_was_promised_and_where_to_read_more(client, seven):
    event = read_event(client, "REV-1")
    assert {name: str(event[name]) for name in ("uid", "summary", "description", "url", "status", "transp")} == {
        "uid": "REV-1-milestone-1@127.0.0.1",
        "summary": "REV-1, First report",
        "description": (
            "Open a helpline for children. Home Office.\n"
            "First due by 20 November 2026 (“by summer”).\n"
            "Not recorded as met: 1 day overdue."
        ),
        "url": f"{SITE}/commitments/REV-1/#milestone-1",
        "status": "TENTATIVE",
        "transp": "TRANSPARENT",
    }
    assert event["dtstart"].to_ical() == b"20261120"
    assert event["dtstart"].params == {"VALUE": "DATE"}
    assert (event.decoded("dtend"), event["sequence"]) == (D("2026-11-21"), 0)
    assert event.decoded("dtstamp") == dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def test_when_a_date_moves_the_same_event_moves(client, seven):
    before = read_event(client, "REV-1")
    publish_as_approver(draft_step(Milestone.objects.get(commitment=find("REV-1")), "2026-11-19", due_on="2027-03-31"))
    after = read_event(client, "REV-1")
    assert (after["uid"], after["sequence"], after.decoded("dtstart")) == (before["uid"], 1, D("2027-03-31"))
    assert "First due by 20 November 2026 (“by summer”), moved to 31 March 2027." in after["description"]
    assert read_dates(client, "/commitments/REV-1/calendar/?on=2026-11-18") == {"REV-1": D("2026-11-20")}


def test_an_event_says_when_its_promise_was_met(client, seven):
    event = read_event(client, "ACT-2")
    assert (event["summary"], event["status"], event["sequence"]) == ("Met: ACT-2, First report", "CONFIRMED", 1)
    assert event.decoded("dtstart") == D("2025-09-30")
    assert event["description"].endswith("\nMet on 1 October 2025, 1 day late.")
    then = read_calendar(client, "/commitments/ACT-2/calendar/?on=2025-09-30").walk("VEVENT")[0]
    assert (then["summary"], then["sequence"]) == ("ACT-2, First report", 0)
    assert then["url"] == f"{SITE}/commitments/ACT-2/?on=2025-09-30#milestone-1"


def test_a_date_of_what_was_closed_says_so(client, seven):
    assert read_event(client, "ACT-4")["description"].endswith(
        "Not recorded as met. The commitment was closed with this date still open."
    )


def test_a_calendar_says_what_it_is_and_which_version_of_the_register_it_comes_from(client, seven):
    calendar = read_calendar(client, "/commitments.ics?department=justice")
    checkpoint = Checkpoint.objects.first()
    assert {name: str(calendar[name]) for name in ("version", "method", "name", "x-wr-calname")} == {
        "version": "2.0",
        "method": "PUBLISH",
        "name": "Commitments Register: Justice",
        "x-wr-calname": "Commitments Register: Justice",
    }
    assert calendar["refresh-interval"].to_ical() == b"PT12H"
    assert f"version {checkpoint.size}. Root of its log: {checkpoint.root_hash}" in calendar["x-wr-caldesc"]
    assert f"{SITE}/about/#licence" in calendar["description"]


def test_the_contact_address_stands_for_the_organiser_where_there_is_one(client, seven, settings):
    assert "organizer" not in read_event(client, "REV-1")
    settings.CONTACT_EMAIL = "register@example.org"
    assert read_event(client, "REV-1")["organizer"] == "mailto:register@example.org"


def test_no_draft_and_nothing_withdrawn_is_in_a_calendar(client, seven):
    before = client.get("/commitments.ics").content
    draft_step(Milestone.objects.get(commitment=find("REV-1")), "2026-11-19", due_on="2027-03-31")
    draft_milestone(find("REV-1"), "2027-01-01")
    why = "It was entered twice, see ACT-1 of the same set."
    draft = Withdrawal.objects.create(commitment=find("ACT-2"), reason=why, author=make_person("a"))
    assert client.get("/commitments.ics").content == before
    publish_as_approver(draft)
    assert list(read_dates(client, "/commitments.ics")) == [each for each in ALL if each != "ACT-2"]


def test_words_that_no_calendar_can_hold_are_put_right(client):
    title = "Report; first, \x0b“whole”\nBEGIN:VEVENT"
    publish_as_approver(draft_milestone(make_commitment("REV-1"), title=title, due_text="x\r"))
    assert read_event(client, "REV-1")["summary"] == "REV-1, Report; first, “whole”\nBEGIN:VEVENT"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/commitments.ics?status=bogus", "“bogus” is not one of the choices of “Status”."),
        (
            "/commitments.ics?status=bogus&o=1",
            "“bogus” is not one of the choices of “Status”.\n"
            "“o” is not a filter of this list. Remove it from the address.",
        ),
        ("/commitments.ics?on=x", "“x” is not a real date. Write “on” like 2025-04-09."),
        ("/commitments/REV-1/calendar/?status=delivered", "“status” means nothing here. Remove it from the address."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_plain_words(client, seven, address, sentence):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (400, "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(response.content)
    assert calendar["X-WR-CALNAME"] == "Commitments Register: this question cannot be answered"
    assert (calendar["DESCRIPTION"], calendar.events) == (sentence, [])


def test_a_calendar_asks_as_much_of_one_commitment_as_of_three(client):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            read_calendar(client, address)
        return len(queries)

    questions = {"/commitments.ics": 4, "/commitments/REV-1/calendar/": 5}
    counts = []
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            publish_as_approver(draft_milestone(make_commitment(f"REV-{number}")))
        counts.append({address: count(address) for address in questions})
    assert counts == [questions, questions]
