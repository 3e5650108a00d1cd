"""Check a copy of the register's log, trusting nobody: one file, Python's standard library alone.

    python3 verify.py entries.jsonl checkpoint.txt [--key KEY ...] [--earlier saved.txt ...]

checkpoint.txt is what the register signed, from /log/checkpoint: download it before entries.jsonl, the log, from
/log/entries.jsonl. KEY is from /log/key; without one no signature is checked. What a checkpoint that was saved earlier
covers must not have changed since. Says what it found, and exits 1 if anything does not fit.

An entry's content_hash is the SHA-256 of its salt and the canonical JSON of its content: keys sorted, no spaces, UTF-8.
The canonical JSON of the fields in HASHED is a leaf of an RFC 6962 Merkle tree; a checkpoint is a C2SP signed note
(c2sp.org/tlog-checkpoint) of its size and root. Where the law demands it, salt and content are taken out of an entry;
then the hashes stay, and a later entry of the kind "redaction" names it.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import Any

HASHED = ("at", "batch", "content_hash", "kind", "sequence", "subject")
FIELDS = {*HASHED, "content", "leaf_hash", "salt"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", re.ASCII)
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, as in RFC 8032
D = -121665 * pow(121666, -1, P) % P
BASE = 0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A, 4 * pow(5, -1, P) % P
Peaks = list[tuple[int, bytes]]  # the complete subtrees that stand side by side in a tree, each with its level
Note = namedtuple("Note", "name origin size root text")


class DoesNotFit(Exception):
    """Raised with a sentence that names the first thing that does not fit."""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical_json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_content(salt: str, content: Any) -> str:
    return sha256(bytes.fromhex(salt), canonical_json(content)).hex()


def append_leaf(peaks: Peaks, leaf: bytes) -> Peaks:
    """Add a leaf to a tree; return the subtrees that it completes, itself first."""
    completed = [(0, leaf)]
    while peaks and peaks[-1][0] == completed[-1][0]:
        level, left = peaks.pop()
        completed.append((level + 1, sha256(b"\1", left, completed[-1][1])))
    peaks.append(completed[-1])
    return completed


def compute_root(peaks: Peaks) -> bytes:
    hashes = [peak for _, peak in reversed(peaks)]
    return reduce(lambda right, left: sha256(b"\1", left, right), hashes) if hashes else sha256()


def add_points(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (a, b), (c, d) = one, other
    t = D * a * b * c * d % P
    return (a * d + b * c) * pow(1 + t, -1, P) % P, (b * d + a * c) * pow(1 - t, -1, P) % P


def multiply_point(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    product = (0, 1)
    while factor:
        product = add_points(product, point) if factor & 1 else product
        point, factor = add_points(point, point), factor >> 1
    return product


def read_point(data: bytes) -> tuple[int, int]:  # raises ValueError for what is no point of the curve
    y, sign = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError
    return (x if x & 1 == sign else P - x), y


def is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature over a text was made with the private half of a public key."""
    try:
        key, point, factor = read_point(public), read_point(signature[:-32]), int.from_bytes(signature[-32:], "little")
    except (ValueError, IndexError):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    return factor < L and multiply_point(factor, BASE) == add_points(point, multiply_point(challenge, key))


def find_key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode(), b"\n\1", public)[:4]


def read_keys(texts: Iterable[str]) -> dict[bytes, bytes]:
    keys = {}
    for text in texts:
        found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", text.strip())
        public = base64.b64decode(found[3]) if found else b""
        if not found or public[:1] != b"\1" or bytes.fromhex(found[2]) != find_key_id(found[1], public[1:]):
            raise DoesNotFit(f"This is not a public key as the register writes it: {text!r}.")
        keys[found[1].encode() + bytes.fromhex(found[2])] = public[1:]
    return keys


