"""Nobody reads a draft: with one of everything in the database, every public page stays as it was, letter by letter."""

import re

import pytest
from django.test import Client

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
    make_document,
    make_person,
    make_public_out_of_turn,
    publish_as_approver,
)
from tests.reading import read_commitments, read_documents
from tests.seven import find, make_seven_commitments
from tests.walking import Walk
from tracker.api.operations import OPERATIONS
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Petition,
    Programme,
    Revision,
    SupportService,
    Topic,
    Withdrawal,
)

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

MARKER = "Quagga"
ADDRESSES = (
    "/commitments/QUAGGA-101/",
    "/commitments/quagga-101/",
    "/departments/quagga/",
    "/programmes/quagga/",
    "/topics/quagga/",
    "/documents/quagga/",
    "/petitions/4711/",
    *(f"/api/{noun}/quagga/" for noun in ("departments", "programmes", "topics", "documents")),
    "/api/commitments/QUAGGA-101/",
    "/api/petitions/4711/",
)


@pytest.fixture
def register() -> None:
    """A small register in which something of everything is public."""
    make_seven_commitments()
    commitment = find("REV-1")
    publish_as_approver(draft_funding(commitment))
    publish_as_approver(draft_relation(commitment, find("ACT-1")))
    petition = Petition.objects.create(
        number=1, title="Act now", document=make_document(), state="closed", outcome="partly-met", ask="Do it."
    )
    petition.commitments.add(commitment)
    publish_as_approver(petition)
    publish_as_approver(SupportService.objects.create(name="A helpline", used_for="Everyone", phone="0800 000"))


def draft_everything() -> None:
    """Draft one of each noun, and to each thing that is public a draft of everything that can belong to it."""
    document = draft_document("quagga", title=f"{MARKER} report", publisher=f"{MARKER} press", note=MARKER)
    department = Department.objects.create(slug="quagga", name=f"{MARKER} office", kind="police-body")
    topic = Topic.objects.create(slug="quagga", name=f"{MARKER} matters")
    programme = Programme.objects.create(
        slug="quagga",
        name=f"{MARKER} review",
        published_on=D("2024-01-10"),
        document=document,
        expected_commitments=1,
    )
    SupportService.objects.create(name=f"{MARKER} line", used_for=MARKER, phone="0800 4711")
    commitment = draft_commitment(
        "QUAGGA-101", title=f"{MARKER} promise", summary=MARKER, made_by=MARKER, editor_note=MARKER
    )
    draft_commitment("QUAGGA-102", title=f"{MARKER} two", programme=programme, department=department)
    for public in Commitment.objects.published():
        _draft_all_that_belongs_to(public, document)
        _draft_what_corrects(public)
        public.topics.add(topic)
        public.supporting.add(department)
        draft_relation(public, commitment)
        draft_relation(commitment, public, "supersedes")
    draft_relation(find("REV-1"), find("REV-2"), "superseded-by")
    commitment.topics.set(Topic.objects.all())
    commitment.supporting.set(Department.objects.exclude(pk=commitment.department_id))
    _draft_all_that_belongs_to(commitment, make_document())
    _publish_all_that_belongs_to(commitment)
    petition = Petition.objects.create(
        number=4711,
        title=f"{MARKER} petition",
        document=make_document(),
        response_document=make_document(),
        response_department=find("REV-1").department,
        response_summary=MARKER,
        state="open",
        outcome="partly-met",
        ask=MARKER,
    )
    petition.commitments.set(Commitment.objects.all())
    Petition.objects.get(number=1).commitments.add(commitment)


def _draft_all_that_belongs_to(commitment: Commitment, document: object) -> None:
    evidence = {"document": document, "note": MARKER}
    draft_update(
        commitment,
        "2026-01-01",
        status="delivered",
        reason=f"{MARKER} is done, all of it, as everybody can see.",
        evidence=evidence,
    )
    draft_update(
        commitment,
        "2026-01-02",
        basis="claim",
        reason=f"{MARKER} is done, as the office itself says of it.",
        evidence=evidence,
    )
    draft_response(commitment, "2026-01-01", answer="rejected", by=MARKER, note=MARKER, document=document)
    draft_funding(commitment, amount_gbp=4_711_000, note=MARKER, document=document)
    draft_milestone(commitment, "2026-12-01", title=f"{MARKER} step", note=MARKER)
    for milestone in commitment.milestones.published():
        draft_step(milestone, "2026-01-03", due_on="2030-01-01")
        draft_step(milestone, "2026-01-03", met_on="2026-01-03")


