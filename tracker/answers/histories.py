"""The whole history of one commitment at a moment, read in few questions for its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from tracker.answers.commitments import list_related
from tracker.answers.moments import list_revisions
from tracker.models import (
    Check,
    Commitment,
    Document,
    Evidence,
    Funding,
    Milestone,
    MilestoneUpdate,
    Relation,
    Response,
    Revision,
    Standing,
    StatusUpdate,
)
from tracker.moments import Moment
from tracker.publishing import point_milestone
from tracker.querysets import Then, join_runs, known_at, list_published, list_set, prepared


class Step(NamedTuple):
    """A milestone with the steps it took and the documents that set it or show them."""

    milestone: Milestone
    steps: list[MilestoneUpdate]
    documents: list[Document]


@dataclass(frozen=True)
class History:
    """What a commitment's page shows of its history: updates newest first, each with what is cited for it by key."""

    updates: list[StatusUpdate]
    evidence: dict[int, list[Evidence]]
    milestones: list[Step]
    responses: list[Response]
    funding: list[Funding]
    last_check: Check | None
    runs: list[tuple[Any, str]]
    related: dict[str, list[Commitment]]
    revisions: list[Revision]

    def find_update(self, pk: int | None) -> StatusUpdate | None:
        """Find the update that a pointer names."""
        return next((update for update in self.updates if update.pk == pk), None)


class Held(NamedTuple):
    """Which kinds of record a commitment has at all, drafts among them, so that nobody asks for those it has not."""

    milestones: bool
    responses: bool
    funding: bool
    checks: bool
    relations: bool
    revisions: bool
    steps: bool


def read_history(commitment: Commitment, moment: Moment) -> History:
    facts = {"commitment": commitment.pk, "known_before": moment.known_before}
    dated = facts | {"day": moment.on}  # today everything counts that is published
    held = Held(*_ask_what_is_held(commitment=commitment.pk)[0])
    evidence: dict[int, list[Evidence]] = {}
    for cited in _ask_evidence(**facts):
        evidence.setdefault(cited.status_update_id, []).append(cited)
    return History(
        _ask_updates(**facts),
        evidence,
        _read_milestones(held, dated) if held.milestones else [],
        _ask_responses(**dated) if held.responses else [],
        _ask_funding(**dated) if held.funding else [],
        _find_last_check(commitment, moment) if held.checks else None,
        join_runs(_ask_standings(**facts, day=moment.day)),
        list_related(commitment, moment) if held.relations else {},
        list(list_revisions(commitment, moment)) if held.revisions else [],
    )


def _read_milestones(held: Held, dated: dict[str, Any]) -> list[Step]:
    """Return the milestones as the steps that were read leave them, each with those and its documents."""
    milestones, steps = _ask_milestones(**dated), _ask_steps(**dated) if held.steps else []
    documents: dict[int, list[Document]] = {}
    for document in _ask_documents(**dated):  # each has one at least
        documents.setdefault(document.milestone_pk, []).append(document)
    taken: dict[int, list[MilestoneUpdate]] = {}
    for step in steps:
        taken.setdefault(step.milestone_id, []).append(step)
    found = [Step(each, taken.get(each.pk, []), documents.get(each.pk, [])) for each in milestones]
    for milestone, its_steps, _documents in found:
        for name, value in point_milestone(milestone, its_steps, dt.date.max).items():
            setattr(milestone, name, value)  # the steps that were read end on that day
    return found


def _find_last_check(commitment: Commitment, moment: Moment) -> Check | None:
    """Return the check by which the commitment was last looked at, if it was by one."""
    if commitment.checked_on is None:
        return None
    checks = _ask_checks(commitment=commitment.pk, day=commitment.checked_on, known_before=moment.known_before)
    return checks[0] if checks else None


@prepared
def ask_commitment(reference: Any) -> Any:
    """Ask for what the page of a commitment shows of it besides its history, as it stands today."""
    return Commitment.objects.published().for_detail().filter(reference=reference)


@prepared
def _ask_what_is_held(commitment: Any) -> Any:
    one = OuterRef("pk")
    steps = MilestoneUpdate.objects.filter(milestone__commitment=one)
    kinds = [
        Milestone.objects.filter(commitment=one),
        Response.objects.filter(commitment=one),
        Funding.objects.filter(commitment=one),
        Check.objects.filter(commitment=one),
        Relation.objects.filter(Q(commitment=one) | Q(related=one)),
        Revision.objects.filter(object_id=one),
        steps,
    ]
    return Commitment.objects.filter(pk=commitment).order_by().values_list(*[Exists(rows) for rows in kinds])


@prepared
def _ask_updates(commitment: Any, known_before: Any) -> Any:
    rows = StatusUpdate.objects.ever_published().filter(known_at(Then(None, known_before)), commitment=commitment)
    return rows.newest_first()


@prepared
def _ask_evidence(commitment: Any, known_before: Any) -> Any:
    known = known_at(Then(None, known_before), "status_update__")
    rows = Evidence.objects.ever_published().filter(known, status_update__commitment=commitment)
    return rows.select_related("document")


def _ask_records(relation: str, *related: str) -> Callable[..., list[Any]]:
    """Prepare the question for one kind of dated record."""

    def build(commitment: Any, day: Any, known_before: Any) -> Any:
        rows = list_published(Commitment, relation, Then(day, known_before), *related)
        return rows.filter(commitment=commitment)

    return prepared(build)


_ask_responses = _ask_records("responses", "document")
_ask_funding = _ask_records("funding", "document")


def _list_milestones(commitment: Any, day: Any, known_before: Any) -> Any:
    return list_set(Milestone, Then(day, known_before)).filter(commitment=commitment)


def _list_steps(commitment: Any, day: Any, known_before: Any) -> Any:
    rows = list_published(Milestone, "milestone_updates", Then(day, known_before))
    return rows.filter(milestone__commitment=commitment)


_ask_milestones, _ask_steps = prepared(_list_milestones), prepared(_list_steps)


@prepared
def _ask_documents(**dated: Any) -> Any:
    return Document.objects.for_milestones(_list_milestones(**dated), _list_steps(**dated))


@prepared
def _ask_checks(commitment: Any, day: Any, known_before: Any) -> Any:
    known = known_at(Then(None, known_before))
    return Check.objects.ever_published().filter(known, commitment=commitment, checked_on=day)


@prepared
def _ask_standings(commitment: Any, day: Any, known_before: Any) -> Any:
    rows = Standing.objects.as_known(Then(day, known_before)).filter(commitment=commitment)
    return rows.list_statuses(day)
