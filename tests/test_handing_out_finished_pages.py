"""A public page is drawn once and handed out to every reader until the register or the day changes."""

import datetime as dt
import gzip
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.test import Client

from tests.examples import draft_update, make_commitment, publish_as_approver
from tests.handing import Answer, Site, ask
from tests.pages import ALL_PAGES, DataPage
from tracker.replicas import LOOK_AGAIN

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("on_21_november_2026", "connection_of_the_test_stays_open"),
]


@pytest.fixture
def site() -> Site:
    return Site()


# The page of files asks for new files each time, which may come while the register stays as it is.
ADDRESSES = [
    *(page.path for page in ALL_PAGES if page.status == 200 and "password" not in page.path and page != DataPage),
    "/commitments/?department=home-office&status=in-progress&page=1",
    "/commitments/?on=2025-06-16&sort=-due_on",
    "/changes/?since=2025-01-01&until=2025-06-30",
    "/commitments.json?department=home-office",
    "/commitments.atom?department=home-office",
]


def put_in_order(address: str) -> str:
    path, _, query = address.partition("?")
    return f"{path}?{urlencode(sorted(parse_qsl(query), key=lambda pair: pair[0]))}"


# Whoever sends these asks for the same page as everybody else, whatever proxies and frameworks elsewhere make of them.
STRANGE = {
    **dict.fromkeys(("x_forwarded_host", "x_host", "x_forwarded_server", "x_original_host", "via"), "poison.example"),
    **dict.fromkeys(("x_original_url", "x_rewrite_url", "x_forwarded_prefix", "x_script_name"), "/poison"),
    **dict.fromkeys(("origin", "referer"), "https://poison.example/"),
    "accept": "application/json",
    "accept_language": "cy",
    "forwarded": "for=poison;host=poison.example;proto=http",
    "sec_fetch_mode": "cors",
    "user_agent": "poison",
    "x_forwarded_for": "192.0.2.1",
    "x_forwarded_port": "8443",
    "x_http_method_override": "DELETE",
    "x_real_ip": "192.0.2.1",
    "x_requested_with": "XMLHttpRequest",
}


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address", ["/", "/cy/", "/commitments/?page=2", "/commitments/IICSA-13/", "/commitments.json?kind=fund"]
)
def test_no_header_changes_the_page_that_the_next_reader_gets(address):
    clean, poisoned = Site(), Site()
    first = poisoned.get(address, **STRANGE)
    assert poisoned.get(address) == first == clean.get(address)
    assert (poisoned.drawn, b"poison" in first.body) == (1, False)


@pytest.mark.usefixtures("loaded_register")
def test_every_public_page_is_handed_out_byte_for_byte_as_it_was_drawn(site: Site):
    for address in ADDRESSES:
        drawn, kept = site.get(address), site.get(address)
        assert (kept, site.drawn) == (drawn, 1), address
        assert kept.body == ask(site.django, put_in_order(address)).body, address
        site.drawn = 0


@pytest.mark.usefixtures("loaded_register")
def test_a_finished_page_costs_one_query(site: Site, django_assert_num_queries: Any):
    site.get("/commitments/")
    with django_assert_num_queries(1):
        site.get("/commitments/")


@pytest.mark.usefixtures("empty_register")
def test_a_process_looks_for_a_publication_four_times_a_second(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
):
    clock = [100.0]
    monkeypatch.setattr("tracker.replicas.monotonic", lambda: clock[0])
    commitment, site = make_commitment(), Site(look_again=LOOK_AGAIN)
    site.get("/commitments/REV-1/")
    publish_as_approver(draft_update(commitment, "2024-03-01", status="partly-delivered"))

    clock[0] += 0.24
    with django_assert_num_queries(0):
        assert b"Not yet checked" in site.get("/commitments/REV-1/").body
    clock[0] += 0.02
    assert b"Partly delivered since 1 March 2024" in site.get("/commitments/REV-1/").body


@pytest.mark.usefixtures("empty_register")
def test_after_a_page_was_drawn_nothing_older_is_handed_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracker.replicas.monotonic", lambda: 100.0)
    commitment, site = make_commitment(), Site(look_again=LOOK_AGAIN)
    assert b"Not yet checked" in site.get("/commitments/REV-1/").body
    publish_as_approver(draft_update(commitment, "2024-03-01", status="partly-delivered"))
    assert b"Partly delivered" in site.get("/commitments/").body
    assert b"Partly delivered since 1 March 2024" in site.get("/commitments/REV-1/").body


@pytest.mark.usefixtures("empty_register")
def test_each_process_shows_a_publication_once_it_looks():
    commitment = make_commitment()
    processes = Site(), Site()
    for process in processes:
        assert b"Not yet checked" in process.get("/commitments/REV-1/").body
    publish_as_approver(draft_update(commitment, "2024-03-01", status="partly-delivered"))
    for process in processes:
        assert b"Partly delivered since 1 March 2024" in process.get("/commitments/REV-1/").body


