"""The questions that the tracker asks of its data, each with a name.

Querysets know field names, never models, so that the nouns can use them. Every public read starts from `published()`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from django.db import models
from django.db.models import CharField, Count, F, Prefetch, Q, Value
from django.db.models.functions import Cast, Lower

from tracker.statuses import CLOSED, DONE, DUE_SOON, NOT_RECORDED, NOT_YET_CHECKED, Status, Strength, Timeliness

MAXIMUM_WORDS = 10


class HistoryIsAppendOnly(Exception):
    """Raised when code tries to change or delete what the public has already read."""


class ByteOrder(models.Func):
    """Orders text by its bytes on every database, so that a list reads the same on SQLite and PostgreSQL."""

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **context)


def is_public(path: str) -> Q:
    """Return the condition that the commitment at the end of a path is public: published, and not withdrawn since."""
    return Q(**{f"{path}__published_at__isnull": False, f"{path}__withdrawn_at__isnull": True})


class PublishableQuerySet(models.QuerySet[Any]):
    """Rows that the public may read once `published_at` is set, and that nobody may delete from then on."""

    publication = "published_at"
    withdrawal = ""  # the path to the day on which a row, or what it belongs to, was withdrawn

    def ever_published(self) -> Self:
        """Keep what is history, even if it was withdrawn since."""
        return self.filter(**{f"{self.publication}__isnull": False})

    def published(self) -> Self:
        """Keep what the public may read now."""
        rows = self.ever_published()
        return rows.filter(**{f"{self.withdrawal}__isnull": True}) if self.withdrawal else rows

    def drafts(self) -> Self:
        return self.filter(**{f"{self.publication}__isnull": True})

    def awaiting_review(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=False).order_by("submitted_at", "pk")

    def sent_back(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=True).exclude(return_note="").order_by("-pk")

    def unfinished(self) -> Self:
        return self.drafts().filter(submitted_at__isnull=True, return_note="").order_by("-pk")

    def as_links(self, kind: str, *, key: str = "slug", name: str = "name") -> models.QuerySet[Any, Any]:
        """Return (kind, key, name) for each row, so that links to several kinds of page unite in one query."""
        texts = [Cast(field, CharField()) for field in (key, name)]
        return self.order_by().values_list(Value(kind, output_field=CharField()), *texts)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_history("deleted")
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _refuse_history(self, verb: str) -> None:
        if self.ever_published().exists():
            raise HistoryIsAppendOnly(f"A published {self.model._meta.verbose_name} cannot be {verb}.")


class AppendOnlyQuerySet(PublishableQuerySet):
    """Rows that nobody may change once published: the history."""

    def update(self, **values: Any) -> int:
        self._refuse_history("changed")
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        if options.get("update_conflicts"):
            raise HistoryIsAppendOnly("History is added to one row at a time, never merged into existing rows.")
        rows = list(objs)
        self._refuse_additions(rows)
        return super().bulk_create(rows, *args, **options)

    def _refuse_additions(self, rows: list[Any]) -> None:
        """Refuse rows that would take the place of published ones."""
        self.model._default_manager.filter(pk__in=[row.pk for row in rows if row.pk])._refuse_history("changed")


class PartOfHistoryQuerySet(AppendOnlyQuerySet):
    """Rows that are part of a published row, such as the evidence of a status update: public when their owner is."""

    @property
    def publication(self) -> str:  # type: ignore[override]
        return f"{self.model.owner_field}__published_at"

    def _refuse_additions(self, rows: list[Any]) -> None:
        """Refuse parts of what is published already."""
        super()._refuse_additions(rows)
        owner = self.model._meta.get_field(self.model.owner_field)
        owners = owner.related_model._default_manager.filter(pk__in={getattr(row, owner.attname) for row in rows})
        owners._refuse_history("changed")


class RecordQuerySet(AppendOnlyQuerySet):
    """Records about a commitment: public while the commitment is."""

    withdrawal = "commitment__withdrawn_at"


class MilestoneUpdateQuerySet(AppendOnlyQuerySet):
    withdrawal = "milestone__commitment__withdrawn_at"


class StatusUpdateQuerySet(RecordQuerySet):
    def newest_first(self) -> StatusUpdateQuerySet:
        """Order by the day on which each is true, then by publication."""
        return self.order_by(F("as_of").desc(), F("number").desc(nulls_first=True))

    def for_listing(self) -> StatusUpdateQuerySet:
        return self.select_related("commitment", "commitment__department", "commitment__programme")


def find_words(text: str) -> list[str]:
    """Return the words of a search; references keep their hyphens."""
    return re.findall(r"[\w-]*\w", text)


def find_spellings(word: str) -> list[str]:
    """Return what a word may stand as in a text: the stem of a plural, and "5 million" for "5m"."""
    if millions := re.fullmatch(r"(\d+)m", word, re.IGNORECASE):
        return [word, f"{millions[1]} million"]
    if len(word) > 4 and word.lower().endswith("ies"):
        return [word[:-3]]
    is_plural = len(word) > 3 and word.lower().endswith("s") and not word.lower().endswith("ss")
    return [word[:-1]] if is_plural else [word]


class RevisionQuerySet(AppendOnlyQuerySet):
    def about(self, target: models.Model) -> Self:
        """Keep the new words for one row."""
        kind = {"content_type__app_label": target._meta.app_label, "content_type__model": target._meta.model_name}
        return self.filter(**kind, object_id=target.pk).order_by("-published_at", "-pk")


def tidy_address(address: str) -> str:
    """Return the address of a page with its scheme and its host in small letters, as browsers write them."""
    parts = urlsplit(address.strip())
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()))


class DocumentQuerySet(PublishableQuerySet):
    def at_address(self, address: str) -> Self:
        """Keep the document at an address, however its host and its end are written."""
        written = tidy_address(address)
        bare = written.rstrip("/")
        return self.filter(url__in={written} if "?" in written or "#" in written else {bare, f"{bare}/"})

    def matching(self, text: str) -> DocumentQuerySet:
        """Keep what holds every word of `text` in its title or publisher; a text without words finds nothing."""
        words = find_words(text)
        found = self if words else self.none()
        for word in words:
            found = found.filter(Q(title__icontains=word) | Q(publisher__icontains=word))
        return found

    def with_use(self) -> DocumentQuerySet:
        """Annotate `citation_count`: how many published status updates cite each document."""
        cited = Q(evidence__status_update__published_at__isnull=False) & is_public(
            "evidence__status_update__commitment"
        )
        counted: DocumentQuerySet = self.annotate(citation_count=Count("evidence", filter=cited))
        return counted

    def for_milestones_of(self, commitment_pk: int) -> models.QuerySet[Any, Any]:
        """Fetch what sets or meets the milestones of a commitment, in one query, each with its `milestone_pk`."""
        documents = self.published().order_by()
        setting = documents.filter(
            milestones__commitment=commitment_pk, milestones__published_at__isnull=False
        ).annotate(milestone_pk=F("milestones__pk"))
        meeting = documents.filter(
            milestone_updates__milestone__commitment=commitment_pk,
            milestone_updates__published_at__isnull=False,
        ).annotate(milestone_pk=F("milestone_updates__milestone_id"))
        both: models.QuerySet[Any, Any] = setting.union(meeting)
        return both.order_by("title", "id")


class GroupQuerySet(PublishableQuerySet):
    """Departments, programmes and topics: things that commitments are counted under."""

    def with_commitment_count(self) -> GroupQuerySet:
        counted: GroupQuerySet = self.annotate(commitment_count=Count("commitments", filter=is_public("commitments")))
        return counted


def _status_rank() -> models.Case:
    """Order statuses as the vocabulary does, not by their spelling."""
    whens = [models.When(current_update__status=status, then=rank) for rank, status in enumerate(Status)]
    return models.Case(*whens, output_field=models.IntegerField())


SORTS: dict[str, Any] = {
    "reference": ByteOrder("reference"),
    "title": Lower(ByteOrder("title")),
    "department": ByteOrder("department__name"),
    "status": _status_rank(),
    "made_on": F("made_on"),
    "changed_on": F("status_since"),
    "due_on": F("next_due_on"),
}


# Where a search looks for a word.
SEARCHED = (
    *("reference", "title", "summary", "made_by", "kind", "department__name", "department__abbreviation"),
    *("programme__name", "current_update__reason"),
)


def _holds(word: str) -> Q:
    conditions = [Q(**{f"{field}__icontains": word}) for field in SEARCHED]
    return reduce(or_, conditions, Q(number=int(word)) if word.isdecimal() and len(word) < 5 else Q(pk__in=[]))


class CommitmentQuerySet(PublishableQuerySet):
    withdrawal = "withdrawn_at"

    def for_listing(self) -> CommitmentQuerySet:
        """Fetch what a row of the list shows, in one query."""
        return self.select_related("department", "programme", "current_update").defer(
            "department__url", "programme__description"
        )

    def for_detail(self) -> CommitmentQuerySet:
        """Fetch what a commitment's page shows of its own history, leaving out every draft."""
        from_current = (
            "programme",
            "department",
            "source_document",
            "current_update",
            "current_claim",
        )
        return self.select_related(*from_current).prefetch_related(*_published_history(self.model))

    def in_order(self) -> CommitmentQuerySet:
        """Order as the programmes were published and as each numbers its own commitments."""
        return self.order_by("programme__published_on", "programme__slug", "number", "pk")

    def sorted_by(self, name: str, *, descending: bool = False) -> CommitmentQuerySet:
        """Order by one of SORTS, what has no value last and ties by reference. Raises KeyError for an unknown name."""
        order = SORTS[name]
        direction = order.desc(nulls_last=True) if descending else order.asc(nulls_last=True)
        return self.order_by(direction, ByteOrder("reference"))

    def with_status(self, codes: Iterable[str]) -> CommitmentQuerySet:
        codes = set(codes)
        chosen = Q(current_update__status__in=codes - {NOT_YET_CHECKED})
        if NOT_YET_CHECKED in codes:
            chosen |= Q(current_update__isnull=True)
        return self.filter(chosen)

    def with_response(self, codes: Iterable[str]) -> CommitmentQuerySet:
        codes = set(codes)
        chosen = Q(current_response__answer__in=codes - {NOT_RECORDED})
        if NOT_RECORDED in codes:
            chosen |= Q(current_response__isnull=True)
        return self.filter(chosen)

    def with_timeliness(self, codes: Iterable[str], *, today: dt.date) -> CommitmentQuerySet:
        chosen = Q(pk__in=[])
        for code in codes:
            chosen |= timeliness_condition(code, today=today)
        return self.filter(chosen)

    def for_department(self, slugs: Iterable[str], *, supporting: bool = False) -> CommitmentQuerySet:
        """Keep what these departments lead, and with `supporting` what they help with as well."""
        slugs = list(slugs)
        chosen = Q(department__slug__in=slugs)
        if supporting:
            through = self.model.supporting.through.objects.filter(department__slug__in=slugs)
            chosen |= Q(pk__in=through.values("commitment_id"))
        return self.filter(chosen)

    def for_topic(self, slugs: Iterable[str]) -> CommitmentQuerySet:
        through = self.model.topics.through.objects.filter(topic__slug__in=list(slugs))
        return self.filter(pk__in=through.values("commitment_id"))

    def matching(self, text: str) -> CommitmentQuerySet:
        """Keep what holds every word of `text`; a text without words finds nothing."""
        words = find_words(text)
        found = self if words else self.none()
        for word in words:
            found = found.filter(reduce(or_, (_holds(spelling) for spelling in find_spellings(word))))
        return found

    def lately_changed(self) -> CommitmentQuerySet:
        """Order by the day on which the present status began, newest first."""
        return self.filter(status_since__isnull=False).order_by("-status_since", ByteOrder("reference"))

    def on_weak_evidence(self) -> CommitmentQuerySet:
        return self.filter(current_update__strength=Strength.WEAK)

    def unchecked_since(self, day: dt.date) -> CommitmentQuerySet:
        """Keep what is still open and was last checked before that day, or never."""
        unchecked = Q(checked_on__lt=day) | Q(checked_on__isnull=True)
        return self.filter(unchecked).exclude(current_update__status__in=CLOSED).order_by("checked_on", "reference")

    def delivered_with_open_milestone(self) -> CommitmentQuerySet:
        open_milestones = Q(milestones__published_at__isnull=False, milestones__met_on__isnull=True)
        return self.filter(open_milestones, current_update__status__in=DONE).distinct()

    def claimed_otherwise(self) -> CommitmentQuerySet:
        """Keep what the body itself says something else of than we do."""
        differs = ~Q(current_claim__status=F("current_update__status"))
        return self.filter(differs, current_claim__isnull=False, current_update__isnull=False)

    def overdue(self, *, today: dt.date) -> CommitmentQuerySet:
        return self.with_timeliness([Timeliness.OVERDUE], today=today).order_by("next_due_on", "reference")

    def due_between(self, first: dt.date, last: dt.date) -> CommitmentQuerySet:
        return self.filter(next_due_on__gte=first, next_due_on__lte=last).order_by("next_due_on", "reference")

    def due_soon(self, *, today: dt.date) -> CommitmentQuerySet:
        return self.with_timeliness([Timeliness.DUE_SOON], today=today).order_by("next_due_on", "reference")

    def count_by_status(self) -> dict[str, int]:
        """Count the rows by current status; a missing one counts as not yet checked."""
        counted = self.order_by().values_list("current_update__status").annotate(Count("pk"))
        return {status or NOT_YET_CHECKED: count for status, count in counted}

    def count_by_group_and_status(self, group: str, key: str = "slug") -> dict[Any, dict[str, int]]:
        """Count the rows by status under each slug, or other key, of a relation such as "department" or "topics"."""
        counts: dict[Any, dict[str, int]] = {}
        counted = self.order_by().values_list(f"{group}__{key}", "current_update__status").annotate(Count("pk"))
        for value, status, count in counted:
            counts.setdefault(value, {})[status or NOT_YET_CHECKED] = count
        return counts


