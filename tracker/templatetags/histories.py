"""The history of a commitment as HTML: each update with how it differs from the one before and what is cited for it.

A history has hundreds of small parts, so it is written at once, without templates; its sentences are looked up once for
each language. The page of a commitment uses these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.languages import ENGLISH, WELSH, english
from tracker.models import Document, Evidence, Redaction, StatusUpdate
from tracker.statuses import Basis, is_backward
from tracker.templatetags.register import day, status_tag, was_removed, write_day, write_time
from tracker.templatetags.writing import write_text

register = template.Library()


class Entry(NamedTuple):
    """One update of the history with what is cited for it, and how it differs from the judgement before it."""

    update: StatusUpdate
    evidence: list[Evidence]
    change: str
    is_backward: bool
    corrected_by: StatusUpdate | None


def describe_history(updates: list[StatusUpdate], evidence: dict[int, list[Evidence]], day: dt.date) -> list[Entry]:
    """Say of each update that was true by a day, newest first, how it differs from the judgement before it.

    A correction counts whatever day it is dated.
    """
    corrections = {update.corrects_id: update for update in updates if update.corrects_id}
    then = [update for update in updates if update.as_of <= day]
    entries = []
    for place, update in enumerate(then):
        before = (other for other in then[place + 1 :] if other.basis == update.basis)
        earlier = next((other for other in before if other.pk not in corrections), None)
        entries.append(
            Entry(update, evidence.get(update.pk, []), *_compare(update, earlier), corrections.get(update.pk))
        )
    return entries


def _compare(update: StatusUpdate, earlier: StatusUpdate | None) -> tuple[str, bool]:
    """Say how an update differs from an earlier one, and whether it is a step back."""
    if earlier is None:
        return _("First judgement") if update.basis == Basis.ASSESSMENT else _("First claim"), False
    if earlier.status == update.status:
        return _("No change"), False
    before = {"status": earlier.get_status_display()}
    if is_backward(earlier.status, update.status):
        return _("A step back from “%(status)s”") % before, True
    return _("Changed from “%(status)s”") % before, False


class Sentences(NamedTuple):
    """What is said around the facts of a history, in one language and ready for HTML."""

    undated: str
    about: str
    about_this: str
    completes: str
    in_place: str
    corrected: str
    correction: str
    weak: str
    link: str
    published: str
    evidence: str


@lru_cache
def _say(language: str | None) -> Sentences:
    return Sentences(
        undated=write_text(_("date not shown")),
        about=write_text(_("About this document")),
        about_this=write_text(_("about this document")),
        completes=_emphasise(_("It is the promised thing itself or records the completed act.")),
        in_place=_emphasise(_("This was in place before the commitment was made.")),
        corrected=write_text(_("Corrected by update %(number)s: no longer counts")),
        correction=f'<span class="badge">{write_text(_("Correction"))}</span>',
        weak=f'<span class="badge badge--warning">{write_text(_("Weak evidence only"))}</span>',
        link=write_text(_("Permanent link to update %(number)s of %(reference)s")),
        published=write_text(_("Published %(day)s")),
        evidence=write_text(_("Evidence for update %(number)s")),
    )


def _emphasise(sentence: str) -> str:
    return f" <strong>{write_text(sentence)}</strong>"


def _find_writer(language: str | None) -> Callable[[str], str]:
    """Return what writes words of the register, which are in English."""
    return write_text if language == ENGLISH else lambda words: write_text(english(words))


@register.simple_tag
def draw_history(entries: Iterable[Entry], reference: str, removals: dict[str, list[Redaction]]) -> SafeString:
    """Write the entries of a commitment's history; `removals` as `Redaction.objects.by_place` returns them."""
    language = get_language()
    drawing = Drawing(language, write_text(reference), removals)
    return mark_safe("\n".join([drawing.draw(entry) for entry in entries]))  # noqa: S308 - each part is escaped


