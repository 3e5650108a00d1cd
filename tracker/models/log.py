"""The log: the numbered, hash-chained record of everything ever published."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import models

from tracker.models.base import choice_constraint
from tracker.querysets import HistoryIsAppendOnly

GENESIS = "0" * 64


class LogKind(models.TextChoices):
    LOAD = "load", "Load of the register's files"
    DEPARTMENT = "department", "Department"
    TOPIC = "topic", "Topic"
    DOCUMENT = "document", "Document"
    PROGRAMME = "programme", "Programme"
    COMMITMENT = "commitment", "Commitment"
    RELATION = "relation", "Relation"
    STATUS_UPDATE = "status-update", "Status update"
    RESPONSE = "response", "Response"
    MILESTONE = "milestone", "Milestone"
    MILESTONE_UPDATE = "milestone-update", "Milestone update"
    FUNDING = "funding", "Funding"
    CHECK = "check", "Check"
    REVISION = "revision", "New wording"
    WITHDRAWAL = "withdrawal", "Withdrawal"
    PETITION = "petition", "Petition"
    SUPPORT_SERVICE = "support-service", "Support service"


def canonical_json(content: Any) -> bytes:
    """Return the one way of writing content as JSON: keys sorted, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_content(salt: str, content: Any) -> str:
    """Return the SHA-256 (hexadecimal) of a salt (32 hexadecimal digits) and the canonical JSON of content."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical_json(content)).hexdigest()


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    """The log is only ever added to, by `publishing`."""

    def update(self, **values: Any) -> int:
        raise HistoryIsAppendOnly("The log is never changed.")

    def bulk_create(self, objs: Iterable[LogEntry], *args: Any, **options: Any) -> list[LogEntry]:
        if options.get("update_conflicts"):
            raise HistoryIsAppendOnly("The log is never changed.")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise HistoryIsAppendOnly("The log is never shortened.")


class LogEntry(models.Model):
    """One publication. `content` is what became public; without it and its salt the entry still verifies.

    `entry_hash` covers everything else in the entry and the hash of the one before, so that none can be changed,
    removed or put in between without every later hash disagreeing.
    """

    Kind = LogKind

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30, choices=LogKind.choices)
    subject = models.CharField(max_length=200)
    batch = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="The sequence number of the load that this entry belongs to.",
    )
    salt = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null says redacted, and the log still verifies
    content = models.JSONField(null=True)
    content_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]
        verbose_name_plural = "log entries"
        constraints = [choice_constraint("kind", LogKind, "log_entry_kind_is_known")]
        indexes = [models.Index(fields=["subject"], name="log_entry_subject")]  # the entries about one thing

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.subject}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise HistoryIsAppendOnly("The log is never changed.")
        super().save(*args, **(options | {"force_insert": True}))

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise HistoryIsAppendOnly("The log is never shortened.")

    def compute_entry_hash(self, previous: str) -> str:
        """Return the hash that this entry must have after an entry whose hash is `previous`."""
        chained = {
            "sequence": self.sequence,
            "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "kind": self.kind,
            "subject": self.subject,
            "batch": self.batch,
            "content_hash": self.content_hash,
            "previous": previous,
        }
        return hashlib.sha256(canonical_json(chained)).hexdigest()


class LogHead(models.Model):
    """The newest entry's number and hash, in one row that each publication locks: it puts publications in line."""

    sequence = models.PositiveBigIntegerField(default=0)
    entry_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="log_has_one_head")]

    def __str__(self) -> str:
        return f"the log at {self.sequence}"
