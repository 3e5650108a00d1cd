"""A reader asks how things stood on a day, and how the register itself described them: `?on=` and `?known=`."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.examples import (
    D,
    draft_funding,
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.reading import read_commitments, read_page, read_text
from tests.sections import read_commitment, read_fact, read_history, read_section, read_status
from tests.test_reading_documents_and_petitions import draft_petition
from tracker.models import Check, Commitment, LogEntry, Petition, Redaction, Revision, Topic, Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_21_november_2026")]

# Counted by hand from fixtures/commitments/*.json: of the updates dated by that day, the last of each commitment.
STOOD = {
    "2025-04-09": {
        "partly-delivered": 7,
        "in-progress": 44,
        "not-started": 9,
        "delivered": 8,
        "will-not-be-done": 4,
        "superseded": 4,
        "cannot-be-judged": 9,
        "not-yet-checked": 1,
    },
    "2025-06-16": {
        "partly-delivered": 10,
        "in-progress": 50,
        "not-started": 10,
        "delivered": 10,
        "will-not-be-done": 3,
        "superseded": 5,
        "cannot-be-judged": 10,
    },
    "2026-04-29": {
        "partly-delivered": 14,
        "in-progress": 38,
        "not-started": 1,
        "delivered": 15,
        "will-not-be-done": 3,
        "superseded": 8,
        "cannot-be-judged": 23,
    },
}
HOME_OFFICE = {"2025-04-09": 57, "2025-06-16": 65, "2026-04-29": 67}
ACCEPTED = {"2025-04-09": 9, "2025-06-16": 21, "2026-04-29": 22}
OVERDUE = {
    "2025-04-09": ["PET20-03"],
    "2025-06-16": ["CANDOUR-02", "IICSA-01", "IICSA-M1", "JAN25-01", "JAN25-15", "PET20-03"],
    "2026-04-29": ["CASEY-02", "IICSA-01", "IICSA-08", "IICSA-M1", "INQ25-01", "JAN25-01", "JAN25-15", "PET20-03"],
}
# How three commitments stood, since when, and how many updates had been made.
THREE = {
    "2025-04-09": {
        "IICSA-13": ("In progress since 6 January 2025", 7),
        "JAN25-14": ("In progress since", 2),
        "CANDOUR-02": ("Not yet checked", 0),
    },
    "2025-06-16": {
        "IICSA-13": ("In progress since 6 January 2025", 7),
        "JAN25-14": ("Delivered by 16 June 2025", 4),
        "CASEY-01": ("In progress since 16 June 2025", 1),
    },
    "2026-04-29": {
        "IICSA-13": ("In progress since 6 January 2025", 12),
        "CANDOUR-02": ("Delivered by 16 September 2025", 3),
        "CASEY-01": ("Cannot be judged since 29 April 2026", 4),
    },
}


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("day", STOOD)
def test_the_list_of_a_past_day_has_the_numbers_counted_by_hand(client: Client, day: str):
    page = read_commitments(client, f"on={day}")
    assert page.counted == sum(STOOD[day].values())
    assert {code: count for code, count in page.counts["status"].items() if count} == STOOD[day]
    assert page.counts["department"]["home-office"] == HOME_OFFICE[day]
    assert page.counts["response"]["accepted"] == ACCEPTED[day]
    for code, count in STOOD[day].items():
        assert read_commitments(client, f"on={day}&status={code}").counted == count
    assert read_commitments(client, f"on={day}&timeliness=overdue").references == OVERDUE[day]


def name_overdue(count: int) -> str:
    return f"All {count} commitments that are overdue" if count > 1 else "The 1 commitment that is overdue"


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("day", STOOD)
def test_the_home_page_of_a_past_day_has_the_numbers_counted_by_hand(client: Client, day: str):
    page = read_page(client, f"/?on={day}")
    apart = STOOD[day].get("cannot-be-judged", 0) + STOOD[day].get("not-yet-checked", 0)
    total = sum(STOOD[day].values())
    done = STOOD[day]["delivered"]
    assert f"Of {total} commitments, {total - apart} have a judgement. {done} of those are delivered." in page.main
    assert name_overdue(len(OVERDUE[day])) in page.main


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("day", THREE)
def test_three_commitments_show_what_was_true_then(client: Client, day: str):
    for reference, (sentence, updates) in THREE[day].items():
        page = read_page(client, f"/commitments/{reference}/?on={day}")
        assert read_status(page).startswith(sentence)
        assert len(read_history(page)) == updates
        assert "How it stood on" in page.main


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address",
    [
        *("/", "/commitments/", "/commitments/?department=home-office&sort=-due_on", "/commitments/?q=fund&page=2"),
        *("/commitments/IICSA-13/", "/commitments/CASEY-05/", "/commitments/IICSA-08/", "/departments/"),
        *("/departments/home-office/", "/programmes/", "/programmes/casey-national-audit/", "/topics/"),
        *("/topics/mandatory-reporting/", "/petitions/", "/petitions/711976/", "/petitions/300239/"),
    ],
)
def test_today_by_its_date_is_the_page_of_today(client: Client, address: str):
    today = read_page(client, address)
    asked = f"{address}{'&' if '?' in address else '?'}on=2026-11-21"
    assert read_content(read_page(client, asked)) == read_content(today)


def read_content(page: Any) -> str:
    """Return the text of a page without what it says of the day."""
    notice = page.find(".//*[@id='moment']")
    content = page.main.removeprefix(read_text(notice)).strip() if notice is not None else page.main
    return content.replace("?on=2026-11-21", "")  # the code to put it on another page names the day


# --- A register that grew while we looked -------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the day on which the register is, at noon."""

    def set_day(day: str) -> None:
        noon = dt.datetime.combine(D(day), dt.time(12), dt.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: noon)

    return set_day


