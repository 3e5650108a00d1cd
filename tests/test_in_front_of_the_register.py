"""What the shipped nginx does for the register: whom it refuses, what it keeps and under which name, and for whom."""

import gzip
import json
import re
import subprocess
import sys
import time
from itertools import count

import pytest

from tests.running import PATIENCE
from tests.serving import START, Answer, ProductionSite
from tracker.finished import KNOWN, LARGEST_QUESTION

pytestmark = pytest.mark.django_db

LIST = "/commitments/"
QUESTION = "/commitments/?department=home-office&status=delivered"
KEPT = {"HIT", "UPDATING", "STALE", "EXPIRED", "REVALIDATED"}  # of what the cache held
POLICIES = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
NUMBERS = count(1)


def new_question() -> str:
    """Return a question that nobody has asked before."""
    return f"{LIST}?q=word{next(NUMBERS)}"


def read_page(answer: Answer) -> str:
    packed = answer.headers["Content-Encoding"] == "gzip"
    return (gzip.decompress(answer.body) if packed else answer.body).decode()


# --- What it keeps ---------------------------------------------------------------------------


def test_the_second_reader_is_given_what_the_first_was_whatever_the_order_of_the_parameters(production_site):
    first = production_site.ask("/commitments/?status=delivered&department=home-office&q=police")
    second = production_site.ask("/commitments/?q=police&department=home-office&status=delivered")
    assert (first.status, first.cache, second.cache in KEPT) == (200, "MISS", True)
    assert first.body == second.body
    assert "Set-Cookie" not in first.headers
    assert first.headers["ETag"] == second.headers["ETag"]


DIFFERENT = [
    LIST,
    "/cy/commitments/",
    QUESTION,
    f"{QUESTION}&status=in-progress",
    "/commitments/?department=home-office&page=2&status=delivered",
    "/commitments/?department=home-office&department=cabinet-office",
    "/commitments/?department=home-office",
    "/commitments.json?department=home-office",
    "/commitments.csv?department=home-office",
    "/api/commitments/?department=home-office",
    "/api/commitments/?department=home-office&status=delivered",
    "/commitments/?on=2025-06-16",
    "/commitments/?known=2025-06-16&on=2025-06-16",
    "/commitments/?q=a%26status%3Ddelivered",
    "/commitments/?q=a&status=delivered",
    "/commitments/IICSA-13/",
]


def test_no_question_is_given_the_answer_to_another(production_site):
    """Each question is asked twice of the cache, among the others, and once of the app, by a reader with a cookie."""
    answers = [{path: production_site.ask(path) for path in DIFFERENT} for _ in range(2)]
    asked = {path: production_site.ask(path, Cookie="who=me") for path in DIFFERENT}
    for path, answer in asked.items():
        assert (path, answer.status, answer.cache) == (path, 200, "BYPASS")
        assert answers[1][path].cache in KEPT, path
        assert answers[0][path].body == answers[1][path].body == answer.body, path
    assert len({answer.body for answer in asked.values()}) >= len(DIFFERENT) - 1  # two searches may find nothing


def test_parameters_are_sorted_like_those_of_the_app_and_their_values_left_in_order(production_site):
    script = (production_site.project / "config/deploy/questions.js").read_text()
    known = re.search(r"KNOWN = \[(.*?)\];", script, re.DOTALL)
    assert known
    assert sorted(re.findall(r"'(\w+)'", known[1])) == sorted(KNOWN)
    longest = re.search(r"LONGEST = (\d+);", script)
    assert longest
    assert int(longest[1]) < LARGEST_QUESTION  # which counts host, path and headers too
    one = "/commitments/?status=delivered&status=in-progress&q=order"
    other = "/commitments/?q=order&status=in-progress&status=delivered"
    assert [production_site.ask(path).cache for path in (one, other)] == ["MISS", "MISS"]


def test_a_reader_without_gzip_and_one_with_it_are_each_given_their_own(production_site):
    question = new_question()
    plain = production_site.ask(question, Accept_Encoding="identity")
    packed = production_site.ask(question, Accept_Encoding="br, gzip;q=0.8")
    refused = production_site.ask(question, Accept_Encoding="gzip;q=0")
    assert [answer.headers["Content-Encoding"] for answer in (plain, packed, refused)] == [None, "gzip", None]
    assert [answer.cache in KEPT for answer in (plain, packed, refused)] == [False, False, True]
    assert read_page(plain) == read_page(packed) == read_page(refused)
    assert production_site.ask(question, Accept_Encoding="gzip, deflate, x-made-up").cache in KEPT


