"""What is tested so that everyone can use the site: the tests work from this list, and the statement prints it.

`KINDS` names the page objects of tests/pages.py, and each `Check` the test that makes it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

PREPARED_ON = dt.date(2026, 11, 22)  # the statement was first written
TESTED_ON = dt.date(2026, 11, 22)  # all of this was last run and looked at; the tests run again before every change

WIDTHS = (320, 768, 1280)  # pixels; 320 are also what is left of 1280 at 400% zoom

KINDS = {
    "HomePage": _("the home page"),
    "PastHomePage": _("the home page on a past day"),
    "CommitmentListPage": _("the list of commitments"),
    "FilteredListPage": _("a list that is filtered"),
    "SecondListPage": _("its second page, sorted"),
    "LongListPage": _("a list of a hundred"),
    "EmptyListPage": _("a list without results"),
    "MisspeltListPage": _("a list without results that offers other words"),
    "WrongListPage": _("a list whose filters are mistaken"),
    "PastListPage": _("a list on a past day"),
    "ImpossibleDayPage": _("a list on a day that does not exist"),
    "CommitmentPage": _("a commitment with a long history"),
    "PastCommitmentPage": _("a commitment on a past day"),
    "NotYetPage": _("a commitment on a day before it was made"),
    "ChangeListPage": _("what changed"),
    "EmptyChangeListPage": _("what changed, where nothing did"),
    "WrongChangeListPage": _("what changed, with mistaken dates"),
    "DepartmentListPage": _("the departments"),
    "DepartmentPage": _("a department"),
    "PastDepartmentPage": _("a department on a past day"),
    "ProgrammeListPage": _("the programmes"),
    "ProgrammePage": _("a programme"),
    "TopicListPage": _("the topics"),
    "TopicPage": _("a topic"),
    "ChooserPage": _("the comparison, before anything is chosen"),
    "ComparisonPage": _("four departments compared"),
    "WrongComparisonPage": _("a comparison that cannot be made"),
    "DifferencesPage": _("where claims and findings differ"),
    "WrongDifferencesPage": _("where they differ, with a mistaken filter"),
    "EvidenceGapsPage": _("the gaps in the evidence"),
    "DocumentListPage": _("the list of documents"),
    "EmptyDocumentListPage": _("a list of documents without results"),
    "WrongDocumentListPage": _("a list of documents whose filters are mistaken"),
    "DocumentPage": _("a document"),
    "PetitionListPage": _("the petitions"),
    "PetitionPage": _("a petition"),
    "DataPage": _("the files and their columns"),
    "ApiPage": _("the description of the API"),
    "HowWeJudgePage": _("how we judge"),
    "AboutPage": _("the page about this site"),
    "HelpPage": _("help and support"),
    "AccessibilityPage": _("this statement"),
    "PrivacyPage": _("privacy"),
    "DisclosurePage": _("how to report a weakness"),
    "CorrectionsPage": _("corrections"),
    "LogPage": _("the log"),
    "WrongLogPage": _("the log, with mistaken filters"),
    "LogEntryPage": _("an entry of the log"),
    "NotFoundPage": _("an address that does not exist"),
    "BadRequestPage": _("an address that cannot be understood"),
    "WithdrawnPage": _("a commitment that was withdrawn"),
    "DistressingPage": _("a commitment with a warning of distressing detail"),
    "ForbiddenPage": _("a page that is not open to everyone"),
    "TooManyAttemptsPage": _("the page after too many attempts to sign in"),
    "AwayPage": _("the page while the register cannot be read"),
    "BrokenPage": _("the page that says that something went wrong"),
    "WelshHomePage": _("the home page in Welsh"),
    "WelshListPage": _("a filtered list in Welsh"),
    "WelshCommitmentPage": _("a commitment in Welsh"),
    "WelshHelpPage": _("help and support in Welsh"),
    "WelshDataPage": _("the files and their columns in Welsh"),
    "WelshNotFoundPage": _("an address that does not exist, in Welsh"),
}


@dataclass(frozen=True)
class Check:
    """One thing that is tested: in the words of the statement, and the test, as file and function."""

    words: str
    test: str


_BROWSER = "test_in_a_browser.py"
_ALONE = "test_using_pages_without_a_mouse.py"
CHECKS = (
    Check(
        _(
            "axe-core 4.14 finds nothing wrong on any of them at each width, with everything unfolded and with targets "
            "of at least 24 by 24 pixels, nor in the contrast of forced colours"
        ),
        f"{_BROWSER}::test_a_page_is_accessible_fits_and_obeys_its_own_policy",
    ),
    Check(
        _("no page scrolls sideways at any width, nor with text at 200%, and no text is cut off then"),
        f"{_BROWSER}::test_a_page_is_accessible_fits_and_obeys_its_own_policy",
    ),
    Check(
        _("every table has a caption and says what its heads are heads of"),
        "test_following_every_link.py::test_every_table_has_a_caption_and_says_what_its_heads_are_heads_of",
    ),
    Check(_("headings leave out no rank"), "test_following_every_link.py::test_headings_leave_out_no_rank"),
    Check(
        _("every page has a title of its own"), "test_following_every_link.py::test_every_page_has_a_title_of_its_own"
    ),
    Check(
        _("a column by which a list is sorted, and the page on which one is, say so to a screen reader"),
        f"{_ALONE}::test_what_is_sorted_and_where_one_is_are_said",
    ),
    Check(
        _("links with the same words on a page lead to the same place"),
        f"{_ALONE}::test_links_with_the_same_words_lead_to_the_same_place",
    ),
    Check(
        _("what is wrong with a question is listed on top, with a link to the field where the page has it"),
        f"{_ALONE}::test_each_error_leads_to_its_field",
    ),
    Check(
        _(
            "a commitment is found by its department, read to its first judgement and taken away with the keyboard "
            "alone"
        ),
        f"{_ALONE}::test_a_commitment_is_found_read_and_taken_away_by_keyboard",
    ),
    Check(
        _("whatever has the keyboard's focus shows it and is not hidden"),
        f"{_ALONE}::test_the_focus_is_always_seen_and_goes_in_the_order_of_the_page",
    ),
    Check(
        _("every bar and strip has its numbers in words"),
        "test_following_every_link.py::test_every_bar_is_an_image_with_its_numbers_in_words",
    ),
    Check(_("nothing moves or blinks"), "test_styles.py::test_nothing_moves"),
    Check(
        _("a commitment is printed with its whole history and every address"),
        "test_printing.py::test_a_commitment_is_printed_with_its_whole_history_and_every_address",
    ),
    Check(
        _("Lighthouse gives the home page, the list and a commitment 100 of 100 for accessibility"),
        "test_measured_by_lighthouse.py::test_a_page_has_all_hundred_points",
    ),
    Check(
        _("every page can be left at once, with a keyboard and without JavaScript too"),
        "test_leaving_quickly.py::test_both_links_leave_without_javascript",
    ),
)
