"""Walks over the whole site as a search engine does: from a home page along every link in its language."""

import re
from urllib.parse import urldefrag, urlsplit

from django.test import Client

from tests.reading import Page
from tracker.languages import find_language

LISTS = ("/changes/", "/commitments/", "/commitments.atom", "/commitments.ics", "/documents/")
LOG, LOG_ENTRY = "/log/", "/log/[0-9]+/"  # entries of the log are opened from its first page alone
DAY, CITED = "on=2025-06-16", "/IICSA-13/"  # one past day is walked, and one citation
FORMS = "/commitments/[^/]+/.+"  # the same commitment as a feed, a card and so on, opened for one of them
EXAMPLE = "department=home-office"  # questions with two parts are followed for one department only


class Walk:
    """Every page that can be reached from the home page, by its address."""

    def __init__(self, start: str = "/") -> None:
        self.pages: dict[str, Page] = {}
        self.broken: list[tuple[str, str, int]] = []
        self.anchors: dict[str, set[str]] = {}
        self.client = Client()
        self.language = find_language(start)
        self.waiting = {start: "nowhere"}
        while self.waiting:
            self._visit(*self.waiting.popitem())

    def _visit(self, address: str, found_on: str) -> None:
        response = self.client.get(address, follow=True)
        if response.status_code != 200:
            self.broken.append((address, found_on, response.status_code))
            return
        is_form = re.fullmatch(FORMS, response.request["PATH_INFO"])
        if is_form or not response["Content-Type"].startswith("text/html"):
            return  # a file, which has no links, or what stands on the pages of others
        page = self.pages[address] = Page(response)
        for link in page.links:
            whole, anchor = urldefrag(link)
            if anchor:
                self.anchors.setdefault(whole, set()).add(anchor)
            if self._is_new(whole) and (address == LOG or not re.fullmatch(LOG_ENTRY, whole)):
                self.waiting[whole] = address

    def _is_new(self, address: str) -> bool:
        """Say whether to go there: to own pages, but not to every one of the endless questions to a list."""
        parts = urlsplit(address)
        if (
            parts.scheme
            or parts.netloc
            or find_language(parts.path) != self.language
            or address in self.pages
            or address in self.waiting
        ):
            return False
        if ("on=" in parts.query and DAY not in parts.query) or ("known=" in parts.query and CITED not in address):
            return False
        if "." in parts.path and parts.query:
            return False  # a file of one of the endless questions
        if re.fullmatch(FORMS, parts.path) and CITED not in parts.path:
            return False
        is_example = EXAMPLE in parts.query and "sort=" not in parts.query
        return parts.path not in LISTS or parts.query.count("=") < 2 or is_example
