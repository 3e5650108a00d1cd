"""The database itself refuses to change, delete or add to what is published, whoever asks it; drafts stay free."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from tests.examples import (
    REASON,
    draft_commitment,
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
from tracker import guards, indexing
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    LogEntry,
    Milestone,
    MilestoneDocument,
    MilestoneUpdateDocument,
    Petition,
    Programme,
    Redaction,
    Revision,
    StatusUpdate,
    SupportService,
    Topic,
    Withdrawal,
)

pytestmark = pytest.mark.usefixtures("empty_register")

HISTORY = (
    *("statusupdate", "response", "funding", "milestone", "milestoneupdate", "check", "withdrawal", "relation"),
    *("redaction", "revision", "evidence", "milestonedocument", "milestoneupdatedocument", "logentry"),
)
PARTS = ("evidence", "milestonedocument", "milestoneupdatedocument")
NOUNS = ("commitment", "document", "petition", "department", "programme", "topic", "supportservice")
CACHES = {"statusupdate": {"strength", "rests_on_copies"}, "milestone": {"present_due_on", "met_on"}}


def draft_everything() -> dict[str, models.Model]:
    """Draft one row of each kind; each part belongs to one of the drafts."""
    commitment, other = make_commitment("REV-1"), make_commitment("REV-2")
    about = {"commitment": commitment, "author": make_person("author")}
    standing = publish_as_approver(draft_milestone(commitment))
    changes = {"title": {"before": other.title, "after": "Another title"}}
    update, milestone = draft_update(commitment), draft_milestone(commitment)
    step = draft_step(standing, "2024-05-01", due_on="2024-12-31")
    return {
        "statusupdate": update,
        "response": draft_response(commitment),
        "funding": draft_funding(commitment),
        "milestone": milestone,
        "milestoneupdate": step,
        "check": Check.objects.create(checked_on=dt.date(2024, 5, 1), note="Looked everywhere.", **about),
        "relation": draft_relation(commitment, other),
        "revision": Revision.objects.create(target=other, changes=changes, reason=REASON, author=make_person("author")),
        "evidence": update.evidence.get(),
        "milestonedocument": MilestoneDocument.objects.get(milestone=milestone),
        "milestoneupdatedocument": MilestoneUpdateDocument.objects.get(milestone_update=step),
        "commitment": draft_commitment("REV-3"),
        "document": draft_document("a-draft"),
        "petition": Petition.objects.create(
            number=1, document=make_document(), title="Do it", state="open", ask="Do it.", outcome="partly-met"
        ),
        "department": Department.objects.create(slug="new", name="New", kind="regulator"),
        "programme": Programme.objects.create(
            slug="new", name="New", published_on="2024-01-01", document=make_document(), expected_commitments=0
        ),
        "topic": Topic.objects.create(slug="new", name="New"),
        "supportservice": SupportService.objects.create(name="New", phone="1", used_for="All"),
        "redaction": Redaction.objects.create(phrase="Looked", reason="court-order", author=make_person("author")),
        "withdrawal": Withdrawal.objects.create(reason=REASON, **about),  # the last, for it takes the commitment back
    }


def publish_everything() -> dict[str, models.Model]:
    rows = draft_everything()
    for name, row in rows.items():
        if name not in PARTS:
            publish_as_approver(row)
    return rows | {"logentry": LogEntry.objects.get(sequence=3)}


def run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def refuse(statement: str, *values: Any) -> str:
    """Return the words in which the database refuses a statement."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        run(statement, *values)
    return str(refused.value).partition("\n")[0]


def other_value(field: Any, row: models.Model) -> Any:
    """Return another value than a row has: nothing, where there is something."""
    if field.primary_key:
        return 999_999
    if getattr(row, field.attname) is not None:
        return None
    if isinstance(field, models.DateTimeField):
        return dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    if isinstance(field, models.DateField):
        return dt.date(2020, 1, 1)
    return 1


def change_columns(row: models.Model, fields: list[Any]) -> dict[str, str]:
    """Try to change each column of a row by raw SQL, and return what the database said of each."""
    row.refresh_from_db()
    table, key = row._meta.db_table, row._meta.pk.column
    return {
        field.name: refuse(
            f'UPDATE {table} SET "{field.column}" = %s WHERE {key} = %s',  # noqa: S608
            other_value(field, row),
            row.pk,
        )
        for field in fields
    }


