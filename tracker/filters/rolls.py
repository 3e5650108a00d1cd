"""Which choice of each filter every commitment falls under at a moment, held in memory: what lists are answered from.

A database reads a hundred thousand rows anew for each filter that it counts, and takes a second for a page of eight.
The roll is read once while the register and the day stand, by `keeping`, and then answers any question in hundredths.
A column has one character for each row; a mask has one byte, which is 1 where the row stays, and is one long number.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress
from operator import itemgetter
from sys import getsizeof
from typing import Any

Mask = int
Keys = Sequence[int]


class Codes(dict[Any, str]):
    """Gives each choice a character when it is first met."""

    def __missing__(self, choice: Any) -> str:
        code = self[choice] = chr(len(self))
        return code


class Column:
    """The choice of each row."""

    def __init__(self, choices: Iterable[Any] = ()) -> None:
        self.codes = Codes()
        self.text = ""
        self.extend(choices)

    def __sizeof__(self) -> int:
        return getsizeof(self.text) + getsizeof(self.codes)

    def extend(self, choices: Iterable[Any]) -> None:
        self.text += "".join(map(self.codes.__getitem__, choices))

    def call(self, names: Mapping[Any, Any]) -> None:
        """Call the choices by their slugs, where they were read as keys."""
        self.codes = Codes({names.get(choice, choice): code for choice, code in self.codes.items()})

    def pick(self, places: Sequence[int]) -> Column:
        """Return the column of the rows at some places; the place after the last is that of no row."""
        column = Column()
        column.codes = Codes(self.codes)
        column.text = "".join(itemgetter(*places)(self.text + column.codes[""])) if places else ""
        return column

    def replace(self, keys: Keys, words: Mapping[int, Any]) -> Column:
        """Return the column with other choices for some rows, by their keys."""
        column = Column()
        column.codes = Codes(self.codes)
        pairs = zip(keys, self.text, strict=True)
        column.text = "".join(column.codes[words[key]] if key in words else code for key, code in pairs)
        return column

    def flag(self, chosen: Iterable[Any]) -> bytes:
        """Return a byte for each row: 1 where it falls under one of the chosen."""
        wanted = set(chosen)
        return self.text.translate({ord(code): chr(each in wanted) for each, code in self.codes.items()}).encode()

    def count(self, flags: bytes) -> dict[Any, int]:
        """Count the flagged rows under each choice."""
        found = Counter(compress(self.text, flags))
        return {choice: found[code] for choice, code in self.codes.items() if code in found}

    def rank(self, weigh: Callable[[Any], Any]) -> list[int | None]:
        """Return the place of each row among all, by what its choice weighs; None where that is None."""
        weights = {choice: weigh(choice) for choice in self.codes}
        places = {weight: place for place, weight in enumerate(sorted({*weights.values()} - {None}))}
        ranks = {self.codes[choice]: places.get(weight) for choice, weight in weights.items()}
        return list(map(ranks.__getitem__, self.text))


class Late(Column):
    """A column of which few questions ask: it is cut out of the texts that were read when the first one does.

    The values in them are parted by spaces, and are called by their `names` where they have any.
    """

    def __init__(self, texts: Sequence[str], places: Sequence[int], names: Mapping[Any, Any]) -> None:
        self.texts, self.places, self.names = texts, places, names

    @cached_property
    def _column(self) -> Column:
        column = Column(choice for text in self.texts for choice in text.split(" "))
        column.call(self.names)
        return column.pick(self.places)

    @property
    def text(self) -> str:  # type: ignore[override]
        return self._column.text

    @property
    def codes(self) -> Codes:  # type: ignore[override]
        return self._column.codes

    def __sizeof__(self) -> int:
        """Return the bytes that it was read as, which are more than those of the column."""
        return sum(map(getsizeof, (self.places, *self.texts)))


class Listing:
    """The choices of rows that have several or none: a column of pairs, with the key of its row beside each."""

    def __init__(self, keys: Iterable[int], choices: Iterable[Any]) -> None:
        self.keys, self.column = array("q", keys), Column(choices)

    def __sizeof__(self) -> int:
        return getsizeof(self.keys) + getsizeof(self.column)

    def extend(self, keys: Iterable[int], choices: Iterable[Any]) -> None:
        self.keys.extend(keys)
        self.column.extend(choices)

    def flag(self, rows: Keys, chosen: Iterable[Any]) -> bytes:
        return _flag(rows, compress(self.keys, self.column.flag(chosen)))

    def count(self, rows: Keys, flags: bytes) -> dict[Any, int]:
        return self.column.count(_flag(self.keys, compress(rows, flags)))


class Steps(dict[int, Mask]):
    """Which rows answer a search, by how well."""

    def __sizeof__(self) -> int:
        return super().__sizeof__() + sum(map(getsizeof, self.values()))


class Roll:
    """The keys of all commitments that were ever published, by reference; their choices; and which there are then."""

    def __init__(self, keys: Keys, columns: dict[str, Column], present: bytes) -> None:
        self.keys, self.columns = keys, columns
        self.present = _join(present)

    def __sizeof__(self) -> int:
        """Return the bytes of all that it holds, though the roll of another day may hold some of them too."""
        return sum(map(getsizeof, (self.keys, self.present, *self.columns.values())))

    def choose(self, listed: Column | Listing, chosen: Iterable[Any]) -> Mask:
        """Return which rows fall under one of some choices."""
        return _join(listed.flag(self.keys, chosen) if isinstance(listed, Listing) else listed.flag(chosen))

    def choose_between(self, name: str, *, first: str = "0001-01-01", last: str = "9999-12-31") -> Mask:
        """Return which rows have a day in a column from one up to another, written like 2025-04-09."""
        column = self.columns[name]
        return self.choose(column, [day for day in column.codes if day and first <= day <= last])

    def find(self, keys: Iterable[int]) -> Mask:
        """Return which rows have one of these keys."""
        return _join(_flag(self.keys, keys))

    def flag(self, mask: Mask) -> bytes:
        return mask.to_bytes(len(self.keys), "little")

    def count(self, listed: Column | Listing, mask: Mask) -> dict[Any, int]:
        """Count some rows under each choice."""
        flags = self.flag(mask)
        return listed.count(self.keys, flags) if isinstance(listed, Listing) else listed.count(flags)

    def list(self, mask: Mask, ranks: Sequence[int | None] | None = None, *, descending: bool = False) -> Keys:
        """Return the keys of some rows by their ranks, what has none last and ties by reference; or all by that."""
        if ranks is None:
            keys = array("q", compress(self.keys, self.flag(mask)))
            return keys[::-1] if descending else keys
        places = list(compress(range(len(self.keys)), self.flag(mask)))
        ranked = [place for place in places if ranks[place] is not None]
        ranked.sort(key=ranks.__getitem__, reverse=descending)  # type: ignore[arg-type]  # none of them is None
        last = (place for place in places if ranks[place] is None)
        return array("q", map(self.keys.__getitem__, (*ranked, *last)))


def _flag(keys: Keys, wanted: Iterable[int]) -> bytes:
    return bytes(map(set(wanted).__contains__, keys))


def _join(flags: bytes) -> Mask:
    return int.from_bytes(flags, "little")
