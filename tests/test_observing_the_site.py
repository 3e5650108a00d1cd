"""An operator sees what the site does, in its log and in numbers, and nobody sees there who asked for what."""

import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from config.observing import Observed
from tests.clusters import PATIENCE, wait_until
from tests.running import free_port
from tests.test_growing_past_one_machine import Staff, process

pytestmark = pytest.mark.once

PLANTED = {
    "search": "Plantedsurname",
    "session": "plantedsessioncookie",
    "address": "203.0.113.77",
    "login": "planted.username",
    "password": "plantedpassword",
    "path": "planted-in-the-path",
    "id": "planted-in-the-id",
    "credentials": "UGxhbnRlZDpwbGFudGVk",
    "browser": "PlantedBrowser",
    "host": "planted.example",
    "referrer": "planted-referrer",
}


@dataclass
class Site:
    """The site as granian serves it with two processes, its log and its numbers."""

    database: Path
    port: int
    metrics_port: int
    log: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, port: int = 0, **headers: str) -> tuple[int, str]:
        return self.send("GET", path, "", port=port, **headers)

    def send(self, method: str, path: str, body: str, *, port: int = 0, **headers: str) -> tuple[int, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)) as connection:
            connection.request(
                method, path, body or None, {"Content-Type": "application/x-www-form-urlencoded", **given}
            )
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read().decode()

    def is_open(self, port: int) -> bool:
        try:
            return self.ask("/livez", port)[0] == 200
        except OSError:
            return False

    def read_lines(self, route: str = "") -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line]
        return [line for line in lines if not route or line.get("route") == route]

    def read_numbers(self) -> dict[str, float]:
        _status, text = self.ask("/metrics", self.metrics_port)
        rows = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in rows}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("observed")
    (folder / "data").mkdir()
    made = Site(folder / "data" / "register.sqlite3", free_port(), free_port(), folder / "log")
    here = {"DATABASE_URL": f"sqlite:///{made.database}", "METRICS_ADDRESS": f"127.0.0.1:{made.metrics_port}"}
    server = ["granian", "config.wsgi:application", "--interface", "wsgi", "--no-ws", "--workers", "2"]
    where = ["--port", str(made.port), "--log-level", "warning", "--workers-kill-timeout", "1"]
    with ExitStack() as stack:
        staff = Staff(stack.enter_context(process(sys.executable, "-m", "tests.publisher", **here)))
        staff.publish("partly-delivered")
        log = stack.enter_context(made.log.open("w"))
        folder_of_numbers = {"TEST_METRICS_FOLDER": str(folder / "numbers")}
        stack.enter_context(
            process(sys.executable, "-m", *server, *where, **here, **folder_of_numbers, LOG_FORMAT="json", stderr=log)
        )
        stack.enter_context(process(sys.executable, "manage.py", "serve_metrics", **here, **folder_of_numbers))
        wait_until(lambda: made.is_open(made.port))
        wait_until(lambda: made.is_open(made.metrics_port))
        yield made


