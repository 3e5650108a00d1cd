"""What there was at a moment, in the words that it had then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.models import Petition, Revision, unsay_later_words
from tracker.moments import Moment
from tracker.querysets import known_at


def read_as_at(rows: Iterable[Any], moment: Moment) -> list[Any]:
    """Keep the departments, programmes and so on that existed at a moment, in the words that they had then."""
    found = list(rows)
    unsay_later_words(found, moment)
    return [row for row in found if row.exists_at(moment)]


def read_petitions(rows: Iterable[Petition], moment: Moment) -> list[Petition]:
    """Keep the petitions that existed at a moment, without the answers and figures that came later."""
    petitions = read_as_at(rows, moment)
    for petition in petitions if moment.day < moment.today else ():
        petition.forget_after(moment.day)
    return petitions


def list_revisions(thing: Any, moment: Moment) -> Any:
    """Return the new wordings of something that had been published at a moment, newest first."""
    return Revision.objects.published().filter(known_at(moment)).about(thing)
