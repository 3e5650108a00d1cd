"""Writes a plan: every addition becomes a draft and all drafts are published as one batch, or nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Model, prefetch_related_objects

from tracker.importing.planning import Plan
from tracker.models import (
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Relation,
    Response,
    StatusUpdate,
    SupportService,
    Topic,
)
from tracker.models.base import Publishable
from tracker.publishing import publish_batch

Facts = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def apply_load(plan: Plan, *, name: str, report: Callable[[str], object]) -> LogEntry | None:
    """Write and publish what a plan adds, in one transaction. Returns the load's log entry, None if nothing is new.

    Raises PublicationRefused if a rule is broken after all; nothing is written then.
    """
    if not plan.additions:
        return None
    with transaction.atomic():
        for slug, count in plan.growth.items():
            grown = F("expected_commitments") + count
            Programme.objects.filter(slug=slug).update(expected_commitments=grown)
        return publish_batch(name, plan.files, _Writer(report).write_all(plan))


class _Writer:
    """Turns facts into draft rows, finding the rows that they name by their public names."""

    def __init__(self, report: Callable[[str], object]) -> None:
        self.report = report
        self.rows: dict[tuple[type, Any], Any] = {}
        self.makers: dict[str, Callable[[str, Facts], Publishable]] = {
            "departments": lambda owner, facts: _create(Department, facts),
            "topics": lambda owner, facts: _create(Topic, facts),
            "documents": self._make_document,
            "programmes": self._make_programme,
            "commitments": self._make_commitment,
            "relations": self._make_relation,
            "responses": lambda owner, facts: self._make_record(Response, owner, facts),
            "funding": lambda owner, facts: self._make_record(Funding, owner, facts),
            "milestones": self._make_milestone,
            "milestone_updates": self._make_milestone_update,
            "status_updates": self._make_status_update,
            "petitions": self._make_petition,
            "help": self._make_service,
        }

    def write_all(self, plan: Plan) -> Any:
        """Yield a draft for each addition, each written just before it is published."""
        total = len(plan.additions)
        for done, (kind, owner, facts) in enumerate(plan.additions, start=1):
            yield self.makers[kind](owner, facts)
            if done % 250 == 0 or done == total:
                self.report(f"{done} of {total} rows")

    def find(self, model: Any, field: str, value: Any) -> Any:
        """Return the row with that public name, read once."""
        if (model, value) not in self.rows:
            self.rows[model, value] = model.objects.get(**{field: value})
        return self.rows[model, value]

    def document(self, identifier: str) -> Document:
        return self.find(Document, "identifier", identifier)  # type: ignore[no-any-return]

    def commitment(self, reference: str) -> Commitment:
        return self.find(Commitment, "reference", reference)  # type: ignore[no-any-return]

    def department(self, slug: str) -> Department:
        return self.find(Department, "slug", slug)  # type: ignore[no-any-return]

    def documents(self, identifiers: list[str]) -> list[Document]:
        return [self.document(identifier) for identifier in identifiers]

    def _make_document(self, owner: str, facts: Facts) -> Document:
        return _create(Document, facts | {"identifier": facts["id"]}, without=("id",))

    def _make_programme(self, owner: str, facts: Facts) -> Programme:
        return _create(Programme, facts | {"document": self.document(facts["document"])})

    def _make_commitment(self, owner: str, facts: Facts) -> Commitment:
        lists = ("supporting", "topics", "related", "responses", "milestones", "funding", "updates")
        links = {
            "programme": self.find(Programme, "slug", facts["programme"]),
            "department": self.department(facts["department"]),
            "source_document": self.document(facts["source"]["document"]),
            "source_locator": facts["source"]["locator"],
        }
        commitment = _create(Commitment, facts | links, without=("source", *lists))
        commitment.supporting.set([self.department(slug) for slug in facts["supporting"]])
        commitment.topics.set([self.find(Topic, "slug", slug) for slug in facts["topics"]])
        return commitment

    def _make_relation(self, owner: str, facts: Facts) -> Relation:
        related = self.commitment(facts["reference"])
        return _create(Relation, {"commitment": self.commitment(owner), "related": related, "kind": facts["relation"]})

    def _make_record(self, model: type[Row], owner: str, facts: Facts) -> Row:
        links = {"commitment": self.commitment(owner), "document": self.document(facts["document"])}
        return _create(model, facts | links)

    def _make_milestone(self, owner: str, facts: Facts) -> Milestone:
        milestone = _create(Milestone, facts | {"commitment": self.commitment(owner)}, without=("documents",))
        milestone.documents.set(self.documents(facts["documents"]))
        return milestone

    def _make_milestone_update(self, owner: str, facts: Facts) -> MilestoneUpdate:
        milestone = Milestone.objects.get(commitment=self.commitment(owner), number=facts["milestone"])
        update = _create(MilestoneUpdate, facts | {"milestone": milestone}, without=("documents",))
        update.documents.set(self.documents(facts["documents"]))
        return update

    def _make_status_update(self, owner: str, facts: Facts) -> StatusUpdate:
        update = _create(StatusUpdate, facts | {"commitment": self.commitment(owner)}, without=("evidence",))
        cited = [facts | {"document": self.document(facts["document"])} for facts in facts["evidence"]]
        Evidence.objects.bulk_create([Evidence(status_update=update, **each) for each in cited])
        prefetch_related_objects([update], "evidence__document")
        return update

    def _make_petition(self, owner: str, facts: Facts) -> Petition:
        links: Facts = {"document": self.document(facts["document"])}
        if response := facts["response"]:
            links |= {
                "response_on": response["on"],
                "response_department": self.department(response["department"]),
                "response_summary": response["summary"],
                "response_document": self.document(response["document"]),
            }
        if debate := facts["debate"]:
            links |= {
                "debated_on": debate["on"],
                "debate_house": debate["house"],
                "debate_document": self.document(debate["document"]),
            }
        petition = _create(Petition, facts | links, without=("response", "debate", "commitments"))
        petition.commitments.set([self.commitment(reference) for reference in facts["commitments"]])
        return petition

    def _make_service(self, owner: str, facts: Facts) -> SupportService:
        return _create(SupportService, facts | {"used_for": facts["for"]}, without=("for",))


def _create(model: type[Row], facts: Facts, *, without: tuple[str, ...] = ()) -> Row:
    """Create a draft from facts, whose dates are still text."""
    fields = model._meta
    values = {
        name: value if isinstance(value, Model) else fields.get_field(name).to_python(value)  # type: ignore[union-attr]
        for name, value in facts.items()
        if name not in without
    }
    row = model(**values)
    row.skip_history_when_saving = True  # type: ignore[attr-defined]  # what no person did is in the log alone
    row.save()
    return row
