"""What the nouns share: being published, and never changing from then on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from tracker.querysets import (
    AppendOnlyQuerySet,
    HistoryIsAppendOnly,
    PartOfHistoryQuerySet,
    PublishableQuerySet,
)


def choice_constraint(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Return the database's own guard that a field holds one of the words of a closed list."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


class Publishable(models.Model):
    """A row that the public may read from `published_at` on. Only the verbs set it."""

    published_at = models.DateTimeField("published at", null=True, blank=True, editable=False, db_index=True)

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        if self.is_history():
            raise HistoryIsAppendOnly(f"A published {self._meta.verbose_name} cannot be deleted.")
        return super().delete(*args, **options)

    def is_history(self) -> bool:
        """Say whether the stored row, whatever this object says, has been published."""
        return self.pk is not None and type(self).objects.published().filter(pk=self.pk).exists()

    @property
    def subject(self) -> str:
        """Its name in the log: its address on the site, without the leading slash."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Return what the public may know of this row, as the register's files and the log write it."""
        raise NotImplementedError


class AppendOnly(Publishable):
    """A row of history: free while a draft, fixed once published."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self.refuse_change_of_history()
        super().save(*args, **options)

    def refuse_change_of_history(self) -> None:
        if self.is_history():
            raise HistoryIsAppendOnly(f"A published {self._meta.verbose_name} cannot be changed.")


class PartOfHistory(models.Model):
    """A row that belongs to a row of history, named by `owner_field`, and is fixed when its owner is."""

    owner_field: ClassVar[str]

    objects = PartOfHistoryQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self.refuse_change_of_history()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        self.refuse_change_of_history()
        return super().delete(*args, **options)

    def refuse_change_of_history(self) -> None:
        """Refuse when the present or the stored owner is published: parts can be neither edited, added nor moved."""
        owner = self._meta.get_field(self.owner_field)
        owners = owner.related_model.objects.published()  # type: ignore[union-attr]
        stored = type(self).objects.published().filter(pk=self.pk)
        if owners.filter(pk=getattr(self, owner.attname)).exists() or (self.pk and stored.exists()):  # type: ignore[union-attr]
            raise HistoryIsAppendOnly(f"The {self._meta.verbose_name} of published history cannot be changed.")


class Record(AppendOnly):
    """A dated record about a commitment, written by one person and published by another.

    `number` is its permanent place among the records of its kind on that commitment, given at publication. A record
    without an author came from the register's files.
    """

    anchor_prefix: ClassVar[str]

    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    author = models.ForeignKey("tracker.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    approver = models.ForeignKey(
        "tracker.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    @property
    def anchor(self) -> str:
        """Its place on the commitment's page."""
        return f"{self.anchor_prefix}-{self.number}"

    @property
    def subject(self) -> str:
        return f"{self.commitment.subject}#{self.anchor}"  # type: ignore[attr-defined]
