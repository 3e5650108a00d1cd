"""Measures every operation of the list, one connection at a time, as multiples of what a bare Django view costs.

    .venv/bin/python -m tests.bench --commitments 100000

Fills var/bench.<size>.sqlite3 once (some minutes at 100,000), or the database that --database names, and needs `wrk`;
with `nginx` it measures a static page too. The servers are asked in turn, round by round, and medians are printed.
"""

import argparse
import contextlib
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.bench.rivals import Figures, Server, serve_datasette, serve_site, serve_static

PARTS = "tests.bench.applications:application"  # the site without its finished pages, or less
WORDS = "children"
ADDRESSES = {
    "list, first page": "/commitments/",
    "one department": "/commitments/?department=department-7",
    "department and words": f"/commitments/?department=department-7&q={WORDS}",
    "common words": f"/commitments/?q={WORDS}",
    "a page in the middle": "/commitments/?page={middle}",
    "the last page": "/commitments/?page={last}",
    "one commitment": "/commitments/BIG-7/",
}
FACETS = "_facet=department&_facet=status&_facet=programme&_facet=kind&_size=25"
DATASETTE = {
    "list, first page": f"/register/commitments?{FACETS}",
    "one department": f"/register/commitments?{FACETS}&department=department-7",
    "department and words": f"/register/commitments?{FACETS}&department=department-7&_search={WORDS}",
    "common words": f"/register/commitments?{FACETS}&_search={WORDS}",
    "a page in the middle": f"/register/commitments?{FACETS}&_next={{half}}",
    "the last page": f"/register/commitments?{FACETS}&_next={{end}}",
    "one commitment": "/register/commitments/7",
}
# The same facts in one table, which is how Datasette is used: with an index for each facet and full-text search.
TABLE = """
CREATE TABLE commitments AS SELECT c.id, c.reference, c.title, c.summary, c.kind, p.slug AS programme,
  d.slug AS department, u.status, u.reason, c.made_on, c.status_since, c.next_due_on
FROM big.tracker_commitment c JOIN big.tracker_programme p ON p.id = c.programme_id
JOIN big.tracker_department d ON d.id = c.department_id
LEFT JOIN big.tracker_statusupdate u ON u.id = c.current_update_id WHERE c.published_at IS NOT NULL;
CREATE UNIQUE INDEX by_id ON commitments (id);
CREATE INDEX by_department ON commitments (department); CREATE INDEX by_status ON commitments (status);
CREATE INDEX by_programme ON commitments (programme); CREATE INDEX by_kind ON commitments (kind);
CREATE VIRTUAL TABLE words USING fts5(title, summary, reason, tokenize='porter', content='commitments');
INSERT INTO words (rowid, title, summary, reason) SELECT rowid, title, summary, reason FROM commitments;
"""


def fill(path: Path, count: int) -> None:
    if not path.exists():
        part = path.with_suffix(".part")  # what was not finished is no register
        part.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.bench.filling", "--commitments", str(count)]
        subprocess.run(command, env=os.environ | {"DATABASE_URL": f"sqlite:///{part.resolve()}"}, check=True)
        part.rename(path)


def collect_static_files() -> None:
    """Compress the static files, without which no page is drawn outside of tests."""
    facts = {"DEBUG": "0", "SECRET_KEY": "of nothing that anybody signs here, and long enough to be taken for one"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | facts | {"DJANGO_SETTINGS_MODULE": "config.settings"}, check=True)


def make_table(path: Path) -> Path:
    """Write the file that Datasette serves."""
    table = path.parent / f"{path.stem}.datasette" / "register.db"
    if not table.exists():
        table.parent.mkdir(exist_ok=True)
        with contextlib.closing(sqlite3.connect(table)) as connection:
            connection.execute("ATTACH ? AS big", [str(path)])
            connection.executescript(TABLE)
    return table


def measure_all(servers: list[tuple[Server, dict[str, str]]], bare: Server, rounds: int, seconds: int):
    """Return the figures of each server and operation, and those of the bare view beside it, round by round."""
    seen: dict[tuple[str, str], list[tuple[Figures, Figures]]] = defaultdict(list)
    for _ in range(rounds):
        for server, addresses in servers:
            for name, address in addresses.items():
                beside = bare.measure("/bare", 1)
                seen[server.name, name].append((server.measure(address, seconds), beside))
                print(".", end="", flush=True)
    print()
    return seen


def describe(pairs: list[tuple[Figures, Figures]]) -> str:
    """Write the medians of some rounds as the cells of a row."""
    ratio = statistics.median(found.p50 / beside.p50 for found, beside in pairs)
    p50, p99, per_second, cpu = (
        statistics.median(getattr(found, name) for found, _ in pairs) for name in ("p50", "p99", "per_second", "cpu")
    )
    return f"{ratio:.1f} | {p50:.1f} | {p99:.1f} | {per_second:.0f} | {cpu:.1f} | {pairs[-1][0].size / 1000:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commitments", type=int, default=100_000)
    parser.add_argument("--database", default="", help="an address of a filled database, in place of a file of SQLite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("The bench needs wrk: apt-get install wrk")
    path = Path(f"var/bench.{asked.commitments}.sqlite3").absolute()
    path.parent.mkdir(exist_ok=True)
    if not asked.database:
        fill(path, asked.commitments)
    collect_static_files()
    database = asked.database or f"sqlite:///{path}"
    pages = -(-asked.commitments // 25)
    places = {"middle": pages // 2, "last": pages, "half": asked.commitments // 2, "end": asked.commitments - 25}
    ours = {name: address.format(**places) for name, address in ADDRESSES.items()}
    with contextlib.ExitStack() as stack:
        bare = stack.enter_context(
            serve_site(database, application="tests.bench.applications:application", bench="bare")
        )
        site = serve_site(database, application="tests.bench.applications:application", bench="uncached")
        cold = serve_site(database, application="tests.bench.applications:application", bench="nothing kept")
        servers = [(stack.enter_context(site), ours), (stack.enter_context(cold), ours)]
        kept = stack.enter_context(serve_site(database))
        servers.append((kept, {"list, first page": ours["list, first page"], "one commitment": ours["one commitment"]}))
        if not asked.database:
            table = make_table(path)
            rival = {name: address.format(**places) for name, address in DATASETTE.items()}
            servers.append((stack.enter_context(serve_datasette(table)), rival))
        if shutil.which("nginx"):
            page = kept.ask("/commitments/")[1]
            servers.append((stack.enter_context(serve_static(page)), {"list, first page": "/page.html"}))
        seen = measure_all(servers, bare, asked.rounds, asked.seconds)
        print(f"{asked.commitments:,} commitments. Milliseconds on one connection; medians of {asked.rounds} rounds.\n")
        print("| Server | Operation | times a bare view | p50 | p99 | a second | CPU | kB |")
        print("|---|---|---|---|---|---|---|---|")
        for (server, name), pairs in seen.items():
            print(f"| {server} | {name} | {describe(pairs)} |")
        print()
        for server, _ in [*servers, (bare, {})]:
            print(f"{server.name}: at most {server.read_memory():.0f} MB in a process")


if __name__ == "__main__":
    main()
