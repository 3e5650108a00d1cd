"""The servers that the bench measures, one at a time or side by side, each on a port of its own on loopback."""

import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
DATASETTE = "datasette==0.65.5"


@dataclass(frozen=True)
class Figures:
    """What wrk saw on one connection, and what the server's processes used meanwhile."""

    p50: float  # milliseconds
    p99: float
    per_second: float
    cpu: float  # milliseconds for each request
    size: int  # bytes of the answer
    refused: int  # answers that were neither 2xx nor 3xx


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    process: int

    def ask(self, address: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", address, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, body

    def list_processes(self) -> list[int]:
        found, waiting = [], [self.process]
        while waiting:
            process = waiting.pop()
            found.append(process)
            for task in Path(f"/proc/{process}/task").glob("*/children"):
                waiting += map(int, task.read_text().split())
        return found

    def read_cpu(self) -> float:
        """Return the seconds of processor time that its processes have used."""
        stats = (Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in self.list_processes())
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS

    def read_memory(self) -> float:
        """Return the most that its largest process has held, in MB."""
        statuses = (Path(f"/proc/{each}/status").read_text() for each in self.list_processes())
        return max(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024 for status in statuses)  # type: ignore[index]

    def measure(self, address: str, seconds: int, cookie: str = "") -> Figures:
        """Ask for an address on one connection for some seconds, after a first time that does not count."""
        headers = {"Cookie": cookie} if cookie else {}
        status, body = self.ask(address, **headers)
        if status != http.client.OK:
            raise SystemExit(f"{self.name}: {address} answers {status}.")
        began = self.read_cpu()
        said = subprocess.run(
            ["wrk", "-t1", "-c1", f"-d{seconds}s", "--timeout", "60s", "--latency"]
            + [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
            + [f"http://127.0.0.1:{self.port}{address}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        count = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
        return Figures(
            read_latency(said, 50),
            read_latency(said, 99),
            float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
            1000 * (self.read_cpu() - began) / max(count, 1),
            len(body),
            int(refused[1]) if refused else 0,
        )


def read_latency(said: str, percent: int) -> float:
    """Return a percentile of wrk's latencies in milliseconds."""
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s|m)\b", said).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def start(name: str, command: list[str], *, first: str, port: int, **facts: str) -> Iterator[Server]:
    """Run a server until the block ends, from when it answers its first address."""
    process = subprocess.Popen(
        command, env=os.environ | facts, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )
    server = Server(name, port, process.pid)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                server.ask(first)
                break
            except (ConnectionRefusedError, ConnectionResetError):
                time.sleep(0.05)  # another process tells nobody when it is ready
        else:
            raise SystemExit(f"{name} did not start.")
        yield server
    finally:
        process.terminate()
        process.wait()


def serve_site(database: str, *, application: str = "config.wsgi:application", bench: str = "", threads: int = 4):
    """Start our production server on a database; `bench` says what is left out."""
    port = find_port()
    facts = {
        "BENCH": bench,
        "DATABASE_URL": database,
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "granian", application, "--interface", "wsgi", "--no-ws", "--port", str(port)]
    work = ["--log-level", "warning", "--blocking-threads", str(threads)]
    first = "/bare" if bench == "bare" else "/robots.txt"
    return start(bench or "the register", [*command, *work], first=first, port=port, **facts)


def serve_datasette(file: Path):
    """Start Datasette on a file of SQLite, in an environment of its own under var/."""
    place = Path("var/bench")
    if not (place / "bin/datasette").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(place / "bin/pip"), "install", "-qq", DATASETTE], check=True)
    port = find_port()
    options = ["--setting", "sql_time_limit_ms", "60000", "--setting", "facet_time_limit_ms", "60000"]
    command = [str(place / "bin/datasette"), "serve", "--immutable", str(file), "--port", str(port), *options]
    return start("Datasette", command, first="/", port=port)


@contextmanager
def serve_static(page: bytes) -> Iterator[Server]:
    """Start nginx with one static page."""
    port = find_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_bytes(page)
        Path(folder).chmod(0o755)
        settings = Path(folder, "nginx.conf")
        settings.write_text(
            f"pid {folder}/pid; error_log {folder}/errors; worker_processes 1; daemon off; user root; "
            f"events {{ worker_connections 512; }} http {{ access_log off; keepalive_requests 100000000; "
            f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
        )
        with start("nginx", [str(shutil.which("nginx")), "-c", str(settings)], first="/page.html", port=port) as server:
            yield server
