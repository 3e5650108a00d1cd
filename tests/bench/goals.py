"""What the register is to reach at a hundred thousand commitments and a million, and what the results say of it."""

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.bench.before import EARLIER
from tests.bench.lists import COMMITMENT, UNCACHED
from tests.bench.measuring import Result
from tests.bench.places import SQLITE
from tests.bench.rates import FILE, NOT_CHANGED, THROUGH
from tests.bench.servers import FINISHED, SHIPPED

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """The worst figure of a goal, and what it is of."""

    value: float
    of: str = ""


@dataclass(frozen=True)
class Goal:
    """A figure to stay at or under, or at or over with `is_least`; `find` says what one part's result has."""

    name: str
    limit: float
    part: str
    find: Callable[[Result, dict[str, Result]], Found | None]
    is_least: bool = False
    unit: str = " times"

    def is_met(self, found: Found) -> bool:
        return found.value >= self.limit if self.is_least else found.value <= self.limit

    @property
    def target(self) -> str:
        return f"at {'least' if self.is_least else 'most'} {self.limit:g}{self.unit}"


def compare(row: Row, figure: str = "p50") -> float:
    """Return the median of a figure as a multiple of the bare view's beside it, pair by pair.

    It is no number where the bare view was not seen to use any, as may be of processor time.
    """
    pairs = [each for each in row["rounds"] if each["beside"][figure]]
    return statistics.median(each["found"][figure] / each["beside"][figure] for each in pairs) if pairs else math.nan


def compare_pairs(row: Row, other: Row, figure: str = "p50") -> float:
    """Return the median of another row's figure as a multiple of that of a row, round by round."""
    pairs = zip(row["rounds"], other["rounds"], strict=True)
    return statistics.median(second["found"][figure] / first["found"][figure] for first, second in pairs)


def take_median(row: Row, figure: str) -> float:
    return statistics.median(each["found"][figure] for each in row["rounds"])


def pick(result: Result, server: str, *operations: str) -> list[Row]:
    """Return a server's rows, of some operations alone where any are named."""
    rows = [row for row in result["rows"] if row["server"] == server]
    return [row for row in rows if row["operation"] in operations] if operations else rows


def find_worst(found: Iterable[tuple[float, str]], worst: Callable[..., Any] = max) -> Found | None:
    figures = list(found)
    return Found(*worst(figures)) if figures else None


def find_lists(result: Result, others: dict[str, Result]) -> Found | None:
    rows = (row for row in pick(result, UNCACHED) if row["operation"] != COMMITMENT)
    return find_worst((compare(row), row["operation"]) for row in rows)


def find_commitment(result: Result, others: dict[str, Result]) -> Found | None:
    return find_worst((compare(row), "") for row in pick(result, UNCACHED, COMMITMENT))


def find_beside_datasette(result: Result, others: dict[str, Result]) -> Found | None:
    """Compare multiples of the bare view, as Datasette is measured beside SQLite alone."""
    rows = pick(others.get(SQLITE, {"rows": []}), "Datasette")
    rival = {row["operation"]: compare(row) for row in rows if row["operation"] != COMMITMENT}
    ours = {row["operation"]: compare(row) for row in pick(result, UNCACHED)}
    return find_worst((ours[name] / rival[name], name) for name in rival)


def find_finished(result: Result, others: dict[str, Result]) -> Found | None:
    rows = (row for row in pick(result, FINISHED) if not row["operation"].endswith(NOT_CHANGED.format("")))
    return find_worst(((compare(row, "per_second"), row["operation"]) for row in rows), min)


def find_not_changed(result: Result, others: dict[str, Result]) -> Found | None:
    rows = (row for row in pick(result, FINISHED) if row["operation"].endswith(NOT_CHANGED.format("")))
    return find_worst(((compare(row, "per_second"), row["operation"]) for row in rows), min)


