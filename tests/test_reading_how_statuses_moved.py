"""A reader sees how the statuses of a department or a programme moved over time, and reads the same as numbers."""

import datetime as dt
from typing import Any

import pytest

from tests.examples import D, draft_update, make_commitment, make_department, publish_as_approver
from tests.reading import Page, read_page, read_text
from tests.seven import make_seven_commitments
from tracker.charts import build_area_chart, sample_days
from tracker.models import Commitment, Department, Programme, Withdrawal

pytestmark = [pytest.mark.usefixtures("on_21_november_2026"), pytest.mark.django_db]


def publish_update(commitment: Commitment, as_of: str, status: str = "in-progress", **changes: Any) -> Any:
    return publish_as_approver(draft_update(commitment, as_of, status=status, **changes))


def read_numbers(page: Page) -> list[dict[str, str]]:
    """Return the rows of the chart's table by the heads of its columns."""
    (table,) = page.find_all("table", css="register-numbers")
    heads = [read_text(head) for head in table.findall("./thead/tr/th")]
    return [dict(zip(heads, map(read_text, row), strict=True)) for row in table.findall("./tbody/tr")]


def read_standing(page: Page) -> dict[str, str]:
    """Return how many have each status on the page's day, as its first tables say."""
    rows = [row for table in page.find_all("table", css="status-table") for row in table.findall("./tbody/tr")]
    counts = {read_text(row[0]): read_text(row[1]) for row in rows}
    return {name: count for name, count in counts.items() if not name.startswith("All") and count != "0"}


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("question", ["", "?on=2025-06-16", "?on=2025-06-17"])
def test_the_last_numbers_are_those_that_the_page_counts(client, question):
    groups = [*Department.objects.published(), *Programme.objects.published()]
    compared = 0
    for group in groups:
        response = client.get(f"{group.get_absolute_url()}{question}")
        page = Page(response)
        if response.status_code != 200 or not page.find_all("svg", css="area-chart__plot"):
            assert response.status_code == 404 or read_standing(page) == {}
            continue
        last = read_numbers(page)[-1]
        last.pop("At the end of")
        total = last.pop("All")
        assert {name: count for name, count in last.items() if count != "0"} == read_standing(page)
        assert int(total) == sum(map(int, last.values()))
        compared += 1
    assert compared >= 14


@pytest.mark.usefixtures("empty_register")
def test_each_row_tells_the_end_of_its_day(client):
    make_seven_commitments()

    page = read_page(client, "/departments/home-office/?on=2025-07-03")
    numbers = read_numbers(page)

    def row(day: str, *counts: int) -> dict[str, str]:
        heads = ("Delivered", "In progress", "Cannot be judged", "Not yet checked", "All")
        return {"At the end of": day} | dict(zip(heads, map(str, counts), strict=True))

    assert numbers[:7] == [
        row("10 January 2024", 0, 0, 0, 1, 1),
        row("31 January 2024", 0, 0, 0, 2, 2),
        row("29 February 2024", 0, 0, 0, 2, 2),
        row("31 March 2024", 0, 1, 0, 1, 2),
        row("30 April 2024", 0, 1, 0, 1, 2),
        row("31 May 2024", 0, 1, 0, 1, 2),
        row("30 June 2024", 1, 1, 0, 0, 2),
    ]
    assert numbers[-2:] == [row("30 June 2025", 1, 1, 0, 1, 3), row("3 July 2025", 1, 1, 1, 0, 3)]
    assert len(numbers) == 20


@pytest.mark.usefixtures("empty_register")
def test_the_picture_says_its_gist_and_has_its_colours_in_words(client):
    make_seven_commitments()

    page = read_page(client, "/programmes/the-act/")

    (plot,) = page.find_all("svg", css="area-chart__plot")
    assert (plot.attrib["role"], plot.attrib["aria-label"]) == (
        "img",
        "Commitments in this programme by status; on 16 June 2025: 1 not yet checked; "
        "on 21 November 2026: 1 partly delivered, 1 in progress, 1 replaced, 1 cannot be judged",
    )
    (legend,) = page.find_all("ul", css="area-chart__legend")
    words = [read_text(item) for item in legend.iter("li")]
    assert words == ["Not yet checked", "Cannot be judged", "Replaced", "In progress", "Partly delivered"]
    areas = page.find_all("path", css="area-chart__area")
    assert [read_text(area) for area in areas] == words[::-1]
    assert [read_text(level) for level in page.find_all("text", css="area-chart__label--level")] == ["1", "2", "3", "4"]


