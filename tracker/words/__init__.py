"""Words as readers search for them and as texts hold them: folded, reduced to their stems, read as a question.

Pure. The index of `indexing` and the questions of `querysets` follow the same rules in the database.
"""

from tracker.words.asking import MAXIMUM_WORDS, Phrase, Search, Term, read_search, stem_words
from tracker.words.folding import ACCENTS, BOUNDARY, FOLDED_LATIN, LETTERS, WORD, fold, split_words
from tracker.words.marking import Excerpt, Marked, Piece
from tracker.words.stemming import LONGEST, SHORTEST, stem

__all__ = [
    "ACCENTS",
    "BOUNDARY",
    "FOLDED_LATIN",
    "LETTERS",
    "LONGEST",
    "MAXIMUM_WORDS",
    "SHORTEST",
    "WORD",
    "Excerpt",
    "Marked",
    "Phrase",
    "Piece",
    "Search",
    "Term",
    "fold",
    "read_search",
    "split_words",
    "stem",
    "stem_words",
]
