"""A reader asks what changed between two days, and each change is there once, with its evidence, in counts that add up.

The numbers of the register's own files were counted by hand over the files, without the code of the site.
"""

import datetime as dt
from typing import Any

import pytest

from tests.examples import (
    WHY_MOVED,
    D,
    draft_funding,
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_programme,
    publish_as_approver,
)
from tests.reading import Page, read_page, read_text
from tests.seven import SUCCESSOR, make_seven_commitments
from tracker.changes import KINDS, find_changes, finding
from tracker.models import Commitment, Response, Revision, Withdrawal
from tracker.moments import Interval, Moment

pytestmark = pytest.mark.usefixtures("on_21_november_2026")
HEADINGS = {kind.heading: kind.code for kind in KINDS}


def read_changes(client: Any, question: str = "") -> Page:
    return read_page(client, f"/changes/?{question}".rstrip("?"))


def read_lines(page: Page) -> dict[str, list[str]]:
    """Return the lines under each kind of change."""
    lines: dict[str, list[str]] = {}
    for section in page.find_all("section"):
        code = section.get("aria-labelledby", "")
        if code in HEADINGS.values():
            lines[code] = [read_text(line) for line in section.iter("li")]
    return lines


def read_links(page: Page, kind: str) -> list[str]:
    """Return where the evidence of each line of a kind is."""
    (section,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == kind]
    return [[link.attrib["href"] for link in line.iter("a")][-1] for line in section.iter("li")]


def read_table(page: Page, caption: str) -> list[list[str]]:
    """Return the rows of a table, without its head."""
    (table,) = [each for each in page.find_all("table") if read_text(each.find("./caption")) == caption]
    return [[read_text(cell) for cell in row] for row in table.findall("./tbody/tr")]


FLOWS = "How many commitments had each status"


def publish_update(commitment: Commitment, as_of: str, status: str = "in-progress", **changes: Any) -> Any:
    return publish_as_approver(draft_update(commitment, as_of, status=status, **changes))


# --- The register's own files ---------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_a_real_interval_has_the_changes_that_were_counted_by_hand(client):
    page = read_changes(client, "since=2025-06-16&until=2026-04-29")

    assert page.counted == 55
    assert read_table(page, "Changes by kind") == [
        ["New commitments", "4"],
        ["Statuses that moved forwards", "14"],
        ["Statuses that moved neither forwards nor backwards", "18"],
        ["Dates that passed without being recorded as met", "3"],
        ["Milestones met", "6"],
        ["Answers given", "1"],
        ["Money promised, allocated or spent", "9"],
        ["All changes", "55"],
    ]


@pytest.mark.usefixtures("loaded_register")
def test_the_statuses_of_a_real_interval_add_up(client):
    page = read_changes(client, "since=2025-06-16&until=2026-04-29")

    rows = {name: numbers for name, *numbers in read_table(page, FLOWS)}

    assert rows == {
        "Not started": ["10", "1", "10", "1"],
        "In progress": ["50", "8", "20", "38"],
        "Partly delivered": ["10", "5", "1", "14"],
        "Delivered": ["10", "5", "0", "15"],
        "Will not be done": ["3", "0", "0", "3"],
        "Replaced": ["5", "3", "0", "8"],
        "Cannot be judged": ["10", "14", "1", "23"],
        "All": ["98", "36", "32", "102"],
    }
    assert "4 new commitments came in, and each of the 32 moves below" in page.main


