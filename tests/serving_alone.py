"""Serves the tests' register as production does, by granian in a process of its own, on a copy of the database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import run, serve
from tests.running import PATIENCE, free_port

HOST = "register.example.org"
SITE = f"https://{HOST}"


@dataclass(frozen=True)
class Served:
    """A running server: it takes itself for a site behind a proxy on this machine that ends TLS."""

    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def run_in_its_database(self, module: str) -> str:
        """Run a module with the settings of the server, and return what it prints."""
        command = [sys.executable, "-m", module]
        environment = os.environ | self.environment
        return subprocess.check_output(command, cwd=settings.BASE_DIR, env=environment, text=True)


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[Served]:
    """Serve what is in the tests' database until the end of the block, outside of any transaction."""
    with copied_database(folder) as address, pytest.MonkeyPatch.context() as patch:
        environment = {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "tests.served",
            "SECRET_KEY": "a secret for the tests alone, known to everybody who reads this",
            "SERVED_FOLDER": str(folder),
            "SITE_URL": SITE,
            "TRUSTED_PROXIES": "127.0.0.1",
            **variables,
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(settings.BASE_DIR)
        port = free_port()
        process = serve.start(port)
        try:
            wait_until_it_answers(process, port)
            yield Served(port, process, environment)
        finally:
            process.terminate()
            process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not run.ask(port, Host=HOST)[0]:
        assert process.poll() is None, "the server ended by itself"
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.05)  # another process tells nobody when it is ready


@contextmanager
def copied_database(folder: Path) -> Iterator[str]:
    """Copy the tests' database, whose own rows no request may change; yields the copy's address."""
    if connection.vendor == "sqlite":
        path = folder / "register.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        yield f"sqlite:///{path}"
        return
    source = connection.settings_dict["NAME"]
    copy, address = f"{source}_served", urlsplit(os.environ["DATABASE_URL"])
    connection.close()  # a template that somebody uses cannot be copied
    with psycopg.connect(address.geturl(), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{source}"')
    yield address._replace(path=f"/{copy}").geturl()
    with psycopg.connect(address.geturl(), autocommit=True) as server:
        server.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')
