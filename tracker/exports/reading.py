"""The rows of a file, in the order of the page, read a chunk at a time so that memory stays flat."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tracker.exports.columns import COMMITMENTS, EVIDENCE, UPDATES, Frame, Sheet
from tracker.exports.formats import WORKBOOK_LIMIT
from tracker.models import Commitment, Evidence, StatusUpdate
from tracker.moments import Moment
from tracker.querysets import Listed

CHUNK = 500  # commitments, with all their updates and evidence


class Selection:
    """The commitments that answer a question: their keys in order, and what is the same for all of them."""

    def __init__(self, keys: Iterable[int], moment: Moment, site: str) -> None:
        self.keys = array("q", keys)
        self.frame = Frame(site, moment)
        self.commitments = Commitment.objects.as_at(moment).order_by()
        updates = StatusUpdate.objects.shown_at(moment).newest_first()
        evidence = Evidence.objects.cited_at(moment).newest_first()
        # Each row is the key of its commitment and what is at the end of the sheet's paths.
        self.rows: dict[str, Any] = {
            COMMITMENTS.name: self.commitments.for_values(COMMITMENTS.paths),
            UPDATES.name: updates.values_list(UPDATES.commitment, *UPDATES.paths),
            EVIDENCE.name: evidence.values_list(EVIDENCE.commitment, *EVIDENCE.paths),
        }

    def __len__(self) -> int:
        return len(self.keys)

    def split(self) -> Iterator[Sequence[int]]:
        """Yield the keys, some hundred at a time."""
        return (self.keys[start : start + CHUNK] for start in range(0, len(self.keys), CHUNK))

    def read_columns(self, sheet: Sheet, keys: Sequence[int]) -> list[Sequence[Any]]:
        """Return what the columns of a sheet say of some commitments, column by column."""
        rows = list(self.rows[sheet.name].filter(**{f"{sheet.commitment}__in": keys}))
        if sheet is COMMITMENTS:
            recalled = self.commitments.recall_values(keys, sheet.paths)
            rows = [recalled.get(row[0], row) for row in rows]
        places = {key: place for place, key in enumerate(keys)}
        rows.sort(key=lambda row: places[row[0]])
        values = list(zip(*rows, strict=True)) or [()] * (1 + len(sheet.paths))
        return sheet.read_all(dict(zip(sheet.paths, values[1:], strict=True)), self.frame)


def count_rows(find_keys: Callable[[], Iterable[int]], count: int, moment: Moment) -> dict[str, int]:
    """Say how many rows each sheet has for a question; only of commitments where counting more would take long.

    There are `count` commitments, and `find_keys` gives their keys.
    """
    counts = {COMMITMENTS.name: count}
    if count > WORKBOOK_LIMIT:
        return counts
    updates = StatusUpdate.objects.shown_at(moment).filter(commitment__in=Listed(find_keys))
    return counts | updates.count_with_evidence()
