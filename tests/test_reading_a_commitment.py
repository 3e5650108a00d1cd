"""A reader opens a commitment: is it done, who says so, since when, what was promised and what was answered."""

import datetime as dt
from typing import Any

import pytest

from tests.examples import (
    REASON,
    draft_milestone,
    draft_relation,
    draft_update,
    make_commitment,
    make_document,
    publish_as_approver,
)
from tests.reading import Page, read_page, read_text
from tests.sections import read_commitment, read_fact, read_history, read_more, read_section, read_status
from tracker.models import Commitment, Evidence
from tracker.statuses import NOT_YET_CHECKED_DEFINITION, Status
from tracker.templatetags.register import pounds, when_made

pytestmark = pytest.mark.usefixtures("on_21_november_2026")

JUDGED = "We last judged this on 1 March 2024, from 1 document: strong evidence."
ANSWERS = {
    "IICSA-13": (
        "In progress since 6 January 2025: we found that work has begun but is not finished.",
        "We last judged this on 29 June 2026, from 1 document: moderate evidence.",
    ),
    "IICSA-01": (
        "In progress since 22 May 2023: we found that work has begun but is not finished.",
        "A date set for it, 31 May 2025, has passed, and we have no record that it was met. "
        "We last judged this on 29 April 2026, from 1 document: strong evidence.",
    ),
    "JAN25-20": (
        "Cannot be judged since 9 December 2025: we looked, but the words or the facts are too unclear.",
        "We last judged this on 9 December 2025, from 1 document: weak evidence only.",
    ),
    "CASEY-04": (
        "In progress since 16 June 2025: we found that work has begun but is not finished.",
        "We last judged this on 9 December 2025, from 1 document: moderate evidence.",
    ),
}


def publish_update(commitment: Commitment, as_of: str, status: str = "in-progress", **changes: Any) -> Any:
    return publish_as_approver(draft_update(commitment, as_of, status=status, **changes))


# --- The answer at the top ------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("reference", ANSWERS)
def test_the_page_opens_with_the_answer_in_one_sentence(client, reference):
    page = read_commitment(client, reference)
    assert (read_status(page), read_more(page)) == ANSWERS[reference]


@pytest.mark.usefixtures("loaded_register")
def test_every_commitment_of_the_register_has_a_page_with_a_status_and_its_whole_history(client):
    for commitment in Commitment.objects.published():
        page = read_commitment(client, commitment.reference)
        facts = [commitment.reference, commitment.get_kind_display(), commitment.department.name]
        assert page.headings == [f"{' · '.join(facts)} {commitment.title}"]
        assert len(read_history(page)) == commitment.status_updates.count()


@pytest.mark.usefixtures("empty_register")
def test_a_commitment_without_an_assessment_is_not_yet_checked(client):
    make_commitment()
    page = read_commitment(client)
    assert read_status(page) == "Not yet checked: we have not judged yet whether this was done."
    assert read_fact(page, "Last checked") == "Not yet"
    assert read_section(page, "history").endswith("Every judgement There are no published updates yet.")


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("not-started", "Not started, in our view since 1 March 2024: we looked and found no real step."),
        ("partly-delivered", "Partly delivered since 1 March 2024: we found that some of it is done and some is not."),
        ("delivered", "Delivered by 1 March 2024: we found that all of it is done."),
        (
            "delivered-differently",
            "Delivered another way by 1 March 2024: we found that its aim was met by other means.",
        ),
        (
            "not-delivered",
            "Not delivered, in our view since 1 March 2024: its time ran out, or an act went against it.",
        ),
        (
            "will-not-be-done",
            "Will not be done, in our view since 1 March 2024: those in charge said no, or took it back.",
        ),
        (
            "cannot-be-judged",
            "Cannot be judged since 1 March 2024: we looked, but the words or the facts are too unclear.",
        ),
    ],
)
def test_each_status_has_its_own_sentence(client, status, sentence):
    publish_update(make_commitment(), "2024-03-01", status)
    page = read_commitment(client)
    assert (read_status(page), read_more(page)) == (sentence, JUDGED)


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("strengths", "words"),
    [
        (["strong", "weak"], "2 documents: at least one of them strong evidence"),
        (["moderate", "weak", "moderate"], "3 documents: moderate evidence at best"),
        (["weak", "weak"], "2 documents: weak evidence only"),
    ],
)
def test_the_answer_says_how_much_several_documents_prove(client, strengths, words):
    update = draft_update(make_commitment(), "2024-03-01", evidence=None)
    for number, strength in enumerate(strengths):
        document = make_document(f"document-{number}", strength=strength)
        Evidence.objects.create(status_update=update, document=document, note="Says what was done.")
    publish_as_approver(update)
    page = read_commitment(client)
    (verdict,) = page.find_all("p", css="verdict__status")
    assert read_more(page) == f"We last judged this on 1 March 2024, from {words}."
    assert ("Weak evidence only" in read_text(verdict)) is (set(strengths) == {"weak"})


