"""The page of figures is made of the bench's results alone, and says met only where a goal is."""

import json

import pytest

from tests.bench.before import EARLIER
from tests.bench.goals import GOALS
from tests.bench.lists import COMMITMENT, UNCACHED
from tests.bench.places import POSTGRESQL, SQLITE
from tests.bench.report import FIGURES, PAGE, README, judge, put_goals, write_page
from tests.bench.servers import FINISHED, SHIPPED

PACE = {"rounds": 3, "seconds": 1}
QUESTIONS = "Questions to the database for a whole page of the list"


def make_round(p50: float, beside: float = 1.0, *, rate: float = 100.0) -> dict:
    found = {"p50": p50, "p99": 2 * p50, "per_second": rate, "cpu": p50, "size": 20_000, "refused": 0}
    return {"found": found, "beside": found | {"p50": beside, "per_second": 100.0}}


def make_row(server: str, operation: str, *rounds: dict, queries: tuple[int, ...] = ()) -> dict:
    return {"server": server, "operation": operation, "address": "/", "rounds": rounds, "queries": list(queries)}


def make_result(part: str, database: str = SQLITE, commitments: int = 100_000, **facts) -> dict:
    about = {"part": part, "database": database, "commitments": commitments, "on": "2026-11-28"}
    return about | {"versions": {"Python": "3.11.2", "machine": "2 cores, a processor"}, "pace": PACE} | facts


def find_goal(name: str):
    return next(goal for goal in GOALS if goal.name == name)


def test_the_page_is_what_the_figures_make():
    results = json.loads(FIGURES.read_text())
    assert PAGE.read_text() == write_page(results)
    assert README.read_text() == put_goals(README.read_text(), results)


def test_what_was_not_measured_is_neither_met_nor_missed():
    page = write_page([])

    assert page.count("| not measured | not measured |") == len(GOALS)
    assert ", met" not in page
    assert ", missed" not in page


@pytest.mark.parametrize(("slowest", "said"), [(12.0, "12.0 times, met"), (12.5, "12.5 times, missed")])
def test_the_slowest_operation_decides_by_the_median_of_its_pairs(slowest, said):
    rows = [
        make_row(UNCACHED, "list, first page", *(make_round(5) for _ in range(3))),
        make_row(UNCACHED, "common words", make_round(1), make_round(2 * slowest, 2), make_round(99)),
        make_row(UNCACHED, COMMITMENT, *(make_round(50) for _ in range(3))),
        make_row("Datasette", "common words", *(make_round(100) for _ in range(3))),
    ]
    goal = find_goal("Every operation of the list, uncached: p50 beside a bare view")

    assert judge(goal, [make_result("lists", rows=rows)], SQLITE) == f"{said} (common words)"
    assert judge(goal, [make_result("lists", rows=rows)], POSTGRESQL) == "not measured"


def test_the_greatest_size_that_was_measured_decides():
    results = [
        make_result(
            "lists", commitments=size, rows=[make_row(UNCACHED, "common words", make_round(p50), queries=(9, q, 2))]
        )
        for size, p50, q in ((100_000, 5, 5), (1000, 1, 1))
    ]

    assert judge(find_goal(QUESTIONS), results, SQLITE) == "5.00, missed (common words)"


def test_postgresql_is_compared_with_datasette_beside_sqlite():
    of_sqlite = [
        make_row(UNCACHED, "common words", make_round(6)),
        make_row("Datasette", "common words", make_round(200)),
    ]
    of_postgresql = [make_row(UNCACHED, "common words", make_round(30))]
    results = [make_result("lists", rows=of_sqlite), make_result("lists", POSTGRESQL, rows=of_postgresql)]
    goal = find_goal("The same beside Datasette's time")

    assert judge(goal, results, SQLITE) == "0.03 times, met (common words)"
    assert judge(goal, results, POSTGRESQL) == "0.15 times, missed (common words)"
    results[1]["commitments"] = 5
    assert judge(goal, results, POSTGRESQL) == "0.15 times, missed (common words), at 5 commitments alone"


