"""Making things public: one transaction, the pointers, one entry of the log."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import (
    REASON,
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
    make_document,
    make_person,
    publish_as_approver,
)
from tracker.auditing import find_broken_invariants
from tracker.merkle import grow, hash_span
from tracker.models import (
    Commitment,
    Evidence,
    LogEntry,
    LogHead,
    LogNode,
    Milestone,
    MilestoneUpdate,
    Response,
    StatusUpdate,
)
from tracker.publishing import (
    AlreadyPublished,
    PublicationRefused,
    find_milestone_pointers,
    find_pointers,
    publish,
    publish_batch,
    publish_status_update,
)
from tracker.statuses import CLOSED, Refusal, Status
from tracker.verify import hash_content

pytestmark = pytest.mark.usefixtures("empty_register")

POINTERS = ("current_update", "current_claim", "current_response", "status_since", "next_due_on", "met_on_time")
NO_POINTERS = dict.fromkeys(POINTERS)


def read_pointers(commitment: Commitment) -> dict[str, Any]:
    stored = Commitment.objects.get(pk=commitment.pk)
    return {name: getattr(stored, name) for name in POINTERS}


def read_log() -> list[tuple[int, str, str]]:
    return list(LogEntry.objects.order_by("sequence").values_list("sequence", "kind", "subject"))


# --- One status update -----------------------------------------------------------------------


def test_a_published_update_becomes_the_current_one():
    commitment = make_commitment()
    update = draft_update(commitment, "2024-03-01", status="in-progress")

    publish_status_update(update, by=make_person("approver"))

    assert read_pointers(commitment) == NO_POINTERS | {"current_update": update, "status_since": D("2024-03-01")}
    stored = StatusUpdate.objects.get(pk=update.pk)
    head = LogEntry.objects.latest("sequence")
    assert (stored.number, stored.strength, stored.published_at) == (1, "strong", head.at)
    assert (stored.author.username, stored.approver.username) == ("author", "approver")


def test_a_publication_appends_one_entry_that_holds_what_became_public():
    commitment = make_commitment()
    before = LogEntry.objects.latest("sequence")

    entry = publish_status_update(draft_update(commitment), by=make_person("approver"))

    content = {
        "status": "in-progress",
        "as_of": "2024-03-01",
        "reason": REASON,
        "evidence": [{"document": "the-report", "note": "Says what was done."}],
    }
    entries = list(LogEntry.objects.filter(sequence__gt=before.sequence))
    assert entries == [entry]
    stored = entries[0]
    assert stored.sequence == before.sequence + 1
    assert (stored.kind, stored.subject, stored.batch) == ("status-update", "commitments/REV-1#update-1", None)
    assert stored.content == content
    assert stored.content_hash == hash_content(stored.salt, content)
    assert stored.leaf_hash == stored.compute_leaf_hash()
    head = LogHead.objects.get()
    leaves = [bytes.fromhex(leaf) for leaf in LogEntry.objects.order_by("sequence").values_list("leaf_hash", flat=True)]
    nodes = dict(grow(0, leaves, {}.__getitem__))
    root = hash_span((0, stored.sequence), nodes.__getitem__).hex()
    assert (head.sequence, head.root_hash) == (stored.sequence, root)


def test_the_same_words_have_another_salt_and_another_hash_each_time():
    commitment = make_commitment()

    first, second = (publish(draft_update(commitment), by=make_person("approver")) for _ in range(2))

    assert first.content == second.content
    assert (first.salt, first.content_hash) != (second.salt, second.content_hash)
    assert len(bytes.fromhex(first.salt)) == len(bytes.fromhex(second.salt)) == 16


def test_the_log_holds_no_name_of_staff():
    commitment = make_commitment()

    for record in (draft_update(commitment), draft_response(commitment), draft_milestone(commitment)):
        publish(record, by=make_person("approver"))

    stored = repr(list(LogEntry.objects.values_list("kind", "subject", "content")))
    assert [name for name in ("author", "approver") if name in stored] == []


# --- Who may publish -------------------------------------------------------------------------


def test_nobody_publishes_what_they_wrote():
    commitment = make_commitment()
    update = draft_update(commitment, author=make_person("author"))
    log = read_log()

    with pytest.raises(PublicationRefused) as refused:
        publish_status_update(update, by=make_person("author"))

    assert refused.value.refusals == [Refusal(8, "author", "You wrote this, so somebody else must publish it.")]
    assert (read_pointers(commitment), read_log()) == (NO_POINTERS, log)
    assert list(StatusUpdate.objects.values_list("published_at", "number", "approver", "strength")) == [
        (None, None, None, "")
    ]


def test_nobody_publishes_any_other_record_that_they_wrote():
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment))

    for record in (
        draft_response(commitment),
        draft_funding(commitment),
        draft_milestone(commitment),
        draft_step(milestone, "2024-05-01", met_on="2024-05-01"),
    ):
        with pytest.raises(PublicationRefused, match=r"^REV-1: You wrote this, so"):
            publish(record, by=make_person("author"))
        assert not type(record).objects.get(pk=record.pk).is_published


def test_one_person_alone_may_publish_when_the_setting_says_so(settings):
    settings.TWO_PERSON_RULE = False
    commitment = make_commitment()
    update = draft_update(commitment)

    publish_status_update(update, by=make_person("author"))

    assert read_pointers(commitment)["current_update"] == update


def test_an_author_hears_of_every_broken_rule_at_once():
    update = draft_update(make_commitment(), reason="Short.", evidence=None)

    with pytest.raises(PublicationRefused) as refused:
        publish_status_update(update, by=make_person("author"))

    assert [refusal.rule for refusal in refused.value.refusals] == [1, 1, 8]


# --- What is refused -------------------------------------------------------------------------


def test_what_breaks_a_rule_is_refused_and_leaves_everything_as_it_was():
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment, "2024-03-01"))
    broken = draft_update(commitment, "2024-01-09", reason="Too short.")
    before = read_pointers(commitment), read_log(), list(StatusUpdate.objects.values().order_by("pk"))

    with pytest.raises(PublicationRefused) as refused:
        publish_status_update(broken, by=make_person("approver"))

    assert str(refused.value) == (
        "REV-1: Give the reason in at least 30 characters, so that a reader can see why (10 so far). "
        "The commitment was made on 2024-01-10: a status cannot be true before that day."
    )
    after = read_pointers(commitment), read_log(), list(StatusUpdate.objects.values().order_by("pk"))
    assert after == before


def test_what_is_published_is_not_published_again():
    update = publish_as_approver(draft_update(make_commitment()))
    log = read_log()

    with pytest.raises(AlreadyPublished, match=r"^REV-1: In progress as of 2024-03-01 is published already\.$"):
        publish_status_update(update, by=make_person("approver"))

    assert read_log() == log


def test_a_stale_copy_of_a_published_update_is_not_published_again():
    update = draft_update(make_commitment())
    stale = StatusUpdate.objects.get(pk=update.pk)
    publish_as_approver(update)

    with pytest.raises(AlreadyPublished):
        publish_status_update(stale, by=make_person("approver"))


def test_a_draft_deleted_meanwhile_is_not_published():
    commitment = make_commitment()
    response = draft_response(commitment)
    Response.objects.filter(pk=response.pk).delete()
    log = read_log()

    with pytest.raises(Response.DoesNotExist):
        publish(response, by=make_person("approver"))

    assert (Response.objects.count(), read_log()) == (0, log)


def test_a_failure_after_the_row_was_written_takes_everything_back():
    commitment = make_commitment()
    update = draft_update(commitment)
    log, rows = read_log(), list(StatusUpdate.objects.values())
    # A part of the tree stands where the next one would go, so that the log refuses it at the very end.
    assert log[-1][0] == 4
    LogNode(level=1, index=2, hash="0" * 64).save()
    publish(draft_document("another"), by=make_person("approver"))
    log.append((5, "document", "documents/another"))

    with pytest.raises(Exception, match=r"log_?(entry|node)"), transaction.atomic():
        publish_status_update(update, by=make_person("approver"))

    assert list(StatusUpdate.objects.values()) == rows
    assert read_pointers(commitment) == NO_POINTERS
    assert read_log() == log


# --- Pointers --------------------------------------------------------------------------------


def test_an_update_about_an_earlier_day_joins_the_history_and_is_not_current():
    commitment = make_commitment()
    newest = publish_as_approver(draft_update(commitment, "2024-06-01", status="partly-delivered"))

    backdated = publish_as_approver(draft_update(commitment, "2024-05-31", status="in-progress"))

    assert read_pointers(commitment) == NO_POINTERS | {
        "current_update": newest,
        "status_since": D("2024-06-01"),
    }
    history = commitment.status_updates.newest_first()
    assert [(update.pk, update.number) for update in history] == [(newest.pk, 1), (backdated.pk, 2)]


def test_of_two_updates_about_one_day_the_later_published_is_current():
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment, "2024-06-01", status="partly-delivered"))

    second = publish_as_approver(draft_update(commitment, "2024-06-01", status="in-progress"))

    assert read_pointers(commitment)["current_update"] == second


def test_a_claim_is_shown_beside_the_assessment_and_never_in_its_place():
    commitment = make_commitment()
    assessment = publish_as_approver(draft_update(commitment, "2024-03-01"))

    claim = publish_as_approver(draft_update(commitment, "2024-06-01", basis="claim", status="delivered"))

    assert read_pointers(commitment) == NO_POINTERS | {
        "current_update": assessment,
        "current_claim": claim,
        "status_since": D("2024-03-01"),
    }
    assert LogEntry.objects.latest("sequence").content["basis"] == "claim"


def test_a_status_lasts_since_the_first_of_its_unbroken_updates():
    commitment = make_commitment()
    since = []
    for as_of, status in [
        ("2024-02-01", "in-progress"),
        ("2024-03-01", "partly-delivered"),
        ("2024-04-01", "in-progress"),
        ("2024-05-01", "in-progress"),
        ("2024-03-15", "in-progress"),  # backdated: the run began earlier than was known
        ("2024-04-15", "cannot-be-judged"),  # backdated: it was broken
    ]:
        publish_as_approver(draft_update(commitment, as_of, status=status))
        since.append(read_pointers(commitment)["status_since"].isoformat())

    assert since == ["2024-02-01", "2024-03-01", "2024-04-01", "2024-04-01", "2024-03-15", "2024-05-01"]


def test_a_claim_does_not_break_the_run_of_our_assessments():
    commitment = make_commitment()
    for as_of, basis, status in [
        ("2024-02-01", "assessment", "in-progress"),
        ("2024-03-01", "claim", "delivered"),
        ("2024-04-01", "assessment", "in-progress"),
    ]:
        publish_as_approver(draft_update(commitment, as_of, basis=basis, status=status))

    assert read_pointers(commitment)["status_since"] == D("2024-02-01")


def test_drafts_move_no_pointer():
    commitment = make_commitment()
    draft_update(commitment, "2024-09-01", status="delivered")
    draft_response(commitment, "2024-09-01")
    draft_milestone(commitment)
    published = publish_as_approver(draft_update(commitment, "2024-03-01"))

    assert read_pointers(commitment) == NO_POINTERS | {"current_update": published, "status_since": D("2024-03-01")}


def test_pointers_are_read_afresh_whatever_was_prefetched():
    commitment = make_commitment()
    older, newer = draft_update(commitment, "2024-03-01"), draft_update(commitment, "2024-04-01")
    prefetched = Commitment.objects.prefetch_related("status_updates").get(pk=commitment.pk)
    stale = next(update for update in prefetched.status_updates.all() if update.pk == older.pk)
    publish_as_approver(newer)

    publish_as_approver(stale)

    assert read_pointers(commitment)["current_update"] == newer


def test_the_newest_answer_is_the_current_one():
    commitment = make_commitment()

    first = publish_as_approver(draft_response(commitment, "2024-02-01", answer="accepted"))
    assert read_pointers(commitment) == NO_POINTERS | {"current_response": first}

    second = publish_as_approver(draft_response(commitment, "2024-05-01", answer="rejected"))
    publish_as_approver(draft_response(commitment, "2024-03-01", answer="considering"))
    assert read_pointers(commitment) == NO_POINTERS | {"current_response": second}


def test_what_was_rejected_may_be_called_so_from_that_day_on():
    commitment = make_commitment()
    publish_as_approver(draft_response(commitment, "2024-05-01", answer="rejected"))
    news = make_document("the-news", origin="independent", strength="weak")

    def try_on(as_of):
        draft = draft_update(commitment, as_of, status="will-not-be-done", evidence={"document": news})
        return publish(draft, by=make_person("approver"))

    with pytest.raises(PublicationRefused) as refused:
        try_on("2024-04-30")
    assert [refusal.rule for refusal in refused.value.refusals] == [7]
    assert try_on("2024-05-01").subject == "commitments/REV-1#update-1"


@pytest.mark.parametrize(
    ("mine", "theirs"), [("superseded-by", None), (None, "supersedes")], ids=["by its own relation", "by the other's"]
)
def test_a_linked_successor_allows_replaced_with_a_short_reason(mine, theirs):
    commitment, successor = make_commitment("REV-1"), make_commitment("REV-2")
    draft = draft_update(commitment, status="superseded", reason="A later promise replaced this one.")
    relation = draft_relation(commitment, successor, mine) if mine else draft_relation(successor, commitment, theirs)

    with pytest.raises(PublicationRefused) as refused:
        publish(draft, by=make_person("approver"))
    assert [refusal.rule for refusal in refused.value.refusals] == [6]

    publish_as_approver(relation)
    publish_as_approver(draft)
    assert read_pointers(commitment)["current_update"] == draft


# --- Milestones ------------------------------------------------------------------------------


def read_milestone(milestone: Milestone) -> tuple[str, str, str | None, int]:
    stored = Milestone.objects.get(pk=milestone.pk)
    met_on = stored.met_on and stored.met_on.isoformat()
    return stored.due_on.isoformat(), stored.present_due_on.isoformat(), met_on, stored.days_late


def test_a_milestone_sets_when_the_commitment_is_next_due():
    commitment = make_commitment()
    publish_as_approver(draft_milestone(commitment, "2024-09-30"))
    publish_as_approver(draft_milestone(commitment, "2024-06-30"))

    assert read_pointers(commitment) == NO_POINTERS | {"next_due_on": D("2024-06-30")}


def test_a_moved_milestone_keeps_its_first_date():
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment, "2024-06-30"))

    publish_as_approver(draft_step(milestone, "2024-05-01", due_on="2024-12-31"))
    publish_as_approver(draft_step(milestone, "2024-04-01", due_on="2024-08-31"))  # true earlier, found later

    assert read_milestone(milestone) == ("2024-06-30", "2024-12-31", None, 0)
    assert read_pointers(commitment) == NO_POINTERS | {"next_due_on": D("2024-12-31")}


@pytest.mark.parametrize(
    ("met_on", "days_late", "on_time"), [("2024-06-30", 0, True), ("2024-07-01", 1, False), ("2024-05-02", 0, True)]
)
def test_a_milestone_is_met_on_time_by_its_first_date(met_on, days_late, on_time):
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment, "2024-06-30"))
    publish_as_approver(draft_step(milestone, "2024-05-01", due_on="2024-12-31"))

    publish_as_approver(draft_step(milestone, met_on, met_on=met_on))

    assert read_milestone(milestone) == ("2024-06-30", "2024-12-31", met_on, days_late)
    assert read_pointers(commitment) == NO_POINTERS | {"met_on_time": on_time}


def test_a_commitment_is_met_when_its_last_milestone_is():
    commitment = make_commitment()
    first, second = (publish_as_approver(draft_milestone(commitment, due)) for due in ("2024-06-30", "2024-09-30"))

    publish_as_approver(draft_step(first, "2024-06-30", met_on="2024-06-30"))
    assert read_pointers(commitment) == NO_POINTERS | {"next_due_on": D("2024-09-30")}

    publish_as_approver(draft_step(second, "2024-10-02", met_on="2024-10-02"))
    assert read_pointers(commitment) == NO_POINTERS | {"met_on_time": False}


def test_a_closed_commitment_is_no_longer_due_and_a_reopened_one_is():
    commitment = make_commitment()
    publish_as_approver(draft_milestone(commitment, "2024-06-30"))
    due = []
    for month, status in [("03", "in-progress"), ("04", "not-delivered"), ("05", "in-progress")]:
        publish_as_approver(draft_update(commitment, f"2024-{month}-01", status=status))
        due.append(read_pointers(commitment)["next_due_on"])

    assert due == [D("2024-06-30"), None, D("2024-06-30")]


def test_delivery_waits_for_the_open_milestones_that_are_published():
    commitment = make_commitment()
    milestone = publish_as_approver(draft_milestone(commitment))
    draft_milestone(commitment, title="An idea of ours that nobody has read")
    draft = draft_update(commitment, "2024-07-01", status="delivered")

    with pytest.raises(PublicationRefused) as refused:
        publish(draft, by=make_person("approver"))
    assert [refusal.sentence for refusal in refused.value.refusals] == [
        "The milestone “First report” is still open. Record it as met first, or name it in the reason and say what "
        "became of it."
    ]

    publish_as_approver(draft_step(milestone, "2024-06-30", met_on="2024-06-30"))
    publish_as_approver(draft)
    assert read_pointers(commitment)["current_update"] == draft


def test_a_milestone_set_after_delivery_does_not_break_the_rules_of_that_day():
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment, "2024-03-01", status="delivered"))

    publish_as_approver(draft_milestone(commitment, "2024-12-31", title="Restore what was taken back"))
    publish_as_approver(draft_update(commitment, "2024-06-01", status="in-progress"))

    assert list(find_broken_invariants()) == []


# --- Other nouns, numbers and batches --------------------------------------------------------


def test_each_kind_of_record_is_numbered_on_its_own_in_the_order_of_publication():
    one, other = make_commitment("REV-1"), make_commitment("REV-2")
    drafts = {
        "update a": draft_update(one, "2024-06-01"),
        "update b": draft_update(one, "2024-03-01"),
        "response": draft_response(one),
        "funding": draft_funding(one),
        "milestone": draft_milestone(one),
        "elsewhere": draft_update(other, "2024-03-01"),
    }
    for name in ("update b", "response", "elsewhere", "funding", "update a", "milestone"):
        publish_as_approver(drafts[name])

    assert {name: draft.subject for name, draft in drafts.items()} == {
        "update a": "commitments/REV-1#update-2",
        "update b": "commitments/REV-1#update-1",
        "response": "commitments/REV-1#response-1",
        "funding": "commitments/REV-1#funding-1",
        "milestone": "commitments/REV-1#milestone-1",
        "elsewhere": "commitments/REV-2#update-1",
    }


def test_the_log_counts_from_one_without_a_gap_and_is_sound():
    publish_as_approver(draft_update(make_commitment()))

    assert read_log() == [
        (1, "document", "documents/the-report"),
        (2, "programme", "programmes/the-review"),
        (3, "department", "departments/home-office"),
        (4, "commitment", "commitments/REV-1"),
        (5, "status-update", "commitments/REV-1#update-1"),
    ]
    assert list(find_broken_invariants()) == []


def test_a_redacted_entry_still_verifies():
    publish_as_approver(draft_update(make_commitment()))
    redacted = LogEntry.objects.get(sequence=5)

    redacted.salt = redacted.content = None

    assert redacted.leaf_hash == redacted.compute_leaf_hash()


def test_a_batch_is_one_load_under_its_name_with_an_entry_for_each_row():
    commitment = make_commitment()
    before = LogEntry.objects.latest("sequence").sequence
    records = [draft_response(commitment), draft_update(commitment), draft_document("the-law")]

    load = publish_batch("The register's files", {"documents.json": "0" * 64}, records)

    entries = LogEntry.objects.filter(sequence__gt=before).order_by("sequence")
    assert list(entries.values_list("kind", "subject", "batch")) == [
        ("load", "The register's files", None),
        ("response", "commitments/REV-1#response-1", load.sequence),
        ("status-update", "commitments/REV-1#update-1", load.sequence),
        ("document", "documents/the-law", load.sequence),
    ]
    assert entries[0].content == {"files": {"documents.json": "0" * 64}}
    assert len({entry.at for entry in entries}) == 1
    assert read_pointers(commitment) == NO_POINTERS | {
        "current_update": records[1],
        "current_response": records[0],
        "status_since": D("2024-03-01"),
    }


def test_one_refused_row_refuses_its_whole_batch():
    commitment = make_commitment()
    log = read_log()
    records = [draft_update(commitment), draft_update(commitment, reason="Too short.")]

    with pytest.raises(PublicationRefused):
        publish_batch("The register's files", {}, records)

    assert (read_log(), StatusUpdate.objects.published().count()) == (log, 0)
    assert read_pointers(commitment) == NO_POINTERS


def test_a_published_commitment_is_read_and_a_drafted_one_is_not():
    published = make_commitment("REV-1")
    draft = draft_commitment("REV-2")

    assert list(Commitment.objects.published()) == [published]
    assert list(Commitment.objects.drafts()) == [draft]


# --- Any history at all ----------------------------------------------------------------------

DAYS = st.integers(0, 12).map(lambda day: dt.date(2024, 2, 1) + dt.timedelta(days=day))
EVENTS = st.one_of(
    st.tuples(st.just("assessment"), DAYS, st.sampled_from(Status)),
    st.tuples(st.just("claim"), DAYS, st.sampled_from(Status)),
    st.tuples(st.just("response"), DAYS),
    st.tuples(st.just("milestone"), DAYS),
    st.tuples(st.sampled_from(["met", "moved"]), DAYS, st.integers(0, 2)),
)
LONG_REASON = "The milestone “Step” was named here, together with the policy that replaced this."


def publish_event(commitment: Commitment, milestones: list[Milestone], event: tuple) -> Any:
    kind, day, *rest = event
    if kind in ("assessment", "claim"):
        draft = draft_update(commitment, str(day), status=rest[0], basis=kind, reason=LONG_REASON)
    elif kind == "response":
        draft = draft_response(commitment, str(day))
    elif kind == "milestone":
        draft = draft_milestone(commitment, str(day), title="Step")
        milestones.append(draft)
    elif milestones:
        milestone = milestones[rest[0] % len(milestones)]
        dates = {"met_on": str(day)} if kind == "met" else {"due_on": str(day + dt.timedelta(days=9))}
        draft = draft_step(milestone, str(day), **dates)
    else:
        return None
    return publish_as_approver(draft)


def read_history_slowly(events: list[tuple[tuple, Any]]) -> dict[str, Any]:
    """Tell a commitment's pointers from what was published, in that order, by asking about one day after another."""

    def last(*kinds):
        found = None
        for day in (dt.date(2024, 2, 1) + dt.timedelta(days=number) for number in range(13)):
            for event, row in events:
                if event[0] in kinds and event[1] == day:
                    found = row
        return found

    current, claim, response = last("assessment"), last("claim"), last("response")
    since = None
    if current:
        ours = sorted((row.as_of, row.number, row.status) for event, row in events if event[0] == "assessment")
        breaks = [(as_of, number) for as_of, number, status in ours if status != current.status]
        run = [as_of for as_of, number, status in ours if not breaks or (as_of, number) > breaks[-1]]
        since = run[0]
    dues, is_late = [], []
    milestones = [row for event, row in events if event[0] == "milestone"]
    for milestone in milestones:
        steps = sorted(
            (row.as_of, row.number, row.met_on, row.due_on)
            for event, row in events
            if event[0] in ("met", "moved") and row.milestone_id == milestone.pk
        )
        due, met = milestone.due_on, None
        for _, _, met_on, due_on in steps:
            due, met = due_on or due, met_on
        if met:
            is_late.append(met > milestone.due_on)
        else:
            dues.append(due)
    closed = current is not None and current.status in {str(status) for status in CLOSED}
    return {
        "current_update_id": current and current.pk,
        "current_claim_id": claim and claim.pk,
        "current_response_id": response and response.pk,
        "current_status": current.status if current else "not-yet-checked",
        "current_strength": current.strength if current else "",
        "rests_on_copies": False,  # each cites an official page
        "claim_differs": bool(current and claim and claim.status != current.status),
        "current_answer": response.answer if response else "not-recorded",
        "status_since": since,
        "checked_on": timezone.localdate() if current else None,
        "next_due_on": None if closed or not dues else min(dues),
        "met_on_time": None if dues or not is_late else True not in is_late,
    }


