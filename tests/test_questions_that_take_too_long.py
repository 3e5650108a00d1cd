"""No reader's question keeps the database busy for long: it is stopped, and the page says that it is too large."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config.urls import *  # noqa: F403 - the site as it is, and one page more
from config.urls import urlpatterns as of_the_site
from tests.reading import Page

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]
LONG, SHORT = 3_000_000, 10
COUNT = (
    "WITH RECURSIVE steps (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < %s) SELECT COUNT(*) FROM steps"
)


def count_up(request: HttpRequest, end: int) -> HttpResponse:
    """Let the database count to a number, which for a great one takes seconds."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [end])
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [*(path(f"{place}count/<int:end>/", count_up) for place in ("", "cy/", "admin/")), *of_the_site]


@pytest.fixture(autouse=True)
def a_twentieth_of_a_second(transactional_db: None, settings: Any) -> Iterator[None]:
    settings.LONGEST_QUESTION = 0.05
    yield
    connection.close()  # PostgreSQL would go on stopping what it is asked next, such as to empty the tables


def test_a_question_that_takes_too_long_is_answered_with_503_and_when_to_come_back():
    client = Client(raise_request_exception=False)
    response = client.get(f"/count/{LONG}/")
    assert (response.status_code, response["Retry-After"], "no-store" in response["Cache-Control"]) == (503, "5", True)
    page = Page(response)
    assert page.headings == ["This question is too large right now"]
    assert "/help/" in page.links
    welsh = Page(client.get(f"/cy/count/{LONG}/"))
    assert welsh.headings == ["Mae\u2019r cwestiwn hwn yn rhy fawr ar hyn o bryd"]


def test_after_it_the_next_question_is_answered():
    client = Client(raise_request_exception=False)
    asked = [client.get(f"/count/{end}/").status_code for end in (SHORT, LONG, SHORT, LONG, SHORT)]
    assert asked == [200, 503, 200, 503, 200]
    assert client.get("/").status_code == 200


def test_the_desk_waits_as_long_as_it_takes():
    client = Client(raise_request_exception=False)
    assert client.get(f"/count/{LONG}/").status_code == 503
    assert client.get(f"/admin/count/{LONG}/").content.decode() == str(LONG)
    assert client.get(f"/count/{LONG}/").status_code == 503


def test_whoever_reads_a_public_page_is_a_reader_signed_in_or_not():
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_user("somebody"))
    answer = client.get(f"/count/{LONG}/")
    assert (answer.status_code, "Cookie" in answer.get("Vary", "")) == (503, False)
