"""However the log is rewritten, whoever kept an earlier checkpoint finds out; and nothing lawful is taken for it.

A thousand attempts in processes of their own are `python -m tests.measure_log tampering`; here are fewer, in this one.
"""

import io
import random
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.examples import draft_update, make_commitment, publish_as_approver
from tests.log import download, redact, verify
from tests.tampering import WAYS, tamper
from tracker import verify as verifier
from tracker.models import Checkpoint, LogEntry

pytestmark = pytest.mark.once

ATTEMPTS = 240


@pytest.fixture
def copy(empty_register: None, tmp_path: Path) -> Path:
    """A downloaded log of some thirty entries, and `saved`, the checkpoint that somebody kept at the twentieth."""
    commitment = make_commitment()
    for day in range(1, 29):
        publish_as_approver(draft_update(commitment, f"2024-03-{day:02}"))
    (tmp_path / "saved").write_text(Checkpoint.objects.get(size=20).note)
    redact(6, 8)
    return download(tmp_path)


def check(folder: Path) -> tuple[int, str]:
    """Check as `python3 verify.py` does, in this process."""
    said = io.StringIO()
    names = [str(folder / name) for name in ("entries.jsonl", "checkpoint", "saved")]
    with redirect_stdout(said):
        status = verifier.main([*names[:2], "--key", *(folder / "key").read_text().split(), "--earlier", names[2]])
    return status, said.getvalue()


def test_every_tampering_is_found(copy):
    chance = random.Random(6962)  # noqa: S311 - the same attempts each time
    entries, checkpoint = (copy / "entries.jsonl").read_bytes(), (copy / "checkpoint").read_bytes()
    tried: Counter[str] = Counter()
    for _ in range(ATTEMPTS):
        how, *changed = tamper(entries, checkpoint, chance, 20)
        (copy / "entries.jsonl").write_bytes(changed[0])
        (copy / "checkpoint").write_bytes(changed[1])
        status, said = check(copy)
        assert (status, said.startswith("NOT RIGHT. ")) == (1, True), how
        tried[how] += 1
    assert len(tried) == 2 * len(WAYS)
    assert min(tried.values()) >= 5


def test_an_untouched_copy_is_never_reported(copy):
    assert check(copy)[0] == verify(copy, "--earlier", "saved")[0] == 0
    for checkpoint in Checkpoint.objects.all():
        (copy / "saved").write_text(checkpoint.note)
        assert check(copy)[0] == 0


def test_lawful_redactions_raise_no_alarm(copy):
    chance = random.Random(8032)  # noqa: S311
    for _ in range(10):
        left = list(LogEntry.objects.exclude(kind="redaction").exclude(content=None).values_list("sequence", flat=True))
        redact(*chance.sample(left, 2))
        assert check(download(copy))[0] == 0
    assert verify(copy, "--earlier", "saved")[0] == 0
