"""How commitments stood on every past day, kept beside their pointers by the same verbs.

A list about a past day reads these rows as a list about today reads the pointers;
`check_register` works them out again and compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from tracker.models import Commitment, Pointers, Revision, Standing
from tracker.models.base import Publishable, Record
from tracker.moments import FOREVER, LAST_DAY
from tracker.publishing.pointers import HISTORY, History, point, read_history
from tracker.publishing.storing import AT_ONCE, write_fields

CHUNK = 500


@dataclass(frozen=True)
class Period:
    """The pointers of a commitment from one day until the first on which they were others."""

    from_on: dt.date
    until_on: dt.date
    pointers: dict[str, Any] = field(hash=False)


def find_touched(record: Publishable) -> Commitment | None:
    """Return the commitment that may stand otherwise once a row is published, if there is one."""
    if isinstance(record, Record):
        return record.commitment  # type: ignore[attr-defined, no-any-return]
    target = record.target if isinstance(record, Revision) else record
    return target if isinstance(target, Commitment) else None


def move_pointers(commitments: Sequence[Commitment], *, at: dt.datetime) -> None:
    """Set the pointers of commitments, and their standings from the moment `at` on, to what their history says."""
    for first in range(0, len(commitments), AT_ONCE):
        _move_some(commitments[first : first + AT_ONCE], at)


def _move_some(commitments: Sequence[Commitment], at: dt.datetime) -> None:
    present = Prefetch("standings", Standing.objects.filter(known_until_at=FOREVER))
    stored = Commitment.objects.prefetch_related(*HISTORY, present).in_bulk([each.pk for each in commitments])
    wanted = {}
    for commitment in commitments:
        history = read_history(stored[commitment.pk])
        for name, value in point(history, dt.date.max).items():
            setattr(commitment, name, value)
        is_withdrawn = stored[commitment.pk].withdrawn_at is not None
        wanted[commitment.pk] = [] if is_withdrawn else find_periods(history)
    write_fields(commitments, [field.name for field in Pointers._meta.local_fields])
    _move_standings([(stored[key], periods) for key, periods in wanted.items()], at)


def _move_standings(commitments: list[tuple[Commitment, list[Period]]], at: dt.datetime) -> None:
    """Close the standings of commitments that are no longer right and add those that are."""
    taken_back, ended, added = [], [], []
    for commitment, wanted in commitments:
        kept = []
        for row in commitment.standings.all():
            period = read_period(row)
            if period in wanted:
                kept.append(period)
            elif row.known_from_at == at:
                taken_back.append(row.pk)  # said and taken back in one publication, so never read
            else:
                ended.append(row.pk)
        added += [make_standing(commitment, period, at) for period in wanted if period not in kept]
    if taken_back:
        Standing.objects.filter(pk__in=taken_back).delete()
    if ended:
        Standing.objects.filter(pk__in=ended).update(known_until_at=at)
    Standing.objects.bulk_create(added, batch_size=AT_ONCE)


def find_periods(history: History) -> list[Period]:
    """Return the periods of a history from the day on which the commitment was made, oldest first, without end."""
    turns: list[tuple[dt.date, dict[str, Any]]] = []
    for day in history.find_turning_points():
        pointers = point(history, day)
        if not turns or turns[-1][1] != pointers:
            turns.append((day, pointers))
    ends = [day for day, _ in turns[1:]] + [LAST_DAY]
    return [Period(day, until, pointers) for (day, pointers), until in zip(turns, ends, strict=True)]


def read_period(row: Standing) -> Period:
    pointers = {field.attname: getattr(row, field.attname) for field in Pointers._meta.local_fields}
    return Period(row.from_on, row.until_on, pointers)


def make_standing(commitment: Commitment, period: Period, known_from_at: dt.datetime) -> Standing:
    return Standing(
        commitment=commitment,
        from_on=period.from_on,
        until_on=period.until_on,
        known_from_at=known_from_at,
        **period.pointers,
    )


def replay_standings(commitment: Commitment) -> list[Standing]:
    """Work out every standing that the publications about a commitment must have left, from its history alone."""
    rows: list[Standing] = []
    open_rows: dict[tuple[dt.date, dt.date], tuple[Period, Standing]] = {}
    for at in _find_publications(commitment):
        wanted = {(period.from_on, period.until_on): period for period in _find_periods_known_at(commitment, at)}
        for key, (period, row) in list(open_rows.items()):
            if wanted.get(key) != period:
                row.known_until_at = at
                del open_rows[key]
        for key, period in wanted.items():
            if key not in open_rows:
                row = make_standing(commitment, period, at)
                open_rows[key] = (period, row)
                rows.append(row)
    return rows


def _find_publications(commitment: Commitment) -> list[dt.datetime]:
    """Return the moments, oldest first, at which something was published that may have moved the commitment."""
    history = read_history(commitment)
    rows: Iterable[Any] = [
        *(commitment, *history.updates, *history.responses, *history.checks, *_read_revisions(commitment)),
        *(row for milestone, steps in history.milestones for row in (milestone, *steps)),
    ]
    moments = {row.published_at for row in rows} | {commitment.withdrawn_at}
    return sorted(moment for moment in moments if moment)


def _find_periods_known_at(commitment: Commitment, at: dt.datetime) -> list[Period]:
    if commitment.withdrawn_at and commitment.withdrawn_at <= at:
        return []
    known = read_history(commitment, keep=lambda row: bool(row.published_at <= at))
    later = (each for each in _read_revisions(commitment) if each.published_at and each.published_at > at)
    first = next(later, None)
    made_on = dt.date.fromisoformat(first.changes["made_on"]["before"]) if first else commitment.made_on
    return find_periods(History(made_on, known.updates, known.responses, known.checks, known.milestones))


def _read_revisions(commitment: Commitment) -> list[Revision]:
    """Return the new wordings, oldest first, that changed the day on which a commitment was made."""
    revisions = Revision.objects.ever_published().about(commitment).order_by("published_at", "pk")
    return [revision for revision in revisions if "made_on" in revision.changes]


def fill_standings() -> int:
    """Write the standings of a register that was published before they were kept; return how many."""
    if Standing.objects.exists():
        return 0
    commitments = Commitment.objects.ever_published().prefetch_related(*HISTORY).order_by("pk")
    rows = [row for commitment in commitments.iterator(CHUNK) for row in replay_standings(commitment)]
    return len(Standing.objects.bulk_create(rows, batch_size=CHUNK))
