"""A reader goes through the dates, the history and the relations of a commitment, and finds no draft there."""

from typing import Any

import pytest

from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_public_out_of_turn,
    publish_as_approver,
)
from tests.reading import Page, read_text
from tests.sections import read_commitment, read_history, read_section
from tracker.models import Commitment, Department, Petition, Topic

pytestmark = pytest.mark.usefixtures("on_21_november_2026")


def publish_update(commitment: Commitment, as_of: str, status: str = "in-progress", **changes: Any) -> Any:
    return publish_as_approver(draft_update(commitment, as_of, status=status, **changes))


# --- Dates ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("due_on", "steps", "words"),
    [
        ("2024-06-30", [{"met_on": "2024-06-30"}], "Due by 30 June 2024 (“by summer”). Met on 30 June 2024, on time."),
        (
            "2024-06-30",
            [{"met_on": "2024-07-04"}],
            "Due by 30 June 2024 (“by summer”). Met on 4 July 2024, 4 days late.",
        ),
        ("2026-11-20", [], "Due by 20 November 2026 (“by summer”). Not recorded as met: 1 day overdue."),
        ("2026-11-21", [], "Due by 21 November 2026 (“by summer”). Due today."),
        ("2026-11-30", [], "Due by 30 November 2026 (“by summer”). Not due yet: 9 days left."),
        (
            "2024-06-30",
            [{"due_on": "2026-11-11"}],
            "Due by 30 June 2024 (“by summer”), moved to 11 November 2026. "
            "Not recorded as met: 874 days overdue (from its first date). "
            "Moved on 4 July 2024: The ministry said that it needs more time for it.",
        ),
    ],
)
def test_a_milestone_says_in_words_how_it_stands(client, due_on, steps, words):
    milestone = publish_as_approver(draft_milestone(make_commitment(), due_on))
    for step in steps:
        publish_as_approver(draft_step(milestone, "2024-07-04", **step))
    assert read_section(read_commitment(client), "dates") == (
        f"Dates promised First report {words} "
        "The report, Home Office, 1 February 2024 (about this document: The report)"
    )


@pytest.mark.usefixtures("empty_register")
def test_an_open_date_of_a_closed_commitment_is_not_overdue(client):
    commitment = make_commitment()
    publish_as_approver(draft_milestone(commitment))
    publish_update(commitment, "2024-07-01", "not-delivered")
    section = read_section(read_commitment(client), "dates")
    assert "Not recorded as met. The commitment was closed with this date still open." in section
    assert "overdue" not in section


# --- History --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_the_history_is_newest_first_and_says_what_changed(client):
    heads = read_history(read_commitment(client, "JAN25-20"))
    assert heads == [
        (
            "update-5",
            "9 December 2025 Cannot be judged Changed from “In progress” Weak evidence only "
            "¶Permanent link to update 5 of JAN25-20",
        ),
        ("update-4", "4 September 2025 In progress No change ¶Permanent link to update 4 of JAN25-20"),
        ("update-3", "3 June 2025 In progress No change Weak evidence only ¶Permanent link to update 3 of JAN25-20"),
        (
            "update-2",
            "8 April 2025 In progress Changed from “Not started” ¶Permanent link to update 2 of JAN25-20",
        ),
        ("update-1", "16 January 2025 Not started First judgement ¶Permanent link to update 1 of JAN25-20"),
    ]


@pytest.mark.usefixtures("loaded_register")
def test_a_backward_move_is_marked(client):
    assert (
        "update-5",
        "30 May 2024 Not started A step back from “In progress” ¶Permanent link to update 5 of IICSA-13",
    ) in read_history(read_commitment(client, "IICSA-13"))


@pytest.mark.usefixtures("loaded_register")
def test_each_piece_of_evidence_says_what_it_is_and_what_it_shows(client):
    page = read_commitment(client, "IICSA-13")
    newest = page.find_all("li", css="timeline__entry")[0]
    assert read_text(newest.find(".//ul")) == (
        "Circular 004/2026: Crime and Policing Act 2026, Home Office, 29 June 2026 "
        "Lists what began on 29 June 2026 and says that the rest will follow by regulations; the part read does not "
        "mention the reporting duty. "
        "Moderate Guidance Official page About this document: Circular 004/2026: Crime and Policing Act 2026"
    )
    assert [link.attrib["href"] for link in newest.findall(".//ul//a")] == [
        "https://www.gov.uk/government/publications/circular-0042026-crime-and-policing-act-2026/"
        "circular-0042026-crime-and-policing-act-2026-accessible",
        "/documents/ho-circular-004-2026/",
    ]


@pytest.mark.usefixtures("loaded_register")
def test_evidence_without_a_date_says_so_and_a_copy_is_called_a_copy(client):
    section = read_section(read_commitment(client, "CANDOUR-01"), "history")
    assert "Public Office (Accountability) Bill, UK Parliament, date not shown" in section
    assert "Copy of an official record" in section