def test_a_long_address_is_cut_and_no_figure_is_made_of_nothing():
    slow = {"address": "/commitments/?q=" + 300 * "a", "status": 200, "seconds": 2, "processor": 0}
    idle = make_round(5)
    idle["beside"]["cpu"] = 0
    lists = make_result("lists", rows=[make_row(UNCACHED, "common words", idle)], memory={UNCACHED: 99.6})
    page = write_page([make_result("questions", asked=1, failed=[], slowest=[slow]), lists])

    assert f"| `/commitments/?q={184 * 'a'}… (316 characters)` | 2.00 | 0.00 |" in page
    assert "| uncached | common words | 5.00 | 5.00 | 10.0 | 100 | 1.00 | 5.00 |  | 20.0 |  |" in page
    assert "| uncached | at most 100 MB in a process |" in page


def test_the_least_rate_decides_where_more_is_better():
    rows = [
        make_row(FINISHED, "list, first page", make_round(1, rate=250)),
        make_row(FINISHED, COMMITMENT, make_round(1, rate=190)),
        make_row(FINISHED, "list, first page, 304", make_round(1, rate=310)),
        make_row(SHIPPED, "through the cache", make_round(1, rate=69)),
        make_row(SHIPPED, "the same bytes as a file", make_round(1, rate=100)),
    ]
    result = [make_result("rates", rows=rows, memory={FINISHED: 80})]
    said = [judge(goal, result, SQLITE) for goal in GOALS if goal.part == "rates"]

    assert said == [
        f"1.90 times, missed ({COMMITMENT})",
        "3.10 times, met (list, first page, 304)",
        "69.0 %, missed",
    ]


def test_every_other_part_has_its_goals_and_its_table():
    sizes = {"small": f"{UNCACHED}, 10000", "big": f"{UNCACHED}, 1000000"}
    names = ["list, first page", "one department", COMMITMENT, "the last page", "common words", "two words"]
    growth = [make_row(sizes[size], name, make_round(2)) for name in names for size in sizes]
    file = {"address": "/commitments.csv", "first": 30.0, "seconds": 4.0, "size": 5_000_000, "grown": 3.0}
    memory = [
        {"commitments": size, "held": 90, "most": most, "failed": 0} for size, most in ((1000, 100), (10**6, 140))
    ]
    slowest = [{"address": "/commitments/?q=the", "status": 200, "seconds": 1.25, "processor": 1.0}]
    results = [
        make_result("growth", commitments=10**6, from_commitments=10_000, rows=growth),
        make_result("files", rows=[file], dumped=[1.0, 2.0]),
        make_result("memory", commitments=10**6, rows=memory),
        make_result("start", rows=[{"page": 3.0, "check": 2.0}]),
        make_result("questions", asked=2000, failed=[], slowest=slowest),
    ]
    said = [judge(goal, results, SQLITE) for goal in GOALS if goal.part not in {"lists", "rates", "real"}]

    assert said == [
        "1.00 times, met (the last page)",
        "1.00 times, met (common words)",
        "not measured",  # a page in the middle
        "1.00 times, met (two words)",
        "4.00 times, met",
        "1.40 times, missed",
        "1.50 times, met",
        "1.25 s, missed",
    ]
    page = write_page(results)
    assert "- 2026-11-28, 2 cores, a processor: Python 3.11.2. (growth on SQLite, files on SQLite, " in page
    assert "| two words | 1.00 |  |" in page
    assert "| `/commitments.csv` | 30 | 4.00 | 5.0 | 3 |\n| the dump of `sqlite3` |  | 1.00 |  |  |" in page
    assert "| 1,000,000 | 90 | 140 | 0 |" in page
    assert "| `/commitments/?q=the` | 1.25 | 1.00 |" in page


def test_each_page_of_the_real_register_is_compared_with_itself_before_round_by_round():
    rows = [
        make_row(EARLIER, "home", make_round(50), make_round(10), make_round(60)),
        make_row(EARLIER, "one commitment", *(make_round(20) for _ in range(3))),
        make_row(UNCACHED, "home", make_round(25), make_round(9), make_round(20)),
        make_row(UNCACHED, "one commitment", *(make_round(21) for _ in range(3))),
    ]
    results = [make_result("real", commitments=102, rows=rows)]
    goal = find_goal("A page of the real register, uncached: p50 beside that at e4bdb2b")

    assert judge(goal, results, SQLITE) == "1.05 times, missed (one commitment)"
    rows[3] = make_row(UNCACHED, "one commitment", *(make_round(19) for _ in range(3)))
    assert judge(goal, results, SQLITE) == "0.95 times, met (one commitment)"
    assert "## The real register, beside itself before its pages were made fast: SQLite, 102" in write_page(results)
