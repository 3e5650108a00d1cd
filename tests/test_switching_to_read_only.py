"""A manager stops all writing, and tells readers something, without a deploy: at once and on the record."""

import io
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client

from tests.desk import Desk, address_of, history_of, make_staff, preview_address, read_errors, read_messages, read_text
from tests.examples import (
    draft_document,
    draft_update,
    make_commitment,
    make_department,
    make_person,
    publish_as_approver,
)
from tests.pages import ALL_PAGES
from tests.reading import read_page
from tests.test_handing_out_finished_pages import Site
from tracker.models import Commitment, Document, Evidence, LogEntry, ReadOnly, Redaction, SiteState, StatusUpdate
from tracker.publishing import discard, hold_the_line, publish, publish_batch, send_back, submit, switch_site
from tracker.roles import EDITOR, MANAGER, REVIEWER

WHY = "We move to another machine until noon."
SENTENCE = f"The register is read-only. {WHY} Nothing was changed."
ON_THE_DESK = f"The register is read-only. {WHY} You can read everything; nothing can be saved or published"
NOTICE, NOTICE_CY = "Numbers of this week come on Monday.", "Daw rhifau'r wythnos hon ddydd Llun."
ENGLISH_ON_A_WELSH_PAGE = f'<span lang="en">{NOTICE}</span>'


@pytest.fixture
def update(empty_register: None) -> StatusUpdate:
    SiteState.objects.create(pk=1)
    return draft_update(make_commitment("REV-1", department=make_department("home-office")))


def stop_writing() -> None:
    switch_site(is_read_only=True, reason=WHY)


def count_everything() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (StatusUpdate, Evidence, Document, Commitment, LogEntry)}


def find_refusal(attempt: Callable[[], object]) -> str:
    try:
        with transaction.atomic():
            attempt()
    except ReadOnly as error:
        return str(error)
    return ""


# --- Nothing is written ---------------------------------------------------------------------------


def verbs(update: StatusUpdate) -> dict[str, Callable[[], object]]:
    reviewer = make_person("reviewer")
    return {
        "publish": lambda: publish(update, by=reviewer),
        "publish_batch": lambda: publish_batch("A load", {}, [update]),
        "submit": lambda: submit(update, by=reviewer),
        "send back": lambda: send_back(update, note="Say more about it."),
        "discard": lambda: discard(update),
        "hold the line": lambda: hold_the_line().__enter__(),
        "save a draft": update.save,
        "delete a draft": update.delete,
        "add a draft": lambda: draft_document("the-draft"),
        "add evidence": lambda: Evidence.objects.create(
            status_update=update, document=update.evidence.get().document, note="x"
        ),
        "delete evidence": lambda: update.evidence.get().delete(),
    }


def test_no_verb_and_no_saving_writes_while_the_register_is_read_only(update: StatusUpdate):
    publish_as_approver(make := draft_document("another"))
    tried, before, stored = verbs(update), count_everything(), StatusUpdate.objects.values().get(pk=update.pk)
    stop_writing()
    for name, attempt in tried.items():
        assert find_refusal(attempt) == SENTENCE, name
    assert (count_everything(), StatusUpdate.objects.values().get(pk=update.pk)) == (before, stored)
    switch_site(is_read_only=False, reason="")
    make.refresh_from_db()
    publish_as_approver(update)
    assert update.is_published


def test_words_are_not_redacted_either(update: StatusUpdate):
    publish_as_approver(update)
    author = make_person("author")
    redaction = Redaction.objects.create(phrase=update.reason, reason="court-order", author=author)
    stop_writing()
    with pytest.raises(ReadOnly), transaction.atomic():
        publish(redaction, by=make_person("reviewer"))
    stored = StatusUpdate.objects.get(pk=update.pk)
    assert (stored.reason, LogEntry.objects.filter(content=None).count()) == (update.reason, 0)


def test_files_are_not_loaded(update: StatusUpdate):
    before = count_everything()
    stop_writing()
    with pytest.raises(CommandError, match=SENTENCE):
        call_command("load_register", stdout=io.StringIO())
    said = io.StringIO()
    call_command("load_register", unless_read_only=True, stdout=said)
    assert SENTENCE in said.getvalue()
    assert count_everything() == before


