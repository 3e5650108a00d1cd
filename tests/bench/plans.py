"""Asks by which plans the database answers what pages ask most, in a process of its own: `Place.run` starts it.

Prints, as JSON, each plan that does not use the index that was made for it, and each line of a plan by which a
commitment's page reads the whole of a table that grows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client

from tests.bench import applications  # noqa: F401 - the site as it is served
from tests.bench.register import FULL
from tracker import keeping

ROLL = ("SELECT group_concat", "SELECT string_agg")  # how the query for a column of all rows begins
RANKS = ("SELECT group_concat(CAST(", "SELECT step")
VALUES = 'SELECT "tracker_commitment"."id" AS "pk", "tracker_commitment"."reference"'
CHANGES = "/changes/?since=2025-11-01&until=2025-11-04"
KINDS = ("SELECT CAST(", "SELECT (%s)::", "(SELECT (")  # how the queries for kinds of change begin
WORDS = "search_commitment VIRTUAL TABLE INDEX|search_commitment_words"
LARGE = ("commitment", "statusupdate", "evidence", "standing", "milestone", "milestoneupdate", "response", "document")

Query = tuple[str, Any]


class Hot(NamedTuple):
    """A query of a page: how it begins, and the index that it uses, or either of several."""

    address: str
    begins: str | tuple[str, ...]
    index: str


HOT = {
    "the roll of all": Hot("/commitments/", ROLL, "commitment_in_order|Seq Scan"),
    "a search": Hot("/commitments/?q=moore", RANKS, WORDS),
    "a search of a past day": Hot("/commitments/?q=moore&on=2020-06-01", RANKS, WORDS),
    "a past day": Hot(
        # PostgreSQL reads all standings at once, a sixth of which are of the day, sooner than it would by the index.
        *("/commitments/?on=2020-06-01", ROLL, "standing_of_commitment|standing_on_a_day|Seq Scan on tracker_standing"),
    ),
    "a commitment's history": Hot(
        f"/commitments/BIG-{FULL}/",
        'SELECT "tracker_statusupdate"."id"',
        "status_update_history|tracker_statusupdate_commitment_id",
    ),
    "the evidence of its history": Hot(
        f"/commitments/BIG-{FULL}/", 'SELECT "tracker_evidence"."id"', "tracker_evidence_status_update_id"
    ),
    "the rows of a page by their keys": Hot(
        "/api/commitments/?per_page=10", VALUES, "PRIMARY KEY|tracker_commitment_pkey"
    ),
    "how a department stands": Hot(
        "/departments/department-7/",
        'SELECT "tracker_commitment"."current_status"',
        "commitment_counts|commitment_department_id",
    ),
    "the statuses that moved": Hot(CHANGES, KINDS, "standing_on_a_day"),
    "the answers given": Hot(CHANGES, KINDS, "response_on"),
    "the dates that passed": Hot(CHANGES, KINDS, "milestone_due_on"),
}


@contextmanager
def listen() -> Iterator[list[Query]]:
    """Gather what is asked of the database, with its parameters."""
    heard: list[Query] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield heard


def hear_page(address: str) -> list[Query]:
    """Return what a page asks."""
    with listen() as heard:
        response = Client(headers={"host": "127.0.0.1"}).get(address)
    assert response.status_code == 200
    return [query for query in heard if query[0].lstrip("(").startswith("SELECT")]


def explain(query: Query) -> list[str]:
    """Return the lines of the plan by which the database answers a query."""
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {query[0]}", query[1])
        return [str(line[-1]).strip() for line in cursor.fetchall()]


def find_plan(hot: Hot) -> str:
    keeping.forget()
    return "\n".join(
        line for query in hear_page(hot.address) if query[0].startswith(hot.begins) for line in explain(query)
    )


def find_unindexed() -> dict[str, str]:
    """Return the plans that do not use their index."""
    plans = {name: find_plan(hot) for name, hot in HOT.items()}
    return {name: plan or "not asked" for name, plan in plans.items() if not re.search(HOT[name].index, plan)}


def find_whole_readings() -> list[str]:
    """Return where a commitment's page reads the whole of a table that grows."""
    scan = "SCAN tracker_{}" if connection.vendor == "sqlite" else "Seq Scan on tracker_{}"
    starts = [scan.format(name) for name in LARGE]
    hear_page("/commitments/")  # what every page has in common is kept from then on
    lines = (line for query in hear_page(f"/commitments/BIG-{FULL}/") for line in explain(query))
    return [line for line in lines if any(f"{start} " in f"{line} " for start in starts)]


def main() -> None:
    print(json.dumps({"hot queries": len(HOT), "unindexed": find_unindexed(), "read whole": find_whole_readings()}))


if __name__ == "__main__":
    main()
