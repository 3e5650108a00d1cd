"""A search as conditions on rows: by the indexes that the database keeps, and how well each row answers.

`indexing` says what is in the indexes. Both databases are asked the same, each in its own language.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, Case, Exists, Expression, IntegerField, OuterRef, Q, Value, When

from tracker.words import Phrase, Search, Term, stem_words

# The columns of each index in the order of their weight.
SEARCHED = {
    "search_commitment": ("title", "summary", "about", "record"),
    "search_update": ("record",),
    "search_document": ("title", "publisher"),
}
WEIGHTS = "ABCD"

# How well a row answers: the words name it, or all stand in its title, or in title and summary, or anywhere.
NAMED, ANYWHERE = 0, 4
STEPS = (1, 2)  # by the number of columns
SAID_ONCE = 3  # the columns of a commitment that do not grow with its history


class Holding(Expression):
    """The keys of what holds all of some terms in the first columns of an index, or in any."""

    output_field = BigIntegerField()

    def __init__(self, terms: Iterable[Term], columns: int | None = None, index: str = "search_commitment") -> None:
        super().__init__()
        self.terms = tuple(terms)
        self.index, self.columns = index, SEARCHED[index][:columns]
        self.is_anywhere = self.columns == SEARCHED[index]

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[str]]:
        asked = _ask_fts5(self.terms)
        if not self.is_anywhere:
            asked = f"{{{' '.join(self.columns)}}} : ({asked})"
        return f"(SELECT rowid FROM {self.index} WHERE {self.index} MATCH %s)", [asked]  # noqa: S608 - names of ours

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[str]]:
        asked = ask_tsquery(self.terms, "" if self.is_anywhere else weigh(len(self.columns)))
        return f"(SELECT id FROM {self.index} WHERE words @@ %s::tsquery)", [asked]  # noqa: S608


def _ask_fts5(terms: Iterable[Term]) -> str:
    return " AND ".join(f"({' OR '.join(map(_quote, term.spellings))})" for term in terms)


def _quote(phrase: Phrase) -> str:
    """Write a phrase so that FTS5 takes it as words, whatever they are; it stems them itself."""
    return f'"{" ".join(phrase)}"'


def ask_tsquery(terms: Iterable[Term], weights: str = "") -> str:
    """Write terms, all of which are wanted, so that PostgreSQL takes them as stems; `weights` is as `weigh` has it."""
    return " & ".join(f"({' | '.join(_chain(stems, weights) for stems in term.stems)})" for term in terms)


def weigh(columns: int) -> str:
    """Return what restricts a stem to the first columns of an index."""
    return f":{WEIGHTS[:columns]}"


def _chain(stems: Phrase, weights: str) -> str:
    words = [f"'{stem}'{weights}" for stem in stems]
    return f"({' <-> '.join(words)})"


def holds(search: Search, index: str = "search_commitment") -> Q:
    """Return the condition that the words of a row answer a search. One without words finds nothing."""
    if not search:
        return Q(pk__in=[])
    found = Q(pk__in=Holding(search.wanted, index=index)) if search.wanted else Q()
    return reduce(and_, (~Q(pk__in=Holding([term], index=index)) for term in search.unwanted), found)


def rank(search: Search) -> Case:
    """Return how well each commitment answers, from NAMED to ANYWHERE."""
    whens = [When(reference__in=search.references, then=Value(NAMED))]
    if search.wanted:
        whens += [When(pk__in=Holding(search.wanted, columns), then=Value(columns)) for columns in STEPS]
    return Case(*whens, default=Value(ANYWHERE), output_field=IntegerField())


# --- On a past day -----------------------------------------------------------------------------


def held_then(search: Search, updates: models.QuerySet[Any]) -> Q:
    """Return the condition that the words of a commitment answered a search when there were only some status updates.

    True of what is public now and was not reworded since: then only its history was shorter.
    """

    def held(term: Term) -> Q:
        told = updates.filter(commitment=OuterRef("pk"), pk__in=Holding([term], index="search_update")).order_by()
        return Q(pk__in=Holding([term], SAID_ONCE)) | Q(Exists(told))

    # What held a word then holds it now, so that the index, which is fast, says first who may be meant.
    now = Q(pk__in=Holding(search.wanted)) if search.wanted else Q()
    conditions = [held(term) for term in search.wanted] + [~held(term) for term in search.unwanted]
    return reduce(and_, conditions, now)


def judge(search: Search, commitment: Any, updates: Iterable[Any]) -> int | None:
    """Say how well one commitment, as it reads now, answers a search; None where it does not."""
    columns = [[stem_words(text) for text in texts if text] for texts in _read_columns(commitment, updates)]

    def hold(terms: Iterable[Term], count: int) -> list[bool]:
        texts = [text for column in columns[:count] for text in column]
        return [term.stands_in(texts) for term in terms]

    if not all(hold(search.wanted, ANYWHERE)) or any(hold(search.unwanted, ANYWHERE)):
        return None
    if commitment.reference in search.references:
        return NAMED
    return next((count for count in STEPS if search.wanted and all(hold(search.wanted, count))), ANYWHERE)


def _read_columns(commitment: Any, updates: Iterable[Any]) -> list[list[str]]:
    """Return the texts that are searched of a commitment by the columns of the index."""
    cited = [evidence.document for update in updates for evidence in update.evidence.all()]
    bodies = [commitment.department, *commitment.read_list("supporting")]
    about = [commitment.made_by, commitment.kind, commitment.programme.name]
    about += [f"{body.name} {body.abbreviation}" for body in bodies]
    about += [topic.name for topic in commitment.read_list("topics")]
    record = [text for update in updates for text in (update.reason, update.reason_cy)]
    record += [text for document in cited for text in (document.title, document.publisher)]
    title = [commitment.reference, str(commitment.number), commitment.title, commitment.title_cy]
    return [title, [commitment.summary, commitment.summary_cy], about, record]
