"""What is tied to one commitment at a moment: related commitments, bodies, topics and petitions."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Q

from tracker.models import REVERSE_RELATION_LABELS, Commitment, Department, Petition, Relation, Topic
from tracker.moments import Moment
from tracker.querysets import Then, known_at, prepared

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
    if commitment.earlier_lists:
        bodies, topics = (commitment.read_list(name) for name in ("supporting", "topics"))
        found = _put_as_links(bodies, topics, commitment.pk, moment.day, moment.known_before)
    else:
        found = _ask_links(commitment=commitment.pk, day=moment.day, known_before=moment.known_before)
    links: dict[str, list[Link]] = {"supporting": [], "topics": [], "petitions": []}
    for kind, *link in sorted(found, key=lambda link: link[2]):
        links[kind].append(Link(*link))
    return links


@prepared
def _ask_links(commitment: Any, day: Any, known_before: Any) -> Any:
    bodies = Department.objects.published().filter(supported_commitments=commitment)
    topics = Topic.objects.published().filter(commitments=commitment)
    return _put_as_links(bodies, topics, commitment, day, known_before)


def _put_as_links(bodies: Any, topics: Any, commitment: Any, day: Any, known_before: Any) -> Any:
    asked = Q(opened_on__isnull=True) | Q(opened_on__lte=day)
    petitions = Petition.objects.published().filter(asked, known_at(Then(day, known_before)), commitments=commitment)
    return bodies.as_links("supporting", name_cy="name_cy").union(
        topics.as_links("topics"), petitions.as_links("petitions", key="number", name="title")
    )