class Drawing:
    """Writes the entries of one commitment's history in one language."""

    def __init__(self, language: str | None, reference: str, removals: dict[str, list[Redaction]]) -> None:
        self.language, self.reference, self.removals = language, reference, removals
        self.say, self.write = _say(language), _find_writer(language)

    def draw(self, entry: Entry) -> str:
        update, say = entry.update, self.say
        anchor, number = update.anchor, {"number": update.number}
        style = "timeline__entry--corrected" if entry.corrected_by else f"status-{update.status}"
        published = say.published % {"day": write_day(timezone.localtime(update.published_at).date(), self.language)}
        cited = "\n".join([self.draw_evidence(evidence) for evidence in entry.evidence])
        return (
            f'<li class="timeline__entry {style}" id="{anchor}">\n'
            f'<div class="timeline__head">\n{" ".join(self.list_marks(entry))}\n</div>\n'
            '<div class="columns columns--two">\n<div>\n'
            f'<p class="timeline__reason">{self.write_reason(update)}</p>\n'
            f"{draw_removed(self.removals, anchor)}\n"
            f'<p class="timeline__note">{published}</p>\n</div>\n'
            f'<ul class="evidence" aria-label="{say.evidence % number}">\n{cited}\n</ul>\n</div>\n</li>'
        )

    def write_reason(self, update: StatusUpdate) -> str:
        if self.language == WELSH and update.reason_cy:
            return write_text(update.reason_cy)
        return self.write(update.reason)

    def list_marks(self, entry: Entry) -> list[str]:
        """Return what stands in the head of an entry: its day, its status and what must be known about it."""
        update, say = entry.update, self.say
        change = "badge badge--warning" if entry.is_backward else "small quiet"
        named = {"number": update.number, "reference": self.reference}
        marks = [
            f'<h3 class="timeline__date">{write_time(update.as_of, self.language)}</h3>',
            status_tag(update.status, update.get_status_display()),
            f'<span class="badge">{write_text(update.get_basis_display())}</span>' * (update.basis == Basis.CLAIM),
            self.link_correction(entry.corrected_by) if entry.corrected_by else "",
            f'<span class="{change}">{write_text(entry.change)}</span>',
            say.correction if update.corrects_id else "",
            say.weak if update.rests_on_weak_evidence_only else "",
            f'<a class="timeline__link" href="#{update.anchor}"><span aria-hidden="true">¶</span>'
            f'<span class="govuk-visually-hidden">{say.link % named}</span></a>',
        ]
        return [mark for mark in marks if mark]

    def link_correction(self, correction: StatusUpdate) -> str:
        words = self.say.corrected % {"number": correction.number}
        return f'<a class="badge badge--warning" href="#{correction.anchor}">{words}</a>'

    def draw_evidence(self, evidence: Evidence) -> str:
        """Write one document as it is cited for one update."""
        document, say, write = evidence.document, self.say, self.write
        title = write(document.title)
        shown = write_time(document.published_on, self.language) if document.published_on else say.undated
        completes = say.completes if evidence.records_completion else ""
        in_place = say.in_place if evidence.already_in_place else ""
        return (
            f'<li class="evidence__item">\n<p>{link_title(document, title, "evidence__title")}, '
            f"{write(document.publisher)}, {shown}</p>\n"
            f"<p>{write(evidence.note)}{completes}{in_place}</p>\n"
            f'<p class="evidence__source">'
            f"{_describe_source(document.strength, document.kind, document.origin, self.language)} "
            f"{link_page(document, say.about, title)}</p>\n</li>"
        )


@lru_cache(maxsize=1_000)
def _describe_source(strength: str, kind: str, origin: str, language: str | None) -> str:
    """Write how much a document proves, and what it is."""
    document = Document(strength=strength, kind=kind, origin=origin)
    return (
        f'<span class="strength strength--{strength}">{write_text(document.get_strength_display())}</span> '
        f"<span>{write_text(document.get_kind_display())}</span> "
        f"<span>{write_text(document.get_origin_display())}</span>"
    )


def link_title(document: Document, title: str, style: str = "") -> str:
    """Write a document's title, which leads to the document itself where its address may be published."""
    shown = f' class="{style}"' if style else ""
    if was_removed(document.url):
        return f"<span{shown}>{title}</span>" if style else title
    return f'<a{shown} href="{write_text(document.url)}" rel="noreferrer">{title}</a>'


def link_page(document: Document, words: str, title: str) -> str:
    """Write the link to the page about a document here."""
    address = write_text(document.get_absolute_url())
    return f'<a href="{address}">{words}<span class="govuk-visually-hidden">: {title}</span></a>'


@register.filter
def link_document(document: Document) -> SafeString:
    """Write a document in a line: its own page on the outside, its publisher and date, and its page here."""
    language = get_language()
    say, write = _say(language), _find_writer(language)
    title, shown = write(document.title), day(document.published_on) or say.undated
    line = f"{link_title(document, title)}, {write(document.publisher)}, {shown} "
    return mark_safe(f"{line}({link_page(document, say.about_this, title)})")  # noqa: S308 - each part is escaped


@register.filter
def draw_removed(removals: dict[str, list[Redaction]], anchor: str) -> SafeString:
    """Say where words were removed from what stands at a place of a page, when and why."""
    said = _("Words were removed here on %(day)s: %(because)s.")
    facts: list[dict[str, Any]] = [
        {"day": day(timezone.localtime(redaction.published_at).date()), "because": redaction.because}
        for redaction in removals.get(anchor, [])
    ]
    notices = [f'<p class="notice small">{write_text(said % each)}</p>' for each in facts]
    return mark_safe("".join(notices))  # noqa: S308 - each notice is escaped
