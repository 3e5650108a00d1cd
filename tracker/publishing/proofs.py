"""What the register can show of its log to anybody: the newest checkpoint, and proofs that something is in it.

The doors ask here: every feed, download and mail carries the newest checkpoint.
"""

from __future__ import annotations

from tracker.merkle import Span, find_consistency_path, find_inclusion_path, find_nodes, hash_span
from tracker.models import Checkpoint, read_nodes


def find_newest_checkpoint() -> Checkpoint | None:
    """Return what was signed at the last publication; nothing where nothing was ever signed."""
    return Checkpoint.objects.first()


def prove_inclusion(index: int, size: int) -> list[bytes]:
    """Return the audit path from a leaf to the root of the tree of a size. Raises ValueError for impossible numbers."""
    return _read_path(find_inclusion_path(index, size))


def prove_consistency(first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of one size begins that of another. Raises ValueError for impossible numbers."""
    return _read_path(find_consistency_path(first, second))


def _read_path(path: list[Span]) -> list[bytes]:
    nodes = read_nodes([node for span in path for node in find_nodes(span)])
    return [hash_span(span, nodes.__getitem__) for span in path]
