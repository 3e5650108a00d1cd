"""Who may change what: a person limited to departments changes only what those lead, and sees everything."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from tracker.models import Commitment, MilestoneUpdate, Revision

NOT_YOURS = "Choose one that your departments lead: what others lead, you can read and not change."


def find_commitment(record: Any) -> Commitment | None:
    """Return the commitment that a row is about, if it is about one."""
    target = record.target if isinstance(record, Revision) else record
    return target if isinstance(target, Commitment) else getattr(target, "commitment", None)


def is_within_reach(user: Any, record: Any) -> bool:
    """Say whether this person's departments lead what a row is about. What belongs to no commitment is everybody's."""
    if not user.limits:
        return True
    commitment = find_commitment(record)
    return commitment is None or user.covers(commitment.department_id)


def is_choosing_for_record(request: Any) -> bool:
    """Say whether the answer is for the field of a form that says what a record, or a relation, is about."""
    is_field = request.path.endswith("/autocomplete/") and request.GET.get("field_name") in ("commitment", "milestone")
    return is_field and request.GET.get("app_label") == "tracker"


def keep_within_reach(rows: Any, user: Any) -> Any:
    """Keep the rows of a queryset that this person's departments lead, and those that belong to no commitment."""
    limits, model = user.limits, rows.model
    if not limits:
        return rows
    if model is Commitment:
        return rows.filter(department__in=limits)
    if model is MilestoneUpdate:
        return rows.filter(milestone__commitment__department__in=limits)
    if model is Revision:
        led = Commitment.objects.filter(department__in=limits).values("pk")
        return rows.filter(~Q(content_type=ContentType.objects.get_for_model(Commitment)) | Q(object_id__in=led))
    if any(field.name == "commitment" for field in model._meta.fields):
        return rows.filter(commitment__department__in=limits)
    return rows
