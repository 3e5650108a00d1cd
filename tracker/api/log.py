"""Doors: the log, its newest checkpoint, and the closed lists of words."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from tracker.answers import read_per_page
from tracker.api.answering import Answer, Refusal, answers
from tracker.api.vocabularies import VOCABULARIES, list_codes
from tracker.exports import write_time
from tracker.filters import add_query
from tracker.models import LogEntry
from tracker.moments import Moment
from tracker.publishing import find_newest_checkpoint

MOST_DIGITS = 18  # fewer than any database refuses, and more than any log will need


@answers("api-log-list")
def log_list(query: QueryDict, moment: Moment) -> Answer:
    """Answer with the newest entries, or those before a number: pages by number would shift as the log grows."""
    kind, before, per_page = query.get("kind"), query.get("before"), read_per_page(query)
    if kind is not None and kind not in list_codes("log_kinds"):
        raise Refusal(f"There is no kind of entry called “{kind[:20]}”.")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise Refusal(f"“before” must be a whole number; not “{before[:20]}”.")
    rows = LogEntry.objects.order_by("-sequence")
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(sequence__lt=int(before)) if before else rows
    entries = list(rows[: per_page + 1])
    links = {}
    if len(entries) > per_page:
        older = query.copy()
        older["before"] = str(entries[per_page - 1].sequence)
        links["next"] = add_query(settings.SITE_URL + reverse("tracker:api-log-list"), older)
    return Answer({"entries": [entry.facts() for entry in entries[:per_page]]}, links)


@answers("api-log-entry")
def log_entry(query: QueryDict, moment: Moment, sequence: int) -> Answer:
    entry = LogEntry.objects.filter(sequence=sequence).first()
    if entry is None:
        raise Refusal(f"The log has no entry {sequence}.", status=HTTPStatus.NOT_FOUND)
    return Answer({"entry": entry.facts()})


@answers("api-log-checkpoint")
def log_checkpoint(query: QueryDict, moment: Moment) -> Answer:
    checkpoint = find_newest_checkpoint()
    if checkpoint is None:
        raise Refusal("Nothing of the log has been signed yet.", status=HTTPStatus.NOT_FOUND)
    fields = {name: getattr(checkpoint, name) for name in ("size", "root_hash", "note", "key")}
    return Answer({"signed": fields | {"at": write_time(checkpoint.at)}})


@answers("api-status-list")
def status_list(query: QueryDict, moment: Moment) -> Answer:
    others = {name: words for name, words in VOCABULARIES.items() if name != "statuses"}
    return Answer({"statuses": VOCABULARIES["statuses"], "vocabularies": others})
