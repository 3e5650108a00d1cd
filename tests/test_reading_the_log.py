"""A reader opens the log: what was published, when, and everything that is needed to check it."""

import base64
import json

import pytest
from django.urls import reverse

from tests.examples import (
    draft_document,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.log import redact
from tests.reading import Page, read_page, read_text
from tracker.merkle import verify_consistency, verify_inclusion
from tracker.models import Check, Checkpoint, LogEntry, LogHead, Petition, Revision, SupportService, Topic, Withdrawal
from tracker.publishing import LogIsBroken, publication, publish_batch
from tracker.verify import read_keys, read_note

pytestmark = pytest.mark.usefixtures("empty_register")


def publish_many(count: int) -> None:
    """Publish documents until the log has that many entries."""
    with publication() as log:
        for number in range(log.size + 1, count + 1):
            log.append("document", f"documents/d-{number}", {"title": f"Document {number}"})


def read_entries(page: Page) -> list[tuple[str, str | None, str]]:
    """Return the sentence of each entry on the page, where it leads and its number."""
    entries = []
    for item in page.find_all("li", css="entry"):
        links = {read_text(link): link.attrib["href"] for link in item.iter("a")}
        number = next(text for text in links if text.startswith("Entry "))
        text = read_text(item).split(f" {number} ", 1)[0]
        entries.append((text, links.get(text), number))
    return entries


# --- The page --------------------------------------------------------------------------------


def test_each_entry_says_in_plain_words_what_became_public(client):
    commitment, other = make_commitment(), make_commitment("REV-2")
    milestone = publish_as_approver(draft_milestone(commitment))
    topic = Topic.objects.create(slug="courts", name="Courts")
    petition = Petition.objects.create(
        number=1, document=make_document(), title="Do it", state="open", ask="Do it.", outcome="partly-met"
    )
    for draft in (
        draft_update(commitment),
        draft_update(commitment, "2024-04-01", basis="claim", status="delivered"),
        draft_response(commitment),
        draft_step(milestone, "2024-05-01", due_on="2024-12-31"),
        draft_funding(commitment),
        draft_relation(commitment, other),
        topic,
        SupportService.objects.create(name="A helpline", used_for="Everyone", phone="0800 000"),
        petition,
        Check.objects.create(commitment=commitment, checked_on="2024-06-01", note="The ministry's pages."),
        Withdrawal.objects.create(commitment=other, reason="It was entered by mistake: it is the same as REV-1."),
        Revision.objects.create(
            target=topic,
            reason="It has had another name since the spring of this year.",
            changes={"name": {"before": "Courts", "after": "The courts"}},
        ),
    ):
        publish_as_approver(draft)
    publish_batch("Files", {"documents.json": "0" * 64}, [draft_document("a")])
    redact(7)

    page = read_page(client, "/log/")
    assert read_entries(page) == [
        ("Redaction: the words of entry 7 were removed (court order)", "/log/7/", "Entry 22"),
        ("Document: A", "/documents/a/", "Entry 21"),
        ("Load of the register's files: 1 file", None, "Entry 20"),
        ("Topic: The courts", "/topics/courts/", "Entry 19"),
        ("New wording: courts. It has had another name since the spring of this year.", "/topics/courts/", "Entry 18"),
        ("Withdrawal: REV-2. It was entered by mistake: it is the same as REV-1.", "/commitments/REV-2/", "Entry 17"),
        ("Check: REV-1, nothing new on 1 June 2024", "/commitments/REV-1/", "Entry 16"),
        ("Petition: 1, Do it", "/petitions/1/", "Entry 15"),
        ("Support service: A helpline", "/help/", "Entry 14"),
        ("Topic: Courts", "/topics/courts/", "Entry 13"),
        ("Relation: REV-1, see also REV-2", "/commitments/REV-1/", "Entry 12"),
        ("Funding: REV-1, £5 million promised, 1 February 2024", "/commitments/REV-1/#funding-1", "Entry 11"),
        ("Milestone update: REV-1, moved to 31 December 2024", "/commitments/REV-1/#milestone-1", "Entry 10"),
        ("Response: REV-1, accepted on 1 February 2024", "/commitments/REV-1/#response-1", "Entry 9"),
        (
            "Status update: REV-1, claimed by the body to be delivered as of 1 April 2024",
            "/commitments/REV-1/#update-2",
            "Entry 8",
        ),
        ("Status update: REV-1. Its words were removed.", "/commitments/REV-1/#update-1", "Entry 7"),
        ("Milestone: REV-1, First report, due by 30 June 2024", "/commitments/REV-1/#milestone-1", "Entry 6"),
        ("Commitment: REV-2, Do what REV-2 says", "/commitments/REV-2/", "Entry 5"),
        ("Commitment: REV-1, Do what REV-1 says", "/commitments/REV-1/", "Entry 4"),
        ("Department: Home Office", "/departments/home-office/", "Entry 3"),
        ("Programme: The review", "/programmes/the-review/", "Entry 2"),
        ("Document: The report", "/documents/the-report/", "Entry 1"),
    ]
    assert "The register is at version 22" in page.main
    assert LogEntry.objects.get(sequence=21).leaf_hash in page.main


def test_an_entry_of_a_shape_that_nobody_writes_any_more_still_has_its_name(client):
    with publication() as log:
        for kind in LogEntry.Kind.values:
            log.append(kind, "commitments/REV-1", ["something", None, {"else": True}])
    assert [text for text, _, _ in read_entries(read_page(client, "/log/"))] == [
        f"{label}: REV-1" for label in reversed(LogEntry.Kind.labels)
    ]
    for sequence in range(1, len(LogEntry.Kind.values) + 1):
        read_page(client, f"/log/{sequence}/")


def test_the_log_is_read_fifty_at_a_time_newest_first(client, django_assert_num_queries):
    publish_many(101)
    with django_assert_num_queries(4):
        first = read_page(client, "/log/")
    assert [number for _, _, number in read_entries(first)] == [f"Entry {number}" for number in range(101, 51, -1)]
    assert (first.links_named("Older entries"), first.links_named("Newest entries")) == (["/log/?before=52"], [])
    with django_assert_num_queries(4):
        second = read_page(client, "/log/?before=52")
    assert [number for _, _, number in read_entries(second)] == [f"Entry {number}" for number in range(51, 1, -1)]
    last = read_page(client, second.links_named("Older entries")[0])
    assert [number for _, _, number in read_entries(last)] == ["Entry 1"]
    assert (last.links_named("Older entries"), last.links_named("Newest entries")) == ([], ["/log/"])
    assert "There are no such entries before that one." in read_page(client, "/log/?before=1").main


def test_the_log_is_read_by_kind(client):
    publish_as_approver(draft_update(make_commitment()))
    publish_many(100)
    page = read_page(client, "/log/?kind=status-update")
    assert [number for _, _, number in read_entries(page)] == ["Entry 5"]
    older = read_page(client, "/log/?kind=document").links_named("Older entries")
    assert older == ["/log/?kind=document&before=51"]
    assert read_entries(read_page(client, older[0]))[-1] == (
        "Document: The report",
        "/documents/the-report/",
        "Entry 1",
    )


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("kind=bogus", "There is no kind of entry called “bogus”."),
        ("before=x", "“before” must be a whole number; not “x”."),
        ("before=-1", "“before” must be a whole number; not “-1”."),
        ("before=%D9%A3", "“before” must be a whole number; not “٣”."),
        ("before=" + "9" * 30, f"“before” must be a whole number; not “{'9' * 20}”."),
        ("kind=document&before=%00", "“before” must be a whole number; not “\0”."),
    ],
)
def test_a_question_that_is_none_shows_what_is_wrong_and_no_entries(client, question, sentence):
    make_document()
    page = read_page(client, f"/log/?{question}")
    assert (page.errors, read_entries(page)) == ([sentence], [])
    assert page.title.startswith("Error: ")


