"""Lets publishing go on after an older backup was put back: the log then says for good which entries were lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.models import Checkpoint, LogHead
from tracker.publishing import LogIsBroken, NothingIsLost, admit_loss, find_witness, is_signed
from tracker.statuses import MINIMUM_REASON_LENGTH
from tracker.verify import DoesNotFit, Note, read_keys, read_note


class Command(BaseCommand):
    help = (
        "Where an older backup is all that is left, add an entry to the log that says which entries are lost, and why. "
        "Everybody can read it, for good, and publishing goes on. Look for a newer backup first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, help="what happened, in plain words that the public reads")
        parser.add_argument(
            "--checkpoint", type=Path, help="the newest that anybody kept; default: the copy in var/checkpoints/"
        )

    def handle(self, *args: Any, reason: str, checkpoint: Path | None, **options: Any) -> None:
        if len(reason.strip()) < MINIMUM_REASON_LENGTH:
            raise CommandError(f"Say in at least {MINIMUM_REASON_LENGTH} characters what happened.")
        try:
            entry = admit_loss(read_lost(checkpoint), reason=reason.strip())
        except (DoesNotFit, LogIsBroken, NothingIsLost, OSError) as error:
            raise CommandError(f"{error} Nothing was written.") from None
        self.stdout.write(f"Entry {entry.sequence} of the log says what was lost. Publishing goes on.")


def read_lost(path: Path | None) -> Note:
    """Return the checkpoint over what is lost, signed with a key of this log. Raises DoesNotFit and OSError."""
    head = LogHead.objects.filter(pk=1).first()
    path = path or (find_witness(head.origin) if head else None)
    if path is None or not path.exists():
        raise DoesNotFit("No checkpoint is kept here. Name one that somebody kept with --checkpoint.")
    keys = read_keys(Checkpoint.objects.order_by().values_list("key", flat=True).distinct())
    if not keys:
        raise DoesNotFit("Nothing was ever signed in this database.")
    return read_note(str(path), path.read_bytes(), keys, is_signed)
