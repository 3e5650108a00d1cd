"""Kills an operation at random moments, each time on a copy of a database, and says as JSON what was found then.

    python tests/kills.py 40 publish
    python tests/kills.py 40 migrate 0012_past_days 0014_rolls

Run by `test_killed_at_any_moment.py` with an emptied register at DATABASE_URL. Django is imported once; what is killed
is a fork of this process, with all that it has started.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from math import inf
from pathlib import Path
from typing import Any

import django
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parent.parent))
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.examples import (  # noqa: E402
    draft_update,
    make_commitment,
    make_person,
    publish_as_approver,
    small_files,
    write_files,
)
from tests.places import run_on_server  # noqa: E402
from tracker.auditing import find_broken_invariants  # noqa: E402
from tracker.backups import MANIFEST, make_backup, name_elsewhere  # noqa: E402
from tracker.exports.package import build_package, find_package  # noqa: E402
from tracker.models import LogEntry, LogHead, StatusUpdate  # noqa: E402
from tracker.publishing import publish  # noqa: E402
from tracker.publishing.witness import read_witness  # noqa: E402

Note = Callable[[str], None]
PUBLISHED_IN_A_ROW = 6
NOTED = "SELECT app, name FROM django_migrations ORDER BY app, name"
BEGUN, ENDED, WRONG = "begun", "ended", "wrong: "
SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    "postgresql": (
        "SELECT 'column', table_name || '.' || column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' UNION SELECT 'index', indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' UNION SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger "
        "WHERE NOT tgisinternal UNION SELECT 'constraint', conname, contype::text FROM pg_constraint ORDER BY 1, 2, 3"
    ),
}


@dataclass(frozen=True)
class Place:
    """One copy of the database, and a folder for what is written beside it."""

    name: str
    folder: Path

    def open(self) -> None:
        connection.settings_dict["NAME"] = self.name
        settings.LOG_FOLDER = self.folder / "log"


@dataclass(frozen=True)
class Operation:
    """What is killed, what the database must be like before, and what must be true after."""

    prepare: Callable[[Place], None]
    do: Callable[[Place, Note], None]
    look: Callable[[Place, list[str]], list[str]]


# --- Publishing -------------------------------------------------------------------------------


def draft_some(place: Place) -> None:
    commitment = make_commitment("REV-1")
    publish_as_approver(draft_update(commitment))
    for day in range(1, PUBLISHED_IN_A_ROW + 2):
        draft_update(commitment, f"2024-04-{day:02}")
    make_person("approver")


def publish_some(place: Place, note: Note) -> None:
    approver = make_person("approver")
    for update in StatusUpdate.objects.drafts().order_by("as_of")[:PUBLISHED_IN_A_ROW]:
        publish(update, by=approver)
        note(str(update.pk))


def look_at_publications(place: Place, notes: list[str]) -> list[str]:
    published = {str(key) for key in StatusUpdate.objects.published().values_list("pk", flat=True)}
    lost = [f"update {key} was acknowledged and is lost" for key in notes if key.isdecimal() and key not in published]
    head = LogHead.objects.get()
    kept = read_witness(head.origin)
    if kept and kept.size > head.sequence:
        lost.append(f"a checkpoint over {kept.size} is kept, of {head.sequence} entries")
    broken = list(find_broken_invariants())
    publish_as_approver(StatusUpdate.objects.drafts().latest("as_of"))  # refuses where the log is not as it was signed
    return [*lost, *broken, *find_broken_invariants()]


# --- Loading files ----------------------------------------------------------------------------


def write_register(place: Place) -> None:
    if settings.BASE_DIR.joinpath("fixtures").exists() and os.environ.get("WHOLE_REGISTER"):
        shutil.copytree(settings.BASE_DIR / "fixtures", place.folder / "files")
    else:
        write_files(place.folder / "files", small_files())
    (place.folder / "before").write_text(describe_rows())


def load(place: Place, note: Note) -> None:
    call_command("load_register", place.folder / "files", stdout=io.StringIO())


def look_at_load(place: Place, notes: list[str]) -> list[str]:
    """Find every row as it was, and no checkpoint, so that to load is to begin anew; or all that the files hold."""
    if describe_rows() == (place.folder / "before").read_text():
        kept = [f"{path} is kept of what is lost" for path in settings.LOG_FOLDER.rglob("*.txt")]
        return [*kept, "what was acknowledged is lost"] if ENDED in notes else kept
    faults = list(find_broken_invariants())
    before = LogEntry.objects.count()
    load(place, print)
    after = LogEntry.objects.count()
    return faults if before == after else [*faults, f"{before} of {after} entries were there"]


# --- Exporting and backing up -----------------------------------------------------------------


def export_once(place: Place) -> None:
    draft_some(place)
    export(place, print)


def export(place: Place, note: Note) -> None:
    build_package(place.folder / "exports", report=str)


def look_at_export(place: Place, notes: list[str]) -> list[str]:
    package = find_package(place.folder / "exports")
    faults = [] if package else ["there is no whole package"]
    files = package.files.values() if package else ()
    faults += [f"{each.path.name} has another sum" for each in files if hash_of(each.path) != each.sha256]
    export(place, print)
    left = [path.name for path in (place.folder / "exports").iterdir()]
    return faults + ([f"{left} are left"] if len(left) != 3 else [])


def back_up_once(place: Place) -> None:
    draft_some(place)
    (place.folder / "backups").mkdir()
    back_up(place, print)


def back_up(place: Place, note: Note) -> None:
    number = len(list((place.folder / "backups").glob("*.zip")))
    make_backup(place.folder / "backups" / f"{number}.zip")


def look_at_backup(place: Place, notes: list[str]) -> list[str]:
    faults = []
    backups = sorted((place.folder / "backups").glob("*.zip"))
    for path in backups:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            (name,) = set(archive.namelist()) - {MANIFEST}
            archive.extract(name, place.folder)
        if hash_of(place.folder / name) != manifest["sha256"]:
            faults.append(f"{path.name} is damaged")
    return faults if len(backups) == 1 + (ENDED in notes) else [*faults, f"{len(backups)} backups are there"]


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- Migrating --------------------------------------------------------------------------------


def migration(older: str, newer: str) -> Operation:
    """Migrate from one version of the tables to a later one."""

    def go_back(place: Place) -> None:
        draft_some(place)
        for name in (older, newer, older):
            call_command("migrate", "tracker", name, verbosity=0)
            (place.folder / name).write_text(describe_tables())
        (place.folder / "before").write_text(describe_rows())

    def migrate(place: Place, note: Note) -> None:
        call_command("migrate", "tracker", newer, verbosity=0)

    def look_at_migration(place: Place, notes: list[str]) -> list[str]:
        """Find every table and row as it was, or all tables migrated, with guards and indexes, and go on from there."""
        tables = describe_tables()
        if tables == (place.folder / newer).read_text():
            call_command("migrate", verbosity=0)
            return list(find_broken_invariants())
        is_as_before = (tables, describe_rows()) == tuple((place.folder / n).read_text() for n in (older, "before"))
        return [] if is_as_before and ENDED not in notes else ["the tables are neither as before nor as after"]

    return Operation(go_back, migrate, look_at_migration)


def describe_tables() -> str:
    return describe(NOTED) + describe(SCHEMA[connection.vendor])


def describe_rows() -> str:
    names = connection.introspection.table_names()
    return "".join(describe(f"SELECT * FROM {connection.ops.quote_name(name)}") for name in sorted(names))  # noqa: S608


def describe(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return json.dumps(cursor.fetchall(), indent=1, default=str)


OPERATIONS = {
    "publish": Operation(draft_some, publish_some, look_at_publications),
    "load": Operation(write_register, load, look_at_load),
    "export": Operation(export_once, export, look_at_export),
    "backup": Operation(back_up_once, back_up, look_at_backup),
}

# --- Copies -----------------------------------------------------------------------------------


def copy_place(source: Place, folder: Path) -> Place:
    """Copy a database that nobody is connected to, and its folder."""
    shutil.copytree(source.folder, folder, symlinks=True)
    if connection.vendor == "sqlite":
        shutil.copyfile(source.name, folder / "register.sqlite3")
        return Place(str(folder / "register.sqlite3"), folder)
    name = f"{ORIGINAL}_{folder.name}"
    run_on_server(f'CREATE DATABASE "{name}" TEMPLATE "{source.name}"')
    return Place(name, folder)


def remove(place: Place) -> None:
    if connection.vendor == "postgresql":
        run_on_server(f'DROP DATABASE "{place.name}" WITH (FORCE)')
        # The next backup of this database would clear away what a killed one left, and there is none.
        prefix = name_elsewhere(place.name)
        wait_until_done(f"query ~ '^(CREATE|DROP) DATABASE {prefix}'")
        for (left,) in run_on_server(f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}')"):  # noqa: S608
            run_on_server(f'DROP DATABASE "{left}" WITH (FORCE)')
    shutil.rmtree(place.folder)


def wait_until_left(place: Place) -> None:
    """PostgreSQL finishes what it was sent before it sees that nobody is there any more."""
    if connection.vendor == "postgresql":
        wait_until_done(f"datname = '{place.name}'")


def wait_until_done(condition: str) -> None:
    while run_on_server(f"SELECT 1 FROM pg_stat_activity WHERE {condition}"):  # noqa: S608
        time.sleep(0.01)  # another process tells nobody when it has begun or ended


# --- Kills ------------------------------------------------------------------------------------


def run(place: Place, task: Callable[[Note], object], *, kill_after: float | None = None) -> tuple[list[str], float]:
    """Run a task in a fork of this process, killed after so many seconds; return its notes and how long it took."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)

        def note(text: str) -> None:
            os.write(writer, f"{text}\n".encode())

        try:
            place.open()
            connection.ensure_connection()
            note(BEGUN)
            task(note)
            note(ENDED)
        except BaseException:  # noqa: BLE001 - whatever it is, whoever asked is told
            note(WRONG + traceback.format_exc().replace("\n", " "))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as notes:  # noqa: PTH123 - a pipe has no path
        first, started = notes.readline().strip(), time.monotonic()
        if kill_after is not None and first == BEGUN:
            time.sleep(kill_after)  # the moment of the kill is what is tried
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        rest = notes.read().splitlines()
        took = time.monotonic() - started
    os.waitpid(pid, 0)
    wait_until_left(place)
    return [first, *rest], took