def find_through_nginx(result: Result, others: dict[str, Result]) -> Found | None:
    through, file = (pick(result, SHIPPED, name) for name in (THROUGH, FILE))
    if not through or not file:
        return None
    return Found(100 * compare_pairs(file[0], through[0], "per_second"))


def compare_sizes(result: Result, operation: str, bench: str = UNCACHED) -> float | None:
    """Return how many times as long an operation takes at the bigger size, pair by pair."""
    sizes = (result["from_commitments"], result["commitments"])
    rows = [pick(result, f"{bench}, {size}", operation) for size in sizes]
    if not all(rows):
        return None
    return compare_pairs(rows[0][0], rows[1][0])


def find_growth(*operations: str) -> Callable[[Result, dict[str, Result]], Found | None]:
    def find(result: Result, others: dict[str, Result]) -> Found | None:
        grown = ((compare_sizes(result, name), name) for name in operations)
        return find_worst((ratio, name) for ratio, name in grown if ratio is not None)

    return find


def find_queries(result: Result, others: dict[str, Result]) -> Found | None:
    """Return how often a page of the list asks for a question that is new to a process that has answered others."""
    rows = (row for row in pick(result, UNCACHED) if row["operation"] != COMMITMENT and row["queries"])
    return find_worst((row["queries"][1], row["operation"]) for row in rows)


def find_csv(result: Result, others: dict[str, Result]) -> Found | None:
    return Found(result["rows"][0]["seconds"] / min(result["dumped"])) if result["dumped"] else None


def find_memory(result: Result, others: dict[str, Result]) -> Found | None:
    small, big = result["rows"]
    return Found(big["most"] / small["most"])


def find_start(result: Result, others: dict[str, Result]) -> Found | None:
    return Found(statistics.median(row["page"] / row["check"] for row in result["rows"]))


def find_slowest(result: Result, others: dict[str, Result]) -> Found | None:
    return find_worst((row["seconds"], "") for row in result["slowest"])


def find_real(result: Result, others: dict[str, Result]) -> Found | None:
    """Return how many times as long as before a page of the real register takes, without finished pages."""
    before, now = ({row["operation"]: row for row in pick(result, server)} for server in (EARLIER, UNCACHED))
    return find_worst((compare_pairs(before[name], now[name]), name) for name in now)


STEADY = ("list, first page", "one department", COMMITMENT, "the last page")
GOALS = [
    Goal("Every operation of the list, uncached: p50 beside a bare view", 12, "lists", find_lists),
    Goal("The same beside Datasette's time", 0.1, "lists", find_beside_datasette),
    Goal("A commitment with 8 updates and 12 citations, uncached: p50 beside a bare view", 8, "lists", find_commitment),
    Goal("Any finished page: requests a second beside a bare view", 2, "rates", find_finished, is_least=True),
    Goal("304: requests a second beside a bare view", 3, "rates", find_not_changed, is_least=True),
    Goal(
        *("Through the shipped nginx cache, beside the same bytes as a file", 70, "rates", find_through_nginx),
        is_least=True,
        unit=" %",
    ),
    Goal("Growth of list, department, commitment and last page", 1.3, "growth", find_growth(*STEADY)),
    Goal("Growth of a common word", 1.5, "growth", find_growth("common words")),
    Goal("Growth of a page in the middle", 3, "growth", find_growth("a page in the middle")),
    Goal("Growth of two words", 4, "growth", find_growth("two words")),
    Goal("Questions to the database for a whole page of the list", 4, "lists", find_queries, unit=""),
    Goal("CSV of everything, beside the dump of `sqlite3`", 5, "files", find_csv),
    Goal("Memory of a worker beside that at the smaller size", 1.3, "memory", find_memory),
    Goal("Cold start to first page, beside `manage.py check`", 1.5, "start", find_start),
    Goal("A page of the real register, uncached: p50 beside that at e4bdb2b", 1, "real", find_real),
    Goal("The slowest of the generated questions", 1, "questions", find_slowest, unit=" s"),
]
