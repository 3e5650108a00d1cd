"""Loads the register's files, or the package of a whole register, through the verbs: all of it or nothing, or what is
too much for one transaction bit by bit.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from tracker.importing import (
    ORDER,
    CannotBeLoaded,
    NotAPackage,
    Plan,
    Problem,
    RefusedMeanwhile,
    RegisterFiles,
    apply_in_batches,
    apply_load,
    plan_load,
    plan_package,
    read_register,
    restore_package,
)
from tracker.management.progress import Interrupted, Progress, heed_stops
from tracker.models import LogHead, ReadOnly
from tracker.publishing import LogIsBroken, PublicationRefused, hold_the_line

# Up to so many rows are loaded as one, all or nothing; more of them in batches of so many commitments.
LARGE, BATCH = 20_000, 500
NAME = "The register's files"
DEFAULT_FOLDER = Path(settings.BASE_DIR) / "fixtures"


class Command(BaseCommand):
    help = (
        "Load the register's files. What is published already stays; what is new is added; "
        "a file that is broken or would rewrite published history is refused, and then nothing is loaded. "
        "The zip that export_register wrote is loaded into an empty register, which is then the same again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source", nargs="?", type=Path, default=DEFAULT_FOLDER, help="a folder or a zip; default: fixtures/"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be loaded, and load nothing")
        parser.add_argument(
            "--unless-read-only", action="store_true", help="a register that is read-only stays as it is, without error"
        )
        parser.add_argument(
            "--batches-of",
            type=int,
            metavar="N",
            help=f"commitments in a transaction; default: {BATCH} where the files hold more than {LARGE:,} rows, "
            "else all of them in one",
        )

    def handle(self, *args: Any, source: Path, dry_run: bool, **options: Any) -> None:
        with heed_stops() as heard:
            self.progress = Progress(self.stdout, heard)
            try:
                if source.suffix == ".zip":
                    self._load_package(source, dry_run=dry_run)
                else:
                    self._load_files(source, dry_run=dry_run, batches_of=options.get("batches_of"))
            except Interrupted:
                raise CommandError("Interrupted. Nothing was loaded.") from None
            except ReadOnly as error:
                if not options.get("unless_read_only"):
                    raise CommandError(str(error)) from None
                self.stdout.write(str(error))

    def _load_package(self, path: Path, *, dry_run: bool) -> None:
        started = time.monotonic()
        try:
            plan = plan_package(path)
            self.progress.begin(len(plan.steps))
            with hold_the_line():
                entry = restore_package(plan, report=self.progress)
                transaction.set_rollback(dry_run)
        except (CannotBeLoaded, LogIsBroken, NotAPackage, PublicationRefused) as error:
            raise CommandError(f"{error} Nothing was loaded.") from None
        except DatabaseError as error:
            raise CommandError(f"The package cannot be loaded: {error}. Nothing was loaded.") from None
        for table, count in plan.left_out.items():
            self.stdout.write(f"{table}: {count} stay behind, as no other register can publish them.")
        if dry_run:
            self.stdout.write(f"Would publish {len(plan.steps)} rows. Nothing was loaded (--dry-run).")
            return
        seconds = time.monotonic() - started
        self.stdout.write(f"Loaded {len(plan.steps)} rows in {seconds:.1f} s, as entry {entry.sequence} of the log.")

    def _load_files(self, folder: Path, *, dry_run: bool, batches_of: int | None) -> None:
        started = time.monotonic()
        self.progress.begin(what="rows read")
        register, problems = read_register(folder, report=self.progress)
        self._stop_at(problems, "cannot be loaded")
        self.stdout.write(f"Read {len(register.files)} files.")
        batch = batches_of or (BATCH if register.count_rows() > LARGE else None)
        if dry_run:
            additions = describe_additions(self._plan(register, keep=False))
            self.stdout.write(f"Would add {additions}. Nothing was loaded (--dry-run).")
            return
        try:
            plan, stands = self._load_in_batches(register, batch) if batch else self._load_at_once(register)
        except LogIsBroken as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The files cannot be loaded: {error}. Nothing was loaded.") from None
        if not plan.counts:
            self.stdout.write("Everything in the files is published already. Nothing to do.")
            return
        seconds = time.monotonic() - started
        self.stdout.write(f"Loaded {describe_additions(plan)} in {seconds:.1f} s, as {stands} of the log.")

    def _load_at_once(self, register: RegisterFiles) -> tuple[Plan, str]:
        with hold_the_line():
            plan = self._plan(register, keep=True)
            self.progress.begin(len(plan.additions))
            entry = apply_load(plan, name=NAME, report=self.progress)
        return plan, f"entry {entry.sequence}" if entry else ""

    def _load_in_batches(self, register: RegisterFiles, batch: int) -> tuple[Plan, str]:
        plan = self._plan(register, keep=False)
        total, done, first = plan.counts.total(), 0, read_size() + 1
        if total:
            self.stdout.write(f"Loading {batch:,} commitments in a transaction; what is loaded stays.")
        self.progress.begin(total)

        def report(now: int) -> None:
            nonlocal done
            done = now
            self.progress(now)

        try:
            apply_in_batches(register, name=NAME, at_once=batch, report=report)
        except (DatabaseError, Interrupted, LogIsBroken, PublicationRefused, RefusedMeanwhile) as error:
            why = "Interrupted." if isinstance(error, Interrupted) else f"{error}"
            raise CommandError(
                f"{why} {done:,} of {total:,} rows are loaded, each commitment with all that belongs to it. "
                "The same command loads the rest."
            ) from None
        return plan, f"entries {first} to {read_size()}"

    def _plan(self, register: RegisterFiles, *, keep: bool) -> Plan:
        self.progress.begin(what="rows compared")
        plan = plan_load(register, keep=keep, report=self.progress)
        self._stop_at(plan.refusals, "would break the rules or rewrite published history")
        for place in plan.removed:
            self.stdout.write(
                f"{place}: the file still holds words that were removed from the register. Take them out."
            )
        return plan

    def _stop_at(self, problems: list[Problem], verdict: str) -> None:
        if problems:
            lines = "\n".join(f"  {problem}" for problem in problems)
            count = f"{len(problems)} place{'s' if len(problems) > 1 else ''}"
            raise CommandError(f"The files {verdict}, in {count}. Nothing was loaded.\n{lines}")


def describe_additions(plan: Plan) -> str:
    """Return the additions of a plan in words, such as "102 commitments and 373 status updates"."""
    parts = [
        f"{plan.counts[kind]} {kind.replace('_', ' ').replace('help', 'support services')}"
        for kind in ORDER
        if plan.counts[kind]
    ]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts) or "nothing"


def read_size() -> int:
    """Return how many entries the log has."""
    return LogHead.objects.values_list("sequence", flat=True).first() or 0
