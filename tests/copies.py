"""What many tests begin with, published once and then copied row by row: publishing takes most of a test's time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from tracker import guards

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
AT_ONCE = 500  # rows in a statement: PostgreSQL writes the search's index anew after each
_kept: dict[tuple[str, dt.datetime | None], Rows] = {}


def make_once(name: str, make: Callable[[], None], *, at: dt.datetime | None = None) -> None:
    """Do `make` to an empty register, or put back what it made there before.

    `at` is the moment at which the tests' clock stands, or None where what is made does not depend on it.
    """
    if (name, at) in _kept:
        put_rows(_kept[name, at])
        return
    was_empty = not any(rows for _columns, rows in copy_rows().values())
    make()
    if was_empty:
        keep_copy(name, at=at)


def keep_copy(name: str, *, at: dt.datetime | None = None) -> None:
    """Keep what the register holds now, to put it back under this name."""
    _kept[name, at] = copy_rows()


def stopped_clock() -> dt.datetime | None:
    """Return the moment at which a test has stopped the clock, or None where it goes on."""
    first, second = timezone.now(), timezone.now()
    return first if first == second else None


def copy_rows() -> Rows:
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in list_tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows[table] = ([column[0] for column in cursor.description], cursor.fetchall())
    return rows


def put_rows(rows: Rows) -> None:
    """Put rows into the tables they were copied from, past the guards, which know only how publishing goes."""
    quote = connection.ops.quote_name
    with guards.set_aside(), connection.cursor() as cursor:
        for table, (columns, lines) in rows.items():
            names, places = ", ".join(map(quote, columns)), f"({', '.join(['%s'] * len(columns))})"
            for first in range(0, len(lines), AT_ONCE):
                some = lines[first : first + AT_ONCE]
                cursor.execute(
                    f"INSERT INTO {quote(table)} ({names}) VALUES {', '.join([places] * len(some))}",  # noqa: S608
                    [value for line in some for value in line],
                )
        for statement in connection.ops.sequence_reset_sql(no_style(), list_models()):
            cursor.execute(statement)
        connection.check_constraints()


def empty_the_register() -> None:
    with guards.set_aside(), connection.cursor() as cursor:
        for table in reversed(list_tables()):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


def list_models() -> list[type[Model]]:
    return list(apps.get_app_config("tracker").get_models(include_auto_created=True))


def list_tables() -> list[str]:
    """Return the tables, commitments last: until they are there, the search has nothing to keep up to date."""
    return sorted((model._meta.db_table for model in list_models()), key=lambda table: table == "tracker_commitment")
