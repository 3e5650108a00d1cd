"""Turns the facts of a plan into drafts, many of one kind at a time; `applying` hands them to the verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import Model

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
    SupportService,
    Topic,
)
from tracker.models.base import Publishable

Facts = dict[str, Any]
Row = TypeVar("Row", bound=Publishable)

# The keys under which facts name other rows.
NAMED: dict[str, type[Publishable]] = {
    "document": Document,
    "documents": Document,
    "programme": Programme,
    "department": Department,
    "supporting": Department,
    "topics": Topic,
    "commitments": Commitment,
}


class Drafter:
    """Writes drafts, finding the rows that they name by their public names, each read once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[type, Any], Any] = {}
        self.makers: dict[str, Callable[[str, Facts], Publishable]] = {
            "departments": lambda owner, facts: _draft(Department, facts),
            "topics": lambda owner, facts: _draft(Topic, facts),
            "documents": lambda owner, facts: _draft(Document, facts | {"identifier": facts["id"]}, without=("id",)),
            "programmes": lambda owner, facts: _draft(Programme, self._find_all(facts)),
            "commitments": self._draft_commitment,
            "relations": self._draft_relation,
            "responses": lambda owner, facts: self._draft_record(Response, owner, facts),
            "funding": lambda owner, facts: self._draft_record(Funding, owner, facts),
            "milestones": lambda owner, facts: self._draft_record(Milestone, owner, facts, without=("documents",)),
            "milestone_updates": self._draft_milestone_update,
            "status_updates": lambda owner, facts: self._draft_record(
                StatusUpdate, owner, facts, without=("evidence",)
            ),
            "petitions": self._draft_petition,
            "help": lambda owner, facts: _draft(SupportService, facts | {"used_for": facts["for"]}, without=("for",)),
        }

    def write(self, kind: str, additions: Sequence[tuple[str, Facts]]) -> Sequence[Publishable]:
        """Store a draft for each of some additions of one kind, in their order."""
        self._read_named(kind, additions)
        drafts: list[Any] = [self.makers[kind](owner, facts) for owner, facts in additions]
        type(drafts[0])._default_manager.bulk_create(drafts)
        self._write_lists(drafts, [facts for _, facts in additions])
        return drafts

    def forget(self) -> None:
        """Forget the rows of which there may be many."""
        self.rows = {key: row for key, row in self.rows.items() if key[0] in {Department, Topic, Programme}}

    def _read_named(self, kind: str, additions: Sequence[tuple[str, Facts]]) -> None:
        """Read at once what some additions name and is not known yet."""
        wanted: dict[Any, set[Any]] = {}
        for owner, facts in additions:
            named = [*_list_named(facts), *([(Commitment, owner)] if owner else [])]
            named += [(Commitment, facts["reference"])] if kind == "relations" else []
            for model, name in named:
                if (model, name) not in self.rows:
                    wanted.setdefault(model, set()).add(name)
        for model, names in wanted.items():
            found = model._default_manager.filter(**{f"{model.public_key}__in": names})
            self.rows |= {(model, row.public_name): row for row in found}
        if kind == "milestone_updates":
            self._read_milestones({owner for owner, _ in additions})

    def _read_milestones(self, references: set[str]) -> None:
        for reference in references:
            commitment = self.rows[Commitment, reference]
            for milestone in Milestone.objects.filter(commitment=commitment):
                milestone.commitment = commitment
                self.rows[Milestone, (reference, milestone.number)] = milestone

    def _find_all(self, facts: Facts) -> Facts:
        """Return facts with the rows that they name in the place of single names."""
        links = {key: NAMED[key] for key in ("document", "department", "programme") if key in facts}
        return facts | {key: self.rows[model, facts[key]] for key, model in links.items()}

    def _draft_commitment(self, owner: str, facts: Facts) -> Commitment:
        source = facts["source"]
        links = {"source_document": self.rows[Document, source["document"]], "source_locator": source["locator"]}
        lists = ("supporting", "topics", "related", "responses", "milestones", "funding", "updates")
        return _draft(Commitment, self._find_all(facts) | links, without=("source", *lists))

    def _draft_relation(self, owner: str, facts: Facts) -> Relation:
        ends = {"commitment": self.rows[Commitment, owner], "related": self.rows[Commitment, facts["reference"]]}
        return _draft(Relation, ends | {"kind": facts["relation"]})

    def _draft_record(self, model: type[Row], owner: str, facts: Facts, *, without: tuple[str, ...] = ()) -> Row:
        return _draft(model, self._find_all(facts) | {"commitment": self.rows[Commitment, owner]}, without=without)

    def _draft_milestone_update(self, owner: str, facts: Facts) -> MilestoneUpdate:
        milestone = self.rows[Milestone, (owner, facts["milestone"])]
        return _draft(MilestoneUpdate, facts | {"milestone": milestone}, without=("documents",))

    def _draft_petition(self, owner: str, facts: Facts) -> Petition:
        links: Facts = {"document": self.rows[Document, facts["document"]]}
        if response := facts["response"]:
            links |= {
                "response_on": response["on"],
                "response_department": self.rows[Department, response["department"]],
                "response_summary": response["summary"],
                "response_document": self.rows[Document, response["document"]],
            }
        if debate := facts["debate"]:
            links |= {
                "debated_on": debate["on"],
                "debate_house": debate["house"],
                "debate_document": self.rows[Document, debate["document"]],
            }
        return _draft(Petition, facts | links, without=("response", "debate", "commitments"))

    def _write_lists(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> None:
        """Store what stands in lists of drafts: rows that they name, or evidence."""
        pairs = list(zip(drafts, facts, strict=True))
        for field in drafts[0]._meta.many_to_many:
            through, model = field.remote_field.through, NAMED[field.name]
            owner, listed = field.m2m_field_name(), field.m2m_reverse_field_name()
            through._default_manager.bulk_create(
                through(**{owner: draft, listed: self.rows[model, name]})
                for draft, each in pairs
                for name in each[field.name]
            )
        if isinstance(drafts[0], StatusUpdate):
            Evidence.objects.bulk_create(
                Evidence(status_update=update, **self._find_all(evidence))
                for update, each in pairs
                for evidence in each["evidence"]
            )


def _list_named(facts: Facts) -> Iterator[tuple[type[Publishable], Any]]:
    for key, value in facts.items():
        items = value if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, dict):
                yield from _list_named(item)
            elif key in NAMED and item is not None:
                yield NAMED[key], item


def _draft(model: type[Row], facts: Facts, *, without: tuple[str, ...] = ()) -> Row:
    """Return a draft made of facts, whose dates are still text."""
    fields = model._meta
    values = {
        name: value if isinstance(value, Model) else fields.get_field(name).to_python(value)  # type: ignore[union-attr]
        for name, value in facts.items()
        if name not in without
    }
    return model(**values)
