"""Finds what the files cannot add, because a draft or something that staff published holds its name or place.

`planning` calls it; without it the database would refuse such a row half way, and name only the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracker.importing.checks import Problem
from tracker.importing.spooling import Places
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


def find_clashes(additions: list[tuple[str, str, Row]], places: Places) -> Iterator[Problem]:
    """Yield a problem for each row to be added (its kind, its owner and its facts) that cannot be."""
    added: dict[str, list[Row]] = {}
    for kind, _, facts in additions:
        added.setdefault(kind, []).append(facts)
    drafts = {kind: _find_drafts(kind, added[kind]) for kind in NAMES if kind in added}
    urls = [facts["url"] for facts in added.get("documents", ())]
    addresses = dict(Document.objects.filter(url__in=urls).values_list("url", "identifier")) if urls else {}
    numbers = _find_numbers(added.get("commitments", []))
    drafted = Relation.objects.drafts().filter(commitment__reference__in={owner for _, owner, _ in additions if owner})
    relations = set()
    if "relations" in added:
        relations = set(drafted.values_list("commitment__reference", "related__reference", "kind"))
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


def _find_drafts(kind: str, added: list[Row]) -> set[Any]:
    model, field, key = NAMES[kind]
    drafts = model.objects.drafts().filter(**{f"{field}__in": [facts[key] for facts in added]})
    return set(drafts.values_list(field, flat=True))


def _find_numbers(added: list[Row]) -> dict[tuple[str, int], str]:
    """Return what holds the places that commitments want to have in their programmes."""
    if not added:
        return {}
    wanted = {"programme__slug": {each["programme"] for each in added}, "number": {each["number"] for each in added}}
    held = Commitment.objects.filter(**{f"{name}__in": values for name, values in wanted.items()})
    rows = held.order_by().values_list("programme__slug", "number", "reference")
    return {(programme, number): reference for programme, number, reference in rows}
