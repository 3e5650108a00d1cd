"""What is tied to one commitment at a moment: related commitments, bodies, topics and petitions."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q

from tracker.models import REVERSE_RELATION_LABELS, Commitment, Relation
from tracker.moments import Moment
from tracker.querysets import known_at

REPLACED_BY = Relation.Kind.SUPERSEDED_BY
RELATIONS = sorted({*map(str, Relation.Kind.labels), *map(str, REVERSE_RELATION_LABELS.values())})  # from either side


def list_related(commitment: Commitment, moment: Moment) -> dict[str, list[Commitment]]:
    """Return the related commitments under the relation in words, replacements first and "see also" last.

    A pair that is stated on both sides is listed once, and "see also" only where nothing closer is stated.
    """
    relations = Relation.objects.ever_published().filter(known_at(moment))
    labels: list[tuple[int, str]] = []
    for relation in relations.filter(Q(commitment=commitment) | Q(related=commitment)):
        kind = Relation.Kind(relation.kind)
        if relation.commitment_id == commitment.pk:
            labels.append((relation.related_id, str(kind.label)))
        else:
            labels.append((relation.commitment_id, str(REVERSE_RELATION_LABELS[kind])))
    others = Commitment.objects.as_at(moment).for_listing().in_bulk([pk for pk, _ in labels]) if labels else {}
    found: dict[str, dict[int, Commitment]] = {str(REPLACED_BY.label): {}}
    for pk, label in labels:
        if pk in others:
            found.setdefault(label, {})[pk] = others[pk]
    return _put_see_also_last(found)


def _put_see_also_last(found: dict[str, dict[int, Commitment]]) -> dict[str, list[Commitment]]:
    see_also = str(Relation.Kind.SEE_ALSO.label)
    loose = found.pop(see_also, {})
    closer = {pk for others in found.values() for pk in others}
    found[see_also] = {pk: other for pk, other in loose.items() if pk not in closer}
    return {
        label: sorted(others.values(), key=lambda other: other.reference) for label, others in found.items() if others
    }


class Link(NamedTuple):
    """A page that a commitment leads to: the last part of its address, and its name."""

    key: str
    name: str
    name_cy: str


def list_links(commitment: Commitment, moment: Moment) -> dict[str, list[Link]]:
    """Return the supporting bodies, topics and petitions as keys and names, in one query."""
    bodies = commitment.read_list("supporting").as_links("supporting", name_cy="name_cy")
    topics = commitment.read_list("topics").as_links("topics")
    asked = Q(opened_on__isnull=True) | Q(opened_on__lte=moment.day)
    petitions = (
        commitment.petitions.published()
        .filter(asked, known_at(moment))
        .as_links("petitions", key="number", name="title")
    )
    links: dict[str, list[Link]] = {"supporting": [], "topics": [], "petitions": []}
    for kind, *link in sorted(bodies.union(topics, petitions), key=lambda link: link[2]):
        links[kind].append(Link(*link))
    return links
