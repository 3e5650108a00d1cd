"""The nouns of the register, one module a subject."""

from tracker.models.commitments import (
    REFERENCE_PATTERN,
    REVERSE_RELATION_LABELS,
    Commitment,
    Pointers,
    Programme,
    Relation,
    Topic,
)
from tracker.models.documents import Document
from tracker.models.log import Checkpoint, LogEntry, LogHead, LogNode, read_nodes
from tracker.models.organisations import Department, SupportService, User, name_person
from tracker.models.petitions import Petition
from tracker.models.progress import (
    Funding,
    Milestone,
    MilestoneDocument,
    MilestoneUpdate,
    MilestoneUpdateDocument,
    Response,
)
from tracker.models.redactions import (
    REMOVED,
    REMOVED_ADDRESS,
    REMOVED_BRIEFLY,
    Redaction,
    RemovalReason,
    lengthen_removed,
    sort_by_place,
)
from tracker.models.revisions import Check, Revision, SignInFailure, Withdrawal, unsay_later_words
from tracker.models.site import ReadOnly, SiteState, refuse_when_read_only, writing_is_settled
from tracker.models.standings import Standing
from tracker.models.updates import Evidence, StatusUpdate

__all__ = [
    "REFERENCE_PATTERN",
    "REMOVED",
    "REMOVED_ADDRESS",
    "REMOVED_BRIEFLY",
    "REVERSE_RELATION_LABELS",
    "Check",
    "Checkpoint",
    "Commitment",
    "Department",
    "Document",
    "Evidence",
    "Funding",
    "LogEntry",
    "LogHead",
    "LogNode",
    "Milestone",
    "MilestoneDocument",
    "MilestoneUpdate",
    "MilestoneUpdateDocument",
    "Petition",
    "Pointers",
    "Programme",
    "ReadOnly",
    "Redaction",
    "Relation",
    "RemovalReason",
    "Response",
    "Revision",
    "SignInFailure",
    "SiteState",
    "Standing",
    "StatusUpdate",
    "SupportService",
    "Topic",
    "User",
    "Withdrawal",
    "lengthen_removed",
    "name_person",
    "read_nodes",
    "refuse_when_read_only",
    "sort_by_place",
    "unsay_later_words",
    "writing_is_settled",
]
