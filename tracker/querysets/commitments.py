"""Questions about commitments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.query import ModelIterable

from tracker.moments import Moment
from tracker.querysets.base import ByteOrder, JoinedText, PublishableQuerySet, follow
from tracker.querysets.gaps import Gap, facts_condition, find_facts, find_unchecked
from tracker.querysets.histories import list_told
from tracker.querysets.prepared import Listed
from tracker.querysets.ranking import Ranks, find_ranks
from tracker.querysets.searching import judge
from tracker.querysets.standings import stands_as_known
from tracker.querysets.wordings import LISTS, EarlierWords, find_earlier_words
from tracker.statuses import DONE, DUE_SOON, Strength, Timeliness
from tracker.words import Search, read_search

Path = Callable[[str], str]


# What a list can be sorted by: see `Counting.sort`.
SORTS = ("reference", "title", "department", "status", "made_on", "changed_on", "due_on")


# The columns that say how a commitment stands: its own about today, those of a standing about another day.
POINTERS = frozenset(
    {
        *("current_update", "current_claim", "current_response"),
        *("status_since", "checked_on", "next_due_on", "met_on_time"),
        *("current_status", "current_strength", "current_answer", "rests_on_copies", "claim_differs"),
    }
)


class StandingIterable(ModelIterable):  # type: ignore[type-arg]  # it takes none when the program runs
    """Gives each commitment of a past day the pointers, and the words, that it had then."""

    def __iter__(self) -> Iterator[Any]:
        words = self.queryset.words  # type: ignore[attr-defined]  # it serves this queryset alone
        for commitment in super().__iter__():
            if "standing" in vars(commitment):
                commitment.stand_as(commitment.standing)
            words.put_back(commitment)
            yield commitment


def _name_of_then(column: str) -> str:
    return f"then_{column}"


class CommitmentQuerySet(PublishableQuerySet):
    """Commitments, by their pointers of today or, after `as_at`, by how they stood on another day."""

    withdrawal = "withdrawn_at"
    moment: Moment | None = None
    words = EarlierWords()
    worded: frozenset[str] = frozenset()

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.moment, clone.words, clone.worded = self.moment, self.words, self.worded
        return clone

    def as_at(self, moment: Moment) -> Self:
        """Keep what was public and had been made on the day of a moment; all that follows is about that day.

        Today reads the pointers, any other day the standings: see `models.Standing`.
        """
        if moment.on is None:
            return self.published()
        then = Q(standings__from_on__lte=moment.on, standings__until_on__gt=moment.on)
        then &= stands_as_known(moment, "standings__")
        words = find_earlier_words(self.model, moment)
        columns = words.list_expressions()
        rows = self.ever_published().alias(
            standing=FilteredRelation("standings", condition=then),
            **{_name_of_then(column): expression for column, expression in columns.items()},
        )
        rows.moment, rows.words, rows.worded = moment, words, frozenset(columns)
        rows._iterable_class = StandingIterable
        return rows.filter(standing__isnull=False)

    def path(self, column: str) -> str:
        """Return the way from a row of this question to a column as it was then, or beyond it."""
        return _name_of_then(column) if column in self.worded else self._point(column)

    def _point(self, column: str) -> str:
        return f"standing__{column}" if self.moment and column.partition("__")[0] in POINTERS else column

    def having(self, **pointers: Any) -> Self:
        """Filter by pointers: `having(status_since__isnull=False)`."""
        return self.filter(**{self.path(name): value for name, value in pointers.items()})

    def for_listing(self) -> Self:
        """Fetch what a row of the list shows, in one query."""
        return self.select_related("department", "programme", self.path("current_update")).defer(
            "department__url", "programme__description"
        )

    def for_detail(self) -> Self:
        """Fetch what the page of a commitment shows of it besides its history: see `answers.read_history`."""
        then = ("standing",) if self.moment else ()  # how it stood
        return self.select_related("programme", "department", "source_document", *then)

    def for_values(self, columns: Sequence[str]) -> models.QuerySet[Any, Any]:
        """Read the key of each row and its values in some columns, or beyond them: whole rows cost files of many much.

        Pointers are those of then; a list, such as the topics, is the slugs in it parted by spaces. All else is read
        as it is now: `recall_values` has the words of then.
        """
        lists = {name: self._join_slugs(name) for name in LISTS if name in columns}
        rows: models.QuerySet[Any, Any] = self.annotate(**{f"slugs_of_{name}": each for name, each in lists.items()})
        return rows.values_list("pk", *(f"slugs_of_{name}" if name in lists else self._point(name) for name in columns))

    def recall_values(self, keys: Iterable[int], columns: Sequence[str]) -> dict[int, tuple[Any, ...]]:
        """Return, by key, what `for_values` reads, but in the words of then, of those rows that were reworded since."""
        reworded = self.words.keys & set(keys)
        if not reworded:
            return {}
        relations = {self._point(column.rpartition("__")[0]) for column in columns if "__" in column}
        rows = self.filter(pk__in=reworded).select_related(*relations)
        return {row.pk: (row.pk, *(follow(row, column) for column in columns)) for row in rows}

    def _join_slugs(self, relation: str) -> Subquery:
        field: Any = self.model._meta.get_field(relation)
        owner = field.related_query_name()
        named = field.related_model.objects.published().filter(**{owner: OuterRef("pk")}).order_by()
        return Subquery(named.values(owner).annotate(slugs=JoinedText("slug")).values("slugs"))

    def in_order(self) -> Self:
        """Order as the programmes were published and as each numbers its own commitments."""
        return self.order_by("programme__published_on", "programme__slug", "number", "pk")

    def by_reference(self) -> Self:
        return self.order_by(ByteOrder("reference"))

    def by_department(self) -> Self:
        """Order by the names of departments, ties by reference."""
        return self.order_by(ByteOrder(self.path("department__name")), ByteOrder("reference"))

    def with_status(self, codes: Iterable[str]) -> Self:
        return self.having(current_status__in=set(codes))

    def with_response(self, codes: Iterable[str]) -> Self:
        return self.having(current_answer__in=set(codes))

    def with_strength(self, codes: Iterable[str]) -> Self:
        return self.having(current_strength__in=set(codes))

    def with_timeliness(self, codes: Iterable[str], *, today: dt.date) -> Self:
        chosen = Q(pk__in=[])
        for code in codes:
            chosen |= timeliness_condition(code, today=today, path=self.path)
        return self.filter(chosen)

    def for_department(self, slugs: Iterable[str], *, supporting: bool = False) -> Self:
        """Keep what these departments lead, and with `supporting` what they help with as well."""
        slugs = list(slugs)
        chosen = Q(**{f"{self.path('department__slug')}__in": slugs})
        return self.filter(chosen | self._supported_by(slugs)) if supporting else self.filter(chosen)

    def supported_by(self, slug: str) -> Self:
        return self.filter(self._supported_by([slug]))

    def _supported_by(self, slugs: list[str]) -> Q:
        through = self.model.supporting.through.objects.filter(department__slug__in=slugs)
        return self.words.listed_in("supporting", slugs, Q(pk__in=through.values("commitment_id")))

    def with_kind(self, codes: Iterable[str]) -> Self:
        return self.filter(**{f"{self.path('kind')}__in": set(codes)})

    def made_between(self, first: dt.date | None = None, last: dt.date | None = None) -> Self:
        """Keep what was made on those days or between them; either end may be open."""
        ends = {f"{self.path('made_on')}__gte": first, f"{self.path('made_on')}__lte": last}
        return self.filter(**{lookup: day for lookup, day in ends.items() if day})

    def for_topic(self, slugs: Iterable[str]) -> Self:
        slugs = list(slugs)
        through = self.model.topics.through.objects.filter(topic__slug__in=slugs)
        return self.filter(self.words.listed_in("topics", slugs, Q(pk__in=through.values("commitment_id"))))

    def named_in(self, petition: Any) -> Self:
        """Keep what was promised in the answer to a petition, as the petition read at its moment says."""
        if "commitments" in petition.earlier_lists:
            return self.filter(reference__in=petition.earlier_lists["commitments"])
        return self.filter(petitions=petition)

    def rank_matches(self, text: str, *, is_ranked: bool = True) -> Ranks:
        """Return the keys of what answers a search, by how well, of all that was ever public, withdrawn or not there
        then; on a past day, by the words of then. Not to rank them takes less time.
        """
        search, moment = read_search(text), self.moment
        rows = self.model._default_manager.ever_published()
        ranks = find_ranks(search, rows, moment, is_ranked=is_ranked)
        return self._read_anew(ranks, search, moment) if search and moment and moment.known else ranks

    def _read_anew(self, ranks: Ranks, search: Search, moment: Moment) -> Ranks:
        """Return the same where the index knows no longer what some rows said at the moment: those are read."""
        rows = self.order_by().filter(Q(pk__in=Listed(self.words.keys)) | Q(withdrawn_at__isnull=False))
        read = {row.pk: row for row in rows.select_related("department", "programme")}
        ranks = {step: [key for key in keys if key not in read] for step, keys in ranks.items()}
        told = list_told(self.model, moment).prefetch_related("evidence__document")
        for key, row in read.items():
            step = judge(search, row, told.filter(commitment=key))
            if step is not None:
                ranks.setdefault(step, []).append(key)
        return ranks

    def lately_changed(self) -> Self:
        """Order by the day on which the present status began, newest first."""
        rows = self.having(status_since__isnull=False)
        return rows.order_by(f"-{self.path('status_since')}", ByteOrder("reference"))

    def on_weak_evidence(self) -> Self:
        return self.with_strength([Strength.WEAK])

    def unchecked_since(self, day: dt.date) -> Self:
        """Keep what is still open and was last checked before that day, or never."""
        rows = self.filter(facts_condition(find_unchecked(day), path=self.path))
        return rows.order_by(F(self.path("checked_on")).asc(nulls_first=True), "reference")

    def in_gap(self, codes: Iterable[str], *, today: dt.date) -> Self:
        """Keep what is in one of these gaps in the evidence on a day."""
        return self.filter(reduce(or_, (self._is_in_gap(code, today) for code in codes)))

    def count_gaps(self, *, today: dt.date) -> dict[str, int]:
        """Count, in one query, the rows in each gap in the evidence on a day."""
        counts = {gap.value: Count("pk", filter=self._is_in_gap(gap, today)) for gap in Gap}
        return self.order_by().aggregate(**counts)

    def _is_in_gap(self, code: str, today: dt.date) -> Q:
        return facts_condition(find_facts(code, today=today), path=self.path)

    def delivered_with_open_milestone(self) -> Self:
        open_milestones = Q(milestones__published_at__isnull=False, milestones__met_on__isnull=True)
        return self.filter(open_milestones, current_update__status__in=DONE).distinct()

    def claimed_otherwise(self) -> Self:
        """Keep what the body itself says something else of than we do."""
        return self.having(claim_differs=True)

    def overdue(self, *, today: dt.date) -> Self:
        rows = self.with_timeliness([Timeliness.OVERDUE], today=today)
        return rows.order_by(self.path("next_due_on"), "reference")

    def due_between(self, first: dt.date, last: dt.date) -> Self:
        rows = self.having(next_due_on__gte=first, next_due_on__lte=last)
        return rows.order_by(self.path("next_due_on"), "reference")

    def due_soon(self, *, today: dt.date) -> Self:
        rows = self.with_timeliness([Timeliness.DUE_SOON], today=today)
        return rows.order_by(self.path("next_due_on"), "reference")

    def count_weak_and_overdue(self, *, today: dt.date) -> dict[str, int]:
        """Count, in one query, the rows that rest on weak evidence only ("weak") and those that are "overdue"."""
        weak = Q(**{self.path("current_strength"): Strength.WEAK})
        overdue = timeliness_condition(Timeliness.OVERDUE, today=today, path=self.path)
        return self.order_by().aggregate(weak=Count("pk", filter=weak), overdue=Count("pk", filter=overdue))

    def count_by_status(self) -> dict[str, int]:
        """Count the rows by current status; a missing one counts as not yet checked."""
        return dict(self.order_by().values_list(self.path("current_status")).annotate(Count("pk")))

    def tally(self, name: str, *, today: dt.date) -> models.QuerySet[Any, Any]:
        """Count the rows by status and timeliness as (name, status, timeliness, count), so that several sets unite."""
        columns = {
            "set_name": Value(name, output_field=models.CharField()),
            "standing_as": F(self.path("current_status")),
            "timely_as": timeliness_case(today=today, path=self.path),
        }
        grouped = self.order_by().values(**columns).annotate(rows=Count("pk"))
        counted: models.QuerySet[Any, Any] = grouped.values_list(*columns, "rows")
        return counted

    def count_by_group_and_status(self, group: str, key: str = "slug") -> dict[Any, dict[str, int]]:
        """Count the rows by status under each slug, or other key, of a relation such as "department" or "topics"."""
        counts: dict[Any, dict[str, int]] = {}
        columns = {"group": self.key_of(group, key), "status": F(self.path("current_status"))}
        grouped = self.order_by().values(**columns).annotate(rows=Count("pk"))
        for value, status, count in grouped.values_list("group", "status", "rows"):
            counts.setdefault(value, {})[status] = count
        for value, status in self.list_earlier(group):
            of_group = counts.setdefault(value, {})
            of_group[status] = of_group.get(status, 0) + 1
        return counts

    def key_of(self, group: str, key: str = "slug") -> F | Case:
        """Return the key that each row is counted under; None where a list was changed since: see `list_earlier`."""
        present = F(self.path(f"{group}__{key}"))
        changed = list(self.words.find_lists(group))
        return Case(When(pk__in=changed, then=None), default=present) if changed else present

    def list_earlier(self, group: str) -> Iterator[tuple[str, str]]:
        """Yield each slug that stood in a list of then, with the row's status, where the list was changed since."""
        words = self.words.find_lists(group)
        rows = self.filter(pk__in=list(words)).order_by() if words else self.none()
        for pk, status in rows.values_list("pk", self.path("current_status")):
            yield from ((slug, status) for slug in words[pk])


