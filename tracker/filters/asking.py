"""How anything is asked of a list: forms that refuse what they do not know, kinds of filter, and their addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any
from urllib.parse import quote_plus

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.filters.counting import keep_names
from tracker.keeping import Version
from tracker.languages import speak
from tracker.words import MAXIMUM_WORDS, read_search

MAXIMUM_SEARCH_LENGTH = 200
DATE_FORMAT = "%Y-%m-%d"
SHAPING = ("sort", "page", "per_page")  # how the answer is shown; not part of the question
TRACKING = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")  # what other sites add to follow people
MOMENT = ("on", "known")  # the day that is asked about: the doors read it, because every page has it
SWITCH = {
    "on": True,
    "1": True,
    "true": True,
    "yes": True,
    "off": False,
    "0": False,
    "false": False,
    "no": False,
}


class QuestionForm(forms.Form):
    """The form of a question. Refuses what it does not know, rather than answering another question."""

    shaping = SHAPING

    def __init__(self, *args: Any, known: Collection[str], asked: dict[str, forms.Field], **options: Any) -> None:
        """Take the names of all filters that there are, and the fields of those that were used."""
        super().__init__(*args, **options)
        self.known = known
        self.fields.update(asked)  # the library would copy them with all of their choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.data:
            if name not in self.known and name not in self.shaping:
                self.add_error(
                    None,
                    _("“%(name)s” is not a filter of this list. Remove it from the address.") % {"name": name[:40]},
                )
        for name, field in self.fields.items():
            is_single = not isinstance(field, forms.MultipleChoiceField)
            if is_single and len(set(self.data.getlist(name))) > 1:  # type: ignore[attr-defined]
                self.add_error(name, _("“%(name)s” has more than one value. Give only one.") % {"name": field.label})
        made_after, made_before = cleaned.get("made_after"), cleaned.get("made_before")
        if made_after and made_before and made_after > made_before:
            self.add_error("made_before", _("“Made on or before” must not be earlier than “Made on or after”."))
        return cleaned


class DatedQuestionForm(QuestionForm):
    """The form of a question that can be asked about any past day."""

    shaping = (*SHAPING, *MOMENT)


def list_choices(choices: Any, *extra: tuple[str, str]) -> list[tuple[str, str]]:
    return [*choices.choices, *extra]


def several(label: Any, choices: list[tuple[str, str]], **options: Any) -> django_filters.MultipleChoiceFilter:
    """Return a filter with several choices, by the column `field_name` or by a `method`."""
    return django_filters.MultipleChoiceFilter(
        label=label,
        choices=choices,
        distinct=False,
        error_messages={
            "invalid_choice": format_lazy(_("“%(value)s” is not one of the choices of “{label}”."), label=label)
        },
        **options,
    )


def refuse_many_words(text: str) -> None:
    if len(read_search(text)) > MAXIMUM_WORDS:
        raise ValidationError(_("Search for at most %(count)s words.") % {"count": MAXIMUM_WORDS})


def search(label: Any) -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label=label,
        method="filter_words",
        help_text=_("Put a phrase in “quotes”. A minus before a word leaves it out."),
        max_length=MAXIMUM_SEARCH_LENGTH,
        validators=[refuse_many_words],
        error_messages={"max_length": _("Search for at most %(limit_value)s characters.")},
    )


def ask_date(label: Any) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label,
        input_formats=[DATE_FORMAT],
        widget=forms.DateInput(format=DATE_FORMAT, attrs={"type": "date"}),
        error_messages={
            "invalid": format_lazy(_("“{label}” must be a real date, written like 2026-11-21."), label=label)
        },
    )


def ask_switch(name: str, label: Any) -> django_filters.TypedChoiceFilter:
    """Return a filter that is either on or off."""
    return django_filters.TypedChoiceFilter(
        label=label,
        choices=[(code, code) for code in SWITCH],
        coerce=SWITCH.__getitem__,
        error_messages={"invalid_choice": format_lazy(_("“{name}” is either on or off."), name=name)},
    )


@dataclass(frozen=True, eq=False)
class Said:
    """A filter in one language: its label, its choices, and the field that checks what is asked of it."""

    label: str
    choices: list[tuple[str, str]]
    field: forms.Field


class Question(django_filters.FilterSet):
    """What was asked of a list. What it is made of is put into words once for all readers, not copied for each."""

    published: Collection[str] = ()  # the filters that offer what is published of their models

    def __init__(self, *args: Any, version: Version | None = None, **options: Any) -> None:
        self.base_filters: dict[str, Any] = {}  # the library would copy each in depth, with each of its choices
        super().__init__(*args, **options)
        self.version = version or Version()
        self.language = get_language()
        self.filters = Filters(self)

    def say(self, name: str) -> Said:
        """Return a filter in the language of the page."""
        if name not in self.published:
            return say_filter(type(self), name, self.language)
        return self.version.keep(("filter", type(self), name, self.language), partial(self._say_published, name))

    def _say_published(self, name: str) -> Said:
        choices = [(row.slug, speak(row, "name")) for row in keep_names(self.version, name)]
        return _say(type(self).base_filters[name], choices)

    def get_form_class(self) -> Callable[..., QuestionForm]:
        asked = {name: self.say(name).field for name in self.filters if name in self.data}
        return partial(self._meta.form, known=self.filters, asked=asked)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What was asked, by filter: only the filters that were used."""
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [], False)}


