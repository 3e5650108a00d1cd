"""Who may open the staff desk, and where somebody is sent who may not, or not yet.

The desk's admin site asks `may_use_desk` before each of its pages and answers with `login_redirect` when it says no.
"""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tracker.models import User
from tracker.signing_in.sessions import LASTED, end_sessions

# Recovery codes are not among them: they only stand in for one of these.
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

LONGEST_SESSION = 12 * 60 * 60  # seconds, however busy
NOTED_EVERY = 60  # seconds, so that not every page writes the session anew


def may_use_desk(request: HttpRequest) -> bool:
    """Say whether this is staff, signed in today and, where that is required, with a second factor.

    A page of the desk that may be seen counts as activity, without which the session ends after half an hour.
    """
    user = request.user
    allowed = user.is_active and user.is_staff and _signed_in_lately(request) and _has_proved_enough(request)
    if allowed:
        _note_activity(request)
    return allowed


def login_redirect(request: HttpRequest) -> HttpResponse:
    """Send somebody to the step that is missing before the desk opens; `next` is kept if it stays on this site.

    Raises PermissionDenied for people who are signed in and are not staff.
    """
    destination = get_next_redirect_url(request) or reverse("admin:index")
    if may_use_desk(request):
        return HttpResponseRedirect(destination)
    if request.user.is_authenticated and not _signed_in_lately(request):
        logout(request)
    if not request.user.is_authenticated:
        return redirect_to_login(destination, reverse("account_login"))
    if not request.user.is_staff:
        raise PermissionDenied
    missing = "account_reauthenticate" if is_mfa_enabled(request.user, SECOND_FACTORS) else "mfa_index"
    return redirect_to_login(destination, reverse(missing))


def has_second_factor(person: User) -> bool:
    return Authenticator.objects.filter(user=person).exists()


def take_second_factor_away(person: User) -> None:
    """Forget the apps, passkeys and recovery codes of somebody who has lost them, and sign her out everywhere."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        person._change_reason = "second factor taken away"  # type: ignore[attr-defined]
        person.save()
        end_sessions(person)


def _signed_in_lately(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[0]["at"] < LONGEST_SESSION


def _has_proved_enough(request: HttpRequest) -> bool:
    """Say whether a second factor is set up and was used in this session; without need of one, always yes."""
    if not settings.REQUIRE_SECOND_FACTOR:
        return True
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records) and is_mfa_enabled(request.user, SECOND_FACTORS)


def _note_activity(request: HttpRequest) -> None:
    now = time.time()
    if now - request.session.get(LASTED, 0) > NOTED_EVERY:
        request.session[LASTED] = now
