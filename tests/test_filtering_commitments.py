"""A reader narrows the list of commitments: by each filter, by several at once and by words."""

from collections.abc import Iterable

import pytest
from django.test import Client

from tests.examples import draft_update, make_commitment, make_department, make_programme, publish_as_approver
from tests.reading import read_commitments
from tests.seven import make_seven_commitments

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

HOME = "Home Office"
ALL = ["ACT-1", "ACT-2", "ACT-3", "ACT-4", "REV-1", "REV-2", "REV-3"]


def answer_each(client: Client, questions: Iterable[str]) -> dict[str, list[str]]:
    """Return what the list shows for each question, after checking that it counts what it shows."""
    answers = {}
    for question in questions:
        page = read_commitments(client, question)
        assert page.errors == []
        assert page.counted == len(page.references)
        answers[question] = page.references
    return answers


def test_without_a_question_everything_is_listed(client):
    make_seven_commitments()
    assert answer_each(client, [""]) == {"": ALL}


def test_a_row_says_what_matters_of_a_commitment(client):
    make_seven_commitments()
    page = read_commitments(client, "department=home-office&department=education")
    late = "Overdue 20 Nov 2026"
    assert page.rows == [
        ["ACT-2", "Pay for local inquiries", "Education", "Partly delivered", "2 Jul 2025", "17 Jun 2025", "—"],
        ["ACT-3", "Publish the data each year", HOME, "Cannot be judged", "3 Jul 2025", "18 Jun 2025", "21 Jan 2027"],
        ["REV-1", "Open a helpline for children", HOME, "In progress", "1 Mar 2024", "10 Jan 2024", late],
        ["REV-2", "Write to every school", HOME, "Delivered", "10 Jun 2024", "11 Jan 2024", "—"],
        ["REV-3", "Train every teacher", "Education", "Not yet checked", "—", "12 Jan 2024", "21 Nov 2026"],
    ]  # fmt: skip


def test_a_status_on_weak_evidence_alone_says_so_in_its_row(client):
    make_seven_commitments()
    assert [row[3] for row in read_commitments(client, "department=justice").rows] == [
        "In progress Weak evidence only",
        "Replaced",
    ]


def test_each_answer_to_each_filter_lists_what_falls_under_it(client):
    make_seven_commitments()
    expected = {
        "department=home-office": ["ACT-3", "REV-1", "REV-2"],
        "department=education": ["ACT-2", "REV-3"],
        "department=justice": ["ACT-1", "ACT-4"],
        "department=ofsted": [],
        "status=in-progress": ["ACT-1", "REV-1"],
        "status=delivered": ["REV-2"],
        "status=superseded": ["ACT-4"],
        "status=not-started": [],
        "status=not-yet-checked": ["REV-3"],
        "programme=the-act": ["ACT-1", "ACT-2", "ACT-3", "ACT-4"],
        "programme=the-review": ["REV-1", "REV-2", "REV-3"],
        "topic=policing": ["ACT-3", "REV-2"],
        "topic=schools": ["REV-2", "REV-3"],
        "kind=pledge": ["ACT-4", "REV-2"],
        "kind=fund": ["ACT-2"],
        "strength=strong": ["ACT-3", "ACT-4", "REV-1", "REV-2"],
        "strength=moderate": ["ACT-2"],
        "strength=weak": ["ACT-1"],
    }
    assert answer_each(client, expected) == expected


def test_the_newest_answer_counts_and_no_answer_is_one_of_the_choices(client):
    make_seven_commitments()
    expected = {
        "response=accepted": ["ACT-2", "REV-1"],
        "response=accepted-in-principle": ["ACT-1"],
        "response=rejected": ["REV-2"],
        "response=no-response": [],
        "response=not-recorded": ["ACT-3", "ACT-4", "REV-3"],
    }
    assert answer_each(client, expected) == expected


def test_timeliness_turns_on_the_very_day(client):
    make_seven_commitments()
    expected = {
        "timeliness=overdue": ["REV-1"],
        "timeliness=due-soon": ["ACT-1", "REV-3"],
        "timeliness=not-due": ["ACT-3"],
        "timeliness=on-time": ["REV-2"],
        "timeliness=late": ["ACT-2"],
        "timeliness=no-date": ["ACT-4"],
    }
    assert answer_each(client, expected) == expected


def test_supporting_widens_a_department_and_means_nothing_alone(client):
    make_seven_commitments()
    expected = {
        "department=home-office&supporting=on": ["ACT-1", "ACT-3", "REV-1", "REV-2", "REV-3"],
        "department=home-office&supporting=1": ["ACT-1", "ACT-3", "REV-1", "REV-2", "REV-3"],
        "department=home-office&supporting=off": ["ACT-3", "REV-1", "REV-2"],
        "department=ofsted&supporting=on": ["REV-1"],
        "department=ofsted&department=justice&supporting=on": ["ACT-1", "ACT-4", "REV-1"],
        "supporting=on": ALL,
    }
    assert answer_each(client, expected) == expected


