"""Loads the register's files, or the package of a whole register, through the verbs: all of it or nothing."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from tracker.importing import (
    CannotBeLoaded,
    NotAPackage,
    Plan,
    Problem,
    RegisterFiles,
    apply_load,
    plan_load,
    plan_package,
    read_register,
    restore_package,
)
from tracker.models import ReadOnly
from tracker.publishing import LogIsBroken, PublicationRefused, hold_the_line

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

    def handle(self, *args: Any, source: Path, dry_run: bool, unless_read_only: bool, **options: Any) -> None:
        load = self._load_package if source.suffix == ".zip" else self._load_files
        try:
            load(source, dry_run=dry_run)
        except ReadOnly as error:
            if not unless_read_only:
                raise CommandError(str(error)) from None
            self.stdout.write(str(error))

    def _load_package(self, path: Path, *, dry_run: bool) -> None:
        started = time.monotonic()
        try:
            plan = plan_package(path)
            with hold_the_line():
                entry = restore_package(plan, report=self.stdout.write)
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

    def _load_files(self, folder: Path, *, dry_run: bool) -> None:
        started = time.monotonic()
        register, problems = read_register(folder)
        self._stop_at(problems, "cannot be loaded")
        self.stdout.write(f"Read {len(register.files)} files.")
        if dry_run:
            additions = describe_additions(self._plan(register))
            self.stdout.write(f"Would add {additions}. Nothing was loaded (--dry-run).")
            return
        try:
            with hold_the_line():
                plan = self._plan(register)
                entry = apply_load(plan, name="The register's files", report=self.stdout.write)
        except LogIsBroken as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The files cannot be loaded: {error}. Nothing was loaded.") from None
        if entry is None:
            self.stdout.write("Everything in the files is published already. Nothing to do.")
            return
        seconds = time.monotonic() - started
        self.stdout.write(
            f"Loaded {describe_additions(plan)} in {seconds:.1f} s, as entry {entry.sequence} of the log."
        )

    def _plan(self, register: RegisterFiles) -> Plan:
        plan = plan_load(register)
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
    counts = Counter(kind for kind, _, _ in plan.additions)
    parts = [f"{count} {kind.replace('_', ' ').replace('help', 'support services')}" for kind, count in counts.items()]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts) or "nothing"
