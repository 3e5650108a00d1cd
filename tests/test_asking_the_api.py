"""A program asks the API: it gets the rows of the page, a commitment whole, and a sentence where it asks nonsense."""

import datetime as dt
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.examples import (
    WHY_MOVED,
    D,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_step,
    draft_update,
    make_commitment,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.reading import read_commitments, read_documents
from tests.seven import find, make_seven_commitments
from tests.test_lists_use_few_queries import make_rows
from tracker.api.operations import OPERATIONS
from tracker.models import Check, Department, LogEntry, Petition, Revision, Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_21_november_2026")]

SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
WHY = "The department passed the work to the Treasury."
MISTAKE = "It was the same promise as another one."


def ask(address: str, *, status: int = 200) -> dict[str, Any]:
    response = Client().get(address)
    assert response.status_code == status, f"{address} answers {response.status_code}: {response.content[:300]}"
    kind = "application/json" if status == 200 else "application/problem+json"
    assert response["Content-Type"] == kind
    found: dict[str, Any] = json.loads(response.content)
    return found


def read_refusal(address: str, status: int = 400) -> list[str]:
    problem = ask(address, status=status)
    assert (problem["type"], problem["status"], problem["detail"]) == (
        "about:blank",
        status,
        " ".join(problem["errors"]),
    )
    return problem["errors"]


def let_time_pass(monkeypatch: pytest.MonkeyPatch, at: dt.datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


# --- Lists -----------------------------------------------------------------------------------

QUESTIONS = (
    "",
    "status=in-progress&status=delivered&sort=-changed_on",
    "department=home-office&supporting=on&on=2025-06-16",
    "q=police&sort=title",
    "programme=iicsa-final-report&known=2026-11-22",
    "timeliness=overdue&kind=recommendation&response=accepted&strength=strong",
    "topic=mandatory-reporting&made_after=2022-01-01&made_before=2025-12-31&sort=-due_on",
)


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_rows_of_the_page_in_its_order(monkeypatch: pytest.MonkeyPatch, question: str):
    let_time_pass(monkeypatch, NOON + dt.timedelta(days=2))
    in_file = json.loads(Client().get(f"/commitments.json?{question}&per_page=1000").content)
    for row in in_file["commitments"]:
        del row["updates"]
    answer = ask(f"/api/commitments/?{question}&per_page=1000")
    assert [row["reference"] for row in answer["commitments"]] == [row["reference"] for row in in_file["commitments"]]
    names = ("schema_version", "on", "known", "licence", "checkpoint", "count", "page", "per_page", "pages")
    assert answer == {name: in_file[name] for name in (*names, "commitments")}
    assert answer["count"] == read_commitments(Client(), question).counted


@pytest.mark.usefixtures("loaded_register")
def test_the_other_pages_of_an_answer_are_found_by_its_links():
    response, references = Client().get("/api/commitments/?per_page=40&sort=title"), []
    pages = {"first": f"{SITE}/api/commitments/?per_page=40&sort=title&page=1"}
    while True:
        references += [row["reference"] for row in json.loads(response.content)["commitments"]]
        links = {link.split('rel="')[1][:-1]: link.split(">")[0][1:] for link in response["Link"].split(", ")}
        assert links["first"] == pages["first"]
        if "next" not in links:
            break
        response = Client().get(links["next"].removeprefix(SITE))
    assert len(set(references)) == len(references) == 102
    assert links["last"] == f"{SITE}/api/commitments/?per_page=40&sort=title&page=3"
    assert ask("/api/commitments/?per_page=5000")["per_page"] == 1000


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("departments", {"education": (2, 1, 1), "home-office": (3, 0, 2), "justice": (2, 0, 0), "ofsted": (0, 0, 1)}),
        ("programmes", {"the-act": (4, 1, None), "the-review": (3, 0, None)}),
        ("topics", {"policing": (2, 0, None), "schools": (2, 0, None)}),
    ],
)
def test_departments_programmes_and_topics_say_how_their_commitments_stand(noun: str, expected: dict):
    make_seven_commitments()
    answer = ask(f"/api/{noun}/")
    counted = {
        each["slug"]: (
            each["commitments"]["total"],
            each["commitments"]["by_status"]["partly-delivered"],
            each.get("supported"),
        )
        for each in answer[noun]
    }
    assert counted == expected
    for each in answer[noun]:
        alone = ask(f"/api/{noun}/{each['slug']}/")[noun.removesuffix("s")]
        assert alone == each | {"revisions": [], "removals": []}