@pytest.mark.usefixtures("empty_register")
def test_what_a_body_only_supports_or_what_was_withdrawn_is_not_drawn(client):
    commitment = make_commitment(department=make_department("education"))
    commitment.supporting.add(make_department("home-office"))
    assert read_page(client, "/departments/home-office/").find_all("svg", css="area-chart__plot") == []
    assert len(read_numbers(read_page(client, "/departments/education/"))) == 36

    withdrawal = Withdrawal.objects.create(commitment=commitment, reason="It is the same promise as another one.")
    publish_as_approver(withdrawal)

    assert read_page(client, "/departments/education/").find_all("svg", css="area-chart__plot") == []


@pytest.mark.usefixtures("empty_register")
def test_it_is_drawn_as_the_register_itself_knew_it(client, monkeypatch):
    with monkeypatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: dt.datetime(2024, 3, 20, 12, tzinfo=dt.UTC))
        commitment = make_commitment(made_on=D("2024-02-01"))
        wrong = publish_update(commitment, "2024-02-01", "delivered")
    publish_update(commitment, "2024-02-01", "in-progress", corrects=wrong)

    assert read_numbers(read_page(client, "/programmes/the-review/?known=2024-03-20")) == [
        {"At the end of": "1 February 2024", "Delivered": "1", "All": "1"},
        {"At the end of": "29 February 2024", "Delivered": "1", "All": "1"},
        {"At the end of": "20 March 2024", "Delivered": "1", "All": "1"},
    ]
    assert read_numbers(read_page(client, "/programmes/the-review/?on=2024-03-20"))[-1] == {
        "At the end of": "20 March 2024",
        "In progress": "1",
        "All": "1",
    }


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2024-01-10", "2024-01-10", ["2024-01-10"]),
        ("2024-01-10", "2024-01-11", ["2024-01-10", "2024-01-11"]),
        ("2024-01-31", "2024-02-29", ["2024-01-31", "2024-02-29"]),
        ("2023-12-30", "2024-02-01", ["2023-12-30", "2023-12-31", "2024-01-31", "2024-02-01"]),
    ],
)
def test_the_days_drawn_are_the_first_the_ends_of_months_and_the_last(first, last, days):
    assert sample_days(D(first), D(last)) == [D(day) for day in days]


@pytest.mark.parametrize("first", ["2022-01-15", "2021-11-15", "2012-01-01", "1900-01-01", "0001-01-01"])
def test_the_days_drawn_are_sixty_at_most(first):
    days = sample_days(D(first), D("2026-11-21"))

    assert 30 <= len(days) <= 60
    assert (days[0], days[-1]) == (D(first), D("2026-11-21"))
    assert days == sorted(set(days))
    assert {(day + dt.timedelta(1)).day for day in days[1:-1]} == {1}


def test_areas_are_steps_that_stand_on_each_other():
    steps = [
        (D("2024-01-01"), "not-yet-checked", 2),
        (D("2024-01-31"), "delivered", 1),
        (D("2024-01-31"), "not-yet-checked", -1),
    ]

    chart = build_area_chart(steps, D("2024-02-09"))

    assert chart is not None
    assert chart.rows == [
        (D("2024-01-01"), [0, 2], 2),
        (D("2024-01-31"), [1, 1], 2),
        (D("2024-02-09"), [1, 1], 2),
    ]
    assert [(area.code, area.path) for area in chart.areas] == [
        (
            "delivered",
            "M0.00,100.00 75.00,100.00 75.00,50.00 97.50,50.00 97.50,50.00 100.00,50.00 "
            "100.00,100.00 97.50,100.00 97.50,100.00 75.00,100.00 75.00,100.00 0.00,100.00z",
        ),
        (
            "not-yet-checked",
            "M0.00,0.00 75.00,0.00 75.00,0.00 97.50,0.00 97.50,0.00 100.00,0.00 "
            "100.00,50.00 97.50,50.00 97.50,50.00 75.00,50.00 75.00,100.00 0.00,100.00z",
        ),
    ]


def test_nothing_is_drawn_of_nothing():
    assert build_area_chart([], D("2024-02-09")) is None


@pytest.mark.parametrize(
    ("highest", "levels"),
    [(1, ["1"]), (3, ["1", "2", "3"]), (5, ["2", "4"]), (67, ["20", "40", "60"]), (102, ["50", "100"])],
)
def test_the_levels_marked_are_round_numbers(highest, levels):
    chart = build_area_chart([(D("2024-01-01"), "delivered", highest)], D("2024-02-09"))

    assert chart is not None
    assert [level.label for level in chart.levels] == levels
