"""Several hosts, a primary and a read replica: a publication shows everywhere at once, and nobody goes back in time."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import IO

import pytest
from django.conf import settings

from tests.clusters import PATIENCE, Server, follow, receive, replicated, wait_until
from tests.programs import leave_out, need
from tests.running import free_port

pytestmark = pytest.mark.once

PAGE = "/commitments/REV-1/"
READS = 'FROM "tracker_commitment"'
FRESH = count(1)
ADDED = {"partly-delivered": "Partly delivered", "in-progress": "In progress"}


@dataclass
class Host:
    """A host of the site, asked from outside."""

    address: str
    port: int

    def ask(self, path: str, **held: str) -> tuple[int, str, str]:
        """Return the status of the answer, what it says and its ETag."""
        headers = {name.replace("_", "-"): value for name, value in held.items()}
        with closing(http.client.HTTPConnection(self.address, self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path, headers={"Host": "127.0.0.1", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers["ETag"] or ""

    def get(self, path: str) -> tuple[int, str]:
        return self.ask(path)[:2]

    def is_open(self) -> bool:
        try:
            return self.get("/livez")[0] == 200
        except OSError:
            return False

    def read_status(self, path: str = PAGE) -> str:
        status, page = self.get(path)
        assert status == 200, f"{path} answers {status}"
        present = re.search(r"(Partly delivered|In progress)[^<]{0,40} since \d+ March 2024", page)
        return present[1] if present else "Not yet checked"


def anew() -> str:
    """Return the page's address as nobody has asked for it yet: with a parameter that is not kept."""
    return f"{PAGE}?from={next(FRESH)}"


@contextmanager
def process(*command: str, stderr: IO[str] | None = None, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | variables
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": stderr}
    started = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, **pipes)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(PATIENCE)
        started.stdin.close()
        started.stdout.close()


class Staff:
    """Whoever publishes, on the primary."""

    def __init__(self, publisher: subprocess.Popen[str]) -> None:
        self.publisher = publisher
        assert publisher.stdout.readline()

    def publish(self, status: str) -> str:
        self.publisher.stdin.write(f"{status}\n")
        self.publisher.stdin.flush()
        assert self.publisher.stdout.readline().strip().isdigit()
        return ADDED[status]


def start_host(stack: ExitStack, primary: str, replica: str, address: str = "127.0.0.1", inside: str = "") -> Host:
    host = Host(address, free_port())
    place = ["ip", "netns", "exec", inside] if inside else []
    server = ["-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--blocking-threads", "2", "--no-ws"]
    where = ["--host", address, "--port", str(host.port), "--log-level", "warning", "--workers-kill-timeout", "1"]
    known = {"DATABASE_URL": primary, "TEST_REPLICA_URL": replica}
    stack.enter_context(process(*place, sys.executable, *server, *where, **known))
    return host


def work(primary: Server) -> Staff:
    return process(sys.executable, "-m", "tests.publisher", DATABASE_URL=primary.address())


def see_everything(hosts: list[Host], staff: Staff, primary: Server, replica: Server) -> None:
    follow(primary, replica)
    see_pages_read_from_the_replica(hosts, primary, replica)
    see_a_publication_at_once(hosts, staff, primary, replica)
    see_no_stale_answer_while_the_replica_lags(hosts, staff, replica)
    see_reading_go_on_without_the_primary(hosts, primary, replica)
    see_reading_go_on_without_the_replica(hosts, primary, replica)


def see_pages_read_from_the_replica(hosts: list[Host], primary: Server, replica: Server) -> None:
    before = primary.count(READS), replica.count(READS)
    assert [host.read_status(anew()) for host in hosts] == ["Not yet checked"] * len(hosts)
    assert primary.count(READS) == before[0]
    assert replica.count(READS) > before[1]


def see_a_publication_at_once(hosts: list[Host], staff: Staff, primary: Server, replica: Server) -> None:
    """What is drawn is the newest, and from then on nothing older is handed out."""
    label = staff.publish("partly-delivered")
    for _ in range(5):
        assert [host.read_status(path) for host in hosts for path in (anew(), PAGE)] == [label] * 2 * len(hosts)
    follow(primary, replica)
    see_back_on_the_replica(hosts, replica)


def see_no_stale_answer_while_the_replica_lags(hosts: list[Host], staff: Staff, replica: Server) -> None:
    """Not even by a host that would have answered that nothing changed, had it asked the replica."""
    names = {host.ask(PAGE)[2] for host in hosts}
    assert len(names) == 1
    replica.ask("SELECT pg_wal_replay_pause()::text")
    label = staff.publish("in-progress")
    before = replica.count(READS)
    assert not names & {ask_anew(host, name) for host in hosts for name in names}
    for _ in range(5):
        assert [host.read_status(path) for host in hosts for path in (anew(), PAGE)] == [label] * 2 * len(hosts)
    assert replica.count(READS) == before


