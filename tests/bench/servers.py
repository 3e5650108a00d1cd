"""The servers that the bench measures, one at a time or side by side, each on a port of its own on loopback."""

import contextlib
import http.client
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

try:
    from config.deploy.certificates import ensure_certificate
    from config.deploy.nginx import fill_in
except ImportError:  # a copy of the site without what is shipped to run it
    fill_in = None  # type: ignore[assignment]

START_SECONDS = 240  # on a machine that is busy
TICKS = os.sysconf("SC_CLK_TCK")
DATASETTE = "datasette==0.65.5"
FINISHED, STATIC, SHIPPED = "finished pages", "static page, nginx", "the shipped nginx"
HOST = "register.example.org"  # of the site behind the shipped nginx


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
    host: str = ""  # by which it is reached over TLS; it answers in the clear where there is none

    @property
    def origin(self) -> str:
        return f"{'https' if self.host else 'http'}://127.0.0.1:{self.port}"

    def ask(self, address: str, **headers: str) -> tuple[int, bytes, Message]:
        if self.host:
            unchecked = ssl._create_unverified_context()  # noqa: S323 - signed by nobody, and on this machine
            connection: Any = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=120, context=unchecked)
            headers = {"Host": self.host} | headers
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request("GET", address, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers

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

    def measure(self, address: str, seconds: int, *, connections: int = 1, **headers: str) -> Figures:
        """Ask for an address for some seconds, after a first time that does not count."""
        headers = ({"Host": self.host} if self.host else {}) | headers
        status, body, _ = self.ask(address, **headers)
        if status not in {http.client.OK, http.client.NOT_MODIFIED}:
            raise SystemExit(f"{self.name}: {address} answers {status}.")
        began = self.read_cpu()
        said = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
            + [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
            + [f"{self.origin}{address}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        count = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
        if not count:  # it takes longer than it was given
            return self.measure(address, 3 * seconds, connections=connections, **headers)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
        return Figures(
            read_latency(said, 50),
            read_latency(said, 99),
            float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
            1000 * (self.read_cpu() - began) / count,
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
def start(
    name: str, command: list[str], *, first: str, port: int, host: str = "", folder: Path | None = None, **facts: str
) -> Iterator[Server]:
    """Run a server until the block ends, from when it answers its first address."""
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=folder, env=os.environ | facts, process_group=0, **quiet)
    server = Server(name, port, process.pid, host)
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                server.ask(first)
                break
            except OSError:
                time.sleep(0.02)  # another process tells nobody when it is ready
        else:
            raise SystemExit(f"{name} did not start.")
        yield server
    finally:
        process.terminate()
        process.wait()


def serve_site(
    database: str,
    *,
    bench: str = "",
    first: str = "/robots.txt",
    name: str = "",
    folder: Path | None = None,
    **others: str,
):
    """Start our production server on a database, in one process with four threads; `bench` says what `applications`
    serves in place of the site, `folder` where another copy of the project is, and `others` are further settings.
    """
    python = folder / ".venv/bin/python" if folder else sys.executable
    port = find_port()
    facts = {
        "BENCH": bench,
        "DATABASE_URL": database,
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": f"http://127.0.0.1:{port}",
        **others,
    }
    application = "tests.bench.applications:application" if bench else "config.wsgi:application"
    command = [str(python), "-m", "granian", application, "--interface", "wsgi", "--no-ws", "--port", str(port)]
    work = ["--log-level", "warning", "--blocking-threads", "4"]
    return start(name or bench or FINISHED, [*command, *work], first=first, port=port, folder=folder, **facts)


def collect_static_files() -> None:
    """Compress the static files, without which no page is drawn outside of tests."""
    facts = {"DEBUG": "0", "SECRET_KEY": "of nothing that anybody signs here, and long enough to be taken for one"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | facts | {"DJANGO_SETTINGS_MODULE": "config.settings"}, check=True)


def serve_datasette(file: Path):
    """Start Datasette on a file of SQLite, in an environment of its own under var/."""
    place = Path("var/bench/datasette")
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
        with start(STATIC, [str(find_nginx()), "-c", str(settings)], first="/page.html", port=port) as server:
            yield server


@contextmanager
def serve_through_the_shipped_nginx(site: Server, page: bytes) -> Iterator[Server]:
    """Start nginx as it is shipped before a site, with one of its pages as a static file beside it."""
    port = find_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "static").mkdir()
        (folder / "static" / "page.html").write_bytes(page)
        ensure_certificate(HOST, folder / "certificate", folder / "key")
        given = {
            "ACCESS_LOG": "/dev/null",
            "APP": f"127.0.0.1:{site.port}",
            "CACHE_DIR": str(folder / "cache"),
            "CERTIFICATE": str(folder / "certificate"),
            "CERTIFICATE_KEY": str(folder / "key"),
            "HTTPS_LISTEN": f"127.0.0.1:{port}",
            "HTTP_LISTEN": f"127.0.0.1:{find_port()}",
            "INSIDE_LISTEN": f"127.0.0.1:{find_port()}",
            "NGINX_USER": "root" if os.geteuid() == 0 else "nobody",
            "RUN_DIR": name,
            "SITE_URL": f"https://{HOST}",
            "STATIC_DIR": str(folder / "static"),
        }
        (folder / "nginx.conf").write_text(fill_in(given))
        command = [str(find_nginx()), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        with start(SHIPPED, command, first="/static/page.html", port=port, host=HOST) as server:
            yield server


def is_nginx_shipped() -> bool:
    return fill_in is not None


def find_nginx() -> str | None:
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
