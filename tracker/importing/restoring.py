"""Carries out the plan of a package: every row a draft, all published as one batch in the order of their log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tracker.importing.packages import KINDS, THINGS, PackagePlan, Step
from tracker.models import Document, Evidence, LogEntry, Milestone, MilestoneUpdate, Revision, StatusUpdate
from tracker.models.base import Publishable, Record
from tracker.publishing import AT_ONCE, publish_groups

Report = Callable[[int], object]  # is told how many rows were published


class CannotBeLoaded(Exception):
    """Raised with a sentence when a package does not become the register that it was; nothing is written then."""


def restore_package(plan: PackagePlan, *, report: Report) -> LogEntry:
    """Publish what a package holds in an empty register, and return the load's log entry.

    Raises CannotBeLoaded, or PublicationRefused where a rule is broken; then nothing is written.
    """
    with transaction.atomic():
        _refuse_what_stands()
        return publish_groups(f"The package {plan.name}", {plan.name: plan.sha256}, _Restorer(report).write_all(plan))


def _refuse_what_stands() -> None:
    for model in (kind.model for kind in KINDS):
        if model._base_manager.exists():
            raise CannotBeLoaded(
                f"A package is loaded into an empty register, and here is a {model._meta.verbose_name} already."
            )


class _Restorer:
    """Turns the steps of a plan into drafts, each written just before it is published."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.things: dict[str, tuple[Any, int]] = {}

    def write_all(self, plan: PackagePlan) -> Iterator[Sequence[Publishable]]:
        done = 0
        for steps in _group(plan.steps):
            rows = [self._write(step) for step in steps]
            yield rows
            for row, step in zip(rows, steps, strict=True):
                self._look_at(row, step)
            done += len(steps)
            self.report(done)

    def _look_at(self, row: Any, step: Step) -> None:
        """Remember a thing that may be reworded; refuse a record that was given another number than it had."""
        if isinstance(row, Record):
            if row.number != step.row["number"]:
                raise CannotBeLoaded(f"{step.place}: would be number {row.number} here.")
        elif step.model in THINGS:
            self.things[row.subject] = (type(row), row.pk)

    def _write(self, step: Step) -> Any:
        try:
            row = self._draft(step)
            row.clean_fields(exclude={"content_type", "object_id"})
            row.skip_history_when_saving = True  # what no person did is in the log alone
            row.save()
            for name, names in step.lists.items():
                _write_list(row, name, names)
        except ValidationError as error:
            raise CannotBeLoaded(f"{step.place}: {' '.join(error.messages)}") from None
        except (KeyError, Milestone.DoesNotExist, StatusUpdate.DoesNotExist):
            raise CannotBeLoaded(f"{step.place}: names what was not published before it.") from None
        return row

    def _draft(self, step: Step) -> Any:
        if step.model is Revision:
            model, key = self.things[step.row["thing"]]
            return Revision(target=model._base_manager.get(pk=key), **step.words)
        row = step.model()
        row.set_words(step.words | {name: names for name, names in step.lists.items() if name != "evidence"})
        about = step.row.get("reference")
        if isinstance(row, MilestoneUpdate):
            row.milestone = Milestone.objects.get(commitment__reference=about, number=step.row["milestone"])
        if isinstance(row, StatusUpdate) and step.row["corrects"]:
            row.corrects = StatusUpdate.objects.get(commitment__reference=about, number=step.row["corrects"])
        return row


def _group(steps: list[Step]) -> Iterator[list[Step]]:
    """Part the steps so that none rests on another of its group: on an update that it corrects, or on earlier words."""
    for model, alike in groupby(steps, lambda step: step.model):
        group: list[Step] = []
        for step in alike:
            rests = model is Revision or bool(step.row.get("corrects"))
            if group and (rests or len(group) == AT_ONCE):
                yield group
                group = []
            group.append(step)
        yield group


def _write_list(row: Any, name: str, names: list[Any]) -> None:
    if name != "evidence":
        listed = row._meta.get_field(name).related_model
        getattr(row, name).set(listed.objects.filter(**{f"{listed.public_key}__in": names}))
        return
    identifiers = [each["document"] for each in names]
    documents = {each.identifier: each for each in Document.objects.published().filter(identifier__in=identifiers)}
    said = ("note", "records_completion", "already_in_place")
    Evidence.objects.bulk_create(
        Evidence(status_update=row, document=documents[each["document"]], **{key: each[key] for key in said})
        for each in names
    )
