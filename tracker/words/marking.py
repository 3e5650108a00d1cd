"""Where in a text the words of a search stand, and the short piece of it that shows most of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from tracker.words.asking import Phrase, Search, find_phrase
from tracker.words.folding import WORD, fold
from tracker.words.stemming import stem

WIDTH = 28  # words of a piece that is cut out of a longer text
BEFORE = 6  # words of it that stand before the first one found
CUT = "…"


class Piece(NamedTuple):
    """Part of a text, and whether it is what was searched for."""

    text: str
    is_found: bool


class Excerpt(NamedTuple):
    """A part of a text in pieces: what the text is, in words of the page's language, and its own language."""

    source: Any
    pieces: list[Piece]
    language: str


class Marked:
    """A text in which a search was looked for."""

    def __init__(self, search: Search, text: str) -> None:
        self.text = text
        self._words = list(WORD.finditer(text))
        stems = [stem(fold(word[0])) for word in self._words]
        self._places = [list(_find_places(term.stems, stems)) for term in search.wanted]

    @property
    def terms(self) -> frozenset[int]:
        """Which of the terms that were searched for it holds, by their places in the search."""
        return frozenset(number for number, places in enumerate(self._places) if places)

    def split(self) -> list[Piece]:
        """Return the whole text in pieces."""
        return self._split(0, len(self._words))

    def cut(self) -> list[Piece]:
        """Return the pieces of a part of the text, a line or two long, that has the most of the terms."""
        first = max(0, self._find_best() - BEFORE)
        if len(self._words) <= first + WIDTH:
            first = max(0, len(self._words) - WIDTH)
        last = min(len(self._words), first + WIDTH)
        cut = Piece(CUT, is_found=False)
        return [*[cut][: first > 0], *self._split(first, last), *[cut][: last < len(self._words)]]

    def _find_best(self) -> int:
        """Return the first word of the place with the most different terms close together; the earliest of several."""
        starts = sorted({first for places in self._places for first, _last in places})
        reach = WIDTH - BEFORE

        def count(start: int) -> int:
            return sum(any(start <= first and last <= start + reach for first, last in each) for each in self._places)

        return max(starts, key=lambda start: (count(start), -start), default=0)

    def _split(self, first: int, last: int) -> list[Piece]:
        if first == last:
            return [Piece(self.text, is_found=False)]
        is_whole = (first, last) == (0, len(self._words))
        begin, end = (0, len(self.text)) if is_whole else (self._words[first].start(), self._words[last - 1].end())
        edges = [begin]
        for start, stop in _join(sorted(place for places in self._places for place in places)):
            if first <= start and stop <= last:
                edges += [self._words[start].start(), self._words[stop - 1].end()]
        edges.append(end)
        cut = [Piece(self.text[a:b], is_found=bool(number % 2)) for number, (a, b) in enumerate(pairwise(edges))]
        return [piece for piece in cut if piece.text]


def _find_places(spellings: list[Phrase], stems: list[str]) -> Iterator[tuple[int, int]]:
    for phrase in spellings:
        for place in find_phrase(phrase, stems):
            yield place, place + len(phrase)


def _join(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join places that overlap."""
    joined: list[tuple[int, int]] = []
    for first, last in places:
        if joined and first < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
