"""The search's indexes: which words each public commitment holds, kept by the database itself, whatever writes to it.

A view says what is searched of a commitment, and triggers on every table that it reads write a commitment's row of the
index anew. The words of single status updates are there too, for past days, and those of documents. Texts are cut into
words and stemmed on both databases as `words` does it. `apps` puts the indexes up after each migration and takes them
down before, like the guards; `auditing` asks whether they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.indexing import postgres, sqlite
from tracker.indexing.sources import COMMITMENTS, INDEXES
from tracker.words import BOUNDARY, split_words, stem

__all__ = [
    "count_holders",
    "find_missing",
    "find_stale",
    "find_words",
    "put_up",
    "read_vocabulary",
    "set_aside",
    "take_down",
]

ENGINES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgres}


def put_up(using: str = "default") -> None:
    """Make the indexes what they should be and fill them anew; nothing is touched where all of them stand."""
    connection = connections[using]
    if not find_missing(using) or not _has_tables(connection):
        return
    engine = ENGINES[connection.vendor]
    take_down(using)
    _execute(connection, [*engine.create(engine.define()), *engine.fill()])


def take_down(using: str = "default") -> None:
    """Take down what would be in a migration's way. A search goes on to find what was in the indexes."""
    connection = connections[using]
    _execute(connection, ENGINES[connection.vendor].drop(list(_read_standing(connection))))


@contextmanager
def set_aside(using: str = "default") -> Iterator[None]:
    """Let much be written at once, faster: the indexes are filled anew at the end."""
    with transaction.atomic(using=using):
        take_down(using)
        yield
        put_up(using)


def find_missing(using: str = "default") -> list[str]:
    """Return the names of the parts of the indexes that are not in place, or not as they should be."""
    connection = connections[using]
    standing = _read_standing(connection)
    wanted = ENGINES[connection.vendor].define()
    return [name for name, definition in wanted.items() if standing.get(name) != definition]


def find_stale(using: str = "default") -> dict[str, list[Any]]:
    """Return, by index, the keys of what it holds other words of than are public; only where there are any."""
    connection = connections[using]
    engine = ENGINES[connection.vendor]
    questions = {index.name: engine.find_stale(index) for index in INDEXES} | engine.STALE
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question)
            found[name] = [key for (key,) in cursor.fetchall()]
    return {name: keys for name, keys in found.items() if keys}


def read_vocabulary(using: str = "default") -> list[str]:
    """Return the stems of the words of public commitments, sorted, but for those that begin with a figure."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(ENGINES[connection.vendor].VOCABULARY)
        return sorted(stem for (stem,) in cursor.fetchall() if BOUNDARY not in stem)


def count_holders(asked: str, using: str = "default") -> int:
    """Return how many public commitments hold a stem, up to `sources.MANY`."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(ENGINES[connection.vendor].COUNT, [asked])
        found = cursor.fetchone()
        return found[0] if found else 0


def find_words(asked: str, using: str = "default") -> set[str]:
    """Return the words with that stem as public commitments have them, as far as some of them tell."""
    connection = connections[using]
    columns, holders = ", ".join(COMMITMENTS.columns), ENGINES[connection.vendor].HOLDERS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {COMMITMENTS.view} WHERE id IN ({holders})", [asked])
        texts = [text for row in cursor.fetchall() for text in row]
    return {word for text in texts for word in split_words(text) if stem(word) == asked}


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    """Say whether there is all that the views read: while migrating back, there is not."""
    sources = [source for index in INDEXES for source in index.sources]
    with connection.cursor() as cursor:
        if not {source.table for source in sources} <= set(connection.introspection.table_names(cursor)):
            return False
        held = {
            source.table: {each.name for each in connection.introspection.get_table_description(cursor, source.table)}
            for source in sources
        }
    return all(set(source.columns) <= held[source.table] for source in sources)


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _read_standing(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(ENGINES[connection.vendor].STANDING)
        return dict(cursor.fetchall())
