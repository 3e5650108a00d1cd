"""States each broken invariant of the register as a sentence, and exits 1 if there is one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.auditing import INVARIANTS, find_broken_invariants, find_notices


class Command(BaseCommand):
    help = "Check every invariant of the register. Exits 1 if one is broken; notices for staff do not count."

    def handle(self, *args: Any, **options: Any) -> None:
        for notice in find_notices():
            self.stdout.write(f"For staff: {notice}")
        broken = list(find_broken_invariants())
        for sentence in broken:
            self.stderr.write(sentence)
        if broken:
            are = "invariant of the register is" if len(broken) == 1 else "invariants of the register are"
            raise CommandError(f"{len(broken)} {are} broken.")
        self.stdout.write(f"The register is sound: {len(INVARIANTS)} kinds of invariant hold.")
