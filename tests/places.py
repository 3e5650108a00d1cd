"""Databases that a test may break: a SQLite file, or a PostgreSQL server of its own, and the site served from one."""

from __future__ import annotations

import hashlib
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url
import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from tests.copies import empty_the_register
from tests.programs import leave_out, need
from tests.running import free_port

HOST = "127.0.0.1"
PATIENCE = 120  # seconds that anything may take on a busy machine


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let Django work on another database than that of the tests, with its own newest checkpoint."""
    usual, facts = connections["default"], connections.settings["default"]
    place, folder = dj_database_url.parse(url), settings.LOG_FOLDER
    settings.LOG_FOLDER = folder / hashlib.sha256(url.encode()).hexdigest()
    names = ("HOST", "NAME", "PASSWORD", "PORT", "USER")
    kept = {name: facts[name] for name in names}
    del connections["default"]
    facts |= {name: place[name] for name in names}
    ContentType.objects.clear_cache()  # their keys are others there
    try:
        yield
    finally:
        ContentType.objects.clear_cache()
        connection.close()
        facts |= kept
        connections["default"] = usual
        settings.LOG_FOLDER = folder


def copy_to_file(path: Path) -> str:
    """Copy the tests' database, which is in memory, into a file as the site has it; return its address."""
    with closing(sqlite_connect(path)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")
    return f"sqlite:///{path}"


def sqlite_connect(path: Path) -> Any:
    return connection.Database.connect(path, isolation_level=None, timeout=PATIENCE)


def run_on_server(statement: str) -> list[Any]:
    """Execute a statement on the tests' PostgreSQL server, in none of its databases of ours; return its rows."""
    facts = connection.settings_dict
    place = {"host": facts["HOST"], "port": facts["PORT"] or 5432, "user": facts["USER"], "password": facts["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **place) as server:
        done = server.execute(statement)
        return done.fetchall() if done.description else []


@contextmanager
def new_database(path: Path, *, like: str = "template0") -> Iterator[str]:
    """Make an empty database, or on PostgreSQL a copy of one, and give its address: a file, or on the tests' server."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{path}"
        return
    facts, name = connection.settings_dict, f"copied_{secrets.token_hex(6)}"
    run_on_server(f"CREATE DATABASE {name} TEMPLATE {like}")
    try:
        account = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}".rstrip(":")
        yield f"postgres://{account}@{facts['HOST']}:{facts['PORT'] or 5432}/{name}"
    finally:
        run_on_server(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def emptied_copy(path: Path) -> Iterator[str]:
    """Copy the tests' database, with all tables and guards, and give the address of the copy, emptied."""
    if connection.vendor == "sqlite":
        copy_to_file(path)
    else:
        connection.close()  # a database to which somebody is connected cannot be copied
    with new_database(path, like=str(connection.settings_dict["NAME"])) as url:
        with connected_to(url):
            empty_the_register()
        yield url


class Server:
    """A PostgreSQL server in a folder of its own, which is gone with it. PostgreSQL refuses to run as root."""

    def __init__(self) -> None:
        self.programs = find_programs()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="register-postgres-"))
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.as_postgres:
            shutil.chown(self.folder, "postgres")
        self.data = self.folder / "data"
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", f"--pgdata={self.data}")
        own = (f"port = {self.port}", f"unix_socket_directories = '{self.folder}'", "fsync = off")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join((*own, "listen_addresses = '127.0.0.1'", "shared_buffers = 16MB", "")))

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.as_postgres, str(self.programs / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=PATIENCE)

    def url(self, name: str) -> str:
        return f"postgres://postgres@{HOST}:{self.port}/{name}"

    def start(self) -> None:
        self._run("pg_ctl", f"--pgdata={self.data}", "--wait", f"--log={self.folder / 'log'}", "start")

    def kill(self) -> None:
        """End it as a crash would: nothing is written any more, and each connection breaks.

        What was committed is on the disk by then, although the tests' own connections do not wait for that.
        """
        self.execute("postgres", "CHECKPOINT")
        self._run("pg_ctl", f"--pgdata={self.data}", "--wait", "--mode=immediate", "stop")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every one of its processes: SIGSTOP halts it, while the system keeps its connections."""
        chief = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        for pid in (chief, *list_children(chief)):
            with suppress(ProcessLookupError):  # once the chief goes on, it buries the children that ended meanwhile
                os.kill(pid, number)

    def execute(self, name: str, *statements: str) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as server:
            for statement in statements:
                server.execute(statement)

    def copy_database(self, name: str) -> str:
        """Copy the tests' database to this server, and return its address."""
        facts = connection.settings_dict
        source = f"--host={facts['HOST']} --port={facts['PORT'] or 5432} --username={facts['USER']}".split()
        self.execute("postgres", f"CREATE DATABASE {name}")
        dump = [need("pg_dump"), "--no-owner", *source, str(facts["NAME"])]
        words = os.environ | {"PGPASSWORD": facts["PASSWORD"]}
        with subprocess.Popen(dump, stdout=subprocess.PIPE, env=words) as dumped:
            into = [need("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", self.url(name)]
            subprocess.run(into, stdin=dumped.stdout, stdout=subprocess.DEVNULL, check=True, timeout=PATIENCE)
        assert dumped.returncode == 0
        return self.url(name)

    def remove(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.signal(signal.SIGCONT)
            self.kill()
        shutil.rmtree(self.folder)


def find_programs() -> Path:
    """Return the folder of the newest PostgreSQL's programs: Debian keeps them off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else leave_out("initdb of PostgreSQL is not installed")


def list_children(pid: int) -> list[int]:
    """Return the processes that one has started, as Linux knows them."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


# Root may write anywhere; without these two it is held to the permissions of files as everybody else is.
WITHOUT_ROOTS_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]


class Site:
    """The site under its production server, in a process of its own, on some database."""

    def __init__(self, url: str, log: Path, *, before: tuple[str, ...] = (), **variables: str) -> None:
        self.port, self.log = free_port(), log
        command = [*before, sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"]
        with log.open("w") as said:
            self.process = subprocess.Popen(
                [*command, "--host", HOST, "--port", str(self.port), "--blocking-threads", "4", "--no-ws"],
                cwd=settings.BASE_DIR,
                env=os.environ
                | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "REQUIRE_SECOND_FACTOR": "0"}
                | variables,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def opened(self) -> Site:
        self.wait_until(self.is_open)
        return self

    def is_open(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/livez").status == 200
        except OSError:
            return False

    def wait_until(self, condition: Any, seconds: float = PATIENCE) -> float:
        """Wait for something that another process does and tells nobody of; return how many seconds it took."""
        started = time.monotonic()
        while not condition():
            assert time.monotonic() - started < seconds, self.log.read_text()
            time.sleep(0.05)  # a server tells nobody when it is ready
        return time.monotonic() - started

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        started = time.monotonic()
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)) as client:
            client.request(method, path, body, headers or {})
            response = client.getresponse()
            return Answer(response, response.read(), time.monotonic() - started)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Answer:
    """What the site answered, and in how many seconds."""

    def __init__(self, response: http.client.HTTPResponse, content: bytes, seconds: float) -> None:
        self.status, self.content, self.seconds = response.status, content, seconds
        self.headers = response.headers

    @property
    def text(self) -> str:
        return self.content.decode()
