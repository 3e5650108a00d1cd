"""History: the dated judgements of what became of a commitment, and the evidence for each."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from tracker.models.base import PartOfHistory, Record, choice_constraint
from tracker.models.commitments import Commitment
from tracker.models.documents import Document
from tracker.querysets import EvidenceQuerySet, StatusUpdateQuerySet
from tracker.statuses import Basis, Citation, Judgement, Status, Strength


class StatusUpdate(Record):
    """A dated judgement with its reason; append-only once published.

    `strength` is that of the strongest document cited; it and `rests_on_copies` are set at publication.
    """

    anchor_prefix = "update"
    caches = ("strength", "rests_on_copies")

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="status_updates")
    status = models.CharField(
        max_length=30,
        choices=Status.choices,
        help_text="What the evidence shows, not what was announced: see “How we judge”.",
    )
    basis = models.CharField(
        "who says so",
        max_length=20,
        choices=Basis.choices,
        default=Basis.ASSESSMENT,
        help_text="A body's own claim is shown beside our assessment, never in place of it.",
    )
    as_of = models.DateField("true since", help_text="The day on which this became true, not the day of writing.")
    reason = models.TextField(
        blank=True, help_text="Read by the public: why this status, in plain words and at least 30 characters."
    )
    reason_cy = models.TextField(
        "reason in Welsh", blank=True, help_text="Where it is empty, Welsh pages show the English."
    )
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        error_messages={"unique": "Another update corrects that one already."},
        help_text="The published update that this one puts right. Both stay visible; that one no longer counts.",
    )
    strength = models.CharField(max_length=10, choices=Strength.choices, blank=True, editable=False)
    rests_on_copies = models.BooleanField(default=False, editable=False)

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-as_of", "-number"]
        constraints = [
            choice_constraint("status", Status, "status_update_status_is_known"),
            choice_constraint("basis", Basis, "status_update_basis_is_known"),
            models.CheckConstraint(
                condition=Q(strength__in=[*Strength.values, ""]),
                name="status_update_strength_is_known",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, number__isnull=True)
                | Q(published_at__isnull=False, number__isnull=False),
                name="status_update_is_numbered_when_published",
            ),
            models.UniqueConstraint(fields=["commitment", "number"], name="status_update_number_is_never_reused"),
        ]
        indexes = [
            # what a commitment's page and the verbs read: its published history, newest first
            models.Index(fields=["commitment", "-as_of", "-number"], name="status_update_history"),
            # the corrections, few among many, that were published between two days
            models.Index(
                fields=["published_at"], condition=Q(corrects__isnull=False), name="status_update_corrections"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.reference}: {self.get_status_display()} as of {self.as_of}"

    def get_absolute_url(self) -> str:
        return f"{self.commitment.get_absolute_url()}#{self.anchor}"

    def find_cited_documents(self) -> list[Document]:
        return [evidence.document for evidence in self.evidence.select_related("document")]

    @property
    def rests_on_weak_evidence_only(self) -> bool:
        return self.strength == Strength.WEAK

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "status": self.status,
            "as_of": self.as_of.isoformat(),
            "reason": self.reason,
        }
        if self.basis != Basis.ASSESSMENT:
            facts["basis"] = self.basis
        if self.reason_cy:
            facts["reason_cy"] = self.reason_cy
        if self.corrects:
            facts["corrects"] = self.corrects.number
        return facts | {"evidence": [evidence.facts() for evidence in self.evidence.all()]}

    def as_judgement(
        self,
        citations: tuple[Citation, ...],
        *,
        open_milestones: tuple[str, ...] = (),
        has_successor: bool = False,
        was_rejected: bool = False,
    ) -> Judgement:
        """Return what the rules judge."""
        return Judgement(
            status=self.status,
            basis=self.basis,
            as_of=self.as_of,
            reason=self.reason,
            made_on=self.commitment.made_on,
            citations=citations,
            open_milestones=open_milestones,
            has_successor=has_successor,
            was_rejected=was_rejected,
        )


class Evidence(PartOfHistory):
    """One document cited for one status update, and what it shows."""

    owner_field = "status_update"

    status_update = models.ForeignKey(StatusUpdate, models.CASCADE, related_name="evidence")
    document = models.ForeignKey(Document, models.PROTECT, related_name="evidence")
    note = models.TextField(
        blank=True, help_text="What the page shows, for a reader who cannot open it. Needed before it is submitted."
    )
    records_completion = models.BooleanField(
        default=False,
        help_text="Tick if the page is the promised thing itself or records the completed act.",
    )
    already_in_place = models.BooleanField(
        default=False,
        help_text="Tick if this was in place before the commitment was made, and explain it in the note.",
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["status_update", "document"],
                name="evidence_cites_a_document_once",
                violation_error_message="This document is cited already: say all it shows in one note.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.title}"

    def facts(self) -> dict[str, Any]:
        flags = [name for name in ("records_completion", "already_in_place") if getattr(self, name)]
        return {"document": self.document.identifier, "note": self.note} | dict.fromkeys(flags, True)

    def as_citation(self) -> Citation:
        return Citation(
            title=self.document.title,
            strength=self.document.strength,
            origin=self.document.origin,
            published_on=self.document.published_on,
            note=self.note,
            records_completion=self.records_completion,
            already_in_place=self.already_in_place,
        )
