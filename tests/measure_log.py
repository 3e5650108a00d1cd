"""Measures the stranger's verifier on downloaded files alone, in a process of its own each time.

python -m tests.measure_log tampering [1000]    the log of the register's files, rewritten at random that often
python -m tests.measure_log time [20000]        how long a log of that many entries takes, beside its plain SHA-256
"""

import hashlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import django
from django.conf import settings

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["DATABASE_URL"] = "sqlite://:memory:"
django.setup()
settings.ALLOWED_HOSTS = ["testserver"]

from django.core.management import call_command  # noqa: E402

from tests.examples import draft_document, publish_as_approver  # noqa: E402
from tests.log import download, redact, verify  # noqa: E402
from tests.tampering import tamper  # noqa: E402
from tracker.models import Checkpoint, LogEntry  # noqa: E402
from tracker.publishing import publication  # noqa: E402

UNTOUCHED, REDACTIONS = 100, 50


def measure_tampering(folder: Path, attempts: int = 1000) -> bool:
    """Say how many attempts were found, and how many alarms were false."""
    call_command("load_register", verbosity=0)
    for number in range(20):
        publish_as_approver(draft_document(f"document-{number}"))
    saved = Checkpoint.objects.order_by("size")[10]
    (folder / "saved").write_text(saved.note)
    download(folder)
    found = count_found(folder, attempts, saved.size)
    alarms = sum(verify(folder, "--earlier", "saved")[0] for _ in range(UNTOUCHED))
    print(f"{alarms} of {UNTOUCHED} untouched copies were reported.")
    chance = random.Random()  # noqa: S311
    left = list(LogEntry.objects.values_list("sequence", flat=True))
    chance.shuffle(left)
    false = 0
    for sequence in left[:REDACTIONS]:
        redact(sequence)
        false += verify(download(folder), "--earlier", "saved")[0]
    print(f"{false} of {REDACTIONS} lawful redactions were reported.")
    return (found, alarms, false) == (attempts, 0, 0)


def count_found(folder: Path, attempts: int, last: int) -> int:
    chance, tried, found = random.Random(), Counter[str](), Counter[str]()  # noqa: S311
    entries, checkpoint = ((folder / name).read_bytes() for name in ("entries.jsonl", "checkpoint"))
    for _ in range(attempts):
        how, *changed = tamper(entries, checkpoint, chance, last)
        for name, content in zip(("entries.jsonl", "checkpoint"), changed, strict=True):
            (folder / name).write_bytes(content)
        status, said = verify(folder, "--earlier", "saved")
        tried[how] += 1
        found[how] += (status, said[:10]) == (1, "NOT RIGHT.")
    for name, content in (("entries.jsonl", entries), ("checkpoint", checkpoint)):
        (folder / name).write_bytes(content)
    for how in sorted(tried):
        print(f"  {found[how]} of {tried[how]}: {how}")
    print(f"{found.total()} of {attempts} tamperings with {len(entries.splitlines())} entries were found.")
    return found.total()


def measure_time(folder: Path, size: int = 20_000) -> bool:
    with publication() as log:
        for number in range(size):
            content = {"status": "in-progress", "as_of": "2024-03-01", "reason": "A reason of the usual length. " * 10}
            log.append("status-update", f"commitments/REV-{number}#update-1", content)
    download(folder)
    started = time.perf_counter()
    status, said = verify(folder)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    content = (folder / "entries.jsonl").read_bytes()
    hashlib.sha256(content).digest()
    plain = time.perf_counter() - started
    print(said)
    print(f"verify.py: {seconds:.2f} s for {size} entries in {len(content) / 1e6:.1f} MB, in a process of its own.")
    print(f"Plain SHA-256 of the same file: {plain:.4f} s, so {seconds / plain:.0f} times as long.")
    return status == 0


def main() -> None:
    measures = {"tampering": measure_tampering, "time": measure_time}
    if len(sys.argv) < 2 or sys.argv[1] not in measures:
        sys.exit(__doc__)
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        if not measures[sys.argv[1]](Path(folder), *map(int, sys.argv[2:3])):
            sys.exit("That is not as it should be.")


if __name__ == "__main__":
    main()
