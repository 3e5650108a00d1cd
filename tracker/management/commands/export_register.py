"""Builds the files of the whole register that `/data/` offers."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from tracker.exports.package import Inconsistent, NothingToExport, build_package


class Command(BaseCommand):
    help = (
        "Write everything that is public into files: a zip of CSV, JSON Lines and SQLite. "
        "The earlier files stay until the new ones are whole; nothing else is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--directory", type=Path, default=settings.EXPORT_FOLDER, help="default: where /data/ looks for them"
        )

    def handle(self, *args: Any, directory: Path, verbosity: int, **options: Any) -> None:
        started = time.monotonic()
        report = self.stdout.write if verbosity else str
        try:
            stand = build_package(directory, report=report)
        except (Inconsistent, NothingToExport) as error:
            raise CommandError(f"{error} The earlier files, if there are any, stay as they are.") from None
        except OSError as error:
            raise CommandError(f"The files cannot be written to {directory}: {error.strerror}.") from None
        except (DatabaseError, sqlite3.Error) as error:
            raise CommandError(f"The files were not written: {error}") from None
        seconds = time.monotonic() - started
        report(f"Wrote the register at entry {stand.entry} of the log into {directory}/current/ in {seconds:.1f} s.")
