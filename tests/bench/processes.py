"""What a process of the site costs: the memory that it holds at two sizes, and the time that it takes to start."""

import os
import subprocess
import sys
import time

from tests.bench.files import read_memory
from tests.bench.lists import GROWING, fill_in
from tests.bench.measuring import QUIETLY, Pace, Result, describe
from tests.bench.places import Place
from tests.bench.servers import serve_site

MIX = 60  # generated questions, after every operation of the list
TIMES = 2  # each is asked, so that what is kept is also handed out


def measure_memory(small: Place, big: Place) -> Result:
    """Have a worker of each register answer the same mix of requests."""
    questions = small.run(
        "tests.bench.questions", f"--commitments={small.commitments}", f"--count={MIX}", "--list", **QUIETLY
    )
    rows = [measure_mix(place, questions) for place in (small, big)]
    return describe("memory", big, rows=rows)


def measure_mix(place: Place, questions: list[str]) -> dict[str, float]:
    """Return what a worker holds after the requests, and the most that it held in between, in MB."""
    refused = 0
    with serve_site(place.url) as server:
        for address in [*fill_in(GROWING, place.commitments).values(), *questions] * TIMES:
            refused += server.ask(address)[0] >= 500
        worker = max(server.list_processes(), key=read_memory)
        held, most = read_memory(worker), read_memory(worker, "VmHWM")
    print(f"{place.commitments:,} commitments: {held:.0f} MB, {most:.0f} at most", flush=True)
    return {"commitments": place.commitments, "held": held, "most": most, "failed": refused}


def measure_start(place: Place, pace: Pace) -> Result:
    """Start the production server up to its first page, and `manage.py check`, in turn."""
    rows = [{"page": measure_first_page(place), "check": measure_check(place)} for _ in range(pace.rounds + 2)]
    for row in rows:
        print(f"first page {row['page']:.2f} s, check {row['check']:.2f} s", flush=True)
    return describe("start", place, pace=pace, rows=rows)


def measure_first_page(place: Place) -> float:
    began = time.perf_counter()
    with serve_site(place.url, first="/commitments/"):
        return time.perf_counter() - began


def measure_check(place: Place) -> float:
    facts = QUIETLY | {"DATABASE_URL": place.url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    began = time.perf_counter()
    command = [sys.executable, "manage.py", "check"]
    subprocess.run(command, env=os.environ | facts, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
