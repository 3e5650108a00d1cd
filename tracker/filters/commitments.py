"""The question that a reader asks of the list, as query parameters: which filters there are and what each counts.

Every door that answers the question (page, file, feed) uses `CommitmentFilter`; an invalid question is refused whole,
so that the unfiltered register never stands under a filtered address.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tracker.filters.asking import (
    SHAPING,
    DatedQuestionForm,
    Question,
    Said,
    ask_date,
    ask_switch,
    list_choices,
    order,
    search,
    several,
    shorten,
)
from tracker.filters.counting import FACETS, GROUPS, Counting
from tracker.filters.rolls import Keys, Mask
from tracker.models import Commitment
from tracker.querysets import CommitmentQuerySet, Gap, Listed
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
from tracker.words import Search, read_search

Counts = dict[str, dict[str, int]]  # of each filter's choices


class CommitmentFilter(Question):
    """Several values of one filter mean "or"; different filters mean "and"."""

    q = search(_("Words"))
    department = several(_("Department"), [])
    supporting = ask_switch("supporting", _("Include what departments support"))
    status = several(_("Status"), list_choices(Status, (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL)))
    programme = several(_("Programme"), [])
    topic = several(_("Topic"), [])
    kind = several(_("Kind"), list_choices(Commitment.Kind))
    response = several(
        _("Answer given"),
        list_choices(Answer, (NOT_RECORDED, NOT_RECORDED_LABEL)),
    )
    timeliness = several(_("Timeliness"), list_choices(Timeliness))
    strength = several(_("Strength of evidence"), list_choices(Strength))
    gap = several(_("Gap in the evidence"), list_choices(Gap))
    claim_differs = ask_switch("claim_differs", _("Only where the body claims something else"))
    made_after = ask_date(_("Made on or after"))
    made_before = ask_date(_("Made on or before"))

    published = GROUPS.keys()

    class Meta:
        model = Commitment
        fields: tuple[str, ...] = ()
        form = DatedQuestionForm

    def __init__(self, *args: Any, withdrawn: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today: dt.date = self.queryset.moment.day if self.queryset.moment else timezone.localdate()
        self.counting = Counting(self.queryset, self.version, self.today, withdrawn=withdrawn)

    def filter_queryset(self, queryset: CommitmentQuerySet) -> CommitmentQuerySet:
        """Keep what answers the question, found when the database is asked for the rows."""
        return queryset.filter(pk__in=Listed(self.list_keys)) if self.answers else queryset.all()

    @property
    def search(self) -> Search:
        """The words that were asked for."""
        return read_search(self.answers.get("q", ""))

    @property
    def includes_supporting(self) -> bool:
        return self.form.cleaned_data.get("supporting") is True

    def list_keys(self, sorting: tuple[str, bool] = ("reference", False)) -> Keys:
        """Return the keys of the commitments that answer the question: see `Counting.sort`."""
        if sorting[0] != "relevance":
            return self.counting.sort(self._leave(), sorting)
        found, steps = self._leave(), self.counting.search(self.answers["q"])
        return [key for step in sorted(steps) for key in self.counting.roll.list(found & steps[step])]

    def count(self) -> int:
        """Count the commitments that answer the question."""
        return self.version.keep(("total", self.asked), lambda: self._leave().bit_count())

    def count_choices(self) -> Counts:
        """Count, for each choice of each filter, the commitments it would show with the other filters applied."""
        return self.version.keep(("counts", self.asked), self._count_all)

    @cached_property
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
        return reduce(and_, masks, self.counting.everything)

    @cached_property
    def _masks(self) -> dict[str, Mask]:
        """Which commitments each filter that was used leaves; "" is what stands in doubt."""
        roll, asked = self.counting.roll, self.answers
        masks = {name: roll.choose(self.counting.list(name), asked[name]) for name in FACETS if name in asked}
        if "department" in masks and self.includes_supporting:
            masks["department"] |= roll.choose(self.counting.list("supporting"), asked["department"])
        if "made_after" in asked:
            masks["made_after"] = roll.choose_between("made_on", first=asked["made_after"].isoformat())
        if "made_before" in asked:
            masks["made_before"] = roll.choose_between("made_on", last=asked["made_before"].isoformat())
        if "q" in asked:
            # Without another order, the list is in that of the ranks.
            found = self.counting.search(asked["q"], is_ranked=not self.data.get("sort"))
            masks["q"] = reduce(or_, found.values(), 0)
        if "gap" in asked or "claim_differs" in asked:
            masks[""] = self.counting.doubt(asked.get("gap", ()), differs="claim_differs" in asked)
        return masks


HIDES_EMPTY_CHOICES = frozenset({"department", "programme", "topic"})


class Group(NamedTuple):
    """A filter that has choices, as `draw_filter_group` draws it; `counts` is None where nothing is counted."""

    name: str
    said: Said
    chosen: list[str]
    counts: dict[str, int] | None

    @property
    def hides_empty(self) -> bool:
        """Whether choices that would show nothing are left out."""
        return self.counts is not None and self.name in HIDES_EMPTY_CHOICES


def build_filter_groups(filterset: CommitmentFilter) -> list[Group]:
    """Return the filters that have choices. They are counted where the question is valid."""
    counts = filterset.count_choices() if filterset.is_valid() else None
    # A gap is not counted here: to ask each row what its documents are would cost more than all the other counts.
    return [
        build_group(filterset, name, counts.get(name, {}) if counts is not None and name in FACETS else None)
        for name in (*FACETS, "gap")
    ]


def build_group(filterset: Question, name: str, counts: dict[str, int] | None = None) -> Group:
    return Group(name, filterset.say(name), filterset.data.getlist(name), counts)


def build_filter_tags(filterset: Question, link: Callable[[str, str], str]) -> list[dict[str, str]]:
    """Return what was asked as removable tags; `link(name, value)` is the address without that value."""
    return [
        {
            "name": name,
            "filter": filterset.say(name).label,
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
    return dict(filterset.say(name).choices).get(value, value)
