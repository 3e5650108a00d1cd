"""What changed between two days. The page of changes asks this; nothing of it is stored."""

from tracker.changes.counting import ROWS_SHOWN, Changes
from tracker.changes.finding import find_changes
from tracker.changes.kinds import KINDS, Change, Kind

__all__ = ["KINDS", "ROWS_SHOWN", "Change", "Changes", "Kind", "find_changes"]
