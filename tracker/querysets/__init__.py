"""The questions that the tracker asks of its data, each with a name.

Querysets know field names, never models, so that the nouns can use them. Every public read starts from `published()`.
"""

from tracker.querysets.addresses import tidy_address
from tracker.querysets.base import (
    AppendOnlyQuerySet,
    ByteOrder,
    HistoryIsAppendOnly,
    JoinedText,
    MilestoneUpdateQuerySet,
    PartOfHistoryQuerySet,
    PublishableQuerySet,
    RecordQuerySet,
    follow,
    is_public,
    join_keys,
    split_keys,
)
from tracker.querysets.commitments import SORTS, CommitmentQuerySet, timeliness_case
from tracker.querysets.documents import DocumentQuerySet
from tracker.querysets.gaps import Before, Gap, find_facts
from tracker.querysets.histories import (
    Then,
    known_at,
    list_milestones,
    list_published,
    list_published_records,
    list_set,
)
from tracker.querysets.prepared import Listed, prepared
from tracker.querysets.records import EvidenceQuerySet, RevisionQuerySet, StatusUpdateQuerySet
from tracker.querysets.standings import StandingQuerySet, join_runs
from tracker.querysets.wordings import EarlierWords

__all__ = [
    "SORTS",
    "AppendOnlyQuerySet",
    "Before",
    "ByteOrder",
    "CommitmentQuerySet",
    "DocumentQuerySet",
    "EarlierWords",
    "EvidenceQuerySet",
    "Gap",
    "HistoryIsAppendOnly",
    "JoinedText",
    "Listed",
    "MilestoneUpdateQuerySet",
    "PartOfHistoryQuerySet",
    "PublishableQuerySet",
    "RecordQuerySet",
    "RevisionQuerySet",
    "StandingQuerySet",
    "StatusUpdateQuerySet",
    "Then",
    "find_facts",
    "follow",
    "is_public",
    "join_keys",
    "join_runs",
    "known_at",
    "list_milestones",
    "list_published",
    "list_published_records",
    "list_set",
    "prepared",
    "split_keys",
    "tidy_address",
    "timeliness_case",
]
