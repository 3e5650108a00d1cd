"""The zip of a whole register, loaded where nothing is, gives back the same register, as two exports show."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.copies import empty_the_register
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
    make_person,
    publish_as_approver,
    small_files,
    write_files,
)
from tests.packages import export, read_csv_files, read_what_is_said
from tracker.auditing import find_broken_invariants
from tracker.importing.packages import KINDS
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    LogEntry,
    Petition,
    Programme,
    Redaction,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)

pytestmark = pytest.mark.django_db

WHY = "The old words said less than the page itself."
PROVEN = "The new service was opened to everybody on that day."


def load(path: Path, **options: Any) -> list[str]:
    out = io.StringIO()
    call_command("load_register", path, stdout=out, **options)
    return out.getvalue().splitlines()


def reword(target: Any, **words: Any) -> None:
    before = target.read_words(words)
    changes = {name: {"before": before[name], "after": after} for name, after in words.items()}
    revision = Revision(target=target, changes=changes, reason=WHY, author=make_person("author"))
    revision.save()
    publish_as_approver(revision)
    target.refresh_from_db()


def publish_a_long_story(folder: Path) -> None:
    """Load a small register, then publish one of everything that staff may add to it or change in it."""
    load(write_files(folder, small_files()))
    commitment = Commitment.objects.get(reference="REV-1")
    publish_as_approver(draft_response(commitment, "2024-03-01", answer="rejected"))
    publish_as_approver(draft_funding(commitment, stage="spent", note="=SUM(A1:A9)"))
    milestone = publish_as_approver(draft_milestone(commitment, "2024-09-30", title="Open the service"))
    publish_as_approver(draft_step(milestone, "2024-09-01", due_on="2024-12-31"))
    publish_as_approver(draft_step(milestone, "2024-12-31", met_on="2024-12-31"))
    wrong = publish_as_approver(draft_update(commitment, "2024-08-01", reason="-- It was said to be late, and it is."))
    publish_as_approver(draft_update(commitment, "2024-08-02", status="not-delivered", corrects=wrong))
    publish_as_approver(
        Check.objects.create(
            commitment=commitment, checked_on=D("2024-12-01"), note="The page.", author=make_person("author")
        )
    )
    other = draft_commitment("REV-3", editor_note="'=quoted", has_distressing_detail=True)
    other.supporting.add(Department.objects.get(slug="department-for-education"))
    publish_as_approver(other)
    publish_as_approver(draft_relation(other, commitment, "repeats"))
    # This document could prove nothing with its first words: the order of what was published counts.
    page = publish_as_approver(draft_document("the-page", strength="weak", kind="news"))
    reword(page, strength="strong", kind="report", published_on=None, url="https://www.gov.uk/a-page")
    publish_as_approver(
        draft_update(other, status="delivered", reason=PROVEN, evidence={"document": page, "note": "Says so."})
    )
    reword(commitment, title="Do more than REV-1 says", topics=["care"], supporting=[], source_locator="")
    reword(commitment, title="Do what REV-1 says, and more", made_by="Prime Minister")
    reword(Department.objects.get(slug="home-office"), name="The Home Office", abbreviation="")
    reword(Topic.objects.get(slug="care"), description="Who looks after whom.")
    reword(Programme.objects.get(), description="What was recommended, and why.")
    reword(Petition.objects.get(), note="=It closed early.", commitments=["REV-1", "REV-3"], closed_on="2020-09-05")
    reword(SupportService.objects.get(name="Childline"), phone="0800 1111 ", position=7)


def test_a_register_with_a_long_story_comes_back_whole(empty_register, tmp_path):
    publish_a_long_story(tmp_path / "files")
    first = export(tmp_path / "first") / "register.zip"
    empty_the_register()
    said = load(first)
    second = export(tmp_path / "second") / "register.zip"
    assert read_what_is_said(second) == read_what_is_said(first)
    assert said[-1].startswith("Loaded 43 rows in ")
    assert list(find_broken_invariants()) == []
    counts = {table: len(rows) for table, rows in read_what_is_said(second).items()}
    assert {table for table, count in counts.items() if not count} == {"withdrawals", "redactions", "redacted_places"}
    # And once more, from the register that was loaded.
    empty_the_register()
    load(second)
    assert read_what_is_said(export(tmp_path / "third") / "register.zip") == read_what_is_said(first)


@pytest.mark.once
def test_the_register_itself_comes_back_whole(loaded_register, tmp_path):
    first = export(tmp_path / "first") / "register.zip"
    empty_the_register()
    load(first)
    assert read_what_is_said(export(tmp_path / "second") / "register.zip") == read_what_is_said(first)


def test_every_field_of_every_model_is_carried_or_follows_from_what_is():
    everywhere = {"id", "published_at", "author", "approver", "created_at", "submitted_at", "return_note", "version"}
    left = {}
    for kind in KINDS:
        fields = [*kind.model._meta.concrete_fields, *kind.model._meta.many_to_many]
        names = {field.name for field in fields} - everywhere - kind.fields.keys() - kind.lists.keys()
        left[kind.table] = sorted(names)
    assert {table: names for table, names in left.items() if names} == {
        "programmes": ["expected_commitments"],
        "commitments": [
            *("checked_on", "claim_differs", "current_answer", "current_claim", "current_response", "current_status"),
            *("current_strength", "current_update", "met_on_time", "next_due_on", "rests_on_copies", "status_since"),
            "withdrawn_at",
        ],
        "responses": ["number"],
        "funding": ["number"],
        "milestones": ["met_on", "number", "present_due_on"],
        "milestone_updates": ["milestone", "number"],  # the milestone is found by its number
        "updates": ["corrects", "number", "rests_on_copies", "strength"],  # and so is the update that is put right
        "checks": ["number"],
        "support_services": ["is_stated_in_full"],
    }


def test_what_is_a_registers_own_is_named_in_the_package(empty_register, tmp_path):
    load(write_files(tmp_path / "files", small_files()))
    path = export(tmp_path / "first") / "register.zip"
    own = {
        name
        for table, rows in read_csv_files(path).items()
        for name in set(rows[0] if rows else ()) - set(read_what_is_said(path)[table][0] if rows else ())
    }
    assert own == {"entry", "published_at", "page", "checked_on"}


def test_what_was_withdrawn_or_removed_stays_behind_and_that_is_said(empty_register, tmp_path):
    load(write_files(tmp_path / "files", small_files()))
    for reference in ("REV-3", "REV-4"):
        publish_as_approver(draft_commitment(reference, summary="What Jane Roe and others asked for."))
    publish_as_approver(
        Withdrawal.objects.create(
            commitment=Commitment.objects.get(reference="REV-4"),
            reason="It was entered twice by mistake.",
            author=make_person("author"),
        )
    )
    publish_as_approver(
        Redaction.objects.create(phrase="Jane Roe", reason="private-person", author=make_person("author"))
    )
    first = export(tmp_path / "first") / "register.zip"
    empty_the_register()
    said = load(first)
    assert [line for line in said if "stay" in line] == [
        "withdrawals: 1 stay behind, as no other register can publish them.",
        "redactions: 1 stay behind, as no other register can publish them.",
    ]
    before, after = (read_what_is_said(path) for path in (first, export(tmp_path / "second") / "register.zip"))
    left = {"withdrawals", "redactions", "redacted_places"}
    assert {table: after[table] for table in after.keys() - left} == {
        table: before[table] for table in before.keys() - left
    }
    assert {table: len(after[table]) for table in left} == dict.fromkeys(left, 0)
    assert Commitment.objects.get(reference="REV-3").summary == "What [removed] and others asked for."


@pytest.fixture
def package(empty_register: None, tmp_path: Path) -> Path:
    """The package of a small register, beside an empty one."""
    load(write_files(tmp_path / "files", small_files()))
    path = export(tmp_path / "exports") / "register.zip"
    empty_the_register()
    return path


def test_a_dry_run_publishes_nothing(package):
    said = load(package, dry_run=True)
    assert said[-1] == "Would publish 23 rows. Nothing was loaded (--dry-run)."
    assert (LogEntry.objects.count(), Document.objects.count()) == (0, 0)


def test_a_package_is_not_loaded_over_what_stands(package):
    Topic.objects.create(slug="a-draft", name="A draft")
    with pytest.raises(CommandError) as refused:
        load(package)
    assert str(refused.value) == (
        "A package is loaded into an empty register, and here is a topic already. Nothing was loaded."
    )


def change(path: Path, name: str, rewrite: Callable[[bytes], bytes], *, honestly: bool = True) -> Path:
    """Write the package anew with another file in it, and with the sum of that file unless it is not meant to fit."""
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(changed, "w") as copy:
        files = {each: package.read(each) for each in package.namelist()}
        files[name] = rewrite(files[name])
        descriptor = json.loads(files["datapackage.json"])
        for resource in descriptor["resources"] if honestly else ():
            resource["hash"] = f"sha256:{hashlib.sha256(files[resource['path']]).hexdigest()}"
        files["datapackage.json"] = json.dumps(descriptor).encode()
        for each, content in files.items():
            copy.writestr(each, content)
    return changed


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("updates.csv", b",in-progress,", b",almost,", "updates.csv > REV-1 1: Value 'almost' is not a valid choice."),
        ("responses.csv", b"REV-1,1,", b"REV-1,4,", "responses.csv > REV-1 4: would be number 1 here."),
        ("evidence.csv", b",the-report,", b",no-report,", "updates.csv > REV-1 1: names what was not published before"),
        (
            "commitments.csv",
            b",home-office,",
            b",no-office,",
            "commitments.csv > REV-1: The new department, “no-office”",
        ),
        ("commitments.csv", b"2024-01-10", b"2024-01-32", "commitments.csv > REV-1: “2024-01-32” value has"),
        ("funding.csv", b"5000000", b"five", "funding.csv, row 1, has a cell that is not of its column's type."),
        (
            "updates.csv",
            b"The bill was introduced in the House of Commons.",
            b"Short.",
            "Give the reason in at least 30",
        ),
    ],
)
def test_a_package_that_says_what_cannot_be_is_refused_with_its_place(package, name, old, new, sentence):
    changed = change(package, name, lambda content: content.replace(old, new))
    with pytest.raises(CommandError) as refused:
        load(changed)
    assert sentence in str(refused.value)
    assert str(refused.value).endswith("Nothing was loaded.")
    assert (LogEntry.objects.count(), Document.objects.count(), StatusUpdate.objects.count()) == (0, 0, 0)


def test_a_damaged_package_is_refused(package, tmp_path):
    half = tmp_path / "half.zip"
    half.write_bytes(package.read_bytes()[:-100])
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as copy:
        copy.writestr("a.txt", "nothing of the kind")
    cases = {
        half: "is not a zip file, or is damaged.",
        other: "is not a package of the register",
        tmp_path / "none.zip": "cannot be read: No such file or directory.",
        change(package, "topics.csv", bytes.upper, honestly=False): "topics.csv is not the file that datapackage.json",
    }
    for path, sentence in cases.items():
        with pytest.raises(CommandError, match="Nothing was loaded") as refused:
            load(path)
        assert sentence in str(refused.value)