def test_head_conditions_and_ranges_are_answered_from_what_is_kept(production_site):
    question = new_question()
    head = production_site.ask(question, "HEAD")
    page = production_site.ask(question)
    assert (head.status, head.body, head.cache, page.cache in KEPT) == (200, b"", "MISS", True)
    assert head.headers["Content-Length"] == str(len(page.body))
    held = production_site.ask(question, If_None_Match=page.headers["ETag"])
    assert (held.status, held.body) == (304, b"")
    other = production_site.ask(question, If_None_Match='"another"')
    assert (other.status, other.body) == (200, page.body)
    part = production_site.ask(question, Range="bytes=0-9")
    assert (part.status, part.body) in {(206, page.body[:10]), (200, page.body)}
    assert production_site.ask(question).body == page.body


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_other_methods_are_never_answered_from_what_is_kept_nor_kept(production_site, method):
    question = new_question()
    for _ in range(2):
        answer = production_site.ask(question, method)
        assert answer.cache not in KEPT
        assert (answer.status, answer.headers["Cache-Control"]) != (200, None)
    assert production_site.ask(question).cache == "MISS"


def test_nothing_is_kept_for_or_from_anybody_with_a_cookie_or_a_password(production_site):
    question = new_question()
    for headers in ({"Cookie": "__Host-sessionid=made-up"}, {"Cookie": "a=b"}, {"Authorization": "Basic YTpi"}):
        for _ in range(2):
            answer = production_site.ask(question, **headers)
            assert (answer.cache, answer.headers["Cache-Control"]) == ("BYPASS", "private, no-store")
    assert production_site.ask(question).cache == "MISS"


def test_pages_of_signing_in_are_kept_nowhere(production_site):
    seen = [production_site.ask("/accounts/login/") for _ in range(2)]
    assert [answer.cache for answer in seen] == [None, None]
    assert "no-store" in seen[0].headers["Cache-Control"]
    cookies = [answer.headers["Set-Cookie"] for answer in seen]
    assert all(cookie.startswith("__Host-csrftoken=") for cookie in cookies)
    assert cookies[0] != cookies[1]


# --- What would poison it --------------------------------------------------------------------

POISONS = [
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Port": "666"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-For": "evil.example"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-Host": "evil.example"},
    {"X-Original-URL": "/admin/"},
    {"X-Rewrite-URL": "/admin/"},
    {"X-HTTP-Method-Override": "POST"},
    {"X-Accel-Redirect": "/away.html"},
    {"Accept-Language": "cy"},
    {"Accept": "application/json"},
    {"Origin": "https://evil.example"},
    {"Content-Type": "evil"},
    {"User-Agent": "evil\t<script>"},
    {"Range": "bytes=0-9"},
    {"If-Modified-Since": "Fri, 31 Dec 2060 23:59:59 GMT"},
    {"Cache-Control": "no-transform"},
]


def test_no_header_of_one_reader_is_seen_by_the_next(production_site):
    question = new_question()
    clean = production_site.ask(question, Cookie="a=b").body
    for headers in POISONS:
        poisoned = new_question()
        production_site.ask(poisoned, **headers)
        found = production_site.ask(poisoned)
        assert (headers, found.status) == (headers, 200)
        assert b"evil" not in found.body, headers
        assert production_site.ask(poisoned, Cookie="a=b").body == found.body, headers
    assert production_site.ask(question).body == clean


