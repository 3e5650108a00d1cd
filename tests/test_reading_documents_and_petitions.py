"""A reader opens a document to see what rests on it, and a petition to see what became of it."""

from typing import Any

import pytest

from tests.examples import (
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_public_out_of_turn,
    publish_as_approver,
)
from tests.reading import Page, read_page, read_text
from tests.sections import read_fact, read_section
from tracker.models import Petition


def draft_petition(number: int = 300239, **changes: Any) -> Petition:
    facts = {
        "title": "Publish the review in full",
        "document": make_document(),
        "state": "closed",
        "parliament": "2019-2024",
        "ask": "Publish the review.",
        "outcome": "partly-met",
    }
    return Petition.objects.create(number=number, **facts | changes)


# --- Documents ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_a_document_says_what_it_is_and_how_much_it_can_prove(client):
    page = read_page(client, "/documents/poa-bill/")
    assert page.headings == ["Document · Bill Public Office (Accountability) Bill"]
    assert page.links_named("Read it at UK Parliament") == ["https://bills.parliament.uk/bills/4019"]
    assert read_fact(page, "Date") == "Date not shown on it"
    assert read_fact(page, "Origin").startswith("Official page. It is from government or Parliament,")
    assert read_fact(page, "Strength").startswith("Moderate A detailed official record of an act already done.")
    assert "read through a third party that had checked this page." in page.main


@pytest.mark.usefixtures("loaded_register")
def test_a_document_lists_each_status_that_rests_on_it_and_what_for(client):
    page = read_page(client, "/documents/ho-circular-004-2026/")
    section = read_section(page, "evidence")
    assert (
        "IICSA-13: Introduce mandatory reporting of child sexual abuse, update 13 In progress 29 June 2026 "
        "Lists what began on 29 June 2026 and says that the rest will follow by regulations;" in section
    )
    assert "/commitments/IICSA-13/#update-13" in page.links


@pytest.mark.usefixtures("empty_register")
def test_a_document_lists_every_other_use_of_it(client):
    paper = make_document("the-paper")
    commitment = make_commitment(source_document=paper, source_locator="Page 7")
    publish_as_approver(draft_response(commitment, document=paper))
    publish_as_approver(draft_funding(commitment, document=paper, note="For one year."))
    milestone = publish_as_approver(draft_milestone(commitment))
    step = draft_step(milestone, "2024-07-04", met_on="2024-07-04")
    step.documents.add(paper)
    publish_as_approver(step)
    publish_as_approver(draft_petition(debate_document=paper, debated_on="2021-02-03", debate_house="Commons"))
    page = read_page(client, "/documents/the-paper/")
    name = "REV-1: Do what REV-1 says"
    assert {section.attrib["aria-labelledby"]: read_text(section) for section in page.find_all("section")} == {
        "source": f"Commitments recorded in it {name} Page 7",
        "responses": f"Answers given in it {name}, answer 1 "
        "Accepted on 1 February 2024, by UK Government (2019-2024 Parliament)",
        "milestones": "Dates that it sets or meets REV-1: First report Due by 30 June 2024 Met on 4 July 2024",
        "funding": f"Money stated in it {name}, sum 1 £5 million promised, 1 February 2024 For one year.",
        "petitions": "Petitions Petition 300239: Publish the review in full",
    }
    for anchor in ("response-1", "milestone-1", "funding-1"):
        assert f"/commitments/REV-1/#{anchor}" in page.links
        assert read_page(client, "/commitments/REV-1/").find(f".//*[@id='{anchor}']") is not None


@pytest.mark.usefixtures("empty_register")
def test_a_document_page_shows_no_drafts(client):
    paper = make_document("the-paper")
    commitment = make_commitment()
    before = read_page(client, "/documents/the-paper/").main
    draft_update(commitment, reason="SECRET reason that nobody has approved.", evidence={"document": paper})
    draft_response(commitment, document=paper)
    draft_funding(commitment, document=paper)
    draft_milestone(commitment).documents.add(paper)
    milestone = publish_as_approver(draft_milestone(commitment))
    draft_step(milestone, "2024-07-04", met_on="2024-07-04").documents.add(paper)
    draft_petition(document=paper)
    hidden = draft_commitment("SECRET-1", source_document=paper, number=2)
    make_public_out_of_turn(draft_update(hidden, evidence={"document": paper}))
    assert read_page(client, "/documents/the-paper/").main == before
    assert "Nothing in the register rests on it yet." in before


