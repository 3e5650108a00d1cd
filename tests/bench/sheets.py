"""Rows on their way into a table, past models and triggers: how a million commitments are written in minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models


class Sheet:
    """Rows of one model, gathered by the names of their columns and written together.

    What a row does not name is what the model says of it by default, or the database.
    """

    def __init__(self, model: type[models.Model]) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.has_db_default()]
        blank = model()
        self.model = model
        self.table = model._meta.db_table
        self.columns = [field.column for field in fields]
        self.places = {field.attname: place for place, field in enumerate(fields)}
        self.blank = [getattr(blank, field.attname) for field in fields]
        self.rows: list[list[Any]] = []
        self.last = 0  # the key given last

    def add(self, **facts: Any) -> int:
        """Add a row and return its key."""
        row = self.blank.copy()
        self.last += 1
        row[self.places["id"]] = self.last
        for name, value in facts.items():
            row[self.places[name]] = value
        self.rows.append(row)
        return self.last

    def write(self) -> None:
        columns = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self.table} ({columns}) FROM STDIN") as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(f"INSERT INTO {self.table} ({columns}) VALUES ({marks})", self.rows)  # noqa: S608
        self.rows.clear()


def _ask(question: str, names: list[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question.format(", ".join(["%s"] * len(names))), names)
        return cursor.fetchall()


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def set_indexes_aside(sheets: list[Sheet]) -> Iterator[None]:
    """Let tables be without their indexes and, on PostgreSQL, without references: both are made anew at the end."""
    connection.check_constraints()
    read = _read_on_postgres if connection.vendor == "postgresql" else _read_on_sqlite
    down, up = read([sheet.table for sheet in sheets])
    _execute(down)
    yield
    _execute(up)
    _execute(connection.ops.sequence_reset_sql(no_style(), [sheet.model for sheet in sheets]))


def _read_on_sqlite(tables: list[str]) -> tuple[list[str], list[str]]:
    question = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})"
    found = _ask(question, tables)
    return [f'DROP INDEX "{name}"' for name, _ in found], [sql for _, sql in found]


def _read_on_postgres(tables: list[str]) -> tuple[list[str], list[str]]:
    indexes = _ask(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ({}) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        tables,
    )
    references = _ask(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' "
        "AND connamespace = current_schema()::regnamespace AND conrelid::regclass::text IN ({})",
        tables,
    )
    down = [f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for table, name, _ in references]
    up = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for table, name, definition in references]
    return [*down, *(f'DROP INDEX "{name}"' for name, _ in indexes)], [*(sql for _, sql in indexes), *up]