@pytest.mark.usefixtures("loaded_register")
def test_the_counts_by_department_and_by_programme_add_up_to_the_same(client):
    page = read_changes(client, "since=2025-06-16&until=2026-04-29")

    totals = ["All", "4", "14", "18", "3", "6", "1", "9", "55"]
    assert read_table(page, "Changes by department and kind") == [
        ["Home Office", "2", "6", "15", "2", "3", "0", "8", "36"],
        ["Ministry of Justice", "1", "3", "1", "1", "1", "1", "0", "8"],
        ["Department for Education", "1", "3", "1", "0", "2", "0", "0", "7"],
        ["Department for Science, Innovation and Technology", "0", "1", "1", "0", "0", "0", "0", "2"],
        ["Department for Transport", "0", "1", "0", "0", "0", "0", "0", "1"],
        ["Department of Health and Social Care", "0", "0", "0", "0", "0", "0", "1", "1"],
        totals,
    ]
    programmes = read_table(page, "Changes by programme and kind")
    assert programmes[-1] == totals
    assert {name: int(numbers[-1]) for name, *numbers in programmes[:-1]} == {
        "Home Secretary's statement of January 2025": 14,
        "Casey national audit": 8,
        "IICSA final report": 8,
        "Government undertakings on the IICSA reports": 7,
        "Duty of candour (Hillsborough Law)": 6,
        "Response to petition 711976": 6,
        "National inquiry undertakings of December 2025": 5,
        "Petition responses of 2020 and 2021, and follow-up": 1,
    }


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2012-01-01", "2026-11-21"),
        ("2025-06-16", "2026-04-29"),
        ("2024-05-22", "2024-07-05"),
        ("2026-11-20", "2026-11-21"),
        ("2025-06-16", "2025-06-17"),
    ],
)
def test_what_a_status_had_and_gained_less_what_it_lost_is_what_the_pages_of_both_days_count(since, until):
    first, last = (Moment(D("2026-11-21"), D(day)) for day in (since, until))
    changes = find_changes(Interval(D(since), last), lambda commitments: commitments)

    assert [flow.since + flow.came_in - flow.left for flow in changes.flows] == [flow.until for flow in changes.flows]
    for moment, name in ((first, "since"), (last, "until")):
        counted = {flow.code: getattr(flow, name) for flow in changes.flows if getattr(flow, name)}
        assert counted == Commitment.objects.as_at(moment).count_by_status()
    assert changes.flow_total.left == changes.moves
    assert changes.flow_total.came_in == changes.moves + changes.by_kind["new"]
    for group in ("department", "programme"):
        assert sum(each.total for each in changes.count_by(group)) == len(changes.rows)


@pytest.mark.usefixtures("loaded_register")
def test_two_intervals_that_meet_have_the_changes_of_the_whole():
    def count(since: str, until: str) -> int:
        interval = Interval(D(since), Moment(D("2026-11-21"), D(until)))
        return len(find_changes(interval, lambda commitments: commitments).rows)

    assert count("2012-01-01", "2025-06-16") + count("2025-06-16", "2026-11-21") == count("2012-01-01", "2026-11-21")


@pytest.mark.usefixtures("loaded_register")
def test_it_looks_back_90_days_where_nobody_says_how_far(client):
    page = read_changes(client)

    assert page.headings == ["What changed from 23 August 2026 to 21 November 2026"]
    assert read_table(page, "Changes by kind") == [
        ["Statuses that moved neither forwards nor backwards", "1"],
        ["Dates that passed without being recorded as met", "5"],
        ["All changes", "6"],
    ]


