"""Questions about the rows of history, and about what is said of anything public."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F

from tracker.querysets.base import AppendOnlyQuerySet, RecordQuerySet


class StatusUpdateQuerySet(RecordQuerySet):
    def newest_first(self) -> StatusUpdateQuerySet:
        """Order by the day on which each is true, then by publication."""
        return self.order_by(F("as_of").desc(), F("number").desc(nulls_first=True))

    def for_listing(self) -> StatusUpdateQuerySet:
        return self.select_related("commitment", "commitment__department", "commitment__programme")


class RevisionQuerySet(AppendOnlyQuerySet):
    def about(self, target: models.Model) -> Self:
        """Keep the new words for one row."""
        kind = {"content_type__app_label": target._meta.app_label, "content_type__model": target._meta.model_name}
        return self.filter(**kind, object_id=target.pk).order_by("-published_at", "-pk")
