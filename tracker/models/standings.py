"""How commitments stood on every past day, as the register said then and says now."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tracker.models.commitments import Commitment, Pointers
from tracker.moments import FOREVER, LAST_DAY
from tracker.querysets import StandingQuerySet

# What filters and orders of the list ask of how a commitment stands.
STANDS = ["current_status", "current_strength", "current_answer", "next_due_on", "met_on_time", "status_since"]
DOUBTED = ["checked_on", "rests_on_copies", "claim_differs"]


class Standing(Pointers):
    """How a commitment stood from one day until the next, and from when until when the register said so.

    Two times: `from_on` and `until_on` are days in the commitment's history, `known_from_at` and `known_until_at` are
    moments of publication; each second one is the first that no longer counts, or the end of time. A row is closed when
    a publication says otherwise, never changed, so the register's own story can be asked for at any past moment.
    """

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="standings")
    from_on = models.DateField()
    until_on = models.DateField(default=LAST_DAY)
    known_from_at = models.DateTimeField()
    known_until_at = models.DateTimeField(default=FOREVER)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["commitment", "known_from_at", "from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "from_on"], condition=Q(known_until_at=FOREVER), name="standing_is_one_from_a_day"
            ),
            models.CheckConstraint(condition=Q(from_on__lt=F("until_on")), name="standing_has_a_day_at_least"),
            models.CheckConstraint(
                condition=Q(known_from_at__lt=F("known_until_at")), name="standing_is_known_for_a_time"
            ),
        ]
        indexes = [
            # Any past day, any list: which commitments, and in which order.
            models.Index(
                fields=["commitment", "from_on", "until_on", "known_until_at", "known_from_at", *STANDS],
                name="standing_of_commitment",
            ),
            # The roll of a past day, which reads nothing but this index.
            models.Index(
                fields=["known_until_at", "from_on", "until_on", "known_from_at", "commitment", *STANDS, *DOUBTED],
                name="standing_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.reference} from {self.from_on}"
