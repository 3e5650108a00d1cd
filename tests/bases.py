"""The two registers that tests begin with, loaded and empty, changed for each other between one test and the next.

To empty a register takes a sixth of a second on SQLite and a quarter on PostgreSQL, since the guards must rest
meanwhile, and most tests want it empty. So each has a database of its own, to which a connection stays open.
"""

from __future__ import annotations

import itertools
import sqlite3
from typing import Any

from django.db import connection

from tests.copies import empty_the_register


class Bases:
    """What `connection` leads to: one of the two at a time. Where they change, no transaction is open."""

    def __init__(self) -> None:
        self.present = "loaded"
        self.waiting: dict[str, tuple[str, Any]] = {}  # the database's name, and the connection to it

    def bring(self, name: str) -> None:
        """Lead to the register that is "loaded" or "empty"."""
        if name == self.present:
            return
        found = self.waiting.pop(name, None)
        if found is None:
            self.make_empty()
        else:
            self.waiting[self.present] = connection.settings_dict["NAME"], connection.connection
            connection.settings_dict["NAME"], connection.connection = found
        self.present = name

    def make_empty(self) -> None:
        raise NotImplementedError

    def put_right(self) -> bool:
        """Undo what a test with real transactions has done, if that can be done here."""
        return False

    def end(self) -> None:
        """Leave alone the database that was there at first."""
        self.bring("loaded")


class InMemory(Bases):
    """On SQLite each is in memory, and so are copies of both, of which a new database is made in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count()
        self.kept = {"loaded": self.copy()}

    def copy(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        connection.ensure_connection()
        connection.connection.backup(copy)
        return copy

    def open(self, name: str) -> None:
        connection.settings_dict["NAME"] = f"file:register_{next(self.numbers)}?mode=memory&cache=shared"
        connection.connection = None
        connection.ensure_connection()
        self.kept[name].backup(connection.connection)

    def make_empty(self) -> None:
        self.waiting["loaded"] = connection.settings_dict["NAME"], connection.connection
        self.open("loaded")
        empty_the_register()
        self.kept["empty"] = self.copy()

    def put_right(self) -> bool:
        old = connection.connection
        self.open(self.present)
        if old is not None:
            old.close()
        return True


class OnServer(Bases):
    """On PostgreSQL the server copies the one that is loaded."""

    def make_empty(self) -> None:
        loaded = connection.settings_dict["NAME"]
        connection.close()  # the server copies no database that somebody is using
        self.drop(f"{loaded}_empty")
        with connection.creation._nodb_cursor() as cursor:
            old, new = map(connection.ops.quote_name, (loaded, f"{loaded}_empty"))
            cursor.execute(f"CREATE DATABASE {new} TEMPLATE {old}")
        self.waiting["loaded"] = loaded, None
        connection.settings_dict["NAME"] = f"{loaded}_empty"
        empty_the_register()

    def drop(self, name: str) -> None:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}")

    def end(self) -> None:
        super().end()
        if "empty" in self.waiting:
            name, waiting = self.waiting.pop("empty")
            if waiting is not None:
                waiting.close()
            self.drop(name)


def make_bases() -> Bases:
    bases = InMemory() if connection.vendor == "sqlite" else OnServer()
    for name in ("empty", "loaded"):  # at once, while nobody else is connected to what is copied
        bases.bring(name)
    return bases
