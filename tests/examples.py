"""Nouns and drafts for tests to begin with: each keeps the rules, and each is published through the verbs."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from tracker.models import (
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Relation,
    Response,
    StatusUpdate,
    User,
)
from tracker.publishing import publish

REASON = "The bill was introduced in the House of Commons."

D = dt.date.fromisoformat
WHY_MOVED = "The ministry said that it needs more time for it."


def make_person(name: str) -> User:
    return User.objects.get_or_create(username=name)[0]


def publish_as_approver(record: Any) -> Any:
    """Publish a draft as somebody who did not write it, and return it."""
    publish(record, by=make_person("approver"))
    return record


def make_public_out_of_turn(record: Any) -> Any:
    """Make a draft public behind the verbs' back, which refuse what rests on a draft."""
    values: dict[str, Any] = {"published_at": timezone.now()}
    if hasattr(record, "number") and not isinstance(record, Commitment | Petition):
        values["number"] = record.pk
    type(record)._base_manager.filter(pk=record.pk).update(**values)
    return record


def make_department(slug: str = "home-office", **changes: Any) -> Department:
    found = Department.objects.filter(slug=slug).first()
    facts = {"name": slug.replace("-", " ").title(), "kind": "ministerial-department"}
    return found or publish_as_approver(Department.objects.create(slug=slug, **facts | changes))


def make_document(identifier: str = "the-report", **changes: Any) -> Document:
    found = Document.objects.filter(identifier=identifier).first()
    return found or publish_as_approver(draft_document(identifier, **changes))


def draft_document(identifier: str, **changes: Any) -> Document:
    facts = {
        "identifier": identifier,
        "url": f"https://www.gov.uk/{identifier}",
        "title": identifier.replace("-", " ").capitalize(),
        "publisher": "Home Office",
        "published_on": D("2024-02-01"),
        "kind": "report",
        "origin": "official",
        "strength": "strong",
    }
    return Document.objects.create(**facts | changes)


def make_programme(slug: str = "the-review") -> Programme:
    found = Programme.objects.filter(slug=slug).first()
    return found or publish_as_approver(
        Programme.objects.create(
            slug=slug,
            name=slug.replace("-", " ").capitalize(),
            description="What the review recommended.",
            published_on=D("2024-01-10"),
            document=make_document(),
            expected_commitments=1,
        )
    )


def make_commitment(reference: str = "REV-1", **changes: Any) -> Commitment:
    return publish_as_approver(draft_commitment(reference, **changes))


def draft_commitment(reference: str, **changes: Any) -> Commitment:
    facts = {
        "reference": reference,
        "title": f"Do what {reference} says",
        "summary": "The government promised to do it.",
        "kind": "recommendation",
        "programme": make_programme(),
        "number": int(reference.rsplit("-", 1)[1]),
        "source_document": make_document(),
        "made_on": D("2024-01-10"),
        "made_by": "Home Secretary",
        "department": make_department(),
        "confidence": "high",
    }
    return Commitment.objects.create(**facts | changes)


def draft_update(commitment: Commitment, as_of: str = "2024-03-01", **changes: Any) -> StatusUpdate:
    """Make a draft with one strong document as its evidence; `evidence=None` leaves it without."""
    evidence = changes.pop("evidence", {})
    facts = {"status": "in-progress", "reason": REASON, "author": make_person("author")} | changes
    update = StatusUpdate.objects.create(commitment=commitment, as_of=D(as_of), **facts)
    if evidence is not None:
        Evidence.objects.create(
            status_update=update,
            **{"document": make_document(), "note": "Says what was done."} | evidence,
        )
    return update


def draft_response(commitment: Commitment, on: str = "2024-02-01", **changes: Any) -> Response:
    facts = {
        "answer": "accepted",
        "by": "UK Government (2019-2024 Parliament)",
        "document": make_document(),
    }
    return Response.objects.create(commitment=commitment, on=D(on), author=make_person("author"), **facts | changes)


def draft_funding(commitment: Commitment, **changes: Any) -> Funding:
    facts = {
        "stage": "promised",
        "amount_gbp": 5_000_000,
        "on": D("2024-02-01"),
        "document": make_document(),
    }
    return Funding.objects.create(commitment=commitment, author=make_person("author"), **facts | changes)


def draft_milestone(commitment: Commitment, due_on: str = "2024-06-30", **changes: Any) -> Milestone:
    facts = {
        "title": "First report",
        "due_on": D(due_on),
        "due_text": "by summer",
        "author": make_person("author"),
    }
    milestone = Milestone.objects.create(commitment=commitment, **facts | changes)
    milestone.documents.add(make_document())
    return milestone


def draft_step(milestone: Milestone, as_of: str, *, met_on: str | None = None, due_on: str | None = None) -> Any:
    """Make a draft that says that a milestone was met or that its date was moved."""
    step = MilestoneUpdate.objects.create(
        milestone=milestone,
        as_of=D(as_of),
        met_on=D(met_on) if met_on else None,
        due_on=D(due_on) if due_on else None,
        reason=WHY_MOVED if due_on else "",
        author=make_person("author"),
    )
    step.documents.add(make_document())
    return step


def draft_relation(commitment: Commitment, related: Commitment, kind: str = "see-also") -> Relation:
    return Relation.objects.create(commitment=commitment, related=related, kind=kind)