@pytest.mark.usefixtures("empty_register")
def test_since_is_the_day_on_which_the_present_run_began(client):
    commitment = make_commitment()
    publish_update(commitment, "2024-02-01", "in-progress")
    publish_update(commitment, "2024-03-01", "partly-delivered")
    publish_update(commitment, "2024-04-01", "partly-delivered")
    page = read_commitment(client)
    assert read_status(page) == "Partly delivered since 1 March 2024: we found that some of it is done and some is not."
    assert read_more(page) == "We last judged this on 1 April 2024, from 1 document: strong evidence."


@pytest.mark.usefixtures("empty_register")
def test_the_answer_names_the_date_that_has_passed_or_comes_next(client):
    commitment = make_commitment()
    publish_update(commitment, "2024-03-01")
    publish_as_approver(draft_milestone(commitment, "2026-12-31"))
    assert read_more(read_commitment(client)) == f"The next date set for it is 31 December 2026. {JUDGED}"
    publish_as_approver(draft_milestone(commitment, "2026-11-20"))
    missed = "A date set for it, 20 November 2026, has passed, and we have no record that it was met."
    assert read_more(read_commitment(client)) == f"{missed} {JUDGED}"
    publish_update(commitment, "2026-11-20", "will-not-be-done")
    assert "set for it" not in read_more(read_commitment(client))


@pytest.mark.usefixtures("empty_register")
def test_the_answer_of_a_past_day_is_the_answer_that_stood_then(client):
    commitment = make_commitment()
    publish_as_approver(draft_milestone(commitment, "2024-06-30"))
    publish_update(commitment, "2024-03-01")
    publish_update(commitment, "2025-03-01", "partly-delivered")
    page = read_page(client, "/commitments/REV-1/?on=2024-06-30")
    assert read_status(page) == "In progress since 1 March 2024: we found that work has begun but is not finished."
    assert read_more(page) == f"The next date set for it is 30 June 2024. {JUDGED}"
    page = read_page(client, "/commitments/REV-1/?on=2024-02-01")
    assert read_status(page) == "Not yet checked: we have not judged yet whether this was done."
    assert read_more(page) == "The next date set for it is 30 June 2024."


@pytest.mark.usefixtures("empty_register")
def test_a_replaced_commitment_links_what_replaces_it(client):
    commitment, successor = make_commitment(), make_commitment("REV-2")
    publish_as_approver(draft_relation(commitment, successor, "superseded-by"))
    publish_update(commitment, "2024-03-01", "superseded")
    page = read_commitment(client)
    assert read_status(page) == "Replaced since 1 March 2024: we found that it gave way to something newer."
    assert "Its place is taken by REV-2: Do what REV-2 says." in page.main
    assert page.links_named("REV-2: Do what REV-2 says") == ["/commitments/REV-2/"]


@pytest.mark.usefixtures("empty_register")
def test_a_claim_stands_beside_our_assessment_and_never_in_its_place(client):
    commitment = make_commitment()
    publish_update(commitment, "2024-03-01", "in-progress")
    publish_update(commitment, "2024-04-01", "delivered", basis="claim", reason="The minister said that it was done.")
    page = read_commitment(client)
    assert read_status(page) == "In progress since 1 March 2024: we found that work has begun but is not finished."
    assert read_more(page) == f"{JUDGED} The body that answers for it says something else: “Delivered”."
    assert read_section(page, "two-views") == (
        f"Claimed and found The two differ. All such differences Our assessment In progress {REASON} 1 March 2024: our "
        "assessment in the history "
        "The body's own claim Delivered The minister said that it was done. "
        "1 April 2024: the claim in the history"
    )
    assert read_history(page) == [
        ("update-2", "1 April 2024 Delivered The body's own claim First claim ¶Permanent link to update 2 of REV-1"),
        ("update-1", "1 March 2024 In progress First judgement ¶Permanent link to update 1 of REV-1"),
    ]


@pytest.mark.usefixtures("empty_register")
def test_a_claim_that_agrees_or_that_we_have_not_checked_is_named_as_such(client):
    commitment = make_commitment()
    publish_update(commitment, "2024-02-01", "delivered", basis="claim", reason="The minister said that it was done.")
    assert read_more(read_commitment(client)) == (
        "The body that answers for it says “Delivered”. We have not checked that."
    )
    publish_update(commitment, "2024-03-01", "delivered")
    assert read_more(read_commitment(client)) == f"{JUDGED} The body that answers for it also says “Delivered”."


# --- What the words mean --------------------------------------------------------------------------


