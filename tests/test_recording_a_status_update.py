"""An editor records what became of a commitment and a reviewer publishes it; only then does the public see it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.desk import (
    Desk,
    address_of,
    make_staff,
    preview_address,
    read_errors,
    read_form,
    read_messages,
    read_text,
    review_address,
)
from tests.examples import (
    D,
    draft_document,
    draft_milestone,
    draft_update,
    make_commitment,
    make_document,
    publish_as_approver,
)
from tracker.auditing import find_broken_invariants
from tracker.models import Commitment, Document, Evidence, LogEntry, StatusUpdate, User

pytestmark = pytest.mark.usefixtures("empty_register")

REASON = "The Act received Royal Assent on 1 May 2024."
ACT = "https://www.legislation.gov.uk/ukpga/2024/1"
NEW_PAGE = {
    "evidence-0-document": "",
    "evidence-0-address": ACT,
    "evidence-0-title": "Duty to Report Act 2024",
    "evidence-0-publisher": "The National Archives",
    "evidence-0-published_on": "2024-05-01",
    "evidence-0-kind": "legislation",
    "evidence-0-origin": "official",
    "evidence-0-strength": "strong",
    "evidence-0-note": "The text of the Act as it was passed.",
}


@pytest.fixture
def commitment() -> Commitment:
    return make_commitment()


@pytest.fixture
def editor(commitment) -> Desk:
    return Desk(make_staff("edith", "Editor"))


@pytest.fixture
def reviewer(commitment) -> Desk:
    return Desk(make_staff("rita", "Reviewer"))


def fields(commitment: Commitment, **changes: Any) -> dict[str, Any]:
    """What a form holds when everything is filled in that the rules ask for."""
    return {
        "commitment": commitment.pk,
        "status": "in-progress",
        "as_of": "2024-05-01",
        "reason": REASON,
        "evidence-0-document": make_document().pk,
        "evidence-0-note": "Says that the bill was passed.",
    } | changes


def the_draft() -> StatusUpdate:
    return StatusUpdate.objects.drafts().get()


def standing(commitment: Commitment) -> tuple[str, str] | None:
    """What the public page says now: the status and its reason."""
    update = Commitment.objects.select_related("current_update").get(pk=commitment.pk).current_update
    return update and (update.status, update.reason)


# --- The story --------------------------------------------------------------------------------------


def test_the_public_page_changes_only_at_the_last_step(commitment, editor, reviewer):
    public = Client()
    address = commitment.get_absolute_url()
    pages = [public.get(address).content]
    editor.add("statusupdate", fields(commitment))
    pages.append(public.get(address).content)
    editor.change(the_draft(), {}, press="_submit")
    pages.append(public.get(address).content)
    reviewer.get(review_address(the_draft()))
    reviewer.get(preview_address(the_draft()))
    pages.append(public.get(address).content)
    answer = reviewer.decide(the_draft(), "_publish")
    assert read_messages(answer) == ["Published. Status update: REV-1: In progress as of 2024-05-01"]
    assert [page == pages[0] for page in [*pages, public.get(address).content]] == [True, True, True, True, False]
    assert REASON in public.get(address).content.decode()
    assert list(find_broken_invariants()) == []


def test_a_draft_is_saved_unfinished_and_opened_again_as_it_was(commitment, editor):
    unfinished = {"commitment": commitment.pk, "status": "delivered", "as_of": "2024-05-01", "reason": "To do"}
    answer = editor.add("statusupdate", unfinished | {"evidence-0-document": make_document().pk})
    assert read_errors(answer) == {}
    opened = editor.open_form(address_of(the_draft()))
    kept = {name: opened[name] for name in [*unfinished, "evidence-0-document", "evidence-0-note"]}
    assert kept == unfinished | {"evidence-0-document": make_document().pk, "evidence-0-note": ""}
    assert the_draft().review_state == "draft"


def test_submitting_hands_it_to_the_reviewers(commitment, editor, reviewer):
    answer = editor.add("statusupdate", fields(commitment), press="_submit")
    assert answer.redirect_chain == [("/admin/", 302)]
    assert read_messages(answer) == [
        "Submitted: REV-1: In progress as of 2024-05-01. Somebody else reviews it now.",
    ]
    assert "Awaiting my review 1 Status update: REV-1: In progress as of 2024-05-01" in read_text(
        reviewer.get("/admin/")
    )


# --- Evidence ---------------------------------------------------------------------------------------


def cite(editor: Desk, commitment: Commitment, evidence: dict[str, Any], *, press: str = "_save") -> Any:
    return editor.add("statusupdate", fields(commitment) | {"evidence-0-document": ""} | evidence, press=press)


@pytest.mark.parametrize(
    "written",
    [
        "https://www.gov.uk/the-report",
        "  https://www.gov.uk/the-report  ",
        "HTTPS://WWW.GOV.UK/the-report",
        "https://www.gov.uk/the-report/",
        "www.gov.uk/the-report",
    ],
)
def test_a_pasted_address_that_is_known_needs_nothing_more(commitment, editor, written):
    answer = cite(editor, commitment, {"evidence-0-address": written}, press="_submit")
    assert read_errors(answer) == {}
    assert [each.document for each in the_draft().evidence.all()] == [make_document()]
    assert Document.objects.count() == 1


def test_an_address_whose_path_is_written_otherwise_is_another_page(commitment, editor):
    answer = cite(editor, commitment, {"evidence-0-address": "https://www.gov.uk/The-Report"})
    needed = ["The register does not know this page yet, so it needs this."]
    assert read_errors(answer) == {
        f"evidence-0-{name}": needed for name in ("title", "publisher", "kind", "origin", "strength")
    }
    assert read_form(answer)["evidence-0-address"] == "https://www.gov.uk/The-Report"
    assert read_form(answer)["reason"] == REASON


def test_a_new_page_stays_a_draft_until_the_update_that_cites_it_is_published(commitment, editor, reviewer):
    cite(editor, commitment, NEW_PAGE, press="_submit")
    document = Document.objects.get(url=ACT)
    assert (document.is_published, document.author.username, document.identifier) == (
        *(False, "edith", "duty-to-report-act-2024"),
    )
    assert Client().get(document.get_absolute_url()).status_code == 404
    before = LogEntry.objects.count()
    reviewer.decide(the_draft(), "_publish")
    document.refresh_from_db()
    assert (document.is_published, document.approver.username) == (True, "rita")
    assert list(LogEntry.objects.order_by("sequence").values_list("kind", "subject"))[before:] == [
        ("document", "documents/duty-to-report-act-2024"),
        ("status-update", "commitments/REV-1#update-1"),
    ]
    assert Client().get(document.get_absolute_url()).status_code == 200
    assert list(find_broken_invariants()) == []


def test_two_new_pages_of_one_title_get_addresses_of_their_own(commitment, editor):
    second = {name.replace("-0-", "-1-"): value for name, value in NEW_PAGE.items()}
    data = editor.open_form("/admin/tracker/statusupdate/add/") | fields(commitment) | NEW_PAGE | second
    data |= {"evidence-TOTAL_FORMS": 2, "evidence-1-address": f"{ACT}/section/2", "_submit": "1"}
    answer = editor.post("/admin/tracker/statusupdate/add/", data, follow=True)
    assert read_errors(answer) == {}
    assert list(Document.objects.filter(kind="legislation").order_by("pk").values_list("identifier", flat=True)) == [
        "duty-to-report-act-2024",
        "duty-to-report-act-2024-2",
    ]


@pytest.mark.parametrize("other", [ACT, ACT.replace("www.legislation", "WWW.Legislation")])
def test_the_same_page_is_not_cited_twice(commitment, editor, other):
    second = {name.replace("-0-", "-1-"): value for name, value in NEW_PAGE.items()} | {"evidence-1-address": other}
    data = editor.open_form("/admin/tracker/statusupdate/add/") | fields(commitment) | NEW_PAGE | second
    answer = editor.post("/admin/tracker/statusupdate/add/", data | {"evidence-TOTAL_FORMS": 2, "_save": "1"})
    assert read_errors(answer) == {
        "evidence": [f"The same page is cited twice: {ACT}. Say all it shows in one note."],
    }
    assert Document.objects.filter(kind="legislation").count() == 0


def test_a_page_that_somebody_else_added_meanwhile_is_taken_as_known(commitment, editor):
    cite(editor, commitment, NEW_PAGE)
    again = Desk(make_staff("erna", "Editor"))
    cite(again, commitment, NEW_PAGE | {"evidence-0-title": "Another title for it"})
    assert [each.title for each in Document.objects.filter(url=ACT)] == ["Duty to Report Act 2024"]
    assert StatusUpdate.objects.drafts().filter(evidence__document__url=ACT).count() == 2


def test_a_page_of_an_unknown_outlet_is_refused(commitment, editor):
    answer = cite(editor, commitment, NEW_PAGE | {"evidence-0-origin": "partisan-or-unknown"}, press="_submit")
    assert read_errors(answer)["evidence"] == [
        "“Duty to Report Act 2024” comes from a partisan or unknown outlet, and none is cited here."
    ]


def test_neither_a_document_nor_an_address_is_said_beside_the_row(commitment, editor):
    answer = cite(editor, commitment, {"evidence-0-note": "It shows something."})
    assert read_errors(answer) == {
        "evidence-0-document": ["Choose a known document, or paste the address of a new one."],
    }


# --- The rules answer beside the field --------------------------------------------------------------

TOO_SHORT = "Give the reason in at least 30 characters, so that a reader can see why (5 so far)."


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"reason": "Short"}, {"reason": [TOO_SHORT]}),
        (
            {"evidence-0-document": "", "evidence-0-note": ""},
            {"evidence": ["Cite at least one document: no status is published without evidence."]},
        ),
        ({"evidence-0-note": ""}, {"evidence": ["Say what “The report” shows."]}),
        (
            {"as_of": "2023-12-31"},
            {"as_of": ["The commitment was made on 2024-01-10: a status cannot be true before that day."]},
        ),
        (
            {"status": "superseded"},
            {
                "reason": [
                    "Link the commitment that replaces this one, or say in the reason which decision or policy did, in "
                    "at least 60 characters."
                ]
            },
        ),
        (
            {"reason": "Short", "evidence-0-note": ""},
            {"reason": [TOO_SHORT], "evidence": ["Say what “The report” shows."]},
        ),
    ],
)
def test_what_the_rules_refuse_is_said_beside_the_field_and_the_text_is_kept(commitment, editor, changes, errors):
    sent = fields(commitment, **changes)
    answer = editor.add("statusupdate", sent, press="_submit")
    found = read_errors(answer)
    if found.get("evidence") == ["Not submitted: see above what is missing."]:
        del found["evidence"]
    assert found == errors
    shown = read_form(answer)
    assert {name: str(shown[name]) for name in sent} == {name: str(value) for name, value in sent.items()}
    assert StatusUpdate.objects.count() == 0


def test_delivered_needs_proof_and_a_word_on_each_open_milestone(commitment, editor):
    publish_as_approver(draft_milestone(commitment))
    weak = make_document("the-news", origin="independent", strength="weak")
    sent = fields(commitment, **{"status": "delivered", "evidence-0-document": weak.pk})
    assert read_errors(editor.add("statusupdate", sent, press="_submit")) == {
        "reason": [
            "The milestone “First report” is still open. Record it as met first, or name it in the reason and say what "
            "became of it."
        ],
        "evidence": [
            "“Delivered” needs a strong document, or a moderate one ticked as the promised thing itself or a record of "
            "the completed act. Add one, or choose another status."
        ],
    }


def test_a_status_of_the_future_is_refused(commitment, editor):
    tomorrow = dt.date.today() + dt.timedelta(days=1)  # noqa: DTZ011 - the site's own day is what the rule knows
    errors = read_errors(editor.add("statusupdate", fields(commitment, as_of=tomorrow.isoformat()), press="_submit"))
    assert [key for key in errors if key != "evidence"] == ["as_of"]


def test_warnings_stand_on_the_review_page_and_forbid_nothing(commitment, editor, reviewer):
    publish_as_approver(draft_milestone(commitment))
    publish_as_approver(draft_update(commitment, "2024-06-01", status="partly-delivered"))
    weak = make_document("the-news", origin="independent", strength="weak")
    sent = fields(commitment, **{"status": "not-started", "evidence-0-document": weak.pk})
    assert read_errors(editor.add("statusupdate", sent, press="_submit")) == {}
    page = reviewer.get(review_address(the_draft())).content.decode()
    rules = re.findall(r'<li class="review__(refusal|warning)"><strong>[^<]+</strong> (.+?)</li>', page)
    assert rules == [
        ("warning", "It rests on weak evidence only: the public will see that, and it is listed as a gap."),
        ("warning", "It is a step backwards from the present status, and is marked as one."),
        ("warning", "It is true since an earlier day than the present status, so it will not change that."),
        ("warning", "Still open: First report."),
    ]
    assert read_messages(reviewer.decide(the_draft(), "_publish")) == [
        "Published. Status update: REV-1: Not started as of 2024-05-01",
    ]


def test_the_review_page_shows_what_stands_beside_what_would_stand(commitment, editor, reviewer):
    publish_as_approver(draft_update(commitment, "2024-03-01"))
    editor.add("statusupdate", fields(commitment, status="partly-delivered"), press="_submit")
    page = read_text(reviewer.get(review_address(the_draft())))
    assert (
        "What stands now Status In progress True since 1 March 2024 Reason The bill was introduced in the House of "
        "Commons. Reason in Welsh (empty) Who says so Our assessment Evidence Strong What would stand Status Partly "
        "delivered True since 1 May 2024 Reason The Act received Royal Assent on 1 May 2024. Reason in Welsh (empty) "
        "Who says so Our assessment Evidence Strong Evidence The report , Home Office, 1 February 2024, strong, "
        "official page Says that the bill was passed. The rules Every rule is met."
    ) in page


def test_what_is_missing_is_listed_on_top_with_links_to_its_fields(commitment, editor):
    answer = cite(editor, commitment, NEW_PAGE | {"evidence-0-title": ""}, press="_submit")
    page = answer.content.decode()
    listed = page.split('aria-label="What is missing or wrong">')[1].split("</nav>")[0]
    assert re.findall(r'href="#([^"]+)"', listed) == ["id_evidence-0-title"]
    assert 'id="id_evidence-0-title"' in page
    assert "Piece of evidence 1, title</a>: The register does not know this page yet" in listed


# --- Preview ----------------------------------------------------------------------------------------


def count_rows() -> dict[str, int]:
    """How many rows every table holds."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def test_the_preview_is_the_public_page_to_the_last_byte(commitment, editor, reviewer):
    publish_as_approver(draft_update(commitment, "2024-03-01"))
    cite(editor, commitment, NEW_PAGE, press="_submit")
    preview = reviewer.get(preview_address(the_draft()))
    reviewer.decide(the_draft(), "_publish")
    assert preview.content == Client().get(commitment.get_absolute_url()).content


