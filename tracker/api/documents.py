"""Doors: the documents, and everything that rests on one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse

from tracker.answers import describe_page, link_pages, list_evidence, list_uses, read_page
from tracker.api.answering import Answer, Refusal, answers
from tracker.api.describing import describe_trail, link_page
from tracker.filters import DocumentFilter
from tracker.models import Document, Evidence
from tracker.moments import Moment
from tracker.querysets import ByteOrder


@answers("api-document-list")
def document_list(query: QueryDict, moment: Moment) -> Answer:
    documents = Document.objects.published().with_use().order_by(Lower(ByteOrder("title")), "pk")
    filterset = DocumentFilter(query, queryset=documents)
    if not filterset.is_valid():
        raise Refusal(*(message for messages in filterset.form.errors.values() for message in messages))
    page = read_page(filterset.qs, query)
    address = settings.SITE_URL + reverse("tracker:api-document-list")
    fields = {
        "documents": [
            describe_document(document) | {"citation_count": document.citation_count} for document in page.object_list
        ]
    }
    return Answer(describe_page(page) | fields, link_pages(page, address, query))


@answers("api-document-detail")
def document_detail(query: QueryDict, moment: Moment, identifier: str) -> Answer:
    document = Document.objects.published().filter(identifier=identifier).first()
    if document is None:
        raise Refusal(f"There is no document “{identifier[:40]}”.", status=HTTPStatus.NOT_FOUND)
    uses = list_uses(document)
    fields = {
        "citations": [describe_citation(each) for each in list_evidence(document)],
        "commitments": [commitment.reference for commitment in uses["sourced"]],
        **{name: [describe_cited(record) for record in uses[name]] for name in ("responses", "milestones", "funding")},
        "programmes": [programme.slug for programme in uses["programmes"]],
        "petitions": [petition.number for petition in uses["petitions"]],
    }
    return Answer({"document": describe_document(document) | fields | describe_trail(document, moment)})


def describe_document(document: Document) -> dict[str, Any]:
    return {**document.facts(), "note": document.note, "page": link_page(document)}


def describe_citation(evidence: Evidence) -> dict[str, Any]:
    update = evidence.status_update
    return {
        "reference": update.commitment.reference,
        "update": update.number,
        "note": evidence.note,
        "records_completion": evidence.records_completion,
        "already_in_place": evidence.already_in_place,
        "url": link_page(update),
    }


def describe_cited(record: Any) -> dict[str, Any]:
    commitment = record.commitment
    return {
        "reference": commitment.reference,
        "number": record.number,
        "url": f"{link_page(commitment)}#{record.anchor}",
    }
