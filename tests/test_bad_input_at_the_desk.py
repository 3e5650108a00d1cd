"""Whatever is typed or sent to the desk is answered with a clear error: nothing breaks and nothing is lost."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from tests.desk import Desk, address_of, history_of, make_staff, read_errors, read_form, read_messages, review_address
from tests.examples import draft_milestone, draft_update, make_commitment, make_document, publish_as_approver
from tracker.models import Commitment, Document, LogEntry, Milestone, StatusUpdate

pytestmark = pytest.mark.usefixtures("empty_register")

REASON = "A reason that is long enough for the public to read."
CHOSEN = "Select a valid choice. That choice is not one of the available choices."
NO_CHOICE = "Select a valid choice. {} is not one of the available choices."
NUL = "Null characters are not allowed."
NO_DATE = "Enter a valid date."
HISTORIES = [model for model in admin.site._registry if hasattr(model, "history")]


@pytest.fixture
def commitment() -> Commitment:
    return make_commitment()


@pytest.fixture
def manager(commitment) -> Desk:
    return Desk(make_staff("maria", "Manager"))


def update_fields(about: Commitment, /, **changes: Any) -> dict[str, Any]:
    return {
        "commitment": about.pk,
        "basis": "assessment",
        "status": "in-progress",
        "as_of": "2024-05-01",
        "reason": REASON,
        "evidence-TOTAL_FORMS": "1",
        "evidence-INITIAL_FORMS": "0",
        "evidence-0-document": make_document().pk,
        "evidence-0-note": "What it shows.",
    } | changes


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"reason": "A \0 in it"}, {"reason": [NUL]}),
        ({"commitment": ""}, {"commitment": ["This field is required."]}),
        ({"commitment": "999999999"}, {"commitment": [CHOSEN]}),
        ({"commitment": "abc"}, {"commitment": [CHOSEN]}),
        ({"commitment": "9" * 40}, {"commitment": [CHOSEN]}),
        ({"corrects": "abc"}, {"corrects": [CHOSEN]}),
        ({"status": "finished"}, {"status": [NO_CHOICE.format("finished")]}),
        ({"basis": "rumour"}, {"basis": [NO_CHOICE.format("rumour")]}),
        ({"as_of": "31-02-2024"}, {"as_of": [NO_DATE]}),
        ({"as_of": "\0"}, {"as_of": [NO_DATE]}),
        ({"evidence-0-document": "abc"}, {"evidence-0-document": [CHOSEN]}),
        ({"evidence-0-document": "9" * 40}, {"evidence-0-document": [CHOSEN]}),
        ({"evidence-0-note": "\0"}, {"evidence-0-note": [NUL]}),
        (
            {"evidence-0-document": "", "evidence-0-address": "not an address"},
            {"evidence-0-address": ["Enter a valid URL."]},
        ),
        (
            {"evidence-0-document": "", "evidence-0-address": "https://[bad"},
            {"evidence-0-address": ["Enter a valid URL."]},
        ),
        (
            {"evidence-0-document": "", "evidence-0-address": "https://a.uk/" + "x" * 1000},
            {"evidence-0-address": ["Ensure this value has at most 1000 characters (it has 1013)."]},
        ),
        ({"evidence-TOTAL_FORMS": "abc"}, {"evidence": ["TOTAL_FORMS"]}),
        ({"evidence-TOTAL_FORMS": "99999"}, {"evidence": ["Please submit at most 100 forms."]}),
    ],
)
def test_what_is_wrong_in_a_status_update_is_said_beside_it_and_the_rest_is_kept(commitment, manager, changes, errors):
    sent = update_fields(commitment, **changes)
    answer = manager.post("/admin/tracker/statusupdate/add/", sent | {"_save": "1"})
    found = read_errors(answer)
    if errors == {"evidence": ["TOTAL_FORMS"]}:
        assert found["evidence"][0].startswith("ManagementForm data is missing or has been tampered with.")
    else:
        assert {key: found.get(key) for key in errors} == errors
    kept = read_form(answer)
    assert {name: kept[name] for name in ("reason", "status")} == {name: sent[name] for name in ("reason", "status")}
    assert len(kept) < 3000  # however many rows a request claims
    assert StatusUpdate.objects.count() == 0


def test_a_form_without_its_counts_of_rows_is_shown_again(commitment, manager):
    sent = {name: value for name, value in update_fields(commitment).items() if "_FORMS" not in name}
    answer = manager.post("/admin/tracker/statusupdate/add/", sent | {"_submit": "1"})
    assert read_errors(answer)["evidence"][0].startswith("ManagementForm data is missing")
    assert read_form(answer)["reason"] == REASON


def test_a_row_of_evidence_that_is_stored_already_is_not_added_again(commitment, manager):
    update = draft_update(commitment)
    sent = update_fields(commitment, started_from=update.version, _save="1")
    answer = manager.post(address_of(update), sent)
    assert read_errors(answer) == {
        "evidence": ["The same page is cited twice: https://www.gov.uk/the-report. Say all it shows in one note."]
    }


def test_a_draft_sent_without_what_it_started_from_overwrites_nothing(commitment, manager):
    update = draft_update(commitment)
    sent = update_fields(commitment, **{"evidence-TOTAL_FORMS": "0", "_save": "1"})
    for started_from in ("", "abc", "9" * 40, "-1"):
        answer = manager.post(address_of(update), sent | {"started_from": started_from})
        assert len(read_errors(answer)[""]) == 1
    update.refresh_from_db()
    assert update.reason != REASON


BAD = {
    "response": {"commitment": "abc", "answer": "maybe", "on": "never", "by": "\0", "document": "9" * 40, "note": "\0"},
    "funding": {"commitment": "", "stage": "lost", "amount_gbp": "-1", "on": "2024-13-01", "document": "abc"},
    "milestone": {"commitment": "abc", "title": "x" * 201, "due_on": "soon", "due_text": "\0"},
    "milestoneupdate": {"milestone": "abc", "as_of": "x", "met_on": "x", "due_on": "x", "reason": "\0"},
    "check": {"commitment": "abc", "checked_on": "x", "note": "\0"},
    "withdrawal": {"commitment": "abc", "reason": ""},
    "relation": {"commitment": "abc", "related": "abc", "kind": "loves"},
    "commitment": {
        "reference": "lower",
        "title": "\0",
        "summary": "",
        "kind": "x",
        "programme": "abc",
        "number": "-1",
        "source_document": "abc",
        "made_on": "x",
        "made_on_precision": "x",
        "made_by": "x" * 201,
        "department": "abc",
        "supporting": "abc",
        "topics": "9" * 40,
        "confidence": "x",
    },
    "document": {
        "identifier": "with spaces",
        "url": "nothing",
        "title": "x" * 401,
        "publisher": "\0",
        "kind": "x",
        "origin": "x",
        "strength": "x",
        "published_on": "x",
    },
    "department": {"slug": "with spaces", "name": "", "kind": "x", "url": "nothing"},
    "programme": {"slug": "", "name": "\0", "published_on": "x", "document": "abc", "expected_commitments": "-1"},
    "topic": {"slug": "x" * 121, "name": "\0"},
    "petition": {
        "number": "abc",
        "document": "abc",
        "title": "\0",
        "state": "x",
        "parliament": "x" * 21,
        "ask": "",
        "outcome": "x",
        "opened_on": "x",
        "signatures": "9" * 40,
        "commitments": "abc",
    },
    "supportservice": {"name": "", "used_for": "\0", "phone": "x" * 31, "url": "x y", "position": "-1"},
    "user": {"username": "\0"},
}


@pytest.mark.parametrize("name", BAD)
def test_every_bad_field_of_every_form_is_named_at_once(manager, name):
    prefixes = ("milestone_documents", "milestone_update_documents")
    counts = {f"{prefix}-{count}_FORMS": "0" for prefix in prefixes for count in ("TOTAL", "INITIAL")}
    answer = manager.post(f"/admin/tracker/{name}/add/", BAD[name] | counts | {"_submit": "1"})
    assert answer.status_code == 200
    assert set(BAD[name]) <= set(read_errors(answer))


@pytest.mark.parametrize("field", ["title", "summary", "made_by", "editor_note", "reason_for_change"])
def test_a_revision_with_a_nul_is_refused_beside_its_field(commitment, manager, field):
    form = manager.open_form(address_of(commitment)) | {"reason_for_change": REASON}
    answer = manager.post(address_of(commitment), form | {field: "A \0 of thirty characters or more", "_save": "1"})
    assert read_errors(answer) == {field: [NUL]}


def test_a_note_with_which_something_is_sent_back_may_hold_anything(commitment, manager):
    update = draft_update(commitment)
    StatusUpdate.objects.filter(pk=update.pk).update(submitted_at="2024-05-01T12:00Z")
    answer = manager.decide(update, "_send_back", note="\0 <script> " + "x" * 5000)
    assert read_messages(answer)[0].startswith("Sent back.")
    update.refresh_from_db()
    assert update.return_note == "<script> " + "x" * 5000


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 40, "2"])
def test_a_decision_about_another_version_than_the_page_showed_is_not_taken(commitment, manager, version):
    update = draft_update(commitment)
    StatusUpdate.objects.filter(pk=update.pk).update(submitted_at="2024-05-01T12:00Z")
    for press in ("_publish", "_send_back", "_discard"):
        answer = manager.post(review_address(update), {press: "1", "note": REASON, "version": version}, follow=True)
        assert read_messages(answer) == [
            "REV-1: In progress as of 2024-03-01 was changed after you opened it. Read it again before you decide."
        ]
    update.refresh_from_db()
    assert update.review_state == "awaiting review"


def test_no_address_breaks_whatever_stands_in_it(commitment, manager):
    update = draft_update(commitment)
    publish_as_approver(draft_milestone(commitment))
    numbers = ["abc", "0", "999999999", "9" * 40, "1%00", "../x"]
    kinds = ["statusupdate", "user", "logentry", "bogus", "evidence"]
    answers = {}
    for number in numbers:
        for page in ("change/", "history/", "history/1/", "history/abc/", "delete/", "password/"):
            for name in ("statusupdate", "commitment", "user", "logentry"):
                answers[f"/admin/tracker/{name}/{number}/{page}"] = 0
        for kind in kinds:
            answers |= {f"/admin/{page}/{kind}/{number}/": 0 for page in ("review", "preview")}
    answers |= dict.fromkeys([f"{history_of(update)}{number}/" for number in numbers], 0)
    answers |= dict.fromkeys(["/admin/queue/bogus/", "/admin/queue/review/?page=abc", "/admin/bogus/"], 0)
    for address in answers:
        answers[address] = manager.get(address).status_code
    assert set(answers.values()) <= {200, 302, 403, 404}


def test_every_earlier_state_of_everything_can_be_read(commitment, manager):
    draft_update(commitment)
    make_staff("bert", "Editor")
    rows = [(model, row) for model in HISTORIES for row in model.history.order_by("pk")]
    answers = {
        address: manager.get(address).status_code for address in (f"{history_of(r.instance)}{r.pk}/" for _, r in rows)
    }
    assert len({model for model, _ in rows}) > 4
    assert {address: status for address, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize(
    "body", [b"--b\r\nContent-Disposition: form-data", b"&".join(b"x%d=1" % n for n in range(1500))]
)
@pytest.mark.parametrize("address", ["/nowhere/", "/accounts/passkeys/x/rename/", "/admin/tracker/user/a%0d%0ab/", "/"])
def test_a_form_that_cannot_be_read_is_refused_whatever_its_address(manager, body, address):
    kind = "multipart/form-data" if body.startswith(b"--") else "application/x-www-form-urlencoded"
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "t" * 32
    assert client.generic("POST", address, body, content_type=kind).status_code == 400


QUESTIONS = [
    *("q=%00", "q=" + "x" * 3000, "p=abc", "p=999999", "o=abc", "o=99", "all=1", "e=1", "state=bogus", "desk=bogus"),
    *("timeliness=bogus", "department__id__exact=abc", "department__id__in=a,b", "made_on__year=abc", "bogus=1"),
    *("current_update__status__exact=%00", "commitment__department__id__exact=9999999999999999999999"),
    *("created_at__year=0", "created_at__month=99", "_facets=True", "_popup=1&_to_field=bogus"),
]


@pytest.mark.parametrize("name", ["commitment", "statusupdate", "milestoneupdate", "document", "user", "logentry"])
def test_no_question_to_a_list_breaks_it(commitment, manager, name):
    draft_update(commitment)
    found = {question: manager.get(f"/admin/tracker/{name}/?{question}").status_code for question in QUESTIONS}
    assert {question: status for question, status in found.items() if status not in (200, 302, 400)} == {}


def test_no_question_to_a_field_breaks_it(manager):
    asked = [
        *("", "?app_label=x", "?app_label=tracker&model_name=statusupdate&field_name=bogus"),
        *("?app_label=tracker&model_name=statusupdate&field_name=commitment&term=%00",),
        *("?app_label=tracker&model_name=statusupdate&field_name=commitment&page=abc",),
        *("?app_label=tracker&model_name=statusupdate&field_name=status",),
    ]
    assert {manager.get(f"/admin/autocomplete/{question}").status_code for question in asked} <= {200, 400, 403, 404}


def test_actions_on_rows_that_are_not_there_say_so(commitment, manager):
    for name in ("statusupdate", "commitment"):
        for chosen in (["abc"], ["999999999"], ["9" * 40], []):
            action = "record_check" if name == "commitment" else "publish_those_without_warnings"
            data = {"action": action, "_selected_action": chosen}
            assert manager.post(f"/admin/tracker/{name}/", data).status_code in (200, 302, 400)


def test_nothing_came_of_all_that(commitment, manager):
    before = (LogEntry.objects.count(), Document.objects.count(), Milestone.objects.count())
    for name, fields in BAD.items():
        manager.post(f"/admin/tracker/{name}/add/", fields | {"_save": "1"})
    assert (LogEntry.objects.count(), Document.objects.count(), Milestone.objects.count()) == before