@pytest.mark.usefixtures("empty_register")
def test_a_petition_names_what_was_promised_in_its_answer_and_no_more():
    make_seven_commitments()
    petition = Petition.objects.create(
        number=7, title="Act now", document=make_document(), state="closed", outcome="partly-met", ask="Do it."
    )
    petition.commitments.set([find("REV-1"), find("ACT-2"), find("ACT-4")])
    publish_as_approver(petition)
    publish_as_approver(Withdrawal.objects.create(commitment=find("ACT-4"), reason=MISTAKE))
    (found,) = ask("/api/petitions/")["petitions"]
    statuses = {code: count for code, count in found["counts"]["by_status"].items() if count}
    assert (found["commitments"], statuses) == (["ACT-2", "REV-1"], {"in-progress": 1, "partly-delivered": 1})
    assert found["page"] == f"{SITE}/petitions/7/"
    assert ask("/api/petitions/?on=2025-01-01")["petitions"][0]["commitments"] == ["REV-1"]


@pytest.mark.usefixtures("loaded_register")
def test_the_documents_are_those_of_the_page():
    for question in ("", "q=police", "strength=strong&origin=official", "kind=legislation"):
        assert ask(f"/api/documents/?{question}")["count"] == read_documents(Client(), question).counted
    found = ask("/api/documents/casey-government-response/")["document"]
    cited = {row["document"] for row in read_evidence(found["citations"])}
    assert cited == {"casey-government-response"}


