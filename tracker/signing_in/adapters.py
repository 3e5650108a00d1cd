"""What the site asks of allauth, which calls these: no sign-up, the same words for every failure, a record of each."""

from __future__ import annotations

import logging
import time
from typing import Any

import qrcode
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from tracker.models import SignInFailure, User
from tracker.signing_in import SECOND_FACTORS

# Whoever runs the site reads here who signed in, by the number of the account, and what failed; names, typed or not,
# and addresses stay out of it.
LOGGER = logging.getLogger("register.signing_in")

# Only attempts that the rate limits let through are recorded; and the newest so many are kept, so that no flood,
# from however many addresses, makes the table grow without end.
FAILURES_KEPT = 10_000


def record_failure(request: HttpRequest, username: str, step: str) -> None:
    LOGGER.info("Signing in failed", extra={"step": step})
    failure = SignInFailure.objects.create(
        username=username.replace("\0", "")[:150],
        address=DefaultAccountAdapter().get_client_ip(request),
        step=step,
    )
    SignInFailure.objects.filter(pk__lte=failure.pk - FAILURES_KEPT).delete()


class StaffAdapter(DefaultAccountAdapter):
    """Accounts and passwords."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "That username or e-mail address and that password do not belong together.",
        "too_many_login_attempts": "Too many failed attempts. Wait five minutes, then try again.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your password.",
        "rate_limited": "Too many attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose username and password these are; an account that was switched off is nobody's."""
        user = super().authenticate(request, **credentials)
        if user and not user.is_active:
            self.pre_authenticate(request, **credentials)  # It counts like a wrong password.
            self.authentication_failed(request, **credentials)
            return None
        return user

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        records = get_authentication_records(request, user)
        steps = " and ".join(record.get("type") or record["method"] for record in records)
        LOGGER.info("Signed in", extra={"account": user.pk, "step": steps})
        return super().post_login(request, user, **options)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_failure(request, request.POST.get("login") or credentials["username"], "password")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count for each pair of account and address, so that nobody can lock others out from elsewhere."""
        return f"{credentials['username'].lower()} {get_ip(request)}"

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Whoever has a second factor confirms with it: a password alone, once known, must not replace it."""
        methods = super().get_reauthentication_methods(user)
        stronger = [method for method in methods if method["id"].startswith("mfa")]
        return stronger or methods

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """A sign-in of the last minutes counts: who has just proved it need not do so again."""
        user = self.request.user
        strongest = "mfa" if is_mfa_enabled(user, SECOND_FACTORS) else "password"
        records = get_authentication_records(self.request, user)
        times = [record["at"] for record in records if record["method"] == strongest]
        return not times or time.time() - times[-1] > app_settings.REAUTHENTICATION_TIMEOUT


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That did not match. A code works once and for half a minute: wait for the next one.",
        "cannot_delete_authenticator": "This is your only second factor. Set up another one first.",
    }

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> SafeString:
        """Draw the QR code as an element of the page: the policy forbids the usual image in a data address."""
        image = qrcode.make(url, image_factory=SvgPathImage)
        return mark_safe(image.to_string(encoding="unicode"))  # noqa: S308  Drawn here, of squares alone.

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays where one is required: without it a password alone could set up a stranger's."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_FACTORS)
        return not settings.REQUIRE_SECOND_FACTOR or others.exclude(pk=authenticator.pk).exists()