@pytest.mark.parametrize("press", ["_save", "_submit", "_discard"])
def test_whoever_writes_a_draft_is_told_and_keeps_her_words(update: StatusUpdate, press: str):
    desk = Desk(make_staff("anna", EDITOR))
    form = desk.open_form(address_of(update))
    stop_writing()
    answer = desk.post(address_of(update), form | {"reason": "What I have just written, at length.", press: "1"})
    assert answer.status_code == 409
    assert SENTENCE in read_text(answer)
    assert "What I have just written, at length." in read_text(answer)
    update.refresh_from_db()
    assert (update.reason, update.submitted_at) == (form["reason"], None)


def test_whoever_publishes_is_told(update: StatusUpdate):
    submit(update, by=make_person("author"))
    desk = Desk(make_staff("rita", REVIEWER))
    stop_writing()
    for press in ("_publish", "_send_back", "_discard"):
        answer = desk.decide(update, press, note="Please say more about what the page shows.")
        assert (answer.status_code, SENTENCE in read_text(answer)) == (409, True), press
    answer = desk.act("statusupdate", "publish_those_without_warnings", update)
    assert (answer.status_code, SENTENCE in read_text(answer)) == (409, True)
    update.refresh_from_db()
    assert (update.is_published, update.return_note) == (False, "")


def test_new_words_for_what_is_public_are_refused_too(update: StatusUpdate):
    desk = Desk(make_staff("anna", EDITOR))
    stop_writing()
    answer = desk.change(update.commitment, {"title": "Another title", "reason_for_change": WHY})
    assert (answer.status_code, SENTENCE in read_text(answer)) == (409, True)


def test_every_page_of_the_desk_says_so_and_can_be_read(update: StatusUpdate):
    submit(update, by=make_person("author"))
    stop_writing()
    desk = Desk(make_staff("rita", REVIEWER))
    pages = [
        "/admin/",
        "/admin/queue/review/",
        "/admin/tracker/statusupdate/",
        "/admin/tracker/statusupdate/add/",
        f"/admin/review/statusupdate/{update.pk}/",
        address_of(update),
        history_of(update),
        *("/admin/tracker/sitestate/", "/admin/tracker/sitestate/1/change/"),
    ]
    assert {page: ON_THE_DESK in read_text(desk.get(page)) for page in pages} == dict.fromkeys(pages, True)


def test_a_draft_can_still_be_previewed(update: StatusUpdate):
    desk = Desk(make_staff("rita", REVIEWER))
    stop_writing()
    answer = desk.get(preview_address(update))
    assert (answer.status_code, update.reason in read_text(answer)) == (200, True)
    assert not StatusUpdate.objects.get(pk=update.pk).is_published


def test_readers_notice_nothing(update: StatusUpdate, client: Client):
    before = client.get("/commitments/REV-1/").content
    stop_writing()
    assert client.get("/commitments/REV-1/").content == before


@pytest.mark.skipif(
    "not os.environ['DATABASE_URL'].startswith('postgres')", reason="SQLite has one writer at a time in any case"
)
@pytest.mark.django_db(transaction=True)
def test_what_is_being_saved_is_finished_before_the_register_becomes_read_only():
    SiteState.objects.get_or_create(pk=1)
    draft, order = draft_update(make_commitment("REV-1")), []

    def stop() -> None:
        stop_writing()
        order.append("stopped")
        connections.close_all()

    with transaction.atomic():
        draft.reason = "It was saved before anything stopped, at length."
        draft.save()
        thread = Thread(target=stop)
        thread.start()
        thread.join(0.3)  # it waits: nothing tells how long it would
        order.append("saved")
    thread.join(10)
    assert order == ["saved", "stopped"]
    assert find_refusal(draft.save) == SENTENCE


# --- Switching ------------------------------------------------------------------------------------


def open_state(desk: Desk) -> dict[str, Any]:
    return desk.open_form("/admin/tracker/sitestate/1/change/")


def switch(desk: Desk, **fields: str) -> Any:
    return desk.post("/admin/tracker/sitestate/1/change/", open_state(desk) | fields | {"_save": "1"}, follow=True)


def test_a_manager_switches_it_on_and_off_and_the_history_says_who(update: StatusUpdate):
    desk = Desk(make_staff("mary", MANAGER))
    switch(desk, is_read_only="on", reason=WHY)
    assert SiteState.objects.get().is_read_only
    fields = open_state(desk)
    del fields["is_read_only"]
    desk.post("/admin/tracker/sitestate/1/change/", fields | {"reason": "", "_save": "1"})
    publish_as_approver(update)
    changes = SiteState.objects.get().history.all()
    told = [(each.is_read_only, each.reason, getattr(each.history_user, "username", None)) for each in changes]
    assert told == [(False, "", "mary"), (True, WHY, "mary"), (False, "", None)]
    assert "mary" in read_text(desk.get(history_of(SiteState.objects.get())))


