"""Writes fields of many stored rows in one statement. Only for the verbs: it asks no model whether a row is history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

AT_ONCE = 500  # rows in a statement: SQLite takes 32,766 values


def write_fields(rows: Sequence[Model], names: Sequence[str], *, where: str = "TRUE") -> int:
    """Store what rows of one model hold in some fields, of those stored rows for which a condition holds.

    Returns how many were written. There may be `AT_ONCE` rows.
    """
    if not rows:
        return 0
    meta, quote = type(rows[0])._meta, connection.ops.quote_name
    fields: list[Any] = [meta.get_field(name) for name in names]
    values = [
        value
        for row in rows
        for value in (row.pk, *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields))
    ]
    # PostgreSQL wants to know what a column of nothing but NULL would be; SQLite would take a cast to a date for sums.
    cast = "CAST(written.column{place} AS {kind})" if connection.vendor == "postgresql" else "written.column{place}"
    changes = ", ".join(
        f"{quote(field.column)} = {cast.format(place=place, kind=field.db_type(connection))}"
        for place, field in enumerate(fields, start=2)
    )
    places = ", ".join([f"({', '.join(['%s'] * (len(fields) + 1))})"] * len(rows))
    table = quote(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM (VALUES {places}) AS written "  # noqa: S608 - names of our own models
            f"WHERE {table}.{quote(str(meta.pk.column))} = written.column1 AND {where}",
            values,
        )
        return int(cursor.rowcount)
