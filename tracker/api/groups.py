"""Doors: the departments, programmes, topics and petitions, each with how its commitments stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import QueryDict
from django.urls import reverse

from tracker.answers import describe_page, link_pages, read_as_at, read_page, read_petitions
from tracker.api.answering import Answer, Refusal, answers
from tracker.api.describing import describe_counts, describe_trail, link_page
from tracker.filters import Counting
from tracker.keeping import Version
from tracker.models import Commitment, Department, Petition, Programme, Topic
from tracker.moments import Moment
from tracker.querysets import ByteOrder
from tracker.statuses import NOT_YET_CHECKED

Describe = Callable[[Any], dict[str, Any]]


def send_list(name: str, field: str, things: list[Any], describe: Describe, query: QueryDict) -> Answer:
    page = read_page(things, query)
    address = settings.SITE_URL + reverse(f"tracker:{name}")
    fields = {field: [describe(each) for each in page.object_list]}
    return Answer(describe_page(page) | fields, link_pages(page, address, query))


def send_one(field: str, things: list[Any], describe: Describe, moment: Moment) -> Answer:
    """Send the one thing that was found. Refuses when there was none on that day."""
    if not things:
        sentence = f"There is no such {field}, or there was none that the register knew of on {moment.day.isoformat()}."
        raise Refusal(sentence, status=HTTPStatus.NOT_FOUND)
    (thing,) = things
    return Answer({field: describe(thing) | describe_trail(thing, moment)})


def order(rows: Any) -> Any:
    return rows.order_by(ByteOrder("slug"))


def count(moment: Moment) -> Counting:
    return Counting(Commitment.objects.as_at(moment), Version(), moment.day)


def describe_under(relation: str, moment: Moment, counting: Counting | None = None) -> Describe:
    """Return what writes a thing with how the commitments under it stand, as they are counted once for all."""
    counts = (counting or count(moment)).count_statuses(relation)

    def describe(thing: Any) -> dict[str, Any]:
        commitments = describe_counts(counts.get(thing.slug, {}))
        return thing.facts() | {"commitments": commitments, "page": link_page(thing, moment)}

    return describe


# --- Departments -----------------------------------------------------------------------------


def describe_departments(moment: Moment) -> Describe:
    counting = count(moment)
    describe = describe_under("department", moment, counting)
    supported = counting.count_statuses("supporting")

    def describe_one(department: Department) -> dict[str, Any]:
        count = sum(supported.get(department.slug, {}).values())
        return describe(department) | {"name_cy": department.name_cy, "supported": count}

    return describe_one


@answers("api-department-list")
def department_list(query: QueryDict, moment: Moment) -> Answer:
    departments = read_as_at(order(Department.objects.published()), moment)
    return send_list("api-department-list", "departments", departments, describe_departments(moment), query)


@answers("api-department-detail")
def department_detail(query: QueryDict, moment: Moment, slug: str) -> Answer:
    departments = read_as_at(Department.objects.published().filter(slug=slug), moment)
    return send_one("department", departments, describe_departments(moment), moment)


# --- Programmes and topics -------------------------------------------------------------------


@answers("api-programme-list")
def programme_list(query: QueryDict, moment: Moment) -> Answer:
    programmes = read_as_at(order(Programme.objects.published().select_related("document")), moment)
    return send_list("api-programme-list", "programmes", programmes, describe_under("programme", moment), query)


@answers("api-programme-detail")
def programme_detail(query: QueryDict, moment: Moment, slug: str) -> Answer:
    programmes = read_as_at(Programme.objects.published().filter(slug=slug), moment)
    return send_one("programme", programmes, describe_under("programme", moment), moment)


@answers("api-topic-list")
def topic_list(query: QueryDict, moment: Moment) -> Answer:
    topics = read_as_at(order(Topic.objects.published()), moment)
    return send_list("api-topic-list", "topics", topics, describe_under("topic", moment), query)


@answers("api-topic-detail")
def topic_detail(query: QueryDict, moment: Moment, slug: str) -> Answer:
    topics = read_as_at(Topic.objects.published().filter(slug=slug), moment)
    return send_one("topic", topics, describe_under("topic", moment), moment)


# --- Petitions -------------------------------------------------------------------------------


def find_petitions(moment: Moment) -> Any:
    """Fetch petitions with their documents and the commitments that were public at a moment."""
    documents = ("document", "response_department", "response_document", "debate_document")
    promised = Prefetch("commitments", queryset=Commitment.objects.as_at(moment).for_listing())
    return Petition.objects.published().select_related(*documents).prefetch_related(promised).order_by("number")


def list_promised(petition: Petition, moment: Moment) -> list[Commitment]:
    """Return the commitments made in the answer to a petition, as the list of them was at a moment."""
    if "commitments" in petition.earlier_lists:
        return list(Commitment.objects.as_at(moment).for_listing().named_in(petition))
    return list(petition.commitments.all())


def describe_petitions(moment: Moment) -> Describe:
    def describe(petition: Petition) -> dict[str, Any]:
        promised = list_promised(petition, moment)
        updates = (commitment.current_update for commitment in promised)
        counts = Counter(update.status if update else NOT_YET_CHECKED for update in updates)
        return petition.facts() | {
            "commitments": sorted(commitment.reference for commitment in promised),
            "counts": describe_counts(counts),
            "page": link_page(petition, moment),
        }

    return describe


@answers("api-petition-list")
def petition_list(query: QueryDict, moment: Moment) -> Answer:
    petitions = read_petitions(find_petitions(moment), moment)
    return send_list("api-petition-list", "petitions", petitions, describe_petitions(moment), query)


@answers("api-petition-detail")
def petition_detail(query: QueryDict, moment: Moment, number: int) -> Answer:
    petitions = read_petitions(find_petitions(moment).filter(number=number), moment)
    return send_one("petition", petitions, describe_petitions(moment), moment)