def write_files(folder: Path, files: dict[str, Any]) -> Path:
    """Write a register's files as JSON and return their folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return folder


def small_files() -> dict[str, Any]:
    """Return a register of two commitments, with every key that a file may hold."""
    return {
        "departments.json": [
            {
                "slug": "home-office",
                "name": "Home Office",
                "abbreviation": "HO",
                "kind": "ministerial-department",
                "url": "https://www.gov.uk/home-office",
            },
            {
                "slug": "department-for-education",
                "name": "Department for Education",
                "abbreviation": "",
                "kind": "ministerial-department",
                "url": "",
            },
        ],
        "topics.json": [
            {"slug": "data", "name": "Data", "description": "What is counted."},
            {"slug": "care", "name": "Care", "description": ""},
        ],
        "documents.json": [
            small_document("the-report"),
            small_document("the-news") | {"origin": "independent", "strength": "weak", "published_on": None},
            small_document("the-petition") | {"kind": "petition", "note": "Only part of it was read."},
        ],
        "programmes.json": [
            {
                "slug": "the-review",
                "name": "The review",
                "description": "What the review recommended.",
                "published_on": "2024-01-10",
                "document": "the-report",
                "expected_commitments": 2,
            }
        ],
        "commitments/the-review.json": [
            small_commitment("REV-1")
            | {
                "supporting": ["department-for-education"],
                "topics": ["data", "care"],
                "related": [{"reference": "REV-2", "relation": "superseded-by"}],
                "responses": [
                    {
                        "answer": "accepted",
                        "on": "2024-02-01",
                        "by": "UK Government (2019-2024 Parliament)",
                        "note": "",
                        "document": "the-report",
                    }
                ],
                "milestones": [
                    small_milestone("First report") | {"met_on": "2024-07-04", "note": "Four days late."},
                    small_milestone("Full review") | {"due_on": "2027-06-30"},
                ],
                "funding": [
                    {
                        "stage": "promised",
                        "amount_gbp": 5_000_000,
                        "on": "2024-02-01",
                        "note": "For one year.",
                        "document": "the-report",
                    }
                ],
                "updates": [
                    small_update("2024-02-01"),
                    small_update("2024-05-01") | {"status": "delivered", "basis": "claim"},
                    small_update("2024-07-04") | {"status": "partly-delivered"},
                ],
            },
            small_commitment("REV-2") | {"number": 2, "editor_note": "Its date is not certain."},
        ],
        "petitions.json": [
            {
                "number": 300239,
                "document": "the-petition",
                "title": "Publish the review in full",
                "state": "closed",
                "parliament": "2019-2024",
                "opened_on": "2020-03-05",
                "closed_on": None,
                "signatures": 131626,
                "signatures_as_of": None,
                "ask": "Publish the review.",
                "response": {
                    "on": "2020-05-19",
                    "department": "home-office",
                    "summary": "Promised a paper.",
                    "document": "the-petition",
                },
                "debate": {"on": "2021-02-03", "house": "Commons", "document": "the-petition"},
                "outcome": "partly-met",
                "note": "",
                "commitments": ["REV-1"],
            }
        ],
        "help.json": {
            "made_on": "2026-11-21",
            "emergency": [
                {"name": "Police", "phone": "999", "when": "Someone is in danger now", "seen": True},
                {
                    "name": "Police, not an emergency",
                    "phone": "101",
                    "when": "To report abuse",
                    "seen": False,
                    "url": "https://www.police.uk",
                },
            ],
            "services": [
                {
                    "name": "Childline",
                    "phone": "0800 1111",
                    "for": "Children",
                    "seen": True,
                    "url": "https://www.childline.org.uk",
                }
            ],
        },
    }


def small_document(identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "url": f"https://www.gov.uk/{identifier}",
        "title": identifier.replace("-", " ").capitalize(),
        "publisher": "Home Office",
        "published_on": "2024-01-10",
        "kind": "report",
        "origin": "official",
        "strength": "strong",
    }


def small_commitment(reference: str) -> dict[str, Any]:
    """Return a commitment of the files of which nothing else is known yet."""
    return {
        "reference": reference,
        "title": f"Do what {reference} says",
        "summary": "The government promised to do it.",
        "kind": "recommendation",
        "programme": "the-review",
        "number": 1,
        "source": {"document": "the-report", "locator": "Page 7"},
        "made_on": "2024-01-10",
        "made_on_precision": "day",
        "made_by": "Home Secretary",
        "department": "home-office",
        "supporting": [],
        "topics": [],
        "related": [],
        "responses": [],
        "milestones": [],
        "funding": [],
        "updates": [],
        "confidence": "high",
        "editor_note": "",
    }


def small_milestone(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "due_on": "2024-06-30",
        "due_text": "by summer 2024",
        "met_on": None,
        "documents": ["the-report"],
        "note": "",
    }


def small_update(as_of: str) -> dict[str, Any]:
    return {
        "status": "in-progress",
        "as_of": as_of,
        "reason": REASON,
        "evidence": [
            {
                "document": "the-report",
                "note": "Says what was done, and that it was there before.",
                "records_completion": True,
                "already_in_place": True,
            }
        ],
    }