# --- Each kind of change --------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_each_line_says_what_changed_and_leads_to_its_evidence(client):
    make_seven_commitments()

    page = read_changes(client, "since=2025-06-16&until=2025-12-31")

    assert read_lines(page) == {
        "new": [
            "ACT-4: Review the old cases 19 June 2025 Made by Home Secretary. Not yet checked "
            "What was promised: ACT-4, 19 June 2025",
            "ACT-3: Publish the data each year 18 June 2025 Made by Home Secretary. Not yet checked "
            "What was promised: ACT-3, 18 June 2025",
            "ACT-2: Pay for local inquiries 17 June 2025 Made by Home Secretary. Not yet checked "
            "What was promised: ACT-2, 17 June 2025",
        ],
        "judged": [
            "ACT-4: Review the old cases 4 July 2025 From Not yet checked to Replaced Evidence: ACT-4, 4 July 2025",
            "ACT-3: Publish the data each year 3 July 2025 From Not yet checked to Cannot be judged "
            "Evidence: ACT-3, 3 July 2025",
            "ACT-2: Pay for local inquiries 2 July 2025 From Not yet checked to Partly delivered "
            "Evidence: ACT-2, 2 July 2025",
            "ACT-1: Make reporting a duty 1 July 2025 From Not yet checked to In progress Evidence: ACT-1, 1 July 2025",
        ],
        "passed": [
            "ACT-2: Pay for local inquiries 1 October 2025 “First report” was due by 30 September 2025. "
            "The date: ACT-2, 1 October 2025"
        ],
        "met": [
            "ACT-2: Pay for local inquiries 1 October 2025 “First report” met on 1 October 2025, 1 day late. "
            "The milestone: ACT-2, 1 October 2025"
        ],
        "answer": [
            "ACT-1: Make reporting a duty 1 July 2025 Accepted in principle, by UK Government (2019-2024 Parliament) "
            "The answer: ACT-1, 1 July 2025",
            "ACT-2: Pay for local inquiries 1 July 2025 Accepted, by UK Government (2019-2024 Parliament) "
            "The answer: ACT-2, 1 July 2025",
        ],
    }
    assert read_links(page, "new")[0] == "/commitments/ACT-4/#promised"
    assert read_links(page, "judged")[0] == "/commitments/ACT-4/#update-1"
    assert read_links(page, "met") == read_links(page, "passed") == ["/commitments/ACT-2/#milestone-1"]
    assert read_links(page, "answer") == ["/commitments/ACT-1/#response-1", "/commitments/ACT-2/#response-1"]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("not-started", "in-progress", "forwards"),
        ("not-delivered", "delivered-differently", "forwards"),
        ("delivered", "partly-delivered", "backwards"),
        ("in-progress", "will-not-be-done", "backwards"),
        ("not-started", "not-delivered", "sideways"),
        ("delivered", "delivered-differently", "sideways"),
        ("in-progress", "superseded", "sideways"),
        ("cannot-be-judged", "delivered", "sideways"),
    ],
)
def test_forwards_backwards_and_neither_are_told_apart(client, before, after, kind):
    commitment = make_commitment()
    publish_update(commitment, "2024-02-01", before, reason=SUCCESSOR)
    publish_update(commitment, "2024-03-01", after, reason=SUCCESSOR)

    assert list(read_lines(read_changes(client, "since=2024-02-15"))) == [kind]


@pytest.mark.usefixtures("empty_register")
def test_every_move_on_the_way_is_listed_though_it_ended_where_it_began(client):
    commitment = make_commitment()
    for day, status in (("2024-02-01", "in-progress"), ("2024-03-01", "delivered"), ("2024-04-01", "in-progress")):
        publish_update(commitment, day, status)
    publish_update(commitment, "2024-05-01", "in-progress")  # no move

    page = read_changes(client, "since=2024-02-01&until=2024-12-31")

    assert {kind: len(lines) for kind, lines in read_lines(page).items()} == {"forwards": 1, "backwards": 1}
    assert read_table(page, FLOWS) == [
        ["In progress", "1", "1", "1", "1"],
        ["Delivered", "0", "1", "1", "0"],
        ["All", "1", "2", "2", "1"],
    ]
    assert read_links(page, "forwards") == ["/commitments/REV-1/#update-2"]
    assert read_links(page, "backwards") == ["/commitments/REV-1/#update-3"]


@pytest.mark.usefixtures("empty_register")
def test_a_commitment_that_was_judged_on_its_first_day_comes_in_with_that_status(client):
    publish_update(make_commitment(made_on=D("2024-01-10")), "2024-01-10")

    page = read_changes(client, "since=2024-01-09&until=2024-01-10")

    assert list(read_lines(page)) == ["new"]
    assert read_table(page, FLOWS) == [["In progress", "0", "1", "0", "1"], ["All", "0", "1", "0", "1"]]