def read_evidence(citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wholes = {each["reference"]: ask(f"/api/commitments/{each['reference']}/")["commitment"] for each in citations}
    return [
        evidence
        for each in citations
        for update in wholes[each["reference"]]["updates"]
        if update["update"] == each["update"]
        for evidence in update["evidence"]
        if evidence["note"] == each["note"]
    ]


@pytest.mark.usefixtures("loaded_register")
def test_the_changes_are_those_of_the_page():
    question = "since=2025-04-08&until=2025-06-16&department=home-office"
    page = Client().get(f"/changes/?{question}").context["changes"]
    answer = ask(f"/api/changes/?{question}&per_page=1000")
    assert (answer["since"], answer["until"], answer["known"]) == ("2025-04-08", "2025-06-16", None)
    assert (answer["count"], answer["by_kind"]) == (len(page.rows), page.by_kind)
    linked = [(SITE + row.url, row.commitment.title) for section in page.sections for row in section.shown]
    assert sorted((row["url"], row["title"]) for row in answer["changes"]) == sorted(linked)


@pytest.mark.usefixtures("loaded_register")
def test_the_whole_log_can_be_read_page_by_page():
    address, sequences = "/api/log/?per_page=1000", []
    while address:
        response = Client().get(address)
        sequences += [entry["sequence"] for entry in json.loads(response.content)["entries"]]
        links = [link for link in response["Link"].split(", ") if 'rel="next"' in link]
        address = links[0].split(">")[0].removeprefix(f"<{SITE}") if links else ""
    newest = LogEntry.objects.count()
    assert sequences == list(range(newest, 0, -1))
    assert ask("/api/log/checkpoint/")["signed"]["size"] == newest
    line = Client().get("/log/entries.jsonl?after=899").getvalue().decode().splitlines()[0]
    assert ask("/api/log/900/")["entry"] == json.loads(line)
    petitions = ask("/api/log/?kind=petition&before=100000")["entries"]
    assert {entry["kind"] for entry in petitions} == {"petition"}


def test_every_word_has_its_definition():
    answer = ask("/api/statuses/")
    assert [word["code"] for word in answer["statuses"]] == [
        *("not-started", "in-progress", "partly-delivered", "delivered", "delivered-differently", "not-delivered"),
        *("will-not-be-done", "superseded", "cannot-be-judged", "not-yet-checked"),
    ]
    assert all(word["label"] and word["definition"] for word in answer["statuses"])
    assert {"code": "promised", "label": "Promised", "definition": ""} in answer["vocabularies"]["funding_stages"]


# --- One commitment --------------------------------------------------------------------------


def make_history() -> None:
    """Make one commitment with something of everything recorded of it."""
    make_seven_commitments()
    commitment = find("REV-1")
    publish_as_approver(draft_update(commitment, "2024-05-01", status="partly-delivered"))
    wrong = commitment.status_updates.get(number=2)
    publish_as_approver(draft_update(commitment, "2024-05-02", status="in-progress", corrects=wrong))
    milestone = publish_as_approver(draft_milestone(commitment, "2024-06-30", title="The line opens"))
    publish_as_approver(draft_step(milestone, "2024-06-01", due_on="2025-01-31"))
    publish_as_approver(draft_step(milestone, "2025-01-30", met_on="2025-01-30"))
    publish_as_approver(draft_funding(commitment))
    publish_as_approver(draft_relation(find("ACT-1"), commitment, "implements"))
    checked = {"checked_on": D("2026-11-01"), "note": "Looked at the department's page.", "author": make_person("a")}
    publish_as_approver(Check.objects.create(commitment=commitment, **checked))
    changes = {"title": {"before": "Open a helpline for children", "after": "Open a line for children"}}
    publish_as_approver(Revision.objects.create(target=commitment, changes=changes, reason=WHY))


@pytest.mark.usefixtures("empty_register")
def test_one_commitment_comes_whole():
    make_history()
    found = ask("/api/commitments/REV-1/")["commitment"]
    line = json.loads(Client().get("/commitments.jsonl?q=REV-1").getvalue().decode().splitlines()[0])
    records = ("milestones", "responses", "funding", "checks", "relations", "petitions", "revisions", "removals")
    del line["licence"]  # which the API says once of its whole answer
    assert found == line | {name: found[name] for name in records}
    assert [(each["update"], each["corrected_by"]) for each in found["updates"]] == [(3, None), (2, 3), (1, None)]
    at = {"published_at": "2026-11-21T12:00:00Z"}
    page = f"{SITE}/commitments/REV-1/"
    shared = {"milestone": 2, "documents": ["the-report"], **at}
    assert found["milestones"][0] == {
        "number": 2,
        "title": "The line opens",
        "due_on": "2024-06-30",
        "due_text": "by summer",
        "set_on": None,
        "note": "",
        "documents": ["the-report"],
        "present_due_on": "2025-01-31",
        "met_on": "2025-01-30",
        "steps": [
            shared | {"as_of": "2024-06-01", "met_on": None, "due_on": "2025-01-31", "reason": WHY_MOVED},
            shared | {"as_of": "2025-01-30", "met_on": "2025-01-30", "due_on": None, "reason": ""},
        ],
        "url": f"{page}#milestone-2",
        **at,
    }
    assert [(each["answer"], each["on"], each["url"]) for each in found["responses"]] == [
        ("rejected", "2024-02-01", f"{page}#response-1"),
        ("accepted", "2024-02-20", f"{page}#response-2"),
    ]
    assert [each["number"] for each in found["funding"]] == [1]
    assert found["checks"] == [
        {"number": 1, "checked_on": "2026-11-01", "note": "Looked at the department's page.", **at}
    ]
    assert found["relations"] == [
        {
            "relation": "Is carried out by",
            "reference": "ACT-1",
            "title": "Make reporting a duty",
            "status": "in-progress",
            "url": f"{SITE}/commitments/ACT-1/",
        }
    ]
    words = {"field": "title", "before": "Open a helpline for children", "after": "Open a line for children"}
    assert found["revisions"] == [{"reason": WHY, "changes": [words], **at}]


@pytest.mark.usefixtures("empty_register")
def test_a_past_day_leaves_out_what_came_later():
    make_history()
    then = ask("/api/commitments/REV-1/?on=2024-06-15")["commitment"]
    assert [each["update"] for each in then["updates"]] == [3, 2, 1]
    (milestone,) = (each for each in then["milestones"] if each["number"] == 2)
    assert (milestone["present_due_on"], milestone["met_on"], len(milestone["steps"])) == ("2025-01-31", None, 1)
    assert (then["checks"], then["relations"]) == ([], [])
    assert then["url"] == f"{SITE}/commitments/REV-1/?on=2024-06-15"
    assert read_refusal("/api/commitments/REV-1/?on=2024-01-09", 404) == [
        "REV-1 had not been made on 2024-01-09, or the register did not know of it."
    ]
    assert read_refusal("/api/departments/home-office/?known=2024-01-09", 404) == [
        "There is no such department, or there was none that the register knew of on 2024-01-09."
    ]


@pytest.mark.usefixtures("empty_register")
def test_what_the_register_learnt_later_is_left_out_with_known(monkeypatch: pytest.MonkeyPatch):
    make_seven_commitments()
    let_time_pass(monkeypatch, NOON + dt.timedelta(days=9))
    changes = {"name": {"before": "Home Office", "after": "Office for Home Affairs"}}
    publish_as_approver(
        Revision.objects.create(target=Department.objects.get(slug="home-office"), changes=changes, reason=WHY)
    )
    publish_as_approver(draft_funding(find("REV-1")))
    now, then = (ask(f"/api/departments/home-office/{query}")["department"] for query in ("", "?known=2026-11-21"))
    assert (now["name"], len(now["revisions"])) == ("Office for Home Affairs", 1)
    assert (then["name"], len(then["revisions"])) == ("Home Office", 0)
    counted = [
        len(ask(f"/api/commitments/REV-1/{query}")["commitment"]["funding"]) for query in ("", "?known=2026-11-21")
    ]
    assert counted == [1, 0]


@pytest.mark.usefixtures("empty_register")
def test_a_commitment_that_was_withdrawn_is_gone_and_says_why(monkeypatch: pytest.MonkeyPatch):
    make_seven_commitments()
    let_time_pass(monkeypatch, NOON + dt.timedelta(days=9))
    publish_as_approver(Withdrawal.objects.create(commitment=find("ACT-2"), reason=MISTAKE))
    problem = ask("/api/commitments/ACT-2/", status=410)
    sentences = ["ACT-2 was entered by mistake and has been withdrawn.", f"The reason: {MISTAKE}"]
    assert problem == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": " ".join(sentences),
        "errors": sentences,
        "reason": MISTAKE,
        "withdrawn_at": "2026-11-30T12:00:00Z",
    }
    assert ask("/api/commitments/ACT-2/?known=2026-11-29")["commitment"]["reference"] == "ACT-2"


