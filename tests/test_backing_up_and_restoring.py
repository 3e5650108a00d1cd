"""A backup made while people work is restored elsewhere before it is kept; a damaged one changes nothing."""

import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import product
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.examples import draft_commitment, draft_update, make_commitment, publish_as_approver
from tests.places import connected_to, new_database, run_on_server
from tests.programs import need
from tracker.auditing import find_broken_invariants, find_faults_of_the_log
from tracker.backups import COPIES, Manifest, NoGoodBackup, name_elsewhere, restore_backup
from tracker.models import Commitment, LogHead, StatusUpdate
from tracker.publishing import find_witness

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_register")]


@pytest.fixture(autouse=True)
def programs() -> None:
    if connection.vendor == "postgresql":
        need("pg_dump")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of this register, with one commitment, its update and a draft."""
    fill_register()
    return back_up(tmp_path / "good.zip")


@pytest.fixture(scope="module")
def kept(emptied: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A backup of another register, for whatever is not about what it holds: to make one takes seconds."""
    with django_db_blocker.unblock(), connected_to(emptied):
        fill_register()
        return back_up(tmp_path_factory.mktemp("kept") / "good.zip")


@pytest.fixture
def elsewhere(kept: Path, tmp_path: Path) -> Path:
    return shutil.copy(kept, tmp_path / kept.name)


def fill_register() -> None:
    publish_as_approver(draft_update(make_commitment("REV-1")))
    draft_commitment("REV-2")


def back_up(path: Path) -> Path:
    said = io.StringIO()
    call_command("backup", path, stdout=said)
    entries = LogHead.objects.get().sequence
    assert said.getvalue() == f"Wrote {path}: {entries} entries of the log, restored elsewhere and checked.\n"
    return path