def test_a_preview_is_for_staff_alone_and_is_kept_nowhere(commitment, editor):
    cite(editor, commitment, NEW_PAGE)
    address = preview_address(the_draft())
    stored, drafts = count_rows(), list(StatusUpdate.objects.values())
    answer = editor.get(address)
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert REASON in answer.content.decode()
    assert count_rows() == stored
    assert list(StatusUpdate.objects.values()) == drafts
    assert standing(commitment) is None
    assert Client().get(address).status_code == 302


def test_the_review_page_says_since_when_it_would_be_true(commitment, editor, reviewer):
    cite(editor, commitment, NEW_PAGE, press="_submit")
    page = read_text(reviewer.get(review_address(the_draft())))
    assert "Review: REV-1: In progress, true since 1 May 2024" in page
    assert "as of" not in page


def test_an_unfinished_draft_can_be_previewed(commitment, editor):
    editor.add("statusupdate", {"commitment": commitment.pk, "status": "delivered", "as_of": "2024-05-01"})
    answer = editor.get(preview_address(the_draft()))
    assert (answer.status_code, "Delivered" in read_text(answer)) == (200, True)


# --- Back and forth ---------------------------------------------------------------------------------

NOTE = "Say in the reason when the duty itself comes into force."


def test_what_is_sent_back_returns_to_its_author_with_the_note(commitment, editor, reviewer):
    editor.add("statusupdate", fields(commitment), press="_submit")
    answer = reviewer.decide(the_draft(), "_send_back", note=NOTE)
    assert read_messages(answer) == ["Sent back. Status update: REV-1: In progress as of 2024-05-01"]
    assert "Sent back to me 1 Status update: REV-1: In progress as of 2024-05-01" in read_text(editor.get("/admin/"))
    assert f"Sent back: {NOTE}" in read_text(editor.get(address_of(the_draft())))
    editor.change(the_draft(), {"reason": REASON + " The duty begins in 2025."}, press="_submit")
    assert (the_draft().review_state, the_draft().return_note) == ("awaiting review", "")
    reviewer.decide(the_draft(), "_publish")
    assert standing(commitment) == ("in-progress", REASON + " The duty begins in 2025.")