def test_a_manager_who_signs_in_while_it_is_read_only_can_switch_it_off(update: StatusUpdate):
    stop_writing()
    person = make_staff("mary", MANAGER)
    person.set_password("correct horse battery")
    person.save()
    client = Client()
    signed_in = client.post("/accounts/login/", {"login": "mary", "password": "correct horse battery"})
    assert (signed_in.status_code, client.session["_auth_user_id"]) == (302, str(person.pk))
    desk = Desk(person)
    fields = open_state(desk)
    del fields["is_read_only"]
    desk.post("/admin/tracker/sitestate/1/change/", fields | {"_save": "1"})
    publish_as_approver(update)


def test_a_reason_is_asked_for_and_a_welsh_notice_has_an_english_one(update: StatusUpdate):
    desk = Desk(make_staff("mary", MANAGER))
    assert read_errors(switch(desk, is_read_only="on")) == {"": ["Say why it is read-only: staff read it."]}
    assert read_errors(switch(desk, notice_cy=NOTICE_CY)) == {"": ["Give the notice in English too."]}
    with pytest.raises(CommandError, match="Say why"):
        call_command("read_only", "on")
    assert SiteState.objects.values_list("is_read_only", "notice_cy").get() == (False, "")


def test_two_managers_do_not_overwrite_each_other(update: StatusUpdate):
    desk = Desk(make_staff("mary", MANAGER))
    opened = open_state(desk)
    switch_site(notice=NOTICE, by=make_person("nia"))
    answer = desk.post("/admin/tracker/sitestate/1/change/", opened | {"notice": "Mine.", "_save": "1"})
    assert read_errors(answer)["notice"] == [f"nia wrote here: “{NOTICE}”"]
    assert SiteState.objects.get().notice == NOTICE


def test_a_command_switches_it_too(update: StatusUpdate):
    said = io.StringIO()
    call_command("read_only", "on", reason=WHY, stdout=said)
    assert (SiteState.objects.get().is_read_only, SiteState.objects.get().reason) == (True, WHY)
    call_command("read_only", "off", stdout=said)
    assert said.getvalue() == "The register is read-only.\nThe register can be written again.\n"
    publish_as_approver(update)


# --- The notice to readers ------------------------------------------------------------------------


@pytest.mark.usefixtures("connection_of_the_test_stays_open")
def test_a_notice_is_on_every_finished_page_at_once_and_gone_at_once(update: StatusUpdate):
    site, other = Site(), Site()
    first = {each: each.get("/topics/") for each in (site, other)}
    switch_site(notice=NOTICE)
    for each in (site, other):
        shown = each.get("/topics/", if_none_match=first[each].headers["ETag"])
        assert (shown.status, NOTICE.encode() in shown.body) == (200, True)
        assert each.get("/topics/", if_none_match=shown.headers["ETag"]).status == 304
    switch_site(notice="")
    assert [NOTICE.encode() in each.get("/topics/").body for each in (site, other)] == [False, False]


@pytest.mark.usefixtures("loaded_register")
def test_every_public_page_has_it_in_both_languages(client: Client):
    switch_site(notice=NOTICE)
    pages = [page.path for page in ALL_PAGES if page.path.startswith("/") and "password" not in page.path]
    without = [path for path in pages if NOTICE not in client.get(path, follow=True).content.decode()]
    assert without == []
    assert ENGLISH_ON_A_WELSH_PAGE in client.get("/cy/topics/").content.decode()
    switch_site(notice=NOTICE, notice_cy=NOTICE_CY)
    welsh = read_page(client, "/cy/topics/").text
    assert (NOTICE_CY in welsh, NOTICE in welsh) == (True, False)
    assert NOTICE in read_page(client, "/topics/").text


def test_its_words_are_words_and_no_markup(update: StatusUpdate, client: Client):
    switch_site(notice="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in client.get("/topics/").content.decode()


def test_no_notice_leaves_no_trace(update: StatusUpdate, client: Client):
    assert 'class="notice' not in client.get("/topics/").content.decode()


def test_a_manager_sees_what_she_told_readers(update: StatusUpdate, client: Client):
    answer = switch(Desk(make_staff("mary", MANAGER)), notice=NOTICE, notice_cy=NOTICE_CY)
    assert "was changed successfully" in read_messages(answer)[0]
    assert NOTICE in read_page(client, "/topics/").text
