"""A register of any earlier version becomes one of today, and one of today goes back, with all that was published."""

from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.examples import (
    draft_document,
    draft_funding,
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    publish_as_approver,
)
from tests.migrating import migrate
from tests.places import connected_to
from tracker.auditing import find_broken_invariants
from tracker.models import LogEntry

pytestmark = pytest.mark.django_db  # so that there is a database to copy
VERSIONS = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "tracker")


def publish_a_little() -> None:
    commitment = make_commitment("REV-1")
    milestone = publish_as_approver(draft_milestone(commitment))
    for record in (draft_update(commitment), draft_response(commitment), draft_funding(commitment)):
        publish_as_approver(record)
    publish_as_approver(draft_step(milestone, "2024-06-20", due_on="2024-09-30"))
    draft_update(commitment, "2024-07-01")
    publish_as_approver(draft_update(commitment, "2024-07-02", status="delivered", basis="claim"))
    copy = publish_as_approver(draft_document("the-copy", origin="official-copy"))
    publish_as_approver(draft_update(make_commitment("REV-2"), evidence={"document": copy}))


def read_log() -> list[Any]:
    return list(LogEntry.objects.order_by("sequence").values("sequence", "at", "kind", "subject", "content_hash"))


def test_a_register_goes_back_to_every_version_and_forth_again(emptied: str, at_length: bool):
    with connected_to(emptied):
        publish_a_little()
        before = read_log()
        # The way to the oldest leads through all the others; at length each is also where one stops.
        for name in VERSIONS[:-1] if at_length else VERSIONS[:1]:
            migrate(name)
            migrate()
            assert (name, read_log(), list(find_broken_invariants())) == (name, before, [])
