"""What the public has read is never changed or deleted through the models, whichever way is tried; drafts are free."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

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
    make_document,
    make_person,
    publish_as_approver,
)
from tracker.models import (
    Commitment,
    Department,
    Document,
    Evidence,
    LogEntry,
    Milestone,
    MilestoneUpdate,
    Petition,
    Programme,
    Relation,
    StatusUpdate,
    SupportService,
    Topic,
)
from tracker.querysets import HistoryIsAppendOnly

pytestmark = pytest.mark.usefixtures("empty_register")


def make_history() -> dict[str, Any]:
    """Publish one row of each kind of history; return each by name, with a field to change and its new value."""
    commitment = make_commitment()
    update = publish_as_approver(draft_update(commitment))
    milestone = publish_as_approver(draft_milestone(commitment))
    step = publish_as_approver(draft_step(milestone, "2024-05-01", due_on="2024-12-31"))
    return {
        "status update": (update, "reason", "Something else than what was published."),
        "evidence": (update.evidence.get(), "note", "Something else."),
        "response": (publish_as_approver(draft_response(commitment)), "note", "Something else."),
        "milestone": (milestone, "due_on", D("2025-06-30")),
        "milestone update": (step, "due_on", D("2025-12-31")),
        "funding": (publish_as_approver(draft_funding(commitment)), "amount_gbp", 1),
        "log entry": (LogEntry.objects.latest("sequence"), "content", {"status": "delivered"}),
    }


def change(row: Any, field: str, value: Any) -> Any:
    setattr(row, field, value)
    return row


def read_everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in (
            *(Commitment, Document, StatusUpdate, Evidence, Milestone, MilestoneUpdate, Relation, LogEntry),
            Milestone.documents.through,
            MilestoneUpdate.documents.through,
        )
    }


WAYS_TO_CHANGE: dict[str, Callable[[Any, str, Any], Any]] = {
    "save": lambda row, field, value: change(row, field, value).save(),
    "save of one field": lambda row, field, value: change(row, field, value).save(update_fields=[field]),
    "save that claims to be a draft": lambda row, field, value: change(
        change(row, field, value), "published_at", None
    ).save(),
    "save of another object with the same key": lambda row, field, value: type(row)(
        **{each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields} | {field: value}
    ).save(),
    "update": lambda row, field, value: type(row).objects.filter(pk=row.pk).update(**{field: value}),
    "update of all": lambda row, field, value: type(row).objects.update(**{field: value}),
    "bulk update": lambda row, field, value: type(row).objects.bulk_update([change(row, field, value)], [field]),
    "update or create": lambda row, field, value: type(row).objects.update_or_create(
        pk=row.pk, defaults={field: value}
    ),
    "bulk create that merges": lambda row, field, value: type(row).objects.bulk_create(
        [change(row, field, value)],
        update_conflicts=True,
        update_fields=[field],
        unique_fields=[row._meta.pk.name],
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_CHANGE)
def test_published_history_is_not_changed(way):
    history = make_history()
    before = read_everything()

    for name, (row, field, value) in history.items():
        is_new_entry = (name, way) == ("log entry", "save of another object with the same key")
        with pytest.raises(IntegrityError if is_new_entry else HistoryIsAppendOnly), transaction.atomic():
            WAYS_TO_CHANGE[way](row, field, value)
        assert read_everything() == before


WAYS_TO_DELETE: dict[str, Callable[[Any], Any]] = {
    "delete": lambda row: row.delete(),
    "delete of a copy that claims to be a draft": lambda row: change(row, "published_at", None).delete(),
    "delete of a queryset": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    "delete of all": lambda row: type(row).objects.all().delete(),
}


@pytest.mark.parametrize("way", WAYS_TO_DELETE)
def test_published_history_is_not_deleted(way):
    history = make_history()
    before = read_everything()

    for row, _, _ in history.values():
        with pytest.raises(HistoryIsAppendOnly), transaction.atomic():
            WAYS_TO_DELETE[way](row)
        assert read_everything() == before


def test_a_refusal_says_what_cannot_be_done():
    history = make_history()
    update, evidence = history["status update"][0], history["evidence"][0]

    for attempt, sentence in {
        update.save: "A published status update cannot be changed.",
        update.delete: "A published status update cannot be deleted.",
        StatusUpdate.objects.all().delete: "A published status update cannot be deleted.",
        evidence.save: "The evidence of published history cannot be changed.",
        LogEntry.objects.all().delete: "The log is never shortened.",
    }.items():
        with pytest.raises(HistoryIsAppendOnly) as refused:
            attempt()
        assert str(refused.value) == sentence


def test_history_is_not_changed_through_its_commitment():
    history = make_history()
    commitment = Commitment.objects.get()
    update = history["status update"][0]
    law = make_document("the-law")
    before = read_everything()

    for attempt in (
        lambda: commitment.status_updates.update(reason="x" * 40),
        commitment.status_updates.all().delete,
        lambda: commitment.milestones.update(title="Another"),
        update.evidence.all().delete,
        lambda: update.evidence.update(note="Another note"),
        lambda: update.evidence.create(document=law, note="Added later."),
        lambda: update.evidence.add(Evidence(document=law, note="Added."), bulk=False),
    ):
        with pytest.raises(HistoryIsAppendOnly), transaction.atomic():
            attempt()
        assert read_everything() == before


def test_evidence_does_not_move_between_a_draft_and_what_is_published():
    commitment = make_commitment()
    published, draft = publish_as_approver(draft_update(commitment)), draft_update(commitment)
    law = make_document("the-law")
    theirs = draft.evidence.get()
    theirs.document = law

    for evidence, owner in ((theirs, published), (published.evidence.get(), draft)):
        evidence.status_update = owner
        with pytest.raises(HistoryIsAppendOnly):
            evidence.save()
    with pytest.raises(HistoryIsAppendOnly):
        Evidence.objects.bulk_create([Evidence(status_update=published, document=law, note="Added later.")])

    assert [list(update.evidence.values_list("document__identifier", flat=True)) for update in (published, draft)] == [
        ["the-report"],
        ["the-report"],
    ]


@pytest.mark.parametrize("name", ["milestone", "milestone update"])
def test_the_documents_of_a_published_milestone_stay_as_they_are(name):
    row = make_history()[name][0]
    report, law = make_document(), make_document("the-law")
    backward = {"milestone": "milestones", "milestone update": "milestone_updates"}[name]
    before = read_everything()

    for attempt in (
        lambda: row.documents.add(law),
        lambda: row.documents.remove(report),
        row.documents.clear,
        lambda: row.documents.set([law]),
        lambda: row.documents.set([]),
        lambda: row.documents.through.objects.update(document=law),
        row.documents.through.objects.all().delete,
        row.documents.through.objects.get().delete,
        lambda: change(row.documents.through.objects.get(), "document", law).save(),
        lambda: getattr(law, backward).add(row),
        lambda: getattr(report, backward).remove(row),
        getattr(report, backward).clear,
        lambda: getattr(law, backward).set([row]),
    ):
        with pytest.raises(HistoryIsAppendOnly), transaction.atomic():
            attempt()
        assert read_everything() == before


def make_nouns() -> list[models.Model]:
    make_history()
    report = make_document()
    other = make_commitment("REV-2")
    publish_as_approver(draft_relation(Commitment.objects.get(reference="REV-1"), other))
    topic = Topic.objects.create(slug="courts", name="Courts")
    service = SupportService.objects.create(name="A helpline", used_for="Anyone", phone="116 000")
    petition = Petition.objects.create(
        number=1, document=report, title="Do it", state="open", parliament="2024-", ask="Do it.", outcome="partly-met"
    )
    for row in (topic, service, petition):
        publish_as_approver(row)
    return [
        *(Department.objects.get(), report, Programme.objects.get(), other, Relation.objects.get()),
        *(topic, service, petition),
    ]


@pytest.mark.parametrize("way", WAYS_TO_DELETE)
def test_no_published_noun_is_deleted(way):
    for row in make_nouns():
        with pytest.raises(HistoryIsAppendOnly), transaction.atomic():
            WAYS_TO_DELETE[way](row)
        assert type(row).objects.published().filter(pk=row.pk).exists()


def test_a_person_who_wrote_or_approved_history_is_not_deleted():
    publish_as_approver(draft_update(make_commitment()))

    for name in ("author", "approver"):
        with pytest.raises(ProtectedError):
            make_person(name).delete()


def test_an_entry_of_the_log_is_not_written_over_by_another_with_its_number():
    make_history()
    entry = LogEntry.objects.get(sequence=1)
    before = read_everything()

    with pytest.raises(IntegrityError), transaction.atomic():
        LogEntry(sequence=1, at=entry.at, kind="load", subject="x", content_hash="0" * 64, leaf_hash="0" * 64).save()

    assert read_everything() == before


# --- Drafts ----------------------------------------------------------------------------------


def test_drafts_are_changed_and_deleted_freely():
    commitment = make_commitment()
    drafts = {
        "reason": (draft_update(commitment), "A reason that was thought about once more."),
        "note": (draft_response(commitment), "A note."),
        "amount_gbp": (draft_funding(commitment), 7),
        "title": (draft_milestone(commitment), "Another step"),
    }
    for field, (draft, value) in drafts.items():
        change(draft, field, value).save()
        assert getattr(type(draft).objects.get(pk=draft.pk), field) == value
        assert type(draft).objects.filter(pk=draft.pk).update(**{field: value}) == 1
        draft.delete()
        assert not type(draft).objects.filter(pk=draft.pk).exists()
    assert (Evidence.objects.count(), Milestone.documents.through.objects.count()) == (0, 0)


def test_the_evidence_of_a_draft_is_changed_and_deleted_freely():
    draft = draft_update(make_commitment())
    evidence = draft.evidence.get()

    change(evidence, "note", "A better note.").save()
    Evidence.objects.bulk_create([Evidence(status_update=draft, document=make_document("the-law"), note="Law.")])
    Evidence.objects.filter(status_update=draft).update(records_completion=True)

    assert sorted(draft.evidence.values_list("note", "records_completion")) == [
        ("A better note.", True),
        ("Law.", True),
    ]
    evidence.delete()
    draft.evidence.all().delete()
    assert list(draft.evidence.all()) == []


def test_the_documents_of_a_drafted_milestone_are_chosen_freely():
    milestone = draft_milestone(make_commitment())
    law = make_document("the-law")

    milestone.documents.set([law])
    assert list(milestone.documents.all()) == [law]
    milestone.documents.clear()
    assert list(milestone.documents.all()) == []


def test_drafted_nouns_are_deleted_freely():
    make_commitment()
    commitment, document = draft_commitment("REV-2"), draft_document("a-draft")

    commitment.delete()
    Document.objects.drafts().delete()

    assert list(Commitment.objects.values_list("reference", flat=True)) == ["REV-1"]
    assert not Document.objects.filter(pk=document.pk).exists()


def test_drafts_beside_history_are_deleted_without_it():
    commitment = make_commitment()
    published = publish_as_approver(draft_update(commitment))
    draft_update(commitment)

    StatusUpdate.objects.drafts().delete()

    assert list(StatusUpdate.objects.all()) == [published]
