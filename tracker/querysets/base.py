"""What all questions share: what is published, and that nothing published is changed. Every public read starts here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce
from typing import Any, Self

from django.db import models
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast


class HistoryIsAppendOnly(Exception):
    """Raised when code tries to change or delete what the public has already read."""


class ByteOrder(models.Func):
    """Orders text by its bytes on every database, so that a list reads the same on SQLite and PostgreSQL."""

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **context)


class JoinedText(models.Aggregate):
    """Joins texts by spaces, or by another sign, in any order: the same for all that is joined in one question."""

    function = "group_concat"
    template = "%(function)s(%(expressions)s, '%(sign)s')"
    output_field = CharField()

    def __init__(self, *texts: Any, sign: str = " ", **options: Any) -> None:
        super().__init__(*texts, sign=sign, **options)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="string_agg", **context)


def join_keys(key: Any) -> JoinedText:
    """Join the keys of many rows into one text: row by row, to read them would take several times as long."""
    return JoinedText(Cast(key, CharField()))


def split_keys(text: str | None) -> list[int]:
    """Read such a text. As JSON, it takes half the time that `int` would."""
    keys: list[int] = json.loads(f"[{(text or '').replace(' ', ',')}]")
    return keys


def follow(row: Any, path: str) -> Any:
    """Return what is at the end of a path of names, None where it leads nowhere; of a list, its slugs as one text."""
    found = reduce(lambda value, name: None if value is None else getattr(value, name), path.split("__"), row)
    if isinstance(found, models.Manager):
        return " ".join(row.read_list(path).values_list("slug", flat=True))
    return found


def is_public(path: str) -> Q:
    """Return the condition that the commitment at the end of a path is public: published, and not withdrawn since."""
    return Q(**{f"{path}__published_at__isnull": False, f"{path}__withdrawn_at__isnull": True})


class PublishableQuerySet(models.QuerySet[Any]):
    """Rows that the public may read once `published_at` is set, and that nobody may delete from then on."""

    publication = "published_at"
    withdrawal = ""  # the path to the day on which a row, or what it belongs to, was withdrawn

    def ever_published(self) -> Self:
        """Keep what is history, even if it was withdrawn since."""
        return self.filter(**{f"{self.publication}__isnull": False})

    def published(self) -> Self:
        """Keep what the public may read now."""
        rows = self.ever_published()
        return rows.filter(**{f"{self.withdrawal}__isnull": True}) if self.withdrawal else rows

    def drafts(self) -> Self:
        return self.filter(**{f"{self.publication}__isnull": True})

    def awaiting_review(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=False).order_by("submitted_at", "pk")

    def sent_back(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=True).exclude(return_note="").order_by("-pk")

    def unfinished(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=True, return_note="").order_by("-pk")

    def as_links(
        self, kind: str, *, key: str = "slug", name: str = "name", name_cy: str = ""
    ) -> models.QuerySet[Any, Any]:
        """Return (kind, key, name, Welsh name) for each row, so that links to several kinds of page are one query."""
        texts = [Cast(field, CharField()) if field else Value("") for field in (key, name, name_cy)]
        return self.order_by().values_list(Value(kind, output_field=CharField()), *texts)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_history("deleted")
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _refuse_history(self, verb: str) -> None:
        if self.ever_published().exists():
            raise HistoryIsAppendOnly(f"A published {self.model._meta.verbose_name} cannot be {verb}.")


class AppendOnlyQuerySet(PublishableQuerySet):
    """Rows that nobody may change once published: the history."""

    def update(self, **values: Any) -> int:
        self._refuse_history("changed")
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        if options.get("update_conflicts"):
            raise HistoryIsAppendOnly("History is added to one row at a time, never merged into existing rows.")
        rows = list(objs)
        self._refuse_additions(rows)
        return super().bulk_create(rows, *args, **options)

    def _refuse_additions(self, rows: list[Any]) -> None:
        """Refuse rows that would take the place of published ones."""
        self.model._default_manager.filter(pk__in=[row.pk for row in rows if row.pk])._refuse_history("changed")


class PartOfHistoryQuerySet(AppendOnlyQuerySet):
    """Rows that are part of a published row, such as the evidence of a status update: public when their owner is."""

    @property
    def publication(self) -> str:  # type: ignore[override]
        return f"{self.model.owner_field}__published_at"

    def _refuse_additions(self, rows: list[Any]) -> None:
        """Refuse parts of what is published already."""
        super()._refuse_additions(rows)
        owner = self.model._meta.get_field(self.model.owner_field)
        owners = owner.related_model._default_manager.filter(pk__in={getattr(row, owner.attname) for row in rows})
        owners._refuse_history("changed")


class RecordQuerySet(AppendOnlyQuerySet):
    """Records about a commitment: public while the commitment is."""

    withdrawal = "commitment__withdrawn_at"


class MilestoneUpdateQuerySet(AppendOnlyQuerySet):
    withdrawal = "milestone__commitment__withdrawn_at"
