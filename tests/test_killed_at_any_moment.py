"""Whatever is killed at whatever moment leaves nothing half done, and nothing is lost that was acknowledged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db  # so that there is a database to copy

# How often each is killed, quickly and at length. A backup checks itself in a process of its own, which takes seconds.
KILLS = {"publish": (6, 300), "load": (4, 300), "export": (4, 300), "backup": (1, 300), "migrate": (1, 300)}


@pytest.mark.parametrize("operation", KILLS)
def test_nothing_is_half_done_and_nothing_acknowledged_is_lost(
    operation: str, emptied: str, at_length: bool, record_property: Callable[[str, object], None]
):
    kills = KILLS[operation][at_length]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("kills.py")), operation, str(kills)],
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
    found = json.loads(done.stdout)
    for name in ("killed", "tried", "seconds", "acknowledged"):
        record_property(name, found[name])
    assert found["faults"] == []
    assert found["killed"] == kills  # each of these hit before the operation had ended
