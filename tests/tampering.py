"""Ways of rewriting a downloaded log, as somebody would who has the database, the triggers dropped, and even the key.

Each way is tried as it is, and with every hash worked out again and the new log signed with the register's own key.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from tracker.merkle import grow, hash_leaf, hash_span
from tracker.publishing.signing import read_signer
from tracker.verify import HASHED, canonical_json, hash_content

Entries = list[dict[str, Any]]


def edit(entries: Entries, chance: random.Random, last: int) -> None:
    """Put something else into one part of an entry."""
    entry = entries[chance.randrange(last)]
    part = chance.choice(["kind", "subject", "batch", "content", "salt", "content_hash"])
    others = {
        "kind": "check" if entry["kind"] != "check" else "funding",
        "subject": entry["subject"] + "x",
        "batch": (entry["batch"] or 0) + 1,
        "content": {**(entry["content"] or {}), "reason": f"Something else, {chance.random()}."},
        "salt": chance.randbytes(16).hex(),
        "content_hash": chance.randbytes(32).hex(),
    }
    if part in ("content", "salt") and entry["content"] is None:
        part = "subject"
    entry[part] = others[part]


def delete(entries: Entries, chance: random.Random, last: int) -> None:
    del entries[chance.randrange(last)]


def insert(entries: Entries, chance: random.Random, last: int) -> None:
    place = chance.randrange(last)
    forged = {**chance.choice(entries), "at": entries[place]["at"], "salt": chance.randbytes(16).hex()}
    entries.insert(place, {**forged, "content": {"status": "delivered", "reason": f"Forged, {chance.random()}."}})


def swap(entries: Entries, chance: random.Random, last: int) -> None:
    one, other = chance.sample(range(last), 2)
    entries[one], entries[other] = entries[other], entries[one]


def backdate(entries: Entries, chance: random.Random, last: int) -> None:
    """Date entries from the first to some other one a day earlier, so that time still runs forwards."""
    for entry in entries[: chance.randrange(last) + 1]:
        year, rest = entry["at"].split("-", 1)
        entry["at"] = f"{int(year) - 1}-{rest.replace('02-29', '02-28')}"


def truncate(entries: Entries, chance: random.Random, last: int) -> None:
    del entries[chance.randrange(1, last) :]


WAYS: tuple[Callable[[Entries, random.Random, int], None], ...] = (edit, delete, insert, swap, backdate, truncate)


def work_out_again(entries: Entries) -> None:
    """Number, time and hash everything as if it had always been so."""
    times = sorted(entry["at"] for entry in entries)
    for number, (entry, at) in enumerate(zip(entries, times, strict=True), 1):
        entry["sequence"], entry["at"] = number, at
        if entry["content"] is not None:
            entry["content_hash"] = hash_content(entry["salt"], entry["content"])
        entry["leaf_hash"] = hash_leaf(canonical_json({name: entry[name] for name in HASHED})).hex()


def sign_again(entries: Entries, origin: str) -> bytes:
    """Sign the log as it now is with the register's own key."""
    nodes = dict(grow(0, [bytes.fromhex(entry["leaf_hash"]) for entry in entries], {}.__getitem__))
    root = hash_span((0, len(entries)), nodes.__getitem__)
    return read_signer(origin, is_new=False).sign(len(entries), root).encode()


def tamper(download: bytes, checkpoint: bytes, chance: random.Random, last: int) -> tuple[str, bytes, bytes]:
    """Rewrite something of the first `last` entries; return how, and the new download and checkpoint."""
    entries = [json.loads(line) for line in download.splitlines()]
    way = chance.choice(WAYS)
    way(entries, chance, last)
    how = way.__name__
    if chance.random() < 0.5:
        how += ", hashed and signed again"
        work_out_again(entries)
        checkpoint = sign_again(entries, checkpoint.decode().split("\n", 1)[0])
    changed = b"".join(canonical_json(entry) + b"\n" for entry in entries)
    # Another hash of the same content is undone by working out the hashes again: then nothing was rewritten.
    return (how, changed, checkpoint) if changed != download else tamper(download, checkpoint, chance, last)