# --- Related commitments --------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_relations_read_from_both_sides_and_are_listed_once(client):
    one, two, three = make_commitment("REV-1"), make_commitment("REV-2"), make_commitment("REV-3")
    for commitment, related, kind in (
        (one, two, "superseded-by"),
        (two, one, "supersedes"),
        (one, two, "see-also"),
        (three, one, "implements"),
        (three, two, "see-also"),
        (two, three, "see-also"),
    ):
        publish_as_approver(draft_relation(commitment, related, kind))
    publish_update(two, "2024-03-01", "partly-delivered")
    row = {name: f"{name} Do what {name} says" for name in ("REV-1", "REV-2", "REV-3")}
    head = "Reference Commitment Status Since"
    assert read_section(read_commitment(client, "REV-1"), "related") == (
        f"Related commitments Is replaced by Is replaced by {head} {row['REV-2']} Partly delivered 1 March 2024 "
        f"Is carried out by Is carried out by {head} {row['REV-3']} Not yet checked no date"
    )
    assert read_section(read_commitment(client, "REV-2"), "related") == (
        f"Related commitments Replaces Replaces {head} {row['REV-1']} Not yet checked no date "
        f"See also See also {head} {row['REV-3']} Not yet checked no date"
    )


@pytest.mark.usefixtures("empty_register")
def test_an_entry_says_when_it_was_published_and_has_no_colour_once_corrected(client):
    commitment = make_commitment()
    first = publish_update(commitment, "2024-03-01")
    publish_update(commitment, "2024-04-01", status="delivered", corrects=first)
    newest, corrected = read_commitment(client).find_all("li", css="timeline__entry")
    assert [read_text(entry).count("Published 21 November 2026") for entry in (newest, corrected)] == [1, 1]
    assert newest.get("class") == "timeline__entry status-delivered"
    assert corrected.get("class") == "timeline__entry timeline__entry--corrected"


# --- Drafts and cost ------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_drafts_appear_nowhere_on_the_page(client):
    commitment, other = make_commitment(), make_commitment("REV-2")
    publish_update(commitment, "2024-03-01")
    before = read_commitment(client).main
    draft_update(commitment, "2024-05-01", status="delivered", reason="SECRET reason that nobody has approved.")
    draft_update(commitment, "2024-05-02", basis="claim", reason="SECRET claim that nobody has approved yet.")
    draft_response(commitment, note="SECRET answer")
    draft_funding(commitment, note="SECRET sum")
    draft_milestone(commitment, title="SECRET milestone")
    draft_relation(commitment, other)
    make_public_out_of_turn(draft_relation(commitment, draft_commitment("SECRET-3")))
    commitment.topics.add(Topic.objects.create(slug="secret", name="SECRET topic"))
    commitment.supporting.add(Department.objects.create(slug="secret", name="SECRET body", kind="regulator"))
    petition = Petition.objects.create(
        number=1, document=make_document(), title="SECRET petition", state="open", ask="?", outcome="partly-met"
    )
    petition.commitments.add(commitment)
    assert read_commitment(client).main == before
    assert client.get("/commitments/SECRET-3/").status_code == 404
    assert client.get("/commitments/secret-3/").status_code == 404


@pytest.mark.usefixtures("empty_register")
def test_a_draft_step_does_not_meet_a_milestone(client):
    milestone = publish_as_approver(draft_milestone(make_commitment()))
    step = draft_step(milestone, "2024-06-30", met_on="2024-06-30")
    step.documents.add(draft_document("secret", title="SECRET document"))
    page = read_commitment(client)
    assert "Not recorded as met: 874 days overdue." in page.main
    assert "SECRET" not in page.html


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_few_queries_however_long_the_history(client, django_assert_num_queries, rows):
    commitment = make_commitment("REV-9")
    for number in range(1, rows + 1):
        day = f"2024-03-0{number}"
        publish_update(commitment, day)
        publish_as_approver(draft_response(commitment, day))
        publish_as_approver(draft_funding(commitment))
        milestone = publish_as_approver(draft_milestone(commitment))
        publish_as_approver(draft_step(milestone, "2024-06-30", met_on="2024-06-30"))
        publish_as_approver(draft_relation(commitment, make_commitment(f"REV-{number}")))
        commitment.supporting.add(make_department(f"body-{number}"))
        commitment.topics.add(publish_as_approver(Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}")))
    with django_assert_num_queries(16):
        response = client.get("/commitments/REV-9/")
    assert len(read_history(Page(response))) == rows


@pytest.mark.usefixtures("empty_register")
def test_another_case_costs_one_query(client, django_assert_num_queries):
    make_commitment(made_on=D("2024-01-10"))
    with django_assert_num_queries(1):
        client.get("/commitments/rev-1/")
