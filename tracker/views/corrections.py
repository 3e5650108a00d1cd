"""The page "Corrections": how to report an error, and all that was corrected, withdrawn, reworded or redacted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.models import LogEntry, Redaction, RemovalReason, StatusUpdate
from tracker.statuses import Status
from tracker.views.texts import list_words

PER_PAGE = 25
KIND = LogEntry.Kind
# What the entries are called here, and how the things that they are about are.
KINDS = {
    KIND.STATUS_UPDATE: _("Correction"),
    KIND.WITHDRAWAL: _("Withdrawal"),
    KIND.REVISION: _("New wording"),
    KIND.REDACTION: _("Redaction"),
}
THINGS = {
    "commitments": "%(name)s",
    "documents": _("document %(name)s"),
    "departments": _("department %(name)s"),
    "programmes": _("programme %(name)s"),
    "topics": _("topic %(name)s"),
    "petitions": _("petition %(name)s"),
    "help": "%(name)s",
}
# Records that a commitment's page does not show one by one.
HAVE_NO_PLACE = ("check-", "withdrawal-")
RECORDS = {
    "update": _("update %(number)s"),
    "response": _("response %(number)s"),
    "milestone": _("milestone %(number)s"),
    "funding": _("funding %(number)s"),
    "check": _("check %(number)s"),
    "withdrawal": _("withdrawal %(number)s"),
}
Link = tuple[str, str]


@dataclass(frozen=True)
class Correction:
    """An entry of the log that changed what was said: what it is about, what it says, and what was said before.

    What a redaction took out of the log is None; `removal` and `removal_before` are that redaction.
    """

    entry: LogEntry
    kind: str
    about: list[Link]
    now: Any
    before: Any = None
    before_link: Link | None = None
    removal: Redaction | None = None
    removal_before: Redaction | None = None


def corrections(request: HttpRequest) -> HttpResponse:
    page = Paginator(find_corrections(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "corrections": describe_corrections(page), "reasons": list_words(RemovalReason)}
    return render(request, "tracker/corrections.html", context)


def find_corrections() -> QuerySet[LogEntry]:
    """Return the log's entries that changed what was said before, newest first."""
    is_correction = Q(kind=KIND.STATUS_UPDATE, subject__in=find_correcting().values_list("name"))
    others = Q(kind__in=(KIND.WITHDRAWAL, KIND.REVISION, KIND.REDACTION))
    return LogEntry.objects.filter(is_correction | others).order_by("-sequence")


def find_correcting() -> QuerySet[Any]:
    """Return the published updates that correct another, each with its `name` in the log."""
    number = Cast("number", CharField())
    name = Concat(Value("commitments/"), "commitment__reference", Value("#update-"), number, output_field=CharField())
    correcting = StatusUpdate.objects.ever_published().filter(corrects__isnull=False)
    return correcting.order_by().annotate(name=name)


@dataclass
class Context:
    """What the entries of a page are read with: which entries they put right, and which were redacted."""

    corrected: dict[str, LogEntry] = field(default_factory=dict)
    removals: dict[int, Redaction] = field(default_factory=dict)


def describe_corrections(page: Page[LogEntry]) -> list[Correction]:
    entries = list(page)
    redactions = Redaction.objects.published().order_by("published_at")
    removals = {sequence: redaction for redaction in redactions for sequence in redaction.entries}
    context = Context(find_corrected(entries), removals)
    return [_describe(entry, context) for entry in entries]


def find_corrected(entries: list[LogEntry]) -> dict[str, LogEntry]:
    """Return the entry that each correction puts right, by the correction's name in the log."""
    names = [entry.subject for entry in entries if entry.kind == KIND.STATUS_UPDATE]
    if not names:
        return {}
    rows = find_correcting().filter(name__in=names).select_related("commitment", "corrects__commitment")
    subjects = {row.name: row.corrects.subject for row in rows}
    found = LogEntry.objects.filter(kind=KIND.STATUS_UPDATE, subject__in=subjects.values())
    by_subject = {entry.subject: entry for entry in found}
    return {name: by_subject[subject] for name, subject in subjects.items() if subject in by_subject}


def _describe(entry: LogEntry, context: Context) -> Correction:
    subject = entry.subject.partition("#")[0] if entry.kind == KIND.WITHDRAWAL else entry.subject
    subjects = entry.content["subjects"] if entry.kind == KIND.REDACTION and entry.content else [subject]
    before = context.corrected.get(entry.subject) if entry.kind == KIND.STATUS_UPDATE else None
    return Correction(
        entry=entry,
        kind=KINDS[KIND(entry.kind)],
        about=[link_to(subject) for subject in subjects],
        now=_read(entry),
        before=_read(before) if before else None,
        before_link=link_to(before.subject) if before else None,
        removal=context.removals.get(entry.sequence),
        removal_before=context.removals.get(before.sequence) if before else None,
    )


def _read(entry: LogEntry) -> Any:
    """Return what an entry holds as a page writes it."""
    content: Any = entry.content
    if content is None or entry.kind not in (KIND.STATUS_UPDATE, KIND.REDACTION):
        return content
    if entry.kind == KIND.REDACTION:
        return content | {"because": Redaction(reason=content["reason"]).because}
    words = {"label": str(Status(content["status"]).label), "as_of": dt.date.fromisoformat(content["as_of"])}
    return content | words


def link_to(subject: str) -> Link:
    """Return the address and the words for a thing that the log names: "IICSA-13, update 4"."""
    thing, _mark, anchor = subject.partition("#")
    room, _mark, key = thing.partition("/")
    address = reverse("tracker:help") if room == "help" else f"{reverse('tracker:home')}{thing}/"
    words = THINGS.get(room, "%(name)s") % {"name": key} + (f", {name_record(anchor)}" if anchor else "")
    is_shown = anchor and not anchor.startswith(HAVE_NO_PLACE)
    return (f"{address}#{anchor}" if is_shown else address), words


def name_record(anchor: str) -> str:
    """Write the name of a record on its page in words: "update-4" as "update 4"."""
    kind, _mark, number = anchor.rpartition("-")
    return RECORDS[kind] % {"number": number} if kind in RECORDS else anchor.replace("-", " ")
