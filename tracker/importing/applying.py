"""Writes a plan: every addition becomes a draft and all drafts are published as one batch, or nothing happens.

A register of very many rows is written as batches, each in a transaction of its own and each with whole commitments, so
that what is public is sound whenever the load is ended. The next load finds what is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import F

from tracker.importing.drafting import Drafter
from tracker.importing.planning import Addition, Plan, plan_help, plan_some
from tracker.importing.reading import RegisterFiles, Report
from tracker.importing.spooling import Placed
from tracker.models import LogEntry, Programme
from tracker.models.base import Publishable
from tracker.publishing import AT_ONCE, hold_the_line, publish_groups


class RefusedMeanwhile(Exception):
    """Raised when what was published since the files were checked stands in the way of a batch."""


def apply_load(plan: Plan, *, name: str, report: Report = lambda done: None) -> LogEntry | None:
    """Write and publish what a plan adds, in one transaction. Returns the load's log entry, None if nothing is new.

    Raises PublicationRefused if a rule is broken after all; nothing is written then.
    """
    if not plan.additions:
        return None
    with transaction.atomic():
        for slug, count in plan.growth.items():
            grown = F("expected_commitments") + count
            Programme.objects.filter(slug=slug).update(expected_commitments=grown)
        return publish_groups(name, plan.files, _write_all(plan, report))


def _write_all(plan: Plan, report: Report) -> Iterator[Sequence[Publishable]]:
    """Yield the drafts of a plan, those of one kind together, each group written just before it is published."""
    drafter, done = Drafter(), 0
    for kind, rows in groupby(plan.additions, lambda addition: addition[0]):
        additions = [(owner, facts) for _, owner, facts in rows]
        for first in range(0, len(additions), AT_ONCE):
            some = additions[first : first + AT_ONCE]
            yield drafter.write(kind, some)
            done += len(some)
            report(done)


def apply_in_batches(register: RegisterFiles, *, name: str, at_once: int, report: Report) -> int:
    """Write and publish what the files add, `at_once` nouns in a transaction; return how many rows were added.

    The files must have been planned as a whole without a refusal. `report` is told after each batch how many rows have
    been added by then; if it raises, they stay. Raises RefusedMeanwhile, and PublicationRefused as `apply_load` does.
    """
    done, parting = 0, _Parting(register)
    for plan_batch in _list_batches(register, parting, at_once):
        with hold_the_line():  # what is planned must still be so when it is published
            plan = plan_batch()
            if plan.refusals:
                raise RefusedMeanwhile("\n".join(str(problem) for problem in plan.refusals))
            apply_load(plan, name=name)
        done += len(plan.additions)
        report(done)
    return done


def _list_batches(register: RegisterFiles, parting: _Parting, at_once: int) -> Iterator[Callable[[], Plan]]:
    """Yield, for each batch, what plans it once everybody else has to wait."""

    def plan_nouns(kind: str, some: list[Placed]) -> Plan:
        plan = plan_some(register, kind, some)
        for kind, _, facts in plan.additions:
            if kind == "programmes":
                facts["expected_commitments"] = 0  # it grows with each batch
        return plan

    for kind in ("departments", "topics", "documents", "programmes"):
        for some in register.rows[kind].read_some(at_once):
            yield lambda kind=kind, some=some: plan_nouns(kind, some)  # type: ignore[misc]
    for some in parting.part(register.rows["commitments"].read(), at_once):
        yield lambda some=some: parting.plan(some)  # type: ignore[misc]
    for some in register.rows["petitions"].read_some(at_once):
        yield lambda some=some: plan_nouns("petitions", some)  # type: ignore[misc]
    yield lambda: plan_help(register)


class _Parting:
    """Parts commitments into batches, of which none needs a later one.

    One that was replaced waits for what replaces it, by which its status is judged, and a relation for both its ends.
    """

    def __init__(self, register: RegisterFiles) -> None:
        self.register = register
        self.come: set[str] = set()
        self.waiting: dict[str, list[Placed]] = defaultdict(list)
        self.relations: dict[str, list[Addition]] = defaultdict(list)

    def part(self, rows: Iterable[Placed], at_once: int) -> Iterator[list[Placed]]:
        batch: list[Placed] = []
        for placed in rows:
            batch += self._let_in(placed)
            if len(batch) >= at_once:
                yield batch
                batch = []
        circles = [placed for waiting in self.waiting.values() for placed in waiting]
        self.come.update(row["reference"] for _, row in circles)
        if batch or circles:
            yield [*batch, *circles]

    def _let_in(self, placed: Placed) -> Iterator[Placed]:
        """Yield a row, and all that waited for it, unless it has to wait itself."""
        arriving = [placed]
        while arriving:
            placed = arriving.pop()
            reference = placed[1]["reference"]
            missing = self.register.replacements.get(reference, set()) - self.come
            if missing:
                self.waiting[min(missing)].append(placed)
                continue
            self.come.add(reference)
            yield placed
            arriving += self.waiting.pop(reference, [])

    def plan(self, some: list[Placed]) -> Plan:
        plan = plan_some(self.register, "commitments", some)
        come: list[Addition] = []
        later: list[Addition] = []
        for addition in plan.additions:
            is_early = addition[0] == "relations" and addition[2]["reference"] not in self.come
            (later if is_early else come).append(addition)
        for addition in later:
            self.relations[addition[2]["reference"]].append(addition)
        plan.additions = come + [each for _, row in some for each in self.relations.pop(row["reference"], [])]
        plan.put_in_order()
        return plan
