"""How long a commitment stood where, as a strip and in words: written at once, like its history.

What is drawn are a `Strip` of `charts`, its runs and its ticks.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.templatetags.register import count_days, time_tag
from tracker.templatetags.writing import write_text

register = template.Library()


class Sentences(NamedTuple):
    """What is said around the days of a strip, in one language and ready for HTML."""

    title: str
    made: str
    ended: str
    so_far: str


@lru_cache
def _say(language: str | None) -> Sentences:
    return Sentences(
        title=write_text(_("How long it stood where")),
        made=write_text(_("Made: %(day)s")),
        ended=write_text(_("%(first)s to %(last)s (%(days)s)")),
        so_far=write_text(_("%(first)s to %(last)s (%(days)s so far)")),
    )


@register.simple_tag
def draw_strip(strip: Any, until: dt.date) -> SafeString:
    """Write a strip with its runs in words; `until` is the last day drawn."""
    say = _say(get_language())
    made = say.made % {"day": time_tag(strip.runs[0].since) if strip.runs else ""}
    runs = " ".join([_describe_run(run, say) for run in strip.runs])
    return mark_safe(  # noqa: S308 - each part is escaped
        f'<h3 class="govuk-heading-s" id="strip">{say.title}</h3>\n'
        f'<div class="strip">\n{_draw_picture(strip)}\n'
        f'<p class="strip__ends"><span>{made}</span> <span>{time_tag(until)}</span></p>\n</div>\n'
        f'<ul class="plain-list strip__runs" aria-labelledby="strip">\n{runs}\n</ul>'
    )


def _describe_run(run: Any, say: Sentences) -> str:
    days = {"first": time_tag(run.since), "last": time_tag(run.until), "days": count_days(run.days)}
    words = (say.so_far if run.is_last else say.ended) % days
    swatch = f'<span class="status-swatch status-{run.code}"></span>'
    return f"<li>{swatch}<strong>{write_text(run.label)}:</strong> {words}</li>"


def _draw_picture(strip: Any) -> str:
    """Draw the strip; the same stands near it in words."""
    parts = "".join([_draw_run(run) for run in strip.runs])
    ticks = "".join([_draw_tick(tick) for tick in strip.ticks])
    label = write_text(strip.summary)
    return f'<svg class="status-strip" width="100%" height="48" role="img" aria-label="{label}">{parts}{ticks}</svg>'


def _draw_run(run: Any) -> str:
    title = ngettext("%(label)s: %(days)s day", "%(label)s: %(days)s days", run.days)
    said = write_text(title % {"label": run.label, "days": run.days})
    place = f'x="{run.x:.3f}%" y="0" width="{run.width:.3f}%" height="24"'
    return f'<rect class="status-strip__part status-{run.code}" {place}><title>{said}</title></rect>'


def _draw_tick(tick: Any) -> str:
    at = f"{tick.at:.3f}%"
    line = f'<line class="status-strip__tick" x1="{at}" x2="{at}" y1="24" y2="30"></line>'
    return f'{line}<text class="status-strip__year" x="{at}" y="44">{tick.label}</text>'
