"""Slow readers starve nobody, new code comes in without a request lost, and the cache is nearly as quick as a file."""

import os
import shutil
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import pytest

from config import run
from tests.bench.front import compare_cache_with_file
from tests.programs import leave_out
from tests.serving import HOST, ProductionSite

pytestmark = [pytest.mark.django_db, pytest.mark.alone]

IN_TIME = 2  # seconds
LONG_FILE = "/commitments.json"


class SlowClient:
    """A client that does one thing a byte a second: say who it is, say what it wants, or take what it gets."""

    KINDS = ("headers", "body", "reading")
    BEGINNINGS = {
        "headers": "GET / HTTP/1.1\r\nHost: {host}\r\nX-Slow: ",
        "body": "POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000\r\n\r\n",
        "reading": f"GET {LONG_FILE} HTTP/1.1\r\nHost: {{host}}\r\n\r\n",
    }

    def __init__(self, site: ProductionSite, kind: str) -> None:
        self.site, self.kind = site, kind
        self.times_cut_off = -1
        self.begin()

    def begin(self) -> None:
        self.times_cut_off += 1
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(30)
        plain.connect((run.HOST, self.site.port))
        trusting = ssl.create_default_context(cafile=str(self.site.certificate))
        self.connection = trusting.wrap_socket(plain, server_hostname=HOST)
        self.connection.sendall(self.BEGINNINGS[self.kind].format(host=HOST).encode())

    def go_on(self) -> None:
        try:
            if self.kind == "reading":
                self.connection.recv(1)
            else:
                self.connection.sendall(b"a")
        except OSError:  # nginx had enough of it: it comes back, as whoever means harm does
            self.connection.close()
            self.begin()


@contextmanager
def crowd(site: ProductionSite, size: int) -> Iterator[list[SlowClient]]:
    """So many slow clients, in equal parts of each kind, until the block ends."""
    clients = [SlowClient(site, SlowClient.KINDS[number % 3]) for number in range(size)]
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(1):
            for client in clients:
                client.go_on()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield clients
    finally:
        ended.set()
        thread.join()
        for client in clients:
            client.connection.close()


def test_slow_clients_keep_nobody_waiting(production_site: ProductionSite, at_length: bool):
    size, requests = (200, 1000) if at_length else (60, 60)
    addresses = ("/", "/commitments/", "/commitments/?q=police", "/accounts/login/", "/departments/home-office/")
    for address in addresses:
        production_site.ask(address)
    taken = []
    with crowd(production_site, size) as clients:
        for number in range(requests):
            # Every other one goes past the cache, to the app.
            headers = {"Cookie": "a=b"} if number % 2 else {}
            began = time.monotonic()
            answer = production_site.ask(addresses[number % len(addresses)], **headers)
            assert answer.status == 200
            taken.append(time.monotonic() - began)
        assert len(clients) == size
    in_time = sum(seconds <= IN_TIME for seconds in taken)
    assert in_time >= 0.99 * requests, sorted(taken)[-20:]


def ask_whatever_comes(site: ProductionSite, number: int) -> str:
    """Ask for a page that is kept, for one that is not, or with a form, and say what was wrong with the answer."""
    try:
        if number % 10 == 0:
            return check(site.ask("/accounts/login/", "POST", b"login=nobody", Cookie="a=b").status, 403)
        headers = {"Cookie": "a=b"} if number % 2 else {}
        return check(
            site.ask("/departments/" if number % 3 else f"/commitments/?q=word{number}", **headers).status, 200
        )
    except (OSError, ssl.SSLError) as error:
        return type(error).__name__


def check(status: int, expected: int) -> str:
    return "" if status == expected else f"{status} where {expected} was expected"


def test_reloading_loses_no_request(production_site: ProductionSite, at_length: bool):
    """Code, workers and nginx's settings are read anew while readers ask, on a connection of its own each time."""
    requests, reloads = (10_000, 5) if at_length else (200, 1)
    numbers, reloaded = count(1), threading.Event()
    outcomes: Counter[str] = Counter()

    def keep_asking() -> None:
        while (number := next(numbers)) <= requests or not reloaded.is_set():
            outcomes[ask_whatever_comes(production_site, number)] += 1

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(keep_asking) for _ in range(4)]
        try:
            for _ in range(reloads):
                production_site.reload()
        finally:
            reloaded.set()
        for reader in readers:
            reader.result()
    assert set(outcomes) == {""}, outcomes
    assert outcomes[""] >= requests


@pytest.mark.long
def test_the_cache_is_at_least_seven_tenths_as_quick_as_a_file(production_site: ProductionSite):
    if not shutil.which("wrk") and not os.environ.get("REQUIRE_ALL"):
        leave_out("wrk is not installed")
    assert compare_cache_with_file(production_site) >= 0.7
