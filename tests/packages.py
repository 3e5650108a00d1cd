"""Reads the files of the whole register, as anybody would who has taken them away."""

import contextlib
import csv
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

from django.core.management import call_command

Rows = list[dict[str, Any]]


def export(folder: Path) -> Path:
    """Build the files and return the folder that they are in."""
    call_command("export_register", directory=folder, verbosity=0)
    return folder / "current"


def read_descriptor(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as package:
        return json.loads(package.read("datapackage.json"))


def read_csv_files(path: Path) -> dict[str, Rows]:
    """Return the rows of each CSV in a package, as text."""
    with zipfile.ZipFile(path) as package:
        return {
            each["name"]: list(csv.DictReader(io.StringIO(package.read(each["path"]).decode(), newline="")))
            for each in read_descriptor(path)["resources"]
        }


def read_what_is_said(path: Path) -> dict[str, Rows]:
    """Return the rows of each CSV without the columns that every register has of its own."""
    own = {
        each["name"]: {field["name"] for field in each["schema"]["fields"] if field.get("ownToThisRegister")}
        for each in read_descriptor(path)["resources"]
    }
    return {
        table: [{name: text for name, text in row.items() if name not in own[table]} for row in rows]
        for table, rows in read_csv_files(path).items()
    }


def read_lines(path: Path) -> dict[str, Rows]:
    """Return the rows of each table in a file of JSON Lines."""
    first, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    tables: dict[str, Rows] = {table: [] for table in first["tables"]}
    for line in lines:
        tables[line.pop("table")].append(line)
    return tables


def read_database(path: Path) -> dict[str, Rows]:
    """Return the rows of each table in a SQLite file, in the order in which they were written."""
    names = read_lines(path.with_suffix(".jsonl"))
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return {
            table: [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608
            for table in names
        }
