"""Where the registers are that the bench measures: files of SQLite under var/, and databases on the tests' server."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
FOLDER = Path("var")
SERVER = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True)
class Place:
    """A database with a register of a size in it."""

    database: str
    commitments: int
    url: str

    @property
    def path(self) -> Path:
        """Its file, where it is one."""
        return Path("/", urlsplit(self.url).path.lstrip("/"))

    def run(self, module: str, *arguments: str, **facts: str) -> Any:
        """Run a module of ours in a process of its own on this database; return what it writes as JSON."""
        environment = os.environ | {"DATABASE_URL": self.url} | facts
        command = [sys.executable, "-m", module, *arguments]
        return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)

    def analyze(self) -> None:
        """Have the database look at what its tables and indexes hold."""
        if self.database == SQLITE:
            with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as connection:
                connection.execute("ANALYZE")
        else:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("ANALYZE")

    def read_version(self) -> str:
        if self.database == SQLITE:
            return sqlite3.sqlite_version
        with psycopg.connect(self.url) as connection:
            version = f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
            (held,) = connection.execute("SHOW shared_buffers").fetchone() or ("",)
            return f"{version} with shared_buffers of {held}"


@cache
def find_place(database: str, commitments: int) -> Place:
    """Return a register of a size, which is filled first where there is none yet, and is migrated where it is old."""
    place = (_find_file if database == SQLITE else _find_database)(commitments)
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    environment = os.environ | {"DATABASE_URL": place.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    is_old = subprocess.run([*command, "--check"], env=environment, check=False).returncode
    subprocess.run(command, env=environment, check=True)  # which also puts up the search's index where it is an old one
    if is_old:
        place.analyze()  # without which a new index is not known to be the better one
    return place


def name_place(url: str, commitments: int) -> Place:
    """Return a database that is filled already."""
    return Place(SQLITE if url.startswith("sqlite") else POSTGRESQL, commitments, url)


def list_databases() -> list[str]:
    """Return the kinds of database that can be measured here."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError:
        return [SQLITE]
    return [SQLITE, POSTGRESQL]


def _find_file(commitments: int) -> Place:
    path = (FOLDER / f"bench.{commitments}.sqlite3").absolute()
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        part = path.with_suffix(".part")  # what was not finished is no register
        part.unlink(missing_ok=True)
        _fill(f"sqlite:///{part}", commitments)
        part.rename(path)
    return Place(SQLITE, commitments, f"sqlite:///{path}")


def _find_database(commitments: int) -> Place:
    name, part = f"bench_{commitments}", f"bench_{commitments}_part"
    with contextlib.closing(psycopg.connect(SERVER, autocommit=True)) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"DROP DATABASE IF EXISTS {part}")
            connection.execute(f"CREATE DATABASE {part}")
            _fill(_name_database(part), commitments)
            connection.execute(f"ALTER DATABASE {part} RENAME TO {name}")
    return Place(POSTGRESQL, commitments, _name_database(name))


def _name_database(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


def _fill(url: str, commitments: int) -> None:
    print(f"Filling a register of {commitments:,} commitments:", flush=True)
    command = [sys.executable, "-m", "tests.bench.filling", "--commitments", str(commitments)]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True)
