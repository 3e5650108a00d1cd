"""What it costs to take the whole register away, against the `sqlite3` command line with the same columns.

Each file is asked for some times and the least of each figure counts; memory is how much the server's process grows to
its peak.
"""

import http.client
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.bench.measuring import Pace, Result, describe
from tests.bench.places import SQLITE, Place
from tests.bench.servers import Server, serve_site

EVERYTHING = "/commitments.csv"
ASKED = [
    *(EVERYTHING, "/commitments/updates.csv", "/commitments/evidence.csv", "/commitments.jsonl"),
    *("/commitments.csv?on=2022-06-01", "/commitments.json", "/commitments.xlsx?department=department-7"),
    "/commitments.ods?department=department-60",
]
FIRST = "/commitments.csv?department=department-60"  # asked before anything counts: what is imported and compiled once
# What /commitments.csv says, column by column, as far as a dump can; the three empty texts are computed there.
DUMP = """
SELECT c.reference, c.title, c.summary, c.kind, p.slug, p.name, c.number, d.slug, d.name,
  (SELECT group_concat(s.slug, '; ') FROM tracker_commitment_supporting cs JOIN tracker_department s
   ON s.id = cs.department_id WHERE cs.commitment_id = c.id),
  (SELECT group_concat(t.slug, '; ') FROM tracker_commitment_topics ct JOIN tracker_topic t
   ON t.id = ct.topic_id WHERE ct.commitment_id = c.id),
  c.made_on, c.made_on_precision, c.made_by, u.status, u.status, c.status_since, u.number, u.as_of, u.strength,
  l.status, l.as_of, r.answer, r."on", c.next_due_on, '', c.checked_on, o.identifier, o.url, c.source_locator,
  c.confidence, c.editor_note, c.has_distressing_detail, '/commitments/' || c.reference || '/', date('now'), ''
FROM tracker_commitment c JOIN tracker_programme p ON p.id = c.programme_id
JOIN tracker_department d ON d.id = c.department_id JOIN tracker_document o ON o.id = c.source_document_id
LEFT JOIN tracker_statusupdate u ON u.id = c.current_update_id
LEFT JOIN tracker_statusupdate l ON l.id = c.current_claim_id
LEFT JOIN tracker_response r ON r.id = c.current_response_id
WHERE c.published_at IS NOT NULL AND c.withdrawn_at IS NULL ORDER BY c.reference
"""


def measure_files(place: Place, pace: Pace) -> Result:
    """Ask for each file, and in between have `sqlite3` dump the commitments where that is their database."""
    rows, dumped = [], []
    with serve_site(place.url) as server:
        process = max(server.list_processes(), key=read_memory)
        for _ in range(8):  # every thread of the server
            ask(server, FIRST)
        for address in ASKED:
            before, answers = read_memory(process), []
            forget_peak(process)
            for _ in range(pace.rounds):
                answers.append(ask(server, address))
                if place.database == SQLITE and address == EVERYTHING:
                    dumped.append(measure_dump(place.path))
            first, taken, size = map(min, zip(*answers, strict=True))
            grown = read_memory(process, "VmHWM") - before
            rows.append({"address": address, "first": first, "seconds": taken, "size": size, "grown": grown})
            print(f"{address}: first byte {first:.0f} ms, all {taken:.2f} s, {size / 1e6:.1f} MB", flush=True)
    return describe("files", place, pace=pace, rows=rows, dumped=dumped)


def read_memory(process: int, name: str = "VmRSS") -> float:
    """Return what a process holds now, in MB, or with "VmHWM" the most that it held since `forget_peak`."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def ask(server: Server, address: str) -> tuple[float, float, int]:
    """Ask for a file; return the milliseconds to its first byte, the seconds to its last and how many bytes it has."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)) as connection:
        began = time.perf_counter()
        connection.request("GET", address)
        response = connection.getresponse()
        size = len(response.read(1))
        first = time.perf_counter() - began
        while chunk := response.read(1 << 16):
            size += len(chunk)
        taken = time.perf_counter() - began
    if response.status != http.client.OK:
        raise SystemExit(f"{address} answers {response.status}.")
    return 1000 * first, taken, size


def measure_dump(path: Path) -> float:
    """Return the seconds that the sqlite3 command line takes to write the commitments as CSV."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "dump.csv").open("wb") as file:
        began = time.perf_counter()
        subprocess.run(["sqlite3", "-csv", str(path), DUMP], stdout=file, check=True)
        return time.perf_counter() - began
