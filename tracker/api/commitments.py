"""Doors: the commitments that answer a question, and one commitment whole."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.urls import reverse

from tracker.answers import Question, describe_page, link_pages, list_links, list_related
from tracker.api.answering import Answer, Refusal, answers
from tracker.api.describing import describe_record, describe_trail, link_page
from tracker.api.parameters import ORDERS
from tracker.exports import COMMITMENTS, Frame, Selection, describe_rows, describe_whole, write_time
from tracker.models import Check, Commitment, Milestone
from tracker.moments import Moment
from tracker.publishing import find_milestone_pointers
from tracker.querysets import known_at, list_published_records
from tracker.statuses import NOT_YET_CHECKED


@answers("api-commitment-list")
def commitment_list(query: QueryDict, moment: Moment) -> Answer:
    question = Question(query, moment)
    errors = question.errors
    if (order := query.get("sort", "reference")) not in ORDERS:
        errors.append(f"“sort” cannot be “{order[:20]}”. It is one of {', '.join(ORDERS)}.")
    if errors:
        raise Refusal(*errors)
    page = question.read_page_of_keys()
    selection = Selection(page.object_list, moment, settings.SITE_URL)
    fields = {"commitments": describe_rows(COMMITMENTS, selection, selection.keys)}
    address = settings.SITE_URL + reverse("tracker:api-commitment-list")
    return Answer(describe_page(page) | fields, link_pages(page, address, query))


@answers("api-commitment-detail")
def commitment_detail(query: QueryDict, moment: Moment, reference: str) -> Answer:
    commitment = Commitment.objects.as_at(moment).filter(reference=reference).first()
    if commitment is None:
        raise explain_absence(reference, moment)
    selection = Selection([commitment.pk], moment, settings.SITE_URL)
    (fields,) = describe_whole(selection, selection.keys)
    return Answer({"commitment": fields | describe_records(commitment, selection.frame)})


def explain_absence(reference: str, moment: Moment) -> Refusal:
    """Say why there is nothing about a commitment at a moment: withdrawn, not yet made, or unknown."""
    commitment = Commitment.objects.ever_published().filter(reference=reference).first()
    if commitment is None:
        return Refusal(f"There is no commitment “{reference[:40]}”.", status=HTTPStatus.NOT_FOUND)
    withdrawal = commitment.withdrawals.ever_published().filter(known_at(moment)).first()
    if withdrawal is None:
        sentence = f"{reference} had not been made on {moment.day.isoformat()}, or the register did not know of it."
        return Refusal(sentence, status=HTTPStatus.NOT_FOUND)
    return Refusal(
        f"{reference} was entered by mistake and has been withdrawn.",
        f"The reason: {withdrawal.reason}",
        status=HTTPStatus.GONE,
        reason=withdrawal.reason,
        withdrawn_at=write_time(withdrawal.published_at),
    )


def describe_records(commitment: Commitment, frame: Frame) -> dict[str, Any]:
    """Write what else is recorded of a commitment, as far as it was true and known at the moment of the frame."""
    moment = frame.moment
    prefetch_related_objects([commitment], *list_published_records(Commitment, moment))
    milestones = list(commitment.milestones.all())
    prefetch_related_objects(milestones, "documents", "milestone_updates__documents")
    checks = Check.objects.ever_published().filter(known_at(moment), commitment=commitment)
    return {
        "milestones": [describe_milestone(milestone, frame) for milestone in milestones],
        "responses": [describe_record(response, frame) for response in commitment.responses.all()],
        "funding": [describe_record(sum_, frame) for sum_ in commitment.funding.all()],
        "checks": [
            {"number": check.number, **check.facts(), "published_at": write_time(check.published_at)}
            for check in checks.filter(checked_on__lte=moment.day)
        ],
        "relations": [
            describe_relation(words, other, moment)
            for words, others in list_related(commitment, moment).items()
            for other in others
        ],
        "petitions": [int(link.key) for link in list_links(commitment, moment)["petitions"]],
        **describe_trail(commitment, moment),
    }


def describe_milestone(milestone: Milestone, frame: Frame) -> dict[str, Any]:
    steps = [
        {**step.facts(), "published_at": write_time(step.published_at)} for step in milestone.milestone_updates.all()
    ]
    # The steps that were read end on the day asked about, so these are its pointers of then.
    return {"set_on": None} | describe_record(milestone, frame) | find_milestone_pointers(milestone) | {"steps": steps}


def describe_relation(words: str, other: Commitment, moment: Moment) -> dict[str, Any]:
    return {
        "relation": words,
        "reference": other.reference,
        "title": other.title,
        "status": other.current_update.status if other.current_update else NOT_YET_CHECKED,
        "url": link_page(other, moment),
    }
