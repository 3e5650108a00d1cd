"""One object for each public page, for tests that open it in a browser: how to get there and what to do on it."""

from __future__ import annotations

import re
from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.views.defaults import permission_denied, server_error
from playwright.sync_api import Locator, Page, expect

from tests.examples import publish_as_approver
from tracker.models import Commitment, Revision, Withdrawal


class PublicPage:
    """What all pages share. `path` is an address at which the page can be opened."""

    path: ClassVar[str]
    heading: ClassVar[str]
    status: ClassVar[int] = 200

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self) -> Self:
        """Open the page by its address; a page that is not what it should be fails here."""
        response = self.page.goto(self.path)
        assert response is not None
        assert response.status == self.status, f"{self.path} answers {response.status}"
        return self.expect_to_be_here()

    def expect_to_be_here(self) -> Self:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.heading)
        return self

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def address(self) -> str:
        """The path and the question in the address bar."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}".rstrip("?")

    def follow(self, name: str) -> None:
        """Follow the first link of the content with that name."""
        self.main.get_by_role("link", name=name, exact=True).first.click()


class HomePage(PublicPage):
    path = "/"
    heading = "What governments promised about child sexual abuse, and what came of it"

    def search(self, words: str) -> CommitmentListPage:
        self.page.get_by_label("Search the commitments").fill(words)
        self.main.get_by_role("button", name="Search").click()
        return CommitmentListPage(self.page).expect_to_be_here()

    def choose_department(self, name: str) -> DepartmentPage:
        self.main.get_by_role("region", name="Departments and other bodies").get_by_role("link", name=name).click()
        return DepartmentPage(self.page).expect_to_be_here()


class PastHomePage(HomePage):
    path = "/?on=2025-06-16"


class CommitmentListPage(PublicPage):
    path = "/commitments/"
    heading = "Commitments"

    @property
    def count(self) -> int:
        return int(self.page.locator("#result-count").get_attribute("data-count") or "")

    @property
    def references(self) -> list[str]:
        return self.page.locator(".register-table tbody th").all_inner_texts()

    @property
    def tags(self) -> list[str]:
        texts = [text.strip() for text in self.page.locator(".filter-tag").all_inner_texts()]
        return [text.removeprefix("Remove filter").strip()[:-1] for text in texts]

    def open_filters(self) -> None:
        """Unfold the filters where the page has them folded, as on a phone."""
        if not self.page.get_by_role("button", name="Apply filters").is_visible():
            self.page.get_by_text("Search and filter", exact=True).first.click()

    def tick(self, group: str, *labels: str) -> None:
        box = self.page.locator(".filter-group", has=self.page.locator("summary", has_text=group))
        if not box.get_by_role("group").is_visible():
            box.locator("summary").click()
        for label in labels:
            box.get_by_role("checkbox", name=re.compile(rf"^{re.escape(label)}( \(\d+\))?$")).check()

    def apply(self) -> Self:
        self.page.get_by_role("button", name="Apply filters").click()
        return self.expect_to_be_here()

    def remove(self, tag: str) -> Self:
        self.page.get_by_role("link", name=f"Remove filter {tag}").click()
        return self.expect_to_be_here()

    def sort(self, column: str) -> Self:
        self.page.get_by_role("columnheader").get_by_role("link", name=column).click()
        return self.expect_to_be_here()

    def next_page(self) -> Self:
        self.page.get_by_role("link", name="Next page").click()
        return self.expect_to_be_here()

    def open_commitment(self, reference: str) -> CommitmentPage:
        self.page.get_by_role("link", name=reference, exact=True).click()
        return CommitmentPage(self.page)


class FilteredListPage(CommitmentListPage):
    path = "/commitments/?q=inquiry&department=home-office&supporting=on&status=in-progress&status=delivered"


class SecondListPage(CommitmentListPage):
    path = "/commitments/?sort=-changed_on&page=2"


class LongListPage(CommitmentListPage):
    path = "/commitments/?per_page=100"


class PastListPage(CommitmentListPage):
    path = "/commitments/?on=2025-06-16"


class EmptyListPage(CommitmentListPage):
    path = "/commitments/?q=zeppelin"


class MisspeltListPage(CommitmentListPage):
    path = "/commitments/?q=mandetory+reportng"


class WrongListPage(CommitmentListPage):
    path = "/commitments/?q=inquiry&department=bogus&made_after=31-02-2025&password=1"


class ImpossibleDayPage(PublicPage):
    path = "/commitments/?on=31-02-2025"
    heading = "That day cannot be shown"
    status = 400


class CommitmentPage(PublicPage):
    path = "/commitments/IICSA-13/"
    heading = "IICSA-13"

    @property
    def sentence(self) -> str:
        return self.page.locator("#status").inner_text()


class PastCommitmentPage(CommitmentPage):
    path = "/commitments/IICSA-13/?on=2025-06-16"


class NotYetPage(PublicPage):
    path = "/commitments/IICSA-13/?on=2020-01-01"
    heading = "Not there yet"
    status = 404


class ChangeListPage(PublicPage):
    path = "/changes/?since=2025-06-16&until=2026-04-29"
    heading = "What changed"


class WrongChangeListPage(ChangeListPage):
    path = "/changes/?since=2026-04-29&until=2025-06-16&department=bogus"
    status = 400


class EmptyChangeListPage(ChangeListPage):
    path = "/changes/?since=1950-01-01&until=1950-02-01"


class DepartmentListPage(PublicPage):
    path = "/departments/"
    heading = "Departments"


class DepartmentPage(PublicPage):
    path = "/departments/home-office/"
    heading = "Home Office"

    def list_those_with_status(self, label: str) -> CommitmentListPage:
        self.main.get_by_role("table").get_by_role("link", name=label).first.click()
        return CommitmentListPage(self.page).expect_to_be_here()


class PastDepartmentPage(DepartmentPage):
    path = "/departments/home-office/?on=2025-06-16"


class ProgrammeListPage(PublicPage):
    path = "/programmes/"
    heading = "Programmes"


class ProgrammePage(PublicPage):
    path = "/programmes/iicsa-final-report/"
    heading = "IICSA final report"


class TopicListPage(PublicPage):
    path = "/topics/"
    heading = "Topics"


class TopicPage(PublicPage):
    path = "/topics/mandatory-reporting/"
    heading = "Mandatory reporting"


class ChooserPage(PublicPage):
    path = "/compare/"
    heading = "Compare"


class ComparisonPage(ChooserPage):
    path = "/compare/?" + "&".join(
        f"department={slug}"
        for slug in ("home-office", "ministry-of-justice", "department-for-education", "welsh-government")
    )


class WrongComparisonPage(ChooserPage):
    path = "/compare/?department=home-office&topic=online-safety"
    status = 400


class DifferencesPage(PublicPage):
    path = "/differences/"
    heading = "Claimed and found"


class WrongDifferencesPage(DifferencesPage):
    path = "/differences/?department=bogus"
    status = 400


class EvidenceGapsPage(PublicPage):
    path = "/evidence-gaps/"
    heading = "Gaps in the evidence"


class DocumentListPage(PublicPage):
    path = "/documents/"
    heading = "Documents"


class WrongDocumentListPage(DocumentListPage):
    path = "/documents/?strength=bogus"


class EmptyDocumentListPage(DocumentListPage):
    path = "/documents/?q=zeppelin"


class DocumentPage(PublicPage):
    path = "/documents/casey-government-response/"
    heading = ""


class PetitionListPage(PublicPage):
    path = "/petitions/"
    heading = "Petitions"


class PetitionPage(PublicPage):
    path = "/petitions/300239/"
    heading = "Petition"


class DataPage(PublicPage):
    path = "/data/"
    heading = "Data"


class ApiPage(PublicPage):
    path = "/api/"
    heading = "API"


class HowWeJudgePage(PublicPage):
    path = "/how-we-judge/"
    heading = "How we judge"


class AboutPage(PublicPage):
    path = "/about/"
    heading = "About"


class HelpPage(PublicPage):
    path = "/help/"
    heading = "Help and support"


class AccessibilityPage(PublicPage):
    path = "/accessibility/"
    heading = "Accessibility"


class PrivacyPage(PublicPage):
    path = "/privacy/"
    heading = "Privacy"


class DisclosurePage(PublicPage):
    path = "/security/"
    heading = "Report a weakness"


class CorrectionsPage(PublicPage):
    path = "/corrections/"
    heading = "Corrections"


class LogPage(PublicPage):
    path = "/log/"
    heading = "The log"


class WrongLogPage(LogPage):
    path = "/log/?kind=bogus&before=x"


class LogEntryPage(PublicPage):
    path = "/log/900/"
    heading = "Entry 900"


class WelshHomePage(PublicPage):
    path = "/cy/"
    heading = "Yr hyn a addawodd llywodraethau ynghylch cam-drin plant yn rhywiol"


class WelshListPage(PublicPage):
    path = "/cy" + FilteredListPage.path
    heading = "Ymrwymiadau"


class WelshCommitmentPage(PublicPage):
    path = "/cy/commitments/IICSA-13/"
    heading = "IICSA-13"


class WelshHelpPage(PublicPage):
    path = "/cy/help/"
    heading = "Help a chymorth"


class WelshDataPage(PublicPage):
    path = "/cy/data/"
    heading = "Data"


class WelshNotFoundPage(PublicPage):
    path = "/cy/commitments/IICSA-999/"
    heading = "Heb ddod o hyd"
    status = 404


class NotFoundPage(PublicPage):
    path = "/commitments/IICSA-999/"
    heading = "Page not found"
    status = 404


class BadRequestPage(PublicPage):
    path = "/commitments/?" + "&".join(f"x{number}=1" for number in range(1001))
    heading = "The address cannot be understood"
    status = 400


class DrawnPage(PublicPage):
    """A page in a state that the loaded register is not in: drawn by the site in a moment that is taken back, and
    answered by the test itself.
    """

    def draw(self) -> HttpResponse:
        raise NotImplementedError

    def open(self) -> Self:
        with transaction.atomic():
            body = self.draw().content.decode()
            transaction.set_rollback(True)
        self.page.route(
            f"**{self.path}", lambda route: route.fulfill(status=self.status, body=body, content_type="text/html")
        )
        return super().open()


class WithdrawnPage(DrawnPage):
    path = "/commitments/IICSA-07/"
    heading = "IICSA-07 was withdrawn"
    status = 410

    def draw(self) -> HttpResponse:
        commitment = Commitment.objects.get(reference="IICSA-07")
        publish_as_approver(
            Withdrawal.objects.create(commitment=commitment, reason="It was entered twice, under two names.")
        )
        return Client().get(self.path)


class DistressingPage(DrawnPage):
    path = "/commitments/IICSA-07/"
    heading = "IICSA-07"

    def draw(self) -> HttpResponse:
        commitment = Commitment.objects.get(reference="IICSA-07")
        warned = {"has_distressing_detail": {"before": False, "after": True}}
        publish_as_approver(
            Revision.objects.create(
                target=commitment, changes=warned, reason="Readers wrote that the text had distressed them."
            )
        )
        return Client().get(self.path)


class ForbiddenPage(DrawnPage):
    path = "/forbidden/"
    heading = "You cannot open this page"
    status = 403

    def draw(self) -> HttpResponse:
        return permission_denied(RequestFactory().get(self.path), PermissionDenied())


class TooManyAttemptsPage(DrawnPage):
    path = "/too-many/"
    heading = "Too many attempts"
    status = 429

    def draw(self) -> HttpResponse:
        return render(RequestFactory().get(self.path), "429.html")


class AwayPage(DrawnPage):
    path = "/away/"
    heading = "The register cannot be read now"
    status = 503

    def draw(self) -> HttpResponse:
        return render(RequestFactory().get(self.path), "503.html")


class BrokenPage(DrawnPage):
    path = "/broken/"
    heading = "Something went wrong"
    status = 500

    def draw(self) -> HttpResponse:
        return server_error(RequestFactory().get(self.path))


ALL_PAGES: tuple[type[PublicPage], ...] = (
    HomePage,
    PastHomePage,
    CommitmentListPage,
    FilteredListPage,
    SecondListPage,
    LongListPage,
    PastListPage,
    EmptyListPage,
    MisspeltListPage,
    WrongListPage,
    ImpossibleDayPage,
    CommitmentPage,
    PastCommitmentPage,
    NotYetPage,
    ChangeListPage,
    WrongChangeListPage,
    EmptyChangeListPage,
    DepartmentListPage,
    DepartmentPage,
    PastDepartmentPage,
    ProgrammeListPage,
    ProgrammePage,
    TopicListPage,
    TopicPage,
    ChooserPage,
    ComparisonPage,
    WrongComparisonPage,
    DifferencesPage,
    WrongDifferencesPage,
    EvidenceGapsPage,
    DocumentListPage,
    WrongDocumentListPage,
    EmptyDocumentListPage,
    DocumentPage,
    PetitionListPage,
    PetitionPage,
    DataPage,
    ApiPage,
    HowWeJudgePage,
    AboutPage,
    HelpPage,
    AccessibilityPage,
    PrivacyPage,
    DisclosurePage,
    CorrectionsPage,
    LogPage,
    WrongLogPage,
    LogEntryPage,
    NotFoundPage,
)

WELSH_PAGES = (WelshHomePage, WelshListPage, WelshCommitmentPage, WelshHelpPage, WelshDataPage, WelshNotFoundPage)

# Every kind of page in every state: what tracker/accessibility.py tells the public is tested.
DRAWN_PAGES = (WithdrawnPage, DistressingPage, ForbiddenPage, TooManyAttemptsPage, AwayPage, BrokenPage)
EVERY_KIND: tuple[type[PublicPage], ...] = (*ALL_PAGES, BadRequestPage, *DRAWN_PAGES, *WELSH_PAGES)