# --- Changing ------------------------------------------------------------------------------------


def test_each_table_of_history_is_guarded():
    tables = {f"tracker_{name}" for name in (*HISTORY, *NOUNS, "lognode", "checkpoint")}
    events = {"UPDATE", "DELETE"} | ({"INSERT"} if connection.vendor == "sqlite" else {"TRUNCATE"})
    expected = {(table, event) for table in tables for event in events}
    expected |= {(f"tracker_{name}", "INSERT") for name in PARTS}

    assert {(guard.table, guard.event) for guard in guards.list_guards(connection)} == expected
    assert guards.find_missing() == []


def test_no_column_of_published_history_changes():
    rows = publish_everything()

    for name in HISTORY:
        row = rows[name]
        fields = [each for each in row._meta.concrete_fields if each.name not in CACHES.get(name, ())]
        sentence = f"What is published in tracker_{name} cannot be changed."
        assert change_columns(row, fields) == {field.name: sentence for field in fields}


def test_the_permanent_names_of_what_is_public_and_who_published_it_do_not_change():
    rows = publish_everything()
    names = {"commitment": "reference", "document": "identifier", "petition": "number", "supportservice": "name"}

    for name in NOUNS:
        fixed = {"id", "published_at", "author", "approver", "created_at", names.get(name, "slug")}
        fields = [field for field in rows[name]._meta.concrete_fields if field.name in fixed]
        sentence = f"What is published in tracker_{name} cannot be changed."
        assert change_columns(rows[name], fields) == dict.fromkeys(fixed, sentence)


def test_the_lowest_door_of_the_models_is_shut_too():
    rows = publish_everything()

    for row, values in {
        rows["statusupdate"]: {"reason": "Something else than what was published."},
        rows["evidence"]: {"note": "Something else."},
        rows["response"]: {"note": "Something else."},
        rows["milestone"]: {"title": "Something else", "met_on": dt.date(2024, 5, 1)},
        rows["logentry"]: {"content": None, "salt": None},
    }.items():
        door = type(row)._base_manager.filter(pk=row.pk)
        before = door.values().get()
        for attempt in ((door.update, values), (door._raw_delete, {"using": "default"})):
            with pytest.raises(IntegrityError, match="What is published in"), transaction.atomic():
                attempt[0](**attempt[1])
        assert door.values().get() == before


# --- Deleting ------------------------------------------------------------------------------------


def test_nothing_published_is_deleted():
    for name, row in publish_everything().items():
        statement = f"DELETE FROM tracker_{name} WHERE {row._meta.pk.column} = %s"  # noqa: S608
        assert refuse(statement, row.pk) == f"What is published in tracker_{name} cannot be deleted."


def test_no_table_of_history_is_emptied():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no TRUNCATE.")
    publish_everything()
    connection.check_constraints()  # it empties no table whose checks are still to come

    for name in (*HISTORY, *NOUNS):
        assert refuse(f"TRUNCATE tracker_{name} CASCADE").startswith("What is published in tracker_")
    assert refuse("TRUNCATE tracker_logentry") == "What is published in tracker_logentry cannot be deleted."


def test_nothing_takes_the_place_of_what_is_published():
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite replaces one row with another.")
    rows = publish_everything()
    draft = draft_update(rows["commitment"], "2024-06-01")

    for name, row in rows.items():
        table, key = f"tracker_{name}", row._meta.pk.column
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {key} = %s"  # noqa: S608
        assert refuse(statement, row.pk).startswith(f"What is published in {table} cannot be ")
    assert refuse("UPDATE OR REPLACE tracker_statusupdate SET id = %s WHERE id = %s", rows["statusupdate"].pk, draft.pk)
    assert refuse("UPDATE OR REPLACE tracker_document SET url = %s WHERE identifier = 'a-draft'", make_document().url)


# --- Parts ---------------------------------------------------------------------------------------


def test_nothing_is_added_to_what_is_published():
    rows = publish_everything()
    law = make_document("the-law")

    for name in PARTS:
        part: Any = rows[name]
        filled = {each.name: getattr(part, each.name) for each in part._meta.concrete_fields if not each.primary_key}
        new = type(part)(**filled | {"document": law})
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            new.save_base(raw=True)
        assert str(refused.value).startswith(f"What is published in tracker_{name} cannot be added to.")


