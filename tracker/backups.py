"""Copies of the whole database, drafts and accounts too, made while everybody goes on working, and put back from.

A backup is one zip: the database as its own tools copy it, and a manifest with its sum and the head of its log. None is
kept that was not put back into a new place first, where every entry of the log was checked.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import lzma
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from django.utils import timezone

MANIFEST = "manifest.json"
UNFINISHED = ".backup-"
# Which of PostgreSQL's advisory locks holds off a second backup: any number that nothing else here uses.
ADVISORY_LOCK = 20_261_128
# What zipfile and json raise where bytes were lost or changed: of the zip, of a packed file, or of the manifest.
NOT_AS_WRITTEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, OverflowError, TypeError, ValueError),
    *(NotImplementedError, RuntimeError, lzma.LZMAError),  # it seems to be packed or encrypted in some other way
)
COPIES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class NoGoodBackup(Exception):
    """Raised with a sentence when a backup cannot be made, or is not what its manifest says."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: the SHA-256 of the copy, and the number and the root of the log's last entry in it."""

    engine: str
    made_at: str
    sha256: str
    entries: int
    root: str


def make_backup(path: Path) -> Manifest:
    """Write a backup, whole or not at all. Raises NoGoodBackup and OSError."""
    with _workplace(path.parent) as folder:
        copy = folder / COPIES[connection.vendor]
        _copy_database(copy)
        with _restored_elsewhere(copy) as place:
            entries, root = _verify(place)
        made_at = timezone.now().isoformat(timespec="seconds")
        manifest = Manifest(connection.vendor, made_at, _sum(copy), entries, root)
        whole = folder / "whole.zip"
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(copy, copy.name)
        whole.chmod(0o600)
        with whole.open("rb") as written:
            os.fsync(written.fileno())
        whole.replace(path)
    return manifest


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Make room in a folder for one backup at a time, and clear away what one that was killed has left there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for leftover in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(dir=folder, prefix=UNFINISHED) as place:
            yield Path(place)
    finally:
        os.close(descriptor)


def restore_backup(path: Path) -> Manifest:
    """Put a backup in the place of the present database, whole or not at all. Raises NoGoodBackup and OSError."""
    settings.LOG_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _workplace(settings.LOG_FOLDER) as folder:
        manifest, copy = _unpack(path, folder)
        with _restored_elsewhere(copy) as place:
            if (found := _verify(place)) != (manifest.entries, manifest.root):
                raise NoGoodBackup(f"{path} ends with entry {found[0]} of the log, not with {manifest.entries}.")
        _replace_database(copy)
    return manifest


def _unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            name = COPIES.get(manifest.engine, "")
            copy = Path(archive.extract(name, folder)) if name else None
    except (*NOT_AS_WRITTEN, OSError) as error:
        if isinstance(error, OSError) and error.errno not in {errno.EINVAL, None}:  # a place before the beginning, bz2
            raise
        raise NoGoodBackup(f"{path} is no backup of a register, or it is damaged.") from None
    if manifest.engine != connection.vendor or copy is None:
        raise NoGoodBackup(f"{path} is of {manifest.engine}; this database is {connection.vendor}.")
    if _sum(copy) != manifest.sha256:
        raise NoGoodBackup(f"{path} is damaged: its sum is not the one that it was made with.")
    return manifest, copy


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(place: str) -> tuple[int, str]:
    """Check the log at the address of a database, in a process of its own, and return the head of it."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "verify_log", "--copy"]
    done = subprocess.run(
        command, env=os.environ | {"DATABASE_URL": place}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoGoodBackup(f"The copy does not hold a good log, so it is not kept. {done.stderr.strip()[-500:]}")
    entries, _, root = done.stdout.splitlines()[-1].partition(" ")
    return int(entries), root


# --- SQLite by its online backup, PostgreSQL by its own programs -----------------------------------


def _copy_database(copy: Path) -> None:
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
    except sqlite3.Error as error:
        raise NoGoodBackup(f"The database could not be copied: {error}.") from None


def _replace_database(copy: Path) -> None:
    if connection.vendor == "postgresql":
        connection.close()
        options = ("--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges")
        _run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(copy))
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(copy)) as source:
            source.backup(connection.connection)
    except sqlite3.Error as error:
        raise NoGoodBackup(f"The backup could not be put back: {error}.") from None


def name_elsewhere(database: str) -> str:
    """Return how the name of each database begins into which a copy of this one is put, to be checked."""
    return f"restored_{hashlib.sha256(database.encode()).hexdigest()[:8]}_"


@contextmanager
def _restored_elsewhere(copy: Path) -> Iterator[str]:
    """Put a copy into a new place and give the address of that database, which is gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{quote(str(copy))}"
        return
    prefix = name_elsewhere(str(connection.settings_dict["NAME"]))
    with _clear_of_leftovers(prefix):
        yield from _restore_into(f"{prefix}{token_hex(4)}", copy)


@contextmanager
def _clear_of_leftovers(prefix: str) -> Iterator[None]:
    """Drop the databases that a backup which was killed has left, while no other is being made of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            for (leftover,) in cursor.fetchall():
                _run("dropdb", "--force", leftover)
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def _restore_into(name: str, copy: Path) -> Iterator[str]:
    _run("createdb", "--template=template0", name)
    try:
        _run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}", str(copy))
        facts = connection.settings_dict | {"NAME": name}
        user, password, host = (quote(str(facts[each]), safe="") for each in ("USER", "PASSWORD", "HOST"))
        yield f"postgres://{user}{':' if password else ''}{password}@{host}:{facts['PORT'] or 5432}/{name}"
    finally:
        _run("dropdb", name)


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the present server. pg_dump alone takes the database from its last word."""
    arguments, variables = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    (*where, name) = arguments[1:]
    last = [name] if program == "pg_dump" else []
    try:
        done = subprocess.run(
            [program, *where, *options, *last],
            env=os.environ | (variables or {}),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NoGoodBackup(f"{program} is not installed; it comes with PostgreSQL's client.") from None
    if done.returncode:
        raise NoGoodBackup(f"{program} failed: {done.stderr.strip()[-500:]}")