@pytest.fixture
def grown(clock: Callable[[str], None], empty_register: None) -> Commitment:
    """A commitment of 10 January 2024 that was published on 1 March and judged, corrected and reworded since."""
    clock("2024-03-01")
    commitment = make_commitment()
    first = publish_as_approver(draft_update(commitment, "2024-02-01", status="in-progress"))
    publish_as_approver(draft_response(commitment, "2024-02-10", answer="accepted"))
    milestone = publish_as_approver(draft_milestone(commitment, "2024-06-30"))
    clock("2024-05-01")
    publish_as_approver(draft_funding(commitment, on="2024-04-20"))
    publish_as_approver(draft_update(commitment, "2024-04-15", status="partly-delivered"))
    clock("2024-07-10")
    publish_as_approver(draft_step(milestone, "2024-07-01", due_on="2024-12-31"))
    clock("2024-08-01")
    publish_as_approver(draft_update(commitment, "2024-02-01", status="not-started", corrects=first))
    clock("2024-09-01")
    changes = {
        "title": {"before": commitment.title, "after": "Words of September"},
        "department": {"before": "home-office", "after": make_department("treasury").slug},
    }
    reason = "The department passed the work to the Treasury in summer."
    publish_as_approver(Revision.objects.create(target=commitment, changes=changes, reason=reason))
    clock("2024-12-01")
    return commitment


def read_stood(client: Client, moment: str) -> str:
    return read_status(read_page(client, f"/commitments/REV-1/?{moment}")).partition(":")[0]


def test_a_day_is_shown_as_it_is_known_today(client: Client, grown: Commitment):
    assert read_stood(client, "on=2024-01-10") == "Not yet checked"
    assert read_stood(client, "on=2024-01-31") == "Not yet checked"
    assert read_stood(client, "on=2024-02-01") == "Not started, in our view since 1 February 2024"
    assert read_stood(client, "on=2024-04-14") == "Not started, in our view since 1 February 2024"
    assert read_stood(client, "on=2024-04-15") == "Partly delivered since 15 April 2024"
    assert read_stood(client, "on=2024-12-01") == "Partly delivered since 15 April 2024"


def test_a_day_is_shown_as_the_register_itself_described_it(client: Client, grown: Commitment):
    assert read_stood(client, "on=2024-02-01&known=2024-03-01") == "In progress since 1 February 2024"
    assert read_stood(client, "on=2024-04-20&known=2024-04-20") == "In progress since 1 February 2024"
    assert read_stood(client, "on=2024-04-20&known=2024-05-01") == "Partly delivered since 15 April 2024"
    assert read_stood(client, "on=2024-04-14&known=2024-07-31") == "In progress since 1 February 2024"
    assert read_stood(client, "on=2024-04-14&known=2024-08-01") == "Not started, in our view since 1 February 2024"
    assert read_stood(client, "known=2024-04-20") == "In progress since 1 February 2024"


