"""Somebody who has never seen the project restores a backup on a clean machine, with the README's commands alone."""

import io
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.examples import draft_commitment, draft_update, make_commitment, publish_as_approver
from tests.places import connected_to, new_database
from tests.programs import need
from tests.running import clone_project
from tracker.models import LogHead

pytestmark = pytest.mark.django_db

README = Path(settings.BASE_DIR) / "README.md"
OF_THE_TESTS = {"DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MFLAGS", "PYTHONPATH", "REPLICA_URL", "VENV", "VIRTUAL_ENV"}
PATIENCE = 1200  # seconds; the packages are installed in them


def read_drill() -> tuple[str, list[list[str]]]:
    """Return the name that the README gives to the backup, and its commands, each as a shell would read it."""
    after = README.read_text().partition("**The drill**")[2]
    block = re.search(r"\n\n((?:    .+\n)+)", after)
    assert block
    commands = [shlex.split(line) for line in block[1].splitlines()]
    (name,) = [words[-1] for words in commands if "restore" in words]
    return name, commands


@pytest.fixture
def last_night(emptied: str, tmp_path: Path, django_db_blocker: Any) -> tuple[Path, int]:
    """A backup of another machine, and how many entries its log had."""
    if connection.vendor == "postgresql":
        need("pg_dump")
    path = tmp_path / "backups" / "made-at-night.zip"
    path.parent.mkdir()
    with django_db_blocker.unblock(), connected_to(emptied):
        publish_as_approver(draft_update(make_commitment("REV-1")))
        draft_commitment("REV-2")
        call_command("backup", path, stdout=io.StringIO())
        return path, LogHead.objects.get().sequence


def test_the_readme_has_a_command_for_each_step():
    name, commands = read_drill()
    assert name.endswith(".zip")
    steps = [words[2] if words[0].endswith("python") else words[1] for words in commands]
    assert steps == ["packages", "restore", "migrate", "createcachetable", "check_register"]


@pytest.mark.long
def test_last_nights_backup_is_restored_by_the_readmes_commands_alone(last_night: tuple[Path, int], tmp_path: Path):
    need("make")
    machine = clone_project(tmp_path)
    backup, entries = last_night
    name, commands = read_drill()
    shutil.copy(backup, machine / name)
    with new_database(tmp_path / "new.sqlite3") as url:
        named = {each: getattr(settings, each) for each in ("SECRET_KEY", "SITE_URL")}
        named |= {"DATABASE_URL": url, "LOG_KEY": os.environ["LOG_KEY"]}
        usual = {key: value for key, value in os.environ.items() if key not in OF_THE_TESTS}
        said = [run(words, machine, usual | named) for words in commands]
        again = run([".venv/bin/python", "manage.py", "verify_log"], machine, usual | named)
    assert f"with {entries} entries of the log" in said[1]
    assert said[-1].splitlines()[-1].startswith("The register is sound")
    assert str(entries) in again


def run(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{shlex.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout
