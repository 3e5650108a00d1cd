"""Petitions to Parliament, the answers they got and the commitments made in those answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.languages import find_address
from tracker.models.base import Publishable, choice_constraint
from tracker.models.commitments import Commitment
from tracker.models.documents import Document
from tracker.models.organisations import Department


class PetitionState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Rejected")
    UNKNOWN = "unknown", _("Not known")


class PetitionOutcome(models.TextChoices):
    NOT_MET_AT_THE_TIME = "not-met-at-the-time", _("Not met at the time")
    PARTLY_MET = "partly-met", _("Partly met")
    MET_LATER_BY_OTHER_ROUTE = "met-later-by-other-route", _("Met later by another route")


class Petition(Publishable):
    """A petition to Parliament. Dates and figures that are not known stay empty."""

    State = PetitionState
    Outcome = PetitionOutcome
    public_key = "number"

    number = models.PositiveIntegerField(unique=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="petitions")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=20, choices=PetitionState.choices)
    parliament = models.CharField(max_length=20, help_text="Its years, such as “2019-2024”.")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    signatures = models.PositiveIntegerField(null=True, blank=True)
    signatures_as_of = models.DateField(
        "counted on", null=True, blank=True, help_text="The day on which the page showed that number."
    )
    ask = models.TextField(help_text="What it asks for, in plain words.")
    response_on = models.DateField("answered on", null=True, blank=True)
    response_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="petitions_answered"
    )
    response_summary = models.TextField("answer", blank=True)
    response_document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="petition_responses"
    )
    debated_on = models.DateField(null=True, blank=True)
    debate_house = models.CharField(max_length=20, blank=True)
    debate_document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="petition_debates"
    )
    outcome = models.CharField(max_length=30, choices=PetitionOutcome.choices)
    note = models.TextField(blank=True)
    commitments = models.ManyToManyField(
        Commitment, related_name="petitions", blank=True, help_text="What was promised in the answer to it."
    )

    _history_m2m_fields = ("commitments",)  # for the history that staff read

    class Meta:
        ordering = ["number"]
        constraints = [
            choice_constraint("state", PetitionState, "petition_state_is_known"),
            choice_constraint("outcome", PetitionOutcome, "petition_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"Petition {self.number}: {self.title}"

    def get_absolute_url(self) -> str:
        return find_address("tracker:petition-detail", self.number)

    @property
    def exists_since(self) -> dt.date | None:
        """The day on which it opened or, where that is not known, the first by which it must have."""
        dated = (self.closed_on, self.signatures_as_of, self.response_on, self.debated_on)
        first_year = self.parliament[:4]
        elected_on = dt.date(int(first_year), 1, 1) if first_year.isdecimal() and int(first_year) else None
        return self.opened_on or min(filter(None, dated), default=elected_on)

    def forget_after(self, day: dt.date) -> None:
        """Take out of this object, without saving, what is dated later than a day; its outcome is ours, of today."""
        self.outcome = ""
        if self.response_on and self.response_on > day:
            self.response_on = self.response_department = self.response_document = None
            self.response_summary = ""
        if self.debated_on and self.debated_on > day:
            self.debated_on = self.debate_document = None
            self.debate_house = ""
        if self.signatures_as_of and self.signatures_as_of > day:
            self.signatures = self.signatures_as_of = None
        if self.closed_on and self.closed_on > day:
            self.closed_on, self.state = None, PetitionState.OPEN

    @property
    def subject(self) -> str:
        return f"petitions/{self.number}"

    def find_cited_documents(self) -> list[Document]:
        cited = (self.document, self.response_document, self.debate_document)
        return [document for document in cited if document is not None]

    def facts(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "document": self.document.identifier,
            "title": self.title,
            "state": self.state,
            "parliament": self.parliament,
            "opened_on": self.opened_on and self.opened_on.isoformat(),
            "closed_on": self.closed_on and self.closed_on.isoformat(),
            "signatures": self.signatures,
            "signatures_as_of": self.signatures_as_of and self.signatures_as_of.isoformat(),
            "ask": self.ask,
            "response": self._response_facts(),
            "debate": self._debate_facts(),
            "outcome": self.outcome,
            "note": self.note,
            "commitments": sorted(commitment.reference for commitment in self.commitments.all()),
        }

    def _response_facts(self) -> dict[str, Any] | None:
        if self.response_document is None or self.response_department is None:
            return None
        return {
            "on": self.response_on and self.response_on.isoformat(),
            "department": self.response_department.slug,
            "summary": self.response_summary,
            "document": self.response_document.identifier,
        }

    def _debate_facts(self) -> dict[str, Any] | None:
        if self.debate_document is None or self.debated_on is None:
            return None
        return {
            "on": self.debated_on.isoformat(),
            "house": self.debate_house,
            "document": self.debate_document.identifier,
        }