# --- Nonsense --------------------------------------------------------------------------------

REFUSALS = {
    "/api/commitments/?colour=red": "“colour” cannot be asked here. Remove it from the address.",
    "/api/topics/?status=delivered": "“status” cannot be asked here. Remove it from the address.",
    "/api/commitments/?status=bogus": "“bogus” is not one of the choices of “Status”.",
    "/api/commitments/?department=bogus": "“bogus” is not one of the choices of “Department”.",
    "/api/commitments/?sort=colour": "“sort” cannot be “colour”. It is one of",
    "/api/commitments/?made_after=2025-02-31": "“Made on or after” must be a real date, written like 2026-11-21.",
    "/api/commitments/?on=2025-02-31": "“2025-02-31” is not a real date. Write “on” like 2025-04-09.",
    "/api/programmes/?on=2026-11-22": "2026-11-22 is still to come. Today is 2026-11-21.",
    "/api/petitions/?on=2025-02-01&known=2025-01-01": "The register cannot have known on 2025-01-01",
    "/api/changes/?since=2025-02-01&until=2025-01-01": "“since” (2025-02-01) is later than “until” (2025-01-01).",
    "/api/topics/?on=2025-01-01&on=2025-01-02": "“on” has more than one value. Give only one.",
    "/api/commitments/?department=%20": "“department” is empty. Give it a value, or leave it out.",
    "/api/commitments/?page=0": "There is no page “0”; there are 1.",
    "/api/documents/?page=99999999999999999999": "There is no page “99999999999999999999”; there are 1.",
    "/api/departments/?per_page=none": "“per_page” must be a whole number from 1; not “none”.",
    "/api/log/?before=-1": "“before” must be a whole number; not “-1”.",
    "/api/log/?kind=bogus": "There is no kind of entry called “bogus”.",
    "/api/commitments/?q=%00": "Null characters are not allowed.",
    "/api/topics/?on=%00": "“\0” is not a real date.",
    "/api/documents/?origin=%00": "“\0” is not one of the choices of “Origin”.",
}


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", REFUSALS)
def test_nonsense_is_refused_in_a_sentence(address: str):
    (sentence,) = read_refusal(address)
    assert sentence.startswith(REFUSALS[address])


