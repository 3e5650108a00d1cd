"""Changing how the site runs: read-only or not, and the notice on every public page."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tracker.models import SiteState, User


def switch_site(*, by: User | None = None, **facts: Any) -> SiteState:
    """Change some facts of the state of the site, for everybody and at once; `by` is nobody where a command did it.

    What is being published or saved comes first. Raises ValidationError where a fact is not what it must be.
    """
    with transaction.atomic():
        SiteState.objects.get_or_create(pk=1)
        state = SiteState.objects.select_for_update().get(pk=1)
        for name, value in facts.items():
            setattr(state, name, value)
        state.full_clean()
        state.version += 1
        state._history_user = by  # type: ignore[attr-defined]
        state.save()
    return state
