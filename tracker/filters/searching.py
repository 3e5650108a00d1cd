"""Searches the commitments of a past day: which held the words then, by which hold them now and what was told since.

What was public then and was not reworded since has had the same words ever since, but for its history, which was
shorter. So the index says of each word who holds it now, once for all days, and only those whose history alone holds it
are asked when that was told. What was reworded or withdrawn is read anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial, reduce
from operator import and_, or_

from tracker.filters.rolls import Mask, Roll, Steps
from tracker.keeping import Version
from tracker.models import Commitment, StatusUpdate
from tracker.moments import Moment
from tracker.querysets import (
    ANYWHERE,
    NAMED,
    SAID_ONCE,
    STEPS,
    CommitmentQuerySet,
    Listed,
    read_keys,
)
from tracker.words import Search, Term

FEW = 10_000  # commitments, which are sooner looked up one by one than all that tells of any


class PastSearch:
    """What answered a search at a moment, for which its rows and their roll are given."""

    def __init__(self, rows: CommitmentQuerySet, moment: Moment, roll: Roll, version: Version) -> None:
        self.rows, self.moment, self.roll, self.version = rows, moment, roll, version

    def find(self, search: Search) -> Steps:
        """Return which rows answered, by how well; those that were not there then, too."""
        if not search:
            return Steps()
        found = reduce(and_, (self.hold(term, ANYWHERE) for term in search.wanted), self.roll.everything)
        for term in search.wanted:
            found = self.hold_then(term, found)
        for term in search.unwanted:
            found &= ~self.hold_then(term, found)
        anew = self.find_changed()
        steps = self.rank(search, found & ~anew)
        if anew:
            changed = self.rows.filter(pk__in=Listed(self.roll.list(anew & self.roll.present)))
            for key, step in changed.judge(search):
                steps[step] = steps.get(step, 0) | self.roll.find([key])
        return steps

    def hold(self, term: Term, columns: int) -> Mask:
        """Return which rows hold a term now in the first columns that are searched."""
        places = self.version.keep_large(("places", term), partial(self.place, term))
        return reduce(or_, (mask for count, mask in places.items() if count <= columns), 0)

    def place(self, term: Term) -> Steps:
        """Return which rows hold a term now, by how many of the columns it takes."""
        places = Commitment.objects.published().place(term)
        return Steps({columns: self.roll.find(keys) for columns, keys in places.items()})

    def hold_then(self, term: Term, among: Mask) -> Mask:
        """Return which of some rows held a term at the moment."""
        said = among & self.hold(term, SAID_ONCE)
        untold = among & self.hold(term, ANYWHERE) & ~said
        if not untold:
            return said
        keys = self.roll.list(untold)
        told = StatusUpdate.objects.told_by(self.moment).holding(term)
        if len(keys) <= FEW:
            told = told.filter(commitment__in=Listed(keys))
        return said | untold & self.roll.find(read_keys(told, "commitment_id"))

    def find_changed(self) -> Mask:
        """Return the rows of which the index knows no longer what they said."""
        if self.moment.known is None:
            return 0
        withdrawn = Commitment.objects.ever_published().filter(withdrawn_at__isnull=False)
        return self.roll.find([*self.rows.words.keys, *read_keys(withdrawn, "pk")])

    def rank(self, search: Search, found: Mask) -> Steps:
        """Return some rows that answer, by how well."""
        named = read_keys(Commitment.objects.filter(reference__in=search.references), "pk") if search.references else []
        holders = {NAMED: self.roll.find(named) if named else 0}
        holders |= {columns: self.hold_all(search.wanted, columns) for columns in STEPS} | {ANYWHERE: found}
        steps = Steps()
        for step, rows in holders.items():
            steps[step] = found & rows
            found &= ~rows
        return steps

    def hold_all(self, terms: Iterable[Term], columns: int) -> Mask:
        masks = [self.hold(term, columns) for term in terms]
        return reduce(and_, masks) if masks else 0