def test_evidence_does_not_move_between_a_draft_and_what_is_published():
    commitment = make_commitment()
    published, draft = publish_as_approver(draft_update(commitment)), draft_update(commitment)

    for owner, part in ((published, draft.evidence.get()), (draft, published.evidence.get())):
        said = refuse("UPDATE tracker_evidence SET status_update_id = %s WHERE id = %s", owner.pk, part.pk)
        assert said == "What is published in tracker_evidence cannot be changed."


# --- What stays free -----------------------------------------------------------------------------


def test_drafts_are_changed_and_deleted_freely():
    rows = draft_everything()

    for name, row in rows.items():
        column = "document_id" if name in PARTS[1:] else "note" if name == "evidence" else "return_note"
        value = make_document("the-law").pk if column == "document_id" else "x"
        assert run(f"UPDATE tracker_{name} SET {column} = %s WHERE id = %s", value, row.pk) == 1  # noqa: S608
    for name in sorted(rows, key=lambda name: name not in PARTS):
        assert run(f"DELETE FROM tracker_{name} WHERE id = %s", rows[name].pk) == 1  # noqa: S608


def test_the_verbs_move_pointers_and_words_as_before():
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment))
    publish_as_approver(draft_update(commitment))
    report = make_document()
    changes = {"strength": {"before": "strong", "after": "moderate"}}

    publish_as_approver(draft_step(milestone, "2024-05-01", due_on="2024-12-31"))
    publish_as_approver(Revision.objects.create(target=report, changes=changes, reason=REASON))

    assert Milestone.objects.values_list("present_due_on", flat=True).get() == dt.date(2024, 12, 31)
    assert StatusUpdate.objects.values_list("strength", flat=True).get() == "moderate"
    assert Commitment.objects.values_list("next_due_on", flat=True).get() == dt.date(2024, 12, 31)
    assert Document.objects.values_list("strength", flat=True).get() == "moderate"


# --- Migrations, and whether they stand ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_guards_survive_migrations_there_and_back_with_history_in_the_tables():
    update = publish_as_approver(draft_update(make_commitment()))
    statement = "UPDATE tracker_statusupdate SET reason = 'x' WHERE id = %s"

    for target in ("0002_roles", None):
        call_command("migrate", "tracker", *filter(None, [target]), verbosity=0)
        assert guards.find_missing() == []
        assert refuse(statement, update.pk) == "What is published in tracker_statusupdate cannot be changed."
    assert "tracker_redaction" in {guard.table for guard in guards.list_guards(connection)}
    assert StatusUpdate.objects.get().reason == REASON


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_built_anew_is_guarded_again():
    update = publish_as_approver(draft_update(make_commitment()))
    table = MigrationLoader(connection).project_state().apps.get_model("tracker", "StatusUpdate")
    field = table._meta.get_field("reason")
    other = models.TextField(null=True)
    other.set_attributes_from_name("reason")

    for before, after in ((field, other), (other, field)):
        for each in (guards, indexing):  # as `migrate` does before it begins
            each.take_down()
        with connection.schema_editor() as editor:
            editor.alter_field(table, before, after)
        assert guards.find_missing() == guards.list_guards(connection)
        call_command("migrate", verbosity=0)
        assert guards.find_missing() == []

    assert refuse("UPDATE tracker_statusupdate SET reason = 'x' WHERE id = %s", update.pk)


@pytest.mark.parametrize("event", ["update", "delete"])
def test_a_guard_that_was_weakened_is_missed_and_mended(event):
    guard = next(each for each in guards.list_guards(connection) if each.name == f"guard_{event}_tracker_topic")
    if connection.vendor == "sqlite":
        run(f"DROP TRIGGER {guard.name}")
        run(f"CREATE TRIGGER {guard.name} BEFORE {event.upper()} ON tracker_topic BEGIN SELECT 1; END")
    else:
        connection.check_constraints()
        run(f"ALTER TABLE tracker_topic DISABLE TRIGGER {guard.name}")

    assert guards.find_missing() == [guard]
    guards.put_up()
    assert guards.find_missing() == []


def test_what_a_test_sets_aside_stands_again():
    row = publish_as_approver(draft_update(make_commitment()))

    with guards.set_aside():
        assert run("UPDATE tracker_statusupdate SET reason = 'x' WHERE id = %s", row.pk) == 1

    assert refuse("UPDATE tracker_statusupdate SET reason = 'y' WHERE id = %s", row.pk)