def timeliness_condition(code: str, *, today: dt.date) -> Q:
    """Return the database's form of `statuses.compute_timeliness`. Raises KeyError for an unknown code."""
    soon = today + DUE_SOON
    conditions: dict[str, Q] = {
        Timeliness.OVERDUE: Q(next_due_on__lt=today),
        Timeliness.DUE_SOON: Q(next_due_on__gte=today, next_due_on__lte=soon),
        Timeliness.NOT_DUE: Q(next_due_on__gt=soon),
        Timeliness.ON_TIME: Q(next_due_on__isnull=True, met_on_time=True),
        Timeliness.LATE: Q(next_due_on__isnull=True, met_on_time=False),
        Timeliness.NO_DATE: Q(next_due_on__isnull=True, met_on_time__isnull=True),
    }
    return conditions[code]


def _published(owner: type[models.Model], relation: str, *related: str) -> Prefetch[Any]:
    """Prefetch one relation of a model without its drafts."""
    target: Any = owner._meta.get_field(relation).related_model
    rows = target.objects.published()
    return Prefetch(relation, queryset=rows.select_related(*related) if related else rows)


def _published_history(commitment: type[models.Model]) -> list[Prefetch[Any]]:
    updates: Any = commitment._meta.get_field("status_updates").related_model
    evidence: Any = updates._meta.get_field("evidence").related_model
    milestones: Any = commitment._meta.get_field("milestones").related_model
    cited = Prefetch("evidence", queryset=evidence.objects.select_related("document"))
    steps = milestones.objects.published().prefetch_related(_published(milestones, "milestone_updates"))
    return [
        Prefetch(
            "status_updates",
            queryset=updates.objects.published().newest_first().prefetch_related(cited),
        ),
        Prefetch("milestones", queryset=steps),
        _published(commitment, "responses", "document"),
        _published(commitment, "funding", "document"),
    ]
