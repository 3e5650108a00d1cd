"""Writes the tables in three forms at once, row by row as they are read: CSV in a zip, JSON Lines and SQLite."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import Any, Protocol

from tracker.exports.package.describing import Stand, describe_package, describe_table, write_readme
from tracker.exports.package.fields import VOCABULARIES, Field, Reference, Table

Rows = list[list[Any]]
RUN_BY_SPREADSHEETS = re.compile(r"'*[=+\-@\t\r]")


class Writer(Protocol):
    """One file that tables are written into, one after the other."""

    def begin(self, table: Table) -> None: ...

    def add(self, rows: Rows) -> None: ...

    def end(self) -> None: ...

    def close(self) -> None: ...


def write_json(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


def write_plainly(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def write_cell(value: Any) -> Any:
    """Write a value as a cell of a CSV, exactly and yet so that no spreadsheet runs it: see `describing.ESCAPED`."""
    if isinstance(value, str):
        return f"'{value}" if RUN_BY_SPREADSHEETS.match(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else write_plainly(value)


class ZipOfCsv:
    """A Frictionless data package. Its parts bear the time of the log entry that it stands at, not of the writing."""

    def __init__(self, path: Path, stand: Stand) -> None:
        self.stand = stand
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.resources: list[dict[str, Any]] = []

    def begin(self, table: Table) -> None:
        self.table, self.size, self.digest = table, 0, hashlib.sha256()
        self.part = self.zip.open(self._name(f"{table.name}.csv"), "w")
        self._write([table.header])

    def add(self, rows: Rows) -> None:
        self._write([[write_cell(value) for value in row] for row in rows])

    def _write(self, lines: Rows) -> None:
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        content = text.getvalue().encode()
        self.size += len(content)
        self.digest.update(content)
        self.part.write(content)

    def end(self) -> None:
        self.part.close()
        self.resources.append(describe_table(self.table, size=self.size, sha256=self.digest.hexdigest()))

    def close(self) -> None:
        descriptor = write_json(describe_package(self.stand, self.resources), indent=2)
        self.zip.writestr(self._name("datapackage.json"), f"{descriptor}\n")
        self.zip.writestr(self._name("README.txt"), write_readme(self.stand))
        self.zip.writestr(self._name("checkpoint.txt"), self.stand.checkpoint.note)
        self.zip.close()

    def _name(self, name: str) -> zipfile.ZipInfo:
        at = self.stand.at.astimezone(dt.UTC)
        part = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        part.compress_type = zipfile.ZIP_DEFLATED
        part.external_attr = 0o644 << 16
        return part


class JsonLines:
    """One row a line, with the name of its table. The first line says what the file is."""

    def __init__(self, path: Path, stand: Stand, tables: tuple[Table, ...]) -> None:
        self.file = path.open("w", encoding="utf-8", newline="\n")
        columns = {table.name: table.header for table in tables}
        self.file.write(write_json({"about": stand.describe(), "tables": columns}) + "\n")

    def begin(self, table: Table) -> None:
        self.table = table

    def add(self, rows: Rows) -> None:
        for row in rows:
            facts = dict(zip(self.table.header, map(write_plainly, row), strict=True))
            self.file.write(write_json({"table": self.table.name} | facts) + "\n")

    def end(self) -> None:
        pass

    def close(self) -> None:
        self.file.close()


class Inconsistent(Exception):
    """Raised when a row names one that is not in the package."""


SQL_TYPES = {"number": "INTEGER", "true or false": "INTEGER"}
SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5("
    "kind UNINDEXED, name UNINDEXED, title, words, tokenize = 'porter unicode61 remove_diacritics 2')"
)


class SqliteFile:
    """One database with keys, indexes, a full-text search in the table `search` and a table `about`."""

    def __init__(self, path: Path, stand: Stand) -> None:
        self.tables: list[Table] = []
        self.database = sqlite3.connect(path, isolation_level=None)
        # The file is thrown away where its writing is broken off, so nothing needs to be journalled.
        self.database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
        self.database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        about = ((name, str(value)) for name, value in stand.describe().items())
        self.database.executemany("INSERT INTO about VALUES (?, ?)", about)

    def begin(self, table: Table) -> None:
        self.tables.append(table)
        self.database.execute(define_table(table))
        self.insert = f"INSERT INTO {quote(table.name)} VALUES ({', '.join('?' * len(table.fields))})"  # noqa: S608

    def add(self, rows: Rows) -> None:
        self.database.executemany(self.insert, [[write_plainly(value) for value in row] for row in rows])

    def end(self) -> None:
        pass

    def close(self) -> None:
        """Raise Inconsistent where a row names one that is not there."""
        for table in self.tables:
            for statement in define_indexes(table):
                self.database.execute(statement)
        self.database.execute(SEARCH)
        for table in self.tables:
            if table.searched:
                self.database.execute(fill_search(table))
        self.database.execute("INSERT INTO search (search) VALUES ('optimize')")
        self.database.execute("ANALYZE")
        self.database.execute("COMMIT")
        dangling = self.database.execute("PRAGMA foreign_key_check").fetchone()
        self.database.close()
        if dangling:
            raise Inconsistent(f"Row {dangling[1]} of {dangling[0]} names a row of {dangling[2]} that is not there.")


def quote(name: str) -> str:
    return f'"{name}"'


def quote_all(names: Any) -> str:
    return ", ".join(map(quote, names))


def define_table(table: Table) -> str:
    parts = [_define_column(field) for field in table.fields]
    parts.append(f"PRIMARY KEY ({quote_all(table.key)})")
    parts += [_define_reference(reference) for reference in table.references]
    return f"CREATE TABLE {quote(table.name)} (\n  " + ",\n  ".join(parts) + "\n)"


def _define_column(field: Field) -> str:
    parts = [quote(field.name), SQL_TYPES.get(field.kind, "TEXT")]
    if field.is_needed:
        parts.append("NOT NULL")
    if field.words:
        codes = ", ".join(f"'{code}'" for code, _, _ in VOCABULARIES[field.words])
        parts.append(f"CHECK ({quote(field.name)} IN ({codes}))")
    if field.kind == "true or false":
        parts.append(f"CHECK ({quote(field.name)} IN (0, 1))")
    return " ".join(parts)


def _define_reference(reference: Reference) -> str:
    target = f"{quote(reference.table)} ({quote_all(reference.key)})"
    return f"FOREIGN KEY ({quote_all(reference.columns)}) REFERENCES {target}"


def define_indexes(table: Table) -> list[str]:
    """Return an index for each reference that the key does not begin with, and for what is searched by besides."""
    wanted = [reference.columns for reference in table.references] + list(table.indexed)
    wanted = [columns for columns in wanted if table.key[: len(columns)] != columns]
    return [
        f"CREATE INDEX {quote('_'.join((table.name, *columns)))} ON {quote(table.name)} ({quote_all(columns)})"
        for columns in wanted
    ]


def fill_search(table: Table) -> str:
    """Return the statement that adds the texts of a table to the full-text search, by the first part of its key."""
    title = quote(table.titled) if table.titled else "''"
    words = " || ' ' || ".join(f"coalesce({quote(name)}, '')" for name in table.searched)
    name = quote(table.key[0])
    return f"INSERT INTO search SELECT '{table.name}', {name}, {title}, {words} FROM {quote(table.name)}"  # noqa: S608