UNKNOWN = [
    "/commitments/?utm_source=evil",
    "/commitments/?q=police&utm_source=evil",
    "/commitments/?%71=police",
    "/commitments/?q",
    "/commitments/?&q=police",
    "/commitments/?q=police&",
    "/commitments/?q[]=police",
    "/commitments/?Q=police",
    "/commitments/?q=" + "long" * 600,
    "/commitments/?q=caf\u00e9".encode().decode("latin-1"),
    "/%63ommitments/",
    "//commitments/",
    "/./commitments/",
    "/commitments/../commitments/",
    "/commitments/%00",
    "/commitments/;a=b/",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_is_written_otherwise_than_the_site_writes_it_never_fills_the_cache(production_site, path):
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{production_site.port}\r\nConnection: close\r\n\r\n"
    for _ in range(2):
        answer = production_site.say(request.encode("latin-1"))
        assert b"X-Cache: BYPASS" in answer or answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("path", ["/nowhere/", "/commitments/NONE-1/", "/commitments/?on=31-02-x", "/commitments"])
def test_only_good_answers_are_kept(production_site, path):
    assert [production_site.ask(path).cache for _ in range(2)] == ["MISS", "MISS"]


# --- Whom it refuses -------------------------------------------------------------------------


def test_another_host_is_refused_with_and_without_tls(production_site):
    for host in ("evil.example", "127.0.0.1", f"localhost.evil.example:{production_site.port}", ""):
        answer = production_site.say(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.split(b" ")[1] in {b"421", b"400"}, host
    two = production_site.say(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert two.startswith(b"HTTP/1.1 400 ")
    absolute = production_site.say(
        b"GET https://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert absolute.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "FOO"])
def test_odd_methods_are_refused(production_site, method):
    answer = production_site.say(
        f"{method} / HTTP/1.1\r\nHost: localhost\r\nX-Secret: mirrored\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.split(b" ")[1] in {b"405", b"400"}
    assert b"mirrored" not in answer


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/livez/", "/%6civez", "//livez", "/x/../livez"])
def test_what_is_for_machines_next_door_is_not_for_the_world(production_site, path):
    answer = production_site.ask(path)
    assert (answer.status, answer.cache) == (404, None)


def test_machines_next_door_may_ask(production_site):
    answers = [production_site.ask_inside(path) for path in ("/livez", "/readyz", "/commitments/")]
    assert [(answer.status, answer.body) for answer in answers[:2]] == [(200, b"ok\n")] * 2
    assert answers[2].status == 404


def test_what_is_too_large_is_refused_before_the_app_hears_of_it(production_site):
    long = production_site.say(b"GET /?q=" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert long.startswith(b"HTTP/1.1 414 ")
    head = production_site.say(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    body = production_site.say(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n")
    assert body.startswith(b"HTTP/1.1 413 ")


def test_plain_http_leads_to_the_site_and_nowhere_else(production_site):
    answer = production_site.ask_plainly("/commitments/?q=a//evil.example")
    assert (answer.status, answer.headers["Location"]) == (
        301,
        f"{production_site.address}/commitments/?q=a//evil.example",
    )
    assert production_site.ask_plainly("/", Host="evil.example").status == 421
    assert production_site.ask_plainly("//evil.example/").headers["Location"].startswith(f"{production_site.address}//")


# --- The headers of every answer -------------------------------------------------------------


def list_policies(answer: Answer) -> dict[str, int]:
    return {name: len(answer.headers.get_all(name) or []) for name in POLICIES}


def test_each_answer_has_each_header_once_whoever_made_it(production_site):
    page = production_site.ask("/")
    style = re.search(r'href="(/static/[^"]+\.css)"', read_page(page))
    assert style
    answers = {
        "a page": page,
        "a page that is kept": production_site.ask("/"),
        "a page that the reader holds": production_site.ask("/", If_None_Match=page.headers["ETag"]),
        "a file": production_site.ask("/commitments.csv"),
        "a form": production_site.ask("/accounts/login/"),
        "a missing page": production_site.ask("/nowhere/"),
        "a redirect": production_site.ask("/commitments"),
        "a static file": production_site.ask(style[1]),
        "a static file that the reader holds": production_site.ask(
            style[1], If_None_Match=production_site.ask(style[1]).headers["ETag"]
        ),
        "a missing static file": production_site.ask("/static/nothing.css"),
        "a method refused": production_site.ask("/", "TRACE"),
        "a host refused": production_site.ask("/", Host="evil.example"),
        "a body refused": production_site.ask("/accounts/login/", "POST", Content_Length="4000000"),
        "plain http": production_site.ask_plainly("/"),
    }
    assert {name: list_policies(answer) for name, answer in answers.items()} == {
        name: dict.fromkeys(POLICIES, 1) for name in answers
    }
    assert {name: answer.headers["Server"] for name, answer in answers.items()} == dict.fromkeys(answers, "nginx")


def test_a_card_may_be_framed_by_other_sites(production_site):
    card = production_site.ask("/commitments/IICSA-13/card/")
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in card.headers


def test_static_files_come_compressed_and_may_be_kept_for_ever(production_site):
    style = re.search(r'href="(/static/[^"]+\.css)"', read_page(production_site.ask("/")))
    assert style
    answer = production_site.ask(style[1], Accept_Encoding="gzip")
    names = ("Content-Encoding", "Content-Type", "Cache-Control", "Vary")
    assert [answer.headers[name] for name in names] == [
        "gzip",
        "text/css; charset=utf-8",
        "max-age=315360000, public, immutable",
        "Accept-Encoding",
    ]
    assert gzip.decompress(answer.body) == production_site.ask(style[1]).body
    assert production_site.ask("/static/%2e%2e/register.sqlite3").status in {400, 404}
    assert production_site.ask("/static../secret_key").status == 404


# --- Who asks, for the app -------------------------------------------------------------------


def test_nothing_that_a_reader_says_of_herself_reaches_the_app(production_site):
    """The wrong password is counted against the address that the connection came from, whatever headers claim."""
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    form = production_site.ask("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', read_page(form))
    assert token
    body = f"csrfmiddlewaretoken={token[1]}&login=nobody&password=wrong".encode()
    production_site.ask(
        "/accounts/login/",
        "POST",
        body,
        Cookie=form.headers["Set-Cookie"].split(";")[0],
        Content_Type="application/x-www-form-urlencoded",
        Referer=f"{production_site.address}/accounts/login/",
        **claims,
    )
    told = production_site.run(
        "import json\n"
        "from tracker.models import SignInFailure\n"
        "print(json.dumps([str(value) for row in SignInFailure.objects.values_list() for value in row]))"
    )
    assert json.loads(told)
    assert "203.0.113.9" not in told


# --- News and failures -----------------------------------------------------------------------

PUBLISH = """
import time
from django.utils import timezone
from tests.examples import make_commitment
make_commitment("{reference}")
print(time.time())
"""


def test_a_publication_is_seen_within_two_seconds_by_whoever_keeps_reading(production_site):
    """So long may an answer be kept; to that comes the time that the app takes to draw the next, on a busy machine."""
    path = "/commitments/?q=NEWS-1"
    began = time.time()
    assert production_site.ask(path, Cookie="a=b").status == 200
    drawing = time.time() - began
    published_at = float(production_site.run(PUBLISH.format(reference="NEWS-1")).splitlines()[-1])
    asked_at = time.time()
    while b"/commitments/NEWS-1/" not in production_site.ask(path).body:
        assert time.time() - published_at < 60
        asked_at = time.time()
    assert asked_at - published_at < 2.5 + 3 * drawing


def ask_for_fresh(site: ProductionSite, path: str) -> bytes:
    """Return a page as the cache holds it once it has followed the last publication."""
    began = time.time()
    while (answer := site.ask(path)).cache not in {"MISS", "HIT"}:
        assert time.time() - began < 60
        time.sleep(0.05)  # the cache tells nobody when it has asked for the next
    return answer.body


def test_while_the_app_is_stopped_readers_are_given_what_was_kept_and_others_told_to_come_back(production_site):
    kept = {path: ask_for_fresh(production_site, path) for path in ("/", LIST, QUESTION)}
    production_site.stop_app()
    try:
        for path, body in kept.items():
            answer = production_site.ask(path)
            assert (path, answer.status, answer.cache in KEPT, answer.body) == (path, 200, True, body)
        away = production_site.ask(new_question())
        assert (away.status, away.headers["Retry-After"], away.headers["Cache-Control"]) == (503, "5", "no-store")
        assert "Nothing is lost" in away.body.decode()
        assert list_policies(away) == dict.fromkeys(POLICIES, 1)
    finally:
        production_site.start_app()
    assert production_site.ask(new_question()).status == 200


def test_a_start_shows_nothing_that_was_kept_before_it(production_site):
    assert [production_site.ask("/about/").cache for _ in range(2)][1] in KEPT
    production_site.stop()
    production_site.start()
    assert production_site.ask("/about/").cache == "MISS"


def test_one_folder_is_served_once(production_site):
    second = subprocess.run(
        [sys.executable, *START],
        cwd=production_site.project,
        env=production_site.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (second.returncode, second.stderr) == (1, "The register is served from this folder already.\n")
    assert production_site.ask("/commitments/?q=once").status == 200