def test_a_log_in_which_nothing_was_signed_yet_says_so(client):
    page = read_page(client, "/log/")
    assert "No checkpoint was signed yet." in page.main
    assert [client.get(f"/log/{name}").status_code for name in ("checkpoint", "key", "checkpoint/1")] == [404] * 3
    assert b"".join(client.get("/log/entries.jsonl").streaming_content) == b""
    assert client.get("/log/proof/inclusion?sequence=1").status_code == 400


# --- One entry -------------------------------------------------------------------------------


def test_an_entry_shows_everything_that_is_hashed_and_its_proof(client):
    publish_as_approver(draft_update(make_commitment()))
    entry = LogEntry.objects.get(sequence=5)
    page = read_page(client, "/log/5/")

    facts = {read_text(row.find("./dt")): read_text(row.find("./dd")) for row in page.find_all(css="facts__row")}
    assert {name: facts[name] for name in ("Kind", "Subject", "Status", "As of", "Evidence 1, document", "Salt")} == {
        "Kind": "Status update",
        "Subject": "commitments/REV-1#update-1",
        "Status": "in-progress",
        "As of": "1 March 2024",
        "Evidence 1, document": "the-report",
        "Salt": entry.salt,
    }
    assert (facts["Hash of the content"], facts["Hash of the entry"]) == (entry.content_hash, entry.leaf_hash)
    assert json.loads(read_text(page.find(".//pre"))) == entry.content
    path = [bytes.fromhex(read_text(item)) for item in page.find_all("li", css="hash")]
    root = bytes.fromhex(LogHead.objects.get().root_hash)
    assert verify_inclusion(bytes.fromhex(entry.leaf_hash), 4, 5, path, root)


