"""Turns counts and days into the numbers that the templates draw: bars, strips and areas, and the words beside them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

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
STATUS_LABELS = {status.value: status.label for status in JUDGED} | APART

MOST_DAYS = 60  # that an area chart samples
MOST_TICKS = 6
MOST_LEVELS = 4
MARGIN = 5  # hundredths at each edge where a label would be cut


@dataclass(frozen=True)
class Segment:
    """One word, such as a status, and how many have it; `x` and `width` are hundredths of the bar."""

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
    def undone(self) -> list[Segment]:
        """The judgements that say not delivered, or not in full; what was replaced is neither."""
        return [segment for segment in self.judged if segment.code not in DONE | {Status.SUPERSEDED}]

    @property
    def undone_total(self) -> int:
        return sum(segment.count for segment in self.undone)

    @property
    def undone_codes(self) -> str:
        """The same statuses as an address asks for them, after "status="."""
        return "&status=".join(segment.code for segment in self.undone)

    @property
    def summary(self) -> str:
        """The same numbers in words: "20 commitments: 1 delivered, 14 in progress, 5 cannot be judged"."""
        parts = [f"{each.count} {each.label.lower()}" for each in [*self.judged, *self.apart] if each.count]
        words = ngettext("%(count)s commitment", "%(count)s commitments", self.total) % {"count": self.total}
        return words + (f": {', '.join(parts)}" if parts else "")


def build_chart(counts: Mapping[str, int]) -> StatusChart:
    """Lay out counts by status code, in which a missing code counts as nought."""
    judged = lay_out({status.value: status.label for status in JUDGED}, counts)
    return StatusChart(judged, [Segment(code, str(label), counts.get(code, 0)) for code, label in APART.items()])


def lay_out(labels: Mapping[str, Any], counts: Mapping[str, int]) -> list[Segment]:
    """Lay out counts by code in one bar, in the order of their labels."""
    total = sum(counts.get(code, 0) for code in labels)
    segments, x = [], 0.0
    for code, label in labels.items():
        count = counts.get(code, 0)
        width = 100.0 * count / total if total else 0.0
        segments.append(Segment(code, str(label), count, x, width))
        x += width
    return segments


@dataclass(frozen=True)
class Run:
    """A time during which a commitment had one status; it ended on `until` if that is before the last day drawn.

    `x` and `width` are hundredths of the strip.
    """

    code: str
    label: str
    since: dt.date
    until: dt.date
    x: float
    width: float
    is_last: bool = False

    @property
    def days(self) -> int:
        return (self.until - self.since).days


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it is, in hundredths, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Strip:
    """How long a commitment stood where, from the day on which it was made."""

    runs: list[Run]
    ticks: list[Tick]

    @property
    def summary(self) -> str:
        """The same in words: "In progress for 357 days, Delivered for 166 days"."""
        return ", ".join(
            ngettext("%(status)s for %(days)s day", "%(status)s for %(days)s days", run.days)
            % {"status": run.label, "days": f"{run.days:,}"}
            for run in self.runs
        )


@dataclass(frozen=True)
class Area:
    """One status over time: the outline of its area, as an SVG path on a square of 100 by 100, and its counts."""

    code: str
    label: str
    path: str
    counts: list[int]


@dataclass(frozen=True)
class AreaChart:
    """How many commitments had each status on each of some days, done at the bottom and not yet checked on top."""

    days: list[dt.date]
    areas: list[Area]
    years: list[Tick]
    levels: list[Tick]

    @property
    def rows(self) -> list[tuple[dt.date, list[int], int]]:
        """The numbers behind it: each day with the counts of each area and all together."""
        columns = zip(*(area.counts for area in self.areas), strict=True)
        return [(day, list(counts), sum(counts)) for day, counts in zip(self.days, columns, strict=True)]

    @property
    def summary(self) -> str:
        """The first and the last day in words."""
        return "; ".join(
            gettext("on %(day)s: %(counts)s") % {"day": date_format(day, "j F Y"), "counts": self._describe(counts)}
            for day, counts, _ in self._ends
        )

    @property
    def _ends(self) -> list[tuple[dt.date, list[int], int]]:
        return [self.rows[0], self.rows[-1]] if len(self.rows) > 1 else self.rows

    def _describe(self, counts: list[int]) -> str:
        parts = zip(self.areas, counts, strict=True)
        return ", ".join(f"{count} {area.label.lower()}" for area, count in parts if count)


def build_strip(turns: Sequence[tuple[dt.date, str]], until: dt.date) -> Strip:
    """Lay out the days on which a commitment came to a status, oldest first, up to the end of a day.

    That day is drawn too, so that what began on it can be seen.
    """
    if not turns:
        return Strip([], [])
    first = turns[0][0]
    ends = [day for day, _ in turns[1:]]
    runs = [
        Run(
            code,
            str(STATUS_LABELS[code]),
            since,
            end or until,
            x=_place(since, first, until),
            width=(100.0 if end is None else _place(end, first, until)) - _place(since, first, until),
            is_last=end is None,
        )
        for (since, code), end in zip(turns, [*ends, None], strict=True)
    ]
    return Strip(runs, _mark_years(first, until))


def build_area_chart(steps: Iterable[tuple[dt.date, str, int]], until: dt.date) -> AreaChart | None:
    """Lay out by how many each status grew or shrank on which day, oldest first, as areas up to the end of a day.

    Returns None where there is nothing to draw.
    """
    steps = list(steps)
    if not steps:
        return None
    days = sample_days(steps[0][0], until)
    counts = _count_on(days, steps)
    codes = [code for code in STATUS_LABELS if any(on_day[code] for on_day in counts)]
    highest = max(sum(on_day.values()) for on_day in counts) or 1
    edges = [_place(day, days[0], until) for day in days] + [100.0]
    floor, areas = [0] * len(days), []
    for code in codes:
        ceiling = [below + on_day[code] for below, on_day in zip(floor, counts, strict=True)]
        path = _outline(edges, [100 - 100 * n / highest for n in floor], [100 - 100 * n / highest for n in ceiling])
        areas.append(Area(code, str(STATUS_LABELS[code]), path, [on_day[code] for on_day in counts]))
        floor = ceiling
    return AreaChart(days, areas, _mark_years(days[0], until), _mark_levels(highest))


def sample_days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the first day, the last and the ends of months between: of every month if they are few enough."""
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)  # each one's number is the next month's
    ends = [dt.date(month // 12, month % 12 + 1, 1) - dt.timedelta(days=1) for month in months]
    between = [day for day in ends if first < day < last]
    every = -(-len(between) // (MOST_DAYS - 2)) or 1
    return [*dict.fromkeys([first, *reversed(between[::-1][::every]), last])]


def _count_on(days: list[dt.date], steps: list[tuple[dt.date, str, int]]) -> list[Counter[str]]:
    """Return the sums, by status, of all steps up to each day."""
    counts: Counter[str] = Counter()
    found, done = [], 0
    for day in days:
        while done < len(steps) and steps[done][0] <= day:
            counts[steps[done][1]] += steps[done][2]
            done += 1
        found.append(counts.copy())
    return found


def _outline(edges: list[float], floor: list[float], ceiling: list[float]) -> str:
    """Draw steps: each count holds from its day until the next that is drawn."""
    spans = list(pairwise(edges))
    there = [f"{x:.2f},{y:.2f}" for span, y in zip(spans, ceiling, strict=True) for x in span]
    back = [f"{x:.2f},{y:.2f}" for span, y in zip(spans, floor, strict=True) for x in span]
    return f"M{' '.join([*there, *reversed(back)])}z"


def _place(day: dt.date, first: dt.date, last: dt.date) -> float:
    """Return where a day begins between the beginning of the first and the end of the last, in hundredths."""
    return 100.0 * (day - first).days / ((last - first).days + 1)


def _mark_years(first: dt.date, last: dt.date) -> list[Tick]:
    """Mark the beginnings of years, at most six, and none so close to an edge that its label would be cut."""
    years = range(first.year + 1, last.year + 1)
    every = -(-len(years) // MOST_TICKS) or 1
    ticks = [Tick(_place(dt.date(year, 1, 1), first, last), str(year)) for year in years[::every]]
    return [tick for tick in ticks if MARGIN < tick.at < 100 - MARGIN]


def _mark_levels(highest: int) -> list[Tick]:
    """Mark round numbers, at most four, from the top in hundredths."""
    units = (unit * 10**power for power in range(len(str(highest)) + 1) for unit in (1, 2, 5))
    step = next(unit for unit in units if highest / unit <= MOST_LEVELS)
    return [Tick(100 - 100 * level / highest, f"{level:,}") for level in range(step, highest + 1, step)]
