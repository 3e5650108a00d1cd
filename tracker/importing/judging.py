"""Judges the status updates that the files add, by the rules and with all that is known of their commitment.

`planning` calls it, so that every broken rule is told before anything is written; `publishing` judges once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from tracker.importing.checks import Problem
from tracker.importing.reading import RegisterFiles
from tracker.models import Commitment, Relation
from tracker.statuses import Answer, Basis, Citation, Judgement, explain_refusals

Row = dict[str, Any]


def find_refusals(
    place: str, row: Row, register: RegisterFiles, commitment: Commitment | None, loaded: dict[str, list[Any]]
) -> Iterator[Problem]:
    """Yield a problem for each rule that an update of the files breaks.

    `commitment` is the published one, if there is one, and `loaded` its records that came from the files, by kind: what
    is published already is not judged again.
    """
    today = timezone.localdate()
    documents = register.documents
    still_open = tuple(_find_open_milestones(row, commitment, loaded["milestones"]))
    has_successor = row["reference"] in register.replacements or _has_published_successor(commitment)
    first = len(loaded["status_updates"])
    for number, update in enumerate(row["updates"][first:], start=first + 1):
        judgement = Judgement(
            status=update["status"],
            basis=update.get("basis", Basis.ASSESSMENT),
            as_of=dt.date.fromisoformat(update["as_of"]),
            reason=update["reason"],
            made_on=dt.date.fromisoformat(row["made_on"]),
            citations=tuple(_cite(evidence, documents[evidence["document"]]) for evidence in update["evidence"]),
            open_milestones=still_open,
            has_successor=has_successor,
            was_rejected=_was_rejected(row, commitment, update["as_of"]),
        )
        for refusal in explain_refusals(judgement, today=today):
            yield Problem(f"{place} > updates[{number}] > {refusal.field}", refusal.sentence)


def _find_open_milestones(row: Row, commitment: Commitment | None, loaded: list[Any]) -> Iterator[str]:
    """Yield the titles of the milestones that stay open when the files are loaded, those of staff last."""
    met = {index for index, milestone in enumerate(loaded) if milestone.met_on}
    for index, milestone in enumerate(row["milestones"]):
        if milestone["met_on"] is None and index not in met:
            yield milestone["title"]
    for standing in commitment.milestones.all() if commitment else ():
        if standing.is_published and standing not in loaded and standing.met_on is None:
            yield standing.title


def _has_published_successor(commitment: Commitment | None) -> bool:
    replaced, replaces = Relation.Kind.SUPERSEDED_BY, Relation.Kind.SUPERSEDES
    if commitment is None:
        return False
    mine = [relation for relation in commitment.relations.all() if relation.kind == replaced]
    theirs = [relation for relation in commitment.reverse_relations.all() if relation.kind == replaces]
    return any(relation.is_published for relation in mine + theirs)


def _was_rejected(row: Row, commitment: Commitment | None, as_of: str) -> bool:
    answers = [(response["answer"], response["on"]) for response in row["responses"]]
    standing = commitment.responses.all() if commitment else ()
    answers += [(response.answer, response.on.isoformat()) for response in standing if response.is_published]
    return any(answer == Answer.REJECTED and on <= as_of for answer, on in answers)


def _cite(evidence: Row, document: Row) -> Citation:
    published_on = document["published_on"]
    return Citation(
        title=document["title"],
        strength=document["strength"],
        origin=document["origin"],
        published_on=dt.date.fromisoformat(published_on) if published_on else None,
        note=evidence["note"],
        records_completion=evidence.get("records_completion", False),
        already_in_place=evidence.get("already_in_place", False),
    )
