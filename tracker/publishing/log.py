"""The log, locked at its head for one transaction: the only way to add entries to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from tracker.models import GENESIS, LogEntry, LogHead, hash_content


class Log:
    """The log while its head is locked. Entries are written together when it closes."""

    def __init__(self) -> None:
        LogHead.objects.get_or_create(pk=1, defaults={"sequence": 0, "entry_hash": GENESIS})
        self.head = LogHead.objects.select_for_update().get(pk=1)
        self.at = timezone.now()
        self.entries: list[LogEntry] = []
        self.batch: int | None = None

    def append(self, kind: str, subject: str, content: Any) -> LogEntry:
        """Add an entry after the last one; `content` is what becomes public, as JSON can write it."""
        salt = secrets.token_hex(16)
        entry = LogEntry(
            sequence=self.head.sequence + 1,
            at=self.at,
            kind=kind,
            subject=subject,
            batch=self.batch,
            salt=salt,
            content=content,
            content_hash=hash_content(salt, content),
        )
        entry.entry_hash = entry.compute_entry_hash(self.head.entry_hash)
        self.head.sequence, self.head.entry_hash = entry.sequence, entry.entry_hash
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        LogEntry.objects.bulk_create(self.entries, batch_size=500)
        self.head.save()


@contextmanager
def publication() -> Iterator[Log]:
    """Hold one transaction in which things become public; whoever comes next waits for it."""
    with transaction.atomic():
        log = Log()
        yield log
        log.close()


@contextmanager
def hold_the_line() -> Iterator[None]:
    """Hold one transaction in which nobody else publishes, to publish what depends on what is public."""
    with transaction.atomic():
        Log()
        yield
