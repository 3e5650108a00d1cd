"""Lets nothing be written to the register, or lets it be written again; a manager can do the same at the desk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.publishing import switch_site


class Command(BaseCommand):
    help = (
        "Switch the register to read-only, or back. While it is, nothing can be saved, loaded, published or redacted "
        "by anybody; readers notice nothing. What is being written at this moment is finished first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", choices=["on", "off"])
        parser.add_argument("--reason", default="", help="why, and until when: staff read it on every page of the desk")

    def handle(self, *args: Any, state: str, reason: str, **options: Any) -> None:
        try:
            switch_site(is_read_only=state == "on", reason=reason)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write("The register is read-only." if state == "on" else "The register can be written again.")
