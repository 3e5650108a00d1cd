"""Puts a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from tracker.backups import NoGoodBackup, restore_backup
from tracker.models import LogEntry


class Command(BaseCommand):
    help = (
        "Put a backup in the place of this database, whole or not at all. It is checked in a new place first. "
        "Run migrate afterwards, in case the backup is from an earlier version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="even if something was published here: it is lost")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        if not replace and has_log():
            raise CommandError("Something was published in this database. With --replace it is lost; back it up first.")
        try:
            manifest = restore_backup(file)
        except NoGoodBackup as error:
            raise CommandError(f"{error} Nothing was changed.") from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"The backup was not put back. {where}{error.strerror}. Nothing was changed.") from None
        self.stdout.write(
            f"Restored the register of {manifest.made_at}, with {manifest.entries} entries of the log. "
            "Now run: manage.py migrate"
        )


def has_log() -> bool:
    """Say whether anything was published here. A database without tables is one where nothing was."""
    try:
        return LogEntry.objects.exists()
    except DatabaseError:
        return False
