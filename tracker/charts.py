"""Turns counts into the numbers that the templates draw: a bar and the table beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.statuses import DONE, NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Status

# From done to undone. What could not be judged or was not yet checked is counted apart, never in the bar.
JUDGED = (
    Status.DELIVERED,
    Status.DELIVERED_DIFFERENTLY,
    Status.PARTLY_DELIVERED,
    Status.IN_PROGRESS,
    Status.NOT_STARTED,
    Status.NOT_DELIVERED,
    Status.WILL_NOT_BE_DONE,
    Status.SUPERSEDED,
)
APART = {
    Status.CANNOT_BE_JUDGED.value: Status.CANNOT_BE_JUDGED.label,
    NOT_YET_CHECKED: NOT_YET_CHECKED_LABEL,
}


@dataclass(frozen=True)
class Segment:
    """One status and how many have it; `x` and `width` are hundredths of the bar."""

    code: str
    label: str
    count: int
    x: float = 0.0
    width: float = 0.0


@dataclass(frozen=True)
class StatusChart:
    """How a set of commitments stands. `judged` is every status that a judgement can give, `apart` the rest."""

    judged: list[Segment]
    apart: list[Segment]

    @property
    def bars(self) -> list[Segment]:
        """The segments to draw: a status that nothing has is left out."""
        return [segment for segment in self.judged if segment.count]

    @property
    def judged_total(self) -> int:
        """The base of every percentage."""
        return sum(segment.count for segment in self.judged)

    @property
    def total(self) -> int:
        return self.judged_total + sum(segment.count for segment in self.apart)

    @property
    def done_total(self) -> int:
        return sum(segment.count for segment in self.judged if segment.code in DONE)

    @property
    def summary(self) -> str:
        """The same numbers in words: "20 commitments: 1 delivered, 14 in progress, 5 cannot be judged"."""
        parts = [f"{each.count} {each.label.lower()}" for each in [*self.judged, *self.apart] if each.count]
        noun = "commitment" if self.total == 1 else "commitments"
        return f"{self.total} {noun}" + (f": {', '.join(parts)}" if parts else "")


def build_chart(counts: Mapping[str, int]) -> StatusChart:
    """Lay out counts by status code, in which a missing code counts as nought."""
    total = sum(counts.get(status, 0) for status in JUDGED)
    judged, x = [], 0.0
    for status in JUDGED:
        count = counts.get(status, 0)
        width = 100.0 * count / total if total else 0.0
        judged.append(Segment(status.value, status.label, count, x, width))
        x += width
    return StatusChart(judged, [Segment(code, label, counts.get(code, 0)) for code, label in APART.items()])