@pytest.mark.usefixtures("empty_register")
def test_a_date_that_slipped_is_measured_against_the_date_before(client):
    milestone = publish_as_approver(draft_milestone(make_commitment(), "2024-06-30"))
    for as_of, due_on in (("2024-05-01", "2024-09-30"), ("2024-08-01", "2024-12-31"), ("2024-10-01", "2024-11-30")):
        publish_as_approver(draft_step(milestone, as_of, due_on=due_on))

    page = read_changes(client, "since=2024-04-30&until=2025-01-31")

    assert read_lines(page) == {
        "slipped": [
            "REV-1: Do what REV-1 says 1 August 2024 “First report”: from 30 September 2024 to 31 December 2024, "
            "92 days later. The date: REV-1, 1 August 2024",
            "REV-1: Do what REV-1 says 1 May 2024 “First report”: from 30 June 2024 to 30 September 2024, "
            "92 days later. The date: REV-1, 1 May 2024",
        ],
        "brought-forward": [
            "REV-1: Do what REV-1 says 1 October 2024 “First report”: from 31 December 2024 to 30 November 2024, "
            "31 days earlier. The date: REV-1, 1 October 2024"
        ],
        "passed": [
            "REV-1: Do what REV-1 says 1 December 2024 “First report” was due by 30 November 2024. "
            "The date: REV-1, 1 December 2024"
        ],
    }


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("steps", "status", "days"),
    [
        ([], "", ["1 July 2024"]),
        ([{"as_of": "2024-06-30", "met_on": "2024-06-30"}], "", []),
        ([{"as_of": "2024-07-01", "met_on": "2024-07-01"}], "", ["1 July 2024"]),
        ([{"as_of": "2024-06-30", "due_on": "2024-08-31"}], "", ["1 September 2024"]),
        ([{"as_of": "2024-07-01", "due_on": "2024-08-31"}], "", ["1 September 2024", "1 July 2024"]),
        ([], "in-progress", ["1 July 2024"]),
        ([], "will-not-be-done", []),
    ],
)
def test_a_date_passed_if_its_day_ended_with_the_milestone_and_the_commitment_open(client, steps, status, days):
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment, "2024-06-30"))
    if status:
        publish_update(commitment, "2024-06-30", status)
    for step in steps:
        publish_as_approver(draft_step(milestone, **step))

    passed = read_lines(read_changes(client, "since=2024-06-30&until=2024-12-31")).get("passed", [])

    assert [line.split(" says ")[1].split(" “")[0] for line in passed] == days
    assert "passed" not in read_lines(read_changes(client, "since=2024-06-29&until=2024-06-30"))


@pytest.mark.usefixtures("empty_register")
def test_money_is_listed_by_its_day_and_not_added_up(client):
    publish_as_approver(draft_funding(make_commitment()))

    page = read_changes(client, "since=2024-01-31&until=2024-02-01")

    assert read_lines(page) == {
        "money": ["REV-1: Do what REV-1 says 1 February 2024 £5 million promised The money: REV-1, 1 February 2024"]
    }
    assert read_links(page, "money") == ["/commitments/REV-1/#funding-1"]


@pytest.mark.usefixtures("empty_register")
def test_a_correction_counts_on_the_day_of_its_publication_and_moves_what_was_wrong(client):
    commitment = make_commitment()
    wrong = publish_update(commitment, "2024-03-01", "delivered")
    publish_update(commitment, "2024-03-01", "in-progress", corrects=wrong)

    now = read_changes(client, "since=2026-11-20")
    then = read_changes(client, "since=2024-02-01&until=2024-12-31")

    assert read_lines(now) == {
        "correction": [
            "REV-1: Do what REV-1 says 21 November 2026 Update 2 says In progress in place of update 1, which said "
            "Delivered Evidence: REV-1, 21 November 2026"
        ]
    }
    assert read_links(now, "correction") == ["/commitments/REV-1/#update-2"]
    assert read_lines(then) == {
        "judged": [
            "REV-1: Do what REV-1 says 1 March 2024 From Not yet checked to In progress Evidence: REV-1, 1 March 2024"
        ]
    }