def test_a_redacted_entry_says_so_and_leads_to_the_reason(client):
    publish_as_approver(draft_update(make_commitment()))
    redact(1)
    redact(5)
    page = read_page(client, "/log/5/")
    assert "What stood here was removed, as the law demands." in page.main
    assert page.links_named("entry 7") == ["/log/7/"]
    assert "introduced" not in page.html
    assert "Salt Removed" in page.main
    assert read_page(client, "/log/7/").links_named("the words of entry 5 were removed (court order)") == []


def test_an_entry_of_a_load_leads_to_the_load(client):
    publish_batch("Files", {"documents.json": "0" * 64}, [draft_document("a")])
    assert read_page(client, "/log/2/").links_named("the load of entry 1") == ["/log/1/"]


# --- Files -----------------------------------------------------------------------------------


def read_lines(client, address: str = "/log/entries.jsonl") -> list[dict]:
    response = client.get(address)
    assert response["Content-Type"] == "application/jsonl; charset=utf-8"
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def test_the_download_has_every_entry_and_names_the_checkpoint_that_covers_it(client):
    publish_as_approver(draft_update(make_commitment()))
    redact(4)
    response = client.get("/log/entries.jsonl")
    lines = read_lines(client)
    assert lines == [entry.facts() for entry in LogEntry.objects.order_by("sequence")]
    assert set(lines[0]) == {
        *("sequence", "at", "kind", "subject", "batch", "salt", "content", "content_hash", "leaf_hash")
    }
    assert (lines[3]["salt"], lines[3]["content"]) == (None, None)
    assert response["Log-Checkpoint"] == "http://127.0.0.1:8000/log/checkpoint/6"
    assert client.get("/log/checkpoint/6").content == client.get("/log/checkpoint").content


def test_only_what_is_new_can_be_downloaded(client):
    publish_many(7)
    assert [line["sequence"] for line in read_lines(client, "/log/entries.jsonl?after=5")] == [6, 7]
    assert read_lines(client, "/log/entries.jsonl?after=7") == []
    refused = client.get("/log/entries.jsonl?after=x")
    assert (refused.status_code, refused.content.decode()) == (400, "“after” must be a whole number; not “x”.\n")


def test_a_checkpoint_is_sent_as_it_was_signed(client):
    make_commitment()
    response = client.get("/log/checkpoint/2")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    note = read_note("it", response.content, read_keys([client.get("/log/key").content.decode()]))
    assert (note.origin, note.size) == (LogHead.objects.get().origin, 2)
    assert note.root.hex() == Checkpoint.objects.get(size=2).root_hash
    assert client.get("/log/checkpoint/5").status_code == 404


