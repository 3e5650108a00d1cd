"""Measures the register at sizes far beyond its own, beside what a reader could use instead: `make bench`.

    .venv/bin/python -m tests.bench                                  everything, about half an hour once all is filled
    .venv/bin/python -m tests.bench --quick                          everything on small registers, to try it out
    .venv/bin/python -m tests.bench lists questions                  some parts alone: see `PARTS`
    .venv/bin/python -m tests.bench lists --commitments 10000 --database sqlite
    .venv/bin/python -m tests.bench lists --database postgres://...  a database that is filled already
    .venv/bin/python -m tests.bench report                           write FIGURES.md from what was kept

Registers are made up once and stay: files of SQLite under var/, and databases on the server at TEST_POSTGRES_URL, which
is left out where it does not answer. Needs wrk, and for some rows nginx and sqlite3. Nothing else should run beside it.
"""

import argparse
import shutil
import time
from collections.abc import Callable
from typing import NamedTuple

from config.stopping import stop_when_told
from tests.bench import report
from tests.bench.before import measure_real
from tests.bench.files import measure_files
from tests.bench.lists import measure_growth, measure_lists
from tests.bench.measuring import QUIETLY, RESULTS, TRIED, Pace, Result, describe, keep
from tests.bench.places import POSTGRESQL, SQLITE, Place, find_place, list_databases, name_place
from tests.bench.processes import measure_memory, measure_start
from tests.bench.rates import measure_rates
from tests.bench.servers import collect_static_files

SHOWN = 20  # of the slowest questions


class Plan(NamedTuple):
    """What a run measures, at which sizes and how long."""

    commitments: int = 100_000
    small: int = 1_000
    grows_from: int = 10_000
    big: int = 1_000_000
    questions: int = 2_000
    pace: Pace = Pace(rounds=3, seconds=2)


QUICK = Plan(commitments=1_000, small=100, grows_from=100, big=1_000, questions=50, pace=Pace(rounds=1, seconds=1))
Find = Callable[[int], Place]


def measure_questions(find: Find, plan: Plan) -> Result:
    place = find(plan.commitments)
    asked = (f"--commitments={place.commitments}", f"--count={plan.questions}")
    rows = place.run("tests.bench.questions", *asked, **QUIETLY)
    failed = [row for row in rows if row["status"] >= 500]
    slowest = sorted(rows, key=lambda row: row["seconds"], reverse=True)[:SHOWN]
    for row in (*failed, *slowest):
        print(f"{row['seconds']:.3f} s, {row['processor']:.3f} s of the processor, {row['status']}: {row['address']}")
    return describe("questions", place, asked=len(rows), failed=failed, slowest=slowest)


FILL, REPORT, REAL = "fill", "report", "real"
PARTS: dict[str, Callable[[Find, Plan], Result]] = {
    "lists": lambda find, plan: measure_lists(find(plan.commitments), plan.pace),
    "rates": lambda find, plan: measure_rates(find(plan.commitments), plan.pace),
    "growth": lambda find, plan: measure_growth(find(plan.grows_from), find(plan.big), plan.pace),
    "questions": measure_questions,
    "files": lambda find, plan: measure_files(find(plan.commitments), plan.pace),
    "memory": lambda find, plan: measure_memory(find(plan.small), find(plan.big)),
    "start": lambda find, plan: measure_start(find(plan.commitments), plan.pace),
    REAL: lambda find, plan: measure_real(plan.pace),
}
NAMES = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join((FILL, *PARTS, REPORT))}; all otherwise")
    parser.add_argument("--database", default="", help="sqlite, postgresql, or the address of one that is filled")
    parser.add_argument("--commitments", type=int, help="the size of the register, where a part has one")
    parser.add_argument("--from", type=int, dest="grows_from", help="the size that growth is measured from")
    parser.add_argument("--to", type=int, dest="big", help="the size that growth and memory are measured at")
    parser.add_argument("--questions", type=int, help="how many are made up")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--seconds", type=int, help="how long each measurement takes")
    parser.add_argument("--quick", action="store_true", help="small registers and one round, to see that it works")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - {FILL, *PARTS, REPORT}:
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    if "://" in asked.database and (not asked.parts or {"growth", "memory"} & set(asked.parts)):
        parser.error("Growth and memory are of two registers, so no address can be given for them.")
    return asked


def make_plan(asked: argparse.Namespace) -> Plan:
    plan = QUICK if asked.quick else Plan()
    pace = Pace(asked.rounds or plan.pace.rounds, asked.seconds or plan.pace.seconds)
    given = {name: getattr(asked, name) for name in ("commitments", "grows_from", "big", "questions")}
    return plan._replace(pace=pace, **{name: value for name, value in given.items() if value})


def choose_places(database: str) -> list[Find]:
    """Return, for each database that is measured, how its register of a size is found."""
    if "://" in database:
        return [lambda commitments: name_place(database, commitments)]
    chosen = [NAMES[database]] if database else list_databases()
    return [lambda commitments, name=name: find_place(name, commitments) for name in chosen]  # type: ignore[misc]


def main() -> None:
    asked = read_arguments()
    stop_when_told()  # and the servers with it
    plan, began = make_plan(asked), time.monotonic()
    parts = asked.parts or [*(part for part in PARTS if not (asked.quick and part == REAL)), REPORT]
    folder = TRIED if asked.quick else RESULTS
    measured = [part for part in parts if part in PARTS]
    if measured and not shutil.which("wrk"):
        raise SystemExit("The bench needs wrk: apt-get install wrk")
    if measured:
        collect_static_files()
    for find in choose_places(asked.database) if parts != [REPORT] else []:
        if FILL in parts:
            print(find(plan.commitments).url)
        for part in measured:
            print(f"{time.monotonic() - began:.0f} s: {part}", flush=True)
            keep(PARTS[part](find, plan), folder)
    if REPORT in parts:
        if not asked.quick:
            report.publish()
        print(report.write_page(report.read(folder)))


if __name__ == "__main__":
    main()
