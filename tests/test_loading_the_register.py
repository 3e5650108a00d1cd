"""Loading the register's files: all of them or nothing, once and not twice, and never over what is published."""

import copy
import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_update,
    publish_as_approver,
    small_commitment,
    small_document,
    small_files,
    small_milestone,
    small_update,
    write_files,
)
from tracker.auditing import find_broken_invariants
from tracker.importing import apply_load, plan_load, read_register
from tracker.models import (
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    LogEntry,
    LogHead,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Relation,
    Response,
    StatusUpdate,
    SupportService,
    Topic,
    User,
)

REGISTER = Path(settings.BASE_DIR) / "fixtures"
TABLES = (
    *(Department, Topic, Document, Programme, Commitment, Relation, Response, Funding, Milestone, MilestoneUpdate),
    *(StatusUpdate, Evidence, Petition, SupportService, LogEntry),
    *(Commitment.supporting.through, Commitment.topics.through, Petition.commitments.through),
    *(Milestone.documents.through, MilestoneUpdate.documents.through),
)

Files = dict[str, Any]


def load(folder: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("load_register", str(folder), stdout=out, **options)
    return out.getvalue()


def refuse(folder: Path) -> list[str]:
    """Load what cannot be loaded; return each problem's line and make sure that nothing has changed."""
    before = read_tables()
    with pytest.raises(CommandError) as refused:
        load(folder)
    assert read_tables() == before
    verdict, *lines = str(refused.value).split("\n")
    assert verdict.endswith("Nothing was loaded.")
    return [line.removeprefix("  ") for line in lines]


def read_tables() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in TABLES}


def count_rows() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in TABLES}


@pytest.fixture
def files(empty_register: None) -> Files:
    return small_files()


@pytest.fixture
def folder(tmp_path: Path, files: Files) -> Path:
    """The small register, as files that are not loaded yet."""
    return write_files(tmp_path, files)


@pytest.fixture
def published(folder: Path) -> Path:
    """The small register, as files that are loaded."""
    load(folder)
    return folder


def commitment_of(files: Files) -> dict[str, Any]:
    return files["commitments/the-review.json"][0]


# --- The register that we ship ---------------------------------------------------------------


def test_the_shipped_register_is_loaded_whole(loaded_register):
    assert {
        "commitments": Commitment.objects.published().count(),
        "status updates": StatusUpdate.objects.published().count(),
        "citations": Evidence.objects.published().count(),
        "documents": Document.objects.published().count(),
        "departments": Department.objects.published().count(),
        "programmes": Programme.objects.published().count(),
        "topics": Topic.objects.published().count(),
        "petitions": Petition.objects.published().count(),
    } == {
        "commitments": 102,
        "status updates": 373,
        "citations": 564,
        "documents": 251,
        "departments": 22,
        "programmes": 10,
        "topics": 14,
        "petitions": 4,
    }


def test_the_commitments_stand_as_the_register_says(loaded_register):
    assert Commitment.objects.published().count_by_status() == {
        "in-progress": 36,
        "partly-delivered": 14,
        "delivered": 16,
        "will-not-be-done": 3,
        "superseded": 8,
        "cannot-be-judged": 25,
    }


def test_the_shipped_register_is_published_as_one_load_and_by_nobody(loaded_register):
    load_entry, *others = LogEntry.objects.order_by("sequence")

    assert (load_entry.sequence, load_entry.kind, load_entry.subject) == (1, "load", "The register's files")
    assert sorted(load_entry.content["files"]) == sorted(
        path.relative_to(REGISTER).as_posix() for path in REGISTER.rglob("*.json")
    )
    assert {entry.batch for entry in others} == {1}
    assert len({entry.at for entry in (load_entry, *others)}) == 1
    for model in (StatusUpdate, Response, Milestone, MilestoneUpdate, Funding):
        assert set(model.objects.values_list("author", "approver")) == {(None, None)}
    assert not User.objects.exists()


def test_each_loaded_update_counts_as_published_on_the_day_of_loading(loaded_register):
    loaded_at = LogEntry.objects.get(sequence=1).at

    assert set(StatusUpdate.objects.values_list("published_at", flat=True)) == {loaded_at}
    assert StatusUpdate.objects.latest("as_of").as_of == D("2026-09-01")


def test_loading_again_changes_nothing(loaded_register):
    before = read_tables()

    said = load(REGISTER)

    assert said == "Read 16 files.\nEverything in the files is published already. Nothing to do.\n"
    assert read_tables() == before


def read_shipped(name: str) -> Any:
    return json.loads((REGISTER / name).read_text(encoding="utf-8"))


def tell_commitment(commitment: Commitment) -> dict[str, Any]:
    """Tell all that is published of a commitment in the way of the files."""

    def tell(relation: str) -> list[dict[str, Any]]:
        return [row.facts() for row in getattr(commitment, relation).order_by("number")]

    return commitment.facts() | {
        "related": [relation.facts() for relation in commitment.relations.all()],
        "responses": tell("responses"),
        "milestones": [tell_milestone(milestone) for milestone in commitment.milestones.order_by("number")],
        "funding": tell("funding"),
        "updates": tell("status_updates"),
    }


def tell_milestone(milestone: Milestone) -> dict[str, Any]:
    facts = milestone.facts() | {"met_on": None}
    for step in milestone.milestone_updates.all():
        facts |= {"met_on": step.met_on.isoformat(), "note": step.reason, "documents": step.facts()["documents"]}
    return facts


