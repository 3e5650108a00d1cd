"""The log, locked at its head for one transaction: the only way to add entries to it, and to sign what it then is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tracker.merkle import Node, find_nodes, grow, hash_span
from tracker.models import (
    Checkpoint,
    LogEntry,
    LogHead,
    LogNode,
    read_nodes,
    refuse_when_read_only,
    writing_is_settled,
)
from tracker.publishing import witness
from tracker.publishing.signing import HOW_TO_PUT_IT_BACK, LogIsBroken, Signer, is_signed, read_signer
from tracker.verify import DoesNotFit, hash_content, read_keys, read_note

NOTHING = "Nothing was published."


class Log:
    """The log while its head is locked. Entries are written together when it closes."""

    def __init__(self) -> None:
        LogHead.objects.get_or_create(pk=1, defaults={"origin": make_origin()})
        self.head = LogHead.objects.select_for_update().get(pk=1)
        self.size = self.head.sequence
        self.last = LogEntry.objects.order_by("sequence").values_list("sequence", "at").last()
        # Time never runs backwards in the log, even where the machine's clock was set back.
        self.at = max(timezone.now(), self.last[1]) if self.last else timezone.now()
        self.entries: list[LogEntry] = []
        self.batch: int | None = None

    @cached_property
    def nodes(self) -> dict[Node, bytes]:
        """The complete subtrees that the tree is made of before anything is added."""
        return read_nodes(find_nodes((0, self.size)))

    @cached_property
    def signer(self) -> Signer:
        return read_signer(self.head.origin, is_new=not Checkpoint.objects.exists())

    def refuse_a_broken_log(self, *, but_for_its_end: bool = False) -> None:
        """Raise LogIsBroken unless the tree, its head and all that was signed last agree with each other.

        `but_for_its_end` leaves out the checkpoint that is kept outside the database, for which the end may be missing.
        """
        if (self.last[0] if self.last else 0) != self.size:
            raise LogIsBroken(f"The log's head does not stand at its last entry. {NOTHING}")
        if self.find_root(self.size) != self.head.root_hash:
            raise LogIsBroken(f"The log's tree does not have the root that its head says. {NOTHING}")
        self._refuse_another_checkpoint()
        if not but_for_its_end:
            self._refuse_another_witness()

    def find_root(self, size: int) -> str:
        """Return the root that the stored tree had at a size up to its own; nothing where a part of it is missing."""
        return find_root(size, self.nodes if size == self.size else None)

    def _refuse_another_checkpoint(self) -> None:
        checkpoint = Checkpoint.objects.first()
        if checkpoint is None:
            return
        if (checkpoint.size, checkpoint.root_hash) != (self.size, self.head.root_hash):
            raise LogIsBroken(
                f"The log is not the one that was signed last: it has {self.size} entries, and the newest checkpoint "
                f"is over {checkpoint.size}. {NOTHING}"
            )
        is_ours = checkpoint.key == self.signer.verifier_key
        root = bytes.fromhex(checkpoint.root_hash)
        if is_ours and checkpoint.note == self.signer.sign(checkpoint.size, root):
            return
        try:
            note = read_note("The newest checkpoint", checkpoint.note.encode(), read_keys([checkpoint.key]), is_signed)
        except DoesNotFit as error:
            raise LogIsBroken(f"{error} {NOTHING}") from None
        if is_ours or (note.origin, note.size, note.root) != (self.head.origin, checkpoint.size, root):
            raise LogIsBroken(f"The newest checkpoint does not say what was signed. {NOTHING}")

    def _refuse_another_witness(self) -> None:
        """Refuse to begin a second history where the database was put back to an older day, or changed since."""
        try:
            fault = explain_witness(self.head.origin, lambda: self.size, self.find_root)
        except OSError as error:
            fault = str(error)
        if fault:
            raise LogIsBroken(f"{fault} {NOTHING}")

    def append(self, kind: str, subject: str, content: Any) -> LogEntry:
        """Add an entry after the last one; `content` is what becomes public, as JSON can write it."""
        salt = secrets.token_hex(16)
        self.head.sequence += 1
        entry = LogEntry(
            sequence=self.head.sequence,
            at=self.at,
            kind=kind,
            subject=subject,
            batch=self.batch,
            salt=salt,
            content=content,
            content_hash=hash_content(salt, content),
        )
        entry.leaf_hash = entry.compute_leaf_hash()
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        """Write the entries, grow the tree and sign its new head."""
        if not self.entries:
            return
        leaves = [bytes.fromhex(entry.leaf_hash) for entry in self.entries]
        grown = dict(grow(self.size, leaves, self.nodes.__getitem__))
        nodes = [LogNode(level=level, index=index, hash=grown[level, index].hex()) for level, index in grown if level]
        root = hash_span((0, self.head.sequence), (self.nodes | grown).__getitem__)
        LogEntry.objects.bulk_create(self.entries, batch_size=500)
        LogNode.objects.bulk_create(nodes, batch_size=500)
        self.head.root_hash = root.hex()
        self.head.save()
        self._sign(root)

    def _sign(self, root: bytes) -> None:
        size, signer = self.head.sequence, self.signer
        note = signer.sign(size, root)
        Checkpoint(size=size, root_hash=root.hex(), at=self.at, note=note, key=signer.verifier_key).save()
        transaction.on_commit(partial(witness.keep, signer.name, size, note), robust=True)


def find_root(size: int, nodes: dict[Node, bytes] | None = None) -> str:
    """Return the root that the stored tree had at a size; nothing where a part of it is missing."""
    nodes = read_nodes(find_nodes((0, size))) if nodes is None else nodes
    try:
        return hash_span((0, size), nodes.__getitem__).hex()
    except KeyError:
        return ""


def explain_witness(origin: str, find_size: Callable[[], int], find_root: Callable[[int], str] = find_root) -> str:
    """Say how a log contradicts the checkpoint that is kept of it outside the database; nothing if it does not.

    Its size is asked for once that checkpoint was read: a log that grows meanwhile has outgrown it. Raises OSError.
    """
    try:
        kept = witness.read_witness(origin)
    except DoesNotFit as error:
        return f"{witness.UNREADABLE}: {error}"
    if kept is None:
        return ""
    if kept.size > (size := find_size()):
        return (
            f"The log has {size} entries, but a checkpoint over {kept.size} was signed, and readers may have "
            f"it: see {kept.name}. Most likely an old backup of the database was put back. "
            f"Put back a backup that has entry {kept.size} of the log; if there is none, see manage.py admit_loss."
        )
    if (kept.origin, kept.root.hex()) != (origin, find_root(kept.size)):
        return (
            f"The first {kept.size} entries of the log are not those that were signed: see {kept.name}. "
            "The database was changed behind the register's back. "
            "Find the first wrong entry with manage.py verify_log, and put back a backup that is right."
        )
    return ""


def explain_key() -> str:
    """Say why the key that is here is not the one that signed the newest checkpoint; nothing if it is."""
    head, checkpoint = LogHead.objects.first(), Checkpoint.objects.first()
    if head is None or checkpoint is None:
        return ""
    try:
        signer = read_signer(head.origin, is_new=False)
    except LogIsBroken as error:
        return str(error)
    if signer.verifier_key == checkpoint.key:
        return ""
    return (
        f"The key that is here to sign the log is not the one that signed its newest checkpoint. {HOW_TO_PUT_IT_BACK}. "
        "If it was changed on purpose, the next publication says so to the readers."
    )


def make_origin() -> str:
    """Return a name for a new log, which no other log has."""
    return f"{urlsplit(settings.SITE_URL).hostname}/log/{secrets.token_hex(4)}"


@contextmanager
def publication() -> Iterator[Log]:
    """Hold one transaction in which things become public; whoever comes next waits for it.

    Raises ReadOnly while the register is, and LogIsBroken if the log is not the one that was signed last.
    """
    with hold_the_line() as log:
        log.refuse_a_broken_log()
        yield log
        log.close()


@contextmanager
def hold_the_line() -> Iterator[Log]:
    """Hold one transaction in which nobody else publishes, to publish what depends on what is public.

    Raises ReadOnly while the register is.
    """
    with transaction.atomic():
        log = Log()
        refuse_when_read_only()
        with writing_is_settled():
            yield log
