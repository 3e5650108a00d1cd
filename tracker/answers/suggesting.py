"""What a reader may have meant who searched for words that the register does not have."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tracker.answers.questions import PAGING, Question
from tracker.filters import shorten
from tracker.indexing import count_holders, find_words, read_vocabulary
from tracker.words import WORD, fold, stem

LIKE = 0.7  # of the letters: two of seven may be wrong, missing, too many or with their neighbours in turn
FEW = 5  # stems that are looked at closely


class Suggestion(NamedTuple):
    words: str
    address: str
    count: int


def suggest(question: Question) -> Suggestion | None:
    """Return the nearest words that are in the register, where all else that was asked then finds something."""
    version, asked = question.filterset.version, question.filterset.asked
    return version.keep(("suggestion", asked), lambda: _find(question))


def _find(question: Question) -> Suggestion | None:
    vocabulary = question.filterset.version.keep("vocabulary", read_vocabulary)
    text = question.query["q"]
    wanted = {word for term in question.filterset.search.wanted for word in term.spellings[0]}
    unknown = [word for word in wanted if stem(word) not in vocabulary and not count_holders(stem(word))]
    spellings = {word: _find_nearest(word, vocabulary) for word in unknown}
    words = WORD.sub(lambda found: spellings.get(fold(found[0])) or found[0], text)
    if words == text:
        return None
    query = shorten(question.query, without=PAGING)
    query["q"] = words
    other = Question(query, question.moment, question.filterset.version)
    if other.errors or not (count := other.filterset.count()):
        return None
    return Suggestion(words, other.address, count)


def _find_nearest(word: str, vocabulary: list[str]) -> str | None:
    """Return the word of the register that is most like another; of words equally like it, the commonest."""
    like = process.extract(stem(word), vocabulary, scorer=OSA.normalized_similarity, score_cutoff=LIKE, limit=FEW)
    holders = {found: count_holders(found) for found, _score, _place in like}
    ranks = [(OSA.distance(each, word), -count, each) for found, count in holders.items() for each in find_words(found)]
    return min(ranks)[-1] if ranks else None
