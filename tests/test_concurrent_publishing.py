"""Several people who publish at the same moment: real threads and real transactions, on both databases."""

import io
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from tests.examples import (
    D,
    draft_milestone,
    draft_response,
    draft_update,
    make_commitment,
    make_person,
    publish_as_approver,
    small_files,
    write_files,
)
from tests.packages import read_lines
from tracker.exports.package import build_package
from tracker.models import Commitment, LogEntry, StatusUpdate
from tracker.publishing import AlreadyPublished, publish, publish_status_update

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shared_database")]


@pytest.fixture
def shared_database(transactional_db: None, empty_register: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads share as the site's workers do: on SQLite a file, for memory knows no waiting in line."""
    if connection.vendor != "sqlite":
        yield
        return
    in_memory, name = connections["default"], connection.settings_dict["NAME"]
    path = tmp_path / "register.sqlite3"
    with sqlite3.connect(path) as copy:
        in_memory.connection.backup(copy)
    copy.close()
    del connections["default"]
    connection.settings_dict["NAME"] = str(path)
    yield
    connection.close()
    connection.settings_dict["NAME"] = name
    connections["default"] = in_memory


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run each task in a thread of its own, all from the same moment; return what each returned or raised."""
    start = threading.Barrier(len(tasks))
    outcomes: list[Any] = [None] * len(tasks)

    def run(place: int) -> None:
        try:
            start.wait()
            outcomes[place] = tasks[place]()
        except Exception as error:  # noqa: BLE001 - every outcome is returned to the test
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def check_register() -> list[str]:
    out = io.StringIO()
    call_command("check_register", stdout=out)
    return out.getvalue().splitlines()


SOUND = "The register is sound: 16 kinds of invariant hold."


def test_of_two_people_who_publish_the_same_update_one_is_told_that_it_is_published():
    commitment = make_commitment()
    draft = draft_update(commitment)
    people = [make_person("first"), make_person("second")]
    before = LogEntry.objects.count()

    outcomes = at_once(
        *(lambda by=by: publish_status_update(StatusUpdate.objects.get(pk=draft.pk), by=by) for by in people)
    )

    assert Counter(type(outcome) for outcome in outcomes) == {LogEntry: 1, AlreadyPublished: 1}
    assert LogEntry.objects.count() == before + 1
    winner = people[[type(outcome) for outcome in outcomes].index(LogEntry)]
    stored = StatusUpdate.objects.get()
    assert (stored.number, stored.approver) == (1, winner)
    assert Commitment.objects.get().current_update == stored


def test_eight_people_who_publish_at_once_leave_one_unbroken_log_and_the_right_pointers():
    commitments = [make_commitment("REV-1"), make_commitment("REV-2")]
    type(commitments[0].programme).objects.update(expected_commitments=2)
    approver = make_person("approver")
    before = LogEntry.objects.count()
    drafts = [
        [
            draft_update(commitments[person % 2], f"2024-0{turn + 3}-{person + 1:02}", status=status)
            for turn, status in enumerate(["in-progress", "partly-delivered", "delivered"])
        ]
        + [draft_response(commitments[person % 2], f"2024-02-{person + 1:02}")]
        for person in range(8)
    ]

    def publish_all(records: list[Any]) -> int:
        return len([publish(record, by=approver) for record in records])

    outcomes = at_once(*(lambda records=records: publish_all(records) for records in drafts))

    assert outcomes == [4] * 8
    assert list(LogEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, before + 33))
    for commitment, last in zip(Commitment.objects.order_by("reference"), (7, 8), strict=True):
        assert commitment.current_update.as_of == D(f"2024-05-0{last}")
        assert commitment.current_response.on == D(f"2024-02-0{last}")
        assert sorted(commitment.status_updates.values_list("number", flat=True)) == list(range(1, 13))
        assert sorted(commitment.responses.values_list("number", flat=True)) == list(range(1, 5))
    assert check_register()[-1] == SOUND


def test_delivery_and_a_new_milestone_published_at_once_are_judged_one_after_the_other():
    commitment = make_commitment()
    delivered, milestone = draft_update(commitment, status="delivered"), draft_milestone(commitment)
    approver = make_person("approver")

    outcomes = at_once(
        lambda: publish(delivered, by=approver),
        lambda: publish(milestone, by=approver),
    )

    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds in (["LogEntry", "LogEntry"], ["PublicationRefused", "LogEntry"])
    assert check_register()[-1] == SOUND


def test_the_register_loaded_twice_at_once_is_loaded_once(tmp_path):
    folder = write_files(tmp_path / "register", small_files())

    def load() -> str:
        out = io.StringIO()
        call_command("load_register", str(folder), stdout=out)
        return out.getvalue().splitlines()[-1]

    outcomes = at_once(load, load)

    assert sorted(str(outcome).partition(" ")[0] for outcome in outcomes) == ["Everything", "Loaded"]
    assert LogEntry.objects.filter(kind="load").count() == 1
    assert StatusUpdate.objects.count() == 3
    assert check_register()[-1] == SOUND


def test_a_package_is_of_one_moment_though_somebody_publishes_while_it_is_written(tmp_path):
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment))
    draft, approver = draft_update(commitment, "2024-04-01", status="delivered"), make_person("approver")
    newest = LogEntry.objects.first().sequence
    outcomes: list[Any] = []

    def publish_meanwhile(said: str) -> None:
        if said == "commitments: 1 rows":
            outcomes.extend(at_once(lambda: publish(StatusUpdate.objects.get(pk=draft.pk), by=approver)))

    stand = build_package(tmp_path, report=publish_meanwhile)

    assert [type(outcome) for outcome in outcomes] == [LogEntry]
    assert stand.entry == newest
    tables = read_lines(tmp_path / "current" / "register.jsonl")
    assert [row["status"] for row in tables["commitments"]] == ["in-progress"]
    assert [row["status"] for row in tables["updates"]] == ["in-progress"]
    assert build_package(tmp_path, report=str).entry == newest + 1
    tables = read_lines(tmp_path / "current" / "register.jsonl")
    assert [row["status"] for row in tables["updates"]] == ["in-progress", "delivered"]


def just_after_reading(table: str, task: Callable[[], Any]) -> Callable[..., Any]:
    """Return a wrapper for queries that lets somebody else do a task, once, before the one after a table was read."""
    done: list[str] = []

    def wrap(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if done == ["read"]:
            done.append("done")
            (outcome,) = at_once(task)
            assert not isinstance(outcome, Exception), outcome
        if not done and sql.startswith(f'SELECT "{table}".'):
            done.append("read")
        return execute(sql, parameters, many, context)

    return wrap


@pytest.mark.parametrize(
    ("ending", "table", "mark"),
    [("atom", "tracker_statusupdate", b"<entry>"), ("ics", "tracker_milestone", b"BEGIN:VEVENT")],
)
def test_what_leaves_an_answer_while_it_is_read_stays_in_it_as_it_was_asked_for(ending: str, table: str, mark: bytes):
    for reference in ("REV-1", "REV-2"):
        commitment = make_commitment(reference)
        publish_as_approver(draft_milestone(commitment))
        publish_as_approver(draft_update(commitment, status="in-progress"))
    leaving = draft_update(commitment, "2024-04-01", status="partly-delivered")
    address = f"/commitments.{ending}?status=in-progress"
    before = Client().get(address)
    with connection.execute_wrapper(just_after_reading(table, lambda: publish_as_approver(leaving))):
        meanwhile = Client().get(address)
    leaving.refresh_from_db()
    assert leaving.is_published
    assert (before.content.count(mark), meanwhile.status_code, meanwhile.content) == (2, 200, before.content)
    assert Client().get(address).content.count(mark) == 1