def test_whatever_is_published_in_whatever_order_the_pointers_tell_its_history(at_length: bool):
    commitment = make_commitment()

    @settings(max_examples=100 if at_length else 10, deadline=None, derandomize=True)
    @given(events=st.lists(EVENTS, max_size=9))
    def tell(events):
        point = transaction.savepoint()
        try:
            milestones: list[Milestone] = []
            rows = [(event, publish_event(commitment, milestones, event)) for event in events]
            history = read_history_slowly([(event, row) for event, row in rows if row is not None])
            stored = Commitment.objects.get(pk=commitment.pk)
            assert {name: getattr(stored, name) for name in history} == history
            assert find_pointers(stored) == history
            for milestone in Milestone.objects.all():
                assert find_milestone_pointers(milestone) == {
                    "present_due_on": milestone.present_due_on,
                    "met_on": milestone.met_on,
                }
            assert list(find_broken_invariants()) == []
        finally:
            transaction.savepoint_rollback(point)

    tell()


def test_parts_of_a_published_update_are_published_with_it():
    commitment = make_commitment()
    published = publish_as_approver(draft_update(commitment))
    draft_update(commitment)
    step = draft_step(publish_as_approver(draft_milestone(commitment)), "2024-06-01", met_on="2024-06-01")

    assert [evidence.status_update for evidence in Evidence.objects.published()] == [published]
    assert list(MilestoneUpdate.objects.drafts()) == [step]
