"""The door for search engines: every page of the register, with when something on it was last published."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem, sitemap
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from tracker.models import Commitment, Department, Document, LogEntry, Petition, Programme, Topic


class RegisterSitemap(Sitemap):
    """A section of the site in each language, at its public address whatever host was asked."""

    i18n = True
    alternates = True

    @property
    def protocol(self) -> str:  # type: ignore[override]
        return settings.SITE_URL.partition("://")[0]

    def get_domain(self, site: Any = None) -> str:
        return settings.SITE_URL.partition("://")[2]

    @cached_property
    def paginator(self) -> Any:
        return super().paginator


class PageSitemap(RegisterSitemap):
    """The lists and the texts. What changes with every publication is as new as the last of them."""

    growing = ("home", "commitment-list", "change-list", "comparison", "difference-list", "gap-list", "log-list")
    fixed = (
        *("department-list", "programme-list", "topic-list", "petition-list", "document-list"),
        *("how-we-judge", "about", "help", "accessibility", "privacy", "disclosure", "corrections"),
    )

    def items(self) -> list[str]:
        return [*self.growing, *self.fixed]

    def location(self, item: Any) -> str:
        return reverse(f"tracker:{item}")

    def lastmod(self, item: str) -> dt.datetime | None:
        return self.newest if item in self.growing else None

    @cached_property
    def newest(self) -> dt.datetime | None:
        return LogEntry.objects.order_by("-sequence").values_list("at", flat=True).first()


class CommitmentSitemap(RegisterSitemap):
    def items(self) -> Any:
        return Commitment.objects.published().only("reference").order_by("pk")

    def lastmod(self, item: Commitment) -> dt.datetime | None:
        return self.published.get(item.subject)

    @cached_property
    def published(self) -> dict[str, dt.datetime]:
        return LogEntry.objects.find_newest_by_page("commitments/")


class DocumentSitemap(RegisterSitemap):
    """Their pages change with whatever cites them, so no day is given rather than a wrong one."""

    def items(self) -> Any:
        return Document.objects.published().only("identifier").order_by("pk")


class GroupSitemap(RegisterSitemap):
    """Pages that list commitments: as new as the newest of themselves and what they list."""

    model: Any
    listing: tuple[str, ...]  # the ways from a commitment to the public name of what lists it
    key = "slug"

    def items(self) -> Any:
        return self.model.objects.published().order_by("pk")

    def lastmod(self, item: Any) -> dt.datetime | None:
        own = self.published.get(item.subject)
        return max((day for day in (own, self.listed.get(getattr(item, self.key))) if day), default=None)

    @cached_property
    def published(self) -> dict[str, dt.datetime]:
        folder = reverse(f"tracker:{self.model._meta.model_name}-list").removeprefix(reverse("tracker:home"))
        return LogEntry.objects.find_newest_by_page(folder)

    @cached_property
    def listed(self) -> dict[Any, dt.datetime]:
        newest = LogEntry.objects.find_newest_by_page("commitments/")
        found: dict[Any, dt.datetime] = {}
        for path in self.listing:
            for key, reference in Commitment.objects.published().order_by().values_list(path, "reference"):
                if day := newest.get(f"commitments/{reference}"):
                    found[key] = max(day, found.get(key, day))
        return found


class DepartmentSitemap(GroupSitemap):
    model = Department
    listing = ("department__slug", "supporting__slug")


class ProgrammeSitemap(GroupSitemap):
    model = Programme
    listing = ("programme__slug",)


class TopicSitemap(GroupSitemap):
    model = Topic
    listing = ("topics__slug",)


class PetitionSitemap(GroupSitemap):
    model = Petition
    listing = ("petitions__number",)
    key = "number"


SECTIONS: dict[str, type[RegisterSitemap]] = {
    "pages": PageSitemap,
    "commitments": CommitmentSitemap,
    "departments": DepartmentSitemap,
    "programmes": ProgrammeSitemap,
    "topics": TopicSitemap,
    "petitions": PetitionSitemap,
    "documents": DocumentSitemap,
}


def sitemap_list(request: HttpRequest) -> HttpResponse:
    """Name the sitemap of each section, page by page where one file cannot hold it."""
    addresses = []
    for name, section in SECTIONS.items():
        address = settings.SITE_URL + reverse("tracker:sitemap-detail", args=[name])
        pages = section().paginator.page_range
        addresses += [address if page == 1 else f"{address}?p={page}" for page in pages]
    context = {"sitemaps": [SitemapIndexItem(address) for address in addresses]}
    return TemplateResponse(request, "sitemap_index.xml", context, content_type="application/xml")


def sitemap_detail(request: HttpRequest, section: str) -> HttpResponse:
    return sitemap(request, SECTIONS, section)