def test_the_verifier_is_sent_as_it_is(client):
    response = client.get("/log/verify.py")
    assert response.content.startswith(b'"""Check a copy of the register')
    assert response["Content-Type"] == "text/x-python; charset=utf-8"


# --- Proofs ----------------------------------------------------------------------------------


def decode(path: list[str]) -> list[bytes]:
    return [base64.b64decode(each) for each in path]


def root_at(client, size: int) -> bytes:
    return read_note("it", client.get(f"/log/checkpoint/{size}").content, {}).root


def test_an_entry_is_proved_to_be_in_the_log(client, django_assert_num_queries):
    for size in (3, 5, 13):
        publish_many(size)
    leaf = bytes.fromhex(LogEntry.objects.get(sequence=3).leaf_hash)
    for size in (3, 5, 13):
        with django_assert_num_queries(3 if size > 3 else 2):
            proof = client.get(f"/log/proof/inclusion?sequence=3&size={size}").json()
        assert proof["leaf_index"] == 2
        assert verify_inclusion(leaf, 2, size, decode(proof["audit_path"]), root_at(client, size))
    assert client.get("/log/proof/inclusion?sequence=3").json() == proof


def test_a_shorter_log_is_proved_to_begin_a_longer_one(client, django_assert_num_queries):
    for size in (3, 5, 13):
        publish_many(size)
    for first, second in ((3, 5), (3, 13), (5, 13), (13, 13)):
        proof = client.get(f"/log/proof/consistency?from={first}&to={second}").json()
        roots = (root_at(client, first), root_at(client, second))
        assert verify_consistency(first, second, decode(proof["consistency"]), roots)
    with django_assert_num_queries(3):
        to_the_newest = client.get("/log/proof/consistency?from=3").json()
    assert to_the_newest == client.get("/log/proof/consistency?from=3&to=13").json()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("inclusion", "“sequence” must be a whole number; not “”."),
        ("inclusion?sequence=x", "“sequence” must be a whole number; not “x”."),
        ("inclusion?sequence=0", "There is no proof that entry 0 is among the first 4, of 4."),
        ("inclusion?sequence=3&size=2", "There is no proof that entry 3 is among the first 2, of 4."),
        ("inclusion?sequence=1&size=5", "There is no proof that entry 1 is among the first 5, of 4."),
        ("consistency?to=3", "“from” must be a whole number; not “”."),
        ("consistency?from=0", "There is no proof that the first 0 entries begin the first 4, of 4."),
        ("consistency?from=3&to=2", "There is no proof that the first 3 entries begin the first 2, of 4."),
        ("consistency?from=1&to=5", "There is no proof that the first 1 entries begin the first 5, of 4."),
    ],
)
def test_what_cannot_be_proved_is_refused_in_a_sentence(client, address, sentence):
    make_commitment()
    response = client.get(f"/log/proof/{address}")
    assert (response.status_code, response.content.decode()) == (400, f"{sentence}\n")


# --- The staff desk --------------------------------------------------------------------------


def test_the_log_never_shows_a_draft_a_note_or_a_person(client):
    commitment = make_commitment()
    draft_update(commitment, reason="A quagga was seen by nobody, and that is not public.")
    update = draft_update(commitment)
    update.return_note, update.author = "Quagga note", make_person("quagga")
    update.save()
    publish_as_approver(update)
    pages = [client.get(f"/log/{sequence}/").content for sequence in range(1, 6)]
    pages += [client.get(reverse("tracker:log-list")).content]
    pages += [b"".join(client.get("/log/entries.jsonl").streaming_content)]
    assert [page for page in pages if b"quagga" in page.lower()] == []


def test_a_log_that_is_broken_can_still_be_read(client):
    make_commitment()
    LogHead.objects.update(sequence=2)
    with pytest.raises(LogIsBroken):
        make_document("another")
    assert len(read_entries(read_page(client, "/log/"))) == 4
