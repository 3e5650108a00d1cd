"""Whatever is killed at whatever moment leaves nothing half done, and nothing is lost that was acknowledged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.copies import empty_the_register
from tests.places import connected_to, copy_to_file, run_on_server
from tests.programs import need

pytestmark = pytest.mark.django_db  # so that there is a database to copy

# How often each is killed, quickly and at length. A backup checks itself in a process of its own, which takes seconds.
KILLS = {"publish": (12, 300), "load": (12, 300), "export": (12, 300), "backup": (3, 300), "migrate": (4, 300)}


@pytest.fixture(scope="module")
def emptied(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with all tables and guards, and nothing in them."""
    if connection.vendor == "sqlite":
        url = copy_to_file(tmp_path_factory.mktemp("kills") / "register.sqlite3")
        with connected_to(url):
            empty_the_register()
        yield url
        return
    need("pg_dump")
    facts, name = connection.settings_dict, f"killed_{os.getpid()}"
    connection.close()  # a database to which somebody is connected cannot be copied
    run_on_server(f"CREATE DATABASE {name} TEMPLATE {facts['NAME']}")
    try:
        account = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}".rstrip(":")
        url = f"postgres://{account}@{facts['HOST']}:{facts['PORT'] or 5432}/{name}"
        with connected_to(url):
            empty_the_register()
        yield url
    finally:
        run_on_server(f"DROP DATABASE {name} WITH (FORCE)")


def test_nothing_is_half_done_and_nothing_acknowledged_is_lost(emptied: str, at_length: bool):
    asked = [f"{name}={kills[at_length]}" for name, kills in KILLS.items()]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("kills.py")), *asked],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": emptied, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        | ({"MIGRATE_FROM": "0002_roles", "WHOLE_REGISTER": "1"} if at_length else {}),
        capture_output=True,
        check=False,
        text=True,
        timeout=6 * 60 * 60 if at_length else 600,
    )
    assert done.returncode == 0, done.stderr
    for found in json.loads(done.stdout):
        assert (found["operation"], found["faults"]) == (found["operation"], [])
        # The moments are spread over all of the operation, which may be quicker when it is killed than when measured.
        assert found["inside"] >= found["kills"] / 3, found
