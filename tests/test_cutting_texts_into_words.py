"""SQLite, PostgreSQL and Python cut texts into the same words, without capitals and accents, and stem them alike.

Each database is compared with `words`, so that they agree with each other.
"""

import sqlite3

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.words import split_words, stem

pytestmark = pytest.mark.usefixtures("loaded_register")


def stem_in_the_database(texts: list[str]) -> list[list[str]]:
    """Return the words of each text, as the database that is tested keeps them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            words = "SELECT array_agg(lexeme ORDER BY place) FROM unnest(search_words(text)), unnest(positions) place"
            cursor.execute(f"SELECT ({words}) FROM unnest(%s::text[]) WITH ORDINALITY t (text, n) ORDER BY n", [texts])  # noqa: S608
            return [found or [] for (found,) in cursor.fetchall()]
    kept = sqlite3.connect(":memory:")
    kept.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'porter unicode61 remove_diacritics 2')")
    kept.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
    kept.executemany("INSERT INTO t (rowid, x) VALUES (?, ?)", enumerate(texts))
    found: list[list[str]] = [[] for _ in texts]
    for term, place in kept.execute("SELECT term, doc FROM v ORDER BY doc, offset"):
        found[place].append(term)
    return found


def stem_here(texts: list[str]) -> list[list[str]]:
    return [[stem(word) for word in split_words(text)] for text in texts]


def test_every_text_of_the_register_has_the_same_words_everywhere():
    with connection.cursor() as cursor:
        columns = ", ".join(("title", "summary", "about", "record"))
        cursor.execute(f"SELECT {columns} FROM search_commitment_text")  # noqa: S608
        texts = [text for row in cursor.fetchall() for text in row]
    assert len(texts) > 400
    assert stem_in_the_database(texts) == stem_here(texts)


LATIN = [
    chr(code)
    for code in (*range(0xA0, 0x2B0), *range(0x1D00, 0x1DC0), *range(0x1E00, 0x1F00), *range(0x2C60, 0x2C80))
    if chr(code) != "µ"
]
ACCENTS = [chr(code) for code in range(0x300, 0x370)]


def test_every_latin_letter_is_folded_the_same_everywhere():
    texts = [f"q{letter}x {letter}q {letter}" for letter in (*map(chr, range(1, 128)), *LATIN, *ACCENTS)]
    assert stem_in_the_database(texts) == stem_here(texts)


def test_signs_part_words_everywhere():
    texts = [f"a{sign}b" for sign in "–—‘’“”…•€£§©®¬×÷\u00a0\u2009\u2028·/_-+=.,;:!?@#~^*(){}[]<>|\\'\"`\t\n"]
    assert stem_here(texts) == [["a", "b"]] * len(texts)
    assert stem_in_the_database(texts) == stem_here(texts)


ENDINGS = (
    *("", "s", "es", "ed", "ing", "ings", "er", "est", "ly", "al", "ally", "ational", "ization", "isation", "fulness"),
    *("ousness", "iveness", "iviti", "biliti", "ement", "ment", "ion", "sion", "tion", "able", "ible", "ance", "ence"),
    *("y", "ies", "ied", "eed", "eedly", "ingly", "bly", "blies", "logy", "logies", "logi", "li", "icate", "ative"),
    *("alize", "iciti", "ical", "ful", "ness", "ism", "ate", "iti", "ous", "ive", "ize", "ly", "lly", "ll", "lle"),
)
STARTS = st.text(alphabet="abcdefghiklmnoprstuvwz", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.builds("".join, st.tuples(STARTS, st.sampled_from(ENDINGS))), min_size=1, max_size=80))
def test_any_word_has_the_same_stem_everywhere(words):
    assert stem_in_the_database(words) == stem_here(words)
