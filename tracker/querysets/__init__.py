"""The questions that the tracker asks of its data, each with a name.

Querysets know field names, never models, so that the nouns can use them. Every public read starts from `published()`.
"""

from tracker.querysets.addresses import tidy_address
from tracker.querysets.base import (
    AppendOnlyQuerySet,
    ByteOrder,
    HistoryIsAppendOnly,
    MilestoneUpdateQuerySet,
    PartOfHistoryQuerySet,
    PublishableQuerySet,
    RecordQuerySet,
    follow,
    is_public,
)
from tracker.querysets.commitments import SORTS, CommitmentQuerySet, timeliness_case
from tracker.querysets.documents import DocumentQuerySet
from tracker.querysets.gaps import Gap
from tracker.querysets.histories import known_at, list_milestones, list_published_records
from tracker.querysets.records import EvidenceQuerySet, RevisionQuerySet, StatusUpdateQuerySet
from tracker.querysets.standings import StandingQuerySet
from tracker.querysets.wordings import EarlierWords

__all__ = [
    "SORTS",
    "AppendOnlyQuerySet",
    "ByteOrder",
    "CommitmentQuerySet",
    "DocumentQuerySet",
    "EarlierWords",
    "EvidenceQuerySet",
    "Gap",
    "HistoryIsAppendOnly",
    "MilestoneUpdateQuerySet",
    "PartOfHistoryQuerySet",
    "PublishableQuerySet",
    "RecordQuerySet",
    "RevisionQuerySet",
    "StandingQuerySet",
    "StatusUpdateQuerySet",
    "follow",
    "is_public",
    "known_at",
    "list_milestones",
    "list_published_records",
    "tidy_address",
    "timeliness_case",
]
