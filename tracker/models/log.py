"""The log: the numbered record of everything ever published, a Merkle tree whose head is signed at each publication.

`verify` says how its entries are written and hashed, because strangers check them with that file alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db import models
from django.db.models import Case, F, Max, Value, When
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from tracker.merkle import EMPTY_ROOT, Node, hash_leaf
from tracker.models.base import choice_constraint
from tracker.querysets import HistoryIsAppendOnly
from tracker.verify import HASHED, canonical_json

Row = TypeVar("Row", bound=models.Model)


class LogKind(models.TextChoices):
    LOAD = "load", _("Load of the register's files")
    DEPARTMENT = "department", _("Department")
    TOPIC = "topic", _("Topic")
    DOCUMENT = "document", _("Document")
    PROGRAMME = "programme", _("Programme")
    COMMITMENT = "commitment", _("Commitment")
    RELATION = "relation", _("Relation")
    STATUS_UPDATE = "status-update", _("Status update")
    RESPONSE = "response", _("Response")
    MILESTONE = "milestone", _("Milestone")
    MILESTONE_UPDATE = "milestone-update", _("Milestone update")
    FUNDING = "funding", _("Funding")
    CHECK = "check", _("Check")
    REVISION = "revision", _("New wording")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    PETITION = "petition", _("Petition")
    SUPPORT_SERVICE = "support-service", _("Support service")
    REDACTION = "redaction", _("Redaction")
    LOSS = "loss", _("Loss of entries")


class LogQuerySet(models.QuerySet[Row]):
    """Rows of the log, which is only ever added to, by `publishing`."""

    def update(self, **values: Any) -> int:
        raise HistoryIsAppendOnly("The log is never changed.")

    def bulk_create(self, objs: Iterable[Row], *args: Any, **options: Any) -> list[Row]:
        if options.get("update_conflicts"):
            raise HistoryIsAppendOnly("The log is never changed.")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise HistoryIsAppendOnly("The log is never shortened.")

    def find_newest_by_page(self, folder: str) -> dict[str, dt.datetime]:
        """Return when something was last published about each page of a folder of the site, such as "topics/"."""
        page = Case(
            When(subject__contains="#", then=Substr("subject", 1, StrIndex("subject", Value("#")) - 1)),
            default=F("subject"),
        )
        rows: Any = self.filter(subject__startswith=folder).order_by()
        return dict(rows.values_list(page).annotate(Max("at")))


class PartOfTheLog(models.Model):
    """A row of the log: written once."""

    objects = LogQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise HistoryIsAppendOnly("The log is never changed.")
        super().save(*args, **(options | {"force_insert": True}))

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise HistoryIsAppendOnly("The log is never shortened.")


class LogEntry(PartOfTheLog):
    """One publication. `content` is what became public; without it and its salt the entry still verifies.

    `leaf_hash` covers everything else in the entry, and is a leaf of the tree: the entry numbered 1 is leaf 0.
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
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]
        verbose_name_plural = "log entries"
        constraints = [choice_constraint("kind", LogKind, "log_entry_kind_is_known")]
        indexes = [
            models.Index(fields=["subject"], name="log_entry_subject"),  # the entries about one thing
            models.Index(fields=["kind", "sequence"], name="log_entry_kind"),  # the page of the log, of one kind
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.subject}"

    @property
    def is_redacted(self) -> bool:
        return self.content is None

    def facts(self) -> dict[str, Any]:
        """Return everything about this entry, as a line of the download has it."""
        return {
            "sequence": self.sequence,
            "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "kind": self.kind,
            "subject": self.subject,
            "batch": self.batch,
            "salt": self.salt,
            "content": self.content,
            "content_hash": self.content_hash,
            "leaf_hash": self.leaf_hash,
        }

    def as_line(self) -> bytes:
        return canonical_json(self.facts()) + b"\n"

    def compute_leaf_hash(self) -> str:
        """Return the hash that this entry must have as a leaf of the tree."""
        facts = self.facts()
        return hash_leaf(canonical_json({name: facts[name] for name in HASHED})).hex()


class LogNode(PartOfTheLog):
    """The hash of one complete subtree of the tree, so that growing and proving read a few rows and not the log."""

    level = models.PositiveSmallIntegerField(help_text="It covers 2 to the power of this many entries; at least 1.")
    index = models.PositiveBigIntegerField(help_text="Its place in its level, from 0 on.")
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="log_node_is_stored_once"),
            models.CheckConstraint(condition=models.Q(level__gte=1), name="log_node_is_no_entry"),
        ]

    def __str__(self) -> str:
        return f"node {self.index} of level {self.level}"


class LogHead(models.Model):
    """The size and the root of the tree, in one row that each publication locks: it puts publications in line.

    `origin` is the log's name for good: a database made anew is another log, even at the same address.
    """

    sequence = models.PositiveBigIntegerField(default=0)
    root_hash = models.CharField(max_length=64, default=EMPTY_ROOT.hex())
    origin = models.CharField(max_length=300)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="log_has_one_head")]

    def __str__(self) -> str:
        return f"the log at {self.sequence}"


class Checkpoint(PartOfTheLog):
    """What the register has signed of the log: its size and root after one publication.

    `note` is the signed note itself; `key` is the public key to check it with.
    """

    size = models.PositiveBigIntegerField(primary_key=True)
    root_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    note = models.TextField()
    key = models.CharField(max_length=400)

    class Meta:
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"checkpoint over {self.size} entries"


def read_nodes(nodes: Iterable[Node]) -> dict[Node, bytes]:
    """Return the stored hashes of nodes of the tree, in two queries; what is not stored is left out."""
    leaves = [index + 1 for level, index in nodes if level == 0]
    others = [models.Q(level=level, index=index) for level, index in nodes if level]
    read = {(0, number - 1): leaf for number, leaf in _read_leaves(leaves)}
    if others:
        stored = LogNode.objects.filter(reduce(or_, others)).values_list("level", "index", "hash")
        read |= {(level, index): value for level, index, value in stored}
    return {node: bytes.fromhex(value) for node, value in read.items()}


def _read_leaves(sequences: list[int]) -> Iterable[tuple[int, str]]:
    return LogEntry.objects.filter(sequence__in=sequences).values_list("sequence", "leaf_hash") if sequences else ()
