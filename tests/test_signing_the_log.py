"""Each publication signs what the log then is, once; and nothing is signed that contradicts what was signed before."""

import base64
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.desk import Desk, make_staff, read_messages
from tests.examples import (
    draft_document,
    draft_update,
    make_commitment,
    make_document,
    make_person,
    publish_as_approver,
)
from tracker import guards
from tracker.merkle import find_nodes, hash_span
from tracker.models import Checkpoint, Document, LogEntry, LogHead, StatusUpdate, Topic, read_nodes
from tracker.publishing import (
    LogIsBroken,
    PublicationRefused,
    as_if_published,
    find_newest_checkpoint,
    hold_the_line,
    publication,
    publish,
    publish_batch,
    submit,
    witness,
)
from tracker.publishing.signing import read_signer
from tracker.verify import read_keys, read_note

pytestmark = pytest.mark.usefixtures("empty_register")

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    """A folder of its own for the key and the copies of checkpoints."""
    settings.LOG_FOLDER = tmp_path / "var"
    return settings.LOG_FOLDER


def sizes() -> list[int]:
    return list(Checkpoint.objects.order_by("size").values_list("size", flat=True))


def run(statement: str, *values: object) -> None:
    """Change the database behind the back of the models and the verbs."""
    with guards.set_aside(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def refuse(sentence: str) -> None:
    """Try to publish, and to load; nothing may come of it."""
    before = (LogEntry.objects.count(), sizes(), Document.objects.published().count())
    draft = draft_document(f"draft-{Document.objects.count()}")
    for attempt in (
        lambda: publish(draft, by=make_person("approver")),
        lambda: publish_batch("Files", {}, [draft]),
    ):
        with pytest.raises(LogIsBroken, match=sentence):
            attempt()
        assert (LogEntry.objects.count(), sizes(), Document.objects.published().count()) == before


# --- What is signed --------------------------------------------------------------------------


def test_each_publication_signs_the_log_as_it_then_is():
    make_commitment()
    publish_as_approver(draft_update(make_commitment("REV-2")))

    head = LogHead.objects.get()
    newest = find_newest_checkpoint()
    assert sizes() == [1, 2, 3, 4, 5, 6]
    assert (newest.size, newest.root_hash, newest.at) == (6, head.root_hash, LogEntry.objects.get(sequence=6).at)
    for checkpoint in Checkpoint.objects.all():
        note = read_note("it", checkpoint.note.encode(), read_keys([checkpoint.key]))
        root = hash_span((0, note.size), read_nodes(find_nodes((0, note.size))).__getitem__)
        assert (note.origin, note.size, note.root) == (head.origin, checkpoint.size, root)
        assert checkpoint.root_hash == root.hex()


def test_a_load_is_signed_once():
    publish_batch("Files", {}, [draft_document("a"), draft_document("b")])
    assert sizes() == [3]


def test_a_log_is_named_after_the_site_and_never_like_another(settings):
    settings.SITE_URL = "https://register.example.org:8443"
    make_document()
    first = LogHead.objects.get().origin
    run("DELETE FROM tracker_loghead")
    run("DELETE FROM tracker_checkpoint")
    run("DELETE FROM tracker_logentry")
    settings.SITE_URL = "http://[::1]:8000"
    publish_as_approver(draft_document("another"))
    second = LogHead.objects.get().origin

    assert first.startswith("register.example.org/log/")
    assert second.startswith("::1/log/")
    assert len({origin.rsplit("/", 1)[1] for origin in (first, second)}) == 2
    settings.SITE_URL = "https://elsewhere.example.org"
    publish_as_approver(draft_document("one-more"))
    assert LogHead.objects.get().origin == second


def test_what_publishes_nothing_signs_nothing(django_capture_on_commit_callbacks, folder):
    refused = draft_update(make_commitment(), evidence=None)
    draft = draft_document("a-draft")
    with django_capture_on_commit_callbacks(execute=True) as promised:
        with hold_the_line():
            pass
        with publication():
            pass
        with as_if_published(draft):
            pass
        with pytest.raises(PublicationRefused):
            publish(refused, by=make_person("approver"))
    assert (sizes(), promised, folder.exists()) == ([1, 2, 3, 4], [], False)


def test_time_never_runs_backwards_in_the_log(monkeypatch):
    make_document()
    last = LogEntry.objects.get().at
    monkeypatch.setattr("django.utils.timezone.now", lambda: last.replace(year=2001))

    later = publish_as_approver(draft_document("later"))

    assert LogEntry.objects.latest("sequence").at == last == later.published_at


# --- The copy beside the key -----------------------------------------------------------------


def test_the_newest_checkpoint_is_kept_outside_the_database(django_capture_on_commit_callbacks, folder):
    for name in ("a", "b"):
        with django_capture_on_commit_callbacks(execute=True):
            publish_as_approver(draft_document(name))
        path = folder / "checkpoints" / f"{LogHead.objects.get().origin.rsplit('/', 1)[1]}.txt"
        assert path.read_text() == find_newest_checkpoint().note
    first = Checkpoint.objects.get(size=1)
    witness.keep(LogHead.objects.get().origin, 1, first.note)
    assert path.read_text() == find_newest_checkpoint().note  # a slower process does not take it back


def test_a_publication_that_was_taken_back_is_not_kept(django_capture_on_commit_callbacks, folder):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        publish_as_approver(draft_document("a"))
        transaction.set_rollback(True)
    assert not folder.exists()


def test_an_old_backup_that_was_put_back_signs_no_second_history():
    make_commitment()
    head = LogHead.objects.get()
    signer = read_signer(head.origin, is_new=False)
    witness.keep(head.origin, 9, signer.sign(9, bytes(32)))

    refuse(
        r"^The log has 4 entries, but a checkpoint over 9 was signed, and readers may have it: see .*\.txt\. "
        r"Most likely an old backup of the database was put back\. "
        r"Put back a backup that has entry 9 of the log; if there is none, see manage\.py admit_loss\. "
        r"Nothing was published\.$"
    )


def test_a_log_that_was_changed_since_its_copy_was_kept_signs_nothing():
    make_commitment()
    origin = LogHead.objects.get().origin
    witness.keep(origin, 3, read_signer(origin, is_new=False).sign(3, bytes(32)))

    refuse("^The first 3 entries of the log are not those that were signed: see .*verify_log")


def test_a_copy_that_cannot_be_read_stops_publishing():
    make_commitment()
    origin = LogHead.objects.get().origin
    witness.keep(origin, 4, find_newest_checkpoint().note)
    witness.find_path(origin).write_text("x")

    refuse("^The copy of the newest checkpoint cannot be read: .* is not a checkpoint. Nothing was published.$")


def test_an_older_copy_or_none_stops_nothing():
    make_commitment()
    origin = LogHead.objects.get().origin
    witness.keep(origin, 3, Checkpoint.objects.get(size=3).note)
    make_document("another")
    witness.find_path(origin).unlink()
    make_document("one-more")

    assert sizes() == [1, 2, 3, 4, 5, 6]


# --- Never another history -------------------------------------------------------------------

BROKEN = {
    "UPDATE tracker_loghead SET sequence = 3": "does not stand at its last entry",
    "UPDATE tracker_loghead SET sequence = 5": "does not stand at its last entry",
    "DELETE FROM tracker_logentry WHERE sequence = 4": "does not stand at its last entry",
    "UPDATE tracker_lognode SET hash = 'ff' WHERE level = 2": "does not have the root",
    "DELETE FROM tracker_lognode WHERE level = 2": "does not have the root",
    "UPDATE tracker_loghead SET root_hash = 'ff'": "does not have the root",
    "DELETE FROM tracker_checkpoint WHERE size = 4": "it has 4 entries, and the newest checkpoint is over 3",
    "UPDATE tracker_checkpoint SET size = 9 WHERE size = 4": "it has 4 entries, and the newest checkpoint is over 9",
    "UPDATE tracker_checkpoint SET root_hash = 'ff' WHERE size = 4": "not the one that was signed last",
    "UPDATE tracker_checkpoint SET note = 'x' WHERE size = 4": "The newest checkpoint is not a checkpoint",
    "UPDATE tracker_checkpoint SET key = 'x' WHERE size = 4": "This is not a public key",
    "UPDATE tracker_checkpoint SET note = (SELECT note FROM tracker_checkpoint WHERE size = 3) WHERE size = 4": (
        "The newest checkpoint does not say what was signed"
    ),
    "UPDATE tracker_loghead SET origin = 'example.org/log/00000000'": "does not say what was signed",
}


@pytest.mark.parametrize("statement", BROKEN)
def test_a_log_that_is_not_the_one_signed_last_signs_nothing(statement):
    make_commitment()
    run(statement)

    refuse(BROKEN[statement])


def test_a_load_into_a_broken_log_says_so():
    publish_as_approver(Topic.objects.create(slug="another", name="Another"))
    run("UPDATE tracker_loghead SET sequence = 3")

    with pytest.raises(
        CommandError, match=r"^The log's head does not stand at its last entry\. Nothing was published\.$"
    ):
        call_command("load_register", verbosity=0)


def test_a_reviewer_is_told_why_nothing_is_published():
    update = draft_update(make_commitment())
    submit(update, by=make_person("author"))
    run("UPDATE tracker_loghead SET sequence = 3")
    rita, sentence = Desk(make_staff("rita", "Reviewer")), "The log's head does not stand at its last entry."

    said = read_messages(rita.decide(update, "_publish")) + read_messages(
        rita.act("statusupdate", "publish_those_without_warnings", update)
    )

    assert [sentence in each for each in said] == [True, True]
    assert not StatusUpdate.objects.published().exists()


# --- The key ---------------------------------------------------------------------------------


def test_a_key_is_made_at_the_first_publication_and_stays(settings, folder):
    settings.LOG_KEY = ""
    assert not folder.exists()

    make_document()
    make_document("another")

    path = folder / "log-key"
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert len(base64.b64decode(path.read_text(), validate=False)) == 32
    assert [each.name for each in folder.iterdir()] == ["log-key"]
    assert len(set(Checkpoint.objects.values_list("key", flat=True))) == 1


def test_a_key_that_is_lost_is_never_replaced_silently(settings, folder):
    settings.LOG_KEY = ""
    make_document()
    (folder / "log-key").unlink()
    refuse(r"^The key that signs the log is not at .*log-key\. Put the key back in its place, or set LOG_KEY to it\.")
    (folder / "log-key").write_text("x")
    refuse("^The file log-key holds no key")


def test_a_copy_that_this_user_may_not_read_is_no_fault_of_the_log(folder):
    make_commitment()
    path = witness.find_path(LogHead.objects.get().origin)
    path.mkdir(parents=True)  # whoever runs the tests may read every file, but no folder as one

    said = "^The copy of the newest checkpoint cannot be read: .*Is a directory"
    refuse(said)
    with pytest.raises(CommandError, match=said):
        call_command("verify_log", stderr=io.StringIO())
    (broken,) = find_what_is_broken()
    assert re.match(said, broken)


def find_what_is_broken() -> list[str]:
    """Have check_register look at the register, and return what it says is broken."""
    err = io.StringIO()
    try:
        call_command("check_register", stdout=io.StringIO(), stderr=err)
    except CommandError:
        return err.getvalue().splitlines()
    return []


def test_a_register_without_the_key_of_its_log_is_not_sound(settings, folder):
    """Or a restored one would pass for whole until somebody published."""
    settings.LOG_KEY = ""
    assert find_what_is_broken() == []  # nothing was signed yet, and no key is made by looking
    assert not folder.exists()
    make_document()
    assert find_what_is_broken() == []

    settings.LOG_KEY = KEY
    assert find_what_is_broken() == [
        "The key that is here to sign the log is not the one that signed its newest checkpoint. Put the key back in "
        "its place, or set LOG_KEY to it. If it was changed on purpose, the next publication says so to the readers."
    ]
    make_document("another")
    assert find_what_is_broken() == []

    settings.LOG_KEY = ""
    (folder / "log-key").unlink()
    (said,) = find_what_is_broken()
    assert said.startswith(f"The key that signs the log is not at {folder / 'log-key'}.")


def test_another_key_goes_on_where_the_first_one_stopped(settings, client):
    make_document()
    first = find_newest_checkpoint()
    settings.LOG_KEY = KEY
    make_document("another")
    make_document("one-more")

    second = find_newest_checkpoint()
    assert first.key != second.key
    assert client.get("/log/key").content.decode() == f"{second.key}\n{first.key}\n"
    call_command("verify_log", verbosity=0)


def test_a_checkpoint_of_another_key_must_be_signed_all_the_same(settings):
    make_document()
    settings.LOG_KEY = KEY
    run("UPDATE tracker_checkpoint SET note = REPLACE(note, '— ', '— x')")

    refuse("^The newest checkpoint is not")


def test_a_folder_that_cannot_be_written_asks_for_the_setting(settings, tmp_path):
    settings.LOG_KEY = ""
    (tmp_path / "file").touch()
    settings.LOG_FOLDER = tmp_path / "file" / "var"

    with pytest.raises(LogIsBroken, match=r"cannot be kept at .*log-key: .*\. Set LOG_KEY\.$"):
        publish_as_approver(draft_document("a"))
    assert Document.objects.published().count() == 0


@pytest.mark.once
def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    code = (
        "import pathlib, sys, django; from django.conf import settings; django.setup();"
        "settings.LOG_KEY = ''; settings.LOG_FOLDER = pathlib.Path(sys.argv[1]);"
        "from tracker.publishing.signing import read_signer;"
        "sys.stdin.read(); print(read_signer('x', is_new=True).verifier_key)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            cwd=Path(__file__).parent.parent,
            text=True,
        )
        for _ in range(4)
    ]
    keys = {process.communicate()[0] for process in processes}
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["log-key"]
