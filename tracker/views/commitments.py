"""The page of one commitment: how it stands, what was promised and answered, and its whole history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from tracker.answers import REPLACED_BY, list_links, list_related, list_revisions
from tracker.charts import Strip, build_strip
from tracker.models import (
    Check,
    Commitment,
    Document,
    Milestone,
    Redaction,
    Standing,
    StatusUpdate,
)
from tracker.moments import Moment, add_moment
from tracker.publishing import find_milestone_pointers
from tracker.querysets import known_at
from tracker.statuses import Basis, is_backward
from tracker.templatetags.register import Standing as StepStanding
from tracker.templatetags.register import describe_standing, describe_status
from tracker.views.moments import at_moment, offer_days_of, show_not_yet


@dataclass(frozen=True)
class Entry:
    """One update of the history, and how it differs from the judgement before it."""

    update: StatusUpdate
    change: str
    is_backward: bool = False
    corrected_by: StatusUpdate | None = None


@dataclass(frozen=True)
class Step:
    """A milestone with how it stands today and the documents that set or meet it."""

    milestone: Milestone
    standing: StepStanding
    documents: list[Document]

    @property
    def was_moved(self) -> bool:
        return self.milestone.present_due_on not in {None, self.milestone.due_on}


@at_moment
def commitment_detail(request: Any, reference: str) -> HttpResponse:
    written = reference.upper()
    if reference != written:
        found = get_object_or_404(Commitment.objects.ever_published(), reference=written)
        return HttpResponsePermanentRedirect(add_moment(found.get_absolute_url(), request.moment))
    moment = request.moment
    commitments = Commitment.objects.as_at(moment)
    commitment = commitments.for_detail().filter(reference=reference).first()
    if commitment is None:
        return show_absent(request, reference)
    offer_days_of(request, commitment)
    updates = list(commitment.status_updates.all())
    current = find_update(updates, commitment.current_update_id)
    related = list_related(commitment, moment)
    context = {
        "commitment": commitment,
        "current": current,
        "claim": find_update(updates, commitment.current_claim_id),
        "answer": describe_status(commitment, len(current.evidence.all()) if current else 0, moment.day),
        "history": describe_history(updates, moment.day),
        "strip": read_strip(commitment, moment),
        "steps": list_steps(commitment, current.status if current else "", moment.day),
        "last_check": find_last_check(commitment, moment),
        "related": related,
        "replacements": related.get(str(REPLACED_BY.label), []),
        "citation": add_moment(commitment.get_absolute_url(), moment.fixed),
        "revisions": list_revisions(commitment, moment),
        "removals": Redaction.objects.by_place(commitment.subject),
        **list_links(commitment, moment),
    }
    return render(request, "tracker/commitment_detail.html", context)


def show_absent(request: Any, reference: str) -> HttpResponse:
    """Say why there is no page about a commitment at the moment asked for: withdrawn, not yet made, or unknown."""
    commitment = get_object_or_404(Commitment.objects.ever_published(), reference=reference)
    known_before = request.moment.known_before
    if commitment.withdrawn_at and (known_before is None or commitment.withdrawn_at < known_before):
        return show_withdrawn(request, commitment)
    return show_not_yet(request, commitment)


def show_withdrawn(request: HttpRequest, commitment: Commitment) -> HttpResponse:
    """Say that a commitment was entered by mistake, and why, in place of its page."""
    withdrawal = commitment.withdrawals.ever_published().first()
    removals = Redaction.objects.by_place(commitment.subject)
    context = {"commitment": commitment, "withdrawal": withdrawal, "removals": removals}
    return render(request, "tracker/commitment_withdrawn.html", context, status=HTTPStatus.GONE)


def find_update(updates: list[StatusUpdate], pk: int | None) -> StatusUpdate | None:
    """Find the update that a pointer names among those read already, with its evidence."""
    return next((update for update in updates if update.pk == pk), None)


def find_last_check(commitment: Commitment, moment: Moment) -> Check | None:
    """Return the check by which the commitment was last looked at, if it was by one."""
    if commitment.checked_on is None:
        return None
    return commitment.checks.ever_published().filter(known_at(moment), checked_on=commitment.checked_on).first()


def describe_history(updates: list[StatusUpdate], day: dt.date) -> list[Entry]:
    """Say of each update that was true by a day, newest first, how it differs from the judgement before it.

    A correction counts whatever day it is dated.
    """
    corrections = {update.corrects_id: update for update in updates if update.corrects_id}
    entries = []
    then = [update for update in updates if update.as_of <= day]
    for place, update in enumerate(then):
        before = (other for other in then[place + 1 :] if other.basis == update.basis)
        earlier = next((other for other in before if other.pk not in corrections), None)
        entries.append(replace(_describe_entry(update, earlier), corrected_by=corrections.get(update.pk)))
    return entries


def _describe_entry(update: StatusUpdate, earlier: StatusUpdate | None) -> Entry:
    if earlier is None:
        return Entry(update, _("First judgement") if update.basis == Basis.ASSESSMENT else _("First claim"))
    if earlier.status == update.status:
        return Entry(update, _("No change"))
    before = earlier.get_status_display()
    if is_backward(earlier.status, update.status):
        return Entry(update, _("A step back from “%(status)s”") % {"status": before}, is_backward=True)
    return Entry(update, _("Changed from “%(status)s”") % {"status": before})


def read_strip(commitment: Commitment, moment: Moment) -> Strip:
    """Return how long it stood where, from the day on which it was made."""
    return build_strip(
        Standing.objects.as_known(moment).filter(commitment=commitment).list_runs(moment.day), moment.day
    )


def list_steps(commitment: Commitment, status: str, day: dt.date) -> list[Step]:
    """Return the milestones with the documents of each and how each stands on the day whose history was read."""
    milestones = list(commitment.milestones.all())
    read = [step.pk for milestone in milestones for step in milestone.milestone_updates.all()]
    documents: dict[int, list[Document]] = {}
    for document in Document.objects.for_milestones([milestone.pk for milestone in milestones], read):
        documents.setdefault(document.milestone_pk, []).append(document)
    for milestone in milestones:
        for name, value in find_milestone_pointers(milestone).items():
            setattr(milestone, name, value)  # the steps that were read end on that day
    return [
        Step(milestone, describe_standing(milestone, status, day), documents.get(milestone.pk, []))
        for milestone in milestones
    ]