def test_nothing_is_sent_back_without_a_word(commitment, editor, reviewer):
    editor.add("statusupdate", fields(commitment), press="_submit")
    answer = reviewer.decide(the_draft(), "_send_back", note="No.")
    assert read_messages(answer) == ["Say in at least 30 characters what the author should do."]
    assert the_draft().review_state == "awaiting review"


@pytest.mark.parametrize("changes", [{"reason": REASON + " More of it."}, {"evidence-0-note": "Another note of it."}])
def test_an_edit_of_a_submitted_draft_takes_it_back(commitment, editor, changes):
    editor.add("statusupdate", fields(commitment), press="_submit")
    version = the_draft().version
    editor.change(the_draft(), changes)
    assert (the_draft().review_state, the_draft().version) == ("draft", version + 1)


def test_saving_without_a_change_takes_nothing_back(commitment, editor):
    editor.add("statusupdate", fields(commitment), press="_submit")
    version = the_draft().version
    editor.change(the_draft(), {})
    assert (the_draft().review_state, the_draft().version) == ("awaiting review", version)


def test_a_draft_is_discarded_by_its_author_and_by_a_reviewer(commitment, editor, reviewer):
    editor.add("statusupdate", fields(commitment))
    answer = editor.change(the_draft(), {}, press="_discard")
    assert read_messages(answer) == ["Discarded: REV-1: In progress as of 2024-05-01."]
    editor.add("statusupdate", fields(commitment), press="_submit")
    answer = reviewer.decide(the_draft(), "_discard")
    assert read_messages(answer) == ["Discarded. Status update: REV-1: In progress as of 2024-05-01"]
    assert (StatusUpdate.objects.count(), Evidence.objects.count()) == (0, 0)