def list_leftovers() -> list[str]:
    """Return the databases that a restore of this one into a new place left behind on the server."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return []
        ours = name_elsewhere(connection.settings_dict["NAME"])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [ours])
        return [name for (name,) in cursor.fetchall()]


def test_what_was_lost_comes_back_with_drafts_log_and_guards(backup: Path):
    head = LogHead.objects.get()
    publish_as_approver(draft_update(Commitment.objects.get(reference="REV-1"), "2025-03-01"))
    Commitment.objects.get(reference="REV-2").delete()

    said = io.StringIO()
    call_command("restore", backup, replace=True, stdout=said)

    assert f"with {head.sequence} entries of the log" in said.getvalue()
    restored = LogHead.objects.get()
    assert (restored.sequence, restored.root_hash) == (head.sequence, head.root_hash)
    ours = Commitment.objects.filter(reference__startswith="REV-").order_by("reference")
    assert list(ours.values_list("reference", flat=True)) == ["REV-1", "REV-2"]
    assert StatusUpdate.objects.filter(commitment__in=ours).count() == 1
    assert list_leftovers() == []
    (fault,) = find_broken_invariants()
    assert fault.startswith(
        f"The log has {head.sequence} entries, but a checkpoint over {head.sequence + 1} was signed"
    )
    with pytest.raises(CommandError, match="The log is not as it was published"):
        call_command("verify_log", stderr=said)
    assert fault in said.getvalue()
    find_witness(restored.origin).unlink()
    assert list(find_broken_invariants()) == []


def test_only_whoever_made_it_reads_it_and_it_says_what_it_holds(backup: Path):
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    manifest = json.loads(zipfile.ZipFile(backup).read("manifest.json"))
    head = LogHead.objects.get()
    assert (manifest["engine"], manifest["entries"], manifest["root"]) == (
        *(connection.vendor, head.sequence, head.root_hash),
    )
    assert [each.name for each in backup.parent.iterdir()] == ["good.zip"]


def test_a_database_with_something_published_is_not_replaced_by_accident(elsewhere: Path):
    make_commitment("REV-1")
    with pytest.raises(CommandError, match="With --replace it is lost"):
        call_command("restore", elsewhere)


def test_a_backup_never_replaces_another(elsewhere: Path):
    before = elsewhere.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", elsewhere)
    assert elsewhere.read_bytes() == before


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "cut short":
        path.write_bytes(content[: len(content) // 2])
    elif how == "no zip":
        path.write_bytes(b"not a backup")
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(parts["manifest.json"])
        if how == "other bytes":
            manifest["sha256"] = "0" * 64
        elif how == "another log":
            manifest["root"] = "0" * 64
        elif how == "another engine":
            manifest["engine"] = "mysql"
        parts["manifest.json"] = b"{}" if how == "no manifest" else json.dumps(manifest).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)


@pytest.mark.parametrize("how", ["cut short", "no zip", "other bytes", "another log", "another engine", "no manifest"])
def test_a_backup_that_is_not_whole_is_refused_and_nothing_changes(elsewhere: Path, how: str):
    make_commitment("REV-1")
    head = LogHead.objects.get().root_hash
    damage(elsewhere, how)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("restore", elsewhere, replace=True)
    assert LogHead.objects.get().root_hash == head
    assert list_leftovers() == []


def test_no_bit_can_change_without_a_sentence(tmp_path: Path):
    """It says that it is of another database, so that where the change does no harm nothing is restored either."""
    engine, name = next(each for each in COPIES.items() if each[0] != connection.vendor)
    copy = b"".join(b"%d " % number for number in range(300))
    manifest = Manifest(engine, "2026-11-29T02:00:00+00:00", hashlib.sha256(copy).hexdigest(), 1, "0" * 64)
    path = tmp_path / "backup.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(asdict(manifest)))
        archive.writestr(name, copy)
    whole, said = path.read_bytes(), set()
    for position, bit in product(range(len(whole)), range(8)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1 << bit]) + whole[position + 1 :])
        with pytest.raises(NoGoodBackup) as refused:
            restore_backup(path)
        said.add(str(refused.value))
    damaged, elsewhere = sorted(said, key=lambda sentence: "damaged" not in sentence)
    assert damaged == f"{path} is no backup of a register, or it is damaged."
    assert elsewhere == f"{path} is of {engine}; this database is {connection.vendor}."


def test_a_register_whose_log_was_tampered_with_is_not_kept_as_a_backup(tmp_path: Path):
    make_commitment("REV-1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_loghead SET root_hash = %s", ["0" * 64])
    with pytest.raises(CommandError, match="does not hold a good log"):
        call_command("backup", tmp_path / "bad.zip")
    assert list(tmp_path.iterdir()) == []
    assert list_leftovers() == []


@pytest.mark.django_db(transaction=False)
def test_backups_made_while_people_publish_are_all_good(
    emptied: str, tmp_path: Path, at_length: bool, record_property: Callable[[str, Any], None]
):
    with connected_to(emptied), ThreadPoolExecutor(1) as somebody:
        commitment = make_commitment("REV-3")
        stop = Event()
        published = somebody.submit(publish_until, stop, commitment)
        try:
            sizes = [back_up_and_read_back(tmp_path, number) for number in range(30 if at_length else 2)]
        finally:
            stop.set()  # or a backup that fails would be waited for, for ever
        assert published.result() > 0
    record_property("backups restored", len(sizes))
    record_property("updates published meanwhile", published.result())
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def publish_until(stop: Event, commitment: Commitment) -> int:
    """Publish one update after the other until told to stop, and say how many."""
    count = 0
    try:
        while not stop.is_set():
            publish_as_approver(draft_update(commitment, f"2024-{3 + count % 9:02}-{1 + count % 28:02}"))
            count += 1
    finally:
        connection.close()
    return count


def back_up_and_read_back(folder: Path, number: int) -> int:
    """Make a backup, put it into a new database, and return how many entries its log has; the log is sound."""
    path = folder / f"{number}.zip"
    call_command("backup", path, stdout=io.StringIO())
    with new_database(folder / f"restored-{number}.sqlite3") as url, connected_to(url):
        call_command("restore", path, stdout=io.StringIO())
        assert list(find_faults_of_the_log()) == []
        return LogHead.objects.get().sequence


def test_what_a_backup_that_was_killed_has_left_is_cleared_away(tmp_path: Path):
    (tmp_path / ".backup-killed").mkdir()
    publish_as_approver(draft_update(make_commitment("REV-1")))
    if connection.vendor == "postgresql":
        run_on_server(f"CREATE DATABASE {name_elsewhere(connection.settings_dict['NAME'])}killed")
    back_up(tmp_path / "good.zip")
    assert [each.name for each in tmp_path.iterdir()] == ["good.zip"]
    assert list_leftovers() == []


def test_what_a_restore_that_was_killed_has_left_is_cleared_away(elsewhere: Path):
    leftover = settings.LOG_FOLDER / ".backup-killed"
    leftover.mkdir(parents=True)
    (leftover / "database").write_bytes(b"accounts and drafts")
    call_command("restore", elsewhere, replace=True, stdout=io.StringIO())
    assert not list(settings.LOG_FOLDER.glob(".backup-*"))
    assert LogHead.objects.exists()


def test_a_folder_may_have_any_name(elsewhere: Path, tmp_path: Path, settings: Any):
    settings.LOG_FOLDER = tmp_path / "of 2026 #1? 100%25"
    call_command("restore", elsewhere, replace=True, stdout=io.StringIO())
    assert LogHead.objects.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    path = tmp_path / "none.zip"
    with pytest.raises(CommandError) as refused:
        call_command("restore", path)
    assert str(refused.value) == f"The backup was not put back. {path}: No such file or directory. Nothing was changed."


def test_the_copy_opens_in_the_databases_own_program(kept: Path, tmp_path: Path):
    with zipfile.ZipFile(kept) as archive:
        (name,) = set(archive.namelist()) - {"manifest.json"}
        copy = archive.extract(name, tmp_path)
    if connection.vendor == "sqlite":
        assert sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    else:
        listed = subprocess.run([need("pg_restore"), "--list", copy], capture_output=True, text=True, check=True)
        assert "TABLE DATA public tracker_logentry" in listed.stdout
