"""Staff may give a commitment's texts and a department's name in Welsh; where they have not, the English stands in."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from tests.desk import Desk, make_staff
from tests.examples import (
    draft_commitment,
    draft_update,
    make_commitment,
    make_department,
    publish_as_approver,
    small_files,
    write_files,
)
from tests.migrating import migrate
from tests.reading import Page, read_page, read_text
from tracker.auditing import find_broken_invariants
from tracker.models import Commitment, Department, LogEntry, Revision, StatusUpdate

pytestmark = pytest.mark.usefixtures("empty_register")

TITLE, SUMMARY = "Adrodd gorfodol", "Dyletswydd gyfreithiol i roi gwybod am gam-drin."
REASON = "Cyflwynwyd bil yn Senedd San Steffan, a dyna gam pendant."
WELSH = {"title_cy": TITLE, "summary_cy": SUMMARY}


def find_english(page: Page) -> list[str]:
    """Return what a Welsh page says is in English."""
    return [read_text(each) for each in page.find_all("span") if each.get("lang") == "en"]


def make_commitment_in_welsh() -> Commitment:
    made = make_commitment(**WELSH)
    publish_as_approver(draft_update(made, reason_cy=REASON))
    return made


def test_the_welsh_page_and_the_welsh_list_show_it(client):
    made = make_commitment_in_welsh()
    page = read_page(client, "/cy/commitments/REV-1/")
    assert page.headings[0].endswith(TITLE)
    assert [words for words in (SUMMARY, REASON) if words not in page.main] == []
    assert [words for words in (made.title, made.summary) if words in find_english(page)] == []
    assert TITLE in read_page(client, "/cy/commitments/").rows[0][1]


def test_the_english_page_shows_the_english_alone(client):
    make_commitment_in_welsh()
    page = read_page(client, "/commitments/REV-1/")
    assert [words for words in (TITLE, SUMMARY, REASON) if words in page.html] == []


def test_where_there_is_none_the_english_stands_in_and_says_so(client):
    made = make_commitment()
    update = publish_as_approver(draft_update(made))
    english = find_english(read_page(client, "/cy/commitments/REV-1/"))
    assert [words for words in (made.title, made.summary, update.reason) if words not in english] == []


def test_the_log_tells_of_it_only_where_there_is_some():
    make_commitment_in_welsh()
    publish_as_approver(draft_update(make_commitment("REV-2")))

    def find_facts(subject: str) -> dict[str, Any]:
        return LogEntry.objects.get(subject=subject).content

    told, untold = find_facts("commitments/REV-1"), find_facts("commitments/REV-2")
    assert {name: told.get(name) for name in WELSH} == WELSH
    assert set(told) - set(untold) == set(WELSH)
    assert find_facts("commitments/REV-1#update-1")["reason_cy"] == REASON
    assert "reason_cy" not in find_facts("commitments/REV-2#update-1")
    assert list(find_broken_invariants()) == []


def test_staff_give_it_for_what_is_public_with_a_reason_and_two_people(client):
    commitment = make_commitment()
    editor, reviewer = Desk(make_staff("edith", "Editor")), Desk(make_staff("rita", "Reviewer"))
    editor.change(commitment, {"title_cy": TITLE, "reason_for_change": "Somebody has now written it in Welsh too."})
    (revision,) = Revision.objects.all()
    assert revision.changes == {"title_cy": {"before": "", "after": TITLE}}
    reviewer.decide(revision, "_publish")
    assert read_page(client, "/cy/commitments/REV-1/").headings[0].endswith(TITLE)
    assert list(find_broken_invariants()) == []


def test_the_registers_files_may_hold_it_and_need_not(tmp_path, on_21_november_2026):
    files = small_files()
    one, other = files["commitments/the-review.json"]
    updates = [update | {"reason_cy": REASON} for update in one["updates"]]
    folder = write_files(tmp_path, files | {"commitments/the-review.json": [one | WELSH | {"updates": updates}, other]})
    for _ in range(2):  # the second load finds nothing to do
        call_command("load_register", folder, stdout=io.StringIO())
    assert dict(Commitment.objects.values_list("reference", "title_cy")) == {"REV-1": TITLE, "REV-2": ""}
    assert set(StatusUpdate.objects.values_list("commitment__reference", "reason_cy")) == {("REV-1", REASON)}
    assert LogEntry.objects.filter(kind="load").count() == 1


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_way_back_and_forth_keeps_what_is_public(transactional_db):
    publish_as_approver(draft_update(make_commitment()))
    before = list(LogEntry.objects.order_by("sequence").values())
    migrate("0007_distressing_detail")
    migrate()
    assert list(LogEntry.objects.order_by("sequence").values()) == before
    assert list(find_broken_invariants()) == []


# --- Departments -----------------------------------------------------------------------------


HOME_OFFICE = "Y Swyddfa Gartref"


def test_a_department_is_called_by_its_welsh_name_wherever_a_welsh_page_names_it(client):
    commitment = make_commitment(department=make_department(name_cy=HOME_OFFICE), **WELSH)
    page = read_page(client, "/cy/departments/home-office/")
    assert page.headings[0].endswith(HOME_OFFICE)
    assert page.title.startswith(f"{HOME_OFFICE} - ")
    for address in (
        "/cy/",
        "/cy/departments/",
        "/cy/commitments/",
        "/cy/commitments/?department=home-office",
        commitment.get_absolute_url().replace("/", "/cy/", 1),
    ):
        assert (address, HOME_OFFICE in read_page(client, address).main) == (address, True)
    listed = read_page(client, "/cy/commitments/?department=home-office")
    assert [words for words in find_english(page) + find_english(listed) if words == "Home Office"] == []
    english = read_page(client, "/departments/home-office/")
    assert (english.headings[0].endswith("Home Office"), HOME_OFFICE in english.html) == (True, False)


def test_a_supporting_department_is_called_by_its_welsh_name_too(client):
    other = make_department("welsh-government", name_cy="Llywodraeth Cymru")
    commitment = draft_commitment("REV-1")
    commitment.supporting.set([other])
    publish_as_approver(commitment)
    page = read_page(client, "/cy/commitments/REV-1/")
    assert page.links_named("Llywodraeth Cymru") == ["/cy/departments/welsh-government/"]


def test_the_title_of_a_welsh_page_is_welsh_and_tells_no_more_than_the_english(client):
    make_commitment(title_cy="Adrodd gorfodol am gam-drin plant yn rhywiol")
    page = read_page(client, "/cy/commitments/REV-1/")
    assert page.title.startswith("REV-1: Adrodd gorfodol am … yn … - ")
    (shared,) = [each.get("content") for each in page.find_all("meta") if each.get("property") == "og:title"]
    assert shared.startswith("REV-1: Adrodd gorfodol am gam-drin plant yn rhywiol - ")


def test_the_files_may_name_a_department_in_welsh(tmp_path, on_21_november_2026):
    files = small_files()
    first, *others = files["departments.json"]
    named = files | {"departments.json": [first | {"name_cy": HOME_OFFICE}, *others]}
    call_command("load_register", write_files(tmp_path / "new", named), stdout=io.StringIO())
    assert Department.objects.get(slug=first["slug"]).facts()["name_cy"] == HOME_OFFICE


def test_a_load_leaves_a_published_name_without_welsh_as_it_is(tmp_path, on_21_november_2026):
    files = small_files()
    first, *others = files["departments.json"]
    call_command("load_register", write_files(tmp_path / "old", files), stdout=io.StringIO())
    named = files | {"departments.json": [first | {"name_cy": HOME_OFFICE}, *others]}
    call_command("load_register", write_files(tmp_path / "new", named), stdout=io.StringIO())
    assert "name_cy" not in Department.objects.get(slug=first["slug"]).facts()
    assert list(find_broken_invariants()) == []
