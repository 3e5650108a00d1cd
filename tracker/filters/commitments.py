"""The question that a reader asks of the list, as query parameters: which filters there are and what each counts.

Every door that answers the question (page, file, feed) uses `CommitmentFilter`; an invalid question is refused whole,
so that the unfiltered register never stands under a filtered address.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from copy import copy
from functools import cached_property, lru_cache, partial, reduce
from operator import and_
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.filters.rolls import FACETS, GROUPS, Counting, Mask, keep_names
from tracker.keeping import Version
from tracker.languages import speak
from tracker.models import Commitment
from tracker.querysets import CommitmentQuerySet, Gap
from tracker.statuses import (
    NOT_RECORDED,
    NOT_RECORDED_LABEL,
    NOT_YET_CHECKED,
    NOT_YET_CHECKED_LABEL,
    Answer,
    Status,
    Strength,
    Timeliness,
)
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


Counts = dict[str, dict[str, int]]  # of each filter's choices


class QuestionForm(forms.Form):
    """The form of a question. Refuses what it does not know, rather than answering another question."""

    shaping = SHAPING
    known: frozenset[str] = frozenset()  # the names of all filters, used or not

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


def _date(label: Any, *, method: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        method=method,
        label=label,
        input_formats=[DATE_FORMAT],
        widget=forms.DateInput(format=DATE_FORMAT, attrs={"type": "date"}),
        error_messages={
            "invalid": format_lazy(_("“{label}” must be a real date, written like 2026-11-21."), label=label)
        },
    )


def _switch(name: str, label: Any, *, method: str) -> django_filters.TypedChoiceFilter:
    """Return a filter that is either on or off."""
    return django_filters.TypedChoiceFilter(
        label=label,
        choices=[(code, code) for code in SWITCH],
        coerce=SWITCH.__getitem__,
        method=method,
        error_messages={"invalid_choice": format_lazy(_("“{name}” is either on or off."), name=name)},
    )


class Question(django_filters.FilterSet):
    """What was asked of a list. Only the fields of filters that were used are made and checked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        # The library would copy each filter in depth, with each of its choices, for each reader.
        self.base_filters: dict[str, Any] = {}
        super().__init__(*args, **options)
        language = get_language()
        self.filters = {name: self._take(name, language) for name in type(self).base_filters}

    def _take(self, name: str, language: str | None) -> django_filters.Filter:
        """Return a copy of a filter of the class for this question alone."""
        shared = type(self).base_filters[name]
        taken = copy(shared)
        taken.parent, taken.model = self, self.queryset.model
        taken.label, choices = say_filter(type(self), name, language)
        taken.extra = {**shared.extra, "choices": choices} if choices else dict(shared.extra)
        taken.method = shared.method  # binds it to the copy
        return taken

    def get_form_class(self) -> type[QuestionForm]:
        fields = {name: each.field for name, each in self.filters.items() if name in self.data}
        return type("AskedForm", (self._meta.form,), {**fields, "known": frozenset(self.filters)})

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What was asked, by filter: only the filters that were used."""
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [], False)}


@lru_cache(maxsize=500)
def say_filter(question: type[Question], name: str, language: str | None) -> tuple[str, list[tuple[str, str]]]:
    """Return the label and the choices of a filter in the language of the page, translated once for all readers."""
    shared = question.base_filters[name]
    choices = shared.extra.get("choices") or []
    return str(shared.label), [(value, str(label)) for value, label in choices]


class CommitmentFilter(Question):
    """Several values of one filter mean "or"; different filters mean "and"."""

    q = search(_("Words"))
    department = several(_("Department"), [], method="filter_department")
    supporting = _switch("supporting", _("Include what departments support"), method="keep_all")
    status = several(
        _("Status"), list_choices(Status, (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL)), method="filter_status"
    )
    programme = several(_("Programme"), [], field_name="programme__slug")
    topic = several(_("Topic"), [], method="filter_topic")
    kind = several(_("Kind"), list_choices(Commitment.Kind), method="filter_kind")
    response = several(
        _("Answer given"),
        list_choices(Answer, (NOT_RECORDED, NOT_RECORDED_LABEL)),
        method="filter_response",
    )
    timeliness = several(_("Timeliness"), list_choices(Timeliness), method="filter_timeliness")
    strength = several(_("Strength of evidence"), list_choices(Strength), method="filter_strength")
    gap = several(_("Gap in the evidence"), list_choices(Gap), method="filter_gap")
    claim_differs = _switch(
        "claim_differs", _("Only where the body claims something else"), method="filter_claim_differs"
    )
    made_after = _date(_("Made on or after"), method="filter_made_after")
    made_before = _date(_("Made on or before"), method="filter_made_before")

    class Meta:
        model = Commitment
        fields: tuple[str, ...] = ()
        form = DatedQuestionForm

    def __init__(self, *args: Any, version: Version | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today: dt.date = self.queryset.moment.day if self.queryset.moment else timezone.localdate()
        self.version = version or Version()
        self.counting = Counting(self.queryset, self.version, self.today)
        offer_published(self, self.version, GROUPS)

    def filter_words(self, queryset: CommitmentQuerySet, name: str, text: str) -> QuerySet:
        keep = partial(self.version.keep_large, ("ranks", queryset.moment, text))
        return queryset.matching(text, keep)

    def filter_department(self, queryset: CommitmentQuerySet, name: str, slugs: list[str]) -> QuerySet:
        return queryset.for_department(slugs, supporting=self.includes_supporting) if slugs else queryset

    def keep_all(self, queryset: CommitmentQuerySet, name: str, value: bool) -> QuerySet:
        return queryset  # it widens `department` and means nothing alone

    def filter_status(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.with_status(codes) if codes else queryset

    def filter_kind(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.with_kind(codes) if codes else queryset

    def filter_gap(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.in_gap(codes, today=self.today) if codes else queryset

    def filter_claim_differs(self, queryset: CommitmentQuerySet, name: str, value: bool) -> QuerySet:
        return queryset.claimed_otherwise() if value is True else queryset

    def filter_made_after(self, queryset: CommitmentQuerySet, name: str, day: dt.date) -> QuerySet:
        return queryset.made_between(first=day)

    def filter_made_before(self, queryset: CommitmentQuerySet, name: str, day: dt.date) -> QuerySet:
        return queryset.made_between(last=day)

    def filter_topic(self, queryset: CommitmentQuerySet, name: str, slugs: list[str]) -> QuerySet:
        return queryset.for_topic(slugs) if slugs else queryset

    def filter_response(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.with_response(codes) if codes else queryset

    def filter_timeliness(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.with_timeliness(codes, today=self.today) if codes else queryset

    def filter_strength(self, queryset: CommitmentQuerySet, name: str, codes: list[str]) -> QuerySet:
        return queryset.with_strength(codes) if codes else queryset

    @property
    def includes_supporting(self) -> bool:
        return self.form.cleaned_data.get("supporting") is True

    def narrow(self, *, without: Collection[str] = ()) -> CommitmentQuerySet:
        """Apply every filter but some."""
        queryset = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name not in without:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def count(self) -> int:
        """Count the commitments that answer the question."""
        return self.version.keep(("total", self.asked), lambda: self._leave().bit_count())

    def count_choices(self) -> Counts:
        """Count, for each choice of each filter, the commitments it would show with the other filters applied."""
        return self.version.keep(("counts", self.asked), self._count_all)

    @property
    def asked(self) -> str:
        """The question in the one way that all addresses of it share."""
        return order(shorten(self.data, without=SHAPING)).urlencode()

    def _count_all(self) -> Counts:
        counts: Counts = {}
        for name in FACETS:
            found = self._count(name, others := self._leave(without=name))
            if name == "department" and self.includes_supporting:
                found += self._count("supporting", others)
            counts[name] = dict(found)
        return counts

    def _count(self, name: str, rows: Mask) -> Counter[str]:
        return Counter(self.counting.roll.count(self.counting.list(name), rows))

    def _leave(self, *, without: str | None = None) -> Mask:
        """Return which commitments all filters but one leave."""
        masks = (mask for name, mask in self._masks.items() if name != without)
        return reduce(and_, masks, self.counting.roll.everything)

    @cached_property
    def _masks(self) -> dict[str, Mask]:
        """Which commitments each filter that was used leaves; "" is all those without counts together."""
        choose, list_all = self.counting.roll.choose, self.counting.list
        masks = {name: choose(list_all(name), values) for name, values in self.answers.items() if name in FACETS}
        if "department" in masks and self.includes_supporting:
            masks["department"] |= choose(list_all("supporting"), self.answers["department"])
        if set(self.answers) - {*FACETS, "supporting"}:
            found = self.narrow(without=FACETS).order_by().values_list("pk", flat=True)
            masks[""] = self.counting.roll.find(found)
        return masks


def offer_published(filterset: django_filters.FilterSet, version: Version, names: Iterable[str]) -> None:
    """Give the filters of these names what is published of their models as their choices."""
    for name in names:
        choices = version.keep(("choices", name, get_language()), partial(_list_choices, version, name))
        filterset.filters[name].extra["choices"] = choices


def _list_choices(version: Version, name: str) -> list[tuple[str, str]]:
    return [(row.slug, speak(row, "name")) for row in keep_names(version, name)]


HIDES_EMPTY_CHOICES = frozenset({"department", "programme", "topic"})


def build_filter_groups(filterset: CommitmentFilter) -> list[dict[str, Any]]:
    """Return the filters that have choices, as `draw_filter_group` draws them.

    Their counts are None where the question is not valid.
    """
    counts = filterset.count_choices() if filterset.is_valid() else None
    # A gap is not counted here: to ask each row what its documents are would cost more than all the other counts.
    return [
        build_group(filterset, name, counts.get(name, {}) if counts is not None and name in FACETS else None)
        for name in (*FACETS, "gap")
    ]


def build_group(filterset: Question, name: str, counts: dict[str, int] | None) -> dict[str, Any]:
    chosen = filterset.data.getlist(name)
    choices = [
        {
            "value": value,
            "label": label,
            "count": counts.get(value, 0) if counts is not None else None,
            "checked": value in chosen,
        }
        for value, label in filterset.filters[name].extra["choices"]
        if value in chosen or counts is None or counts.get(value) or name not in HIDES_EMPTY_CHOICES
    ]
    return {
        "name": name,
        "legend": filterset.filters[name].label,
        "choices": choices,
        "open": bool(chosen),
        "chosen": sum(choice["checked"] for choice in choices),
    }


def build_filter_tags(filterset: Question, link: Callable[[str, str], str]) -> list[dict[str, str]]:
    """Return what was asked as removable tags; `link(name, value)` is the address without that value."""
    return [
        {
            "name": name,
            "filter": str(filterset.filters[name].label),
            "label": _describe(filterset, name, single),
            "remove_url": link(name, str(single)),
        }
        for name, value in filterset.answers.items()
        for single in (value if isinstance(value, list) else [value])
    ]


def _describe(filterset: Question, name: str, value: Any) -> str:
    if isinstance(value, dt.date):
        return date_format(value, "j F Y")
    if value is True:
        return str(_("yes"))
    choices: dict[str, str] = dict(filterset.filters[name].extra.get("choices", []))
    return str(choices.get(value, value))


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
    return f"{path}?{query.urlencode()}" if query else path
