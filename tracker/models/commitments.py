"""What was promised, by whom and when, in which set; who answers for it and how it relates to other promises."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.languages import find_address
from tracker.models.base import AppendOnly, Publishable, choice_constraint
from tracker.models.documents import Document
from tracker.models.organisations import Department
from tracker.querysets import CommitmentQuerySet
from tracker.statuses import NOT_RECORDED, NOT_YET_CHECKED

REFERENCE_PATTERN = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+"


class Topic(Publishable):
    """What commitments are about, across programmes."""

    slug = models.SlugField(max_length=120, unique=True, help_text="Its permanent address. Never reused.")
    name = models.CharField(max_length=200, help_text="As readers see it, on pages and in filters.")
    description = models.TextField(blank=True, help_text="One or two sentences on what belongs here.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return find_address("tracker:topic-detail", self.slug)

    @property
    def subject(self) -> str:
        return f"topics/{self.slug}"

    def facts(self) -> dict[str, Any]:
        return {"slug": self.slug, "name": self.name, "description": self.description}


class Programme(Publishable):
    """A published set of commitments, such as the recommendations of one report."""

    slug = models.SlugField(max_length=120, unique=True, help_text="Its permanent address. Never reused.")
    name = models.CharField(max_length=200, help_text="As readers see it, on pages and in filters.")
    description = models.TextField(blank=True, help_text="What the set is, for a reader who has never heard of it.")
    published_on = models.DateField(help_text="The day on which the set itself was published.")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="programmes", help_text="The page that sets it out."
    )
    expected_commitments = models.PositiveIntegerField(
        help_text="How many commitments the set holds; check_register compares it with the register."
    )

    class Meta:
        ordering = ["-published_on", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return find_address("tracker:programme-detail", self.slug)

    @property
    def exists_since(self) -> dt.date:
        return self.published_on

    @property
    def subject(self) -> str:
        return f"programmes/{self.slug}"

    def find_cited_documents(self) -> list[Document]:
        return [self.document]

    def facts(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name,
            "description": self.description,
            "published_on": self.published_on.isoformat(),
            "document": self.document.identifier,
        }


class CommitmentKind(models.TextChoices):
    RECOMMENDATION = "recommendation", _("Recommendation")
    PLEDGE = "pledge", _("Pledge")
    FUND = "fund", _("Fund")
    LEGISLATION = "legislation", _("Legislation")
    REVIEW = "review", _("Review")
    DEADLINE = "deadline", _("Deadline")


class DatePrecision(models.TextChoices):
    DAY = "day", _("Exact day")
    MONTH = "month", _("Month only, stored as its first day")
    LATEST_POSSIBLE = "latest-possible", _("Latest possible day; the true one may be earlier")


class Confidence(models.TextChoices):
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


# What the filters of the list ask for, and what makes a commitment public.
COUNTED = [
    *("department", "programme", "kind", "current_status", "current_answer", "current_strength", "next_due_on"),
    *("met_on_time", "made_on", "published_at", "withdrawn_at", "reference", "id"),
]
# What else the roll of all commitments holds, from which every list is answered.
ENROLLED = [
    *("department", "programme", "kind", "made_on", "current_status", "current_answer", "current_strength"),
    *("next_due_on", "met_on_time", "status_since", "checked_on", "rests_on_copies", "claim_differs"),
]


class Pointers(models.Model):
    """How a commitment stands: what its history says in the end, moved by the verbs alone."""

    current_update = models.ForeignKey(
        "tracker.StatusUpdate",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    current_claim = models.ForeignKey(
        "tracker.StatusUpdate",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    current_response = models.ForeignKey(
        "tracker.Response", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    status_since = models.DateField(null=True, blank=True, editable=False)
    checked_on = models.DateField(null=True, blank=True, editable=False)
    next_due_on = models.DateField(null=True, blank=True, editable=False)
    met_on_time = models.BooleanField(null=True, blank=True, editable=False)
    # What the first of them lead to, so that a hundred thousand commitments are counted without following each.
    current_status = models.CharField(max_length=30, default=NOT_YET_CHECKED, editable=False)
    current_strength = models.CharField(max_length=10, blank=True, default="", editable=False)
    current_answer = models.CharField(max_length=30, default=NOT_RECORDED, editable=False)
    rests_on_copies = models.BooleanField(default=False, editable=False)  # what the present status is read in
    claim_differs = models.BooleanField(default=False, editable=False)  # from the present status

    class Meta:
        abstract = True


class Commitment(Publishable, Pointers):
    """Something that a government said it would do, or was asked to do and answered.

    `withdrawn_at` is set when it was entered by mistake: its page then says so, and no list shows it. Its pointers say
    how it stands today, so that lists and counts stay fast; `check_register` works them out again and compares.
    """

    Kind = CommitmentKind
    Precision = DatePrecision
    Confidence = Confidence
    public_key = "reference"

    reference = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(rf"^{REFERENCE_PATTERN}\Z", "Write it like IICSA-13: capital letters and digits.")],
        help_text="Its permanent public name, used in its address. Never reused.",
    )
    title = models.CharField(max_length=200, help_text="What was promised, in a few words: it stands in every list.")
    summary = models.TextField(help_text="What was promised, in plain words and without judging it.")
    kind = models.CharField(max_length=20, choices=CommitmentKind.choices)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="commitments", help_text="The published set that it belongs to."
    )
    number = models.PositiveIntegerField(help_text="Its place in its programme.")
    source_document = models.ForeignKey(
        Document,
        models.PROTECT,
        related_name="sourced_commitments",
        help_text="The page on which it was promised.",
    )
    source_locator = models.CharField(
        "where in it",
        max_length=200,
        blank=True,
        help_text="Such as a page, a paragraph or a column, so that a reader finds the very words.",
    )
    made_on = models.DateField(help_text="The day of the promise. No status can be true before it.")
    made_on_precision = models.CharField(
        "how exact that day is", max_length=20, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    made_by = models.CharField(max_length=200, help_text="Who promised it, by office: “Home Secretary”.")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="commitments",
        help_text="The one body that answers for it. People limited to departments work on what those lead.",
    )
    supporting = models.ManyToManyField(
        Department,
        related_name="supported_commitments",
        blank=True,
        help_text="Other bodies with a part in it; not the one that leads.",
    )
    topics = models.ManyToManyField(
        Topic, related_name="commitments", blank=True, help_text="Readers find it under each of them."
    )
    confidence = models.CharField(
        max_length=10,
        choices=Confidence.choices,
        help_text="How sure the editor is of the entry as a whole.",
    )
    editor_note = models.TextField(blank=True, help_text="A caution to the public about this entry.")
    has_distressing_detail = models.BooleanField(
        "describes abuse in distressing detail",
        default=False,
        help_text="Its page then says so first, and shows its text only to whoever chooses to read on.",
    )

    title_cy = models.CharField(
        "title in Welsh", max_length=200, blank=True, help_text="Where it is empty, Welsh pages show the English."
    )
    summary_cy = models.TextField(
        "summary in Welsh", blank=True, help_text="Where it is empty, Welsh pages show the English."
    )

    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    _history_m2m_fields = ("supporting", "topics")  # for the history that staff read

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["programme__published_on", "programme__slug", "number", "pk"]
        permissions = [("publish_record", "Can publish, and send back, what others wrote")]
        constraints = [
            choice_constraint("kind", CommitmentKind, "commitment_kind_is_known"),
            choice_constraint("made_on_precision", DatePrecision, "commitment_precision_is_known"),
            choice_constraint("confidence", Confidence, "commitment_confidence_is_known"),
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="commitment_number_is_unique_in_programme",
                violation_error_message="The programme has a commitment with this number already.",
            ),
        ]
        indexes = [
            models.Index(fields=["made_on"], name="commitment_made_on"),  # the list, by date made
            models.Index(fields=["status_since"], name="commitment_changed_on"),  # the home page, and by last change
            models.Index(fields=["next_due_on"], name="commitment_next_due"),  # overdue and due soon; by due date
            # The counts of a department, which read nothing but this index.
            models.Index(fields=COUNTED, name="commitment_counts"),
            # The roll of all commitments, which reads nothing but this index, in its order.
            models.Index(
                fields=["reference", "withdrawn_at", "published_at", "id", *ENROLLED], name="commitment_in_order"
            ),
            # The list of one department, or of one programme, from whichever end.
            models.Index(fields=["department", "reference"], name="commitment_of_department"),
            models.Index(fields=["programme", "reference"], name="commitment_of_programme"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return find_address("tracker:commitment-detail", self.reference)

    @property
    def exists_since(self) -> dt.date:
        return self.made_on

    def stand_as(self, standing: Pointers) -> None:
        """Show how it stood on another day in place of how it stands today, without saving."""
        fields: list[Any] = Pointers._meta.local_fields
        for field in fields:
            setattr(self, field.attname, getattr(standing, field.attname))
            if field.is_relation and field.is_cached(standing):
                field.set_cached_value(self, field.get_cached_value(standing))

    @property
    def subject(self) -> str:
        return f"commitments/{self.reference}"

    def find_cited_documents(self) -> list[Document]:
        return [self.source_document]

    def facts(self) -> dict[str, Any]:
        facts = {
            "reference": self.reference,
            "title": self.title,
            "summary": self.summary,
            "kind": self.kind,
            "programme": self.programme.slug,
            "number": self.number,
            "source": {"document": self.source_document.identifier, "locator": self.source_locator},
            "made_on": self.made_on.isoformat(),
            "made_on_precision": self.made_on_precision,
            "made_by": self.made_by,
            "department": self.department.slug,
            "supporting": sorted(department.slug for department in self.supporting.all()),
            "topics": sorted(topic.slug for topic in self.topics.all()),
            "confidence": self.confidence,
            "editor_note": self.editor_note,
        }
        # Stated only where it is: what was logged before anybody could say so stays what it is.
        later = {name: getattr(self, name) for name in ("has_distressing_detail", "title_cy", "summary_cy")}
        return facts | {name: value for name, value in later.items() if value}


class RelationKind(models.TextChoices):
    REPEATS = "repeats", _("Repeats")
    IMPLEMENTS = "implements", _("Carries out")
    SUPERSEDES = "supersedes", _("Replaces")
    SUPERSEDED_BY = "superseded-by", _("Is replaced by")
    PART_OF = "part-of", _("Is part of")
    SEE_ALSO = "see-also", _("See also")


# How the same relation reads from the other side; the register states most pairs once.
REVERSE_RELATION_LABELS = {
    RelationKind.REPEATS: _("Is repeated by"),
    RelationKind.IMPLEMENTS: _("Is carried out by"),
    RelationKind.SUPERSEDES: _("Is replaced by"),
    RelationKind.SUPERSEDED_BY: _("Replaces"),
    RelationKind.PART_OF: _("Includes"),
    RelationKind.SEE_ALSO: _("See also"),
}


class Relation(AppendOnly):
    """How one commitment stands to another."""

    Kind = RelationKind

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="relations")
    related = models.ForeignKey(Commitment, models.PROTECT, related_name="reverse_relations")
    kind = models.CharField(
        max_length=20,
        choices=RelationKind.choices,
        help_text="Read it as a sentence: the first commitment “carries out” the second. State each pair once.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            choice_constraint("kind", RelationKind, "relation_kind_is_known"),
            models.UniqueConstraint(
                fields=["commitment", "related", "kind"],
                name="relation_is_stated_once",
                violation_error_message="This is stated already.",
            ),
            models.CheckConstraint(
                condition=~Q(commitment=F("related")),
                name="relation_joins_two_commitments",
                violation_error_message="A commitment has no relation to itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.reference} {self.get_kind_display().lower()} {self.related.reference}"

    @property
    def subject(self) -> str:
        return self.commitment.subject

    def facts(self) -> dict[str, Any]:
        return {"reference": self.related.reference, "relation": self.kind}
