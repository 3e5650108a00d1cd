"""Questions about the rows of history, and about what is said of anything public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import F

from tracker.moments import Moment
from tracker.querysets.base import AppendOnlyQuerySet, RecordQuerySet
from tracker.querysets.histories import known_at


class StatusUpdateQuerySet(RecordQuerySet):
    def newest_first(self) -> StatusUpdateQuerySet:
        """Order by the day on which each is true, then by publication."""
        return self.order_by(F("as_of").desc(), F("number").desc(nulls_first=True))

    def for_listing(self) -> StatusUpdateQuerySet:
        return self.select_related("commitment", "commitment__department", "commitment__programme")

    def known_about(self, commitments: Iterable[int], moment: Moment) -> StatusUpdateQuerySet:
        """Keep the history of some commitments that had been published at a moment, newest first, with its evidence."""
        rows = self.ever_published().filter(known_at(moment), commitment__in=commitments)
        evidence: Any = self.model._meta.get_field("evidence").related_model
        cited = models.Prefetch("evidence", queryset=evidence.objects.select_related("document"))
        return rows.newest_first().prefetch_related(cited)

    def count_with_evidence(self) -> dict[str, int]:
        """Count, in one query, the "updates" and the "evidence" cited for them."""
        counts = {"updates": models.Count("pk", distinct=True), "evidence": models.Count("evidence")}
        return self.order_by().aggregate(**counts)


class RevisionQuerySet(AppendOnlyQuerySet):
    def about(self, target: models.Model) -> Self:
        """Keep the new words for one row."""
        kind = {"content_type__app_label": target._meta.app_label, "content_type__model": target._meta.model_name}
        return self.filter(**kind, object_id=target.pk).order_by("-published_at", "-pk")