def _draft_what_corrects(commitment: Commitment) -> None:
    author = make_person("author")
    Check.objects.create(commitment=commitment, checked_on=D("2026-11-01"), note=MARKER, author=author)
    Withdrawal.objects.create(commitment=commitment, reason=MARKER, author=author)
    for target in (commitment, commitment.department, commitment.programme, commitment.source_document):
        changes = {"title": {"before": str(target), "after": MARKER}}
        Revision.objects.create(target=target, changes=changes, reason=MARKER)


def _publish_all_that_belongs_to(commitment: Commitment) -> None:
    """What belongs to a draft is shown nowhere until that is public itself, even if a mistake published it before."""
    records = (commitment.status_updates, commitment.responses, commitment.funding, commitment.milestones)
    for relation in records:
        for record in relation.drafts():
            make_public_out_of_turn(record)


def read_all_answers() -> dict[str, str]:
    """Return what the API says of each list, of everything in it, and of each document and commitment alone."""
    client = Client()
    asked = [each.path for each in OPERATIONS.values() if "{" not in each.path]
    asked += [f"/api/commitments/{commitment.reference}/" for commitment in Commitment.objects.published()]
    asked += [f"/api/documents/{document.identifier}/" for document in Document.objects.published()]
    asked += [f"/api/departments/{department.slug}/" for department in Department.objects.published()]
    asked += ["/api/petitions/1/", "/api/topics/policing/", "/api/programmes/the-act/", "/api/log/1/"]
    asked += ["/api/changes/?since=2020-01-01", "/api/commitments/REV-1/?on=2026-11-20"]
    return {address: client.get(address).content.decode() for address in asked}


def read_everything() -> dict[str, str]:
    return {address: page.html for address, page in Walk().pages.items()}


def test_every_page_stays_as_it_was_when_there_is_a_draft_of_everything(register):
    before = read_everything()
    draft_everything()
    after = read_everything()
    assert len(before) > 50
    assert sorted(after) == sorted(before)
    assert [address for address in after if after[address] != before[address]] == []
    assert [address for address, html in after.items() if re.search(r"quagga|\b4711\b", html, re.IGNORECASE)] == []


def test_no_answer_of_the_api_changes_when_there_is_a_draft_of_everything(register):
    before = read_all_answers()
    draft_everything()
    after = read_all_answers()
    assert len(before) > 30
    assert [address for address in after if after[address] != before[address]] == []


def test_a_draft_has_no_address(client, register):
    draft_everything()
    assert {address: client.get(address, follow=True).status_code for address in ADDRESSES} == dict.fromkeys(
        ADDRESSES, 404
    )


def test_a_draft_cannot_be_searched_for(client, register):
    draft_everything()
    assert (read_commitments(client, "q=quagga").counted, read_documents(client, "q=quagga").counted) == (0, 0)


@pytest.mark.parametrize("name", ["department", "programme", "topic"])
def test_a_draft_is_no_choice_of_a_filter(client, register, name):
    draft_everything()
    page = read_commitments(client, f"{name}=quagga")
    assert (page.counted, len(page.errors)) == (0, 1)
    assert MARKER not in page.html


def test_a_draft_changes_no_count_of_a_filtered_list(client, register):
    questions = (
        "department=home-office&supporting=on",
        "status=delivered",
        "response=rejected",
        "strength=strong",
        "timeliness=due-soon",
        "sort=-changed_on",
        "sort=due_on",
    )
    before = [(page.rows, page.counts) for page in (read_commitments(client, question) for question in questions)]
    draft_everything()
    after = [(page.rows, page.counts) for page in (read_commitments(client, question) for question in questions)]
    assert after == before


def test_once_published_the_same_things_are_read_everywhere(client, register):
    """So that the tests above are known to look for what could be found."""
    draft_everything()
    for model in (Document, Department, Topic, Programme, SupportService, Commitment, Petition):
        for row in model.objects.drafts():
            publish_as_approver(row)
    pages = {address: html for address, html in read_everything().items() if MARKER in html}
    rooms = {"/" + "/".join(address.split("?")[0].split("/")[1:2]) for address in pages}
    assert rooms == {
        "/",
        "/changes",
        "/commitments",
        "/compare",
        "/differences",
        "/evidence-gaps",
        "/data",
        "/departments",
        "/programmes",
        "/topics",
        "/documents",
        "/petitions",
        "/help",
        "/log",
    }
    answers = {address: text for address, text in read_all_answers().items() if MARKER in text}
    assert {address.split("/")[2] for address in answers} >= {"commitments", "departments", "documents", "log"}
    assert {Client().get(address, follow=True).status_code for address in ADDRESSES if "documents" not in address} == {
        200
    }
