"""The question and the files of a list as HTML: the fields and choices of django-filter's filters, the offered files.

The libraries define what there is; it is written here at once, because a form's widgets cost some thirty times as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.forms import Form
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, ngettext_lazy
from django.utils.translation import gettext as _

from tracker.templatetags.register import commas
from tracker.templatetags.writing import write_text

register = template.Library()

FIELD = "components/field.html"
_blank_fields: dict[tuple[type, str, str | None], SafeString] = {}  # there are some dozens of them


@register.simple_tag
def draw_field(question: Any, name: str) -> SafeString:
    """Write the field in which something is asked of a filter. One that was not used looks the same to everyone."""
    if name in question.form.fields:
        return get_template(FIELD).render({"field": question.form[name]})
    key = (type(question), name, get_language())
    if key not in _blank_fields:
        form = type("BlankForm", (Form,), {name: question.say(name).field})()
        _blank_fields[key] = get_template(FIELD).render({"field": form[name]})
    return _blank_fields[key]


SHOWN_AT_ONCE = 8  # choices of a filter; more scroll in a box of their own


@register.simple_tag
def draw_filter_groups(groups: Iterable[Any]) -> SafeString:
    return mark_safe("\n".join([draw_filter_group(group) for group in groups]))  # noqa: S308 - all of it is escaped


@register.simple_tag
def draw_filter_group(group: Any) -> SafeString:
    """Write a filter as a foldable group of boxes to tick: see `filters.Group`."""
    chosen, counts, hides_empty = frozenset(group.chosen), group.counts, group.hides_empty
    (before_chosen, after_chosen), choices = frame_group(group.said, group.name)
    drawn, checked = [], 0
    for value, before, after in choices:
        count = counts.get(value, 0) if counts is not None else 0
        is_checked = value in chosen
        if is_checked or count or not hides_empty:
            counted = "" if counts is None else f' <span class="filter-choice__count">({count})</span>'
            drawn.append(f"{before}{' checked' if is_checked else ''}{after}{counted}</label>")
            checked += is_checked
    scroll = " filter-group__choices--scroll" if len(drawn) > SHOWN_AT_ONCE else ""
    shown = "\n".join(drawn)
    return mark_safe(  # noqa: S308 - all of it is escaped
        f'<details class="filter-group"{" open" if chosen else ""}>\n'
        f"{before_chosen}{draw_chosen(checked) if checked else ''}{after_chosen}"
        f'<div class="filter-group__choices{scroll}">\n{shown}\n</div></fieldset></details>'
    )


def draw_chosen(chosen: int) -> str:
    said = ngettext("(%(chosen)s chosen)", "(%(chosen)s chosen)", chosen) % {"chosen": chosen}
    return f' <span class="filter-group__chosen">{escape(said)}</span>'


@lru_cache(maxsize=200)
def frame_group(said: Any, name: str) -> tuple[tuple[str, str], list[tuple[str, str, str]]]:
    """Return what is written around how many choices of a filter are chosen, and each choice: see `frame_choice`."""
    legend = write_text(said.label)
    opening = (
        f'<summary class="filter-group__summary" id="{escape(f"id_{name}")}">{legend}',
        f'</summary>\n<fieldset class="filter-group__box"><legend class="govuk-visually-hidden">{legend}</legend>\n',
    )
    return opening, [frame_choice(name, value, label) for value, label in said.choices]


def frame_choice(name: str, value: str, label: str, style: str = "filter-choice") -> tuple[str, str, str]:
    """Return a choice and what is written of it before and after the word that it is checked. Its count follows."""
    return (
        value,
        f'<label class="{style}"><input type="checkbox" name="{escape(name)}" value="{escape(value)}"',
        f"> <span>{write_text(label)}</span>",
    )


@register.simple_tag
def draw_switch(question: Any, name: str, style: str = "filter-choice") -> SafeString:
    """Write a filter that is on or off as one box to tick."""
    _value, before, after = frame_choice(name, "on", question.say(name).label, style)
    checked = " checked" if name in question.answers else ""
    return mark_safe(f'{before} id="{escape(f"id_{name}")}"{checked}{after}</label>')  # noqa: S308 - each part is escaped


COUNTED = {
    "commitments": ngettext_lazy("%(number)s commitment", "%(number)s commitments", "count"),
    "updates": ngettext_lazy("%(number)s update", "%(number)s updates", "count"),
    "evidence": ngettext_lazy("%(number)s row", "%(number)s rows", "count"),
}


@register.simple_tag
def link_files(files: list[dict[str, Any]]) -> SafeString:
    """Write the files that hold the answer to a question for programs that look for them in the head of a page."""
    language = get_language()
    links = [
        f'<link rel="alternate" type="{file["format"].media_type}" '
        f'title="{say_format(file["format"], language).label}" href="{escape(file["address"])}">'
        for file in files
        if not file["is_too_long"]
    ]
    return mark_safe("\n  ".join(links))  # noqa: S308 - each is escaped


@register.simple_tag
def draw_files(files: list[dict[str, Any]]) -> SafeString:
    """Write the files that hold the answer to a question, as `answers.offer_files` tells them, as items of a list."""
    language = get_language()
    drawn = "\n".join([f"<li>{draw_file(file, say_format(file['format'], language))}</li>" for file in files])
    return mark_safe(drawn)  # noqa: S308 - each is escaped


def draw_file(file: dict[str, Any], say: SaidOfFormat) -> str:
    if file["is_too_long"]:
        return say.refusal
    rows = file["rows"]
    counted = f", {COUNTED[file['noun']] % {'count': rows, 'number': commas(rows)}}" if rows is not None else ""
    return f'<a href="{escape(file["address"])}" hreflang="en">{say.label}</a>{counted}. {say.sentence}'


class SaidOfFormat(NamedTuple):
    """What a format is called, what it holds and for what it is too small, in one language and ready for HTML."""

    label: str
    sentence: str
    refusal: str


_said: dict[tuple[str, int | None, str | None], SaidOfFormat] = {}


def say_format(file_format: Any, language: str | None) -> SaidOfFormat:
    key = file_format.address_name, file_format.limit, language
    if key not in _said:
        _said[key] = _say_format(file_format)
    return _said[key]


def _say_format(file_format: Any) -> SaidOfFormat:
    label, limit = write_text(file_format.label), file_format.limit
    refusal = _("%(label)s: for at most %(limit)s commitments. Narrow the question, or take the CSV files.")
    refused = refusal % {"label": label, "limit": commas(limit)} if limit else ""
    return SaidOfFormat(label, write_text(file_format.sentence), refused)
