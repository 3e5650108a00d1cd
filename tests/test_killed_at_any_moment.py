"""Whatever is killed at whatever moment leaves nothing half done, and nothing is lost that was acknowledged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db  # so that there is a database to copy

MANY = 300  # kills of each operation, at length
VERSIONS = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "tracker")
# From one version of the tables to the next but one: all of them at once would take Django ten seconds, nearly all of
# which go to its own picture of the models.
LEGS = list(pairwise(VERSIONS[::-2][::-1]))

# How often each is killed quickly. A backup checks itself in a process of its own, which takes seconds.
ASKED = [
    pytest.param("publish", 8, MANY, id="publish"),
    pytest.param("load", 6, MANY, id="load"),
    pytest.param("export", 5, MANY, id="export"),
    pytest.param("backup", 1, MANY, id="backup"),
    *(
        pytest.param(
            f"migrate {' '.join(leg)}",
            1,
            ceil(MANY / len(LEGS)),
            id=f"migrate-{leg[0]}",
            marks=[] if leg == LEGS[-1] else pytest.mark.long,
        )
        for leg in LEGS
    ),
]


@pytest.mark.parametrize(("operation", "few", "many"), ASKED)
def test_nothing_is_half_done_and_nothing_acknowledged_is_lost(
    operation: str, few: int, many: int, emptied: str, at_length: bool, record_property: Callable[[str, Any], None]
):
    kills = many if at_length else few
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("kills.py")), str(kills), *operation.split()],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": emptied, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        | ({"WHOLE_REGISTER": "1"} if at_length else {}),
        capture_output=True,
        check=False,
        text=True,
        timeout=6 * 60 * 60 if at_length else 600,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name in ("killed", "tried", "seconds", "acknowledged"):
        record_property(name, found[name])
    assert found["faults"] == []
    assert found["killed"] == kills  # each of these hit before the operation had ended
