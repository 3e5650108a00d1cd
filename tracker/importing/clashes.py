"""Finds what the files cannot add, because a draft or something that staff published holds its name or place.

`planning` calls it; without it the database would refuse such a row half way, and name only the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracker.importing.checks import Problem
from tracker.models import Commitment, Department, Document, Petition, Programme, Relation, SupportService, Topic

Row = dict[str, Any]

# kind of row: (the model, its field, the same field in the files)
NAMES: dict[str, tuple[Any, str, str]] = {
    "departments": (Department, "slug", "slug"),
    "topics": (Topic, "slug", "slug"),
    "documents": (Document, "identifier", "id"),
    "programmes": (Programme, "slug", "slug"),
    "commitments": (Commitment, "reference", "reference"),
    "petitions": (Petition, "number", "number"),
    "help": (SupportService, "name", "name"),
}
IS_A_DRAFT = "stands in the register as a draft: publish or delete that first."


def find_clashes(additions: list[tuple[str, str, Row]], places: dict[tuple[str, Any], str]) -> Iterator[Problem]:
    """Yield a problem for each row to be added (its kind, its owner and its facts) that cannot be."""
    drafts = {kind: _find_drafts(*NAMES[kind][:2]) for kind in NAMES}
    addresses = dict(Document.objects.values_list("url", "identifier"))
    numbers = {
        (programme, number): reference
        for programme, number, reference in Commitment.objects.values_list("programme__slug", "number", "reference")
    }
    relations = set(Relation.objects.drafts().values_list("commitment__reference", "related__reference", "kind"))
    for kind, owner, facts in additions:
        name = facts[NAMES[kind][2]] if kind in NAMES else None
        place = places.get((kind, name), f"help.json > {name}")
        if kind in NAMES and name in drafts[kind]:
            yield Problem(place, IS_A_DRAFT)
        elif kind == "documents" and facts["url"] in addresses:
            yield Problem(f"{place} > url", f"is the address of “{addresses[facts['url']]}”, which stands already.")
        elif kind == "commitments" and (taken := numbers.get((facts["programme"], facts["number"]))):
            yield Problem(f"{place} > number", f"is the place of “{taken}” in the programme.")
        elif kind == "relations" and (owner, facts["reference"], facts["relation"]) in relations:
            yield Problem(f"{places['commitments', owner]} > related > {facts['reference']}", IS_A_DRAFT)


def _find_drafts(model: Any, field: str) -> set[Any]:
    return set(model.objects.drafts().values_list(field, flat=True))
