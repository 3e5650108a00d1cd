"""Which database the public pages are read from: the primary, or a read replica that knows as much.

`finished` asks before each public request; the settings name `Router`, by which Django then reads from there. All else,
the desk, the verbs and the commands, reads and writes the primary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, close_old_connections, connections

from tracker.models import LogHead, SiteState
from tracker.outages import WATCH, find_outage, in_a_hurry

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

PRIMARY, REPLICA = DEFAULT_DB_ALIAS, "replica"
LOOK_AGAIN = 0.25  # seconds for which a version that was found counts as the newest
PAUSE = 1  # seconds for which a replica that did not answer is not asked again


class Version(NamedTuple):
    """The version of all that the public sees: of the register, and of the site's state, which holds the notice.

    The two numbers say which of two is newer. The rest tells apart what has the same numbers, as after an older backup.
    """

    sequence: int
    state: int
    root: str = ""
    notice: str = ""
    notice_cy: str = ""


FIELDS = {LogHead: ("sequence", "root_hash"), SiteState: ("version", "notice", "notice_cy")}
VERSION = f"SELECT {', '.join(f'({model.objects.values(name).query})' for model in FIELDS for name in FIELDS[model])}"

_place: ContextVar[str] = ContextVar("place", default=PRIMARY)


class Router:
    """Sends what is read to where this request reads, and everything else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return _place.get()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, *rows: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, *args: Any, **hints: Any) -> bool:
        return db == PRIMARY


def reads_replica() -> bool:
    """Say whether this request reads the replica, so that it needs no primary."""
    return _place.get() == REPLICA


@contextmanager
def reading_from(place: str) -> Iterator[None]:
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def read_to_the_end(place: str, response: Any) -> Iterator[bytes]:
    """Send on an answer that is read while it is sent, all of it from one database."""
    pieces = iter(response)
    try:
        while True:
            with reading_from(place):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece
    finally:
        getattr(response, "close", lambda: None)()


class Found(NamedTuple):
    """The version to show, None where no database answers, and the database to read it from."""

    version: Version | None
    place: str


class Databases:
    """What one process knows of its databases: which version it has seen, and whether the replica answers."""

    def __init__(self, *, look_again: float = LOOK_AGAIN) -> None:
        self.has_replica = REPLICA in connections
        self.newest: Version | None = None  # of its numbers alone
        self._look_again = look_again
        self._found: tuple[float, Found] | None = None  # and until when it counts
        self._ask_replica_at = 0.0
        self._lock = Lock()

    def find(self) -> Found:
        """Return the newest version, as it was a moment ago at most."""
        found = self._found
        return found[1] if found and monotonic() < found[0] else self.look()

    def look(self) -> Found:
        """Return the newest version as it is at this moment, from which on nothing older counts.

        It is the primary's; while that is away the replica's, unless this process has seen a newer one.
        """
        until = monotonic() + self._look_again
        found = self._ask()
        with self._lock:
            if found.version is None:
                self._found = None
            elif self._found is None or self._found[0] <= until:  # who looked later may have been quicker
                self._found = (until, found)
        return found

    def _ask(self) -> Found:
        version = ask_primary()
        if version is not None:
            self._remember(version)
            return Found(version, PRIMARY)
        version = self._ask_replica()
        if version is not None and knows(version, self.newest):
            self._remember(version)
            return Found(version, REPLICA)
        return Found(None, PRIMARY)

    def lead(self, application: Application, found: Found) -> Application:
        """Return an application that reads from the replica, where that knows the version that was found, too."""
        return partial(self._answer, application, found) if self.has_replica else application

    def _answer(
        self,
        application: Application,
        found: Found,
        environ: dict[str, Any],
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        known = self._ask_replica() if found.place == PRIMARY and found.version is not None else None
        if found.place == PRIMARY and (known is None or not knows(known, found.version)):
            return application(environ, start_response)
        return self._read_from_replica(application, environ, start_response)

    def _read_from_replica(
        self, application: Application, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer from the replica; from the primary, if the replica went away or took something back meanwhile."""
        heads: list[tuple[Any, ...]] = []
        with reading_from(REPLICA):
            response = application(environ, lambda *head: heads.append(head))
        if heads[0][0].startswith("5"):
            getattr(response, "close", lambda: None)()
            self._leave_replica_alone()
            return application(environ, start_response)
        start_response(*heads[0])
        return read_to_the_end(REPLICA, response)

    def _leave_replica_alone(self) -> None:
        self._ask_replica_at = monotonic() + PAUSE

    def _remember(self, version: Version) -> None:
        with self._lock:
            seen = self.newest or version
            self.newest = Version(max(seen.sequence, version.sequence), max(seen.state, version.state))

    def _ask_replica(self) -> Version | None:
        """Return the version that the replica knows; None where there is none, or it did not answer a moment ago."""
        if not self.has_replica or monotonic() < self._ask_replica_at:
            return None
        connection = connections[REPLICA]
        for was_open in (connection.connection is not None, False):
            try:
                return read_version(REPLICA)
            except (DatabaseError, InterfaceError):
                connection.close_if_unusable_or_obsolete()
            if not was_open:  # otherwise it may be the connection alone that broke
                break
        self._leave_replica_alone()
        return None


def ask_primary() -> Version | None:
    """Return the version that the primary knows; None while it is lost."""
    if not WATCH.is_well():
        return None
    try:
        return read_version(PRIMARY)
    except (DatabaseError, InterfaceError) as error:
        if find_outage(error):
            WATCH.lose()
        close_old_connections()
        return None


def read_version(place: str) -> Version:
    connection = connections[place]
    with in_a_hurry(connection), connection.cursor() as cursor:
        cursor.execute(VERSION)
        sequence, root, state, notice, notice_cy = cursor.fetchone()
    return Version(sequence or 0, state or 0, root or "", notice or "", notice_cy or "")


def knows(version: Version, other: Version | None) -> bool:
    """Say whether a version holds all that another does."""
    return other is None or (version.sequence >= other.sequence and version.state >= other.state)
