"""Checks the public log, here or in a file that somebody downloaded, and names the first entry that does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.auditing import find_fault_of_the_witness, find_faults_of_the_log
from tracker.models import Checkpoint, LogEntry, LogHead
from tracker.publishing import is_signed
from tracker.verify import DoesNotFit, Note, check_entries, read_keys, read_note


class Command(BaseCommand):
    help = "Check every hash and signature of the public log. Exits 1 and names the first entry that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="a downloaded entries.jsonl, in place of the log here")
        parser.add_argument(
            "--checkpoint",
            type=Path,
            nargs="+",
            action="extend",
            default=[],
            help="checkpoints that were kept elsewhere",
        )
        parser.add_argument(
            "--copy",
            action="store_true",
            help="of a backup: the checkpoint kept beside the key may go beyond it; ends with its size and root",
        )
        parser.add_argument("--key", nargs="+", action="extend", default=[], help="public keys; default: the log's own")

    def handle(self, *args: Any, file: Path | None, checkpoint: list[Path], key: list[str], **options: Any) -> None:
        if file and not checkpoint:
            raise CommandError("With --file, name at least one --checkpoint too.")
        try:
            keys = read_keys(key or Checkpoint.objects.order_by().values_list("key", flat=True).distinct())
            saved = [read_note(str(path), path.read_bytes(), keys, is_signed) for path in checkpoint]
            faults = [] if file else list(find_faults_of_the_log(saved))
            size = self._check_file(file, saved) if file else LogEntry.objects.count()
        except (DoesNotFit, OSError) as fault:
            faults = [str(fault)]
        if not file and not options["copy"]:
            faults += self._compare_with_witness()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError("The log is not as it was published.")
        signed = "" if keys else " No public key is known, so no signature was checked."
        self.stdout.write(f"The log is as it was published: {size} entries fit every checkpoint.{signed}")
        if options["copy"]:
            self.stdout.write("{} {}".format(*LogHead.objects.values_list("sequence", "root_hash").first() or (0, "")))

    def _compare_with_witness(self) -> list[str]:
        try:
            return [fault] if (fault := find_fault_of_the_witness()) else []
        except OSError as error:
            raise CommandError(str(error)) from None

    def _check_file(self, file: Path, saved: list[Note]) -> int:
        with file.open("rb") as lines:
            return check_entries(lines, saved)
