"""Every operation of the list and a commitment's page: ours, Datasette's and the Django admin's."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

from tests.bench.measuring import Pace, Result, Row, Task, count_queries, describe, measure_in_turn
from tests.bench.places import SQLITE, Place
from tests.bench.servers import Server, serve_datasette, serve_site

BARE, UNCACHED, NOTHING_KEPT = "bare", "uncached", "nothing kept"  # as `applications` calls them
ADMIN, ADMIN_WITH_FACETS = "Django admin, no facets", "Django admin with facets"
COMMITMENT = "one commitment"
WORD, OTHER = "children", "police"
ADDRESSES = {
    "list, first page": "/commitments/",
    "one department": "/commitments/?department=department-7",
    "department and words": f"/commitments/?department=department-7&q={WORD}",
    "common words": f"/commitments/?q={WORD}",
    "a page in the middle": "/commitments/?page={middle}",
    "the last page": "/commitments/?page={last}",
    COMMITMENT: "/commitments/BIG-7/",
}
GROWING = ADDRESSES | {"two words": f"/commitments/?q={WORD}+{OTHER}"}
CHANGES = "/admin/tracker/commitment/"
DJANGO = {
    "list, first page": CHANGES,
    "one department": f"{CHANGES}?department__id__exact=7",
    "department and words": f"{CHANGES}?department__id__exact=7&q={WORD}",
    "common words": f"{CHANGES}?q={WORD}",
    "a page in the middle": f"{CHANGES}?p={{middle}}",
    "the last page": f"{CHANGES}?p={{last}}",
    COMMITMENT: f"{CHANGES}7/change/",
}
FACETS = "_facet=department&_facet=status&_facet=programme&_facet=kind&_size=25"
DATASETTE = {
    "list, first page": f"/register/commitments?{FACETS}",
    "one department": f"/register/commitments?{FACETS}&department=department-7",
    "department and words": f"/register/commitments?{FACETS}&department=department-7&_search={WORD}",
    "common words": f"/register/commitments?{FACETS}&_search={WORD}",
    "a page in the middle": f"/register/commitments?{FACETS}&_next={{half}}",
    "the last page": f"/register/commitments?{FACETS}&_next={{end}}",
    COMMITMENT: "/register/commitments/7",
}
# The same facts in one table, which is how Datasette is used: with an index for each facet and full-text search.
TABLE = """
CREATE TABLE commitments (id INTEGER PRIMARY KEY, reference, title, summary, kind, programme, department, status,
  reason, made_on, status_since, next_due_on);
INSERT INTO commitments SELECT c.id, c.reference, c.title, c.summary, c.kind, p.slug, d.slug, u.status, u.reason,
  c.made_on, c.status_since, c.next_due_on
FROM big.tracker_commitment c JOIN big.tracker_programme p ON p.id = c.programme_id
JOIN big.tracker_department d ON d.id = c.department_id
LEFT JOIN big.tracker_statusupdate u ON u.id = c.current_update_id WHERE c.published_at IS NOT NULL;
CREATE INDEX by_department ON commitments (department); CREATE INDEX by_status ON commitments (status);
CREATE INDEX by_programme ON commitments (programme); CREATE INDEX by_kind ON commitments (kind);
CREATE VIRTUAL TABLE words USING fts5(title, summary, reason, tokenize='porter', content='commitments');
INSERT INTO words (rowid, title, summary, reason) SELECT rowid, title, summary, reason FROM commitments;
"""


def fill_in(addresses: dict[str, str], commitments: int) -> dict[str, str]:
    """Return the addresses with the numbers of pages that a register of that size has."""
    pages = -(-commitments // 25)
    places = {"middle": pages // 2, "last": pages, "half": commitments // 2, "end": commitments - 25}
    return {name: address.format(**places) for name, address in addresses.items()}


def make_table(place: Place) -> Path:
    """Write the file that Datasette serves."""
    table = place.path.parent / f"{place.path.stem}.datasette" / "register.db"
    if not table.exists():
        shutil.rmtree(table.parent, ignore_errors=True)
        part = table.with_suffix(".part")
        part.parent.mkdir()
        with contextlib.closing(sqlite3.connect(part)) as connection:
            connection.execute("ATTACH ? AS big", [str(place.path)])
            connection.executescript(TABLE)
            connection.execute("ANALYZE main")
            connection.commit()
        part.rename(table)
    return table


def measure_lists(place: Place, pace: Pace) -> Result:
    """Measure all servers in turn on one register."""
    with contextlib.ExitStack() as stack:

        def serve(bench: str, first: str = "/robots.txt") -> Server:
            return stack.enter_context(serve_site(place.url, bench=bench, first=first))

        ours, django = (fill_in(addresses, place.commitments) for addresses in (ADDRESSES, DJANGO))
        tasks = [Task(serve(bench), ours) for bench in (UNCACHED, NOTHING_KEPT)]
        tasks += [Task(serve(bench, "/bare"), django) for bench in (ADMIN, ADMIN_WITH_FACETS)]
        if place.database == SQLITE:
            rival = fill_in(DATASETTE, place.commitments)
            tasks.append(Task(stack.enter_context(serve_datasette(make_table(place))), rival))
        bare = serve(BARE, "/bare")
        rows: list[Row] = measure_in_turn(tasks, bare, pace)
        memory = {server.name: server.read_memory() for server in (bare, *(task.server for task in tasks))}
    count_queries(place, (row for row in rows if row.server != "Datasette"))
    return describe("lists", place, pace=pace, rows=rows, memory=memory)


def measure_growth(small: Place, big: Place, pace: Pace) -> Result:
    """Measure the same operations on two registers in turn; what is without all that is kept, in one round."""
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        bare = stack.enter_context(serve_site(big.url, bench=BARE, first="/bare"))
        for bench, rounds in ((UNCACHED, pace.rounds), (NOTHING_KEPT, 1)):
            pair = []
            for place in (small, big):
                name = f"{bench}, {place.commitments}"
                server = stack.enter_context(serve_site(place.url, bench=bench, name=name))
                pair.append(Task(server, fill_in(GROWING, place.commitments)))
            # The two sizes of one operation come one after the other, so that what else the machine does meets both.
            tasks = [Task(task.server, {name: task.addresses[name]}) for name in GROWING for task in pair]
            rows += measure_in_turn(tasks, bare, Pace(rounds, pace.seconds))
    return describe("growth", big, pace=pace, from_commitments=small.commitments, rows=rows)
