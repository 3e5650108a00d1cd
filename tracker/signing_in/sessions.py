"""Where somebody is signed in: the sessions that are open in her name, which she sees and ends herself.

A session says only when it is opened whose it is; those of staff alone are few.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tracker.models import User

EARLIEST = dt.datetime.fromtimestamp(0, dt.UTC)
LASTED = "desk_used_at"  # where a session keeps when its owner last did something at the desk


@dataclass(frozen=True)
class Visit:
    """One session, by a name that opens nothing."""

    name: str
    began_at: dt.datetime | None
    used_at: dt.datetime | None
    is_this: bool


def list_visits(person: User, present_key: str | None) -> list[Visit]:
    """Return the sessions of a person: the one that asks first, then those that began last."""
    found = [describe(key, content, is_this=key == present_key) for key, content in find_sessions(person)]
    return sorted(found, key=lambda visit: (not visit.is_this, -(visit.began_at or EARLIEST).timestamp()))


def describe(key: str, content: dict[str, Any], *, is_this: bool) -> Visit:
    proofs = content.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}]
    return Visit(name_session(key), read_time(proofs[0].get("at")), read_time(content.get(LASTED)), is_this)


def read_time(seconds: float | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def end_visits(person: User, names: list[str], present_key: str | None) -> int:
    """End those of a person's sessions that have these names, never the one that asks; return how many."""
    keys = [key for key, _ in find_sessions(person) if key != present_key and name_session(key) in names]
    return Session.objects.filter(pk__in=keys).delete()[0]


def end_sessions(person: User) -> None:
    Session.objects.filter(pk__in=[key for key, _ in find_sessions(person)]).delete()


def find_sessions(person: User) -> Iterator[tuple[str, dict[str, Any]]]:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        content = session.get_decoded()
        if content.get(SESSION_KEY) == str(person.pk):
            yield session.pk, content


def name_session(key: str) -> str:
    return salted_hmac("tracker.signing_in.sessions", key, algorithm="sha256").hexdigest()[:16]
