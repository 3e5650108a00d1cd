"""How far a redaction would reach, as links: what the second person reads before she publishes it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tracker.models import Redaction
from tracker.models.base import PartOfHistory
from tracker.publishing import measure


def describe_extent(record: Any) -> dict[str, Any] | None:
    """Return each place that holds the words of a redaction, and what else of theirs would go; None for other rows."""
    if not isinstance(record, Redaction):
        return None
    extent = measure(record)
    return {
        "places": extent.places,
        "rows": [(*_link_to(row), fields) for row, fields in extent.rows],
        "entries": extent.entries,
        "history": extent.history,
        "names": extent.names,
    }


def _link_to(row: Any) -> tuple[str, str]:
    """Return the address and the name of a row; a part is found on the page of what it belongs to."""
    shown = getattr(row, row.owner_field) if isinstance(row, PartOfHistory) else row
    kind = row._meta.verbose_name if shown is row else f"{row._meta.verbose_name} of the {shown._meta.verbose_name}"
    return reverse(f"admin:tracker_{shown._meta.model_name}_change", args=[shown.pk]), f"{kind.capitalize()}: {shown}"
