"""The rows of a file, in the order of the page, read a chunk at a time so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tracker.exports.columns import COMMITMENTS, EVIDENCE, UPDATES, Frame, Sheet
from tracker.exports.formats import WORKBOOK_LIMIT
from tracker.models import Commitment, StatusUpdate
from tracker.moments import Moment

CHUNK = 500


class Selection:
    """The commitments that answer a question: their keys in order, and what is the same for all of them."""

    def __init__(self, keys: Sequence[int], moment: Moment, site: str) -> None:
        self.keys = keys
        self.commitments = Commitment.objects.as_at(moment).for_file()
        self.frame = Frame(site, moment, self.commitments.words)

    def __len__(self) -> int:
        return len(self.keys)

    def read_chunks(self, sheet: Sheet) -> Iterator[list[Any]]:
        """Yield the rows of a sheet, those of some hundred commitments at a time."""
        read = {COMMITMENTS.name: list, UPDATES.name: self.list_updates, EVIDENCE.name: self.list_evidence}[sheet.name]
        for start in range(0, len(self.keys), CHUNK):
            yield read(self._fetch(self.keys[start : start + CHUNK]))

    def read_whole(self) -> Iterator[tuple[Any, list[StatusUpdate]]]:
        """Yield each commitment with its updates, which hold their evidence."""
        for commitments in self.read_chunks(COMMITMENTS):
            updates: dict[int, list[StatusUpdate]] = {}
            for update in self.list_updates(commitments):
                updates.setdefault(update.commitment_id, []).append(update)
            yield from ((commitment, updates.get(commitment.pk, [])) for commitment in commitments)

    def _fetch(self, keys: Sequence[int]) -> list[Any]:
        found = self.commitments.in_bulk(keys)
        return [found[key] for key in keys if key in found]  # one may be withdrawn while the file is sent

    def list_updates(self, commitments: list[Any]) -> list[StatusUpdate]:
        """Return the updates that the pages of commitments show at the moment, and mark those that were corrected."""
        moment, owners = self.frame.moment, {commitment.pk: commitment for commitment in commitments}
        known = list(StatusUpdate.objects.known_about(list(owners), moment))
        numbers = {update.pk: update.number for update in known}
        corrected: dict[Any, Any] = {update.corrects_id: update.number for update in known if update.corrects_id}
        places = {pk: place for place, pk in enumerate(owners)}
        for update in known:
            update.commitment = owners[update.commitment_id]
            update.corrects_number = numbers.get(update.corrects_id)
            update.corrected_by_number = corrected.get(update.pk)
        shown = [update for update in known if update.as_of <= moment.day]
        return sorted(shown, key=lambda update: places[update.commitment_id])

    def list_evidence(self, commitments: list[Any]) -> list[Any]:
        return [each for update in self.list_updates(commitments) for each in update.evidence.all()]


def count_rows(commitments: Any, count: int, moment: Moment) -> dict[str, int]:
    """Say how many rows each sheet has for a question; only of commitments where counting more would take long."""
    counts = {COMMITMENTS.name: count}
    if count > WORKBOOK_LIMIT:
        return counts
    updates = StatusUpdate.objects.known_about(commitments.order_by().values("pk"), moment)
    return counts | updates.filter(as_of__lte=moment.day).count_with_evidence()