@pytest.mark.usefixtures("loaded_register")
def test_at_midnight_in_london_pages_are_drawn_anew(site: Site, monkeypatch: pytest.MonkeyPatch):
    site.get("/")
    late = dt.datetime(2026, 11, 21, 23, 59, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    site.get("/")
    assert site.drawn == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: late + dt.timedelta(minutes=1))
    site.get("/")
    assert site.drawn == 2


@pytest.mark.usefixtures("loaded_register")
def test_nothing_is_kept_of_or_for_anybody_who_is_signed_in(site: Site):
    client = Client()
    client.force_login(get_user_model().objects.create(username="ada", is_staff=True))
    cookie = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    for _ in range(2):
        site.get("/commitments/", cookie=cookie)
        site.get("/commitments/", authorization="Basic YTpi")
    assert site.drawn == 4
    site.get("/commitments/")
    site.get("/commitments/", cookie=cookie)
    assert site.drawn == 6


@pytest.mark.usefixtures("loaded_register")
def test_pages_of_the_desk_are_always_drawn(site: Site):
    for _ in range(2):
        assert site.get("/accounts/login/").status == 200
    assert site.drawn == 2


@pytest.mark.usefixtures("loaded_register")
def test_no_byte_of_one_question_is_given_for_another(site: Site):
    requests = [
        (address, {"host": host} | ({"accept_encoding": "gzip"} if packed else {}))
        for address in ("/", "/departments/", "/topics/", "/topics/?on=2025-06-16", "/topics/?on=2025-06-17")
        for host in ("127.0.0.1", "localhost")
        for packed in (False, True)
    ]
    alone = [unpack(ask(site.django, address, headers=headers)) for address, headers in requests]
    for _ in range(2):
        assert [unpack(site.get(address, **headers)) for address, headers in requests] == alone
    assert site.drawn == len(requests)


def unpack(answer: Answer) -> tuple[int, bytes, bool]:
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return answer.status, gzip.decompress(answer.body) if packed else answer.body, packed


@pytest.mark.usefixtures("loaded_register")
def test_the_order_of_the_parameters_makes_no_other_page(site: Site):
    one = site.get("/commitments/?status=in-progress&department=home-office")
    other = site.get("/commitments/?department=home-office&status=in-progress")
    assert (one.status, one.body, site.drawn) == (200, other.body, 1)


@pytest.mark.usefixtures("loaded_register")
def test_the_order_of_the_values_of_one_parameter_is_kept(site: Site):
    for address in ("/commitments/?sort=title&sort=status", "/commitments/?sort=status&sort=title"):
        assert site.get(address).body == ask(site.django, address).body
    assert site.drawn == 2


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/?utm_source=a", 200),
        ("/nowhere/", 404),
        ("/changes/?since=bogus", 400),
        ("/commitments/?status=", 302),
        ("/commitments.csv", 200),
        ("/commitments/iicsa-02/", 301),
    ],
)
def test_refusals_redirects_streams_and_unknown_parameters_are_not_kept(site: Site, address: str, status: int):
    assert [site.get(address).status for _ in range(2)] == [status] * 2
    assert site.drawn == 2


@pytest.mark.usefixtures("loaded_register")
def test_a_reader_who_holds_the_page_is_told_that_it_stands(site: Site):
    page = site.get("/topics/")
    held = site.get("/topics/", if_none_match=page.headers["ETag"])
    assert (held.status, held.body, held.headers["ETag"], site.drawn) == (304, b"", page.headers["ETag"], 1)
    assert "Content-Length" not in held.headers
    assert site.get("/topics/", if_none_match='"another"').body == page.body


@pytest.mark.usefixtures("loaded_register")
def test_what_is_drawn_for_a_reader_who_holds_another_page_is_kept_whole(site: Site):
    page = site.get("/topics/", if_none_match='"another"')
    assert (site.get("/topics/"), site.drawn) == (page, 1)


@pytest.mark.usefixtures("loaded_register")
def test_a_head_has_no_body_and_the_same_headers(site: Site):
    assert site.get("/topics/", method="HEAD").status == 200
    page = site.get("/topics/")
    head = site.get("/topics/", method="HEAD")
    assert (head.status, head.body, head.headers, site.drawn) == (200, b"", page.headers, 2)


@pytest.mark.usefixtures("loaded_register")
def test_what_was_not_asked_for_longest_makes_room():
    length = len(ask(WSGIHandler(), "/about/").body)
    site = Site(limit=length + 50_000)
    for address in ("/about/", "/privacy/", "/about/", "/how-we-judge/", "/help/", "/topics/", "/programmes/"):
        site.get(address)
    drawn = site.drawn
    site.get("/about/")
    site.get("/programmes/")
    assert site.drawn == drawn + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("loaded_register")
def test_while_the_database_does_not_answer_finished_pages_go_on(site: Site):
    page = site.get("/topics/")

    def refuse(*asked: Any) -> None:
        raise OperationalError("the server has gone away")

    with connection.execute_wrapper(refuse):
        assert site.get("/topics/").body == page.body
    assert site.get("/topics/").body == page.body
    assert site.drawn == 1


def test_without_any_log_the_first_page_can_be_drawn(site: Site, empty_register: None):
    assert [site.get("/").status for _ in range(2)] == [200, 200]
