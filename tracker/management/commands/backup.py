"""Backs up the whole database into one file, which is put back and checked before it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tracker.backups import NoGoodBackup, make_backup


class Command(BaseCommand):
    help = (
        "Write the whole database, drafts and accounts too, into one file, while everybody goes on working. "
        "It is restored into a new place and its log checked before it is kept. Keep it where only you can read it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: var/backups/ and the time")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if file is None:
            folder = settings.BASE_DIR / "var" / "backups"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = folder / f"register-{timezone.now():%Y-%m-%dT%H%M%SZ}.zip"
        if file.exists():
            raise CommandError(f"{file} is there already; a backup never replaces another.")
        try:
            manifest = make_backup(file)
        except NoGoodBackup as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The backup was not written: {error}") from None
        self.stdout.write(f"Wrote {file}: {manifest.entries} entries of the log, restored elsewhere and checked.")
