"""What staff record about the register itself: that something was looked at, reworded or entered by mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from tracker.models.base import AppendOnly, Publishable, Record
from tracker.models.commitments import Commitment
from tracker.moments import Moment
from tracker.querysets import RevisionQuerySet


class Check(Record):
    """Somebody looked for news of a commitment on a day and found none."""

    anchor_prefix = "check"

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="checks")
    checked_on = models.DateField(
        help_text="The day on which you looked and found nothing new. Readers see how fresh we are."
    )
    note = models.TextField("where you looked", blank=True, help_text="Read by the public.")

    class Meta:
        ordering = ["-checked_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "number"], name="check_number_is_never_reused"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.reference}: checked on {self.checked_on}, nothing new"

    def facts(self) -> dict[str, Any]:
        return {"checked_on": self.checked_on.isoformat(), "note": self.note}


class Withdrawal(Record):
    """A commitment that was entered by mistake is taken back; its page says so, with the reason."""

    anchor_prefix = "withdrawal"

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="withdrawals")
    reason = models.TextField(help_text="Read by the public: why this entry was a mistake.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment"],
                condition=models.Q(published_at__isnull=False),
                name="commitment_is_withdrawn_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.reference}: withdrawn"

    def facts(self) -> dict[str, Any]:
        return {"reason": self.reason}


class Revision(AppendOnly):
    """New words for something that is published already: a commitment, a document, a department and so on.

    `changes` maps each field to its words `before` and `after`, as the log writes them; the earlier ones stay public.
    """

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey()
    changes = models.JSONField(default=dict)
    reason = models.TextField(help_text="Read by the public: why the words are changed.")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="revision_target")]  # earlier wordings

    def __str__(self) -> str:
        return f"New wording of {self.target}"

    @property
    def subject(self) -> str:
        return str(self.target.subject) if self.target else ""

    def list_changes(self) -> list[tuple[str, Any, Any]]:
        """Return each field's name with its words before and after, as a person reads them."""
        model: Any = ContentType.objects.get_for_id(self.content_type_id).model_class()
        rows = []
        for name, change in self.changes.items():
            field = model._meta.get_field(name)
            labels = dict(field.flatchoices) if field.choices else {}
            before, after = (
                labels.get(words, words) if labels else words for words in (change["before"], change["after"])
            )
            rows.append((str(field.verbose_name), before, after))
        return rows

    def facts(self) -> dict[str, Any]:
        return {"reason": self.reason, "changes": self.changes}


def unsay_later_words(rows: Iterable[Publishable], moment: Moment) -> None:
    """Give rows of one kind, without saving them, the words that the register had for them at a moment."""
    found = {row.pk: row for row in rows}
    if moment.known_before is None or not found:
        return
    later = Revision.objects.ever_published().filter(published_at__gte=moment.known_before, object_id__in=found)
    kind = ContentType.objects.get_for_model(next(iter(found.values())))
    for revision in later.filter(content_type=kind).order_by("-published_at", "-pk"):
        found[revision.object_id].recall_words({name: change["before"] for name, change in revision.changes.items()})


class SignInFailure(models.Model):
    """A sign-in that did not succeed, for managers to see."""

    at = models.DateTimeField(auto_now_add=True)
    username = models.CharField(max_length=150)
    address = models.GenericIPAddressField("network address", null=True)
    step = models.CharField(max_length=40)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.username} at {self.at:%Y-%m-%d %H:%M}"
