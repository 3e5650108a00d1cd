"""Moves the tests' database from one migration to another, for the tests of the way back and forth."""

from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

NEWEST = MigrationLoader(None).graph.leaf_nodes("tracker")[0][1]


def migrate(name: str = NEWEST) -> Any:
    """Move the database to a migration and return its models as they then are."""
    call_command("migrate", "tracker", name, verbosity=0)  # which takes the guards of history down meanwhile
    return MigrationExecutor(connection).loader.project_state([("tracker", name)]).apps
