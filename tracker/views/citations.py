"""How to cite a commitment, for programs that keep references: BibTeX and CSL-JSON with an address that never changes.

The same in plain text stands on the commitment's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse

from tracker.models import Commitment
from tracker.moments import Moment, add_moment
from tracker.templatetags.register import day, status_label
from tracker.views.moments import at_moment

NAME = "Commitments Register"
SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "{}$&#%_"},
}


@dataclass(frozen=True)
class Citation:
    """A commitment as it stood on a day, by what was known on a day."""

    reference: str
    title: str
    status: str
    moment: Moment
    url: str

    @property
    def note(self) -> str:
        stood, known = self.moment.day, self.moment.known
        return f"{self.reference}: {self.status}, as it stood on {day(stood)} and as published by {day(known)}"


@at_moment
def commitment_bibtex(request: Any, reference: str) -> HttpResponse:
    citation = find_citation(reference, request.moment)
    known = citation.moment.known or citation.moment.day
    fields = {
        "title": f"{{{escape(citation.title)}}}",
        "howpublished": NAME,
        "year": str(known.year),
        "month": str(known.month),
        "day": str(known.day),
        "url": citation.url,
        "urldate": citation.moment.today.isoformat(),
        "note": escape(citation.note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    text = f"@misc{{{citation.reference}-{known.isoformat()},\n{lines}}}\n"
    response = HttpResponse(text, content_type="application/x-bibtex; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{citation.reference}.bib"'
    return response


def escape(text: str) -> str:
    """Write a text so that TeX prints it as it is, on one line."""
    return "".join(SPECIAL.get(character, character) for character in " ".join(text.split()))


@at_moment
def commitment_csl(request: Any, reference: str) -> HttpResponse:
    citation = find_citation(reference, request.moment)
    known, today = citation.moment.known or citation.moment.day, citation.moment.today
    item = {
        "id": f"{citation.reference}-{known.isoformat()}",
        "type": "webpage",
        "title": citation.title,
        "container-title": NAME,
        "number": citation.reference,
        "issued": {"date-parts": [[known.year, known.month, known.day]]},
        "accessed": {"date-parts": [[today.year, today.month, today.day]]},
        "URL": citation.url,
        "note": citation.note,
        "language": "en-GB",
    }
    response = JsonResponse([item], safe=False, content_type="application/vnd.citationstyles.csl+json")
    response["Content-Disposition"] = f'attachment; filename="{citation.reference}.json"'
    return response


def find_citation(reference: str, moment: Moment) -> Citation:
    """Return what to cite. Raises Http404 where there was no such commitment at that moment."""
    commitment = Commitment.objects.as_at(moment).for_listing().filter(reference=reference.upper()).first()
    if commitment is None:
        raise Http404
    return Citation(
        commitment.reference,
        commitment.title,
        status_label(commitment.current_update),
        moment.fixed,
        settings.SITE_URL + add_moment(commitment.get_absolute_url(), moment.fixed),
    )
