"""The one thing that changes what was published: words that must not be public are removed, and that is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.languages import find_address
from tracker.models.base import AppendOnly, choice_constraint
from tracker.querysets import AppendOnlyQuerySet
from tracker.statuses import MINIMUM_SUCCESSOR_REASON_LENGTH, DefinedChoices

# What stands in the place of removed words; the short one where the other finds no room.
REMOVED, REMOVED_BRIEFLY = "[removed]", "[…]"
# In the place of an address that held them: RFC 2606 keeps this name free, so no page is ever found under it.
REMOVED_ADDRESS = "https://removed.invalid/"


def lengthen_removed(text: str) -> str:
    """Give a text from which words were removed the length that it may have had, for the rules that count it."""
    is_shortened = REMOVED in text or REMOVED_BRIEFLY in text
    return text.ljust(MINIMUM_SUCCESSOR_REASON_LENGTH, "…") if is_shortened else text


class RemovalReason(DefinedChoices):
    """Why words were removed from what was published. The label ends the sentence that stands in their place."""

    ABUSED_PERSON = (
        "abused-person",
        _("A person who was abused was named, or could be recognised. The law protects such people for life."),
        _("They named a person who was abused"),
    )
    PRIVATE_PERSON = (
        "private-person",
        _("A person with no public part in the matter was named, or could be recognised."),
        _("They named a private person"),
    )
    COURT_ORDER = ("court-order", _("A court ordered that the words are not published."), _("A court forbids them"))
    UNLAWFUL = (
        "unlawful-or-dangerous",
        _("The words broke the law in another way, or put somebody in danger."),
        _("They were unlawful or dangerous to publish"),
    )


def sort_by_place(redactions: Iterable[Any], subject: str) -> dict[str, list[Any]]:
    """Return those of some redactions that concern a thing or its records, as `by_place` does."""
    found: dict[str, list[Any]] = {}
    for redaction in redactions:
        for thing, _mark, anchor in (each.partition("#") for each in redaction.subjects):
            if thing == subject or (subject.endswith("/") and thing.startswith(subject)):
                found.setdefault(anchor, []).append(redaction)
    return found


class RedactionQuerySet(AppendOnlyQuerySet):
    def by_place(self, subject: str) -> dict[str, list[Any]]:
        """Return what was removed from a thing and its records, newest first, by the anchor of each; "" is its own.

        A subject that ends in a slash stands for all below it.
        """
        return sort_by_place(self.list_published(), subject)

    def list_published(self) -> list[Any]:
        """Return all that were ever published, newest first: there are few."""
        return list(self.published().order_by("-published_at"))


class Redaction(AppendOnly):
    """Words that must not be published, removed wherever they stand. They are kept only until that is done.

    `subjects` are the public things that they were removed from and `entries` the numbers of the log's entries that
    lost their content. While one is published and not carried out, which only its own transaction ever sees, the
    database lets words be removed.
    """

    phrase = models.TextField(
        "words to remove",
        help_text="Exactly what must go, and no more: a whole name rather than a part of it. Small and capital letters "
        "and the spaces between words do not matter. It is forgotten as soon as it is removed.",
    )
    reason = models.CharField(
        max_length=30,
        choices=RemovalReason.choices,
        help_text="Read by the public where the words stood. What they were is not said.",
    )
    addresses_are_blocked = models.BooleanField(
        "go on although addresses hold them",
        default=False,
        help_text="Nothing is removed from a permanent address. Tick this only once whoever runs the site has blocked "
        "each one that holds the words, so that they go from everywhere else.",
    )
    entries = models.JSONField(default=list, editable=False)
    subjects = models.JSONField(default=list, editable=False)
    carried_out_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RedactionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            choice_constraint("reason", RemovalReason, "redaction_reason_is_known"),
            models.CheckConstraint(
                condition=models.Q(carried_out_at__isnull=True) | models.Q(phrase=""),
                name="redaction_has_forgotten_its_words_once_carried_out",
            ),
        ]

    def __str__(self) -> str:
        return f"Redaction: {self.because}"

    @property
    def because(self) -> str:
        """Its reason as the end of a sentence."""
        label = str(self.get_reason_display())
        return label[:1].lower() + label[1:]

    def get_absolute_url(self) -> str:
        return find_address("tracker:corrections")

    @property
    def subject(self) -> str:
        return "corrections"

    def facts(self) -> dict[str, Any]:
        return {"reason": self.reason, "entries": self.entries, "subjects": self.subjects}
