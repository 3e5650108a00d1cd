"""The pages of allauth that do something more here: a factor counts as used once set up, and the last one stays."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


class Account(IndexView):
    """Everything about one's own account."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = super().get_context_data(**context)
        factors = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN} & found["authenticators"].keys()
        return found | {"must_set_up": settings.REQUIRE_SECOND_FACTOR and not factors}


class CountsAsUsed:
    """Whoever sets up a factor has just shown that it works, so the desk need not ask for it once more."""

    request: HttpRequest

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa")
        return response


class AddApp(CountsAsUsed, ActivateTOTPView):
    pass


class AddPasskey(CountsAsUsed, AddWebAuthnView):
    pass


class RemovePasskey(RemoveWebAuthnView):
    def form_valid(self, form: Form) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            messages.error(self.request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
            return HttpResponseRedirect(reverse("mfa_list_webauthn"))
        return super().form_valid(form)


def set_password(request: HttpRequest) -> HttpResponse:
    """An account to which a manager gave no password signs in by passkey alone; it cannot give itself one."""
    raise Http404
