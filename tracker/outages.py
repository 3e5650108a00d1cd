"""Whether the database answers, and which of its errors say that it does not just now.

What is no such error is a fault of ours, and stays one. The doors and the finished pages ask here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from threading import Lock
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

HURRY = 2.0  # seconds that the question whether it answers at all may take
LONGEST_PAUSE = 2.0  # seconds until that is asked again


class Outage(Enum):
    """Why the database does not do what it is asked, in a sentence for staff."""

    AWAY = "The database does not answer."
    BUSY = "The database is busy with other work."
    LONG = "What was asked takes the database too long."
    READ_ONLY = "The database can be read and not changed now."
    FULL = "The disk of the database is full."


# The first letters of PostgreSQL's error codes: postgresql.org/docs/current/errcodes-appendix.html
SQLSTATES = {
    "25006": Outage.READ_ONLY,
    "53100": Outage.FULL,
    "55P03": Outage.BUSY,  # a lock was not to be had in time
    "57014": Outage.LONG,  # the statement took too long
    "08": Outage.AWAY,
    "53": Outage.AWAY,  # no more connections or memory
    "57P": Outage.AWAY,  # it stops, has crashed or is starting
    "58": Outage.AWAY,  # its disk fails
}
# SQLite's primary result codes: sqlite.org/rescode.html
RESULTS = {
    5: Outage.BUSY,
    6: Outage.BUSY,
    8: Outage.READ_ONLY,
    9: Outage.LONG,  # `middleware.stop_long_questions` stopped it
    10: Outage.AWAY,  # its disk fails
    13: Outage.FULL,
    14: Outage.AWAY,  # the file cannot be opened
    15: Outage.BUSY,
}


def find_outage(error: BaseException | None) -> Outage | None:
    """Return the outage that an error of Django's database layer tells of, or None where it is none."""
    cause: Any = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else None
    while isinstance(cause, DatabaseError | InterfaceError):  # one that came of another
        cause = cause.__cause__
    if cause is None:
        return None
    if hasattr(cause, "sqlite_errorcode"):
        return RESULTS.get(cause.sqlite_errorcode & 0xFF)
    state = getattr(cause, "sqlstate", "")
    if state is None:  # the server did not say it: the connection broke, or a statement could not be sent
        return Outage.AWAY if is_broken(connection.connection) else None
    return next((outage for start, outage in SQLSTATES.items() if start and state.startswith(start)), None)


def is_broken(connected: Any) -> bool:
    return connected is None or bool(connected.closed)


class Watch:
    """What this process last found: while the database is lost nobody waits for it, and one asks at a time."""

    def __init__(self) -> None:
        self._is_lost = False
        self._ask_again_at = 0.0
        self._asking = Lock()

    def lose(self) -> None:
        self._is_lost = True

    def is_well(self) -> bool:
        """Say whether the database may be asked. Where it was lost, find out, unless somebody just did or does."""
        if self._is_lost and time.monotonic() >= self._ask_again_at and self._asking.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._asking.release()
        return not self._is_lost

    def _ask(self) -> None:
        started = time.monotonic()
        connection.close()
        try:
            with in_a_hurry(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
                cursor.fetchall()
        except (DatabaseError, InterfaceError) as error:
            self._is_lost = find_outage(error) is not None
            connection.close()
        else:
            self._is_lost = False
        # What is refused at once may be asked often, but what takes long keeps a reader waiting.
        now = time.monotonic()
        self._ask_again_at = now + min(10 * (now - started), LONGEST_PAUSE)


WATCH = Watch()


@contextmanager
def in_a_hurry(present: Any = connection) -> Iterator[None]:
    """Let what is asked take no longer than HURRY, where the connection has a patience that can be set."""
    usual = getattr(present, "patience", None)
    present.patience = HURRY
    try:
        yield
    finally:
        present.patience = usual
