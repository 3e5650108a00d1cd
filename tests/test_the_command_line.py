"""`manage.py` says in a sentence what is wrong around a command, and ends as programs do when it is stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

SECRET = "fifty-characters-that-nobody-would-guess-0123456789"


def start(*words: str, **variables: str) -> subprocess.Popen[str]:
    given = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": SECRET, **variables}
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*words: str, **variables: str) -> tuple[int, str]:
    with start(*words, **variables) as command:
        said = command.communicate()[1]
    return command.returncode, said


def test_a_wrong_setting_is_a_sentence_and_no_more():
    assert run("backup", "--help", SECRET_KEY="short") == (
        1,
        "SECRET_KEY must be a random text of at least 50 characters, kept secret. "
        "`make run` makes one of its own, in var/secret_key; with DEBUG=1 none is needed.\n",
    )


def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path: Path):
    database = f"sqlite:///{tmp_path}/nowhere/register.sqlite3"
    sentence = "The database did not do what was asked: unable to open database file\n"
    assert run("backup", "last-night.zip", DATABASE_URL=database) == (1, sentence)
    status, said = run("backup", "last-night.zip", "--traceback", DATABASE_URL=database)
    assert status == 1
    assert said.startswith("Traceback")


def test_a_command_that_is_stopped_says_so(tmp_path: Path):
    database = f"sqlite:///{tmp_path}/register.sqlite3"
    with start("shell", "-c", "print('here', flush=True); input()", DATABASE_URL=database) as command:
        while command.stdout.readline() != "here\n":
            assert command.poll() is None
        command.send_signal(signal.SIGINT)
        status = command.wait()  # with its input still open, or that would end it
        said = command.stderr.read()
    assert (status, said) == (130, "Stopped before its end.\n")