def read_note(name: str, data: bytes, keys: dict[bytes, bytes], is_signed: Callable[..., bool] = is_signed) -> Note:
    """Read a checkpoint, which must be signed with one of the keys unless there is none; sentences call it `name`."""
    b64 = "[A-Za-z0-9+/]"
    text = rf"((\S+)\n(0|[1-9]\d{{0,17}})\n({b64}{{43}}=)\n(?:[^\n\0-\x1f]+\n)*)"
    signatures = rf"\n((?:— \S+ (?:{b64}{{4}})+(?:{b64}{{3}}=|{b64}{{2}}==)?\n)+)"
    found = re.fullmatch(text + signatures, data.decode(errors="replace"), re.ASCII)
    if not found:
        raise DoesNotFit(f"{name} is not a checkpoint.")
    note = Note(name, found[2], int(found[3]), base64.b64decode(found[4]), found[1].encode())
    lines = [key.encode() + base64.b64decode(rest) for key, rest in re.findall(r"— (\S+) (\S+)", found[5])]
    end = len(note.origin.encode()) + 4
    signed = [(keys[line[:end]], line[end:]) for line in lines if line[:end] in keys]
    if keys and not (signed and all(is_signed(public, note.text, signature) for public, signature in signed)):
        raise DoesNotFit(f"{name} is not signed with the register's key.")
    return note


def read_entry(line: bytes, sequence: int, since: str) -> tuple[Any, set[int]]:
    """Return an entry, of which all but its place in the tree has been checked, and which entries it redacts."""
    try:
        entry = json.loads(line)
        is_redacted = entry["salt"] is entry["content"] is None
        redacts = set(entry["content"]["entries"]) if entry["kind"] == "redaction" and not is_redacted else set[int]()
        fits = is_redacted or hash_content(entry["salt"], entry["content"]) == entry["content_hash"]
        if set(entry) != FIELDS or canonical_json(entry) != line.removesuffix(b"\n") or not TIME.fullmatch(entry["at"]):
            raise ValueError
    except (KeyError, RecursionError, TypeError, ValueError):
        raise DoesNotFit(f"Entry {sequence} is not written as the register writes an entry.") from None
    if entry["sequence"] != sequence:
        raise DoesNotFit(f"Entry {sequence} is missing: entry {entry['sequence']} stands in its place.")
    if entry["at"] < since:
        raise DoesNotFit(f"Entry {sequence} is dated before the one ahead of it.")
    if not fits:
        raise DoesNotFit(f"Entry {sequence} does not hold what was published: its content has another hash.")
    if sha256(b"\0", canonical_json({name: entry[name] for name in HASHED})).hex() != entry["leaf_hash"]:
        raise DoesNotFit(f"Entry {sequence} is not as it was published: it has another leaf hash.")
    return entry, redacts


def check_entries(lines: Iterable[bytes], notes: Iterable[Note]) -> int:
    """Check a log against checkpoints of it and return how many entries it has. Raises DoesNotFit."""
    waiting = sorted(notes, key=lambda note: note.size, reverse=True)
    newest, entry, peaks, unexplained, size, fitting = waiting[0], {"at": ""}, Peaks(), set[int](), 0, 0
    for size, line in enumerate(lines, 1):
        entry, redacts = read_entry(line, size, entry["at"])
        append_leaf(peaks, bytes.fromhex(entry["leaf_hash"]))
        if entry["content"] is None:
            unexplained.add(size)
        elif size <= newest.size:
            unexplained -= redacts
        while waiting and waiting[-1].size <= size:
            note = waiting.pop()
            if (note.origin, note.root) != (newest.origin, compute_root(peaks)):
                raise DoesNotFit(f"{note.name} does not fit: the first other entry is from {fitting + 1} to {size}.")
            fitting = size
    if waiting:
        raise DoesNotFit(f"{waiting[-1].name} needs {waiting[-1].size} entries; here the log ends after {size}.")
    if unexplained:
        raise DoesNotFit(f"Entry {min(unexplained)} has no content, and no later entry that is signed says why.")
    return size


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--key", nargs="+", action="extend", default=[])
    parser.add_argument("--earlier", nargs="+", action="extend", default=[], type=Path)
    asked = parser.parse_args(arguments)
    try:
        keys = read_keys(asked.key)
        notes = [read_note(str(path), path.read_bytes(), keys) for path in (asked.checkpoint, *asked.earlier)]
        with asked.entries.open("rb") as lines:
            size = check_entries(lines, notes)
    except (DoesNotFit, OSError) as fault:
        print(f"NOT RIGHT. {fault}")
        return 1
    signatures = "Signatures are right" if keys else "Without --key, signatures were not checked"
    print(f"All {size} entries of {notes[0].origin} fit; checkpoints that agree: {len(notes)}. {signatures}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
