"""What else is recorded of a commitment: what the body answered, the dated steps and the money."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.base import PartOfHistory, Record, choice_constraint
from tracker.models.commitments import Commitment
from tracker.models.documents import Document
from tracker.querysets import MilestoneUpdateQuerySet
from tracker.statuses import Answer


class Response(Record):
    """What a government answered, in a document. What it then did is told by status updates."""

    anchor_prefix = "response"

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="responses")
    answer = models.CharField(max_length=30, choices=Answer.choices)
    on = models.DateField("answered on", help_text="The day of the answer, not the day of writing.")
    by = models.CharField("answered by", max_length=200, help_text="Which government, with its Parliament.")
    note = models.TextField(blank=True, help_text="Read by the public: what the word alone does not tell.")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="responses", help_text="The page on which it was answered."
    )

    class Meta:
        ordering = ["on", "number"]
        constraints = [
            choice_constraint("answer", Answer, "response_answer_is_known"),
            models.UniqueConstraint(fields=["commitment", "number"], name="response_number_is_never_reused"),
        ]
        indexes = [models.Index(fields=["on"], name="response_on")]  # what changed between two days

    def __str__(self) -> str:
        return f"{self.commitment.reference}: {self.get_answer_display()} on {self.on}"

    def find_cited_documents(self) -> list[Document]:
        return [self.document]

    def facts(self) -> dict[str, Any]:
        return {
            "answer": self.answer,
            "on": self.on.isoformat(),
            "by": self.by,
            "note": self.note,
            "document": self.document.identifier,
        }


class FundingStage(models.TextChoices):
    PROMISED = "promised", _("Promised")
    ALLOCATED = "allocated", _("Allocated")
    SPENT = "spent", _("Spent")


class Funding(Record):
    """Money promised, allocated or spent, as its document states it. Amounts may overlap and are never added up."""

    Stage = FundingStage

    anchor_prefix = "funding"

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="funding")
    stage = models.CharField(max_length=20, choices=FundingStage.choices)
    amount_gbp = models.PositiveBigIntegerField(
        "amount in pounds",
        help_text="Whole pounds, as the document states them. Amounts may overlap and are never added up.",
    )
    on = models.DateField("stated on", help_text="The day on which the document says so.")
    note = models.TextField(blank=True, help_text="Read by the public: what it is for, and for how long.")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="funding", help_text="The page that states the amount."
    )

    class Meta:
        ordering = ["on", "number"]
        verbose_name_plural = "funding"
        constraints = [
            choice_constraint("stage", FundingStage, "funding_stage_is_known"),
            models.UniqueConstraint(fields=["commitment", "number"], name="funding_number_is_never_reused"),
        ]
        indexes = [models.Index(fields=["on"], name="funding_on")]  # what changed between two days

    def __str__(self) -> str:
        return f"{self.commitment.reference}: £{self.amount_gbp:,} {self.get_stage_display().lower()}"

    def find_cited_documents(self) -> list[Document]:
        return [self.document]

    def facts(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "amount_gbp": self.amount_gbp,
            "on": self.on.isoformat(),
            "note": self.note,
            "document": self.document.identifier,
        }


class Milestone(Record):
    """A dated step that can be seen to be met. `due_on` is its first date and never changes.

    `present_due_on` and `met_on` are pointers into its updates, moved by the verbs alone.
    """

    anchor_prefix = "milestone"
    caches = ("present_due_on", "met_on")

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=200, help_text="What can be seen on the day it is met.")
    due_on = models.DateField(
        "first due on",
        help_text="The last day of the period meant. It stays visible for ever; a later date is recorded as moved.",
    )
    due_text = models.CharField(
        "due, in the words used", max_length=200, help_text="Such as “by summer 2026”, as it was promised."
    )
    set_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day on which this date was set, if it is known. Pages about an earlier day leave it out.",
    )
    note = models.TextField(blank=True, help_text="Read by the public.")
    documents = models.ManyToManyField(Document, through="MilestoneDocument", related_name="milestones")
    present_due_on = models.DateField(null=True, blank=True, editable=False)
    met_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "number"], name="milestone_number_is_never_reused"),
        ]
        indexes = [models.Index(fields=["due_on"], name="milestone_due_on")]  # which dates passed between two days

    def __str__(self) -> str:
        return f"{self.commitment.reference}: {self.title}"

    @property
    def days_late(self) -> int:
        """Days between its first date and the day it was met; nought when met in time or still open."""
        return max(0, (self.met_on - self.due_on).days) if self.met_on else 0

    def days_overdue(self, today: dt.date) -> int:
        """Days since its first date for one that is still open after its present date."""
        is_overdue = self.met_on is None and (self.present_due_on or self.due_on) < today
        return (today - self.due_on).days if is_overdue else 0

    def find_cited_documents(self) -> list[Document]:
        return list(self.documents.all())

    def facts(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "due_on": self.due_on.isoformat(),
            "due_text": self.due_text,
            **({"set_on": self.set_on.isoformat()} if self.set_on else {}),
            "note": self.note,
            "documents": sorted(document.identifier for document in self.documents.all()),
        }


class MilestoneUpdate(Record):
    """What happened to a milestone: it was met, or its date was moved."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="milestone_updates")
    as_of = models.DateField("true since", help_text="The day on which it was met, or its new date became known.")
    met_on = models.DateField(null=True, blank=True, help_text="Fill in this or a new date, not both.")
    due_on = models.DateField(
        "new date", null=True, blank=True, help_text="The first date stays visible beside it, so that delay shows."
    )
    reason = models.TextField(blank=True, help_text="For a new date, read by the public: why it was moved.")
    documents = models.ManyToManyField(Document, through="MilestoneUpdateDocument", related_name="milestone_updates")

    objects = MilestoneUpdateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["as_of", "number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(met_on__isnull=False, due_on__isnull=True) | Q(met_on__isnull=True, due_on__isnull=False),
                name="milestone_update_meets_or_moves",
                violation_error_message="Fill in either the day on which it was met or its new date.",
            ),
            models.UniqueConstraint(fields=["milestone", "number"], name="milestone_update_number_is_never_reused"),
        ]
        indexes = [
            # what was met or moved between two days, and which dates passed
            models.Index(fields=["as_of"], name="milestone_update_as_of"),
            models.Index(fields=["due_on"], name="milestone_update_due_on"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: {'met' if self.met_on else 'moved'} as of {self.as_of}"

    @property
    def commitment(self) -> Commitment:
        return self.milestone.commitment

    @property
    def subject(self) -> str:
        return self.milestone.subject

    def find_cited_documents(self) -> list[Document]:
        return list(self.documents.all())

    def facts(self) -> dict[str, Any]:
        return {
            "milestone": self.milestone.number,
            "as_of": self.as_of.isoformat(),
            "met_on": self.met_on and self.met_on.isoformat(),
            "due_on": self.due_on and self.due_on.isoformat(),
            "reason": self.reason,
            "documents": sorted(document.identifier for document in self.documents.all()),
        }


class MilestoneDocument(PartOfHistory):
    """A document that sets a milestone."""

    owner_field = "milestone"

    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="milestone_documents")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = "document of a milestone"
        verbose_name_plural = "documents of milestones"
        constraints = [
            models.UniqueConstraint(
                fields=["milestone", "document"],
                name="milestone_document_is_named_once",
                violation_error_message="This document is named twice.",
            )
        ]

    def __str__(self) -> str:
        return self.document.title


class MilestoneUpdateDocument(PartOfHistory):
    """A document that shows a milestone met or moved."""

    owner_field = "milestone_update"

    milestone_update = models.ForeignKey(MilestoneUpdate, models.CASCADE, related_name="milestone_update_documents")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = "document of a milestone update"
        verbose_name_plural = "documents of milestone updates"
        constraints = [
            models.UniqueConstraint(
                fields=["milestone_update", "document"],
                name="milestone_update_document_is_named_once",
                violation_error_message="This document is named twice.",
            )
        ]

    def __str__(self) -> str:
        return self.document.title