def test_what_came_later_is_left_out_of_the_page(client: Client, grown: Commitment):
    early, late = (read_page(client, f"/commitments/REV-1/?on={day}") for day in ("2024-02-09", "2024-04-20"))
    assert early.find(".//section[@aria-labelledby='money']") is None
    assert "£5 million" in read_section(late, "money")
    assert "Accepted" not in read_section(early, "answers")
    assert "Accepted" in read_section(late, "answers")
    assert [head.split()[0:3] for _, head in read_history(early)] == [["1", "February", "2024"]] * 2
    assert len(read_history(late)) == 3


def test_a_corrected_update_is_marked_on_every_day_that_shows_it(client: Client, grown: Commitment):
    heads = [head for _, head in read_history(read_page(client, "/commitments/REV-1/?on=2024-02-01"))]
    assert sum("no longer counts" in head for head in heads) == 1
    before = read_page(client, "/commitments/REV-1/?on=2024-02-01&known=2024-07-31")
    assert "no longer counts" not in before.main


def test_dates_follow_the_day(client: Client, grown: Commitment):
    def read_dates(moment: str) -> str:
        return read_section(read_page(client, f"/commitments/REV-1/?{moment}"), "dates")

    assert "Not due yet: 10 days left." in read_dates("on=2024-06-20")
    assert "1 day overdue" in read_dates("on=2024-07-01&known=2024-07-05")
    assert "moved to" not in read_dates("on=2024-06-30")
    assert "moved to 31 December 2024" in read_dates("on=2024-07-01")
    for moment, timeliness in (
        ("on=2024-04-01", "not-due"),
        ("on=2024-06-20", "due-soon"),
        ("on=2024-07-01", "not-due"),
        ("on=2024-07-01&known=2024-07-05", "overdue"),
    ):
        assert read_commitments(client, f"{moment}&timeliness={timeliness}").references == ["REV-1"]


def test_the_words_and_the_department_are_those_of_then(client: Client, grown: Commitment):
    now, then = "on=2024-08-31", "on=2024-08-31&known=2024-08-31"
    assert "Words of September" in read_page(client, f"/commitments/REV-1/?{now}").main
    page = read_page(client, f"/commitments/REV-1/?{then}")
    assert "Words of September" not in page.text
    assert page.headings[0].endswith("Do what REV-1 says")
    assert read_fact(page, "Lead department") == "Home Office"
    assert read_commitments(client, f"{now}&department=treasury").references == ["REV-1"]
    assert read_commitments(client, f"{then}&department=treasury").references == []
    listed = read_commitments(client, f"{then}&department=home-office")
    assert listed.references == ["REV-1"]
    assert listed.rows[0][2] == "Home Office"
    assert read_commitments(client, f"{now}&q=September").counted == 1
    assert read_commitments(client, f"{then}&q=September").counted == 0
    assert read_commitments(client, then).counts["department"] == {"home-office": 1}
    assert "REV-1" in read_page(client, f"/departments/home-office/?{then}").main
    assert "Leads no commitment" in read_page(client, f"/departments/home-office/?{now}").main
    assert read_page(client, f"/departments/treasury/?{then}", status=404).headings


def test_a_check_is_fresh_from_its_day_on(client: Client, grown: Commitment, clock: Callable[[str], None]):
    clock("2024-12-10")
    publish_as_approver(
        Check.objects.create(commitment=grown, checked_on=D("2024-12-05"), note="The ministry's pages.")
    )
    on_the_eve, on_the_day = (
        read_fact(read_page(client, f"/commitments/REV-1/?on={day}"), "Last checked")
        for day in ("2024-12-04", "2024-12-05")
    )
    assert not on_the_eve.startswith("5 December 2024")
    assert on_the_day.startswith("5 December 2024")


def test_before_it_was_made_there_is_nothing(client: Client, grown: Commitment):
    page = read_page(client, "/commitments/REV-1/?on=2024-01-09", status=404)
    assert page.headings == ["Not there yet on 9 January 2024"]
    assert "dates from 10 January 2024" in page.main
    assert read_commitments(client, "on=2024-01-09").counted == 0
    assert read_commitments(client, "on=2024-01-10").counted == 1


def test_before_it_was_published_the_register_said_nothing(client: Client, grown: Commitment):
    page = read_page(client, "/commitments/REV-1/?on=2024-02-01&known=2024-02-29", status=404)
    assert "had not published" in page.main
    assert read_commitments(client, "on=2024-02-01&known=2024-02-29").counted == 0
    assert read_commitments(client, "on=2024-02-01&known=2024-03-01").counted == 1


