"""Measures what it costs to take the whole register away, against the `sqlite3` command line with the same columns.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 .venv/bin/python -m tests.measure_downloads

Reads a database that `tests.measure_past_days` has filled. Each file is asked for in a process of its own, once before
it counts; memory is how much the process grows from before the answer to its peak.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tracker.models import Commitment  # noqa: E402

ASKED = [
    *("/commitments.csv", "/commitments.csv?on=2022-06-01", "/commitments/updates.csv", "/commitments/evidence.csv"),
    *("/commitments.jsonl", "/commitments.json", "/commitments.xlsx?department=department-7"),
    "/commitments.ods?department=department-7",
]
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


def read_peak() -> float:
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(address: str) -> None:
    """Ask for one file and print the seconds to its first byte, those to its last, its size and the growth in MB."""
    settings.DEBUG = False
    client = Client(headers={"host": "127.0.0.1"})
    client.get("/commitments.csv?department=department-1").getvalue()  # what is imported and compiled once
    before, began = read_peak(), time.perf_counter()
    response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answers {response.status_code}.")
    chunks = iter(response.streaming_content if response.streaming else [response.content])
    size = len(next(chunks))
    first = time.perf_counter() - began
    size += sum(map(len, chunks))
    taken = time.perf_counter() - began
    print(f"{1000 * first:.0f} {taken:.2f} {size / 1e6:.1f} {read_peak() - before:.0f}")


def measure_dump() -> float:
    """Return the seconds that the sqlite3 command line takes to write the commitments as CSV."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "dump.csv").open("wb") as file:
        began = time.perf_counter()
        subprocess.run(["sqlite3", "-csv", settings.DATABASES["default"]["NAME"], DUMP], stdout=file, check=True)
        return time.perf_counter() - began


def main() -> None:
    if len(sys.argv) == 2:
        measure(sys.argv[1])
        return
    print(f"{connection.vendor}: {Commitment.objects.count():,} commitments", flush=True)
    taken = {}
    for address in ASKED:
        command = [sys.executable, "-m", "tests.measure_downloads", address]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        first, whole, size, growth = said.split()
        taken[address] = float(whole)
        print(f"{address}: first byte {first} ms, all {whole} s, {size} MB; memory grew by {growth} MB", flush=True)
    if connection.vendor == "sqlite":
        dumped = min(measure_dump() for _ in range(3))
        print(f"sqlite3 dumps the commitments in {dumped:.2f} s: /commitments.csv takes ", end="")
        print(f"{taken['/commitments.csv'] / dumped:.1f} times as long.")


if __name__ == "__main__":
    main()
