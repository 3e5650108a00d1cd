"""Writes what was measured as a page: FIGURES.md, from the results in figures.json beside it, and from nothing else."""

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.goals import GOALS, Goal, Row, compare, compare_sizes, take_median
from tests.bench.lists import GROWING, NOTHING_KEPT, UNCACHED
from tests.bench.measuring import RESULTS, Result
from tests.bench.places import POSTGRESQL, SQLITE

HERE = Path(__file__).parent
FIGURES, PAGE, README = HERE / "figures.json", HERE / "FIGURES.md", HERE.parent.parent / "README.md"
START, END = "<!-- what was measured -->\n", "<!-- /what was measured -->\n"
LONGEST = 200  # characters of an address
HEAD = """# What was measured

`make bench` measures the register at sizes far beyond its own; `python -m tests.bench report` wrote this page from
`figures.json`, which has every round. A ratio is the median over the rounds of what was measured over what a bare
Django view took beside it, on the same server, or over what else is named. “Uncached” is without finished pages;
“nothing kept” is without the numbers that a process keeps, too. Milliseconds are on one connection; CPU is that of the
server's own processes for each request, without PostgreSQL's. Registers have 4 updates and 6 citations for each
commitment; those of half a million and more have one of each.
"""


def read(folder: Path) -> list[Result]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def publish() -> None:
    """Write all results of the last runs into one file, and the page from that."""
    results = read(RESULTS)
    FIGURES.write_text(json.dumps(results, separators=(",", ":")) + "\n")
    PAGE.write_text(write_page(results))
    README.write_text(put_goals(README.read_text(), results))


def put_goals(readme: str, results: list[Result]) -> str:
    """Put what was found for each goal between its two marks in the README."""
    before, _, rest = readme.partition(START)
    return f"{before}{START}{write_summary(results)}{END}{rest.partition(END)[2]}"


def write_summary(results: list[Result]) -> str:
    return "\n".join([*describe_versions(results), write_goals(results)])


def write_page(results: list[Result]) -> str:
    parts = [HEAD, write_summary(results)]
    for result in results:
        title = f"{TITLES[result['part']]}: {result['database']}, {result['commitments']:,} commitments"
        parts.append(f"\n## {title}\n\n{write_table(*TABLES[result['part']](result))}")
    return "\n".join(parts)


def describe_versions(results: list[Result]) -> Iterator[str]:
    """Yield when and with what it was measured: one line for each set of versions."""
    seen: dict[str, list[str]] = {}
    for result in results:
        versions = {name: version for name, version in result["versions"].items() if version}
        named = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "machine")
        line = f"{result['on']}, {versions.get('machine', '')}: {named}."
        seen.setdefault(line, []).append(f"{result['part']} on {result['database']}")
    for line, parts in seen.items():
        yield f"- {line} ({', '.join(dict.fromkeys(parts))})"


def write_goals(results: list[Result]) -> str:
    rows = [[goal.name, goal.target, *(judge(goal, results, each) for each in (SQLITE, POSTGRESQL))] for goal in GOALS]
    return "\n" + write_table(["Goal", "Figure", SQLITE, POSTGRESQL], rows)


def judge(goal: Goal, results: list[Result], database: str) -> str:
    """Say what was found for a goal on a database at the greatest size that was measured, and whether that meets it."""
    found = {}
    for result in sorted(results, key=lambda each: each["commitments"]):
        if result["part"] == goal.part:
            found[result["database"]] = result
    figure = goal.find(found[database], found) if database in found else None
    if figure is None:
        return "not measured"
    of = f" ({figure.of})" if figure.of else ""
    size = found[database]["commitments"]
    at = f", at {size:,} commitments alone" if size < max(each["commitments"] for each in found.values()) else ""
    return f"{round_off(figure.value)}{goal.unit}, {'met' if goal.is_met(figure) else 'missed'}{of}{at}"