@pytest.mark.usefixtures("empty_register")
def test_a_draft_document_is_not_found(client):
    draft_document("secret")
    assert client.get("/documents/secret/").status_code == 404


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("hostile", ["nothing", "%00", "poa-bill%00", "%FF", "a" * 5000, "'--", "é"])
def test_an_unknown_or_hostile_document_is_not_found(client, hostile):
    assert client.get(f"/documents/{hostile}/").status_code == 404


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("rows", [1, 3])
def test_a_document_costs_eleven_queries_however_much_rests_on_it(client, django_assert_num_queries, rows):
    paper = make_document("the-paper")
    for number in range(1, rows + 1):
        commitment = make_commitment(f"REV-{number}", source_document=paper)
        publish_as_approver(draft_update(commitment, evidence={"document": paper}))
        publish_as_approver(draft_response(commitment, document=paper))
        publish_as_approver(draft_petition(number, document=paper))
    with django_assert_num_queries(11):
        response = client.get("/documents/the-paper/")
    assert read_section(Page(response), "evidence").count("In progress 1 March 2024") == rows


# --- Petitions ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_petitions_are_listed_with_what_became_of_them(client):
    page = read_page(client, "/petitions/")
    tiles = [read_text(tile) for tile in page.find_all("li", css="tile")]
    assert tiles[0] == (
        "Set up a public inquiry into the National problem of Paedophile grooming gangs "
        "Petition 212467. Number of signatures not known. Not met at the time. "
        "Delivered: 3 of 6Partly delivered: 1 of 6Replaced: 2 of 6 "
        "In the answer: 7 commitments: 3 delivered, 1 partly delivered, 2 replaced, 1 cannot be judged."
    )
    assert len(tiles) == 4


@pytest.mark.usefixtures("loaded_register")
def test_a_petition_tells_what_was_asked_answered_debated_and_done(client):
    page = read_page(client, "/petitions/300239/")
    assert page.headings == ["Petition 300239 Release the Home Office's Grooming Gang Review in full"]
    assert read_section(page, "asked").startswith(
        "What was asked Publish in full the official research on the characteristics of grooming gangs."
    )
    assert "By Home Office, on 19 May 2020." in read_section(page, "answered")
    assert read_fact(page, "Signatures") == "131,626; the day of the count is not known"
    assert read_fact(page, "Opened") == "5 March 2020"
    assert read_fact(page, "Debated").startswith("In the Commons on 3 February 2021: Grooming Gangs")
    assert read_text(page.find_all("p", css="lead")[0]) == "Outcome: partly met."
    assert page.references == ["PET20-01", "PET20-02", "PET20-03", "PET20-04"]
    assert "Whether the paper published on 15 December 2020 is the research in full is disputed." in page.main


@pytest.mark.usefixtures("loaded_register")
def test_a_petition_says_what_is_not_known(client):
    page = read_page(client, "/petitions/212467/")
    facts = ("Signatures", "Opened", "Closed", "Debated")
    assert [read_fact(page, name) for name in facts] == ["Not known", "Not known", "Not known", "No debate is recorded"]
    assert "By Home Office, on a day that is not known." in page.main


@pytest.mark.usefixtures("loaded_register")
def test_the_day_on_which_signatures_were_counted_is_given_where_it_is_known(client):
    assert read_fact(read_page(client, "/petitions/327566/"), "Signatures") == "31,211, on 5 February 2021"


@pytest.mark.usefixtures("empty_register")
def test_a_petition_without_an_answer_says_so(client):
    publish_as_approver(draft_petition(signatures=0))
    page = read_page(client, "/petitions/300239/")
    assert read_section(page, "answered") == "What the government answered No answer is recorded."
    assert "No commitment made in the answer is recorded." in page.main
    assert read_fact(page, "Signatures") == "0; the day of the count is not known"


@pytest.mark.usefixtures("empty_register")
def test_petitions_show_no_drafts(client):
    petition = publish_as_approver(draft_petition())
    addresses = ["/petitions/", "/petitions/300239/"]
    before = [read_page(client, address).main for address in addresses]
    petition.commitments.add(draft_commitment("SECRET-1"))
    draft_petition(1, title="SECRET petition")
    assert [read_page(client, address).main for address in addresses] == before
    assert client.get("/petitions/1/").status_code == 404


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "hostile", ["1", "0", str(2**63), str(10**30), "9" * 5000, "-1", "%00", "%FF", "1e3", "٣", "1.0"]
)
def test_an_unknown_or_hostile_petition_is_not_found(client, hostile):
    assert client.get(f"/petitions/{hostile}/").status_code == 404


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/petitions/", 4), ("/petitions/1/", 7)])
def test_petitions_cost_the_same_queries_however_many_rows(client, django_assert_num_queries, rows, address, queries):
    for number in range(1, rows + 1):
        answer = {"response_summary": "Said no.", "response_document": make_document()}
        publish_as_approver(draft_petition(number, response_department=make_department(), **answer))
        Petition.objects.get(number=1).commitments.add(make_commitment(f"REV-{number}"))
    with django_assert_num_queries(queries):
        response = client.get(address)
    assert response.status_code == 200