def find_faults(notes: list[str]) -> list[str]:
    return [each for each in notes if each.startswith(WRONG)]


def kill(operation: Operation, kills: int, folder: Path) -> dict[str, Any]:
    """Kill an operation that often in its middle, at moments spread evenly over it."""
    original = Place(ORIGINAL, folder / "original")
    original.folder.mkdir()
    template = copy_place(original, folder / "template")
    places, faults, hit, tried, acknowledged, seconds = [template], [], 0, 0, 0, inf
    try:
        said = run(template, lambda note: prepare(operation, template, note))[0]
        faults += find_faults(said)
        import_all(said)
        while hit < kills and tried <= 4 * kills:
            place = copy_place(template, folder / f"copy{tried}")
            places.append(place)
            # The first is not killed: it says how long the operation takes, and so does each that ended sooner.
            after = random.uniform(0, seconds) if tried else None  # noqa: S311
            notes, took = run(place, lambda note, place=place: operation.do(place, note), kill_after=after)
            tried += 1
            if ENDED in notes:
                seconds = min(seconds, took)
            else:
                hit += 1
            acknowledged += sum(each not in (BEGUN, ENDED) for each in notes)
            said = run(place, lambda note, place=place, notes=notes: look(operation, place, notes, note))[0]
            faults += find_faults([*notes, *said])
            remove(places.pop())
    finally:
        for place in places:
            remove(place)
    return {"killed": hit, "tried": tried, "seconds": seconds, "acknowledged": acknowledged, "faults": faults}


def prepare(operation: Operation, place: Place, note: Note) -> None:
    operation.prepare(place)
    note(" ".join(sys.modules))


def import_all(said: list[str]) -> None:
    """Import once what a fork did, which each of them would spend much of its time on otherwise."""
    for name in " ".join(said).split():
        if name not in sys.modules:
            with suppress(ImportError):  # a word of another kind, or a module without a file
                import_module(name)


def look(operation: Operation, place: Place, notes: list[str], note: Note) -> None:
    for fault in operation.look(place, notes[1:]):
        note(WRONG + fault)


ORIGINAL = str(connection.settings_dict["NAME"])


def main(kills: str, name: str, *versions: str) -> None:
    gc.freeze()  # a fork lives for seconds: looking for what it might leave would take a fifth of them
    gc.disable()
    operation = migration(*versions) if name == "migrate" else OPERATIONS[name]
    with tempfile.TemporaryDirectory(prefix="register-kills-") as folder:
        json.dump(kill(operation, int(kills), Path(folder)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
