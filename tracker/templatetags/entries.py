"""How an entry of the log is put into words, from what the entry itself holds; nothing here queries.

The pages of the log use it. Entries are kept for ever, so one of a shape that is no longer written still gets its name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from django import template
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.models import LogEntry, Relation
from tracker.statuses import Answer, Basis, Status
from tracker.templatetags.register import day, pounds
from tracker.verify import canonical_json

register = template.Library()

# The places on a page that have an address of their own.
ANCHORS = re.compile(r"#(update|response|milestone|funding)-\d+")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@register.filter
def moment(at: dt.datetime) -> SafeString:
    """Write a time for people, as clocks in London show it, and for machines."""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{} at {}</time>', at.isoformat(), day(local), local.strftime("%H:%M"))


@register.filter
def sentence(entry: LogEntry) -> str:
    """Say in plain words what an entry made public."""
    label, name = entry.get_kind_display(), name_subject(entry)
    if entry.is_redacted:
        return f"{label}: {name}. Its words were removed."
    try:
        return f"{label}: {WORDS[entry.kind](name, entry.content)}"
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"{label}: {name}"


def name_subject(entry: LogEntry) -> str:
    """Return the public name of what an entry is about, such as IICSA-13."""
    return entry.subject.partition("#")[0].rpartition("/")[2]


@register.filter
def link(entry: LogEntry) -> str:
    """Return the address of what an entry is about; nothing where it has no page."""
    page, mark, anchor = entry.subject.partition("#")
    if page.startswith("help/"):
        return reverse("tracker:help")
    if entry.kind == LogEntry.Kind.LOAD or "/" not in page:
        return ""
    return f"{reverse('tracker:home')}{page}/" + (mark + anchor if ANCHORS.fullmatch(mark + anchor) else "")


@register.filter
def raw(content: Any) -> str:
    """Write content as it is hashed."""
    return canonical_json(content).decode()


@register.filter
def list_facts(content: Any) -> list[tuple[str, str]]:
    """Return content as pairs of a name and a text; what stands inside something else is named after both."""
    return [(name.replace("_", " ").capitalize(), _write(value)) for name, value in _flatten("", content)]


def _flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(f"{name}, {key}".removeprefix(", "), inner)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value, 1):
            yield from _flatten(f"{name} {number}", each)
    else:
        yield name, value


def _write(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return write_day(value) if isinstance(value, str) and DATE.fullmatch(value) else str(value)


def write_day(text: str) -> str:
    return day(dt.date.fromisoformat(text))


# --- What each kind of entry says ------------------------------------------------------------


def _name(name: str, content: Any) -> str:
    return str(content["name"])


def _title(name: str, content: Any) -> str:
    return str(content["title"])


def _about(name: str, content: Any) -> str:
    return f"{name}, {content['title']}"


def _status(name: str, content: Any) -> str:
    by = "claimed by the body to be " if content.get("basis") == Basis.CLAIM else ""
    return f"{name}, {by}{_lower(Status(content['status']).label)} as of {write_day(content['as_of'])}"


def _response(name: str, content: Any) -> str:
    return f"{name}, {_lower(Answer(content['answer']).label)} on {write_day(content['on'])}"


def _milestone(name: str, content: Any) -> str:
    return f"{name}, {content['title']}, due by {write_day(content['due_on'])}"


def _step(name: str, content: Any) -> str:
    if content["met_on"]:
        return f"{name}, met on {write_day(content['met_on'])}"
    return f"{name}, moved to {write_day(content['due_on'])}"


def _funding(name: str, content: Any) -> str:
    return f"{name}, {pounds(content['amount_gbp'])} {content['stage']}, {write_day(content['on'])}"


def _relation(name: str, content: Any) -> str:
    return f"{name}, {_lower(Relation.Kind(content['relation']).label)} {content['reference']}"


def _load(name: str, content: Any) -> str:
    count = len(content["files"])
    return f"{count} file{pluralize(count)}"


def _redaction(name: str, content: Any) -> str:
    redacted = content["entries"]
    return f"the words of entr{pluralize(len(redacted), 'y,ies')} {_write(redacted)} were removed ({content['reason']})"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


Kind = LogEntry.Kind
WORDS: dict[str, Callable[[str, Any], str]] = {
    Kind.LOAD: _load,
    Kind.DEPARTMENT: _name,
    Kind.TOPIC: _name,
    Kind.DOCUMENT: _title,
    Kind.PROGRAMME: _name,
    Kind.COMMITMENT: _about,
    Kind.RELATION: _relation,
    Kind.STATUS_UPDATE: _status,
    Kind.RESPONSE: _response,
    Kind.MILESTONE: _milestone,
    Kind.MILESTONE_UPDATE: _step,
    Kind.FUNDING: _funding,
    Kind.CHECK: lambda name, content: f"{name}, nothing new on {write_day(content['checked_on'])}",
    Kind.REVISION: lambda name, content: f"{name}. {content['reason']}",
    Kind.WITHDRAWAL: lambda name, content: f"{name}. {content['reason']}",
    Kind.PETITION: _about,
    Kind.SUPPORT_SERVICE: _name,
    Kind.REDACTION: _redaction,
}