def timeliness_case(*, today: dt.date, path: Path = str) -> Case:
    """Return the timeliness of each row."""
    whens = [When(timeliness_condition(code, today=today, path=path), then=Value(code.value)) for code in Timeliness]
    return Case(*whens, output_field=models.CharField())


def timeliness_condition(code: str, *, today: dt.date, path: Path = str) -> Q:
    """Return the database's form of `statuses.compute_timeliness`. Raises KeyError for an unknown code.

    `path` leads to the pointers that the answer rests on.
    """
    due_on, met_on_time = path("next_due_on"), path("met_on_time")
    no_date = Q(**{f"{due_on}__isnull": True})
    soon = today + DUE_SOON
    conditions: dict[str, Q] = {
        Timeliness.OVERDUE: Q(**{f"{due_on}__lt": today}),
        Timeliness.DUE_SOON: Q(**{f"{due_on}__gte": today, f"{due_on}__lte": soon}),
        Timeliness.NOT_DUE: Q(**{f"{due_on}__gt": soon}),
        Timeliness.ON_TIME: no_date & Q(**{met_on_time: True}),
        Timeliness.LATE: no_date & Q(**{met_on_time: False}),
        Timeliness.NO_DATE: no_date & Q(**{f"{met_on_time}__isnull": True}),
    }
    return conditions[code]