@pytest.mark.usefixtures("empty_register")
def test_everything_that_cannot_be_asked_is_named_at_once():
    assert read_refusal("/api/topics/?b=1&a=1&on=2025-01-01&on=2025-01-02&known=") == [
        "“a” cannot be asked here. Remove it from the address.",
        "“b” cannot be asked here. Remove it from the address.",
        "“known” is empty. Give it a value, or leave it out.",
        "“on” has more than one value. Give only one.",
    ]


@pytest.mark.usefixtures("empty_register")
def test_a_question_with_too_many_parts_is_refused_too():
    errors = read_refusal("/api/topics/?" + "&".join(f"x{number}=1" for number in range(2000)))
    assert len(errors) == 1


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    "address",
    [
        "/api/nothing",
        "/api/nothing/",
        "/api/commitments/nothing/",
        "/api/commitments/REV-1",
        "/api/commitments/rev-1/",
        "/api/departments/%00/",
        "/api/petitions/99999999999999999999/",
        "/api/log/0/",
        "/api/log/99999999999999999999/",
        "/api/log/" + "9" * 5000 + "/",
        "/api/log/checkpoint/",
        "/api/documents/" + quote("é") + "/",
        "/api/%ff/",
    ],
)
def test_what_is_not_there_is_a_problem_too(client: Client, address: str):
    response = client.get(address, follow=True)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(response.content)["title"] == "Not Found"


def test_an_address_without_its_slash_leads_to_the_one_with_it(client: Client):
    response = client.get("/api/topics?on=2025-06-16")
    assert (response.status_code, response["Location"]) == (301, "/api/topics/?on=2025-06-16")


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", ["/api/", "/api/openapi.json", "/api/topics/", "/api/topics/schools/"])
def test_nothing_can_be_written(address: str):
    client = Client(enforce_csrf_checks=True)
    for method in (client.post, client.put, client.patch, client.delete):
        response = method(address)
        assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert json.loads(response.content)["errors"] == ["The API is read-only: ask with GET or HEAD."]


# --- What stands in the head -----------------------------------------------------------------