def round_off(value: float) -> str:
    """Write a figure so that none looks better than it is: two decimals below ten, none from a hundred on."""
    if math.isnan(value):
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def write_table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def tabulate_servers(result: Result) -> tuple[list[str], list[list[str]]]:
    heads = [
        "Server",
        "Operation",
        "times a bare view",
        "p50 ms",
        "p99 ms",
        "a second",
        "times its rate",
        "CPU ms",
        "times its CPU",
    ]
    rows = [describe(row) for row in result["rows"]]
    for server, held in result.get("memory", {}).items():
        rows.append([server, f"at most {held:.0f} MB in a process", *[""] * len(heads)])
    return [*heads, "kB", "queries: first, new, again"], rows


def describe(row: Row) -> list[str]:
    figures = [round_off(take_median(row, name)) for name in ("p50", "p99", "per_second")]
    return [
        row["server"],
        row["operation"],
        round_off(compare(row)),
        *figures,
        round_off(compare(row, "per_second")),
        round_off(take_median(row, "cpu")),
        round_off(compare(row, "cpu")),
        f"{take_median(row, 'size') / 1000:.1f}",
        ", ".join(map(str, row["queries"])),
    ]


def tabulate_growth(result: Result) -> tuple[list[str], list[list[str]]]:
    rows = []
    for name in GROWING:
        ratios = [compare_sizes(result, name, bench) for bench in (UNCACHED, NOTHING_KEPT)]
        rows.append([name, *("" if ratio is None else round_off(ratio) for ratio in ratios)])
    return [f"Operation, times its p50 at {result['from_commitments']:,}", UNCACHED, NOTHING_KEPT], rows


def tabulate_files(result: Result) -> tuple[list[str], list[list[str]]]:
    rows = [describe_file(row) for row in result["rows"]]
    if result["dumped"]:
        rows.append(["the dump of `sqlite3`", "", f"{min(result['dumped']):.2f}", "", ""])
    return ["File", "first byte ms", "all s", "MB", "memory grew MB"], rows


def describe_file(row: Row) -> list[str]:
    times = (f"{row['first']:.0f}", f"{row['seconds']:.2f}")
    return [f"`{row['address']}`", *times, f"{row['size'] / 1e6:.1f}", f"{row['grown']:.0f}"]


def tabulate_memory(result: Result) -> tuple[list[str], list[list[str]]]:
    names = ("commitments", "held", "most", "failed")
    rows = [[f"{row[name]:,.0f}" for name in names] for row in result["rows"]]
    return ["Commitments", "MB after the mix", "MB at most", "requests that failed"], rows


def tabulate_start(result: Result) -> tuple[list[str], list[list[str]]]:
    rows = [[f"{row['page']:.2f}", f"{row['check']:.2f}"] for row in result["rows"]]
    return ["s to the first page", "s for `manage.py check`"], rows


def tabulate_questions(result: Result) -> tuple[list[str], list[list[str]]]:
    rows = [
        [f"`{shorten(row['address'])}`", f"{row['seconds']:.2f}", f"{row['processor']:.2f}"]
        for row in result["slowest"]
    ]
    asked = f"The slowest of {result['asked']:,} questions; of three times, the one in the middle"
    return [asked, "s", "s of the site's processor"], rows


def shorten(address: str) -> str:
    """Return the beginning of an address that is longer than anybody reads; `figures.json` has it whole."""
    return address if len(address) <= LONGEST else f"{address[:LONGEST]}… ({len(address)} characters)"


TITLES = {
    "lists": "Lists",
    "rates": "Finished pages",
    "growth": "Growth",
    "files": "Files",
    "memory": "Memory",
    "start": "Start",
    "questions": "Generated questions",
    "real": "The real register, beside itself before its pages were made fast",
}
TABLES: dict[str, Any] = {
    "lists": tabulate_servers,
    "rates": tabulate_servers,
    "growth": tabulate_growth,
    "files": tabulate_files,
    "memory": tabulate_memory,
    "start": tabulate_start,
    "questions": tabulate_questions,
    "real": tabulate_servers,
}
