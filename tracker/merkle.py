"""The mathematics of the log's Merkle tree after RFC 6962, section 2.1, without a database.

Nodes of the tree are named by level and index: (0, 5) is the sixth leaf, (2, 1) the subtree over leaves 4 to 7.
The nouns store the nodes; the verbs grow the tree, and prove what is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tracker.verify import Peaks, append_leaf, compute_root, sha256

Node = tuple[int, int]
Span = tuple[int, int]  # leaves from the first to before the second
ReadNode = Callable[[Node], bytes]

EMPTY_ROOT = sha256()


def hash_leaf(data: bytes) -> bytes:
    return sha256(b"\0", data)


def hash_children(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1", left, right)


def find_nodes(span: Span) -> list[Node]:
    """Return the complete subtrees that a span of leaves is made of, from left to right."""
    start, end = span
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def hash_span(span: Span, read_node: ReadNode) -> bytes:
    """Return the hash over a span of leaves; the span from 0 on is the whole tree of that size."""
    return compute_root([(node[0], read_node(node)) for node in find_nodes(span)])


def grow(size: int, leaves: Iterable[bytes], read_node: ReadNode) -> Iterator[tuple[Node, bytes]]:
    """Yield each node, leaves too, that is complete once leaves are appended to a tree of a size."""
    peaks: Peaks = [(node[0], read_node(node)) for node in find_nodes((0, size))]
    for index, leaf in enumerate(leaves, size):
        yield from (((level, index >> level), value) for level, value in append_leaf(peaks, leaf))


# --- Proofs ----------------------------------------------------------------------------------


def find_inclusion_path(index: int, size: int) -> list[Span]:
    """Return the spans whose hashes lead from a leaf to the root of a tree.

    Raises ValueError for impossible numbers.
    """
    if not 0 <= index < size:
        raise ValueError(f"A tree of size {size} has no leaf {index}.")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def find_consistency_path(first: int, second: int) -> list[Span]:
    """Return the spans whose hashes show that a tree of one size begins another.

    Raises ValueError for impossible numbers.
    """
    if not 1 <= first <= second:
        raise ValueError(f"A tree of size {first} does not begin one of size {second}.")
    start, end, path = 0, second, []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:  # otherwise the verifier has this hash already: it is the first root
        path.append((start, end))
    return path[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Say whether a path proves that a leaf is in a tree (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    for each in path:
        if not last:
            return False
        if place & 1 or place == last:
            leaf = hash_children(each, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = hash_children(leaf, each)
        place, last = place >> 1, last >> 1
    return not last and leaf == root


def verify_consistency(first: int, second: int, path: list[bytes], roots: tuple[bytes, bytes]) -> bool:
    """Say whether a path proves that the first tree begins the second (RFC 9162, section 2.1.4.2)."""
    if not 1 <= first <= second:
        return False
    if first == second:
        return not path and roots[0] == roots[1]
    rest = [roots[0], *path] if first & (first - 1) == 0 else path
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not rest:
        return False
    old = new = rest[0]
    for each in rest[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            old, new = hash_children(each, old), hash_children(each, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = hash_children(new, each)
        place, last = place >> 1, last >> 1
    return not last and (old, new) == roots
