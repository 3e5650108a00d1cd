"""A database with the register loaded: the first process of the tests makes it, all later ones begin with a copy.

To migrate and to load takes twenty seconds of a processor, to copy a fraction of one. An image serves as long as
nothing changes that it was made of, and for a day, as the register's own days would otherwise be of long ago.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from config.venv import only_one

FOLDER = settings.BASE_DIR / ".pytest_cache"
MADE_OF = ["config/*.py", "fixtures/**/*", "tracker/**/*.py", "requirements.txt", "tests/requirements.txt"]
MAKERS = ["tests/conftest.py", "tests/copies.py", "tests/images.py", "tests/settings.py"]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold back the other processes that would make the same image."""
    FOLDER.mkdir(exist_ok=True)
    with only_one(FOLDER / "image.lock"):
        yield


def describe() -> str:
    """Return a name for all that a database with the register loaded depends on."""
    digest = hashlib.sha256(f"{dt.datetime.now(dt.UTC).date()} {sys.version} {sqlite3.sqlite_version}".encode())
    for pattern in [*MADE_OF, *MAKERS]:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(settings.BASE_DIR)} ".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def copied() -> Iterator[bool]:
    """Let the test database that Django makes meanwhile begin as a copy of the image; says whether there is one."""
    with _copied_sqlite() if connection.vendor == "sqlite" else _copied_postgresql() as is_there:
        yield is_there


def keep() -> None:
    """Keep the test database as it is now as the image, in place of earlier ones."""
    if connection.vendor == "sqlite":
        _keep_sqlite()
    else:
        _keep_postgresql()


# --- SQLite: a file, read into the memory --------------------------------------------------------


def _file() -> Path:
    return FOLDER / f"register-{describe()}.sqlite3"


@contextmanager
def _copied_sqlite() -> Iterator[bool]:
    if not (path := _file()).exists():
        yield False
        return
    # What is in memory lasts until its last connection closes, so this one waits for Django's.
    memory = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(path)) as image, closing(sqlite3.connect(memory, uri=True)) as database:
        image.backup(database)
        yield True


def _keep_sqlite() -> None:
    for earlier in FOLDER.glob("register-*.sqlite3*"):
        earlier.unlink()
    half = _file().with_suffix(".sqlite3-half")
    with closing(sqlite3.connect(half)) as image:
        connection.connection.backup(image)
    half.rename(_file())


# --- PostgreSQL: a database, copied by the server ------------------------------------------------


def _family() -> str:
    """Return how the images of this copy of the project begin, as its test databases do."""
    return settings.DATABASES["default"]["TEST"]["NAME"].split("_gw")[0].replace("test_", "image_", 1) + "_"


@contextmanager
def _copied_postgresql() -> Iterator[bool]:
    image = _family() + describe()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [image])
        is_there = cursor.fetchone() is not None
    if is_there:
        connection.settings_dict["TEST"]["TEMPLATE"] = image
    yield is_there


def _keep_postgresql() -> None:
    quote, made = connection.ops.quote_name, connection.settings_dict["NAME"]
    connection.close()  # the server copies no database that somebody is using
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_family()])
        for (earlier,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(earlier)}")
        cursor.execute(f"CREATE DATABASE {quote(_family() + describe())} TEMPLATE {quote(made)}")
