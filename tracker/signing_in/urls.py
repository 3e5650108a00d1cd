"""Addresses of signing in: of allauth's pages only those that staff need, under the names that it knows them by.

What is not here does not exist: no sign-up, no mail, no password sent to anyone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.decorators import rate_limit
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from tracker.signing_in import views
from tracker.signing_in.links import ChoosePassword


def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(route, never_cache(view), name=name)


# Asking for a passkey starts a session, even by GET and before anybody is known: hence a limit of its own.
sign_in_by_passkey = rate_limit(action="passkey_options", limit_get=True)(webauthn.login_webauthn)

urlpatterns = [
    page("login/", account.login, "account_login"),
    page("logout/", account.logout, "account_logout"),
    page("confirm/", account.reauthenticate, "account_reauthenticate"),
    page("password/", account.password_change, "account_change_password"),
    page("password/set/", views.set_password, "account_set_password"),
    page("password/link/<uidb64>/<token>/", ChoosePassword.as_view(), "account_choose_password"),
    page("sessions/", views.sessions, "account_sessions"),
    page("second-factor/", views.Account.as_view(), "mfa_index"),
    page("second-factor/use/", second_factor.authenticate, "mfa_authenticate"),
    page("second-factor/confirm/", second_factor.reauthenticate, "mfa_reauthenticate"),
    page("second-factor/app/add/", views.AddApp.as_view(), "mfa_activate_totp"),
    page("second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp"),
    page("second-factor/codes/", recovery_codes.view_recovery_codes, "mfa_view_recovery_codes"),
    page("second-factor/codes/new/", recovery_codes.generate_recovery_codes, "mfa_generate_recovery_codes"),
    page("second-factor/codes/download/", recovery_codes.download_recovery_codes, "mfa_download_recovery_codes"),
    page("passkeys/", webauthn.list_webauthn, "mfa_list_webauthn"),
    page("passkeys/add/", views.AddPasskey.as_view(), "mfa_add_webauthn"),
    page("passkeys/confirm/", webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    page("passkeys/sign-in/", sign_in_by_passkey, "mfa_login_webauthn"),
    page("passkeys/<int:pk>/rename/", webauthn.edit_webauthn, "mfa_edit_webauthn"),
    page("passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), "mfa_remove_webauthn"),
]
