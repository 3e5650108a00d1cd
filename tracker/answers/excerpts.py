"""Why a search found a commitment: the piece of its public texts that shows the words which its title does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Prefetch, Value, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from tracker.languages import ENGLISH, WELSH
from tracker.models import Commitment, Department, Evidence, StatusUpdate, Topic
from tracker.moments import Moment
from tracker.words import Excerpt, Marked, Search


class Text(NamedTuple):
    """A text that is searched: what it is of the commitment, its words and their language."""

    source: Any
    words: str
    language: str = ENGLISH


Texts = Iterator[tuple[int, Text]]  # each with the key of its commitment


def find_excerpts(search: Search, commitments: Sequence[Commitment], moment: Moment) -> dict[int, Excerpt]:
    """Return, by key, where the words of a search stand beyond the titles and references of these commitments.

    The text that says the most of them is taken, and of equal ones the first: a commitment's own summary, its history
    from the newest update on, then the names around it.
    """
    best: dict[int, tuple[int, Text, Marked]] = {}
    missing = {row.pk: _find_missing(search, row) for row in commitments}
    for read in (_read_summary, _read_history, _read_names):
        rows = [row for row in commitments if len(missing[row.pk]) > (best[row.pk][0] if row.pk in best else 0)]
        for key, text in read(rows, moment) if rows else ():
            marked = Marked(search, text.words)
            count = len(marked.terms & missing[key])
            if count > (best[key][0] if key in best else 0):
                best[key] = (count, text, marked)
    return {key: Excerpt(text.source, marked.cut(), text.language) for key, (_count, text, marked) in best.items()}


def _find_missing(search: Search, row: Commitment) -> set[int]:
    """Return the terms that the reader does not see in the row itself, by their places in the search."""
    shown = (f"{row.reference} {row.number}", row.title, row.title_cy)
    return set(range(len(search.wanted))).difference(*(Marked(search, text).terms for text in shown))


def _read_summary(rows: list[Commitment], moment: Moment) -> Texts:
    for row in rows:
        yield row.pk, Text(_("Summary"), row.summary)
        yield row.pk, Text(_("Summary"), row.summary_cy, WELSH)


def _read_history(rows: list[Commitment], moment: Moment) -> Texts:
    keys = [row.pk for row in rows]
    updates = StatusUpdate.objects.shown_at(moment).filter(commitment__in=keys).order_by()
    cited = Evidence.objects.cited_at(moment).filter(status_update__commitment__in=keys).order_by()
    written = updates.values_list(Value(0), "commitment_id", "as_of", "number", "pk", "reason", "reason_cy")
    of_update = ("commitment_id", "as_of", "number")
    shown = cited.values_list(
        Value(1), *(f"status_update__{name}" for name in of_update), "pk", "document__title", "document__publisher"
    )
    for is_cited, key, _day, _number, _pk, first, second in sorted(
        written.union(shown, all=True), key=_put_newest_first
    ):
        if is_cited:
            yield key, Text(_("Evidence"), f"{first}, {second}")
        else:
            yield key, Text(_("Reason"), first)
            yield key, Text(_("Reason"), second, WELSH)


def _put_newest_first(row: tuple[Any, ...]) -> tuple[int, ...]:
    """Put the updates before what is cited for them, each from the newest update on."""
    is_cited, _key, day, number, pk, *_texts = row
    return is_cited, -day.toordinal(), -number, pk


def _read_names(rows: list[Commitment], moment: Moment) -> Texts:
    present = [row for row in rows if not row.earlier_lists]
    lists = (("topics", Topic, _("Topic")), ("supporting", Department, _("Supported by")))
    prefetch_related_objects(present, *(Prefetch(name, model.objects.published()) for name, model, _label in lists))
    for row in rows:
        yield row.pk, Text(_("Programme"), row.programme.name)
        yield row.pk, Text(_("Department"), f"{row.department.name} {row.department.abbreviation}")
        yield row.pk, Text(_("Made by"), row.made_by)
        yield row.pk, Text(_("Kind"), row.get_kind_display())
        for name, _model, label in lists:
            for each in row.read_list(name) if row.earlier_lists else getattr(row, name).all():
                yield row.pk, Text(label, each.name)
