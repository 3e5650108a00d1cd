"""The words of a text as a search sees them: of Latin letters and digits, without capitals and accents.

One list of letters for Python, SQLite's `unicode61` and PostgreSQL, which each have ideas of their own.
"""

from __future__ import annotations

import re
import unicodedata

# As a class of characters that means the same to Python and PostgreSQL. What is not in it parts words.
LETTERS = "0-9A-Za-zªµº²³¹¼-¾À-ÖØ-öø-ʯᴀ-ᶿḀ-ỿⱠ-Ɀ"
LATIN = (
    *range(0xC0, 0xD7),
    *range(0xD8, 0xF7),
    *range(0xF8, 0x2B0),
    *range(0x1D00, 0x1DC0),
    *range(0x1E00, 0x1F00),
    *range(0x2C60, 0x2C80),
)

# Accents that stand apart, after their letter. Others part words, because SQLite lets them.
ACCENTS = "\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331"

# Stands between the texts that are searched together, so that no phrase runs on from one into the next. It is a letter
# to both databases, and to nobody who writes English or Welsh.
BOUNDARY = "ǂ"

# Where SQLite folds otherwise than Unicode does.
PECULIAR = {"İ": "i", "ſ": "s", "ẛ": "s", "Ǡ": "ǡ", "ǡ": "ǡ"}


def _fold_letter(letter: str) -> str:
    small = letter.lower()
    first = unicodedata.normalize("NFD", small)[0]
    return PECULIAR.get(letter) or (first if first.isascii() else small)


FOLDED_LATIN = {chr(code): _fold_letter(chr(code)) for code in LATIN if _fold_letter(chr(code)) != chr(code)}
_FOLDED = str.maketrans(FOLDED_LATIN)
_ACCENT = re.compile(f"[{ACCENTS}]")
WORD = re.compile(f"[{LETTERS}][{LETTERS}{ACCENTS}]*")


def fold(text: str) -> str:
    """Return a text without capitals and accents."""
    return _ACCENT.sub("", text.translate(_FOLDED)).lower() if not text.isascii() else text.lower()


def split_words(text: str) -> list[str]:
    """Return the folded words of a text, in their order."""
    return [fold(word) for word in WORD.findall(text)]
