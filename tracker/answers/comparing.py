"""How two to four departments, programmes or topics stand side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tracker.charts import Segment, StatusChart, build_chart, lay_out
from tracker.models import Commitment
from tracker.moments import Moment
from tracker.querysets import CommitmentQuerySet
from tracker.statuses import NOT_YET_CHECKED, Status, Timeliness


@dataclass(frozen=True)
class Side:
    """One of the groups: how its commitments stand, and how those that were checked stand against their dates."""

    group: Any
    list_url: str
    chart: StatusChart
    dates: list[Segment]

    @property
    def checked_total(self) -> int:
        """The base of the shares of the dates."""
        return sum(segment.count for segment in self.dates)

    @property
    def dated_bars(self) -> list[Segment]:
        return [segment for segment in self.dates if segment.count]


@dataclass(frozen=True)
class Share:
    """How many of a base, and the address of the list of those."""

    count: int
    base: int
    url: str

    @property
    def percentage(self) -> int:
        return round(100 * self.count / self.base) if self.base else 0


@dataclass(frozen=True)
class Row:
    """One word with the share that each side has of it."""

    code: str
    label: str
    shares: list[Share]


@dataclass(frozen=True)
class Comparison:
    """Two to four groups of one kind, with the numbers of each in the same rows."""

    sides: list[Side]

    @property
    def judged(self) -> list[Row]:
        return self._list_rows([side.chart.judged for side in self.sides], "status")

    @property
    def apart(self) -> list[Row]:
        return self._list_rows([side.chart.apart for side in self.sides], "status")

    @property
    def dates(self) -> list[Row]:
        # Only of what was checked, so the list is asked for every status that a check can give.
        checked = "&".join(f"status={status.value}" for status in Status)
        return self._list_rows([side.dates for side in self.sides], f"{checked}&timeliness")

    def _list_rows(self, columns: list[list[Segment]], asked: str) -> list[Row]:
        rows = []
        for segments in zip(*columns, strict=True):
            shares = [
                Share(segment.count, sum(each.count for each in column), f"{side.list_url}&{asked}={segment.code}")
                for side, segment, column in zip(self.sides, segments, columns, strict=True)
            ]
            rows.append(Row(segments[0].code, segments[0].label, shares))
        return rows


def compare(kind: str, groups: Iterable[Any], moment: Moment) -> Comparison:
    """Count the commitments of each group in one query; `kind` is "department", "programme" or "topic"."""
    groups = list(groups)
    commitments = Commitment.objects.as_at(moment)
    counts = [narrow(commitments, kind, group.slug).tally(group.slug, today=moment.day) for group in groups]
    statuses: dict[str, Counter[str]] = {group.slug: Counter() for group in groups}
    dates: dict[str, Counter[str]] = {group.slug: Counter() for group in groups}
    for slug, status, timeliness, count in counts[0].union(*counts[1:], all=True):
        statuses[slug][status] += count
        if status != NOT_YET_CHECKED:
            dates[slug][timeliness] += count
    words = {word.value: word.label for word in Timeliness}
    list_url = reverse("tracker:commitment-list")
    return Comparison(
        [
            Side(
                group,
                f"{list_url}?{kind}={group.slug}",
                build_chart(statuses[group.slug]),
                lay_out(words, dates[group.slug]),
            )
            for group in groups
        ]
    )


def narrow(commitments: CommitmentQuerySet, kind: str, slug: str) -> CommitmentQuerySet:
    """Keep the commitments of one group, as the list does."""
    if kind == "department":
        return commitments.for_department([slug])
    return commitments.for_topic([slug]) if kind == "topic" else commitments.filter(programme__slug=slug)
