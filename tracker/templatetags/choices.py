"""The question and the files of a list as HTML: the fields and choices of django-filter's filters, the offered files.

The libraries define what there is; it is written here at once, because a form's widgets cost some thirty times as much.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

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


@register.simple_tag
def draw_filter_group(group: dict[str, Any], kind: str = "checkbox") -> SafeString:
    """Write a filter as a foldable group of boxes to tick; `kind` is "radio" where only one can be chosen.

    `group` has the query's `name`, a `legend`, `choices` (each with value, label, count, checked and id), how many are
    `chosen` and whether it is `open`. More than 8 choices scroll in a box of their own.
    """
    legend, chosen, choices = write_text(group["legend"]), group["chosen"], group["choices"]
    said = draw_chosen(chosen) if chosen else ""
    drawn = "\n".join([draw_choice(group["name"], kind, choice) for choice in choices])
    scroll = " filter-group__choices--scroll" if len(choices) > SHOWN_AT_ONCE else ""
    return mark_safe(  # noqa: S308 - all of it is escaped
        f'<details class="filter-group"{" open" if group["open"] else ""}>\n'
        f'<summary class="filter-group__summary">{legend}{said}</summary>\n'
        f'<fieldset class="filter-group__box"><legend class="govuk-visually-hidden">{legend}</legend>\n'
        f'<div class="filter-group__choices{scroll}">'
        f"\n{drawn}\n</div></fieldset></details>"
    )


SHOWN_AT_ONCE = 8  # choices of a filter


def draw_chosen(chosen: int) -> str:
    said = ngettext("(%(chosen)s chosen)", "(%(chosen)s chosen)", chosen) % {"chosen": chosen}
    return f' <span class="filter-group__chosen">{escape(said)}</span>'


def draw_choice(name: str, kind: str, choice: dict[str, Any]) -> str:
    """Write one choice; its count is how many commitments it would show, None where nobody counted."""
    before, between, hidden = frame_choice(name, kind, choice["value"], choice["label"])
    count = choice["count"]
    counted = "" if count is None else f"{hidden}{count}</span>"
    return f"{before}{' checked' if choice['checked'] else ''}{between}{counted}</div>"


@lru_cache(maxsize=5_000, typed=True)
def frame_choice(name: str, kind: str, value: str, label: str) -> tuple[str, str, str]:
    """Return what is written of a choice before and after the word that says it is checked, and before its count."""
    place, words = escape(f"id_{name}_{value}"), write_text(label)
    return (
        f'<div class="filter-choice"><input type="{kind}" id="{place}" name="{escape(name)}" value="{escape(value)}"',
        f'> <label class="filter-choice__label" for="{place}">{words}</label> ',
        f'<span class="filter-choice__count"><span class="govuk-visually-hidden">{words}: </span>',
    )


COUNTED = {
    "commitments": ngettext_lazy("%(number)s commitment", "%(number)s commitments", "count"),
    "updates": ngettext_lazy("%(number)s update", "%(number)s updates", "count"),
    "evidence": ngettext_lazy("%(number)s row", "%(number)s rows", "count"),
}


@register.simple_tag
def link_files(files: list[dict[str, Any]]) -> SafeString:
    """Write the files that hold the answer to a question for programs that look for them in the head of a page."""
    language = get_language()
    links = (
        f'<link rel="alternate" type="{file["format"].media_type}" '
        f'title="{say_format(file["format"], language)[0]}" href="{escape(file["address"])}">'
        for file in files
        if not file["is_too_long"]
    )
    return mark_safe("\n  ".join(links))  # noqa: S308 - each is escaped


@register.simple_tag
def draw_files(files: list[dict[str, Any]]) -> SafeString:
    """Write the files that hold the answer to a question, as `answers.offer_files` tells them, as items of a list."""
    language = get_language()
    drawn = "\n".join([f"<li>{draw_file(file, language)}</li>" for file in files])
    return mark_safe(drawn)  # noqa: S308 - each is escaped


def draw_file(file: dict[str, Any], language: str | None) -> str:
    (label, sentence), rows = say_format(file["format"], language), file["rows"]
    if file["is_too_long"]:
        said = _("%(label)s: for at most %(limit)s commitments. Narrow the question, or take the CSV files.")
        return said % {"label": label, "limit": commas(file["format"].limit)}
    counted = f", {COUNTED[file['noun']] % {'count': rows, 'number': commas(rows)}}" if rows is not None else ""
    return f'<a href="{escape(file["address"])}" hreflang="en">{label}</a>{counted}. {sentence}'


_said: dict[tuple[str, str | None], tuple[str, str]] = {}


def say_format(file_format: Any, language: str | None) -> tuple[str, str]:
    """Return the label and the sentence of a format, as they stand in HTML, in the language of the page."""
    key = file_format.address_name, language
    if key not in _said:
        _said[key] = write_text(file_format.label), write_text(file_format.sentence)
    return _said[key]
