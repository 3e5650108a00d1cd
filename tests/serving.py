"""The register as it is in production, for tests: granian with two workers and the shipped nginx in front, over TLS.

A module that asks for `production_site`, and is marked `django_db`, has one with a copy of the loaded register in a
database of its own: it may publish, stop servers and break things.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from config import run
from config.venv import only_one
from tests.programs import leave_out, need
from tests.running import PATIENCE, copy_project, free_port

MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
START = ["-u", "-m", "config.deploy", "--as-it-is"]
HOST = "localhost"


@dataclass(frozen=True)
class Answer:
    """What came back through nginx, headers in any case."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def cache(self) -> str | None:
        """What nginx's cache did: HIT, MISS, EXPIRED, STALE, UPDATING, REVALIDATED, BYPASS; or None."""
        return self.headers["X-Cache"]


class ProductionSite:
    """One copy of the project, served by `config.deploy`."""

    def __init__(self, project: Path, database: str, **variables: str) -> None:
        self.project, self.database = project, database
        self.port, self.http_port, self.inside_port = free_port(), free_port(), free_port()
        self.log = project.with_name(f"{project.name}.log")
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GRANIAN_RESPAWN_INTERVAL": "3",
            "HTTP_PORT": str(self.http_port),
            "INSIDE_PORT": str(self.inside_port),
            "LOG_KEY": settings.LOG_KEY,
            "PORT": str(self.port),
            "SECRET_KEY": settings.SECRET_KEY,
            "SITE_URL": self.address,
            **variables,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate that the site has signed itself: trust it, and no other."""
        return self.project / "var" / "serving" / "certificate.pem"

    @property
    def socket(self) -> Path:
        return self.project / "var" / "serving" / "app.socket"

    @property
    def said(self) -> str:
        return self.log.read_text()

    def start(self) -> None:
        """Start both servers, and return once the home page is there."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *START],
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        opened = self.said.count("The register is open at")
        process = self.process
        self.wait_for(lambda: self.said.count("The register is open at") > opened or process.poll() is not None)
        assert self.process.poll() is None, self.said

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def reload(self) -> None:
        """Have new workers take the place of the old, and return once they have."""
        assert self.process
        before = self.list_workers()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: len(self.list_workers()) == len(before) and not set(self.list_workers()) & set(before))

    def list_servers(self) -> dict[str, int]:
        """Return the process numbers of granian ("granian") and of nginx ("nginx")."""
        assert self.process
        found = {}
        for number in list_children(self.process.pid):
            command = Path(f"/proc/{number}/cmdline").read_bytes()
            found["granian" if b"granian" in command else "nginx"] = number
        return found

    def list_workers(self) -> list[int]:
        """Return the process numbers of granian's workers."""
        workers = list_children(self.list_servers()["granian"])
        return [number for number in workers if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()]

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)  # other processes tell nobody when they are ready

    def connect(self, timeout: float = PATIENCE) -> ssl.SSLSocket:
        """Return a connection through TLS, on which nothing was said yet."""
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection((run.HOST, self.port), timeout)
        return trusting.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, timeout: float = PATIENCE, **headers: str
    ) -> Answer:
        """Ask through nginx on a connection of its own; `If_None_Match` stands for the header `If-None-Match`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = http.client.HTTPSConnection(HOST, self.port, timeout=timeout)
        client.sock = self.connect(timeout)
        with closing(client):
            client.request(method, path, body, {"Host": f"{HOST}:{self.port}"} | named)
            response = client.getresponse()
            return Answer(response.status, response.headers, response.read())

    def ask_plainly(self, path: str, **headers: str) -> Answer:
        """Ask without TLS, on the port that leads to the other."""
        return ask_at(self.http_port, path, {"Host": f"{HOST}:{self.http_port}"} | headers)

    def ask_inside(self, path: str) -> Answer:
        """Ask as a machine next door does."""
        return ask_at(self.inside_port, path, {})

    def say(self, text: bytes, timeout: float = PATIENCE) -> bytes:
        """Send these very bytes, and return all that comes back until the connection ends."""
        with closing(self.connect(timeout)) as client:
            client.sendall(text)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def stop_app(self) -> None:
        """Make the app unreachable, as when its process is gone, until `start_app`."""
        self.socket.rename(self.socket.with_suffix(".away"))

    def start_app(self) -> None:
        self.socket.with_suffix(".away").rename(self.socket)

    def run(self, script: str) -> str:
        """Run a script of Python beside the site, with its settings and database; returns what it printed."""
        begun = "import django; django.setup()\n" + script
        done = subprocess.run(
            [sys.executable, "-c", begun],
            cwd=self.project,
            env=self.environment | {"DEBUG": "0"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def ask_at(port: int, path: str, headers: dict[str, str]) -> Answer:
    with closing(http.client.HTTPConnection(run.HOST, port, timeout=PATIENCE)) as client:
        client.request("GET", path, headers=headers)
        response = client.getresponse()
        return Answer(response.status, response.headers, response.read())


def list_children(number: int) -> list[int]:
    tasks = Path(f"/proc/{number}/task").glob("*/children")
    return sorted(int(child) for task in tasks for child in task.read_text().split())


@contextmanager
def copy_database(folder: Path) -> Iterator[str]:
    """Yield the address of a database with all that the tests' own database holds, until the block ends."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(folder / "register.sqlite3")) as copy:
            connection.connection.backup(copy)
        yield f"sqlite:///{folder / 'register.sqlite3'}"
        return
    original = connection.settings_dict["NAME"]
    name = f"{original}_{os.getpid()}_{time.monotonic_ns()}"
    connection.close()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, original))))
        try:
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def collect_static_files(project: Path, shared: Path) -> None:
    """Give a copy of the project its compressed static files, which all processes that test make once."""
    with only_one(shared / "static.lock"):
        if not (shared / "static" / "staticfiles.json").exists():
            facts = {"DEBUG": "0", "SECRET_KEY": settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "config.settings"}
            command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
            subprocess.run(command, cwd=project, env=os.environ | facts, check=True)
            shutil.copytree(project / "var" / "static", shared / "static.new")
            (shared / "static.new").rename(shared / "static")
    shutil.copytree(shared / "static", project / "var" / "static", dirs_exist_ok=True)


@contextmanager
def serve(folder: Path, shared: Path, **variables: str) -> Iterator[ProductionSite]:
    """Serve a copy of the loaded register until the block ends; `variables` are settings of the environment."""
    need("nginx")
    if not MODULE.exists():
        leave_out("nginx's module for JavaScript is not installed")
    project = copy_project(folder)
    (project / "var").mkdir(mode=0o700, exist_ok=True)
    collect_static_files(project, shared)
    if (settings.LOG_FOLDER / "checkpoints").exists():
        shutil.copytree(settings.LOG_FOLDER / "checkpoints", project / "var" / "checkpoints")
    with copy_database(project / "var") as database:
        site = ProductionSite(project, database, **variables)
        try:
            site.start()
            yield site
        finally:
            site.stop()
