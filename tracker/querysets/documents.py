"""Questions about documents."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Q

from tracker.querysets.addresses import tidy_address
from tracker.querysets.base import PublishableQuerySet, is_public
from tracker.querysets.searching import holds
from tracker.words import read_search


class DocumentQuerySet(PublishableQuerySet):
    def at_address(self, address: str) -> Self:
        """Keep the document at an address, however its host and its end are written."""
        written = tidy_address(address)
        bare = written.rstrip("/")
        return self.filter(url__in={written} if "?" in written or "#" in written else {bare, f"{bare}/"})

    def matching(self, text: str) -> DocumentQuerySet:
        """Keep what answers a search by its title and publisher: see `words.read_search`."""
        return self.filter(holds(read_search(text), "search_document"))

    def with_use(self) -> DocumentQuerySet:
        """Annotate `citation_count`: how many published status updates cite each document."""
        cited = Q(evidence__status_update__published_at__isnull=False) & is_public(
            "evidence__status_update__commitment"
        )
        counted: DocumentQuerySet = self.annotate(citation_count=Count("evidence", filter=cited))
        return counted

    def for_milestones(self, milestones: Any, steps: Any) -> models.QuerySet[Any, Any]:
        """Fetch what sets milestones and what shows their steps, in one query, each with `milestone_pk`."""
        documents = self.published().order_by()
        setting = documents.filter(milestones__in=milestones.values("pk")).annotate(milestone_pk=F("milestones__pk"))
        meeting = documents.filter(milestone_updates__in=steps.values("pk")).annotate(
            milestone_pk=F("milestone_updates__milestone_id")
        )
        both: models.QuerySet[Any, Any] = setting.union(meeting)
        return both.order_by("title", "id")
