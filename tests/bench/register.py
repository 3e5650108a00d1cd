"""A register of any size, made up by a seed: every fact of it, and its pointers and standings as the verbs would leave
them. Only `filling` writes it. Each commitment was published with its whole history in the load of its programme.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

from django.db import connection

from tests.bench.sheets import Sheet
from tests.bench.texts import Texts
from tracker.models import (
    Check,
    Commitment,
    Department,
    Document,
    Evidence,
    Milestone,
    MilestoneUpdate,
    Programme,
    Response,
    Standing,
    StatusUpdate,
    Topic,
)
from tracker.moments import FOREVER
from tracker.publishing.pointers import History, point, point_milestone
from tracker.publishing.standings import find_periods
from tracker.statuses import Answer, Basis, Origin, Status, Strength

SEED = 2026
DEPARTMENTS, PROGRAMMES, TOPICS = 60, 100, 40
FULL = 7  # the commitment with 8 updates and 12 citations, BIG-7
FULL_UPDATES, FULL_CITATIONS = 8, 12
FIRST, LAST = dt.date(2015, 1, 1), dt.date(2025, 12, 31)  # what happened, happened between these days
FIRST_LOAD = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)  # of the groups and documents; the programmes follow
LAST_LOAD = FIRST_LOAD + dt.timedelta(days=3 * PROGRAMMES)
DAYS = [FIRST + dt.timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
LAST_MADE = len(DAYS) - 400  # no commitment is made later than that, so that each has a history
STATUSES = {
    Status.IN_PROGRESS: 30,
    Status.DELIVERED: 18,
    Status.PARTLY_DELIVERED: 15,
    Status.NOT_STARTED: 12,
    Status.NOT_DELIVERED: 8,
    Status.CANNOT_BE_JUDGED: 5,
    Status.SUPERSEDED: 5,
    Status.WILL_NOT_BE_DONE: 4,
    Status.DELIVERED_DIFFERENTLY: 3,
}
ORIGINS = [origin.value for origin in Origin if origin != Origin.PARTISAN_OR_UNKNOWN]
ASSESSMENT, CLAIM = Basis.ASSESSMENT.value, Basis.CLAIM.value
KINDS, CONFIDENCES = Commitment.Kind.values, Commitment.Confidence.values
ANSWERS, DOCUMENT_KINDS = Answer.values, Document.Kind.values
STRENGTHS = [strength.value for strength in Strength]  # strongest first


@dataclass(frozen=True)
class Size:
    commitments: int
    updates: int = 4  # of each commitment
    citations: int = 6

    @property
    def documents(self) -> int:
        return max(200, min(self.commitments // 5, 50_000))


def choose_size(commitments: int) -> Size:
    """Return what each commitment has: one update with one citation where there are half a million or more."""
    return Size(commitments) if commitments < 500_000 else Size(commitments, updates=1, citations=1)


class Register:
    """Fills the sheets of one register; `generate` says after each commitment how many there are."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.chance = random.Random(SEED)  # noqa: S311 - the same register every time
        self.texts = Texts(self.chance)
        models = (Department, Topic, Document, Programme, Commitment, StatusUpdate, Evidence, Response, Milestone)
        about, helped = Commitment.topics.through, Commitment.supporting.through
        models += (MilestoneUpdate, Check, Standing, about, helped)
        self.sheets = {model: Sheet(model) for model in models}
        self.topics, self.supporting = self.sheets[about], self.sheets[helped]
        self.numbers = [0] * (PROGRAMMES + 1)  # the last number in each programme
        self.strengths = [0]  # of each document, as a place in STRENGTHS
        self.is_copy = [False]  # whether each document is one
        # As in life, few bodies answer for much and many for little.
        self.leading = list(accumulate(1 / place for place in range(1, DEPARTMENTS + 1)))
        self.pick_status = partial(
            self.chance.choices, [status.value for status in STATUSES], cum_weights=[*accumulate(STATUSES.values())]
        )
        stamp = connection.ops.adapt_datetimefield_value
        self.forever, self.first_load = stamp(FOREVER), stamp(FIRST_LOAD)
        self.loads = [stamp(FIRST_LOAD + dt.timedelta(days=3 * place)) for place in range(PROGRAMMES + 1)]

    def add(self, model: Any, **facts: Any) -> int:
        return self.sheets[model].add(**facts)

    def pick_day(self, first: dt.date, last: dt.date = LAST) -> dt.date:
        return DAYS[self.chance.randrange((first - FIRST).days, (last - FIRST).days + 1)]

    def pick_document(self) -> int:
        return self.chance.randrange(self.size.documents) + 1

    def generate(self) -> Iterator[int]:
        """Make up everything, commitment by commitment; whoever asks writes the sheets in between."""
        self.make_groups()
        for number in range(1, self.size.commitments + 1):
            self.make_commitment(number)
            yield number

    def make_groups(self) -> None:
        facts = {"published_at": self.first_load}
        for number in range(1, self.size.documents + 1):
            self.make_document(number, facts)
        for number in range(1, DEPARTMENTS + 1):
            kind, name = self.chance.choice(Department.Kind.values), f"Department of {self.texts.draw(2)}"
            self.add(Department, slug=f"department-{number}", name=name, abbreviation=f"D{number}", kind=kind, **facts)
        for number in range(1, TOPICS + 1):
            self.add(Topic, slug=f"topic-{number}", name=self.texts.draw(2).capitalize(), **facts)

    def make_document(self, number: int, facts: dict[str, Any]) -> None:
        self.strengths.append(self.chance.randrange(len(STRENGTHS)))
        self.add(
            Document,
            identifier=f"document-{number}",
            url=f"https://example.org/documents/{number}",
            title=self.texts.write("document"),
            publisher=self.texts.write("publisher"),
            published_on=self.pick_day(FIRST),
            kind=self.chance.choice(DOCUMENT_KINDS),
            origin=(origin := self.chance.choice(ORIGINS)),
            strength=STRENGTHS[self.strengths[number]],
            **facts,
        )
        self.is_copy.append(origin == Origin.OFFICIAL_COPY)

    def make_programmes(self) -> None:
        """Make the programmes, when it is known how many commitments each holds."""
        for number in range(1, PROGRAMMES + 1):
            self.add(
                Programme,
                slug=f"programme-{number}",
                name=f"Programme of {self.texts.draw(3)}",
                description=self.texts.write("summary", "."),
                published_on=FIRST - dt.timedelta(days=10 * number),
                document_id=self.pick_document(),
                expected_commitments=self.numbers[number],
                published_at=self.loads[number],
            )

    def make_commitment(self, number: int) -> None:
        programme = self.chance.randrange(PROGRAMMES) + 1
        made_on, published_at = self.chance.choice(DAYS[:LAST_MADE]), self.loads[programme]
        is_full = number == FULL
        updates = self.make_updates(
            {"commitment_id": number, "published_at": published_at},
            made_on,
            FULL_UPDATES if is_full else self.size.updates,
            FULL_CITATIONS if is_full else self.size.citations,
        )
        history = self.make_rest({"commitment_id": number, "published_at": published_at}, made_on, updates)
        self.numbers[programme] += 1
        self.add_commitment(number, programme, made_on, point(history, dt.date.max))
        for period in find_periods(history):
            self.add(
                Standing,
                commitment_id=number,
                from_on=period.from_on,
                until_on=period.until_on,
                known_from_at=published_at,
                known_until_at=self.forever,
                **period.pointers,
            )

    def add_commitment(self, number: int, programme: int, made_on: dt.date, pointers: dict[str, Any]) -> None:
        department = self.chance.choices(range(1, DEPARTMENTS + 1), cum_weights=self.leading)[0]
        self.add(
            Commitment,
            reference=f"BIG-{number}",
            title=self.texts.write("title"),
            summary=self.texts.write("summary", "."),
            kind=self.chance.choice(KINDS),
            programme_id=programme,
            number=self.numbers[programme],
            source_document_id=self.pick_document(),
            source_locator=f"Recommendation {self.numbers[programme]}",
            made_on=made_on,
            made_by=self.texts.write("made_by"),
            department_id=department,
            confidence=self.chance.choice(CONFIDENCES),
            published_at=self.loads[programme],
            **pointers,
        )
        for topic in self.chance.sample(range(1, TOPICS + 1), 1 + number % 2):
            self.topics.add(commitment_id=number, topic_id=topic)
        helper = self.chance.randrange(3 * DEPARTMENTS) + 1  # one in three has help
        if helper <= DEPARTMENTS and helper != department:
            self.supporting.add(commitment_id=number, department_id=helper)

    def make_updates(self, facts: dict[str, Any], made_on: dt.date, count: int, citations: int) -> list[Any]:
        """Make a commitment's updates, oldest first; the last corrects the one before it on one in thirty."""
        days = sorted(self.pick_day(made_on) for _ in range(count))
        is_corrected = count > 1 and facts["commitment_id"] % 30 == 0
        updates: list[Any] = []
        for place, day in enumerate(days):
            cited = self.cite(citations // count + (place < citations % count))
            update = facts | {
                "number": place + 1,
                "status": self.pick_status()[0],
                "basis": CLAIM if self.chance.random() < 0.1 else ASSESSMENT,
                "as_of": day,
                "reason": self.texts.write("reason", "."),
                "strength": STRENGTHS[min(self.strengths[document] for document in cited)],
                "rests_on_copies": all(self.is_copy[document] for document in cited),
                "corrects_id": updates[-1].pk if is_corrected and place == count - 1 else None,
            }
            key = self.add(StatusUpdate, **update)
            updates.append(SimpleNamespace(pk=key, author_id=None, **update))
            for document in cited:
                note = self.texts.write("note", ".")
                self.add(Evidence, status_update_id=key, document_id=document, note=note)
        return updates

    def cite(self, count: int) -> list[int]:
        first = self.pick_document()
        return [(first + place) % self.size.documents + 1 for place in range(count)]

    def make_rest(self, facts: dict[str, Any], made_on: dt.date, updates: list[Any]) -> History:
        """Make a milestone and, of some, an answer and a check; return them all with the updates."""
        responses, checks = [], []
        if self.chance.random() < 0.6:
            answer = {"answer": self.chance.choice(ANSWERS), "on": self.pick_day(made_on), "number": 1}
            words = {"by": "UK Government", "note": self.texts.write("note", "."), "document_id": self.pick_document()}
            responses.append(SimpleNamespace(pk=self.add(Response, **facts, **answer, **words), **answer))
        if self.chance.random() < 0.1:
            checked_on = self.pick_day(made_on)
            self.add(Check, checked_on=checked_on, number=1, note=self.texts.write("note", "."), **facts)
            checks.append(SimpleNamespace(checked_on=checked_on))
        return History(made_on, updates, responses, checks, [self.make_milestone(facts, made_on)])

    def make_milestone(self, facts: dict[str, Any], made_on: dt.date) -> tuple[Any, list[Any]]:
        """Make a milestone that is met, moved or, most often, neither."""
        due_on = made_on + dt.timedelta(days=self.chance.randrange(60, 3000))
        milestone, steps = SimpleNamespace(due_on=due_on, set_on=made_on), []
        event = self.chance.random()
        if event < 0.45:
            day = self.pick_day(made_on)
            moved = {"due_on": day + dt.timedelta(days=self.chance.randrange(30, 900))}
            happened = {"as_of": day, "number": 1} | ({"met_on": day} if event < 0.3 else moved)
            steps.append(SimpleNamespace(**({"met_on": None, "due_on": None} | happened)))
        stands = point_milestone(milestone, steps, dt.date.max)  # type: ignore[arg-type]
        words = {"title": self.texts.write("milestone"), "due_text": self.texts.write("due_text"), "number": 1}
        key = self.add(Milestone, due_on=due_on, set_on=made_on, **words, **facts, **stands)
        if steps:
            reason = "" if "met_on" in happened else self.texts.write("reason", ".")
            when = {"published_at": facts["published_at"], "milestone_id": key}
            self.add(MilestoneUpdate, reason=reason, **happened, **when)
        return milestone, steps
