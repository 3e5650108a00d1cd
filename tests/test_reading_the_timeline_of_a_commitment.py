"""A reader sees at a glance how long a commitment stood where, and reads the same in words."""

import datetime as dt
from typing import Any

import pytest

from tests.examples import D, draft_update, make_commitment, publish_as_approver
from tests.reading import Page, read_page, read_text
from tests.sections import read_commitment
from tracker.charts import build_strip
from tracker.models import Commitment

pytestmark = [pytest.mark.usefixtures("on_21_november_2026"), pytest.mark.django_db]


def publish_update(commitment: Commitment, as_of: str, status: str = "in-progress", **changes: Any) -> Any:
    return publish_as_approver(draft_update(commitment, as_of, status=status, **changes))


def read_runs(page: Page) -> list[str]:
    return [read_text(item) for run in page.find_all("ul", css="strip__runs") for item in run.iter("li")]


def read_drawing(page: Page) -> list[tuple[str, str]]:
    """Return the status and the title of each part of the strip."""
    parts = page.find_all("rect", css="status-strip__part")
    return [(part.attrib["class"].split("status-")[-1], read_text(part)) for part in parts]


@pytest.mark.usefixtures("loaded_register")
def test_a_real_history_is_told_in_days(client):
    page = read_commitment(client, "IICSA-13")

    assert read_runs(page) == [
        "Not started: 20 October 2022 to 22 May 2023 (214 days)",
        "In progress: 22 May 2023 to 30 May 2024 (374 days)",
        "Not started: 30 May 2024 to 6 January 2025 (221 days)",
        "In progress: 6 January 2025 to 21 November 2026 (684 days so far)",
    ]
    assert 214 + 374 + 221 + 684 == (D("2026-11-21") - D("2022-10-20")).days
    assert read_drawing(page) == [
        ("not-started", "Not started: 214 days"),
        ("in-progress", "In progress: 374 days"),
        ("not-started", "Not started: 221 days"),
        ("in-progress", "In progress: 684 days"),
    ]
    (strip,) = page.find_all("svg", css="status-strip")
    assert (strip.attrib["role"], strip.attrib["aria-label"]) == (
        "img",
        "Not started for 214 days, In progress for 374 days, Not started for 221 days, In progress for 684 days",
    )
    assert [read_text(year) for year in page.find_all("text", css="status-strip__year")] == ["2024", "2025", "2026"]


@pytest.mark.usefixtures("loaded_register")
def test_on_a_past_day_it_ends_there(client):
    page = read_page(client, "/commitments/IICSA-13/?on=2023-05-22")

    assert read_runs(page) == [
        "Not started: 20 October 2022 to 22 May 2023 (214 days)",
        "In progress: 22 May 2023 to 22 May 2023 (0 days so far)",
    ]
    assert len(read_drawing(page)) == 2


@pytest.mark.usefixtures("empty_register")
def test_the_time_without_an_assessment_is_not_yet_checked(client):
    commitment = make_commitment(made_on=D("2024-01-10"))
    publish_update(commitment, "2024-01-20", "delivered", basis="claim")
    publish_update(commitment, "2024-03-01", "in-progress")
    publish_update(commitment, "2024-05-01", "in-progress")

    assert read_runs(read_commitment(client)) == [
        "Not yet checked: 10 January 2024 to 1 March 2024 (51 days)",
        "In progress: 1 March 2024 to 21 November 2026 (995 days so far)",
    ]


@pytest.mark.usefixtures("empty_register")
def test_what_was_corrected_counts_only_as_the_register_knew_it_then(client, monkeypatch):
    with monkeypatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: dt.datetime(2024, 4, 1, 12, tzinfo=dt.UTC))
        commitment = make_commitment(made_on=D("2024-02-01"))
        wrong = publish_update(commitment, "2024-02-01", "delivered")
    publish_update(commitment, "2024-02-11", "in-progress", corrects=wrong)

    assert read_runs(read_commitment(client)) == [
        "Not yet checked: 1 February 2024 to 11 February 2024 (10 days)",
        "In progress: 11 February 2024 to 21 November 2026 (1,014 days so far)",
    ]
    assert read_runs(read_page(client, "/commitments/REV-1/?known=2024-04-01")) == [
        "Delivered: 1 February 2024 to 1 April 2024 (60 days so far)"
    ]


@pytest.mark.usefixtures("empty_register")
def test_a_commitment_that_was_made_today_has_its_day(client):
    make_commitment(made_on=D("2026-11-21"))

    page = read_commitment(client)

    assert read_runs(page) == ["Not yet checked: 21 November 2026 to 21 November 2026 (0 days so far)"]
    (part,) = page.find_all("rect", css="status-strip__part")
    assert (part.attrib["x"], part.attrib["width"]) == ("0.000%", "100.000%")


def test_the_parts_of_the_strip_fill_it_and_are_as_long_as_their_days():
    strip = build_strip(
        [(D("2024-01-01"), "not-started"), (D("2024-01-03"), "in-progress"), (D("2024-01-10"), "delivered")],
        D("2024-01-10"),
    )

    assert [(run.code, run.days, run.x, run.width) for run in strip.runs] == [
        ("not-started", 2, 0.0, 20.0),
        ("in-progress", 7, 20.0, 70.0),
        ("delivered", 0, 90.0, 10.0),
    ]
    assert [run.is_last for run in strip.runs] == [False, False, True]


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("2024-02-01", "2024-11-21", []),
        ("2024-12-31", "2026-01-01", []),  # both beginnings of a year are at an edge
        ("2020-07-01", "2026-06-30", ["2021", "2022", "2023", "2024", "2025", "2026"]),
        ("2019-07-01", "2026-06-30", ["2020", "2022", "2024", "2026"]),
        ("1999-07-01", "2026-06-30", ["2005", "2010", "2015", "2020", "2025"]),
    ],
)
def test_at_most_six_years_are_marked_and_none_at_an_edge(first, last, years):
    assert [tick.label for tick in build_strip([(D(first), "in-progress")], D(last)).ticks] == years
