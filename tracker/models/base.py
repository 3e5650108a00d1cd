"""What the nouns share: being published, and never changing from then on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.encoding import force_str
from django.utils.translation import get_language
from simple_history.models import HistoricalRecords

from tracker.models.site import refuse_when_read_only
from tracker.moments import Moment
from tracker.querysets import (
    AppendOnlyQuerySet,
    HistoryIsAppendOnly,
    PartOfHistoryQuerySet,
    PublishableQuerySet,
    RecordQuerySet,
)

WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class WebAddressField(models.URLField):  # type: ignore[type-arg]  # it takes none when the program runs
    """An address of a page on the web. Whatever else stands in the database in its place is read as none.

    So no page, feed, file or answer links to `javascript:` or `data:`, even where somebody got that in past the forms.
    """

    default_validators = [URLValidator(schemes=["http", "https"])]

    def from_db_value(self, value: Any, *given: Any) -> Any:
        return "" if value and not WEB_ADDRESS.match(value) else value

    def deconstruct(self) -> Any:
        """For migrations it is what it is for the database."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.URLField", args, options


def choice_constraint(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Return the database's own guard that a field holds one of the words of a closed list."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


@lru_cache(maxsize=2_000)
def _find_label(field: Any, value: Any, language: str | None) -> Any:
    return force_str(dict(field.flatchoices).get(value, value), strings_only=True)


def is_permanent_name(field: Any) -> bool:
    """Say whether a field is a row's key or its address on the site: what is unique, but for addresses elsewhere."""
    return bool(field.unique) and not isinstance(field, models.URLField)


def list_texts(model: type[models.Model]) -> list[Any]:
    """Return the fields of a model in which people write words, addresses of other sites among them."""
    texts = (models.CharField, models.TextField, models.JSONField)
    written = [field for field in model._meta.concrete_fields if isinstance(field, texts) and not field.choices]
    return [field for field in written if not is_permanent_name(field)]


def write_words(value: Any) -> Any:
    """Write what a field, or a field of a form, holds as `facts` writes it: rows by their public names."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Publishable):
        return value.public_name
    if isinstance(value, models.QuerySet):
        return sorted(row.public_name for row in value)
    return value


def _find_public(field: Any, name: Any) -> Publishable:
    rows = field.related_model.objects.published()
    found: Publishable | None = rows.filter(**{field.related_model.public_key: name}).first()
    if found is None:
        sentence = f"The new {field.verbose_name}, “{name}”, is not public yet, or not any more. Publish it first."
        raise ValidationError(sentence)
    return found


def _refuse_unknown(model: Any, names: list[Any]) -> None:
    known = model.objects.published().filter(**{f"{model.public_key}__in": names})
    if unknown := sorted(set(names) - set(known.values_list(model.public_key, flat=True))):
        raise ValidationError(f"Not public, or not known: {', '.join(unknown)}.")


class Publishable(models.Model):
    """A row that the public may read from `published_at` on. Only the verbs set it.

    One person writes it (`author`; nobody where it came from the register's files) and submits it, a second approves
    it or sends it back with a note. `version` counts its saves, so that nobody overwrites what she has not seen.
    """

    published_at = models.DateTimeField("published at", null=True, blank=True, editable=False, db_index=True)
    author = models.ForeignKey("tracker.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    approver = models.ForeignKey(
        "tracker.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    return_note = models.TextField("why it was sent back", blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(inherit=True)

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def exists_since(self) -> dt.date | None:
        """The day from which there is such a thing, where it is known."""
        return None

    def exists_at(self, moment: Moment) -> bool:
        """Say whether the thing existed on the day of a moment, and the register had published it by then."""
        is_known = self.published_at is not None and (
            moment.known_before is None or self.published_at < moment.known_before
        )
        return is_known and (self.exists_since is None or self.exists_since <= moment.day)

    def _get_FIELD_display(self, field: Any) -> Any:  # noqa: N802 - Django's name for what get_status_display() calls
        """Return the words of a choice. Django's own way translates every choice of the field to find one."""
        return _find_label(field, getattr(self, field.attname), get_language())

    def save(self, *args: Any, **options: Any) -> None:
        refuse_when_read_only()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        refuse_when_read_only()
        if self.is_history():
            raise HistoryIsAppendOnly(f"A published {self._meta.verbose_name} cannot be deleted.")
        return super().delete(*args, **options)

    def is_history(self) -> bool:
        """Say whether the stored row, whatever this object says, has been published."""
        return self.pk is not None and type(self).objects.ever_published().filter(pk=self.pk).exists()

    @property
    def review_state(self) -> str:
        """Where it stands on its way to the public."""
        if self.is_published:
            return "published"
        if self.submitted_at:
            return "awaiting review"
        return "sent back" if self.return_note else "draft"

    def find_cited_documents(self) -> list[Any]:
        """Return the documents that must be public when this is."""
        return []

    @property
    def subject(self) -> str:
        """Its name in the log: its address on the site, without the leading slash."""
        raise NotImplementedError

    earlier_lists: Mapping[str, list[Any]] = MappingProxyType({})  # set by `recall_words`

    # The field that holds a row's permanent public name, by which other rows' facts and new words name it.
    public_key: ClassVar[str] = "slug"

    @property
    def public_name(self) -> Any:
        return getattr(self, self.public_key)

    def read_words(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what these fields hold, written as `facts` writes it."""
        fields = {name: self._meta.get_field(name) for name in names}
        return {
            name: write_words(getattr(self, name).all() if field.many_to_many else getattr(self, name))
            for name, field in fields.items()
        }

    def set_words(self, words: dict[str, Any]) -> None:
        """Set fields from values as `read_words` writes them, without saving; lists are only looked at.

        Raises ValidationError where a row that is named is not public.
        """
        for name, value in words.items():
            field: Any = self._meta.get_field(name)
            if field.many_to_many:
                _refuse_unknown(field.related_model, value)
            elif not field.is_relation:
                setattr(self, name, field.to_python(value))
            elif value is None and field.null:
                setattr(self, name, None)
            else:
                setattr(self, name, _find_public(field, value))

    def recall_words(self, words: dict[str, Any]) -> None:
        """Show fields as they once were, without saving; lists by `read_list`. Rows that are gone are left alone."""
        for name, value in words.items():
            field: Any = self._meta.get_field(name)
            if field.many_to_many:
                self.earlier_lists = {**self.earlier_lists, name: value or []}
                continue
            if not field.is_relation:
                setattr(self, name, field.to_python(value))
                continue
            rows = field.related_model.objects.ever_published()
            found = rows.filter(**{field.related_model.public_key: value}).first()
            if found is not None or value is None:
                setattr(self, name, found)

    def read_list(self, name: str) -> Any:
        """Return what stands in a list, such as a commitment's topics; after `recall_words`, what stood there then."""
        present = getattr(self, name)
        if name not in self.earlier_lists:
            return present.published()
        return present.model.objects.published().filter(**{f"{present.model.public_key}__in": self.earlier_lists[name]})

    def apply_words(self, words: dict[str, Any]) -> None:
        """Set fields, lists too, from values as `read_words` writes them, and save. Only for the verbs."""
        self.set_words(words)
        for name, value in words.items():
            field: Any = self._meta.get_field(name)
            if field.many_to_many:
                rows = field.related_model.objects
                getattr(self, name).set(rows.filter(**{f"{field.related_model.public_key}__in": value}))
        self.version += 1
        self.save()

    def facts(self) -> dict[str, Any]:
        """Return what the public may know of this row, as the register's files and the log write it."""
        raise NotImplementedError


class AppendOnly(Publishable):
    """A row of history: free while a draft, fixed once published, but for its `caches`, which the verbs move."""

    caches: ClassVar[tuple[str, ...]] = ()

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

    history = HistoricalRecords(inherit=True)

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
        refuse_when_read_only()
        owner = self._meta.get_field(self.owner_field)
        owners = owner.related_model.objects.ever_published()  # type: ignore[union-attr]
        stored = type(self).objects.ever_published().filter(pk=self.pk)
        if owners.filter(pk=getattr(self, owner.attname)).exists() or (self.pk and stored.exists()):  # type: ignore[union-attr]
            raise HistoryIsAppendOnly(f"The {self._meta.verbose_name} of published history cannot be changed.")


class Record(AppendOnly):
    """A dated record about a commitment.

    `number` is its permanent place among the records of its kind on that commitment, given at publication.
    """

    anchor_prefix: ClassVar[str]

    number = models.PositiveIntegerField(null=True, blank=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def anchor(self) -> str:
        """Its place on the commitment's page."""
        return f"{self.anchor_prefix}-{self.number}"

    @property
    def subject(self) -> str:
        return f"{self.commitment.subject}#{self.anchor}"  # type: ignore[attr-defined]