class Filters(Mapping[str, django_filters.Filter]):
    """The filters of a question by name, each copied for this question alone when it is looked at."""

    def __init__(self, question: Question) -> None:
        self.question, self.shared = question, type(question).base_filters
        self._taken: dict[str, django_filters.Filter] = {}

    def __getitem__(self, name: str) -> django_filters.Filter:
        if name not in self._taken:
            taken = self._taken[name] = say_in(self.shared[name], self.question.say(name).choices)
            taken.parent, taken.model = self.question, self.question.queryset.model
            taken.method = taken.method  # binds it to the copy
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shared)

    def __len__(self) -> int:
        return len(self.shared)


@lru_cache(maxsize=500)
def say_filter(question: type[Question], name: str, language: str | None) -> Said:
    """Return a filter whose choices are always the same in the language of the page, once for all readers."""
    shared = question.base_filters[name]
    return _say(shared, [(value, str(label)) for value, label in shared.extra.get("choices") or []])


def _say(shared: django_filters.Filter, choices: list[tuple[str, str]]) -> Said:
    said = say_in(shared, choices)
    return Said(said.label, choices, said.field)


def say_in(shared: django_filters.Filter, choices: list[tuple[str, str]]) -> django_filters.Filter:
    """Return a copy of a filter in the language of the page, with these choices where it has any."""
    said = copy(shared)
    said.label = str(shared.label)
    said.extra = shared.extra | ({"choices": choices} if choices else {})
    return said


def shorten(query: QueryDict, *, without: tuple[str, ...] = ()) -> QueryDict:
    """Return a query without blank and repeated values, and without the marks that other sites add to follow people."""
    short = QueryDict(mutable=True)
    for name, values in query.lists():
        kept = [value for value in dict.fromkeys(values) if value.strip()]
        if kept and name not in without and not name.startswith(TRACKING):
            short.setlist(name, kept)
    return short


def order(query: QueryDict) -> QueryDict:
    """Return the same question in the one order that all ways of asking it share."""
    ordered = QueryDict(mutable=True)
    for name, values in sorted(query.lists()):
        ordered.setlist(name, sorted(values))
    return ordered


def add_query(path: str, query: QueryDict) -> str:
    """Write an address. Values are texts, each encoded once: a page has hundreds of addresses of the same few."""
    asked = "&".join(f"{_quote(name)}={_quote(value)}" for name, values in query.lists() for value in values)
    return f"{path}?{asked}" if asked else path


_quote = lru_cache(maxsize=1_000)(quote_plus)