def test_a_withdrawn_commitment_is_still_what_the_register_said(
    client: Client, grown: Commitment, clock: Callable[[str], None]
):
    clock("2025-01-05")
    reason = "It was entered twice: the other entry is the right one."
    publish_as_approver(Withdrawal.objects.create(commitment=grown, reason=reason))
    assert client.get("/commitments/REV-1/?on=2024-05-01").status_code == 410
    assert read_commitments(client, "on=2024-05-01").counted == 0
    assert read_stood(client, "on=2024-05-01&known=2025-01-04") == "Partly delivered since 15 April 2024"
    assert read_commitments(client, "on=2024-05-01&known=2025-01-04").references == ["REV-1"]
    assert read_commitments(client, "on=2024-05-01&known=2025-01-04&q=rev").references == ["REV-1"]
    for nothing in ("-rev", "%22", "xylophone"):
        assert read_commitments(client, f"on=2024-05-01&known=2025-01-04&q={nothing}").references == []
    assert client.get("/commitments/REV-1/?on=2024-05-01&known=2025-01-05").status_code == 410


# --- What can be asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("on=2026-11-22", "2026-11-22 is still to come. Today is 2026-11-21."),
        ("on=2025-02-30", "“2025-02-30” is not a real date. Write “on” like 2025-04-09."),
        ("on=9999-99-99", "“9999-99-99” is not a real date. Write “on” like 2025-04-09."),
        ("on=31-02-x", "“31-02-x” is not a real date. Write “on” like 2025-04-09."),
        ("on=%00", "“\x00” is not a real date. Write “on” like 2025-04-09."),
        ("on=2025-04-09&known=tomorrow", "“tomorrow” is not a real date. Write “known” like 2025-04-09."),
        (
            "on=2025-04-09&known=2025-04-08",
            "The register cannot have known on 2025-04-08 how things would stand on 2025-04-09. “known” must not be "
            "earlier than “on”.",
        ),
    ],
)
def test_an_impossible_day_is_refused_with_a_sentence(client: Client, question: str, sentence: str):
    for address in ("/", "/commitments/", "/departments/", "/programmes/", "/topics/", "/petitions/"):
        page = read_page(client, f"{address}?{question}", status=400)
        assert page.headings == ["That day cannot be shown"]
        assert sentence.replace("\x00", "") in page.main.replace("\x00", "")
        assert page.rows == []


def test_an_empty_day_is_today(client: Client):
    assert client.get("/commitments/?on=&known=").url == "/commitments/"
    assert "How it stood" not in read_page(client, "/?on=&known=").main


@pytest.mark.usefixtures("loaded_register")
def test_a_day_before_everything_is_an_empty_register(client: Client):
    assert read_commitments(client, "on=0001-01-01").counted == 0
    assert "Of 0 commitments" in read_page(client, "/?on=1900-01-01").main


@pytest.mark.usefixtures("loaded_register")
def test_documents_have_no_past_day(client: Client):
    page = read_page(client, "/documents/?on=2025-04-09")
    assert page.errors == ["“on” is not a filter of this list. Remove it from the address."]


@pytest.mark.usefixtures("loaded_register")
def test_a_reader_stays_on_the_day_from_page_to_page(client: Client):
    for address in ("/", "/commitments/?department=home-office", "/departments/home-office/", "/commitments/IICSA-02/"):
        day = f"{address}{'&' if '?' in address else '?'}on=2025-06-16"
        page = read_page(client, day)
        dated = r"/(commitments/([A-Z0-9-]+/)?|(departments|programmes|topics|petitions)/([a-z0-9-]+/)?)?(\?|$)"
        lost = [link for link in page.links if re.match(dated, link) and "on=" not in link]
        # The way back to today, and the list without its filters, are the only ones that leave the day on purpose.
        assert [link for link in lost if link != address] == []


@pytest.mark.usefixtures("loaded_register")
def test_the_form_offers_the_notable_days_and_keeps_the_question(client: Client):
    page = read_page(client, "/commitments/?department=home-office&on=2025-06-16")
    assert "/commitments/?department=home-office&on=2025-04-09" in page.links
    assert "/commitments/?department=home-office&on=2026-04-29" in page.links
    assert "/commitments/?department=home-office" in page.links
    days = page.find_all("form")[0]
    held = {box.get("name"): box.get("value") for box in days.iter("input")}
    assert held == {"department": "home-office", "on": "2025-06-16", "known": ""}


