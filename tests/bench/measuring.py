"""How the bench measures: servers in turn, round by round, with the bare view asked beside each; and what it keeps."""

import datetime as dt
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.places import Place
from tests.bench.servers import DATASETTE, Server, find_nginx

Result = dict[str, Any]  # what one part found
RESULTS, TRIED = Path("var/bench/results"), Path("var/bench/tried")  # for the record, and with --quick
BESIDE = 1  # seconds for which the bare view is asked beside each measurement


@dataclass
class Row:
    """One operation of one server: its figures round by round, and those of the bare view beside it."""

    server: str
    operation: str
    address: str
    rounds: list[dict[str, dict[str, float]]] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)  # as `counting` tells them


@dataclass(frozen=True)
class Task:
    """What is asked of a server: addresses by the name of the operation."""

    server: Server
    addresses: dict[str, str]
    connections: int = 1
    headers: dict[str, dict[str, str]] = field(default_factory=dict)  # by operation


@dataclass(frozen=True)
class Pace:
    """How long each measurement takes, and how often all is measured."""

    rounds: int
    seconds: int


def measure_in_turn(tasks: list[Task], bare: Server, pace: Pace) -> list[Row]:
    rows = [(task, Row(task.server.name, name, address)) for task in tasks for name, address in task.addresses.items()]
    for _ in range(pace.rounds):
        for task, row in rows:
            beside = bare.measure("/bare", BESIDE, connections=task.connections)
            headers = task.headers.get(row.operation, {})
            found = task.server.measure(row.address, pace.seconds, connections=task.connections, **headers)
            if found.refused:
                raise SystemExit(f"{row.server}: {row.address} was refused {found.refused} times.")
            row.rounds.append({"found": asdict(found), "beside": asdict(beside)})
            print(".", end="", flush=True)
    print()
    return [row for _, row in rows]


def count_queries(place: Place, rows: Iterable[Row]) -> None:
    """Say of each row whose server is one of `applications` how often its page asks the database."""
    rows = list(rows)
    for server in {row.server for row in rows}:
        ours = [row for row in rows if row.server == server]
        counted = place.run("tests.bench.counting", *(row.address for row in ours), BENCH=server, **QUIETLY)
        for row in ours:
            row.queries = counted[row.address]


QUIETLY = {"DEBUG": "0", "SECRET_KEY": "of nothing that anybody signs here, and long enough to be taken for one"}


def describe(part: str, place: Place, **facts: Any) -> Result:
    """Return what a part found, with when, where and on what."""
    return {
        "part": part,
        "database": place.database,
        "commitments": place.commitments,
        "on": dt.datetime.now(dt.UTC).date().isoformat(),
        "versions": read_versions(place),
        **facts,
    }


def keep(result: Result, folder: Path) -> None:
    """Write what a part found into a file, in place of what it found there before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['part']}.{result['database'].lower()}.{result['commitments']}.json"
    path.write_text(json.dumps(result, indent=1, default=asdict) + "\n")
    print(f"Kept in {path}.", flush=True)


def read_versions(place: Place) -> dict[str, str]:
    return {
        "commit": _say(["git", "describe", "--always", "--dirty"]),
        "machine": f"{os.cpu_count()} cores, {_read_processor()}",
        "Python": platform.python_version(),
        "Django": importlib.metadata.version("django"),
        "granian": importlib.metadata.version("granian"),
        place.database: place.read_version(),
        "Datasette": DATASETTE.partition("==")[2],
        "nginx": _say([find_nginx() or "nginx", "-v"]).rpartition("/")[2],
    }


def _say(command: list[str]) -> str:
    """Return what a command says in a line; nothing where there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip()


def _read_processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()