def ask_anew(host: Host, name: str) -> str:
    """Return the name of the page as it is now, for a reader who holds one of another name."""
    wait_until(lambda: host.ask(PAGE, If_None_Match=name)[0] == 200, seconds=1)  # it looks four times a second
    return host.ask(PAGE)[2]


def see_reading_go_on_without_the_primary(hosts: list[Host], primary: Server, replica: Server) -> None:
    """While the replica still lags, only what was drawn is shown; whatever is not known is not guessed at."""
    receive(primary, replica)
    primary.kill()
    for host in hosts:
        assert host.read_status(PAGE) == "In progress"
        assert host.get(anew())[0] == 503
    replica.ask("SELECT pg_wal_replay_resume()::text")
    for host in hosts:
        wait_until(lambda host=host: host.get(anew())[0] == 200, seconds=5)
        assert [host.read_status(anew()) for _ in range(5)] == ["In progress"] * 5
        assert [host.get(path)[0] for path in ("/readyz", "/commitments.csv", "/accounts/login/")] == [200, 200, 503]
    primary.start()
    for host in hosts:
        wait_until(lambda host=host: host.get("/accounts/login/")[0] == 200, seconds=5)


def see_reading_go_on_without_the_replica(hosts: list[Host], primary: Server, replica: Server) -> None:
    see_back_on_the_replica(hosts, replica)
    replica.kill()
    started = time.monotonic()
    for _ in range(5):
        assert [host.read_status(anew()) for host in hosts] == ["In progress"] * len(hosts)
    assert time.monotonic() - started < PATIENCE
    replica.start()
    see_back_on_the_replica(hosts, replica)


def see_back_on_the_replica(hosts: list[Host], replica: Server) -> None:
    for host in hosts:
        before = replica.count(READS)

        def is_read(host: Host = host, before: int = before) -> bool:
            host.read_status(anew())
            return replica.count(READS) > before

        wait_until(is_read, seconds=5)


def test_a_host_reads_the_replica_while_that_is_up_to_date_and_goes_on_without_either():
    with ExitStack() as stack:
        primary, replica = stack.enter_context(replicated("127.0.0.1"))
        staff = Staff(stack.enter_context(work(primary)))
        host = start_host(stack, primary.address(), replica.address())
        wait_until(host.is_open)
        see_everything([host], staff, primary, replica)


# --- Two hosts in networks of their own -----------------------------------------------------------


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=PATIENCE)


@contextmanager
def networks(number: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give the address of a bridge, and the name and address of each of two network namespaces that hang on it."""
    need("ip")
    net, bridge = f"10.213.{os.getpid() % 250}", f"regb{os.getpid()}"
    spaces = [(f"regn{os.getpid()}-{each}", f"{net}.{each + 2}") for each in range(number)]
    try:
        try:
            ip("link", "add", bridge, "type", "bridge")
            ip("addr", "add", f"{net}.1/24", "dev", bridge)
            ip("link", "set", bridge, "up")
            for each, (name, address) in enumerate(spaces):
                hang_on(bridge, each, name, address)
        except subprocess.CalledProcessError as error:
            leave_out(f"no network namespaces can be made here: {error.stderr.decode().strip()}")
        yield f"{net}.1", spaces
    finally:
        for name, _address in spaces:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True, timeout=PATIENCE)
        subprocess.run(["ip", "link", "delete", bridge], check=False, capture_output=True, timeout=PATIENCE)


def hang_on(bridge: str, number: int, name: str, address: str) -> None:
    outside, inside = f"rego{os.getpid()}{number}", f"regi{os.getpid()}{number}"
    ip("netns", "add", name)
    ip("link", "add", outside, "type", "veth", "peer", "name", inside)
    ip("link", "set", outside, "master", bridge, "up")
    ip("link", "set", inside, "netns", name)
    ip("-n", name, "addr", "add", f"{address}/24", "dev", inside)
    ip("-n", name, "link", "set", inside, "up")
    ip("-n", name, "link", "set", "lo", "up")


@pytest.mark.long
def test_two_hosts_show_the_same_whatever_fails_behind_them():
    with ExitStack() as stack:
        gateway, spaces = stack.enter_context(networks(2))
        primary, replica = stack.enter_context(replicated(gateway))
        staff = Staff(stack.enter_context(work(primary)))
        hosts = [start_host(stack, primary.address(), replica.address(), address, name) for name, address in spaces]
        for host in hosts:
            wait_until(host.is_open)
        see_everything(hosts, staff, primary, replica)
