"""Rules about one row's own words, asked of a draft and of new words for what is public alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils import timezone

from tracker.models import Petition, SupportService
from tracker.models.base import Publishable
from tracker.statuses import Origin, Refusal

Rule = Callable[[Any], Iterator[Refusal]]


def refuse_future(field: str) -> Rule:
    """Return the rule that a day on which something was done or said is not still to come."""

    def refuse(record: Any) -> Iterator[Refusal]:
        day, today = getattr(record, field), timezone.localdate()
        if day is not None and day > today:
            yield Refusal(5, field, f"Today is {today.isoformat()}: this day is still to come.")

    return refuse


def refuse_unknown_outlets(record: Publishable) -> Iterator[Refusal]:
    yield from refuse_unknown_outlet_among(record.find_cited_documents())


def refuse_unknown_outlet_among(documents: Iterable[Any]) -> Iterator[Refusal]:
    for document in documents:
        if document.origin == Origin.PARTISAN_OR_UNKNOWN:
            sentence = f"“{document.title}” comes from a partisan or unknown outlet, and none is cited here."
            yield Refusal(0, "document", sentence)


def _refuse_incomplete(what: str, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> Rule:
    """Return the rule that something a petition may have is stated as a whole or not at all."""

    def refuse(petition: Petition) -> Iterator[Refusal]:
        missing = [name for name in needed if not getattr(petition, name)]
        if missing and any(getattr(petition, name) for name in (*needed, *others)):
            names = ", ".join(f"“{_label(petition, name)}”" for name in missing)
            yield Refusal(0, missing[0], f"{what} is stated whole or not at all: fill in {names}.")

    return refuse


def _label(row: Publishable, name: str) -> str:
    field: Any = row._meta.get_field(name)
    return str(field.verbose_name)


OWN_RULES: dict[Any, tuple[Rule, ...]] = {
    Petition: (
        _refuse_incomplete(
            "An answer", ("response_department", "response_summary", "response_document"), ("response_on",)
        ),
        _refuse_incomplete("A debate", ("debated_on", "debate_house", "debate_document")),
        refuse_future("response_on"),
        refuse_future("debated_on"),
    ),
    SupportService: (refuse_future("confirmed_on"),),
}
