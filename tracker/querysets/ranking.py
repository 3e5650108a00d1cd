"""Which commitments answer a search, and how well, of all that were ever public: on both databases the same.

SQLite is asked for the rows of each term, which its index is quick at. PostgreSQL would go through all rows once for
each: it is asked in one reading, of each commitment, what all terms are to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

from django.db import connections, models

from tracker.moments import FOREVER, Moment
from tracker.querysets.base import join_keys, split_keys
from tracker.querysets.histories import list_told
from tracker.querysets.searching import (
    ANYWHERE,
    NAMED,
    SAID_ONCE,
    STEPS,
    ask_tsquery,
    held_then,
    holds,
    rank,
    weigh,
)
from tracker.words import Search, Term

Ranks = dict[int, list[int]]
Asked = tuple[str, dict[str, Any]]  # a question in SQL, and its parameters by name


def find_ranks(
    search: Search, rows: models.QuerySet[Any], moment: Moment | None = None, *, is_ranked: bool = True
) -> Ranks:
    """Return the keys of the commitments that answer a search, by how well, or all as ANYWHERE where nobody asks that.

    `rows` are all that were ever public. At a moment, it is as they answered when fewer updates had been told: true of
    what is public now and was not reworded since, as then only its history was shorter.
    """
    if not search:
        return {}
    connection = connections[rows.db]
    if connection.vendor == "postgresql":
        sql, parameters = _ask_in_one_reading(search, moment, is_ranked=is_ranked)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return {step: split_keys(keys) for step, keys in cursor.fetchall()}
    return find_ranks_by_terms(search, rows, moment, is_ranked=is_ranked)


def find_ranks_by_terms(
    search: Search, rows: models.QuerySet[Any], moment: Moment | None = None, *, is_ranked: bool = True
) -> Ranks:
    condition = holds(search) if moment is None else held_then(search, list_told(rows.model, moment))
    answering = rows.filter(condition).order_by()
    if not is_ranked:
        return {ANYWHERE: split_keys(answering.aggregate(keys=join_keys("pk"))["keys"])}
    # Not grouped by steps: SQLite would sort all rows for it, and takes a third longer.
    found = answering.aggregate(keys=join_keys("pk"), steps=join_keys(rank(search)))
    keys, steps = split_keys(found["keys"]), split_keys(found["steps"])
    return {step: [*compress(keys, map(step.__eq__, steps))] for step in {*steps}}


def _ask_in_one_reading(search: Search, moment: Moment | None, *, is_ranked: bool) -> Asked:
    wanted, unwanted = _name("wanted", search.wanted), _name("unwanted", search.unwanted)
    terms = wanted | unwanted
    parameters: dict[str, Any] = {name: ask_tsquery([term]) for name, term in terms.items()}
    parameters |= {f"all_in_{columns}": ask_tsquery(search.wanted, weigh(columns)) for columns in STEPS}
    parameters |= {"all": ask_tsquery(search.wanted), "references": search.references}
    named = "SELECT id FROM tracker_commitment WHERE reference = ANY (%(references)s::text[])"
    graded = f"CASE WHEN id IN ({named}) THEN {NAMED} ELSE {_grade() if wanted else ANYWHERE} END"
    step = f"{graded if is_ranked else ANYWHERE} AS step"
    if moment is None:
        found = _ask_today(step, wanted, unwanted)
    else:
        found = _ask_then(step, wanted, unwanted)
        parameters |= {_once(name): ask_tsquery([term], weigh(SAID_ONCE)) for name, term in terms.items()}
        parameters |= {"day": moment.day, "known_before": moment.known_before or FOREVER}
    return f"SELECT step, string_agg(id::text, ' ') FROM ({found}) AS found GROUP BY step", parameters  # noqa: S608


def _grade() -> str:
    """Return how well a row answers. What is not in more columns is not looked for in fewer."""
    graded = str(STEPS[0])
    for columns, otherwise in zip(STEPS, (*STEPS[1:], ANYWHERE), strict=True):
        graded = f"CASE WHEN {_hold(f'all_in_{columns}')} THEN {graded} ELSE {otherwise} END"
    return graded


def _ask_today(step: str, wanted: Iterable[str], unwanted: Iterable[str]) -> str:
    """Return the rows that answer. What was withdrawn is in no index, and holds none of the words that are unwanted."""
    if wanted:
        answering = " AND ".join([_hold("all"), *(f"NOT {_hold(name)}" for name in unwanted)])
        return f"SELECT {step}, id FROM search_commitment WHERE {answering}"  # noqa: S608 - names of ours
    held = " OR ".join(map(_hold, unwanted))
    return f"""
        SELECT {ANYWHERE} AS step, id FROM tracker_commitment
        WHERE published_at IS NOT NULL AND id NOT IN (SELECT id FROM search_commitment WHERE {held})"""  # noqa: S608


def _ask_then(step: str, wanted: Iterable[str], unwanted: Iterable[str]) -> str:
    """Return the rows that answered when only some updates had been told: those of a day, published by another.

    A term is settled where what a commitment says once has it, or where nothing in it has one that is unwanted. Where
    a term is not, the updates of that commitment are read. The table of all is gone through for that, and asked with IS
    TRUE so that it is: PostgreSQL takes a day's updates for few, and would look for each.
    """
    settled = {name: _hold(_once(name)) for name in wanted} | {name: f"NOT {_hold(name)}" for name in unwanted}
    possible = [_hold("all")] if wanted else []  # what held a word then holds it now
    possible += [f"NOT {_hold(_once(name))}" for name in unwanted]
    answering = [f"(once.{name} OR told.{name})" for name in wanted]
    answering += [f"(once.{name} OR told.{name} IS NOT TRUE)" for name in unwanted]
    return f"""
        WITH once AS MATERIALIZED (
            SELECT id, {step}, {", ".join(f"{condition} AS {name}" for name, condition in settled.items())}
            FROM search_commitment WHERE {" AND ".join(possible)}
        ), told AS (
            SELECT commitment AS id, {", ".join(f"bool_or({_hold(name)}) AS {name}" for name in settled)}
            FROM search_update
            WHERE as_of <= %(day)s AND published_at < %(known_before)s
            AND (commitment IN (SELECT id FROM once WHERE NOT ({" AND ".join(settled)}))) IS TRUE
            GROUP BY commitment
        )
        SELECT step, once.id FROM once LEFT JOIN told USING (id) WHERE {" AND ".join(answering)}"""  # noqa: S608


def _name(kind: str, terms: Sequence[Term]) -> dict[str, Term]:
    return {f"{kind}_{place}": term for place, term in enumerate(terms)}


def _once(name: str) -> str:
    return f"{name}_once"


def _hold(name: str) -> str:
    """Return the condition that the words of a row hold what a parameter asks for."""
    return f"words @@ %({name})s::tsquery"
