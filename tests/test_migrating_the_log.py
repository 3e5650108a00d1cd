"""A register that has a log already gets the tree, each entry staying as it is; and the way back restores the chain."""

import hashlib
from typing import Any

import pytest

from tests.examples import draft_document, make_commitment, publish_as_approver
from tests.migrating import migrate
from tracker.auditing import find_broken_invariants
from tracker.models import Checkpoint, LogEntry, LogHead, LogNode
from tracker.verify import canonical_json

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

BEFORE = "0002_roles"


def find_chain(entries: list[Any]) -> list[str]:
    """Return the hashes that the chain had: each covers its entry and the hash before it."""
    hashes, previous = [], "0" * 64
    for entry in entries:
        facts = {name: getattr(entry, name) for name in ("sequence", "kind", "subject", "batch", "content_hash")}
        at = entry.at.isoformat(timespec="microseconds")
        previous = hashlib.sha256(canonical_json({**facts, "at": at, "previous": previous})).hexdigest()
        hashes.append(previous)
    return hashes


def test_the_log_becomes_a_tree_and_a_chain_again(transactional_db, empty_register):
    make_commitment()
    before = list(LogEntry.objects.order_by("sequence").values())
    nodes, root = (
        list(LogNode.objects.order_by("level", "index").values_list("level", "index", "hash")),
        LogHead.objects.get(),
    )
    try:
        old = migrate(BEFORE)
        entries = list(old.get_model("tracker", "LogEntry").objects.order_by("sequence"))
        assert [entry.entry_hash for entry in entries] == find_chain(entries)
        assert old.get_model("tracker", "LogHead").objects.get().entry_hash == entries[-1].entry_hash
    finally:
        migrate()

    assert list(LogEntry.objects.order_by("sequence").values()) == before
    assert list(LogNode.objects.order_by("level", "index").values_list("level", "index", "hash")) == nodes
    head = LogHead.objects.get()
    assert (head.sequence, head.root_hash) == (root.sequence, root.root_hash)
    assert head.origin.startswith("127.0.0.1/log/")
    assert Checkpoint.objects.count() == 0
    publish_as_approver(draft_document("the-law"))
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [5]
    assert [fault for fault in find_broken_invariants() if "log" in fault or "ntry" in fault] == []
