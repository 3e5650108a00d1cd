"""A PostgreSQL server of its own for one test, with a streaming replica, both in folders that are gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.programs import leave_out
from tests.running import free_port

PATIENCE = 120  # seconds, on a busy machine
OPTIONS = ("fsync=off", "max_wal_senders=4", "shared_buffers=16MB", "wal_level=replica", "log_statement=all")


class Server:
    """One server: started, stopped and asked about by itself."""

    def __init__(self, programs: Path, folder: Path, addresses: tuple[str, ...]) -> None:
        self.programs, self.folder, self.addresses, self.port = programs, folder, addresses, free_port()
        self.log = folder.with_suffix(".log")

    def run(self, program: str, *arguments: str | Path) -> None:
        # PostgreSQL refuses to be run by root.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=PATIENCE * 2)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def make(self) -> Server:
        self.run("initdb", "-A", "trust", "-U", "register", "-N", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.folder)
        with (self.folder / "pg_hba.conf").open("a") as rules:
            rules.write("host all,replication register samenet trust\n")
        return self

    def copy(self, name: str) -> Server:
        """Make a replica that follows this server."""
        replica = Server(self.programs, self.folder.with_name(name), self.addresses)
        where = ("-h", self.addresses[0], "-p", str(self.port), "-U", "register")
        replica.run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", replica.folder, *where)
        return replica

    def start(self) -> Server:
        settings = (*OPTIONS, f"listen_addresses={','.join(self.addresses)}", f"port={self.port}")
        options = " ".join(f"-c {each}" for each in (*settings, f"unix_socket_directories={self.folder.parent}"))
        self.run("pg_ctl", "start", "-w", "-D", self.folder, "-l", self.log, "-o", options)
        return self

    def kill(self) -> None:
        if (self.folder / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", "-m", "immediate", "-D", self.folder)

    def address(self, host: str = "") -> str:
        return f"postgres://register@{host or self.addresses[0]}:{self.port}/postgres"

    def ask(self, question: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.address(), autocommit=True) as connection:
            return connection.execute(question.encode()).fetchall()

    def count(self, words: str) -> int:
        """Return how often some words were part of what it was asked."""
        return self.log.read_text(errors="replace").count(words)


def follow(primary: Server, replica: Server) -> None:
    """Wait until the replica has played back all that the primary has done."""
    wait_for(primary, replica, "pg_last_wal_replay_lsn()")


def receive(primary: Server, replica: Server) -> None:
    """Wait until the replica holds all that the primary has done, played back or not."""
    wait_for(primary, replica, "pg_last_wal_receive_lsn()")


def wait_for(primary: Server, replica: Server, reached: str) -> None:
    # What was done and not yet written down, as in tests, where nobody waits for that, would be lost by a kill.
    ((end,),) = primary.ask("SELECT pg_current_wal_insert_lsn()::text")
    wait_until(lambda: replica.ask(f"SELECT {reached} >= '{end}'::pg_lsn") == [(True,)])


def wait_until(condition, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)  # another process tells nobody when it is ready


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs, which Debian keeps off the path."""
    found = shutil.which("pg_basebackup")
    folders = [*([Path(found).resolve().parent] if found else []), *Path("/usr/lib/postgresql").glob("*/bin")]
    whole = [each for each in folders if (each / "initdb").exists() and (each / "pg_basebackup").exists()]
    return whole[0] if whole else leave_out("initdb, of PostgreSQL's server, is not installed")


@contextmanager
def replicated(*addresses: str) -> Iterator[tuple[Server, Server]]:
    """Give a primary and its replica, both running and listening at these addresses of the machine."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="register-cluster-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    primary = Server(programs, folder / "primary", addresses)
    servers = [primary]
    try:
        primary.make().start()
        servers.append(primary.copy("replica"))
        servers[1].start()
        yield primary, servers[1]
    finally:
        for server in reversed(servers):
            server.kill()
        shutil.rmtree(folder)
