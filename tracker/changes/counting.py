"""Lays out what changed: the newest of each kind for reading, and counts of all that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext

from tracker.changes.kinds import KINDS, LABELS, MOVES, Change, Kind
from tracker.models import Commitment, Funding, Milestone, Response, StatusUpdate, unsay_later_words
from tracker.moments import Interval, add_moment

ROWS_SHOWN = 100  # of each kind, so that no page grows without end

# Where on a commitment's page the evidence of each kind is; a number follows those that end in a hyphen.
ANCHORS = {
    "new": "promised",
    **dict.fromkeys((*MOVES, "correction"), f"{StatusUpdate.anchor_prefix}-"),
    **dict.fromkeys(("slipped", "brought-forward", "passed", "met"), f"{Milestone.anchor_prefix}-"),
    "answer": f"{Response.anchor_prefix}-",
    "money": f"{Funding.anchor_prefix}-",
    "wording": "wording-",
}


@dataclass(frozen=True)
class Section:
    """The changes of one kind: how many there are, and the newest of them."""

    kind: Kind
    count: int
    shown: list[Change]


@dataclass(frozen=True)
class Flow:
    """How many commitments had a status on the first day and on the last, and how many came in and left between."""

    code: str
    label: str
    since: int = 0
    came_in: int = 0
    left: int = 0
    until: int = 0


@dataclass(frozen=True)
class GroupCount:
    """The changes under one department or programme, by kind."""

    slug: str
    counts: list[tuple[Kind, int]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Changes:
    """Every change of an interval, newest first, and how many commitments had each status on its last day."""

    interval: Interval
    rows: list[Change]
    counted: dict[str, int]

    @cached_property
    def by_kind(self) -> dict[str, int]:
        counts = Counter(change.kind for change in self.rows)
        return {kind.code: counts[kind.code] for kind in KINDS}

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of which there is a change."""
        return [kind for kind in KINDS if self.by_kind[kind.code]]

    @cached_property
    def sections(self) -> list[Section]:
        """What a page shows: the newest changes of each kind, with their commitments, in one query."""
        shown: dict[str, list[Change]] = {kind.code: [] for kind in self.kinds}
        for row in self.rows:
            if len(shown[row.kind]) < ROWS_SHOWN:
                shown[row.kind].append(row)
        linked = iter(self.link(row for rows in shown.values() for row in rows))
        return [Section(kind, self.by_kind[kind.code], [next(linked) for _ in shown[kind.code]]) for kind in self.kinds]

    def link(self, rows: Iterable[Change]) -> list[Change]:
        """Return changes with their commitments, in the words of the end, and links, in one query."""
        found = list(rows)
        commitments = Commitment.objects.in_bulk({row.commitment_id for row in found})
        unsay_later_words(commitments.values(), self.interval.end)
        return [_link(row, commitments[row.commitment_id], self.interval) for row in found]

    @cached_property
    def flows(self) -> list[Flow]:
        """How each status gained and lost between the days: what was there in the end was there before or came in."""
        moves = [row for row in self.rows if row.kind in {"new", *MOVES}]
        came_in = Counter(row.after for row in moves)
        left = Counter(row.before for row in moves if row.before)
        flows = [
            Flow(code, str(label), last - came_in[code] + left[code], came_in[code], left[code], last)
            for code, label in LABELS.items()
            for last in [self.counted.get(code, 0)]
        ]
        return [flow for flow in flows if flow.since or flow.came_in or flow.left or flow.until]

    @property
    def flow_total(self) -> Flow:
        flows = self.flows
        sums = (sum(getattr(flow, name) for flow in flows) for name in ("since", "came_in", "left", "until"))
        return Flow("", gettext("All"), *sums)

    @property
    def moves(self) -> int:
        """How many times a commitment passed from one status to another."""
        return sum(self.by_kind[code] for code in MOVES)

    @property
    def totals(self) -> list[tuple[Kind, int]]:
        return [(kind, self.by_kind[kind.code]) for kind in self.kinds]

    def count_by(self, group: str) -> list[GroupCount]:
        """Count the changes by "department" or "programme" and kind, most changes first."""
        counts: dict[str, Counter[str]] = {}
        for row in self.rows:
            counts.setdefault(getattr(row, group), Counter())[row.kind] += 1
        groups = [GroupCount(slug, [(kind, found[kind.code]) for kind in self.kinds]) for slug, found in counts.items()]
        return sorted(groups, key=lambda each: (-each.total, each.slug))


def _link(change: Change, commitment: Commitment, interval: Interval) -> Change:
    """Return a change with its commitment, its page and the place of its evidence, as known at the end."""
    moment = interval.end if interval.end.known else None
    anchor = ANCHORS.get(change.kind, "")
    anchor += str(change.number) if anchor.endswith("-") else ""
    page = add_moment(commitment.get_absolute_url(), moment)
    return change._replace(commitment=commitment, page=page, url=f"{page}#{anchor}" if anchor else page)