def read_meanings(page: Page) -> dict[str, str]:
    """Return what is folded out, by the words that fold it out."""
    return {read_text(each.find("./summary")): read_text(each) for each in page.find_all("details", css="meaning")}


@pytest.mark.usefixtures("loaded_register")
def test_the_page_tells_in_its_place_what_the_status_means(client):
    meanings = read_meanings(read_commitment(client, "IICSA-13"))
    assert list(meanings) == ["What “In progress” means", "What the statuses mean"]
    assert str(Status.IN_PROGRESS.definition) in meanings["What “In progress” means"]


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/commitments/",
        "/changes/?since=2025-06-16",
        "/departments/",
        "/departments/home-office/",
        "/departments/attorney-generals-office/",
        "/programmes/",
        "/programmes/iicsa-final-report/",
        "/topics/",
        "/topics/mandatory-reporting/",
        "/documents/casey-government-response/",
        "/petitions/300239/",
    ],
)
def test_every_page_with_statuses_tells_once_what_each_means(client, address):
    (meaning,) = read_meanings(read_page(client, address)).values()
    assert [each.definition for each in Status if str(each.definition) not in meaning] == []
    assert str(NOT_YET_CHECKED_DEFINITION) in meaning


# --- What was promised and answered ---------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_the_page_says_what_was_promised_by_whom_when_and_where_that_is_written(client):
    page = read_commitment(client, "IICSA-13")
    assert read_section(page, "promised").startswith(
        "What was promised The inquiry asked for a legal duty on people in regulated work with children"
    )
    assert (
        "Made by: Independent Inquiry into Child Sexual Abuse, to the UK Government and the Welsh Government "
        "When: on 20 October 2022" in page.main
    )
    assert "Where in it: Recommendation 13" in page.main
    assert read_fact(page, "Lead department") == "Home Office"
    assert read_fact(page, "Supporting") == "Department for Education Welsh Government"
    assert read_fact(page, "Programme") == "IICSA final report, number 13"
    assert read_fact(page, "Topics") == "Criminal law and sentencing Mandatory reporting"
    assert read_fact(page, "Last checked").startswith(
        "29 June 2026. The day of our latest judgement, or on which we looked"
    )


@pytest.mark.usefixtures("loaded_register")
def test_every_answer_is_listed_with_its_day_its_government_and_its_document(client):
    section = read_section(read_commitment(client, "IICSA-13"), "answers")
    assert section.startswith(
        "What the government answered Accepted in principle on 22 May 2023, by UK Government (2019-2024 Parliament) "
        "A duty for England was agreed and a call for evidence opened."
    )
    assert "Accepted on 6 January 2025, by UK Government (2024- Parliament)" in section


@pytest.mark.usefixtures("loaded_register")
def test_a_commitment_without_an_answer_says_that_this_proves_nothing(client):
    assert read_section(read_commitment(client, "JAN25-20"), "answers") == (
        "What the government answered No formal answer is recorded. That is not proof that none was given."
    )


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("day", "on 31 May 2018"),
        ("month", "in May 2018"),
        ("latest-possible", "by 31 May 2018 at the latest"),
    ],
)
def test_a_date_is_given_no_more_exactly_than_it_is_known(precision, words):
    assert when_made(Commitment(made_on=dt.date(2018, 5, 31), made_on_precision=precision)) == words


@pytest.mark.usefixtures("loaded_register")
def test_money_is_listed_as_stated_and_never_added_up(client):
    section = read_section(read_commitment(client, "PET20-03"), "money")
    for words in ("Promised £30 million 1 September 2019", "Allocated £9.86 million 18 May 2020"):
        assert words in section
    assert section.endswith("Amounts are as stated. They may overlap and are not added up.")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (74_856, "£74,856"),
        (999_999, "£999,999"),
        (1_000_000, "£1 million"),
        (3_650_000, "£3.65 million"),
        (11_700_000, "£11.7 million"),
        (1_234_567, "£1,234,567"),
        (1_500_000_000, "£1,500 million"),
    ],
)
def test_a_sum_is_written_exactly(amount, words):
    assert pounds(amount) == words


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("written", ["iicsa-13", "Iicsa-13", "IICSA-on-01"])
def test_another_case_is_redirected_for_good(client, written):
    response = client.get(f"/commitments/{written}/")
    assert (response.status_code, response.headers["Location"]) == (301, f"/commitments/{written.upper()}/")


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "hostile",
    [
        "IICSA-999",
        "iicsa-999",
        "%00-1",
        "IICSA-13%00",
        "X-%FF",
        "IICSA-13'--",
        "A" * 5000 + "-1",
        "-",
        "%D9%A1-1",
        "%C5%BF-1",
        "%E2%84%AA-1",
    ],
)
def test_an_unknown_or_hostile_reference_is_not_found(client, hostile):
    assert client.get(f"/commitments/{hostile}/").status_code == 404
