"""Words that must not be published are removed from everywhere by two people, and what remains says that they were."""

import datetime as dt
import io
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from tests.desk import Desk, address_of, history_of, make_staff, read_errors, read_text, review_address
from tests.examples import (
    REASON,
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_document,
    make_person,
    publish_as_approver,
    small_files,
    write_files,
)
from tests.walking import Walk
from tracker import guards
from tracker.models import (
    Check,
    Commitment,
    Document,
    LogEntry,
    LogNode,
    Petition,
    Programme,
    Redaction,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
)
from tracker.publishing import PublicationRefused, discard, find_refusals, measure, publish, publish_batch
from tracker.roles import EDITOR, REVIEWER

pytestmark = pytest.mark.usefixtures("empty_register")

NAME = "Jane Roe"
SAID = f"The bill was introduced after {NAME} spoke to the committee."
DAY = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def plant() -> dict[str, Any]:
    """Publish a register in which a name stands wherever somebody may write one, and leave drafts that hold it too."""
    commitment = make_commitment("REV-1", summary="A review of what jane  roe reported.", editor_note=NAME.upper())
    make_commitment("REV-2", title="Nothing of it here")
    Programme.objects.update(expected_commitments=2)
    story = make_document("the-story", title=f"What {NAME} told us", url="https://news.example.org/jane-roe-speaks")
    milestone = publish_as_approver(draft_milestone(commitment, title=f"Answer to {NAME}", note=f"For {NAME}."))
    update = publish_as_approver(
        draft_update(commitment, reason=SAID, evidence={"note": f"{NAME}.", "document": story})
    )
    rows = {
        "commitment": commitment,
        "story": story,
        "milestone": milestone,
        "update": update,
        "step": publish_as_approver(draft_step(milestone, "2024-05-01", due_on="2024-12-31")),
        "response": publish_as_approver(draft_response(commitment, note=f"The letter names {NAME}.")),
        "funding": publish_as_approver(draft_funding(commitment, note=f"For {NAME}")),
        "check": publish_as_approver(
            Check.objects.create(
                commitment=commitment, checked_on="2024-05-02", note=NAME, author=make_person("author")
            )
        ),
        "topic": publish_as_approver(Topic.objects.create(slug="data", name="Data", description=f"What {NAME} asked.")),
        "service": publish_as_approver(
            SupportService.objects.create(name="Childline", used_for=f"Such as {NAME}", phone="0800 1111")
        ),
        "petition": publish_as_approver(
            Petition.objects.create(
                number=1, document=story, title="Do it", state="open", ask=f"Hear {NAME}.", outcome="partly-met"
            )
        ),
    }
    changes = {"summary": {"before": commitment.summary, "after": f"A review of {NAME}'s report."}}
    revision = Revision.objects.create(
        target=commitment, changes=changes, reason=f"The page spells {NAME} so, as its own title does.",
        author=make_person("author"),
    )  # fmt: skip
    rows["revision"] = publish_as_approver(revision)
    draft_update(commitment, "2024-06-01", reason=SAID, evidence={"note": f"{NAME} again.", "document": story})
    draft_document("a-draft", title=f"By {NAME}", url="https://news.example.org/by?who=Jane%20Roe")
    gone = draft_commitment("REV-3", title=f"{NAME} was here")
    gone.delete()
    StaffLogEntry.objects.create(
        user=make_person("author"),
        content_type=ContentType.objects.get_for_model(StatusUpdate),
        object_id="1",
        object_repr=f"REV-1: {NAME}",
        action_flag=2,
        change_message=f"Read {NAME}.",
    )
    return rows


def draft_redaction(phrase: str = NAME, **changes: Any) -> Redaction:
    facts = {"reason": "court-order", "author": make_person("author")} | changes
    return Redaction.objects.create(phrase=phrase, **facts)


def redact(phrase: str = NAME, **changes: Any) -> Redaction:
    return publish_as_approver(draft_redaction(phrase, **changes))


