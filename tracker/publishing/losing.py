"""Goes on where an older backup is all that is left: the log itself says which of its entries were lost, and why.

What was lost was signed, and readers may hold it. Their checkpoints go on to contradict this log, as they must; the
entry says that the register knows it.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from tracker.models import LogEntry
from tracker.publishing import witness
from tracker.publishing.log import Log
from tracker.verify import Note


class NothingIsLost(Exception):
    """Raised with a sentence when a checkpoint tells of nothing that this log does not have."""


def admit_loss(lost: Note, *, reason: str) -> LogEntry:
    """Append an entry that says what a checkpoint covers and this log no longer has, and let publishing go on.

    `lost` was signed by this log; whoever calls has checked that. Raises NothingIsLost, and LogIsBroken where more is
    wrong than that the end is missing.
    """
    note = lost.text.decode()
    with transaction.atomic():
        log = Log()
        entry = LogEntry.objects.filter(kind=LogEntry.Kind.LOSS, content__checkpoint=note).first()
        transaction.on_commit(partial(witness.set_aside, lost))
        if entry is None:
            log.refuse_a_broken_log(but_for_its_end=True)
            if lost.origin != log.head.origin:
                raise NothingIsLost(f"{lost.name} is of another log: {lost.origin}.")
            if lost.size <= log.size and log.find_root(lost.size) == lost.root.hex():
                raise NothingIsLost(f"Nothing is lost: all {lost.size} entries that {lost.name} covers are here.")
            # Where the log went on before anybody noticed, nobody can tell any more which entry was the first.
            first = log.size + 1 if lost.size > log.size else None
            content = {"first": first, "last": lost.size, "checkpoint": note, "reason": reason}
            entry = log.append(LogEntry.Kind.LOSS, "log", content)
            log.close()
    return entry
