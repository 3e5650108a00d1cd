"""Redaction: words that must not be published are found wherever they stand, and removed for good.

`refusals` asks whether that may be done, the desk shows how far it would reach, and `verbs` carries it out when a
second person publishes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils import timezone

from tracker.models import REMOVED, REMOVED_ADDRESS, REMOVED_BRIEFLY, Document, LogEntry, Redaction
from tracker.models.base import AppendOnly, PartOfHistory, Publishable, is_permanent_name, list_texts
from tracker.statuses import Refusal

MINIMUM_LETTERS = 3
MAXIMUM_PLACES = 200

# Between two words: spaces of any kind, and what stands for them in an address.
BETWEEN = r"(?:[\s_+\u2010-\u2015-]|%20)+"
APOSTROPHES = "'\u2019\u2018\u02bc"

Fields = list[Any]


class Words:
    """Some words, however they are written: capitals, spaces, hyphens and accents do not matter."""

    def __init__(self, phrase: str) -> None:
        words = re.split(r"[\s_-]+", unicodedata.normalize("NFC", phrase).strip())
        self.letters = sum(len(word) for word in words)
        self.pattern = re.compile(BETWEEN.join("".join(map(_spell, word)) for word in words), re.IGNORECASE)
        # The longest run of letters that every database compares alike, to ask it for less.
        self.hint = max(re.findall(r"[A-Za-z0-9]+", " ".join(words)), key=len, default="")

    def stand_in(self, value: Any) -> bool:
        """Say whether they stand anywhere in a text, a list or what a JSON object holds."""
        return any(self.pattern.search(text) for text in _read_strings(value))

    def remove_from(self, value: Any, *, room: int | None = None) -> Any:
        """Return a value without them, with a mark in their place; the short one where `room` is less than needed."""
        if isinstance(value, dict):
            return {key: self.remove_from(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.remove_from(each) for each in value]
        if not isinstance(value, str):
            return value
        without = self.pattern.sub(REMOVED, value)
        return self.pattern.sub(REMOVED_BRIEFLY, value) if room is not None and len(without) > room else without

    def may_stand_in(self, fields: Fields) -> Q:
        """Return the condition that a row may hold them. It never misses one, and may find too many."""
        return reduce(or_, (Q(**{f"{name_as_text(each)}__icontains": self.hint}) for each in fields))


def _spell(letter: str) -> str:
    """Return the pattern of one letter, composed or with its accent apart."""
    if letter in APOSTROPHES:
        return f"[{APOSTROPHES}]"
    apart = unicodedata.normalize("NFD", letter)
    return re.escape(letter) if apart == letter else f"(?:{re.escape(letter)}|{re.escape(apart)})"


def _read_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _read_strings(each)


def name_as_text(each: Any) -> str:
    return f"{each.name}_as_text" if isinstance(each, models.JSONField) else str(each.name)


# --- Where they stand --------------------------------------------------------------------------


@dataclass
class Extent:
    """How far a redaction reaches: the rows in which the words stand, each with the names of its fields; the numbers of
    the log's entries; how many rows of what staff did; and the permanent names, of which nothing can be removed.
    """

    rows: list[tuple[Any, list[str]]] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    history: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def places(self) -> int:
        return len(self.rows) + len(self.entries)


def measure(redaction: Redaction) -> Extent:
    """Find every place in which the words of a redaction stand, but for its own draft."""
    words = Words(redaction.phrase)
    found = Extent()
    for model in _find_written_models():
        rows = model._base_manager.all()
        if model is Redaction:
            rows = rows.exclude(pk=redaction.pk)
        texts, names = list_texts(model), [each for each in model._meta.concrete_fields if _is_name_in_words(each)]
        found.rows += [(row, [each.name for each in held]) for row, held in find_rows(rows, texts, words)]
        found.names += [row.subject for row, _ in find_rows(rows, names, words)]
    found.entries = _find_entries(words)
    found.history = sum(len(list(find_rows(rows, texts, words))) for rows, texts in _find_history(redaction))
    logged = LogEntry.objects.filter(subject__icontains=words.hint).values_list("subject", flat=True)
    found.names = sorted({*found.names, *filter(words.stand_in, logged)})
    return found


def find_rows(rows: Any, texts: Fields, words: Words) -> Iterator[tuple[Any, Fields]]:
    """Yield each row of a queryset in whose texts the words stand, with the fields that hold them."""
    if not texts:
        return
    if words.hint:
        objects = [each for each in texts if isinstance(each, models.JSONField)]
        rows = rows.annotate(**{name_as_text(each): Cast(each.name, models.TextField()) for each in objects})
        rows = rows.filter(words.may_stand_in(texts))
    for row in rows.order_by("pk"):
        held = [each for each in texts if words.stand_in(getattr(row, each.attname))]
        if held:
            yield row, held


def _find_written_models() -> list[Any]:
    """Return the models whose rows the public reads, now or once they are published."""
    ours = apps.get_app_config("tracker").get_models()
    return [model for model in ours if issubclass(model, Publishable | PartOfHistory)]


def _is_name_in_words(each: Any) -> bool:
    return is_permanent_name(each) and isinstance(each, models.CharField)


def _find_history(redaction: Redaction) -> Iterator[tuple[Any, Fields]]:
    """Yield what staff read of earlier work: the history of each model, and what everybody did."""
    for model in _find_written_models():
        rows = model.history.model._base_manager.all()
        if model is Redaction:
            rows = rows.exclude(id=redaction.pk)
        yield rows, list_texts(rows.model)
    yield StaffLogEntry.objects.all(), list_texts(StaffLogEntry)


def _find_entries(words: Words) -> list[int]:
    entries = LogEntry.objects.filter(content__isnull=False).exclude(kind=LogEntry.Kind.REDACTION)
    return [entry.sequence for entry, _ in find_rows(entries, [LogEntry._meta.get_field("content")], words)]


# --- Whether they may be removed ---------------------------------------------------------------


def refuse_redaction(redaction: Redaction) -> Iterator[Refusal]:
    """Refuse words that are too few, that stand nowhere or nearly everywhere, or that an address is made of."""
    words = Words(redaction.phrase)
    if words.letters < MINIMUM_LETTERS:
        yield Refusal(0, "phrase", f"Give at least {MINIMUM_LETTERS} letters: the exact words that must go.")
        return
    if any(words.stand_in(mark) for mark in (REMOVED, REMOVED_BRIEFLY, REMOVED_ADDRESS)):
        yield Refusal(0, "phrase", f"These words are part of the mark “{REMOVED}” that stands where some were removed.")
        return
    extent = measure(redaction)
    if extent.names and not redaction.addresses_are_blocked:
        yield Refusal(0, "phrase", _explain_names(extent.names))
    elif not extent.places and not extent.history:
        yield Refusal(0, "phrase", "The words stand nowhere in the register. Are they written as they stand there?")
    elif extent.places > MAXIMUM_PLACES:
        sentence = (
            f"The words stand in {extent.places} places, and at most {MAXIMUM_PLACES} are changed at once. Give longer "
            "words, such as a whole name, that stand only where they must go."
        )
        yield Refusal(0, "phrase", sentence)


def _explain_names(names: list[str]) -> str:
    return (
        f"The words are part of a permanent address: {', '.join(names)}. Nothing is ever removed from one, because the "
        "log is chained to it. Discard what is still a draft. For what is public, ask whoever runs the site to block "
        "the address, then tick that it is blocked: the words go from everywhere else."
    )


# --- Removing them -----------------------------------------------------------------------------


def carry_out(redaction: Redaction) -> None:
    """Remove the words of a redaction, which has just been marked as published, from everything, and forget them."""
    words = Words(redaction.phrase)
    touched = set(_remove_from_rows(redaction, words))
    # A permanent address that holds the words stays, blocked; it is not stated anew.
    redaction.subjects = sorted(subject for subject in touched if not words.stand_in(subject))
    for rows, texts in _find_history(redaction):
        for row, held in list(find_rows(rows, texts, words)):
            _rewrite(row, held, words)
    redaction.entries = _find_entries(words)
    LogEntry._base_manager.filter(sequence__in=redaction.entries).update(salt=None, content=None)
    forget_phrase(redaction)
    redaction.carried_out_at = timezone.now()
    done = ("phrase", "subjects", "entries", "carried_out_at")
    Redaction._base_manager.filter(pk=redaction.pk).update(**{name: getattr(redaction, name) for name in done})


def forget_phrase(redaction: Redaction) -> None:
    """Empty the words of a redaction, here and in its own history. They stay in its row until that is saved."""
    redaction.phrase = ""
    Redaction.history.model._base_manager.filter(id=redaction.pk).update(phrase="")


def _remove_from_rows(redaction: Redaction, words: Words) -> Iterator[str]:
    """Remove the words from every row of the register, and yield the names of the public things that held them."""
    for model in _find_written_models():
        rows = model._base_manager.select_for_update(of=("self",))
        if model is Redaction:
            rows = rows.exclude(pk=redaction.pk)
        for row, held in list(find_rows(rows, _list_words_of(model), words)):
            owner: Any = getattr(row, model.owner_field) if issubclass(model, PartOfHistory) else row
            _rewrite(row, held, words)
            if owner.is_published:
                yield owner.subject
            if not (isinstance(owner, AppendOnly) and owner.is_published):
                # Whoever has a form open on it is told, and does not write the words back.
                type(owner)._base_manager.filter(pk=owner.pk).update(version=F("version") + 1)


def _list_words_of(model: Any) -> Fields:
    """Return the texts of a model, but for what a redaction keeps of its own doing."""
    return [each for each in list_texts(model) if model is not Redaction or each.name == "phrase"]


def _remove_from_changes(row: Any, words: Words) -> dict[str, Any]:
    """Return the changes of a revision, or of its history, without the words: codes, dates and addresses stay."""
    texts = {each.name for each in list_texts(row.content_type.model_class())}
    return {name: words.remove_from(change) if name in texts else change for name, change in row.changes.items()}


def _rewrite(row: Any, held: Fields, words: Words) -> None:
    """Put the marks in the place of the words in some fields of a row, behind the models, which would refuse it."""
    values: dict[str, Any] = {}
    for each in held:
        present = getattr(row, each.attname)
        if isinstance(each, models.URLField):
            values[each.name] = REMOVED_ADDRESS + (row.identifier if isinstance(row, Document) else "")
        elif each.name == "changes":
            values[each.name] = _remove_from_changes(row, words)
        else:
            values[each.name] = words.remove_from(present, room=each.max_length)
    type(row)._base_manager.filter(pk=row.pk).update(**values)
