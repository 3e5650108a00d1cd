"""A commitment's status on other people's pages: a badge, a card for an <iframe>, and oEmbed, which finds the card.

Both follow the status, run no script and set no cookie; the two alone may be framed by other sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import ResolverMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt

from tracker.languages import find_language
from tracker.models import Commitment
from tracker.moments import ImpossibleMoment, Moment, add_moment, read_moment
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Status
from tracker.templatetags.colours import STATUS_COLOURS
from tracker.templatetags.register import describe_status, status_code, status_label
from tracker.views.moments import at_moment

CARD_WIDTH, CARD_HEIGHT = 480, 300
KEPT_FOR = 300  # seconds for which others may go on showing what they were given
# Letters of 12 pixels are about so wide. Each badge has room for the longest status, so that none changes its size.
LETTER, MARGIN = 7, 10


@dataclass(frozen=True)
class Shown:
    """What a badge and a card say of a commitment."""

    commitment: Commitment
    code: str
    label: str
    sentence: str


def on_other_sites(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """Let other sites frame what a view answers, and keep it for some minutes."""
    kept = cache_control(public=True, max_age=KEPT_FOR)(view)
    return wraps(view)(csp_replace({"frame-ancestors": ["*"]})(xframe_options_exempt(kept)))


@at_moment
@on_other_sites
def commitment_badge(request: Any, reference: str) -> HttpResponse:
    shown = find_shown(reference.upper(), request.moment)
    name_width = LETTER * len(shown.commitment.reference) + 2 * MARGIN
    status_width = LETTER * max(len(str(label)) for label in (*Status.labels, NOT_YET_CHECKED_LABEL)) + 2 * MARGIN
    context = {
        "shown": shown,
        "colours": STATUS_COLOURS[shown.code],
        "name_width": name_width,
        "name_middle": name_width / 2,
        "status_width": status_width,
        "status_middle": name_width + status_width / 2,
        "width": name_width + status_width,
    }
    return render(request, "tracker/badge.svg", context, content_type="image/svg+xml")


@at_moment
@on_other_sites
def commitment_card(request: Any, reference: str) -> HttpResponse:
    return render(request, "tracker/card.html", {"shown": find_shown(reference.upper(), request.moment)})


def find_shown(reference: str, moment: Moment) -> Shown:
    """Return how a commitment stands. One that was withdrawn since says so where it was put. Raises Http404."""
    commitments = Commitment.objects.as_at(moment).for_listing()
    commitment = commitments.filter(reference=reference).first()
    if commitment is None:
        withdrawn = Commitment.objects.ever_published().filter(withdrawn_at__isnull=False)
        commitment = get_object_or_404(withdrawn, reference=reference)
        return Shown(
            commitment, NOT_YET_CHECKED, _("Withdrawn"), _("This entry was a mistake and is no longer counted.")
        )
    update = commitment.current_update
    count = update.evidence.count() if update else 0
    answer = describe_status(commitment, count, moment.day)
    return Shown(commitment, status_code(update), status_label(update), str(answer))


def oembed(request: HttpRequest) -> HttpResponse:
    """Say how to show the page of a commitment on another page, as https://oembed.com asks."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("Only json is spoken here.\n", content_type="text/plain; charset=utf-8", status=501)
    path, moment = read_page_address(request.GET.get("url", ""))
    with translation.override(find_language(path)):
        answer = describe_card(request, resolve(path), moment)
    headers = {"Cache-Control": f"public, max-age={KEPT_FOR}", "Access-Control-Allow-Origin": "*"}
    return JsonResponse(answer, headers=headers)


def describe_card(request: HttpRequest, match: ResolverMatch, moment: Moment) -> dict[str, Any]:
    """Return what oEmbed says of the card of a commitment's page. Raises Http404 for another page."""
    if match.view_name != "tracker:commitment-detail":
        raise Http404
    reference = match.kwargs["reference"].upper()
    shown = find_shown(reference, moment)
    size = read_size(request.GET, "maxwidth", CARD_WIDTH), read_size(request.GET, "maxheight", CARD_HEIGHT)
    card = settings.SITE_URL + add_moment(reverse("tracker:commitment-card", args=[reference]), moment)
    context = {"address": card, "reference": reference, "width": size[0], "height": size[1]}
    return {
        "version": "1.0",
        "type": "rich",
        "title": f"{reference}: {shown.commitment.title}",
        "provider_name": _("Commitments Register"),
        "provider_url": settings.SITE_URL + reverse("tracker:home"),
        "cache_age": KEPT_FOR,
        "width": size[0],
        "height": size[1],
        "html": render_to_string("tracker/_frame_code.html", context).strip(),
    }


def read_page_address(address: str) -> tuple[str, Moment]:
    """Return the path of an address of this site and the moment that it names. Raises Http404."""
    path, _, query = address.partition("#")[0].removeprefix(settings.SITE_URL).partition("?")
    if not address.startswith(f"{settings.SITE_URL}/"):
        raise Http404
    try:
        return path, read_moment(QueryDict(query), today=timezone.localdate())
    except ImpossibleMoment:
        raise Http404 from None


def read_size(query: QueryDict, name: str, default: int) -> int:
    text = query.get(name, "")
    return min(int(text), default) if text.isascii() and text.isdigit() and len(text) < 6 else default