@pytest.mark.usefixtures("empty_register")
def test_what_was_withdrawn_is_listed_as_that_alone(client):
    commitment = make_commitment()
    publish_update(commitment, "2026-11-01")
    publish_as_approver(Withdrawal.objects.create(commitment=commitment, reason="It is the same promise as REV-2."))

    page = read_changes(client, "since=2024-01-01")

    assert read_lines(page) == {
        "withdrawal": [
            "REV-1: Do what REV-1 says 21 November 2026 It is the same promise as REV-2. "
            "What the page says now: REV-1, 21 November 2026"
        ]
    }
    assert read_links(page, "withdrawal") == ["/commitments/REV-1/"]
    assert FLOWS not in page.main


@pytest.mark.usefixtures("empty_register")
def test_new_words_count_on_the_day_of_publication_in_london(client, monkeypatch):
    late = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)  # half past midnight of 1 July in London
    with monkeypatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: late)
        commitment = make_commitment()
        changes = {"title": {"before": commitment.title, "after": "Do it well"}}
        revision = Revision.objects.create(target=commitment, changes=changes, reason=WHY_MOVED)
        publish_as_approver(revision)

    assert read_lines(read_changes(client, "since=2026-06-29&until=2026-06-30")) == {}
    page = read_changes(client, "since=2026-06-30&until=2026-07-01")
    assert read_lines(page) == {
        "wording": [f"REV-1: Do it well 1 July 2026 {WHY_MOVED} The earlier words: REV-1, 1 July 2026"]
    }
    assert read_links(page, "wording") == [f"/commitments/REV-1/#wording-{revision.pk}"]


@pytest.mark.usefixtures("empty_register")
def test_a_long_section_shows_the_newest_and_says_how_to_see_the_others(client):
    commitment = make_commitment()
    responses = [draft_response(commitment, (D("2024-02-01") + dt.timedelta(days)).isoformat()) for days in range(101)]
    for response in responses:
        publish_as_approver(response)

    page = read_changes(client, "since=2024-01-31&until=2024-12-31")

    assert len(read_lines(page)["answer"]) == 100
    assert read_lines(page)["answer"][0].startswith("REV-1: Do what REV-1 says 11 May 2024 Accepted")
    assert "Answers given: 101" in page.main
    assert (
        "These are the newest 100 of 101. To see the others, choose fewer days, a department or a programme above."
    ) in page.main
    assert read_table(page, "Changes by department and kind")[-1] == ["All", "101", "101"]
    assert Response.objects.count() == 101


# --- The days -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        ("2024-01-09", "2024-01-10", 1),
        ("2024-01-10", "2024-01-11", 0),
        ("2024-01-08", "2024-01-09", 0),
        ("2024-01-10", "2024-01-10", 0),
        ("0001-01-01", "2026-11-21", 1),
        ("", "2024-01-10", 1),
        ("2024-01-10", "", 0),
    ],
)
def test_the_first_day_is_left_out_and_the_last_counts(client, since, until, count):
    make_commitment(made_on=D("2024-01-10"))

    question = "&".join(f"{name}={day}" for name, day in (("since", since), ("until", until)) if day)
    assert read_changes(client, question).counted == count


