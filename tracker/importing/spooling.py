"""Where the rows of the register's files wait once they are checked, and where each of them stands.

A register may be larger than memory: rows go to a temporary file, and are read from there as often as they are needed.
What was checked is then also what is loaded, whatever becomes of the files meanwhile.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

Row = dict[str, Any]
Placed = tuple[str, Row]
IN_MEMORY = 2**24  # bytes of one kind of row


class Spool:
    """The sound rows of one kind, in the order of the files. Nothing is added once they are read."""

    def __init__(self) -> None:
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it goes when nobody has it any more
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return (row for _, row in self.read())

    def add(self, place: str, row: Row) -> None:
        self.file.write(json.dumps([place, row], separators=(",", ":")).encode() + b"\n")
        self.count += 1

    def read(self) -> Iterator[Placed]:
        """Yield each row after its place."""
        for some in self.read_some(100):
            yield from some

    def read_some(self, at_once: int) -> Iterator[list[Placed]]:
        """Yield the same, some at once."""
        place = 0
        while True:
            self.file.seek(place)  # others may have read meanwhile
            lines = list(islice(self.file, at_once))
            if not lines:
                return
            place += sum(map(len, lines))
            yield [tuple(json.loads(line)) for line in lines]


class Places:
    """In which file something stands, by its kind and name."""

    def __init__(self) -> None:
        self.files: dict[str, dict[Any, str]] = defaultdict(dict)

    def __setitem__(self, named: tuple[str, Any], file: str) -> None:
        kind, name = named
        self.files[kind][name] = file

    def __contains__(self, named: Any) -> bool:
        kind, name = named
        return name in self.files[kind]

    def __getitem__(self, named: tuple[str, Any]) -> str:
        kind, name = named
        return f"{self.files[kind][name]} > {name}"

    def get(self, named: tuple[str, Any], default: str) -> str:
        kind, name = named
        return self[named] if name in self.files[kind] else default
