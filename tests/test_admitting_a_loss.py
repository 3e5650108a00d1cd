"""Where an older backup is all that is left, the log says what was lost, and every reader can tell that it was."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from tests.examples import draft_update, make_commitment, publish_as_approver
from tests.log import download, verify
from tests.programs import need
from tests.reading import Page
from tracker.auditing import find_broken_invariants
from tracker.models import Checkpoint, Commitment, LogEntry, LogHead, StatusUpdate
from tracker.publishing import LogIsBroken

pytestmark = [pytest.mark.django_db(transaction=True)]
WHY = "The disk failed on Monday, and the newest backup was of Sunday night."


@pytest.fixture
def older(transactional_db: None, empty_register: None, tmp_path: Path) -> Path:
    """A backup after which two more updates were published; a reader has the checkpoint over both."""
    if connection.vendor == "postgresql":
        need("pg_dump")
    commitment = make_commitment("REV-1")
    publish_as_approver(draft_update(commitment))
    call_command("backup", tmp_path / "older.zip", stdout=io.StringIO())
    for day in ("2024-04-01", "2024-05-01"):
        publish_as_approver(draft_update(commitment, day))
    (tmp_path / "saved").write_text(Checkpoint.objects.first().note)
    return tmp_path / "older.zip"


def admit(**options: object) -> str:
    said = io.StringIO()
    call_command("admit_loss", reason=WHY, stdout=said, **options)
    return said.getvalue()


def draft_again() -> StatusUpdate:
    return draft_update(Commitment.objects.get(reference="REV-1"), "2024-06-01")


def test_after_an_older_backup_the_log_says_what_is_lost_and_goes_on(older: Path, tmp_path: Path):
    last = LogHead.objects.get().sequence
    call_command("restore", older, replace=True, stdout=io.StringIO())
    with pytest.raises(LogIsBroken, match="if there is none, see manage"):
        publish_as_approver(draft_again())

    assert admit() == f"Entry {last - 1} of the log says what was lost. Publishing goes on.\n"

    entry = LogEntry.objects.first()
    lost = {"first": last - 1, "last": last, "checkpoint": (tmp_path / "saved").read_text().split("\n\n")[0] + "\n"}
    assert (entry.kind, entry.subject, entry.content) == ("loss", "log", lost | {"reason": WHY})
    publish_as_approver(StatusUpdate.objects.drafts().first())
    assert list(find_broken_invariants()) == []
    admit(checkpoint=tmp_path / "saved")  # as somebody would whose first attempt was killed before its last step
    assert LogEntry.objects.filter(kind="loss").count() == 1

    # Whoever checks finds the log sound, and the reader who kept the later checkpoint finds what she must.
    folder = download(tmp_path / "copy")
    assert verify(folder)[0] == 0
    found, sentence = verify(folder, "--earlier", tmp_path / "saved")
    assert (found, sentence) == (
        1,
        f"NOT RIGHT. {tmp_path / 'saved'} does not fit: the first other entry is from 1 to {last}.",
    )
    words = f"entries {last - 1} to {last} were lost, and the log went on from an older copy. {WHY}"
    assert words in Page(Client().get("/log/")).text
    assert f"collwyd cofnodion {last - 1} i {last}" in Page(Client().get("/cy/log/")).text


def test_what_is_not_lost_is_not_admitted(older: Path, tmp_path: Path):
    for options, why in (
        ({}, "Nothing is lost: all"),
        ({"checkpoint": tmp_path / "none"}, "No checkpoint is kept here"),
        ({"checkpoint": older}, "is not a checkpoint"),
    ):
        with pytest.raises(CommandError, match=why):
            admit(**options)
    last = LogHead.objects.get().sequence
    (tmp_path / "forged").write_text((tmp_path / "saved").read_text().replace(f"\n{last}\n", "\n99\n"))
    with pytest.raises(CommandError, match="is not signed with the register's key"):
        admit(checkpoint=tmp_path / "forged")
    with pytest.raises(CommandError, match="at least 30 characters"):
        call_command("admit_loss", reason="Lost.")
    assert not LogEntry.objects.filter(kind="loss").exists()


def test_on_a_new_machine_a_readers_checkpoint_tells_what_is_lost(older: Path, tmp_path: Path):
    """The copy beside the key is gone with the disk, and the log went on before anybody told."""
    last = LogHead.objects.get().sequence
    call_command("restore", older, replace=True, stdout=io.StringIO())
    for path in (settings.LOG_FOLDER / "checkpoints").iterdir():
        path.unlink()
    for day in ("2024-06-01", "2024-07-01"):
        publish_as_approver(draft_update(Commitment.objects.get(reference="REV-1"), day))

    admit(checkpoint=tmp_path / "saved")

    assert LogEntry.objects.first().content["first"] is None
    assert f"entries up to {last} were lost" in Page(Client().get("/log/")).text
    assert list(find_broken_invariants()) == []
