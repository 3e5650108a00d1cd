"""Eight people work on the same few commitments at once, in real transactions; says as JSON what came of each attempt.

Run by `test_nobody_loses_work.py`, on a database of its own. Two hundred times somebody edits a draft or publishes it.
"""

import itertools
import json
import re
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import django
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parent.parent))
django.setup()
settings.ALLOWED_HOSTS = ["testserver"]

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.desk import Desk, address_of, make_staff, read_messages, read_text, review_address  # noqa: E402
from tests.examples import draft_update, make_commitment  # noqa: E402
from tracker.auditing import find_broken_invariants  # noqa: E402
from tracker.models import LogEntry, Programme, StatusUpdate  # noqa: E402
from tracker.publishing import submit  # noqa: E402

PEOPLE, ATTEMPTS, COMMITMENTS, DRAFTS = 8, 200, 3, 20
COUNTED = itertools.count(1)


def prepare() -> tuple[list[StatusUpdate], list[Desk]]:
    call_command("migrate", verbosity=0)
    commitments = [make_commitment(f"REV-{number}") for number in range(1, COMMITMENTS + 1)]
    Programme.objects.update(expected_commitments=COMMITMENTS)
    updates = []
    for commitment in commitments:
        for day in range(1, DRAFTS + 1):
            updates.append(draft_update(commitment, f"2024-03-{day:02}"))
            submit(updates[-1], by=updates[-1].author)
    return updates, [Desk(make_staff(f"person-{number}", "Reviewer")) for number in range(PEOPLE)]


def read_hidden(page: Any, name: str) -> str:
    """Return what a hidden field of a page holds; nothing where the page has no such field."""
    field = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.content.decode())
    return field[1] if field else ""


def edit(desk: Desk, update: StatusUpdate, number: int) -> str:
    """Write another reason and submit it; says what came of it."""
    started_from = read_hidden(desk.get(address_of(update)), "started_from")
    if not started_from:
        return "already public when opened"
    sent = {
        "commitment": update.commitment_id,
        "basis": update.basis,
        "status": update.status,
        "as_of": update.as_of.isoformat(),
        "corrects": "",
        "reason": f"Attempt {number} wrote this reason, which is long enough.",
        "started_from": started_from,
        "evidence-TOTAL_FORMS": "1",
        "evidence-INITIAL_FORMS": "1",
        "evidence-0-id": update.evidence.get().pk,
        "evidence-0-status_update": update.pk,
        "evidence-0-document": update.evidence.get().document_id,
        "evidence-0-note": "Says what was done.",
    }
    answer = desk.post(address_of(update), sent | {"_submit": "1"})
    if answer.status_code == 302:
        return "saved"
    if answer.status_code == 409:
        return "too late"
    return "told of a colleague" if "while you were writing" in read_text(answer) else f"? {answer.status_code}"


def publish(desk: Desk, update: StatusUpdate, number: int) -> str:
    """Read a draft and publish it; says what came of it."""
    version = read_hidden(desk.get(review_address(update)), "version")
    if not version:
        return "already public when opened"
    answer = desk.post(review_address(update), {"_publish": "1", "version": version}, follow=True)
    said = " ".join(read_messages(answer))
    told = {
        "Published.": "published",
        "was changed after you opened it": "told of a colleague",
        "Somebody else has published": "too late",
        "taken it back": "told of a colleague",
        "You wrote this": "own work",
    }
    return next((outcome for words, outcome in told.items() if words in said), f"? {said}")


def work(desk: Desk, updates: list[StatusUpdate], outcomes: list[tuple[str, str]], start: threading.Barrier) -> None:
    start.wait()
    while (number := next(COUNTED)) <= ATTEMPTS:
        # Four attempts in a row are at the same draft, so that people meet on it.
        update = updates[(number // 4) % len(updates)]
        verb: Any = publish if number % 2 else edit
        try:
            outcomes.append((verb.__name__, verb(desk, update, number)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the attempt was not accounted for
            outcomes.append((verb.__name__, f"? {type(error).__name__}: {error}"))
    connection.close()


def main() -> None:
    updates, people = prepare()
    outcomes: list[tuple[str, str]] = []
    start = threading.Barrier(PEOPLE)
    threads = [threading.Thread(target=work, args=(desk, updates, outcomes, start)) for desk in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter(outcomes)
    published = StatusUpdate.objects.published()
    saved = StatusUpdate.history.filter(history_user__isnull=False, history_change_reason__isnull=True)
    entries = Counter(LogEntry.objects.filter(kind="status-update").values_list("subject", flat=True))
    json.dump(
        {
            "attempts": len(outcomes),
            "not accounted for": sorted(outcome for _, outcome in outcomes if outcome.startswith("?")),
            "published": published.count(),
            "told that it was published": counted["publish", "published"],
            "saved": saved.count(),
            "told that it was saved": counted["edit", "saved"],
            "entries of each update": [entries[update.subject] for update in published],
            "broken": list(find_broken_invariants()),
            "outcomes": {f"{verb}: {outcome}": count for (verb, outcome), count in sorted(counted.items())},
        },
        sys.stdout,
    )


main()