def test_both_days_of_made_between_are_included(client):
    make_seven_commitments()
    expected = {
        "made_after=2025-06-18": ["ACT-3", "ACT-4"],
        "made_before=2024-01-11": ["REV-1", "REV-2"],
        "made_after=2024-01-12&made_before=2025-06-16": ["ACT-1", "REV-3"],
        "made_after=2024-01-12&made_before=2024-01-12": ["REV-3"],
        "made_after=2025-06-20": [],
    }
    assert answer_each(client, expected) == expected


def test_several_values_of_a_filter_mean_or_and_several_filters_mean_and(client):
    make_seven_commitments()
    expected = {
        "status=in-progress&status=not-yet-checked": ["ACT-1", "REV-1", "REV-3"],
        "department=home-office&department=justice": ["ACT-1", "ACT-3", "ACT-4", "REV-1", "REV-2"],
        "topic=policing&topic=schools": ["ACT-3", "REV-2", "REV-3"],
        "response=accepted&response=not-recorded": ["ACT-2", "ACT-3", "ACT-4", "REV-1", "REV-3"],
        "timeliness=late&timeliness=on-time": ["ACT-2", "REV-2"],
        "department=home-office&status=in-progress": ["REV-1"],
        "department=home-office&topic=schools": ["REV-2"],
        "department=home-office&supporting=on&status=in-progress&programme=the-act": ["ACT-1"],
        "kind=pledge&kind=fund&programme=the-act&made_after=2025-06-18": ["ACT-4"],
        "status=delivered&status=in-progress&strength=weak&strength=moderate": ["ACT-1"],
        "q=every&department=education": ["REV-3"],
        "department=justice&timeliness=overdue": [],
    }
    assert answer_each(client, expected) == expected


def test_the_order_of_a_question_does_not_matter(client):
    make_seven_commitments()
    page = read_commitments(client, "department=home-office&department=justice&status=in-progress&status=delivered")
    turned = read_commitments(client, "status=delivered&department=justice&status=in-progress&department=home-office")
    assert page.references == turned.references == ["ACT-1", "REV-1", "REV-2"]
    assert page.counts == turned.counts
    assert sorted(page.tags) == sorted(turned.tags)


def test_nothing_found_is_said_in_words(client):
    make_seven_commitments()
    page = read_commitments(client, "q=zeppelin")
    assert (page.counted, page.count_sentence, page.rows) == (0, "0 commitments match", [])
    assert "No commitment fits all of this." in page.main


def test_the_count_is_a_sentence(client):
    make_seven_commitments()
    questions = ["", "kind=pledge", "kind=fund"]
    assert [read_commitments(client, question).count_sentence for question in questions] == [
        "7 commitments",
        "2 commitments match",
        "1 commitment matches",
    ]


def test_words_are_looked_for_in_everything_a_reader_knows_of_a_commitment(client):
    make_commitment(
        "REV-1",
        title="Open a helpline",
        summary="Somebody answers at night.",
        made_by="Baroness Example",
        department=make_department("ministry-of-lamps"),
        programme=make_programme("lantern-review"),
    )
    update = draft_update(make_commitment("REV-2"), reason="A contract was signed with the operator of the line.")
    publish_as_approver(update)
    expected = {
        "q=helpline": ["REV-1"],
        "q=answers+night": ["REV-1"],
        "q=baroness": ["REV-1"],
        "q=LAMPS": ["REV-1"],
        "q=lantern": ["REV-1"],
        "q=contract": ["REV-2"],
        "q=rev-2": ["REV-2"],
        "q=REV-": ["REV-1", "REV-2"],
    }
    assert answer_each(client, expected) == expected


def test_all_words_are_needed_wherever_each_of_them_stands(client):
    make_commitment("REV-1", title="Mandatory reporting", summary="A duty for all who work with children.")
    make_commitment("REV-2", title="Reporting of crimes", summary="A voluntary scheme.")
    make_commitment("REV-3", title="Mandatory training", summary="Of all teachers.")
    expected = {
        "q=mandatory+reporting": ["REV-1"],
        "q=reporting+mandatory": ["REV-1"],
        "q=children+mandatory": ["REV-1"],
        "q=all+mandatory": ["REV-1", "REV-3"],
        "q=%22mandatory+reporting%22": ["REV-1"],
        "q=mandatory+-+reporting": ["REV-1"],
        "q=mandatory+voluntary": [],
    }
    assert answer_each(client, expected) == expected


def test_signs_have_no_hidden_meaning_in_a_search(client):
    make_commitment("REV-1", title="Spend 5% of it_all", summary="Nothing else.")
    make_commitment("REV-2", title="Spend 50 of it all", summary="Nothing else.")
    expected = {
        "q=it_all": ["REV-1", "REV-2"],
        "q=i_": [],
        "q=%25": [],
        "q=%22%27%22": [],
        "q=*": [],
        "q=5%25": ["REV-1"],
    }
    assert answer_each(client, expected) == expected


def test_a_body_that_leads_nothing_is_no_choice_until_it_is_chosen(client):
    make_seven_commitments()
    page = read_commitments(client)
    assert page.counts["department"] == {"education": 2, "home-office": 3, "justice": 2}
    page = read_commitments(client, "department=ofsted")
    assert page.counts["department"] == {"education": 2, "home-office": 3, "justice": 2, "ofsted": 0}