@pytest.mark.usefixtures("empty_register")
def test_nothing_lies_between_a_day_and_itself(client):
    make_commitment()

    page = read_changes(client, "since=2024-01-10&until=2024-01-10")

    assert page.counted == 0
    assert "Both days are the same, so nothing lies between them." in page.main
    assert read_table(page, FLOWS) == [["Not yet checked", "1", "0", "0", "1"], ["All", "1", "0", "0", "1"]]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("question", "errors"),
    [
        ("since=2025-02-31", ["“2025-02-31” is not a real date. Write “since” like 2025-04-09."]),
        ("until=yesterday", ["“yesterday” is not a real date. Write “until” like 2025-04-09."]),
        ("until=2026-11-22", ["2026-11-22 is still to come. Today is 2026-11-21."]),
        ("since=2026-11-22", ["2026-11-22 is still to come. Today is 2026-11-21."]),
        (
            "since=2026-04-29&until=2025-06-16",
            ["“since” (2026-04-29) is later than “until” (2025-06-16). Give the earlier day first."],
        ),
        (
            "until=2025-06-16&known=2025-06-15",
            [
                "The register cannot have known on 2025-06-15 how things would stand on 2025-06-16. "
                "“known” must not be earlier than “until”."
            ],
        ),
        ("since=2025-01-01&since=2025-01-02", ["“since” has more than one value. Give only one."]),
        ("department=bogus", ["“bogus” is not one of the choices of “Department”."]),
        ("programme=bogus&since=2024-01-01", ["“bogus” is not one of the choices of “Programme”."]),
        ("on=2025-01-01", ["“on” is not a filter of this list. Remove it from the address."]),
    ],
)
def test_a_question_that_is_not_understood_is_refused_in_a_sentence(client, question, errors):
    make_commitment()

    page = read_page(client, f"/changes/?{question}", status=400)

    assert (page.errors, page.counted, read_lines(page)) == (errors, 0, {})
    assert page.title == "Error: what changed - Commitments Register"


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("moment", [Moment(D("2026-11-21")), Moment(D("2026-11-21"), D("2026-11-20"))])
def test_asking_about_everything_and_about_each_find_the_same(moment):
    everything, each = (find_changes(Interval(D("2012-01-01"), moment), *given) for given in ((), (lambda rows: rows,)))
    assert (each.rows, each.counted) == (everything.rows, everything.counted)
    assert len(each.rows) > 100


@pytest.mark.usefixtures("empty_register")
def test_more_changes_than_an_answer_can_hold_are_refused_and_fewer_told(client, monkeypatch):
    make_seven_commitments()
    monkeypatch.setattr(finding, "MOST_TURNS", 20)
    refusal = (
        "More changed between these days than one answer can hold: a status or a date more than 20 times. Ask about "
        "fewer days, or about one department or programme."
    )
    page = read_page(client, "/changes/?since=2012-01-01", status=400)
    assert (page.errors, read_lines(page)) == ([refusal], {})
    response = client.get("/api/changes/?since=2012-01-01")
    assert (response.status_code, response.json()["errors"]) == (400, [refusal])
    assert read_page(client, "/changes/?since=2012-01-01&department=education").errors == []


@pytest.mark.usefixtures("empty_register")
def test_days_are_offered_and_keep_the_filters(client):
    make_seven_commitments()

    page = read_changes(client, "department=home-office&since=2026-11-14")

    assert page.links_named("Last week (7 days)") == ["/changes/?department=home-office&since=2026-11-14"]
    assert page.links_named("Last month (30 days)") == ["/changes/?department=home-office&since=2026-10-22"]
    assert page.links_named("Last quarter (90 days)") == ["/changes/?department=home-office&since=2026-08-23"]
    assert page.links_named("10 January 2024") == ["/changes/?department=home-office&since=2024-01-10"]
    chosen = [read_text(link) for link in page.find_all("a") if link.get("aria-current") == "true"]
    assert chosen == ["Last week (7 days)"]


