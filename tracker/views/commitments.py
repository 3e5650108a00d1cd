"""The page of one commitment: how it stands, what was promised and answered, and its whole history."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render

from tracker.answers import REPLACED_BY, ask_commitment, list_links, read_history
from tracker.charts import build_strip
from tracker.keeping import Version
from tracker.languages import say
from tracker.models import Commitment, Document, Milestone, MilestoneUpdate, Redaction, sort_by_place
from tracker.moments import Moment, add_moment
from tracker.templatetags.histories import describe_history
from tracker.templatetags.register import Standing, describe_standing, describe_status
from tracker.templatetags.sharing import begin
from tracker.views.moments import at_moment, offer_days_of, show_not_yet


class Step(NamedTuple):
    """A milestone with how it stands today and the documents that set or meet it."""

    milestone: Milestone
    standing: Standing
    steps: list[MilestoneUpdate]
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
    commitment = find_commitment(reference, moment)
    if commitment is None:
        return show_absent(request, reference)
    offer_days_of(request, commitment)
    history = read_history(commitment, moment)
    current = commitment.current_update = history.find_update(commitment.current_update_id)
    commitment.current_claim = history.find_update(commitment.current_claim_id)
    status, evidence = (current.status, history.evidence.get(current.pk, [])) if current else ("", [])
    context = {
        "commitment": commitment,
        "beginning": begin(say(commitment, "summary")),  # of what it is about, which is said of the page twice
        "current": current,
        "claim": commitment.current_claim,
        "answer": describe_status(commitment, len(evidence), moment.day),
        "updates": history.updates,
        "entries": describe_history(history.updates, history.evidence, moment.day),
        "strip": build_strip(history.runs, moment.day),
        "steps": [
            Step(milestone, describe_standing(milestone, status, moment.day), steps, documents)
            for milestone, steps, documents in history.milestones
        ],
        "responses": history.responses,
        "funding": history.funding,
        "last_check": history.last_check,
        "related": history.related,
        "replacements": history.related.get(str(REPLACED_BY.label), []),
        "citation": add_moment(commitment.get_absolute_url(), moment.fixed),
        "revisions": history.revisions,
        "removals": find_removals(request.version, commitment.subject),
        **list_links(commitment, moment),
    }
    return render(request, "tracker/commitment_detail.html", context)


def find_commitment(reference: str, moment: Moment) -> Commitment | None:
    if moment.on is None:
        return next(iter(ask_commitment(reference=reference)), None)
    return Commitment.objects.as_at(moment).for_detail().filter(reference=reference).first()


def find_removals(version: Version, subject: str) -> dict[str, list[Redaction]]:
    """Return what was removed from a commitment, by place. All that was removed is kept: there is little, ever."""
    return sort_by_place(version.keep("removals", Redaction.objects.list_published), subject)


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
