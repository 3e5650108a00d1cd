"""How the site runs now: whether anything may be written, and what every public page tells its readers on top."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, models
from simple_history.models import HistoricalRecords

LONGEST_NOTICE = 500  # characters


class ReadOnly(Exception):
    """Raised, with a sentence, when something would be written while the register is read-only."""


class SiteState(models.Model):
    """One row, changed by managers without a deploy; its history says who switched what, and when.

    `version` rises with each change: what is kept of public pages hangs on it, beside the version of the register.
    """

    is_read_only = models.BooleanField(
        "read-only",
        default=False,
        help_text="Nothing can be saved, loaded, published or redacted until somebody switches this off. Readers "
        "notice nothing: say it to them below, if they should know. Accounts and signing in go on.",
    )
    reason = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why it is read-only, and until when. Staff read it on every page of the desk.",
    )
    notice = models.TextField(
        max_length=LONGEST_NOTICE,
        blank=True,
        help_text="Plain words on top of every public page, at once. Leave it empty for none.",
    )
    notice_cy = models.TextField(
        "notice in Welsh",
        max_length=LONGEST_NOTICE,
        blank=True,
        help_text="Where it is empty, Welsh pages show the English, and say so.",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "state of the site"
        verbose_name_plural = "state of the site"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="site_has_one_state"),
            models.CheckConstraint(
                condition=models.Q(is_read_only=False) | ~models.Q(reason=""),
                name="site_is_read_only_for_a_reason",
                violation_error_message="Say why it is read-only: staff read it.",
            ),
            models.CheckConstraint(
                condition=models.Q(notice_cy="") | ~models.Q(notice=""),
                name="notice_in_welsh_has_one_in_english",
                violation_error_message="Give the notice in English too.",
            ),
        ]

    def __str__(self) -> str:
        return "State of the site"


# Whether this transaction has asked already, or takes back all that it writes.
_is_settled: ContextVar[bool] = ContextVar("is_settled", default=False)


@contextmanager
def writing_is_settled() -> Iterator[None]:
    """Spare each save of one transaction the question whether the register is read-only."""
    token = _is_settled.set(True)
    try:
        yield
    finally:
        _is_settled.reset(token)


def refuse_when_read_only() -> None:
    """Raise ReadOnly if the register is. In a transaction of PostgreSQL it does not become so before that ends."""
    if _is_settled.get():
        return
    held = " FOR SHARE" if connection.vendor == "postgresql" and connection.in_atomic_block else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT is_read_only, reason FROM {SiteState._meta.db_table} WHERE id = 1{held}")  # noqa: S608
        row = cursor.fetchone()
    if row is not None and row[0]:
        raise ReadOnly(f"The register is read-only. {row[1]} Nothing was changed.")