# --- Whose changes --------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_changes_are_narrowed_to_departments_and_programmes_and_so_are_their_counts(client):
    make_seven_commitments()

    page = read_changes(client, "since=2025-06-16&until=2025-12-31&department=education&department=home-office")
    one = read_changes(client, "since=2025-06-16&until=2025-12-31&department=education&programme=the-act")

    assert {kind: len(lines) for kind, lines in read_lines(page).items()} == {
        "new": 2,
        "judged": 2,
        "passed": 1,
        "met": 1,
        "answer": 1,
    }
    assert [row[0] for row in read_table(page, "Changes by department and kind")] == [
        "Education",
        "Home Office",
        "All",
    ]
    assert list(page.tags) == ["Department: Education", "Department: Home Office"]
    assert read_table(one, FLOWS)[-1] == ["All", "0", "2", "1", "1"]


@pytest.mark.usefixtures("empty_register")
def test_what_was_withdrawn_from_another_department_is_left_out(client):
    commitment = make_commitment(department=make_department("education"), programme=make_programme("the-act"))
    make_department("home-office")
    publish_as_approver(
        Withdrawal.objects.create(commitment=commitment, reason="It is the same promise as another one.")
    )

    assert read_changes(client, "since=2024-01-01&department=home-office").counted == 0
    assert read_changes(client, "since=2024-01-01&department=education&programme=the-act").counted == 1


@pytest.mark.usefixtures("empty_register")
def test_it_is_shown_as_the_register_itself_knew_it(client, monkeypatch):
    with monkeypatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC))
        commitment = make_commitment()
        wrong = publish_update(commitment, "2024-03-01", "delivered")
    publish_update(commitment, "2024-03-01", "in-progress", corrects=wrong)
    publish_as_approver(draft_response(commitment))

    page = read_changes(client, "since=2024-01-31&until=2025-03-01&known=2025-03-01")

    assert "as this register itself said on 1 March 2025" in page.main
    assert read_lines(page) == {
        "judged": [
            "REV-1: Do what REV-1 says 1 March 2024 From Not yet checked to Delivered Evidence: REV-1, 1 March 2024"
        ]
    }
    assert read_links(page, "judged") == ["/commitments/REV-1/?on=2025-03-01&known=2025-03-01#update-1"]


# --- The way there --------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_other_pages_lead_to_it_and_keep_their_day(client):
    make_seven_commitments()
    name = "What changed in the last 90 days"

    assert read_page(client, "/about/").links_named("What changed") == ["/changes/"] * 2
    assert read_page(client, "/departments/home-office/").links_named(name) == ["/changes/?department=home-office"]
    assert read_page(client, "/programmes/the-act/").links_named(name) == ["/changes/?programme=the-act"]
    assert read_page(client, "/departments/home-office/?on=2025-07-31").links_named(name) == [
        "/changes/?department=home-office&until=2025-07-31"
    ]
    everything = "Everything that changed in the last 90 days, or between any two days"
    assert read_page(client, "/").links_named(everything) == ["/changes/"]
    assert read_page(client, "/?on=2026-11-21&known=2026-11-21").links_named(everything) == [
        "/changes/?until=2026-11-21&known=2026-11-21"
    ]


@pytest.mark.usefixtures("empty_register")
def test_an_empty_register_has_no_changes(client):
    page = read_changes(client)

    assert (page.counted, read_lines(page), page.find_all("table")) == (0, {}, [])


@pytest.mark.usefixtures("empty_register")
def test_what_is_only_drafted_is_no_change(client):
    commitment = make_commitment()
    draft_update(commitment)
    draft_response(commitment)
    draft_funding(commitment)
    draft_milestone(commitment, "2024-02-01")
    milestone = publish_as_approver(draft_milestone(commitment, "2026-12-31", title="Second report"))
    draft_step(milestone, "2024-07-01", due_on="2027-01-31")
    Withdrawal.objects.create(commitment=commitment, reason="It was a mistake.")
    Revision.objects.create(target=commitment, changes={"title": {"before": "a", "after": "b"}}, reason=WHY_MOVED)

    assert read_changes(client, "since=2024-01-10").counted == 0
