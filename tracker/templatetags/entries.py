"""How an entry of the log is put into words, from what the entry itself holds; nothing here queries.

The pages of the log use it. Entries are kept for ever, so one of a shape that is no longer written still gets its name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.languages import english
from tracker.models import Funding, LogEntry, Relation
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
    words = _("%(day)s at %(time)s") % {"day": day(local), "time": local.strftime("%H:%M")}
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


@register.filter
def sentence(entry: LogEntry) -> SafeString:
    """Say in plain words what an entry made public; what is in English says so where the page is not."""
    label, name = entry.get_kind_display(), name_subject(entry)
    if entry.is_redacted:
        return format_html(_("{kind}: {name}. Its words were removed."), kind=label, name=name)
    try:
        return format_html("{}: {}", label, WORDS[entry.kind](name, entry.content))
    except (AttributeError, KeyError, TypeError, ValueError):
        return format_html("{}: {}", label, name)


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
        return _("not given")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and DATE.fullmatch(value):
        return write_day(value)
    return str(english(", ".join(str(each) for each in value) if isinstance(value, list) else str(value)))


def write_day(text: str) -> str:
    return day(dt.date.fromisoformat(text))


# --- What each kind of entry says ------------------------------------------------------------


def _name(name: str, content: Any) -> str:
    return str(english(content["name"]))


def _title(name: str, content: Any) -> str:
    return str(english(content["title"]))


def _about(name: str, content: Any) -> str:
    return format_html("{}, {}", name, english(content["title"]))


def _status(name: str, content: Any) -> str:
    facts = {"name": name, "status": _lower(Status(content["status"]).label), "day": write_day(content["as_of"])}
    if content.get("basis") == Basis.CLAIM:
        return format_html(_("{name}, claimed by the body to be {status} as of {day}"), **facts)
    return format_html(_("{name}, {status} as of {day}"), **facts)


def _response(name: str, content: Any) -> str:
    facts = {"name": name, "answer": _lower(Answer(content["answer"]).label), "day": write_day(content["on"])}
    return format_html(_("{name}, {answer} on {day}"), **facts)


def _milestone(name: str, content: Any) -> str:
    facts = {"name": name, "title": english(content["title"]), "day": write_day(content["due_on"])}
    return format_html(_("{name}, {title}, due by {day}"), **facts)


def _step(name: str, content: Any) -> str:
    if content["met_on"]:
        return format_html(_("{name}, met on {day}"), name=name, day=write_day(content["met_on"]))
    return format_html(_("{name}, moved to {day}"), name=name, day=write_day(content["due_on"]))


def _funding(name: str, content: Any) -> str:
    stage = _lower(dict(Funding.Stage.choices)[content["stage"]])
    return f"{name}, {pounds(content['amount_gbp'])} {stage}, {write_day(content['on'])}"


def _relation(name: str, content: Any) -> str:
    return f"{name}, {_lower(Relation.Kind(content['relation']).label)} {content['reference']}"


def _load(name: str, content: Any) -> str:
    count = len(content["files"])
    return ngettext("%(count)s file", "%(count)s files", count) % {"count": count}


def _check(name: str, content: Any) -> str:
    return format_html(_("{name}, nothing new on {day}"), name=name, day=write_day(content["checked_on"]))


def _redaction(name: str, content: Any) -> str:
    redacted = content["entries"]
    words = ngettext(
        "the words of entry {numbers} were removed ({reason})",
        "the words of entries {numbers} were removed ({reason})",
        len(redacted),
    )
    return format_html(words, numbers=", ".join(str(each) for each in redacted), reason=english(content["reason"]))


def _loss(name: str, content: Any) -> str:
    facts = {"first": content["first"], "last": content["last"], "reason": english(content["reason"])}
    if content["first"] is None:
        return format_html(
            _("entries up to {last} were lost, and the log went on from an older copy. {reason}"), **facts
        )
    words = _("entries {first} to {last} were lost, and the log went on from an older copy. {reason}")
    return format_html(words, **facts)


def _because(name: str, content: Any) -> str:
    return format_html("{}. {}", name, english(content["reason"]))


def _lower(label: Any) -> str:
    words = str(label)
    return words[:1].lower() + words[1:]


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
    Kind.CHECK: _check,
    Kind.REVISION: _because,
    Kind.WITHDRAWAL: _because,
    Kind.PETITION: _about,
    Kind.SUPPORT_SERVICE: _name,
    Kind.REDACTION: _redaction,
    Kind.LOSS: _loss,
}
