"""What the register cites: one row for each public page."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.languages import find_address
from tracker.models.base import Publishable, WebAddressField, choice_constraint
from tracker.querysets import DocumentQuerySet
from tracker.statuses import Origin, Strength


class DocumentKind(models.TextChoices):
    LEGISLATION = "legislation", _("Legislation")
    BILL = "bill", _("Bill")
    STATEMENT = "statement", _("Statement")
    DEBATE = "debate", _("Debate")
    WRITTEN_ANSWER = "written-answer", _("Written answer")
    REPORT = "report", _("Report")
    PRESS_RELEASE = "press-release", _("Press release")
    CONSULTATION = "consultation", _("Consultation")
    GUIDANCE = "guidance", _("Guidance")
    PETITION = "petition", _("Petition")
    NEWS = "news", _("News")
    FOI = "foi", _("Freedom of information answer")
    DATASET = "dataset", _("Data")


class Document(Publishable):
    """One public page: a report, an Act, a statement, a news story."""

    Kind = DocumentKind
    public_key = "identifier"

    identifier = models.SlugField(max_length=120, unique=True, help_text="Its permanent address here. Never reused.")
    url = WebAddressField("address", max_length=1000, unique=True, help_text="One document for each address.")
    title = models.CharField(max_length=400, help_text="As the page itself has it.")
    publisher = models.CharField(max_length=200, help_text="Who put it there: a ministry, a newspaper.")
    published_on = models.DateField(
        "date on the page",
        null=True,
        blank=True,
        help_text="Leave empty if the page shows no date.",
    )
    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    origin = models.CharField(
        max_length=20,
        choices=Origin.choices,
        help_text="Who speaks on the page. Nothing from a partisan or unknown outlet is cited.",
    )
    strength = models.CharField(
        max_length=10,
        choices=Strength.choices,
        help_text="How much it can prove, from its kind and origin: see “How we judge”.",
    )
    note = models.TextField(blank=True, help_text="A caution for the reader, such as that only part of it was read.")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            choice_constraint("kind", DocumentKind, "document_kind_is_known"),
            choice_constraint("origin", Origin, "document_origin_is_known"),
            choice_constraint("strength", Strength, "document_strength_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return find_address("tracker:document-detail", self.identifier)

    @property
    def subject(self) -> str:
        return f"documents/{self.identifier}"

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "id": self.identifier,
            "url": self.url,
            "title": self.title,
            "publisher": self.publisher,
            "published_on": self.published_on and self.published_on.isoformat(),
            "kind": self.kind,
            "origin": self.origin,
            "strength": self.strength,
        }
        return facts | ({"note": self.note} if self.note else {})
