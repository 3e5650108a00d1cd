"""The desk shows staff what waits, what is missing and who did what; the public never sees who they are."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desk import Desk, address_of, clean, history_of, make_staff, read_messages, read_text, review_address
from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tracker.models import (
    Check,
    Commitment,
    LogEntry,
    Petition,
    Revision,
    SignInFailure,
    StatusUpdate,
    SupportService,
    Topic,
    User,
    Withdrawal,
)
from tracker.publishing import send_back, submit

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

REASON = "A reason that is long enough for the public to read."


# --- My desk ----------------------------------------------------------------------------------------


def read_desk(desk: Desk) -> dict[str, tuple[int, str, list[str]]]:
    """Return the queues of the first page: title, then count, address and the first rows of each."""
    page = desk.get("/admin/").content.decode()
    found = {}
    for section in re.findall(r'<section class="module desk__queue[^"]*".*?</section>', page, re.DOTALL):
        address, title, count = re.findall(r'<a href="([^"]+)">([^<]+)</a> <span class="desk__count">(\d+)<', section)[
            0
        ]
        rows = [clean(row) for row in re.findall(r"<li>(.*?)</li>", section, re.DOTALL)]
        found[title] = (int(count), address.replace("&amp;", "&"), [row for row in rows if row != "Nothing here."])
    return found


def make_queues(*references: str, department: str = "home-office") -> list[Commitment]:
    """Make a commitment for each of the queues about commitments, in their order."""
    lead = make_department(department)
    made = [make_commitment(reference, department=lead) for reference in references]
    overdue, due, unchecked, weak, still_open, claimed = made
    publish_as_approver(draft_milestone(overdue, "2026-11-20"))
    publish_as_approver(draft_update(overdue, "2026-11-01", reason="The milestone “First report” was missed."))
    publish_as_approver(draft_update(due, "2026-11-01"))
    publish_as_approver(draft_milestone(due, "2026-12-21"))
    publish_as_approver(draft_update(unchecked, "2026-08-22", author=None))
    news = make_document("the-news", origin="independent", strength="weak")
    publish_as_approver(draft_update(weak, "2026-11-01", evidence={"document": news}))
    publish_as_approver(draft_milestone(still_open, "2027-06-30"))
    publish_as_approver(
        draft_update(still_open, "2026-11-01", status="delivered", reason="All but “First report” was done by then.")
    )
    publish_as_approver(draft_update(claimed, "2026-11-01"))
    publish_as_approver(draft_update(claimed, "2026-11-02", basis="claim", status="delivered"))
    return made


LISTED = "/admin/tracker/commitment/?desk="


def test_the_first_page_counts_and_links_what_the_register_needs():
    made = make_queues(*(f"REV-{number}" for number in range(1, 7)))
    rows = [[str(commitment)] for commitment in made]
    assert read_desk(Desk(make_staff("edith", "Editor"))) == {
        "Awaiting my review": (0, "/admin/queue/review/", []),
        "Sent back to me": (0, "/admin/queue/returned/", []),
        "My drafts": (0, "/admin/queue/drafts/", []),
        "Overdue": (1, f"{LISTED}overdue", rows[0]),
        "Due in 30 days": (1, f"{LISTED}due", rows[1]),
        "Not checked for 90 days": (1, f"{LISTED}unchecked", rows[2]),
        "A status on weak documents only": (1, f"{LISTED}weak", rows[3]),
        "Delivered, but a milestone is open": (1, f"{LISTED}open-milestone", rows[4]),
        "The body says something else": (1, f"{LISTED}claim", rows[5]),
    }


def test_each_link_leads_to_the_rows_that_were_counted():
    make_queues(*(f"REV-{number}" for number in range(1, 7)))
    make_queues(*(f"DFE-{number}" for number in range(7, 13)), department="department-for-education")
    for departments in ([], [make_department("home-office")], [make_department("treasury")]):
        desk = Desk(make_staff(f"anna-{len(User.objects.all())}", "Editor", *departments))
        for count, address, rows in list(read_desk(desk).values())[3:]:
            listed = desk.get(address).context["cl"].result_list
            assert (count, sorted(rows)) == (len(listed), sorted(str(row) for row in listed))


def test_a_limited_persons_first_page_is_about_what_her_departments_lead():
    make_queues(*(f"REV-{number}" for number in range(1, 7)))
    others = make_queues(*(f"DFE-{number}" for number in range(7, 13)), department="department-for-education")
    for commitment in (others[0], Commitment.objects.get(reference="REV-1")):
        submit(draft_update(commitment, "2026-11-02"), by=User.objects.get(username="author"))
    desk = read_desk(Desk(make_staff("rita", "Reviewer", make_department("department-for-education"))))
    assert [(count, len(rows)) for count, _, rows in desk.values()] == [(1, 1), *[(0, 0)] * 2, *[(1, 1)] * 6]
    assert desk["Awaiting my review"][2] == ["Status update: DFE-7: In progress as of 2026-11-02"]


def test_every_kind_of_draft_waits_in_one_queue_oldest_first():
    rows = make_drafts(1)
    author = User.objects.get(username="author")
    for minute, row in enumerate(rows):
        at = f"2026-11-20T12:{minute:02}Z"
        type(row).objects.filter(pk=row.pk).update(author=author, submitted_at=at)
    reviewer = Desk(make_staff("rita", "Reviewer"))
    names = [f"{row._meta.verbose_name.capitalize()}: {row}" for row in rows]
    assert read_desk(reviewer)["Awaiting my review"][::2] == (len(rows), names[:5])
    queue = reviewer.get("/admin/queue/review/")
    links = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', queue.content.decode())
    assert [(address, clean(name)) for address, name in links] == [
        (review_address(row), name) for row, name in zip(rows, names, strict=True)
    ]
    assert {reviewer.get(address).status_code for address, _ in links} == {200}
    assert read_desk(Desk(author_with_role(author)))["Awaiting my review"][0] == 0


def author_with_role(author: User) -> User:
    author.is_staff = True
    author.save()
    author.groups.set(make_staff("rosa", "Reviewer").groups.all())
    return author


def test_a_person_finds_her_drafts_and_what_was_sent_back_to_her():
    edith, erna = make_staff("edith", "Editor"), make_staff("erna", "Editor")
    commitment = make_commitment()
    begun, returned, _ = (draft_update(commitment, f"2026-11-0{day}", author=edith) for day in (1, 2, 3))
    submit(returned, by=edith)
    send_back(returned, note=REASON)
    submit(StatusUpdate.objects.latest("pk"), by=edith)
    draft_update(commitment, "2026-11-04", author=erna)
    desk = Desk(edith)
    queues = read_desk(desk)
    assert queues["Sent back to me"][::2] == (1, [f"Status update: {returned}"])
    assert queues["My drafts"][::2] == (1, [f"Status update: {begun}"])
    assert REASON in read_text(desk.get("/admin/queue/returned/"))
    assert queues["Awaiting my review"][0] == 0


def test_a_long_queue_has_pages():
    commitment, edith = make_commitment(), make_staff("edith", "Editor")
    for day in range(1, 52):
        draft_update(commitment, D("2026-05-01").replace(day=1 + day % 28).isoformat(), author=edith)
    desk = Desk(edith)
    assert read_desk(desk)["My drafts"][0] == 51
    pages = [read_text(desk.get(f"/admin/queue/drafts/?page={page}")) for page in (1, 2)]
    assert [page.count("Status update: ") for page in pages] == [50, 1]
    assert "Page 1 of 2 Next" in pages[0]


# --- Few queries ------------------------------------------------------------------------------------


def make_drafts(number: int) -> list[Any]:
    """Make a draft of every kind, each about nouns of its own."""
    commitment = make_commitment(
        f"REV-{number}",
        department=make_department(f"department-{number}"),
        programme=make_programme(f"programme-{number}"),
    )
    other = make_commitment(f"SEE-{number}", number=number + 100)
    milestone = publish_as_approver(draft_milestone(commitment, title=f"Report {number}"))
    document = make_document(f"document-{number}")
    author = {"author": User.objects.get_or_create(username="author")[0]}
    programme = make_programme().__class__(
        slug=f"new-{number}",
        name=f"Programme {number}",
        published_on=D("2024-01-01"),
        document=document,
        expected_commitments=0,
    )
    programme.save()
    words = {"title": {"before": commitment.title, "after": "Other"}}
    return [
        draft_update(commitment, evidence={"document": document}),
        draft_response(commitment, document=document),
        draft_milestone(commitment, title=f"Second report {number}"),
        draft_step(milestone, "2024-05-01", met_on="2024-05-01"),
        draft_funding(commitment, document=document),
        Check.objects.create(commitment=commitment, checked_on=D("2024-05-01"), note="Hansard", **author),
        Revision.objects.create(target=commitment, changes=words, reason=REASON, **author),
        Withdrawal.objects.create(commitment=commitment, reason=REASON, **author),
        draft_commitment(f"NEW-{number}", number=number + 200),
        draft_relation(commitment, other),
        draft_document(f"draft-{number}"),
        Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}"),
        programme,
        Petition.objects.create(
            number=number,
            title="A petition",
            state="open",
            parliament="2024",
            ask="Do it.",
            outcome="partly-met",
            document=document,
        ),
        SupportService.objects.create(name=f"Service {number}", used_for="All", phone="1"),
    ]


def count_queries(desk: Desk, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(address)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    return len(queries)


# For each list the queries of the list and, where rows are added by hand, of the empty form.
QUERIES = {
    "tracker/commitment": (13, 8),
    "tracker/statusupdate": (12, 8),
    "tracker/response": (12, 8),
    "tracker/milestone": (12, 8),
    "tracker/milestoneupdate": (12, 8),
    "tracker/funding": (12, 8),
    "tracker/check": (12, 8),
    "tracker/withdrawal": (12, 8),
    "tracker/relation": (9, 8),
    "tracker/revision": (11, None),
    "tracker/document": (11, 7),
    "tracker/department": (9, 7),
    "tracker/programme": (9, 7),
    "tracker/topic": (9, 7),
    "tracker/petition": (9, 7),
    "tracker/supportservice": (9, 7),
    "tracker/user": (11, 9),
    "tracker/signinfailure": (12, None),
    "tracker/logentry": (11, None),
    "admin/logentry": (12, None),
}
OTHERS = {"/admin/": 23, "/admin/queue/review/": 9}


def count_all(desk: Desk) -> dict[str, Any]:
    counted: dict[str, Any] = {}
    for name, (_, of_form) in QUERIES.items():
        form = None if of_form is None else count_queries(desk, f"/admin/{name}/add/")
        counted[name] = (count_queries(desk, f"/admin/{name}/"), form)
    return counted | {address: count_queries(desk, address) for address in OTHERS}


def test_no_page_of_the_desk_asks_more_of_three_rows_than_of_one():
    make_drafts(1)
    SignInFailure.objects.create(username="x", step="password")
    desk = Desk(make_staff("maria", "Manager"))
    StaffLogEntry.objects.create(user=User.objects.get(username="maria"), action_flag=2, object_repr="x")
    count_all(desk)  # what is kept in memory from the first page on is asked for once
    of_one = count_all(desk)
    for number in (2, 3):
        make_drafts(number)
        SignInFailure.objects.create(username="x", step="password")
        StaffLogEntry.objects.create(user=make_staff(f"erna-{number}", "Editor"), action_flag=2, object_repr="x")
    of_three = count_all(desk)
    assert of_one == QUERIES | OTHERS
    assert of_three == QUERIES | OTHERS


# --- Histories --------------------------------------------------------------------------------------


def read_history(desk: Desk, row: Any) -> list[list[str]]:
    """Return the lines of a history, newest first: who, what, before and after; the time is checked apart."""
    page = desk.get(history_of(row)).content.decode()
    table = page.split('id="change-history"', 1)[1].split("</table>", 1)[0]
    lines = [re.findall(r"<td>(.*?)</td>", line, re.DOTALL) for line in table.split("<tr>")[2:]]
    for line in lines:
        assert re.fullmatch(r"21 November 2026, 12:00|\d+ \w+ \d{4}, \d\d:\d\d", clean(line[0]))
    return [[clean(cell) for cell in line[1:]] for line in lines]


def test_a_history_says_who_did_what_when_and_what_was_there_before():
    commitment = make_commitment()
    edith = Desk(make_staff("edith", "Editor"))
    rita = Desk(make_staff("rita", "Reviewer"))
    fields = {"commitment": commitment.pk, "status": "in-progress", "as_of": "2026-11-01", "reason": "Short"}
    cited = {"evidence-0-document": make_document().pk, "evidence-0-note": "First note."}
    edith.add("statusupdate", fields | cited)
    update = StatusUpdate.objects.get()
    edith.change(update, {"reason": REASON, "evidence-0-note": "Second note."}, press="_submit")
    rita.decide(update, "_send_back", note=REASON)
    edith.change(update, {}, press="_submit")
    rita.decide(update, "_publish")
    found = read_history(rita, update)
    assert [line[:2] for line in found] == [
        ["rita", "Published"],
        ["edith", "Submitted"],
        ["rita", "Sent back"],
        ["edith", "Submitted"],
        ["edith", "Changed"],
        ["edith", "Created"],
    ]
    assert f"Reason Short → {REASON}" in found[4][2]
    parts = read_text(rita.get(history_of(update))).split("What it cites ", 1)[1]
    assert [
        note in parts for note in ("edith Created The report First note.", "edith Changed The report Second note.")
    ] == [
        *(True, True),
    ]
    state = update.history.last()
    assert "Short" in read_text(rita.get(f"{history_of(update)}{state.pk}/"))


def test_changes_of_permission_are_in_a_history_and_so_is_what_staff_did():
    maria = Desk(make_staff("maria", "Manager"))
    anna = make_staff("anna", "Editor")
    reviewer = make_staff("rita", "Reviewer").groups.get()
    maria.change(anna, {"groups": [reviewer.pk], "departments": [make_department().pk]})
    newest = " ".join(" ".join(line) for line in read_history(maria, anna))
    assert [words in newest for words in ("maria", "Editor", "Reviewer", "Home Office")] == [True] * 4
    did = read_text(maria.get("/admin/admin/logentry/"))
    assert "maria Commitments Register | user anna Changed Roles and Departments." in did


# --- No names in public -----------------------------------------------------------------------------

MARKER = "zqxstaffzqx"


def find_addresses(page: str) -> set[str]:
    return {address for address in re.findall(r'href="(/[^"#?]*)', page) if not address.startswith("/static")}


def test_no_name_of_staff_is_anywhere_in_public(tmp_path):
    edith, rita, maria = (Desk(make_staff(f"{MARKER}-{role}", role)) for role in ("Editor", "Reviewer", "Manager"))
    User.objects.update(first_name=MARKER, last_name=MARKER, email=f"{MARKER}@example.org")
    commitment, document = make_commitment(), make_document()
    walk(edith, rita, maria, commitment, document)
    public = Client()
    seen, waiting = {}, {"/"}
    while waiting:
        address = waiting.pop()
        answer = public.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[address] = body.decode(errors="replace") + str(answer.headers)
        waiting |= find_addresses(seen[address]) - seen.keys() - {"/accounts/login/"}
    assert commitment.get_absolute_url() in seen
    assert document.get_absolute_url() in seen
    assert [address for address, page in seen.items() if MARKER in page] == []
    assert [entry for entry in LogEntry.objects.all() if MARKER in f"{entry.subject} {entry.content}"] == []
    assert LogEntry.objects.filter(kind__in=("status-update", "revision", "check", "funding")).count() == 4


def walk(edith: Desk, rita: Desk, maria: Desk, commitment: Commitment, document: Any) -> None:
    """Let three people do a bit of everything."""
    update = {"commitment": commitment.pk, "status": "in-progress", "as_of": "2026-11-01", "reason": REASON}
    cited = {"evidence-0-document": document.pk, "evidence-0-note": "What it shows."}
    edith.add("statusupdate", update | cited, press="_submit")
    rita.decide(StatusUpdate.objects.get(), "_send_back", note=REASON)
    edith.change(StatusUpdate.objects.get(), {"reason": REASON + " More."}, press="_submit")
    rita.decide(StatusUpdate.objects.get(), "_publish")
    maria.change(commitment, {"title": "Other words", "reason_for_change": REASON})
    rita.decide(Revision.objects.get(), "_publish")
    edith.act("commitment", "record_check", commitment, _checked="1", note="Hansard")
    rita.act("check", "publish_those_without_warnings", Check.objects.get())
    money = {"commitment": commitment.pk, "stage": "spent", "amount_gbp": "5", "on": "2026-11-01"}
    maria.add("funding", money | {"document": document.pk}, press="_submit")
    answer = rita.decide(commitment.funding.get(), "_publish")
    assert read_messages(answer)[0].startswith("Published.")
    call_command("check_register", verbosity=0)


def test_the_desks_own_pages_are_never_kept():
    commitment, desk = make_commitment(), Desk(make_staff("edith", "Editor"))
    update = draft_update(commitment)
    for address in ("/admin/", address_of(commitment), review_address(update), history_of(update)):
        assert "no-store" in desk.get(address).headers["Cache-Control"], address