def sort_lists(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {name: sorted(row[name]) for name in names}


def test_what_is_published_of_each_commitment_is_what_its_file_says(loaded_register):
    written = {}
    for path in (REGISTER / "commitments").glob("*.json"):
        for row in read_shipped(f"commitments/{path.name}"):
            milestones = [sort_lists(milestone, "documents") for milestone in row["milestones"]]
            written[row["reference"]] = sort_lists(row, "supporting", "topics") | {"milestones": milestones}

    assert {each.reference: tell_commitment(each) for each in Commitment.objects.published()} == written


def test_what_is_published_of_everything_else_is_what_its_file_says(loaded_register):
    def tell(model: Any) -> list[dict[str, Any]]:
        return [row.facts() for row in model.objects.published().order_by("pk")]

    programmes = read_shipped("programmes.json")
    helplines = read_shipped("help.json")
    services = [{"url": "", **row, "for": row["when"]} for row in helplines["emergency"]] + helplines["services"]

    assert tell(Department) == read_shipped("departments.json")
    assert tell(Topic) == read_shipped("topics.json")
    assert tell(Document) == read_shipped("documents.json")
    assert [
        facts | {"expected_commitments": row.expected_commitments}
        for facts, row in zip(tell(Programme), Programme.objects.order_by("pk"), strict=True)
    ] == programmes
    assert tell(Petition) == [sort_lists(row, "commitments") for row in read_shipped("petitions.json")]
    assert tell(SupportService) == [
        {key: row[key] for key in ("name", "for", "phone", "url")}
        | {"is_emergency": "when" in row, "position": position}
        | {"confirmed_on": helplines["made_on"] if row["seen"] else None}
        for position, row in enumerate(services)
    ]
    assert list(SupportService.objects.order_by("position").values_list("name", "is_emergency", "confirmed_on")) == [
        (row["name"], "when" in row, D(helplines["made_on"]) if row["seen"] else None) for row in services
    ]


def test_a_load_that_is_interrupted_leaves_nothing(empty_register):
    register, problems = read_register(REGISTER)
    assert problems == []
    published = []

    def interrupt(done: int) -> None:
        published.append(done)
        if done == 399:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_load(plan_load(register), name="The register's files", report=interrupt)

    assert published == [22, 36, 287, 297, 399]
    assert set(count_rows().values()) == {0}


# --- A first load ----------------------------------------------------------------------------

ADDED = {
    "Department": 2,
    "Topic": 2,
    "Document": 3,
    "Programme": 1,
    "Commitment": 2,
    "Relation": 1,
    "Response": 1,
    "Funding": 1,
    "Milestone": 2,
    "MilestoneUpdate": 1,
    "StatusUpdate": 3,
    "Evidence": 3,
    "Petition": 1,
    "SupportService": 3,
    "LogEntry": 24,
    "Commitment_supporting": 1,
    "Commitment_topics": 2,
    "Petition_commitments": 1,
    "MilestoneDocument": 1,
    "MilestoneUpdateDocument": 1,
}
IN_WORDS = (
    "2 departments, 2 topics, 3 documents, 1 programmes, 2 commitments, 1 relations, 1 responses, 1 funding, "
    "2 milestones, 1 milestone updates, 3 status updates, 1 petitions and 3 support services"
)


def test_a_load_says_what_it_reads_and_what_it_adds(folder):
    lines = load(folder).splitlines()

    assert (lines[0], lines[-2]) == ("Read 7 files.", "23 of 23 rows")
    assert lines[-1].startswith(f"Loaded {IN_WORDS} in ")
    assert lines[-1].endswith(" s, as entry 1 of the log.")
    assert count_rows() == ADDED
    assert list(find_broken_invariants()) == []


def test_a_load_writes_the_log_that_one_row_after_the_other_would(on_21_november_2026, monkeypatch, folder):
    """The hash is that of the tree as it was when each row was stored, checked, numbered and logged by itself."""
    salts = itertools.count()
    monkeypatch.setattr("tracker.publishing.log.secrets.token_hex", lambda size: f"{next(salts):0{2 * size}x}")

    load(folder)

    assert LogHead.objects.get().root_hash == "d1ea18c5d0fc4674ffa4b3fed0f9340288aaeb713e9c3ecf73c1cf6c33805bcd"


def test_a_dry_run_says_what_would_be_added_and_writes_nothing(folder):
    assert load(folder, dry_run=True) == (f"Read 7 files.\nWould add {IN_WORDS}. Nothing was loaded (--dry-run).\n")
    assert set(count_rows().values()) == {0}


def test_the_newest_of_the_loaded_updates_is_current(published):
    commitment = Commitment.objects.get(reference="REV-1")

    assert (commitment.current_update.as_of, commitment.current_update.status) == (D("2024-07-04"), "partly-delivered")
    assert (commitment.current_claim.as_of, commitment.current_claim.status) == (D("2024-05-01"), "delivered")
    assert (commitment.status_since, commitment.next_due_on) == (D("2024-07-04"), D("2027-06-30"))


# --- Files that say more than before ---------------------------------------------------------


def read_changes(before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in count_rows().items() if count != before[name]}


def load_changed(folder: Path, files: Files) -> dict[str, int]:
    """Load changed files, make sure that the register is sound and return how many rows were added to which table."""
    before = count_rows()
    load(write_files(folder, files))
    assert list(find_broken_invariants()) == []
    assert load(folder).endswith("Nothing to do.\n")
    return read_changes(before)


def test_a_new_update_at_the_end_is_published_and_becomes_current(published, files):
    commitment_of(files)["updates"].append(small_update("2024-09-01") | {"status": "delivered"})
    commitment_of(files)["updates"][-1]["reason"] += " The full review is dropped."

    assert load_changed(published, files) == {"StatusUpdate": 1, "Evidence": 1, "LogEntry": 2}

    commitment = Commitment.objects.get(reference="REV-1")
    assert (commitment.current_update.number, commitment.current_update.as_of) == (4, D("2024-09-01"))
    assert list(LogEntry.objects.filter(sequence__gt=24).order_by("sequence").values_list("kind", "batch")) == [
        ("load", None),
        ("status-update", 25),
    ]


def test_a_new_update_about_an_earlier_day_is_added_at_the_end_and_is_not_current(published, files):
    commitment_of(files)["updates"].append(small_update("2024-03-01"))

    load_changed(published, files)

    assert Commitment.objects.get(reference="REV-1").current_update.number == 3
    assert StatusUpdate.objects.get(number=4).as_of == D("2024-03-01")


def test_a_milestone_met_meanwhile_is_recorded_as_met(published, files):
    commitment_of(files)["milestones"][1] |= {
        "met_on": "2025-03-01",
        "note": "Published early.",
        "documents": ["the-news"],
    }

    assert load_changed(published, files) == {"MilestoneUpdate": 1, "MilestoneUpdateDocument": 1, "LogEntry": 2}

    milestone = Milestone.objects.get(title="Full review")
    assert (milestone.met_on, milestone.note, milestone.days_late) == (D("2025-03-01"), "", 0)
    step = milestone.milestone_updates.get()
    assert step.facts() == {
        "milestone": 2,
        "as_of": "2025-03-01",
        "met_on": "2025-03-01",
        "due_on": None,
        "reason": "Published early.",
        "documents": ["the-news"],
    }
    commitment = Commitment.objects.get(reference="REV-1")
    assert (commitment.next_due_on, commitment.met_on_time) == (None, False)  # the first report was late


ADDITIONS: dict[str, tuple[Callable[[Files], Any], dict[str, int]]] = {
    "a department": (
        lambda files: files["departments.json"].append(
            {"slug": "ofsted", "name": "Ofsted", "abbreviation": "", "kind": "inspectorate", "url": ""}
        ),
        {"Department": 1},
    ),
    "a topic": (
        lambda files: files["topics.json"].append({"slug": "courts", "name": "Courts", "description": ""}),
        {"Topic": 1},
    ),
    "a document": (
        lambda files: files["documents.json"].insert(0, small_document("the-law")),
        {"Document": 1},
    ),
    "a relation": (
        lambda files: files["commitments/the-review.json"][1]["related"].append(
            {"reference": "REV-1", "relation": "see-also"}
        ),
        {"Relation": 1},
    ),
    "a response": (
        lambda files: commitment_of(files)["responses"].append(
            commitment_of(files)["responses"][0] | {"answer": "rejected", "on": "2024-08-01"}
        ),
        {"Response": 1},
    ),
    "money": (
        lambda files: commitment_of(files)["funding"].append(commitment_of(files)["funding"][0] | {"stage": "spent"}),
        {"Funding": 1},
    ),
    "a milestone": (
        lambda files: commitment_of(files)["milestones"].append(small_milestone("Third report")),
        {"Milestone": 1, "MilestoneDocument": 1},
    ),
    "a helpline": (
        lambda files: files["help.json"]["services"].append(
            {"name": "Samaritans", "phone": "116 123", "for": "Anyone", "seen": False, "url": ""}
        ),
        {"SupportService": 1},
    ),
    "a commitment": (
        lambda files: (
            files["programmes.json"][0].update(expected_commitments=3),
            files["commitments/the-review.json"].append(small_commitment("REV-3") | {"number": 3}),
        ),
        {"Commitment": 1},
    ),
    "a commitment in a file of its own": (
        lambda files: (
            files["programmes.json"].append(
                files["programmes.json"][0] | {"slug": "the-audit", "name": "The audit", "expected_commitments": 1}
            ),
            files.update({"commitments/audit.json": [small_commitment("AUD-1") | {"programme": "the-audit"}]}),
        ),
        {"Programme": 1, "Commitment": 1},
    ),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_what_is_new_in_the_files_is_added(published, files, name):
    add, added = ADDITIONS[name]
    add(files)
    nouns = sum(count for table, count in added.items() if table != "MilestoneDocument")

    assert load_changed(published, files) == added | {"LogEntry": 1 + nouns}


def test_files_in_another_order_say_the_same(published, files):
    before = read_tables()
    for name in ("departments.json", "documents.json", "commitments/the-review.json"):
        files[name].reverse()
    commitment_of(files)["topics"].reverse()

    assert load(write_files(published, files)).endswith("Nothing to do.\n")
    assert read_tables() == before


def test_what_a_file_may_leave_out_may_be_written_down_too(published, files):
    files["documents.json"][0]["note"] = ""
    commitment_of(files)["updates"][0]["basis"] = "assessment"
    update = small_update("2024-09-01") | {"basis": "assessment"}
    update["evidence"][0] |= {"records_completion": False, "already_in_place": False}
    commitment_of(files)["updates"].append(update)
    files["help.json"]["emergency"][0]["url"] = ""

    assert load_changed(published, files) == {"StatusUpdate": 1, "Evidence": 1, "LogEntry": 2}


def test_a_milestone_may_be_added_after_an_update_said_delivered(published, files):
    other = files["commitments/the-review.json"][1]
    other["updates"] = [small_update("2024-03-01") | {"status": "delivered"}]
    load_changed(published, files)

    other["milestones"] = [small_milestone("Restore what was taken back") | {"due_on": "2027-06-30"}]
    other["updates"].append(small_update("2024-06-01"))

    assert load_changed(published, files) == {
        "Milestone": 1,
        "MilestoneDocument": 1,
        "StatusUpdate": 1,
        "Evidence": 1,
        "LogEntry": 3,
    }


# --- Beside what staff publish ---------------------------------------------------------------


def test_what_staff_published_stands_apart_from_the_files(published, files):
    commitment = Commitment.objects.get(reference="REV-1")
    theirs = publish_as_approver(draft_update(commitment, "2024-08-01"))

    commitment_of(files)["updates"].append(small_update("2024-09-01"))
    load_changed(published, files)

    assert list(commitment.status_updates.order_by("number").values_list("number", "as_of")) == [
        (1, D("2024-02-01")),
        (2, D("2024-05-01")),
        (3, D("2024-07-04")),
        (4, theirs.as_of),
        (5, D("2024-09-01")),
    ]


def test_a_milestone_of_the_files_is_met_though_staff_added_one_before_it(published, files):
    commitment = Commitment.objects.get(reference="REV-1")
    theirs = publish_as_approver(draft_milestone(commitment, "2027-01-01", title="Set by staff"))

    commitment_of(files)["milestones"].append(small_milestone("Third report") | {"met_on": "2024-06-30"})
    load_changed(published, files)

    assert dict(commitment.milestones.values_list("title", "met_on")) == {
        "First report": D("2024-07-04"),
        "Full review": None,
        "Set by staff": None,
        "Third report": D("2024-06-30"),
    }
    assert Milestone.objects.get(pk=theirs.pk).number == 3


def test_a_rule_broken_by_what_staff_published_refuses_the_load_in_a_sentence(published, files):
    commitment = Commitment.objects.get(reference="REV-2")
    publish_as_approver(draft_milestone(commitment, title="Set by staff"))
    files["commitments/the-review.json"][1]["updates"] = [small_update("2024-03-01") | {"status": "delivered"}]

    assert refuse(write_files(published, files)) == [
        "commitments/the-review.json > REV-2 > updates[1] > reason: The milestone “Set by staff” is still open. Record "
        "it as met first, or name it in the reason and say what became of it."
    ]


def test_a_rejection_that_staff_published_counts_for_the_files(published, files):
    publish_as_approver(draft_response(Commitment.objects.get(reference="REV-2"), answer="rejected"))
    refusal = small_update("2024-03-01") | {"status": "will-not-be-done"}
    refusal["evidence"][0]["document"] = "the-news"
    files["commitments/the-review.json"][1]["updates"] = [refusal]

    assert load_changed(published, files) == {"StatusUpdate": 1, "Evidence": 1, "LogEntry": 2}


TAKEN: dict[str, tuple[Callable[[], Any], Callable[[Files], Any], str]] = {
    "a drafted document": (
        lambda: draft_document("the-law"),
        lambda files: files["documents.json"].append(small_document("the-law")),
        "documents.json > the-law: stands in the register as a draft: publish or delete that first.",
    ),
    "a document's address": (
        lambda: publish_as_approver(draft_document("their-law", url="https://www.gov.uk/the-law")),
        lambda files: files["documents.json"].append(small_document("the-law")),
        "documents.json > the-law > url: is the address of “their-law”, which stands already.",
    ),
    "a helpline": (
        lambda: SupportService.objects.create(name="Samaritans", used_for="Anyone", phone="116 123"),
        lambda files: files["help.json"]["services"].append(
            {"name": "Samaritans", "phone": "116 123", "for": "Anyone", "seen": False, "url": ""}
        ),
        "help.json > Samaritans: stands in the register as a draft: publish or delete that first.",
    ),
    "a place in a programme": (
        lambda: publish_as_approver(
            draft_commitment("AUD-3", programme=Programme.objects.get(), department=Department.objects.first())
        ),
        lambda files: (
            files["programmes.json"][0].update(expected_commitments=3),
            files["commitments/the-review.json"].append(small_commitment("REV-3") | {"number": 3}),
        ),
        "commitments/the-review.json > REV-3 > number: is the place of “AUD-3” in the programme.",
    ),
    "a drafted relation": (
        lambda: draft_relation(*Commitment.objects.order_by("-reference"), "see-also"),
        lambda files: files["commitments/the-review.json"][1]["related"].append(
            {"reference": "REV-1", "relation": "see-also"}
        ),
        "commitments/the-review.json > REV-2 > related > REV-1: stands in the register as a draft: publish or delete "
        "that first.",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_staff_have_taken_already_is_refused_by_its_place(published, files, name):
    take, add, sentence = TAKEN[name]
    take()
    add(files)

    assert refuse(write_files(published, files)) == [sentence]


# --- Files that would rewrite what is published ----------------------------------------------

REVIEW = "commitments/the-review.json > REV-1"

REWRITINGS: dict[str, tuple[Callable[[Files], Any], *tuple[str, ...]]] = {
    "department": (
        lambda files: files["departments.json"][0].update(name="Office"),
        "departments.json > home-office > name: would rewrite what is published: 'Home Office' stands, the file says "
        "'Office'.",
    ),
    "topic": (
        lambda files: files["topics.json"][0].update(description=""),
        "topics.json > data > description: would rewrite what is published: 'What is counted.' stands, the file says "
        "''.",
    ),
    "document": (
        lambda files: files["documents.json"][0].update(strength="moderate"),
        "documents.json > the-report > strength: would rewrite what is published: 'strong' stands, the file says "
        "'moderate'.",
    ),
    "a document's note": (
        lambda files: files["documents.json"][2].pop("note"),
        "documents.json > the-petition > note: would rewrite what is published: 'Only part of it was read.' stands, "
        "the file says None.",
    ),
    "programme": (
        lambda files: files["programmes.json"][0].update(published_on="2024-01-11"),
        "programmes.json > the-review > published_on: would rewrite what is published: '2024-01-10' stands, the file "
        "says '2024-01-11'.",
    ),
    "commitment": (
        lambda files: commitment_of(files).update(made_on="2024-01-09"),
        f"{REVIEW} > made_on: would rewrite what is published: '2024-01-10' stands, the file says '2024-01-09'.",
    ),
    "a commitment's topics": (
        lambda files: commitment_of(files).update(topics=[]),
        f"{REVIEW} > topics: would rewrite what is published: ['care', 'data'] stands, the file says [].",
    ),
    "response": (
        lambda files: commitment_of(files)["responses"][0].update(answer="rejected"),
        f"{REVIEW} > responses[1] > answer: would rewrite what is published: 'accepted' stands, the file says "
        "'rejected'.",
    ),
    "funding": (
        lambda files: commitment_of(files)["funding"][0].update(amount_gbp=6_000_000),
        f"{REVIEW} > funding[1] > amount_gbp: would rewrite what is published: 5000000 stands, the file says 6000000.",
    ),
    "a milestone's first date": (
        lambda files: commitment_of(files)["milestones"][1].update(due_on="2027-12-31"),
        f"{REVIEW} > milestones[2] > due_on: would rewrite what is published: '2027-06-30' stands, the file says "
        "'2027-12-31'.",
    ),
    "the day on which a milestone was met": (
        lambda files: commitment_of(files)["milestones"][0].update(met_on="2024-06-30"),
        f"{REVIEW} > milestones[1] > as_of: would rewrite what is published: '2024-07-04' stands, the file says "
        "'2024-06-30'.",
        f"{REVIEW} > milestones[1] > met_on: would rewrite what is published: '2024-07-04' stands, the file says "
        "'2024-06-30'.",
    ),
    "update": (
        lambda files: commitment_of(files)["updates"][1].update(reason="x" * 30),
        f"{REVIEW} > updates[2] > reason: would rewrite what is published: 'The bill was introduced in the House of "
        f"Commons.' stands, the file says '{'x' * 30}'.",
    ),
    "basis": (
        lambda files: commitment_of(files)["updates"][2].update(basis="claim"),
        f"{REVIEW} > updates[3] > basis: would rewrite what is published: None stands, the file says 'claim'.",
    ),
    "petition": (
        lambda files: files["petitions.json"][0].update(signatures=131625),
        "petitions.json > 300239 > signatures: would rewrite what is published: 131626 stands, the file says 131625.",
    ),
    "helpline": (
        lambda files: files["help.json"]["services"][0].update(phone="0800 1112"),
        "help.json > Childline > phone: would rewrite what is published: '0800 1111' stands, the file says "
        "'0800 1112'.",
    ),
    "a removed update": (
        lambda files: commitment_of(files)["updates"].pop(),
        f"{REVIEW} > updates[3]: was published ('REV-1: Partly delivered as of 2024-07-04') and is no longer in the "
        "file.",
    ),
    "a removed response": (
        lambda files: commitment_of(files)["responses"].pop(),
        f"{REVIEW} > responses[1]: was published ('REV-1: Accepted on 2024-02-01') and is no longer in the file.",
    ),
    "removed money": (
        lambda files: commitment_of(files)["funding"].pop(),
        f"{REVIEW} > funding[1]: was published ('REV-1: £5,000,000 promised') and is no longer in the file.",
    ),
    "a removed milestone": (
        lambda files: commitment_of(files)["milestones"].pop(),
        f"{REVIEW} > milestones[2]: was published ('REV-1: Full review') and is no longer in the file.",
    ),
}


@pytest.mark.parametrize("name", REWRITINGS)
def test_what_would_rewrite_history_is_refused_by_its_place(published, files, name):
    rewrite, *sentences = REWRITINGS[name]
    rewrite(files)

    assert refuse(write_files(published, files)) == sentences


def test_evidence_of_a_published_update_is_not_added_to(published, files):
    commitment_of(files)["updates"][0]["evidence"].append({"document": "the-news", "note": "Reported it."})

    assert [line.partition(": ")[0] for line in refuse(write_files(published, files))] == [
        f"{REVIEW} > updates[1] > evidence"
    ]


def test_an_update_put_between_published_ones_is_refused(published, files):
    commitment_of(files)["updates"].insert(1, small_update("2024-03-01"))

    assert [line.partition(": ")[0] for line in refuse(write_files(published, files))] == [
        f"{REVIEW} > updates[2] > status",
        f"{REVIEW} > updates[2] > as_of",
        f"{REVIEW} > updates[2] > basis",
        f"{REVIEW} > updates[3] > status",
        f"{REVIEW} > updates[3] > as_of",
        f"{REVIEW} > updates[3] > basis",
    ]


def test_what_is_new_is_not_loaded_when_something_else_would_be_rewritten(published, files):
    files["topics.json"].append({"slug": "courts", "name": "Courts", "description": ""})
    files["topics.json"][0]["name"] = "Numbers"
    commitment_of(files)["updates"].append(small_update("2024-09-01"))

    assert refuse(write_files(published, files)) == [
        "topics.json > data > name: would rewrite what is published: 'Data' stands, the file says 'Numbers'."
    ]


# --- Broken files ----------------------------------------------------------------------------


def test_a_syntax_error_is_reported_with_its_line_and_column(folder):
    (folder / "topics.json").write_text('[\n  {"slug": "data",}\n]', encoding="utf-8")

    assert refuse(folder)[0] == (
        "topics.json, line 2, column 19: is not JSON: Expecting property name enclosed in double quotes."
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[\xff]", "topics.json: is not UTF-8 text: byte 2 cannot be read."),
        (b"", "topics.json, line 1, column 1: is not JSON: Expecting value."),
        (
            b"\xef\xbb\xbf[]",
            "topics.json, line 1, column 1: is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig).",
        ),
        (b"{}", "topics.json: should be a list, not {}."),
        (b"null", "topics.json: should be a list, not None."),
        (b"[1]", "topics.json > row 1: should be an object, not 1."),
        (
            b'[{"slug": "data", "name": "Data", "name": "Facts", "description": ""}]',
            "topics.json: an object has the key “name” 2 times, near {'slug': 'data', 'name': 'Facts', 'description': "
            "''}.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(folder, content, problem):
    (folder / "topics.json").write_bytes(content)

    unknown = [
        f"{REVIEW} > topics[{number}]: “{name}” is not one of the topics in the files."
        for number, name in [(1, "data"), (2, "care")]
    ]
    assert [line for line in refuse(folder) if line not in unknown] == [problem]


@pytest.mark.parametrize("content", [b"[" * 100_000, b"[" + b"9" * 5_000 + b"]", b"[NaN]", b"[Infinity]"])
def test_a_file_made_to_break_its_reader_is_reported(folder, content):
    (folder / "topics.json").write_bytes(content)

    assert [line.partition(":")[0].partition(" > ")[0] for line in refuse(folder)] == [
        "topics.json",
        "commitments/the-review.json",
        "commitments/the-review.json",
    ]


def test_a_missing_file_is_reported(folder):
    (folder / "help.json").unlink()
    (folder / "petitions.json").unlink()

    assert refuse(folder) == [
        "petitions.json: cannot be read: No such file or directory.",
        "help.json: cannot be read: No such file or directory.",
    ]


def test_a_folder_without_a_register_is_reported(empty_register, tmp_path):
    assert refuse(tmp_path) == [
        "departments.json: cannot be read: No such file or directory.",
        "topics.json: cannot be read: No such file or directory.",
        "documents.json: cannot be read: No such file or directory.",
        "programmes.json: cannot be read: No such file or directory.",
        "commitments/: there are no files here.",
        "petitions.json: cannot be read: No such file or directory.",
        "help.json: cannot be read: No such file or directory.",
    ]


BREAKAGES: dict[str, tuple[Callable[[Files], Any], list[str]]] = {
    "an unknown key": (
        lambda files: files["topics.json"][0].update(colour="red"),
        ["topics.json > data: has an unknown key “colour”; the keys are: slug, name, description."],
    ),
    "a missing key": (
        lambda files: files["topics.json"][0].pop("description"),
        ["topics.json > data: has no “description”."],
    ),
    "a missing name": (
        lambda files: files["documents.json"][1].pop("id"),
        ["documents.json > row 2: has no “id”."],
    ),
    "an unknown document": (
        lambda files: commitment_of(files)["updates"][1]["evidence"][0].update(document="the-lore"),
        [f"{REVIEW} > updates[2] > evidence[1] > document: “the-lore” is not one of the documents in the files."],
    ),
    "an unknown department": (
        lambda files: commitment_of(files).update(department="home-orifice"),
        [f"{REVIEW} > department: “home-orifice” is not one of the departments in the files."],
    ),
    "an unknown commitment": (
        lambda files: files["petitions.json"][0].update(commitments=["REV-9"]),
        ["petitions.json > 300239 > commitments[1]: “REV-9” is not one of the commitments in the files."],
    ),
    "an unknown word": (
        lambda files: commitment_of(files)["updates"][0].update(status="done"),
        [
            f"{REVIEW} > updates[1] > status: 'done' is not one of: not-started, in-progress, partly-delivered, "
            "delivered, delivered-differently, not-delivered, will-not-be-done, superseded, cannot-be-judged."
        ],
    ),
    "a date that does not exist": (
        lambda files: commitment_of(files).update(made_on="2024-02-30"),
        [f"{REVIEW} > made_on: should be a date such as 2026-11-21, not '2024-02-30'."],
    ),
    "a date written in another way": (
        lambda files: commitment_of(files).update(made_on="20240210"),
        [f"{REVIEW} > made_on: should be a date such as 2026-11-21, not '20240210'."],
    ),
    "a repeated reference": (
        lambda files: files["commitments/the-review.json"][1].update(reference="REV-1"),
        [
            f"{REVIEW}: “REV-1” stands in {REVIEW} already.",
            f"{REVIEW} > related[1] > reference: “REV-2” is not one of the commitments in the files.",
        ],
    ),
    "a reference in small letters": (
        lambda files: files["commitments/the-review.json"][1].update(reference="rev-3"),
        [
            "commitments/the-review.json > rev-3 > reference: “rev-3” is not valid: Write it like IICSA-13: capital "
            "letters and digits.",
            f"{REVIEW} > related[1] > reference: “REV-2” is not one of the commitments in the files.",
        ],
    ),
    "a repeated address": (
        lambda files: files["documents.json"][1].update(url="https://www.gov.uk/the-report"),
        ["documents.json > the-news: has the same address as the-report."],
    ),
    "a repeated place in a programme": (
        lambda files: files["commitments/the-review.json"][1].update(number=1),
        ["commitments/the-review.json > REV-2: has the same place in its programme as REV-1."],
    ),
    "a repeated helpline": (
        lambda files: files["help.json"]["services"][0].update(name="Police"),
        ["help.json > services[1] > name: “Police” stands there twice."],
    ),
    "a NUL character": (
        lambda files: commitment_of(files).update(summary="The\0 summary"),
        [f"{REVIEW} > summary: holds a NUL character, which no database keeps."],
    ),
    "half a character": (
        lambda files: commitment_of(files).update(summary="The \ud83d summary"),
        [f"{REVIEW} > summary: holds half a character, which cannot be written as UTF-8."],
    ),
    "a text that is too long": (
        lambda files: commitment_of(files).update(title="x" * 201),
        [f"{REVIEW} > title: is 201 characters long; at most 200 are kept."],
    ),
    "an address that is too long": (
        lambda files: files["departments.json"][0].update(url="https://www.gov.uk/" + "x" * 482),
        ["departments.json > home-office > url: is 501 characters long; at most 500 are kept."],
    ),
    "an address that is none": (
        lambda files: files["documents.json"][0].update(url="javascript:alert(1)"),
        [
            "documents.json > the-report > url: “javascript:alert(1)” is not valid: Write an address that begins with "
            "https:// or http://."
        ],
    ),
    "a document without an address": (
        lambda files: files["documents.json"][0].update(url=""),
        ["documents.json > the-report > url: is empty."],
    ),
    "spaces around a text": (
        lambda files: commitment_of(files).update(title="Do it "),
        [f"{REVIEW} > title: begins or ends with a space."],
    ),
    "a number written as text": (
        lambda files: commitment_of(files)["funding"][0].update(amount_gbp="5000000"),
        [f"{REVIEW} > funding[1] > amount_gbp: should be whole pounds, not '5000000'."],
    ),
    "true in place of a number": (
        lambda files: commitment_of(files).update(number=True),
        [f"{REVIEW} > number: should be a whole number, not True."],
    ),
    "a relation named twice": (
        lambda files: commitment_of(files)["related"].append({"relation": "superseded-by", "reference": "REV-2"}),
        [f"{REVIEW} > related: holds the same thing twice."],
    ),
    "a topic named twice": (
        lambda files: commitment_of(files).update(topics=["data", "data"]),
        [f"{REVIEW} > topics: holds the same thing twice."],
    ),
    "a document cited twice for one update": (
        lambda files: commitment_of(files)["updates"][0]["evidence"].append(
            {"document": "the-report", "note": "Says more."}
        ),
        [f"{REVIEW} > updates[1] > evidence: cites “the-report” twice."],
    ),
    "a commitment related to itself": (
        lambda files: commitment_of(files)["related"][0].update(reference="REV-1"),
        [f"{REVIEW} > related[1] > reference: is the commitment itself."],
    ),
    "a lead department that supports itself": (
        lambda files: commitment_of(files).update(supporting=["home-office"]),
        [f"{REVIEW} > supporting: holds the lead department, “home-office”."],
    ),
    "a partisan document that is cited": (
        lambda files: files["documents.json"][0].update(origin="partisan-or-unknown"),
        [
            f"{REVIEW} > updates[{number}] > evidence[1] > document: “the-report” is of partisan or unknown origin, "
            "which is not cited."
            for number in (1, 2, 3)
        ],
    ),
    "a milestone met before the promise": (
        lambda files: commitment_of(files)["milestones"][0].update(met_on="2024-01-09"),
        [f"{REVIEW} > milestones[1] > met_on: lies before the commitment was made."],
    ),
    "a milestone met in the future": (
        lambda files: commitment_of(files)["milestones"][0].update(met_on="9999-12-31"),
        [f"{REVIEW} > milestones[1] > met_on: lies in the future."],
    ),
    "a programme with another number of commitments": (
        lambda files: files["programmes.json"][0].update(expected_commitments=3),
        ["programmes.json > the-review > expected_commitments: says 3, and the files hold 2."],
    ),
    "an update without a reason or evidence": (
        lambda files: commitment_of(files)["updates"][0].update(reason="Because.", evidence=[]),
        [
            f"{REVIEW} > updates[1] > reason: Give the reason in at least 30 characters, so that a reader can see why "
            "(8 so far).",
            f"{REVIEW} > updates[1] > evidence: Cite at least one document: no status is published without evidence.",
        ],
    ),
    "an update in the future": (
        lambda files: commitment_of(files)["updates"][2].update(as_of="2024-01-09"),
        [
            f"{REVIEW} > updates[3] > as_of: The commitment was made on 2024-01-10: a status cannot be true before "
            "that day."
        ],
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_file_is_refused_with_what_is_wrong_and_where(folder, files, name):
    break_it, problems = BREAKAGES[name]
    break_it(files)

    assert refuse(write_files(folder, files)) == problems


def test_everything_that_is_wrong_is_said_at_once(folder, files):
    files["departments.json"][0]["kind"] = "ministry"
    files["departments.json"][1]["url"] = "www.gov.uk"
    commitment_of(files)["updates"][0]["as_of"] = "yesterday"
    commitment_of(files)["updates"][2]["evidence"][0]["document"] = "the-lore"
    files["help.json"]["made_on"] = None
    write_files(folder, files)
    (folder / "petitions.json").write_text("[", encoding="utf-8")

    assert [line.partition(": ")[0] for line in refuse(folder)] == [
        "departments.json > home-office > kind",
        "departments.json > department-for-education > url",
        f"{REVIEW} > updates[1] > as_of",
        "petitions.json, line 1, column 2",
        "help.json > made_on",
        f"{REVIEW} > updates[3] > evidence[1] > document",
    ]


def test_every_broken_rule_is_said_at_once(folder, files):
    commitment_of(files)["updates"][0]["reason"] = "Too short."
    commitment_of(files)["updates"][2] |= {"as_of": "9999-12-31", "status": "delivered"}
    files["commitments/the-review.json"][1]["updates"] = [small_update("2024-01-09")]

    assert [line.partition(": ")[0] for line in refuse(write_files(folder, files))] == [
        f"{REVIEW} > updates[1] > reason",
        f"{REVIEW} > updates[3] > reason",
        f"{REVIEW} > updates[3] > as_of",
        "commitments/the-review.json > REV-2 > updates[1] > as_of",
    ]


# --- Files broken in every place -------------------------------------------------------------

Route = tuple[str | int, ...]


def find_nodes(value: Any, route: Route = ()) -> Iterator[Route]:
    """Yield the route to each value of the files, whole files and single leaves alike."""
    if route:
        yield route
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from find_nodes(child, (*route, key))


def put(files: Files, route: Route, value: Any) -> Files:
    """Return the file at the head of a route, with the value at its end replaced."""
    changed = {route[0]: copy.deepcopy(files[route[0]])}
    parent: Any = changed
    for key in route[:-1]:
        parent = parent[key]
    parent[route[-1]] = value
    return changed


NODES = list(find_nodes(small_files()))
# One of each kind: the first department's name stands for every department's.
KINDS = list(
    {tuple("*" if isinstance(key, int) else key for key in route): route for route in reversed(NODES)}.values()
)


def test_no_wrong_value_is_accepted_anywhere(tmp_path):
    files = small_files()
    write_files(tmp_path, files)
    accepted = []
    for route in KINDS:
        for wrong in (1.5, -1, 2**63, "\0", "a\ud800", " ", {"wrong": 1}, [1.5]):
            write_files(tmp_path, put(files, route, wrong))
            problems = read_register(tmp_path)[1]
            if not any(problem.path.startswith(str(route[0])) for problem in problems):
                accepted.append((route, wrong))
        write_files(tmp_path, {route[0]: files[route[0]]})

    assert accepted == []
    assert len(KINDS) > 100


def test_no_key_but_the_optional_ones_may_be_missing(tmp_path):
    files = small_files()
    write_files(tmp_path, files)
    accepted = set()
    for route in KINDS:
        if len(route) == 1 or isinstance(route[-1], int):
            continue
        changed = put(files, route, None)
        parent: Any = changed
        for key in route[:-1]:
            parent = parent[key]
        del parent[route[-1]]
        write_files(tmp_path, changed)
        if not read_register(tmp_path)[1]:
            accepted.add((route[0], route[-1]))
        write_files(tmp_path, {route[0]: files[route[0]]})

    assert accepted == {
        ("documents.json", "note"),
        ("commitments/the-review.json", "basis"),
        ("commitments/the-review.json", "records_completion"),
        ("commitments/the-review.json", "already_in_place"),
        ("help.json", "url"),
    }


NAMES = ("home-office", "the-report", "the-news", "the-review", "data", "REV-1", "REV-2", "Police", "delivered")
DATES = ("0001-01-01", "2024-01-10", "2024-06-30", "2026-11-21", "9999-12-31")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        [*NAMES, *DATES, "superseded", "will-not-be-done", "supersedes", "rejected", "x\ud800", "x" * 500]
    ),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=4,
)


def test_whatever_the_files_hold_they_load_soundly_or_not_at_all(folder, files, at_length):
    empty, tried = count_rows(), 200 if at_length else 25

    @hypothesis_settings(
        max_examples=tried, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(route=st.sampled_from(NODES), other=st.sampled_from(NODES), value=VALUES, copies=st.booleans())
    def survive(route, other, value, copies):
        if copies:  # a value that stands elsewhere in the files
            value = small_files()
            for key in other:
                value = value[key]
        point = transaction.savepoint()
        try:
            load(write_files(folder, put(files, route, value)))
        except CommandError:
            assert count_rows() == empty
        else:
            assert list(find_broken_invariants()) == []
            assert load(folder).endswith("Nothing to do.\n")
        finally:
            transaction.savepoint_rollback(point)
            write_files(folder, {route[0]: files[route[0]]})

    survive()
