"""A full disk takes nothing that was there: batches are whole or not at all, reads go on, and staff are told why."""

from __future__ import annotations

import io
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.copies import empty_the_register
from tests.desk import Desk, clean, make_staff
from tests.examples import draft_update, make_person, small_commitment, small_files, write_files
from tests.places import Server, connected_to, copy_to_file
from tests.programs import leave_out, need
from tracker.auditing import find_broken_invariants
from tracker.exports.package import find_package
from tracker.models import Commitment, LogEntry, LogHead, StatusUpdate
from tracker.publishing import submit

pytestmark = pytest.mark.django_db
NO_ROOM = "No space left on device|disk is full"
MEGABYTES = {"sqlite": 12, "postgresql": 80}
LETTERS = random.Random(1)  # noqa: S311 - they are to be many, not secret
LONG = "".join(LETTERS.choices("abcdefghijklmnopqrstuvwxyz ", k=300_000))  # more than any page has room for


class Disk:
    """A small file system in memory, which can be filled up to the last byte."""

    def __init__(self, megabytes: int) -> None:
        # Not where pytest keeps its folders, into which PostgreSQL's own user may not look.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="register-disk-"))
        self.filler = folder / "filler"
        mounted = subprocess.run(
            [need("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            leave_out("no small file system can be mounted here")

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                self._write_all(file, size)

    def _write_all(self, file: io.FileIO, size: int) -> None:
        try:
            while file.write(bytes(size)):
                pass
        except OSError:
            return  # that much does not fit any more

    def free(self) -> None:
        self.filler.unlink()

    def unmount(self) -> None:
        # What was not written to its end may still be open, until Python clears it away.
        subprocess.run([need("umount"), "--lazy", str(self.folder)], check=True)
        self.folder.rmdir()


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that holds nothing yet."""
    disk = Disk(MEGABYTES["sqlite"])
    try:
        yield disk
    finally:
        disk.unmount()


@pytest.fixture(scope="module")
def place(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Disk, str]]:
    """A disk of its own with a small register, and the address of that."""
    disk = Disk(MEGABYTES[connection.vendor])
    server = Server() if connection.vendor == "postgresql" else None
    try:
        if server:
            server.start()
        url = put_on_disk(server, disk) if server else copy_to_file(disk.folder / "register.sqlite3")
        with connected_to(url):
            empty_the_register()
            load(write_files(tmp_path_factory.mktemp("files"), small_files()))
        yield disk, url
    finally:
        if server:
            server.remove()
        disk.unmount()


@pytest.fixture
def database(place: tuple[Disk, str]) -> Iterator[Disk]:
    """The disk of the database on which Django works, with real transactions."""
    disk, url = place
    with connected_to(url):
        yield disk


def put_on_disk(server: Server, disk: Disk) -> str:
    """Copy the tests' database into a tablespace on a disk. The server's own log stays elsewhere."""
    place = disk.folder / "tables"
    place.mkdir()
    if os.getuid() == 0:
        shutil.chown(place, "postgres")
    server.execute("postgres", f"CREATE TABLESPACE small LOCATION '{place}'")
    url = server.copy_database("register")
    server.execute("postgres", "ALTER DATABASE register SET TABLESPACE small")
    return url


def load(folder: Path) -> None:
    call_command("load_register", folder, stdout=io.StringIO())


def refused(task: Callable[[], object], why: str) -> None:
    with pytest.raises(CommandError) as refusal:
        task()
    assert re.search(why, str(refusal.value), re.DOTALL)


def test_staff_are_told_and_nothing_is_half_published(database: Disk):
    author = make_person("author")
    draft = draft_update(Commitment.objects.get(reference="REV-1"), "2024-08-01", reason=LONG, author=author)
    submit(draft, by=author)
    rosa, head = Desk(make_staff("rosa", "Reviewer")), LogHead.objects.get()
    rosa.client.raise_request_exception = False
    rosa.get("/admin/")  # which notes that she is there
    database.fill()
    try:
        answer = rosa.decide(draft, "_publish")
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "Nothing was saved The disk of the database is full." in clean(answer.content.decode())
        assert rosa.client.get("/commitments/REV-1/").status_code == 200
        assert (LogHead.objects.get().root_hash, LogEntry.objects.count()) == (head.root_hash, head.sequence)
        assert list(find_broken_invariants()) == []
    finally:
        database.free()
    assert rosa.decide(draft, "_publish").status_code == 200
    assert StatusUpdate.objects.get(pk=draft.pk).is_published
    assert list(find_broken_invariants()) == []


def test_a_load_is_whole_or_not_at_all(database: Disk, tmp_path: Path):
    files, before = small_files(), LogEntry.objects.count()
    files["programmes.json"][0]["expected_commitments"] = 3
    files["commitments/the-review.json"].append(small_commitment("REV-3") | {"number": 3, "summary": LONG})
    folder = write_files(tmp_path / "files", files)
    database.fill()
    try:
        refused(lambda: load(folder), f"cannot be loaded: .*({NO_ROOM}).*Nothing was loaded")
        assert LogEntry.objects.count() == before
    finally:
        database.free()
    load(folder)
    assert LogEntry.objects.count() > before
    assert list(find_broken_invariants()) == []


def test_an_export_takes_no_good_ones_place(database: Disk, disk: Disk):
    folder = disk.folder / "exports"
    call_command("export_register", directory=folder, stdout=io.StringIO())
    before = find_package(folder)
    disk.fill()
    refused(lambda: call_command("export_register", directory=folder, stdout=io.StringIO()), NO_ROOM)
    assert find_package(folder) == before
    disk.free()
    call_command("export_register", directory=folder, stdout=io.StringIO())
    assert len(list(folder.iterdir())) == 3


def test_a_backup_is_whole_or_not_at_all(database: Disk, disk: Disk):
    disk.fill()
    refused(lambda: call_command("backup", disk.folder / "full.zip", stdout=io.StringIO()), NO_ROOM)
    assert [each.name for each in disk.folder.iterdir()] == ["filler"]
