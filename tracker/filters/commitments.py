"""The question that a reader asks of the list, as query parameters: which filters there are and what each counts.

Every door that answers the question (page, file, feed) uses `CommitmentFilter`; an invalid question is refused whole,
so that the unfiltered register never stands under a filtered address.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection
from functools import cached_property, partial, reduce
from operator import and_
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tracker.filters.asking import (
    SHAPING,
    DatedQuestionForm,
    Question,
    ask_date,
    ask_switch,
    list_choices,
    offer_published,
    order,
    search,
    several,
    shorten,
)
from tracker.filters.rolls import FACETS, GROUPS, Counting, Mask
from tracker.keeping import Version
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

Counts = dict[str, dict[str, int]]  # of each filter's choices


class CommitmentFilter(Question):
    """Several values of one filter mean "or"; different filters mean "and"."""

    q = search(_("Words"))
    department = several(_("Department"), [], method="filter_department")
    supporting = ask_switch("supporting", _("Include what departments support"), method="keep_all")
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
    claim_differs = ask_switch(
        "claim_differs", _("Only where the body claims something else"), method="filter_claim_differs"
    )
    made_after = ask_date(_("Made on or after"), method="filter_made_after")
    made_before = ask_date(_("Made on or before"), method="filter_made_before")

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
