"""What a stranger does with the log: downloads it, keeps a checkpoint and checks both with the file from its page.

Used by the tests of the log and by `tests/measure_log.py`.
"""

import subprocess
import sys
from pathlib import Path

from django.db import connection
from django.test import Client

from tracker import guards
from tracker.models import LogEntry
from tracker.publishing import publication

FILES = ("checkpoint", "entries.jsonl", "verify.py", "key")


def download(folder: Path, client: Client | None = None) -> Path:
    """Download what the page of the log tells readers to, in that order, and return the folder."""
    client = client or Client()
    folder.mkdir(exist_ok=True)
    for name in FILES:
        response = client.get(f"/log/{name}")
        assert response.status_code == 200
        content = b"".join(response.streaming_content) if response.streaming else response.content
        (folder / name).write_bytes(content)
    return folder


def verify(folder: Path, *arguments: str | Path, with_key: bool = True) -> tuple[int, str]:
    """Check downloaded files in a process that has Python's standard library alone; return its status and words."""
    key = ["--key", *(folder / "key").read_text().split()] if with_key else []
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "entries.jsonl", "checkpoint", *key, *map(str, arguments)],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def redact(*sequences: int) -> LogEntry:
    """Take the words out of entries, as the law may demand, and say so in the log."""
    marks = ", ".join(["%s"] * len(sequences))
    with publication() as log:
        content = {"entries": list(sequences), "reason": "court order"}
        entry = log.append("redaction", f"log/{sequences[0]}", content)
        with guards.set_aside(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE tracker_logentry SET salt = NULL, content = NULL WHERE sequence IN ({marks})",  # noqa: S608
                sequences,
            )
    return entry
