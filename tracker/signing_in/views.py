"""The pages of allauth that do something more here: a factor counts as used once set up, and the last one stays."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tracker.signing_in.sessions import end_visits, list_visits


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


@login_required
@reauthentication_required(allow_get=True)
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, with a button that ends each of the others."""
    if request.method == "POST":
        count = end_visits(request.user, request.POST.getlist("session"), request.session.session_key)
        ended = {0: "That session had ended already.", 1: "One session was ended."}
        messages.success(request, ended.get(count, f"{count} sessions were ended."))
        return HttpResponseRedirect(reverse("account_sessions"))
    visits = list_visits(request.user, request.session.session_key)
    others = [visit for visit in visits if not visit.is_this]
    return render(request, "account/sessions.html", {"visits": visits, "others": others})


def set_password(request: HttpRequest) -> HttpResponse:
    """An account without a password gets one by a manager's link alone; it cannot give itself one."""
    raise Http404