@pytest.mark.usefixtures("empty_register")
def test_an_answer_that_has_not_changed_is_not_sent_again(client: Client, monkeypatch: pytest.MonkeyPatch):
    make_seven_commitments()
    first = client.get("/api/topics/")
    assert first["Last-Modified"] == "Sat, 21 Nov 2026 12:00:00 GMT"
    assert first["Log-Checkpoint"] == f"{SITE}/log/checkpoint/{LogEntry.objects.count()}"
    for headers in (
        {"If-None-Match": first["ETag"]},
        {"If-None-Match": f'"other", W/{first["ETag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        again = client.get("/api/topics/", headers=headers)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"]), headers
    assert client.head("/api/topics/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/topics/", headers={"If-None-Match": first["ETag"]})
    assert len(queries) == 1
    let_time_pass(monkeypatch, NOON + dt.timedelta(seconds=1))
    publish_as_approver(draft_funding(find("REV-1")))
    after = client.get("/api/topics/", headers={"If-None-Match": first["ETag"]})
    assert (after.status_code, after["Last-Modified"]) == (200, "Sat, 21 Nov 2026 12:00:01 GMT")


@pytest.mark.usefixtures("empty_register")
def test_an_answer_about_today_changes_at_midnight_in_london(client: Client, monkeypatch: pytest.MonkeyPatch):
    make_commitment()
    monkeypatch.setattr("django.utils.timezone.now", lambda: dt.datetime(2027, 6, 1, 22, 59, tzinfo=dt.UTC))
    late = client.get("/api/commitments/")
    assert late["Last-Modified"] == "Mon, 31 May 2027 23:00:00 GMT"
    monkeypatch.setattr("django.utils.timezone.now", lambda: dt.datetime(2027, 6, 1, 23, 0, tzinfo=dt.UTC))
    for headers in ({"If-None-Match": late["ETag"]}, {"If-Modified-Since": late["Last-Modified"]}):
        next_day = client.get("/api/commitments/", headers=headers)
        assert (next_day.status_code, next_day["Last-Modified"]) == (200, "Tue, 01 Jun 2027 23:00:00 GMT")
    assert json.loads(next_day.content)["on"] == "2027-06-02"


@pytest.mark.usefixtures("empty_register")
def test_each_question_has_an_etag_of_its_own_and_a_refusal_none_that_stands_for_an_answer(client: Client):
    make_seven_commitments()
    addresses = [each.example for each in OPERATIONS.values()] + ["/api/topics/", "/api/topics/?on=2026-11-20"]
    responses = [client.get(address) for address in addresses]
    etags = [response["ETag"] for response in responses if response.status_code == 200]
    assert len(set(etags)) == len(etags) >= 10
    assert client.get("/api/topics/none/", headers={"If-None-Match": "*"}).status_code == 404
    assert client.get("/api/topics/?x=1", headers={"If-None-Match": "*"}).status_code == 400


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    "address",
    [
        *("/api/", "/api/openapi.json", "/api/topics/", "/api/topics", "/api/nothing/", "/api/topics/?x=1"),
        *("/commitments.json", "/commitments.jsonl", "/commitments.csv", "/commitments/updates.csv"),
        *("/commitments/evidence.csv", "/commitments.csv?x=1", "/log/entries.jsonl", "/log/checkpoint"),
    ],
)
def test_other_sites_may_read_it_without_a_cookie(client: Client, address: str):
    make_commitment()
    asked, beforehand = client.get(address), client.options(address)
    for response in (asked, beforehand, client.get(address, headers={"If-None-Match": asked.get("ETag", "none")})):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Expose-Headers"] == "ETag, Link, Log-Checkpoint"
        assert "Access-Control-Allow-Credentials" not in response
        assert response.cookies == {}
    assert (beforehand.status_code, beforehand.content) == (204, b"")
    assert beforehand["Access-Control-Allow-Methods"] == beforehand["Allow"] == "GET, HEAD, OPTIONS"
    assert beforehand["Access-Control-Allow-Headers"] == "Accept, If-Modified-Since, If-None-Match"


@pytest.mark.parametrize("address", ["/", "/commitments/", "/admin/login/", "/accounts/login/", "/log/"])
def test_other_sites_may_read_no_page(client: Client, address: str):
    assert "Access-Control-Allow-Origin" not in client.get(address)


# --- What it costs ---------------------------------------------------------------------------

LITERALLY = {
    "/api/commitments/": 6,
    "/api/departments/": 4,
    "/api/programmes/": 3,
    "/api/topics/": 5,
    "/api/petitions/": 3,
    "/api/documents/": 3,
    "/api/statuses/": 1,
    "/api/changes/?since=2024-01-01": 5,
    "/api/log/": 2,
}


def count_queries(client: Client) -> dict[str, int]:
    counted = {}
    for address in LITERALLY:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted[address] = len(queries)
    return counted


@pytest.mark.usefixtures("empty_register")
def test_each_list_asks_as_much_of_one_row_as_of_three(client: Client):
    make_rows(1)
    assert count_queries(client) == LITERALLY
    make_rows(2, 3)
    assert count_queries(client) == LITERALLY
