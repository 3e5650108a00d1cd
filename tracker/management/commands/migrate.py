"""Django's `migrate`, all of it in one transaction: whoever kills it leaves the database as it was.

Django commits each migration by itself, some before it has noted that they were done, and what `tracker.apps` puts up
afterwards comes later still. A migration that was killed in between could then neither be repeated nor taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations import Migration


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        self.using = options["database"]
        with one_transaction(self.using):
            super().handle(*args, **options)

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        super().migration_progress_callback(action, migration, fake)
        if action in {"apply_success", "unapply_success"}:
            # PostgreSQL alters no table of which something is still to be checked at the end of the transaction.
            connections[self.using].check_constraints()


@contextmanager
def one_transaction(using: str) -> Iterator[None]:
    connection = connections[using]
    # SQLite takes this switch outside of a transaction alone; each migration checks the constraints at its end.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=using):
            yield
    finally:
        connection.enable_constraint_checking()
