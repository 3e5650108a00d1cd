"""Seven commitments, of which each filter picks some. Their dates are meant to be read on 21 November 2026."""

from typing import Any

from tests.copies import make_once, stopped_clock
from tests.examples import (
    draft_milestone,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tracker.models import Commitment, Topic

SUCCESSOR = "The Act of 2025 replaced the programme, and its duties are with the new authority from now on."


def make_seven_commitments() -> None:
    make_once("seven", _publish_them, at=stopped_clock())


def _publish_them() -> None:
    _make("REV-1", "Open a helpline for children", on="2024-01-10", lead="home-office", helps=["ofsted"])
    _make("REV-2", "Write to every school", on="2024-01-11", lead="home-office", about=["policing", "schools"])
    _make("REV-3", "Train every teacher", on="2024-01-12", lead="education", helps=["home-office"], about=["schools"])
    _make("ACT-1", "Make reporting a duty", on="2025-06-16", lead="justice", helps=["education", "home-office"])
    _make("ACT-2", "Pay for local inquiries", on="2025-06-17", lead="education")
    _make("ACT-3", "Publish the data each year", on="2025-06-18", lead="home-office", about=["policing"])
    _make("ACT-4", "Review the old cases", on="2025-06-19", lead="justice")
    _judge_them()
    _answer_them()
    _date_them()


KINDS = {
    "REV-1": "recommendation",
    "REV-2": "pledge",
    "REV-3": "review",
    "ACT-1": "legislation",
    "ACT-2": "fund",
    "ACT-3": "deadline",
    "ACT-4": "pledge",
}


def _make(reference: str, title: str, *, on: str, lead: str, helps: Any = (), about: Any = ()) -> None:
    commitment = make_commitment(
        reference,
        title=title,
        kind=KINDS[reference],
        made_on=on,
        programme=make_programme("the-act" if reference.startswith("ACT") else "the-review"),
        department=make_department(lead),
    )
    commitment.supporting.set([make_department(slug) for slug in helps])
    commitment.topics.set([make_topic(slug) for slug in about])


def make_topic(slug: str) -> Topic:
    found = Topic.objects.filter(slug=slug).first()
    return found or publish_as_approver(Topic.objects.create(slug=slug, name=slug.capitalize()))


def find(reference: str) -> Commitment:
    return Commitment.objects.get(reference=reference)


def _judge_them() -> None:
    news = make_document("the-news", kind="news", origin="independent", strength="weak", published_on="2025-07-01")
    bill = make_document("the-bill", kind="bill", strength="moderate", published_on="2025-07-02")
    law = make_document("the-law", kind="legislation", published_on="2025-07-03")
    for reference, status, as_of, changes in (
        ("REV-1", "in-progress", "2024-03-01", {}),
        ("ACT-1", "in-progress", "2025-07-01", {"evidence": {"document": news}}),
        ("ACT-2", "partly-delivered", "2025-07-02", {"evidence": {"document": bill}}),
        ("ACT-3", "cannot-be-judged", "2025-07-03", {"evidence": {"document": law}}),
        ("ACT-4", "superseded", "2025-07-04", {"evidence": {"document": law}, "reason": SUCCESSOR}),
        ("REV-2", "delivered", "2024-06-10", {}),
    ):
        publish_as_approver(draft_update(find(reference), as_of, status=status, **changes))


def _answer_them() -> None:
    for reference, answer, on in (
        ("REV-1", "rejected", "2024-02-01"),
        ("REV-1", "accepted", "2024-02-20"),
        ("REV-2", "rejected", "2024-02-01"),
        ("ACT-1", "accepted-in-principle", "2025-07-01"),
        ("ACT-2", "accepted", "2025-07-01"),
    ):
        publish_as_approver(draft_response(find(reference), on, answer=answer))


def _date_them() -> None:
    for reference, due_on, met_on in (
        ("REV-1", "2026-11-20", None),
        ("REV-2", "2024-06-30", "2024-06-30"),
        ("REV-3", "2026-11-21", None),
        ("ACT-1", "2027-01-20", None),
        ("ACT-2", "2025-09-30", "2025-10-01"),
        ("ACT-3", "2027-01-21", None),
        ("ACT-4", "2026-01-01", None),
    ):
        milestone = publish_as_approver(draft_milestone(find(reference), due_on))
        if met_on:
            publish_as_approver(draft_step(milestone, met_on, met_on=met_on))