def ask_as_somebody(site: Site) -> None:
    headers = {
        "Cookie": f"sessionid={PLANTED['session']}",
        "X_Forwarded_For": PLANTED["address"],
        "Forwarded": f"for={PLANTED['address']}",
        "X_Request_ID": PLANTED["id"],
        "User_Agent": PLANTED["browser"],
        "Referer": f"https://example.org/{PLANTED['referrer']}",
    }
    for path in ("/commitments/", "/cy/commitments/", "/commitments.csv", "/api/commitments/"):
        assert site.ask(f"{path}?{urlencode({'q': PLANTED['search']})}", **headers)[0] == 200
    assert site.ask(f"/{PLANTED['path']}/", **headers)[0] == 404
    assert site.ask("/topics/", Authorization=f"Basic {PLANTED['credentials']}")[0] == 200
    assert site.ask("/", Host=PLANTED["host"])[0] == 400
    _status, page = site.ask("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    sent = {"login": PLANTED["login"], "password": PLANTED["password"], "csrfmiddlewaretoken": token[1]}
    cookie = "; ".join(f"{name}={value}" for name, value in site.cookies.items())
    assert site.send("POST", "/accounts/login/", urlencode(sent), Cookie=cookie)[0] == 200
    assert site.send("POST", "/accounts/login/", urlencode(sent))[0] == 403
    with closing(sqlite3.connect(site.database)) as database:
        (name,) = database.execute("SELECT username FROM tracker_signinfailure").fetchone()
        assert name == PLANTED["login"]
        # The words of what goes wrong now hold what was asked for.
        database.execute("ALTER TABLE tracker_petition RENAME TO somewhere_else")
        assert site.ask(f"/petitions/?{urlencode({'q': PLANTED['search']})}", **headers)[0] == 500
        database.execute("ALTER TABLE somewhere_else RENAME TO tracker_petition")


def test_the_log_of_the_real_server_tells_nothing_of_who_asked_for_what(site: Site):
    ask_as_somebody(site)
    said = site.log.read_text()
    told = {what: word for what, word in PLANTED.items() if word in said}
    assert told == {}
    assert [word for word in ("127.0.0.1", *site.cookies.values()) if word in said] == []
    (searched, *_rest) = site.read_lines("tracker:commitment-list")
    assert re.fullmatch(r"[0-9a-f]{32}", str(searched.pop("request_id")))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", str(searched.pop("time")))
    assert 0 < float(str(searched.pop("milliseconds"))) < 60_000
    assert searched == {
        "level": "INFO",
        "logger": "register.requests",
        "message": "answered",
        "method": "GET",
        "route": "tracker:commitment-list",
        "status": 200,
    }
    statuses = {str(line["route"]): line["status"] for line in site.read_lines() if line.get("message") == "answered"}
    assert (statuses["unknown"], statuses["tracker:home"], statuses["tracker:petition-list"]) == (404, 400, 500)
    (fault,) = [line for line in site.read_lines("tracker:petition-list") if "exc_info" in line]
    assert (fault["level"], fault["message"]) == ("ERROR", "Error of django.request")
    assert str(fault["exc_info"]).endswith("OperationalError")
    (answer,) = [line for line in site.read_lines("tracker:petition-list") if line.get("message") == "answered"]
    assert fault["request_id"] == answer["request_id"]


def test_what_was_handed_out_before_is_told_apart_and_its_version_named(site: Site):
    for _ in range(4):
        site.ask("/programmes/")
    lines = site.read_lines("tracker:programme-list")
    assert {(line["status"], line["version"]) for line in lines} == {(200, 5)}
    assert {line["page"] for line in lines} == {"drawn", "kept"}


def test_a_request_keeps_the_id_that_the_proxy_gave_it(site: Site):
    site.ask("/about/", X_Request_ID="0123456789abcdef0123456789abcdef")
    assert [line["request_id"] for line in site.read_lines("tracker:about")] == ["0123456789abcdef0123456789abcdef"]


def test_the_numbers_of_all_processes_add_up(site: Site):
    for _ in range(30):
        site.ask("/departments/")
    numbers = site.read_numbers()
    assert numbers['register_requests_total{route="tracker:department-list",status="200"}'] == 30
    assert numbers['register_request_seconds_count{route="tracker:department-list"}'] == 30
    counted = Counter(
        {name: value for name, value in numbers.items() if name.startswith("register_finished_pages_tot")}
    )
    told = Counter(line["page"] for line in site.read_lines() if "page" in line)
    assert counted == {f'register_finished_pages_total{{result="{page}"}}': count for page, count in told.items()}


def test_the_numbers_say_how_the_register_is(site: Site):
    numbers = site.read_numbers()
    told = {name: numbers[name] for name in numbers if "timestamp" not in name and "backup" not in name}
    del_counted = {name: value for name, value in told.items() if not re.match("register_(request|finished)", name)}
    assert del_counted == {
        'register_database_up{database="default"}': 1,
        'register_version{database="default"}': 5,
        "register_read_only": 0,
        "register_drafts_awaiting_review": 0,
        "register_log_sound": 1,
    }
    assert numbers["register_newest_publication_timestamp_seconds"] > 1_700_000_000
    assert "register_backups" in numbers


def test_the_numbers_are_not_where_the_public_is(site: Site):
    assert site.ask("/metrics")[0] == 404


def test_the_numbers_say_that_the_database_is_away_and_that_it_is_back(site: Site):
    place = site.database.parent
    place.rename(place.with_name("gone"))
    try:
        numbers = site.read_numbers()
        assert numbers['register_database_up{database="default"}'] == 0
        assert "register_version" not in "".join(numbers)
    finally:
        place.with_name("gone").rename(place)
    assert site.read_numbers()['register_database_up{database="default"}'] == 1


def test_without_an_address_nothing_is_served():
    environment = os.environ | {"METRICS_ADDRESS": "", "DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "serve_metrics"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "METRICS_ADDRESS says where to listen" in done.stderr) == (1, True)


def test_a_page_that_was_drawn_before_is_left_to_nginx_where_nobody_counts(caplog, settings):
    settings.METRICS_ADDRESS = None

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    with caplog.at_level("INFO", logger="register.requests"):
        for page in ("drawn", "kept"):
            asked = {"PATH_INFO": "/help/", "REQUEST_METHOD": "GET", "register.page": page}
            Observed(answer)(asked, lambda *head: None)
    assert [record.page for record in caplog.records] == ["drawn"]
