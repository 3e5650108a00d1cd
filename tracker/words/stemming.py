"""The stem of an English word: what "building", "builds" and "built-up" share in a search is "build".

M. F. Porter's algorithm (Program 14, 1980) with its author's two later changes, as SQLite's full-text search has it, so
that Python, SQLite and PostgreSQL all agree; `tests/test_searching_commitments.py` compares them.
"""

from __future__ import annotations

from functools import lru_cache

# Shorter words have no ending, and longer ones are none. In bytes, as SQLite counts.
SHORTEST, LONGEST = 3, 64

SECOND = (
    *(("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log")),
    *(("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize")),
    *(("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous")),
    *(("aliti", "al"), ("iviti", "ive"), ("biliti", "ble")),
)
THIRD = (
    *(("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")),
)
FOURTH = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "sion", "tion", "ou", "ism"),
    *("ate", "iti", "ous", "ive", "ize"),
)


def _shape(word: str) -> str:
    """Write v for each vowel and c for each consonant, which whatever is neither counts as; y is one after a c."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(start: str) -> int:
    """Count how often a vowel is followed by a consonant."""
    return _shape(start).count("vc")


def _has_vowel(start: str) -> bool:
    return any(vowel in start for vowel in "aeiou") or "y" in start[1:]


def _is_short(word: str) -> bool:
    """Say whether a word ends like "hop", so that the e of "hoping" is missed."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _ends(word: str, ending: str) -> bool:
    return len(word) > len(ending) and word.endswith(ending)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a folded word."""
    if not SHORTEST <= len(word.encode()) <= LONGEST:
        return word
    word = _drop_past(_drop_plural(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replace(_replace(word, SECOND), THIRD)
    return _drop_last_letters(_drop_fourth(word))


def _drop_plural(word: str) -> str:
    if _ends(word, "sses") or _ends(word, "ies"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _drop_past(word: str) -> str:
    if _ends(word, "eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        start = word[: -len(ending)]
        if _ends(word, ending) and _has_vowel(start):
            return _mend(start)
    return word


def _mend(word: str) -> str:
    """Give a word that lost its "ed" or "ing" the end that it has without."""
    if any(_ends(word, ending) for ending in ("at", "bl", "iz")):
        return word + "e"
    if word[-1:] == word[-2:-1] and word[-1] not in "aeioulsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _is_short(word) else word


def _replace(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, shorter in endings:
        if _ends(word, ending):
            start = word[: -len(ending)]
            return start + shorter if _measure(start) > 0 else word
    return word


def _drop_fourth(word: str) -> str:
    for ending in FOURTH:
        if _ends(word, ending):
            start = word[: -len(ending)] + ending[:1] if ending in {"sion", "tion"} else word[: -len(ending)]
            return start if _measure(start) > 1 else word
    return word


def _drop_last_letters(word: str) -> str:
    if word.endswith("e"):
        count = _measure(word[:-1])
        if count > 1 or (count == 1 and not _is_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
