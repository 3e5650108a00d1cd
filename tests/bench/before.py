"""The register's own pages, on the register that is loaded, beside those of the last commit before they were made fast.

That commit is taken from the history of the project, with an environment and a database of its own, under var/.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.bench.lists import BARE, UNCACHED
from tests.bench.measuring import QUIETLY, Pace, Result, Task, describe, measure_in_turn
from tests.bench.places import FOLDER, Place, name_place
from tests.bench.servers import Server, serve_site

COMMIT = "e4bdb2b"
EARLIER = f"the site at {COMMIT}"
COPY = (FOLDER / "bench" / COMMIT).absolute()
ADDRESSES = {
    "home": "/",
    "list, first page": "/commitments/",
    "one department": "/commitments/?department=home-office",
    "department and words": "/commitments/?department=home-office&q=children",
    "common words": "/commitments/?q=children",
    "one commitment": "/commitments/IICSA-13/",
    "what changed": "/changes/",
    "departments": "/departments/",
}


@cache  # which does not measure it again for the other database
def measure_real(pace: Pace) -> Result:
    """Measure the pages of both in turn. Both are on SQLite, whichever database is measured otherwise."""
    before, now = load_copy(), load_register()
    with contextlib.ExitStack() as stack:

        def serve(place: Place, bench: str = "", **others: Any) -> Server:
            return stack.enter_context(serve_site(place.url, bench=bench, **others))

        bare = serve(now, BARE, first="/bare")
        servers = [serve(before, name=EARLIER, folder=COPY), serve(now, UNCACHED), serve(now)]
        # The servers answer one address after the other, so that what else the machine does meets all of them.
        tasks = [Task(server, {name: address}) for name, address in ADDRESSES.items() for server in servers]
        rows = measure_in_turn(tasks, bare, pace)
    return describe("real", now, pace=pace, rows=rows)


def load_register() -> Place:
    """Return the register as it is loaded now, anew each time."""
    path = (FOLDER / "bench" / "real.sqlite3").absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):  # what SQLite keeps beside it, too
        old.unlink()
    return load(Path.cwd(), Path(sys.executable), path)


def load_copy() -> Place:
    """Return the register as that commit loads it."""
    if not COPY.exists():
        part = COPY.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        packed = subprocess.run(["git", "archive", COMMIT], check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(part, filter="data")
        environment = {name: value for name, value in os.environ.items() if name != "VENV"}
        subprocess.run(["python3", "-m", "config.venv", "requirements.txt"], cwd=part, env=environment, check=True)
        part.rename(COPY)
    return load(COPY, COPY / ".venv/bin/python", COPY / "real.sqlite3")


def load(folder: Path, python: Path, path: Path) -> Place:
    """Load the register of a copy of the project into a file, where that is not done yet."""
    part = path.with_suffix(".part")

    def run(command: list[str], settings: str) -> None:
        facts = QUIETLY | {"DATABASE_URL": f"sqlite:///{part}", "DJANGO_SETTINGS_MODULE": settings}
        subprocess.run([str(python), "manage.py", *command], cwd=folder, env=os.environ | facts, check=True)

    if not path.exists():
        part.unlink(missing_ok=True)
        # With the settings of the tests, which leave the keys and checkpoints of the folder alone.
        run(["migrate", "--verbosity=0"], "tests.settings")
        run(["load_register"], "tests.settings")
        run(["collectstatic", "--no-input", "--verbosity=0"], "config.settings")
        part.rename(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (commitments,) = connection.execute("SELECT count(*) FROM tracker_commitment").fetchone()
    return name_place(f"sqlite:///{path}", commitments)