def find_in_database(*spellings: str) -> list[str]:
    """Return every column of text of every table that holds one of some words, as "table.column"."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                texts = zip(columns, (str(value).lower() for value in row), strict=True)
                found += [f"{table}.{name}" for name, text in texts if any(each in text for each in spellings)]
    return sorted(set(found))


def read_tables() -> dict[Any, list[dict[str, Any]]]:
    ours = apps.get_app_config("tracker").get_models()
    return {model: list(model._base_manager.order_by("pk").values()) for model in ours}


SPELLINGS = ("jane roe", "jane  roe", "jane-roe", "jane%20roe")


def find_refusal(redaction: Redaction) -> str:
    return " ".join(refusal.sentence for refusal in find_refusals(redaction))


def check_register() -> str:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("check_register", stdout=out, stderr=err)
    except CommandError:
        return err.getvalue()
    return out.getvalue().splitlines()[-1]


# --- What is removed -------------------------------------------------------------------------------


def test_the_words_are_gone_from_every_table():
    plant()
    assert len(find_in_database(*SPELLINGS)) > 30

    redact()

    assert find_in_database(*SPELLINGS) == []


def test_no_public_page_and_no_search_shows_the_words():
    plant()
    before = Walk()
    assert [address for address, page in before.pages.items() if NAME in page.text] != []

    redact()

    after = Walk()
    assert set(after.pages) - set(before.pages) == {f"/log/{LogEntry.objects.count()}/"}
    assert set(before.pages) - set(after.pages) == set()
    shown = {address: Client().get(address, follow=True).content.decode().lower() for address in after.pages}
    assert [address for address, html in shown.items() if any(each in html for each in SPELLINGS)] == []
    assert after.broken == before.broken
    for address in ("/commitments/?q=Jane+Roe", "/documents/?q=Jane+Roe"):
        assert "REV-1" not in Client().get(address).content.decode().partition("<main")[2]


def test_no_page_of_the_desk_shows_the_words():
    rows = plant()
    redaction = redact()
    desk = Desk(make_staff("manager", "Manager"))

    for row in [*rows.values(), redaction, Document.objects.get(identifier="a-draft")]:
        for address in (address_of(row), history_of(row)):
            shown = desk.get(address)
            assert shown.status_code == 200
            assert [each for each in SPELLINGS if each in shown.content.decode().lower()] == []


def test_a_mark_stands_where_the_words_stood_and_the_rest_stays():
    rows = plant()

    redact()

    for row in rows.values():
        row.refresh_from_db()
    assert rows["update"].reason == "The bill was introduced after [removed] spoke to the committee."
    assert rows["update"].evidence.get().note == "[removed]."
    assert rows["story"].title == "What [removed] told us"
    assert rows["story"].url == "https://removed.invalid/the-story"
    assert rows["commitment"].summary == "A review of [removed]'s report."
    assert rows["commitment"].editor_note == "[removed]"
    assert rows["revision"].changes == {
        "summary": {"before": "A review of what [removed] reported.", "after": "A review of [removed]'s report."}
    }
    assert StatusUpdate.objects.drafts().get().reason == rows["update"].reason


def test_a_text_without_room_for_the_mark_gets_the_short_one():
    document = make_document(publisher="Ann" + "x" * 197)

    redact("Ann")

    document.refresh_from_db()
    assert document.publisher == "[…]" + "x" * 197


@pytest.mark.parametrize(
    "written", ["José Núñez", "josé  núñez", "JOSE\u0301 NU\u0301N\u0303EZ", "José\u00a0Núñez", "José-Núñez"]
)
def test_the_words_are_found_however_they_are_written(written):
    commitment = make_commitment(summary=f"What {written} said.")

    redact("José Núñez")

    commitment.refresh_from_db()
    assert commitment.summary == "What [removed] said."


def test_words_without_a_latin_letter_are_found_too():
    commitment = make_commitment(summary="What Юлия said.")

    redact("юлия")

    commitment.refresh_from_db()
    assert commitment.summary == "What [removed] said."


# --- What remains ----------------------------------------------------------------------------------


def test_the_log_verifies_and_tells_that_words_were_removed_but_not_which():
    plant()
    before = {entry.sequence: entry for entry in LogEntry.objects.all()}

    redaction = redact()

    entry = LogEntry.objects.latest("sequence")
    emptied = list(
        LogEntry.objects.filter(content__isnull=True).order_by("sequence").values_list("sequence", flat=True)
    )
    held = [number for number, each in sorted(before.items()) if "jane" in str(each.content).lower()]
    assert emptied == held
    assert LogEntry.objects.filter(salt__isnull=True).count() == len(held)
    assert (entry.sequence, entry.kind, entry.subject) == (max(before) + 1, "redaction", "corrections")
    assert entry.content == {
        "reason": "court-order",
        "entries": held,
        "subjects": [
            *("commitments/REV-1", "commitments/REV-1#check-1", "commitments/REV-1#funding-1"),
            *("commitments/REV-1#milestone-1", "commitments/REV-1#response-1", "commitments/REV-1#update-1"),
            *("documents/the-story", "help/Childline", "petitions/1", "topics/data"),
        ],
    }
    for each in LogEntry.objects.exclude(sequence=entry.sequence):
        assert (each.leaf_hash, each.content_hash) == (
            before[each.sequence].leaf_hash,
            before[each.sequence].content_hash,
        )
    assert check_register() == "The register is sound: 16 kinds of invariant hold."
    redaction.refresh_from_db()
    assert (redaction.phrase, redaction.carried_out_at is None, redaction.entries) == ("", False, held)


def test_the_page_says_where_words_were_removed_when_and_why(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: DAY)
    plant()

    redact()

    sentence = "Words were removed here on 21 November 2026: a court forbids them."
    counts = {
        address: read_text(Client().get(address)).count(sentence)
        for address in (
            *("/commitments/REV-1/", "/commitments/REV-2/", "/documents/the-story/", "/documents/the-report/"),
            *("/topics/data/", "/petitions/1/", "/help/", "/departments/home-office/", "/programmes/the-review/"),
        )
    }
    assert counts == {
        "/commitments/REV-1/": 5,  # itself, an answer, a milestone, a sum and an update
        "/commitments/REV-2/": 0,
        "/documents/the-story/": 1,
        "/documents/the-report/": 0,
        "/topics/data/": 1,
        "/petitions/1/": 1,
        "/help/": 1,
        "/departments/home-office/": 0,
        "/programmes/the-review/": 0,
    }
    assert "Its address was removed." in read_text(Client().get("/documents/the-story/"))


def test_a_reason_that_became_short_breaks_no_rule_and_can_still_be_built_on():
    commitment = make_commitment()
    Programme.objects.update(expected_commitments=1)
    publish_as_approver(draft_update(commitment, reason="Said by Maximiliana Featherstonehaugh."))

    redact("Maximiliana Featherstonehaugh")

    assert StatusUpdate.objects.get().reason == "Said by [removed]."
    assert check_register() == "The register is sound: 16 kinds of invariant hold."
    changes = {"title": {"before": "The report", "after": "The report in full"}}
    publish_as_approver(Revision.objects.create(target=make_document(), changes=changes, reason=REASON))
    assert find_refusals(draft_update(commitment, "2024-04-01", reason="[removed]")) != []


def test_somebody_who_has_a_draft_open_does_not_write_the_words_back():
    plant()
    draft = StatusUpdate.objects.drafts().get()
    editor = Desk(make_staff("editor", EDITOR))
    opened = editor.open_form(address_of(draft))

    redact()

    answer = editor.post(address_of(draft), opened | {"status": "delivered", "_save": "1"})
    assert "while you were writing" in read_text(answer)
    assert "Jane" not in StatusUpdate.objects.drafts().get().reason


# --- Who may, and what is refused ------------------------------------------------------------------


@pytest.mark.parametrize("two_person_rule", [True, False])
def test_a_redaction_needs_two_people_whatever_the_setting_says(settings, two_person_rule):
    settings.TWO_PERSON_RULE = two_person_rule
    plant()
    redaction = draft_redaction()

    with pytest.raises(PublicationRefused, match="You wrote this, so somebody else must publish it"):
        publish(redaction, by=make_person("author"))
    with pytest.raises(PublicationRefused, match="Nobody is named as its author"):
        publish(draft_redaction(author=None), by=make_person("approver"))
    with pytest.raises(PublicationRefused, match="A redaction needs two people"):
        publish_batch("Files", {}, [redaction])

    assert NAME in StatusUpdate.objects.published().get().reason
    assert not Redaction.objects.published().exists()


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("Jo", "Give at least 3 letters: the exact words that must go."),
        (" - _ ", "Give at least 3 letters: the exact words that must go."),
        ("Removed", "These words are part of the mark “[removed]” that stands where some were removed."),
        ("Nobody Known", "The words stand nowhere in the register. Are they written as they stand there?"),
    ],
)
def test_words_that_cannot_be_removed_are_refused(phrase, sentence):
    make_commitment()

    assert find_refusal(draft_redaction(phrase)) == sentence


def test_words_that_stand_nearly_everywhere_are_refused():
    Topic.objects.bulk_create(Topic(slug=f"topic-{n}", name=f"T{n}", description="Police") for n in range(201))

    redaction = draft_redaction("police")

    assert find_refusal(redaction) == (
        "The words stand in 201 places, and at most 200 are changed at once. Give longer words, such as a whole name, "
        "that stand only where they must go."
    )
    Topic.objects.filter(slug="topic-7").delete()
    assert find_refusal(redaction) == ""


def test_words_of_a_permanent_address_are_refused_until_it_is_blocked():
    document = make_document("jane-roe-speaks", title=f"{NAME} speaks")
    publish_as_approver(draft_update(make_commitment(), evidence={"document": document}))
    Programme.objects.update(expected_commitments=1)
    redaction = draft_redaction()

    assert find_refusal(redaction) == (
        "The words are part of a permanent address: documents/jane-roe-speaks. Nothing is ever removed from one, "
        "because the log is chained to it. Discard what is still a draft. For what is public, ask whoever runs the "
        "site to block the address, then tick that it is blocked: the words go from everywhere else."
    )
    redaction.addresses_are_blocked = True
    redaction.save()
    publish_as_approver(redaction)
    document.refresh_from_db()
    assert (document.identifier, document.title) == ("jane-roe-speaks", "[removed] speaks")
    assert check_register() == "The register is sound: 16 kinds of invariant hold."


def test_a_failure_on_the_way_leaves_everything_as_it_was():
    plant()
    redaction = draft_redaction()
    if LogEntry.objects.count() % 2 == 0:
        publish_as_approver(draft_document("one-more"))
    before = read_tables()
    # A node stands where the next entry would complete one, so that the log refuses it at the very end.
    in_the_way = LogNode.objects.create(level=1, index=LogEntry.objects.count() // 2, hash="0" * 64)

    with pytest.raises(IntegrityError), transaction.atomic():
        publish(redaction, by=make_person("approver"))

    with guards.set_aside():
        LogNode._base_manager.filter(pk=in_the_way.pk)._raw_delete("default")
    assert read_tables() == before


def test_only_a_redaction_at_work_changes_what_is_published_and_only_its_words():
    update = plant()["update"]
    redact()
    door, entry = StatusUpdate._base_manager.filter(pk=update.pk), LogEntry._base_manager.filter(sequence=1)

    for attempt in (lambda: door.update(reason="x"), lambda: entry.update(salt=None, content=None)):
        with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
            attempt()
    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        Redaction._base_manager.update(carried_out_at=None)
    at_work = draft_redaction("Something")
    Redaction._base_manager.filter(pk=at_work.pk).update(published_at=DAY)
    assert door.update(reason="x") == 1
    for attempt in (
        lambda: door.update(status="delivered"),
        lambda: door._raw_delete("default"),
        lambda: entry.update(content={"x": 1}),
        lambda: entry.update(salt=None),
        lambda: entry.update(subject="x", salt=None, content=None),
    ):
        with pytest.raises(IntegrityError, match="cannot be"), transaction.atomic():
            attempt()


def test_an_entry_emptied_without_a_redaction_and_one_that_was_not_carried_out_are_reported():
    plant()
    with guards.set_aside():
        LogEntry._base_manager.filter(sequence=2).update(salt=None, content=None)
        draft = draft_redaction()
        Redaction._base_manager.filter(pk=draft.pk).update(published_at=DAY)

    assert sorted(check_register().splitlines()) == [
        "Entry 2 has no content, and no later entry that is signed says why.",
        "Redaction: a court forbids them was published on 2026-11-21 and not carried out.",
        "corrections (redaction) is public and the log does not know it.",
    ]


def test_the_words_of_a_redaction_that_was_discarded_are_forgotten():
    make_commitment()
    redaction = draft_redaction()

    discard(redaction)

    assert find_in_database(*SPELLINGS) == []


# --- At the desk -----------------------------------------------------------------------------------


def test_an_editor_drafts_it_and_a_reviewer_sees_how_far_it_reaches_before_she_publishes_it():
    rows = plant()
    editor, reviewer = Desk(make_staff("editor", EDITOR)), Desk(make_staff("reviewer", REVIEWER))

    wrong = editor.add("redaction", {"phrase": "Nobody", "reason": "court-order"}, press="_submit")
    assert read_errors(wrong) == {
        "phrase": ["The words stand nowhere in the register. Are they written as they stand there?"]
    }
    editor.add("redaction", {"phrase": NAME, "reason": "abused-person"}, press="_submit")
    redaction = Redaction.objects.get()
    assert redaction.submitted_at is not None
    assert editor.decide(redaction, "_publish").status_code == 403

    page = reviewer.get(review_address(redaction))
    extent = measure(redaction)
    assert (len(extent.rows), len(extent.entries)) == (15, 12)
    assert "the words are taken out of 15 rows and 12 entries of the log" in read_text(page)
    for row in (rows["update"], rows["story"], rows["response"]):
        assert address_of(row) in page.content.decode()
    reviewer.decide(redaction, "_publish")
    assert find_in_database(*SPELLINGS) == []
    assert Redaction.objects.published().get().reason == "abused-person"


# --- The register's files --------------------------------------------------------------------------


def load(folder: Any) -> list[str]:
    out = io.StringIO()
    call_command("load_register", str(folder), stdout=out)
    return out.getvalue().splitlines()


def plant_in_files() -> dict[str, Any]:
    files = small_files()
    files["documents.json"][1]["title"] = f"{NAME} speaks"
    files["documents.json"][1]["url"] = "https://news.example.org/jane-roe"
    first = files["commitments/the-review.json"][0]
    first["summary"] = f"What {NAME} asked for."
    first["updates"][0]["reason"] = SAID
    first["updates"][0]["evidence"][0]["note"] = f"It says that {NAME} was heard and that it was in place before."
    first["milestones"][1]["title"] = f"Answer {NAME}"
    return files


def test_the_next_load_of_the_same_files_brings_nothing_back(tmp_path):
    folder = write_files(tmp_path, plant_in_files())
    load(folder)
    redact()

    said = load(folder)

    held = [line.partition(": the file still")[0] for line in said if "the file still holds" in line]
    assert held == [
        "documents.json > the-news > url",
        "documents.json > the-news > title",
        "commitments/the-review.json > REV-1 > summary",
        "commitments/the-review.json > REV-1 > milestones[2] > title",
        "commitments/the-review.json > REV-1 > updates[1] > reason",
        "commitments/the-review.json > REV-1 > updates[1] > evidence",
    ]
    assert said[-1] == "Everything in the files is published already. Nothing to do."
    assert NAME not in "".join(said)
    assert find_in_database(*SPELLINGS) == []


def test_files_from_which_the_words_were_taken_out_load_silently_and_other_changes_are_refused(tmp_path):
    files = plant_in_files()
    load(write_files(tmp_path, files))
    redact()
    first = files["commitments/the-review.json"][0]
    files["documents.json"][1] |= {"title": "[removed] speaks", "url": "https://removed.invalid/the-news"}
    first["summary"] = "What [removed] asked for."
    first["updates"][0] |= {"reason": SAID.replace(NAME, "[removed]")}
    first["updates"][0]["evidence"][0]["note"] = "It says that [removed] was heard and that it was in place before."
    first["milestones"][1]["title"] = "Answer [removed]"

    assert load(write_files(tmp_path, files))[1:] == ["Everything in the files is published already. Nothing to do."]

    first["summary"] = "Something else that was asked for."
    with pytest.raises(CommandError, match="would rewrite what is published"):
        load(write_files(tmp_path, files))


def test_a_noun_that_was_redacted_and_reworded_does_not_stop_the_next_load(tmp_path):
    folder = write_files(tmp_path, plant_in_files())
    load(folder)
    redact()
    changes = {"summary": {"before": "What [removed] asked for.", "after": "What somebody asked for."}}
    publish_as_approver(
        Revision.objects.create(target=Commitment.objects.get(reference="REV-1"), changes=changes, reason=REASON)
    )

    assert load(folder)[-1] == "Everything in the files is published already. Nothing to do."
    assert Commitment.objects.get(reference="REV-1").summary == "What somebody asked for."
    assert check_register() == "The register is sound: 16 kinds of invariant hold."
