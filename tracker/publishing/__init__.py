"""The verbs that make things public, the log they write and the pointers they move.

Nothing outside this package sets `published_at`, moves a pointer or appends to the log.
"""

from tracker.publishing.batches import publish_batch, publish_groups
from tracker.publishing.judgements import (
    find_grounds,
    find_judgement,
    find_warnings,
    read_grounds,
    read_surroundings,
)
from tracker.publishing.log import explain_key, explain_witness, hold_the_line, publication
from tracker.publishing.losing import NothingIsLost, admit_loss
from tracker.publishing.pointers import (
    HISTORY,
    find_milestone_pointers,
    find_pointers,
    find_start_of_run,
    point_milestone,
)
from tracker.publishing.proofs import find_newest_checkpoint, prove_consistency, prove_inclusion
from tracker.publishing.redacting import Extent, measure
from tracker.publishing.refusals import PublicationRefused, find_all_refusals, find_refusals, has_written
from tracker.publishing.signing import LogIsBroken, is_signed
from tracker.publishing.standings import fill_standings, move_pointers, replay_standings
from tracker.publishing.storing import AT_ONCE
from tracker.publishing.switching import switch_site
from tracker.publishing.verbs import (
    AlreadyPublished,
    ChangedMeanwhile,
    StillNeeded,
    as_if_published,
    discard,
    find_log_kind,
    publish,
    publish_status_update,
    read_version,
    send_back,
    submit,
)
from tracker.publishing.witness import find_path as find_witness

__all__ = [
    "AT_ONCE",
    "HISTORY",
    "AlreadyPublished",
    "ChangedMeanwhile",
    "Extent",
    "LogIsBroken",
    "NothingIsLost",
    "PublicationRefused",
    "StillNeeded",
    "admit_loss",
    "as_if_published",
    "discard",
    "explain_key",
    "explain_witness",
    "fill_standings",
    "find_all_refusals",
    "find_grounds",
    "find_judgement",
    "find_log_kind",
    "find_milestone_pointers",
    "find_newest_checkpoint",
    "find_pointers",
    "find_refusals",
    "find_start_of_run",
    "find_warnings",
    "find_witness",
    "has_written",
    "hold_the_line",
    "is_signed",
    "measure",
    "move_pointers",
    "point_milestone",
    "prove_consistency",
    "prove_inclusion",
    "publication",
    "publish",
    "publish_batch",
    "publish_groups",
    "publish_status_update",
    "read_grounds",
    "read_surroundings",
    "read_version",
    "replay_standings",
    "send_back",
    "submit",
    "switch_site",
]
