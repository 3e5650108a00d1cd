"""Every answer says what may be done with it: pages, files, errors, redirects, unchanged answers and static files."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from tests.addresses import list_addresses
from tracker.finished import FinishedPages

pytestmark = pytest.mark.usefixtures("loaded_register")

POLICY = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self'; manifest-src 'self'; script-src 'self'; style-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_ALL = {"Cross-Origin-Resource-Policy": "cross-origin"}
ELSEWHERE = FOR_ALL | {
    "Content-Security-Policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors *"),
    "X-Frame-Options": None,
}
STATIC = "/static/tracker/register.css"


@pytest.fixture(autouse=True)
def over_https(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_SSL_REDIRECT = True


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def read_policies(response: Any) -> dict[str, str | None]:
    found = {name: response.headers.get(name) for name in HEADERS}
    policy = found["Content-Security-Policy"]
    features = (response.headers.get("Permissions-Policy") or "nothing").split(", ")
    assert all(feature.endswith("=()") for feature in features)
    return found | {"Content-Security-Policy": policy and "; ".join(sorted(policy.split("; ")))}


def expect(path: str, status: int) -> dict[str, str | None]:
    if path.endswith(("/badge.svg", "/card/")):
        return HEADERS | (ELSEWHERE if status == 200 else FOR_ALL)
    for_programs = path.startswith(("/api/", "/data/", "/log/proof/", "/log/checkpoint", "/log/key", "/log/entries."))
    is_list = re.fullmatch(r"/commitments(/updates|/evidence)?\.(csv|jsonl?)", path)
    is_open = for_programs and path != "/data/"
    return HEADERS | (FOR_ALL if is_open or is_list or path == "/oembed/" else {})


def find_wrong(answers: dict[str, Any]) -> dict[tuple[str, int], Any]:
    found = {(path, answer.status_code): read_policies(answer) for path, answer in answers.items()}
    return {key: policies for key, policies in found.items() if policies != expect(*key)}


def test_whatever_is_asked_for(client):
    answers = {path: client.get(path, secure=True) for path in list_addresses()}
    assert find_wrong(answers) == {}
    assert {response.status_code for response in answers.values()} == {200, 302, 400, 404}
    origins = {path: answer.headers.get("Access-Control-Allow-Origin") for path, answer in answers.items()}
    assert {expect(path, 200)["Cross-Origin-Resource-Policy"] for path, origin in origins.items() if origin} == {
        "cross-origin"
    }
    assert set(origins.values()) == {None, "*"}
    assert [path for path, answer in answers.items() if "Access-Control-Allow-Credentials" in answer.headers] == []


@pytest.mark.parametrize("method", ["post", "trace", "options"])
def test_in_whatever_way_it_is_asked_for(client, method):
    answers = {path: getattr(client, method)(path, secure=True) for path in list_addresses()[::4]}
    assert find_wrong(answers) == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", HEADERS),
        ("/commitments.json", HEADERS | FOR_ALL),
        ("/api/commitments/", HEADERS | FOR_ALL),
        ("/commitments/IICSA-13/card/", HEADERS | ELSEWHERE),
        (STATIC, HEADERS),
        ("/static/tracker/share/register.png", HEADERS | FOR_ALL),
    ],
)
def test_an_answer_that_says_that_nothing_has_changed(client, path, expected):
    first = client.get(path, secure=True)
    held = {name: first[field] for name, field in conditions(first)}
    unchanged = client.get(path, secure=True, headers=held)
    assert (first.status_code, unchanged.status_code) == (200, 304)
    assert read_policies(first) == read_policies(unchanged) == expected


def conditions(response: Any) -> Iterator[tuple[str, str]]:
    if "ETag" in response.headers:
        yield "If-None-Match", "ETag"
    elif "Last-Modified" in response.headers:
        yield "If-Modified-Since", "Last-Modified"


@pytest.mark.usefixtures("connection_of_the_test_stays_open")
@pytest.mark.parametrize("path", ["/", "/commitments/IICSA-13/card/"])
def test_a_finished_page_that_has_not_changed(path):
    pages = FinishedPages(WSGIHandler())

    def ask(**headers: str) -> tuple[str, dict[str, str]]:
        heads: list[Any] = []
        environ = RequestFactory().get(path, secure=True, **{"HTTP_HOST": "127.0.0.1", **headers}).environ
        b"".join(pages(environ, lambda *head: heads.append(head)))
        return heads[0][0], dict(heads[0][1])

    _status, first = ask()
    status, unchanged = ask(HTTP_IF_NONE_MATCH=first["ETag"])
    assert status == "304 Not Modified"
    kept = {name for name in first if name not in {"Content-Length", "Content-Type", "Content-Encoding"}}
    assert {name: unchanged.get(name) for name in kept} == {name: first[name] for name in kept}
    assert {"Content-Security-Policy", "Strict-Transport-Security", "Cross-Origin-Resource-Policy"} <= kept


def test_a_host_that_is_not_ours(client):
    response = client.get("/", secure=True, headers={"Host": "evil.example"})
    assert (response.status_code, read_policies(response)) == (400, HEADERS)


def test_a_form_without_its_token(client):
    response = client.post("/accounts/login/", {"login": "x"}, secure=True)
    assert (response.status_code, read_policies(response)) == (403, HEADERS)


def test_something_that_broke(client, monkeypatch):
    monkeypatch.setattr("tracker.views.texts.render", lambda *given: 1 / 0)
    response = client.get("/privacy/", secure=True)
    assert (response.status_code, read_policies(response)) == (500, HEADERS)


def test_the_way_from_http_to_https(client):
    response = client.get("/commitments/?page=2")
    # A browser would not believe it over http: RFC 6797, section 7.2.
    assert read_policies(response) == HEADERS | {"Strict-Transport-Security": None}
    assert (response.status_code, response["Location"]) == (301, "https://testserver/commitments/?page=2")
