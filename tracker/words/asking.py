"""What a reader types into a search, read as words to find, phrases, and words to leave out; and whether texts hold it.

The databases answer the same from their index: see `querysets.searching`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.words.folding import BOUNDARY, split_words
from tracker.words.stemming import stem

MAXIMUM_WORDS = 10  # phrases count as one

Phrase = tuple[str, ...]  # folded words that stand side by side
Stems = list[str]

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_MINUS = "-−"
_PIECE = re.compile(rf'(?P<minus>(?<!\S)[{_MINUS}])?(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+))')
_POSSESSIVE = re.compile(r"['’ʼ]s\b", re.IGNORECASE)
_MILLIONS = re.compile(r"(\d+)(m|bn)")
_NAME_AND_NUMBER = re.compile(r"([a-z]+)(\d+)")
LONGEST_REFERENCE = 4  # parts


@dataclass(frozen=True)
class Term:
    """One word or phrase as the reader wrote it, with all the ways in which a text may have it."""

    spellings: tuple[Phrase, ...]

    @cached_property
    def stems(self) -> list[Phrase]:
        return [tuple(map(stem, phrase)) for phrase in self.spellings]

    def stands_in(self, texts: Iterable[Stems]) -> bool:
        """Say whether one of some texts, given by the stems of their words, holds it."""
        return any(True for text in texts for phrase in self.stems for _place in find_phrase(phrase, text))


@dataclass(frozen=True)
class Search:
    """What was asked: each term that must be there and each that must not."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def __len__(self) -> int:
        return len(self.wanted) + len(self.unwanted)

    @property
    def references(self) -> list[str]:
        """Every permanent name that the words may be: "iicsa 13", "IICSA-13" and "iicsa13" are IICSA-13."""
        words = [word for term in self.wanted for word in term.spellings[0]]
        parts = [part for word in words for part in re.findall(r"[a-z]+|\d+|.", word)]
        return sorted({name for row in (words, parts) for name in _join_names(row)})


def _join_names(words: Sequence[str]) -> Iterator[str]:
    for count in range(2, LONGEST_REFERENCE + 1):
        for first in range(len(words) - count + 1):
            yield "-".join(words[first : first + count]).upper()


def find_phrase(phrase: Phrase, text: Stems) -> Iterator[int]:
    """Yield each place of a text at which a phrase begins; both as stems."""
    first, length = phrase[0], len(phrase)
    place = -1
    for _ in range(text.count(first)):
        place = text.index(first, place + 1)
        if tuple(text[place : place + length]) == phrase:
            yield place


def read_search(text: str) -> Search:
    """Read what was typed. Signs without a letter or digit mean nothing, and nothing that is typed is an error."""
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for piece in _PIECE.finditer(text.translate(_QUOTES)):
        quoted = piece["quoted"]
        words = split_words(_POSSESSIVE.sub("", piece["word"]) if quoted is None else quoted)
        words = [word for each in words for word in each.split(BOUNDARY) if word]
        if words:
            spellings = (tuple(words),) if quoted is not None else (tuple(words), *_respell(words))
            (unwanted if piece["minus"] else wanted).append(Term(spellings))
    return Search(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)))


def _respell(words: list[str]) -> Iterator[Phrase]:
    """Yield how else a word may be written: "5 million" for "5m" and "iicsa 13" for "iicsa13"."""
    if len(words) > 1:
        return
    if number := _MILLIONS.fullmatch(words[0]):
        yield number[1], "million" if number[2] == "m" else "billion"
    elif name := _NAME_AND_NUMBER.fullmatch(words[0]):
        yield name[1], name[2]


def stem_words(text: str) -> Stems:
    """Return the stems of the words of a text, in their order."""
    return [stem(word) for word in split_words(text)]