@pytest.mark.usefixtures("loaded_register")
def test_a_petition_of_a_past_day_has_no_later_answer(client: Client):
    before, after = (read_page(client, f"/petitions/300239/?on={day}") for day in ("2020-05-18", "2020-05-19"))
    assert "No answer is recorded." in before.main
    assert "A revised reply" in after.main
    assert "No debate is recorded" in after.main
    assert "Open" in read_fact(after, "State")
    assert read_page(client, "/petitions/300239/?on=2020-03-04", status=404).headings
    assert "Petition 711976" not in read_page(client, "/petitions/?on=2020-05-19").main
    assert Petition.objects.get(number=300239).response_on == D("2020-05-19")


def test_a_citation_names_the_day_and_goes_on_showing_it(
    client: Client, grown: Commitment, clock: Callable[[str], None]
):
    page = read_commitment(client)
    address = "/commitments/REV-1/?on=2024-12-01&known=2024-12-01"
    box = read_text(page.find(".//*[@id='cite']"))
    assert "(REV-1): Partly delivered, as it stood on 1 December 2024 and as published by 1 December 2024." in box
    assert f"http://127.0.0.1:8000{address}" in box
    assert address in page.links
    cited = read_status(read_page(client, address))
    clock("2025-02-01")
    publish_as_approver(draft_update(grown, "2024-11-01", status="not-delivered"))
    assert read_status(read_commitment(client)) != cited
    assert read_status(read_page(client, address)) == cited


def test_a_past_day_is_kept_out_of_search_engines_and_named_in_the_title(client: Client, grown: Commitment):
    page = read_page(client, "/commitments/REV-1/?on=2024-05-01")
    assert '<meta name="robots" content="noindex">' in page.html
    assert page.title.endswith("on 1 May 2024")
    assert "noindex" not in read_commitment(client).html


@pytest.mark.parametrize("rows", [1, 3])
def test_a_past_day_costs_one_query_more_than_today(
    client: Client, empty_register: None, django_assert_num_queries: Any, rows: int
):
    for number in range(rows):
        publish_as_approver(draft_update(make_commitment(f"REV-{number + 1}"), "2024-03-01"))
    with django_assert_num_queries(10):
        assert read_commitments(client, "on=2024-05-01").counted == rows
    with django_assert_num_queries(7):
        read_page(client, "/?on=2024-05-01")


# --- Words and lists that were changed since ----------------------------------------------------

DATED = ("/", "/commitments/", "/departments/", "/programmes/", "/topics/", "/petitions/", "/changes/")


def test_every_page_can_be_asked_as_known_before_a_department_changed(client: Client, grown: Commitment):
    for address in (
        *DATED,
        "/commitments/REV-1/",
        "/departments/home-office/",
        "/commitments.csv",
        "/commitments.json",
    ):
        known = "known=2024-08-31" if address == "/changes/" else "on=2024-08-31&known=2024-08-31"
        until = "&until=2024-08-31&since=2024-01-01" if address == "/changes/" else ""
        assert client.get(f"{address}?{known}{until}").status_code == 200, address
    home = read_page(client, "/?on=2024-08-31&known=2024-08-31")
    assert "Home Office" in home.main
    assert "Treasury" not in home.main


def test_a_list_that_named_what_was_withdrawn_since_can_still_be_read(
    client: Client, grown: Commitment, clock: Callable[[str], None]
):
    petition = publish_as_approver(draft_petition(711976, parliament="2024-"))
    petition.commitments.add(grown)
    clock("2025-01-05")
    changes = {"commitments": {"before": ["REV-1"], "after": []}}
    publish_as_approver(
        Revision.objects.create(target=petition, changes=changes, reason="It was not in the answer to this petition.")
    )
    clock("2025-01-06")
    reason = "It was entered twice: the other entry is the right one."
    publish_as_approver(Withdrawal.objects.create(commitment=grown, reason=reason))
    for address in ("/petitions/", "/petitions/711976/", "/departments/home-office/"):
        assert client.get(f"{address}?on=2024-12-31&known=2024-12-31").status_code == 200