def test_a_document_that_a_draft_cites_is_not_discarded_from_under_it(commitment, editor):
    cite(editor, commitment, NEW_PAGE)
    answer = editor.change(Document.objects.get(url=ACT), {}, press="_discard")
    assert read_messages(answer) == [
        "Duty to Report Act 2024 cannot be discarded, because something rests on it: “Duty to Report Act 2024”."
    ]
    assert Document.objects.filter(url=ACT).exists()


# --- Two persons ------------------------------------------------------------------------------------

OWN = "You wrote this, so somebody else must publish it."


def test_a_reviewer_does_not_publish_what_she_wrote(commitment, reviewer):
    reviewer.add("statusupdate", fields(commitment), press="_submit")
    assert OWN in read_text(reviewer.get(review_address(the_draft())))
    assert read_messages(reviewer.decide(the_draft(), "_publish")) == [OWN]
    assert the_draft().review_state == "awaiting review"


def test_a_reviewer_does_not_publish_what_she_changed_of_another_persons_draft(commitment, editor, reviewer):
    editor.add("statusupdate", fields(commitment), press="_submit")
    reviewer.change(the_draft(), {"reason": "The reviewer wrote another reason for it."}, press="_submit")
    assert "Awaiting my review 0" in read_text(reviewer.get("/admin/"))
    assert read_messages(reviewer.decide(the_draft(), "_publish")) == [OWN]
    second = Desk(make_staff("rosa", "Reviewer"))
    assert read_messages(second.decide(the_draft(), "_publish")) == [
        "Published. Status update: REV-1: In progress as of 2024-05-01",
    ]


