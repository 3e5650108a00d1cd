"""Questions about the rows of history, and about what is said of anything public."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from tracker.moments import Moment
from tracker.querysets.base import AppendOnlyQuerySet, PartOfHistoryQuerySet, RecordQuerySet
from tracker.querysets.histories import known_at


class StatusUpdateQuerySet(RecordQuerySet):
    def newest_first(self) -> StatusUpdateQuerySet:
        """Order by the day on which each is true, then by publication."""
        return self.order_by(F("as_of").desc(), F("number").desc(nulls_first=True))

    def for_listing(self) -> StatusUpdateQuerySet:
        return self.select_related("commitment", "commitment__department", "commitment__programme")

    def shown_at(self, moment: Moment) -> Self:
        """Keep what the pages of commitments show of their history at a moment.

        What corrects a row, and had been published at that moment, is its `correction`.
        """
        known = known_at(moment, "corrected_by__") & Q(corrected_by__published_at__isnull=False)
        # They are about one commitment. SQLite would not look for the few that correct another by what they correct.
        known &= Q(corrected_by__commitment=F("commitment"))
        rows = self.alias(correction=models.FilteredRelation("corrected_by", condition=known))
        return rows.ever_published().filter(known_at(moment), as_of__lte=moment.day)

    def count_with_evidence(self) -> dict[str, int]:
        """Count, in one query, the "updates" and the "evidence" cited for them."""
        evidence: Any = self.model._meta.get_field("evidence").related_model
        cited = evidence.objects.filter(status_update=OuterRef("pk")).order_by().values("status_update")
        # Not a count of what is joined, which would have to look at each update for whether it was met before.
        rows = Coalesce(Sum(Subquery(cited.annotate(rows=Count("pk")).values("rows"))), 0)
        return self.order_by().aggregate(updates=Count("pk"), evidence=rows)


class EvidenceQuerySet(PartOfHistoryQuerySet):
    def cited_at(self, moment: Moment) -> Self:
        """Keep what is cited for the history that the pages of commitments show at a moment."""
        known = self.ever_published().filter(known_at(moment, "status_update__"))
        return known.filter(status_update__as_of__lte=moment.day)

    def newest_first(self) -> Self:
        """Order as the updates are, and what is cited for one of them as it was cited."""
        return self.order_by("-status_update__as_of", "-status_update__number", "pk")


class RevisionQuerySet(AppendOnlyQuerySet):
    def about(self, target: models.Model) -> Self:
        """Keep the new words for one row."""
        kind = {"content_type__app_label": target._meta.app_label, "content_type__model": target._meta.model_name}
        return self.filter(**kind, object_id=target.pk).order_by("-published_at", "-pk")