def test_lists_are_counted_and_shown_as_they_were_before_they_changed(
    client: Client, grown: Commitment, clock: Callable[[str], None]
):
    # It stands under the first topic and the Treasury; since 5 January under the second topic and the Home Office.
    first, _ = (publish_as_approver(Topic.objects.create(slug=slug, name=slug.title())) for slug in ("courts", "money"))
    grown.topics.set([first])
    grown.supporting.set([make_department("treasury")])
    petition = publish_as_approver(draft_petition(711976, parliament="2024-"))
    petition.commitments.add(grown)
    clock("2025-01-05")
    lists = {
        "topics": {"before": ["courts"], "after": ["money"]},
        "supporting": {"before": ["treasury"], "after": ["home-office"]},
    }
    publish_as_approver(Revision.objects.create(target=grown, changes=lists, reason="Filed where readers look for it."))
    answer = {"commitments": {"before": ["REV-1"], "after": []}}
    publish_as_approver(
        Revision.objects.create(target=petition, changes=answer, reason="It was not in the answer to this petition.")
    )
    clock("2025-02-01")
    now, then = "on=2025-01-04", "on=2025-01-04&known=2025-01-04"
    assert read_commitments(client, now).counts["topic"] == {"money": 1}
    assert read_commitments(client, then).counts["topic"] == {"courts": 1}
    assert read_commitments(client, f"{now}&supporting=on").counts["department"] == {"home-office": 1, "treasury": 1}
    assert read_commitments(client, f"{then}&supporting=on").counts["department"] == {"treasury": 2}
    for moment, topic, body in ((now, "/topics/money/", "home-office"), (then, "/topics/courts/", "treasury")):
        page = read_page(client, f"/commitments/REV-1/?{moment}")
        assert [link.partition("?")[0] for link in page.links if link.startswith("/topics/")][1:] == [topic]
        assert f"/departments/{body}/" in "".join(page.links)
        assert "REV-1" in read_page(client, f"{topic}?{moment}").main
    assert "Supports 1" in read_page(client, f"/departments/?{then}").main
    assert "In the answer: 1 commitment" in read_page(client, f"/petitions/?{then}").main
    assert f"/commitments/REV-1/?{then}" in read_page(client, f"/petitions/711976/?{then}").links
    assert f"/commitments/REV-1/?{now}" not in read_page(client, f"/petitions/711976/?{now}").links


def test_a_redaction_leaves_the_codes_of_a_revision_alone(client: Client, grown: Commitment):
    redaction = Redaction.objects.create(
        phrase="home office", reason="court-order", addresses_are_blocked=True, author=make_person("author")
    )
    publish_as_approver(redaction)
    revision = Revision.objects.get()
    assert revision.changes["department"] == {"before": "home-office", "after": "treasury"}
    assert "departments/home-office" not in LogEntry.objects.get(kind="redaction").content["subjects"]
    for address in ("/", "/commitments/", "/commitments/REV-1/", "/commitments.csv"):
        assert client.get(f"{address}?on=2024-08-31&known=2024-08-31").status_code == 200


def test_small_letters_keep_the_day(client: Client, grown: Commitment):
    assert client.get("/commitments/rev-1/?on=2024-05-01").url == "/commitments/REV-1/?on=2024-05-01"


def test_the_document_of_a_later_step_is_not_shown_before_it(
    client: Client, grown: Commitment, clock: Callable[[str], None]
):
    clock("2024-12-05")
    step = draft_step(grown.milestones.get(), "2024-11-01", due_on="2025-03-31")
    step.documents.set([make_document("the-delay", title="A letter about the delay")])
    publish_as_approver(step)
    for moment, is_shown in (
        ("on=2024-10-31", False),
        ("on=2024-11-01", True),
        ("on=2024-11-01&known=2024-12-04", False),
    ):
        assert ("A letter about the delay" in read_page(client, f"/commitments/REV-1/?{moment}").main) is is_shown


@pytest.mark.usefixtures("loaded_register")
def test_the_outcome_of_a_petition_is_ours_of_today(client: Client):
    assert "Outcome" not in read_page(client, "/petitions/300239/?on=2020-05-19").main
    assert "Outcome: partly met." in read_page(client, "/petitions/300239/?on=2026-11-21").main


def test_two_days_at_once_are_refused(client: Client):
    page = read_page(client, "/?on=2024-01-01&on=2023-01-01", status=400)
    assert "“on” has more than one value. Give only one." in page.main