def test_a_reviewer_who_sent_a_draft_back_may_publish_it_later(commitment, editor, reviewer):
    editor.add("statusupdate", fields(commitment), press="_submit")
    reviewer.decide(the_draft(), "_send_back", note=NOTE)
    editor.change(the_draft(), {}, press="_submit")
    reviewer.decide(the_draft(), "_publish")
    assert standing(commitment) == ("in-progress", REASON)


def test_a_new_document_is_not_made_public_by_who_added_it(commitment, editor, reviewer):
    document = draft_document("the-act", author=User.objects.get(username="rita"))
    editor.add("statusupdate", fields(commitment, **{"evidence-0-document": document.pk}), press="_submit")
    answer = reviewer.decide(the_draft(), "_publish")
    assert read_messages(answer) == ["You added the document “The act”, so somebody else must publish it."]


# --- Corrections ------------------------------------------------------------------------------------


def test_a_corrected_update_stays_visible_and_no_longer_counts(commitment, editor, reviewer):
    wrong = publish_as_approver(draft_update(commitment, "2024-06-01", status="partly-delivered"))
    sent = fields(commitment, corrects=wrong.pk)
    form = editor.get(f"/admin/tracker/statusupdate/add/?commitment={commitment.pk}").context["adminform"].form
    assert list(form.fields["corrects"].queryset) == [wrong]
    assert read_errors(editor.add("statusupdate", sent, press="_submit")) == {}
    reviewer.decide(the_draft(), "_publish")
    assert standing(commitment) == ("in-progress", REASON)
    page = Client().get(commitment.get_absolute_url()).content.decode()
    assert [anchor in page for anchor in ('id="update-1"', 'id="update-2"')] == [True, True]
    assert LogEntry.objects.latest("sequence").content["corrects"] == 1
    assert Commitment.objects.get(pk=commitment.pk).status_since == D("2024-05-01")
    assert list(find_broken_invariants()) == []


def test_an_update_corrects_nothing_of_another_commitment(commitment, editor):
    other = publish_as_approver(draft_update(make_commitment("REV-2")))
    answer = editor.add("statusupdate", fields(commitment, corrects=other.pk), press="_submit")
    assert list(read_errors(answer)) == ["corrects"]


def test_a_draft_corrects_no_draft(commitment, editor):
    draft = draft_update(commitment)
    answer = editor.add("statusupdate", fields(commitment, corrects=draft.pk))
    assert list(read_errors(answer)) == ["corrects"]
