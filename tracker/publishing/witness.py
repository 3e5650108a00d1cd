"""Keeps the newest checkpoint in a file beside the key, outside the database, which may be put back to an older day.

`publishing.log` writes it once a publication is stored, and asks it before the next.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from django.conf import settings

from tracker.verify import DoesNotFit, Note, read_note

UNREADABLE = "The copy of the newest checkpoint cannot be read"


def find_path(origin: str) -> Path:
    """Return where the newest checkpoint of a log is kept: by the digits that end its name."""
    folder: Path = settings.LOG_FOLDER / "checkpoints"
    return folder / f"{origin.rsplit('/', 1)[-1]}.txt"


def read_witness(origin: str) -> Note | None:
    """Return the newest checkpoint that was kept of a log.

    Raises DoesNotFit if the file holds something else, and OSError with a sentence if it cannot be read.
    """
    path = find_path(origin)
    try:
        content = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise OSError(f"{UNREADABLE}: {error}") from None
    return None if content is None else read_note(str(path), content, {})


def set_aside(lost: Note) -> None:
    """Keep a checkpoint of which the log has said that it no longer fits under another name, out of the way."""
    path = find_path(lost.origin)
    kept = read_witness(lost.origin)
    if kept and (kept.size, kept.root) == (lost.size, lost.root):
        path.replace(path.with_suffix(f".lost-{lost.size}.txt"))


def keep(origin: str, size: int, note: str) -> None:
    """Keep a checkpoint, unless a newer one was kept meanwhile."""
    path = find_path(origin)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            kept = read_witness(origin)
        except DoesNotFit:
            return  # the next publication says so
        if kept is None or kept.size < size:
            half_written = path.with_suffix(".new")
            with half_written.open("w") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            half_written.replace(path)
