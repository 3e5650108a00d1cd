"""Links by which staff choose a password: each works once and for three days, and is given by hand, never sent."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tracker.models import User
from tracker.signing_in.forms import ChosenPasswordForm

LOGGER = logging.getLogger("register.signing_in")


def find_link(person: User) -> str:
    """Return the path of a link; it ends with the next sign-in, the next password or `PASSWORD_RESET_TIMEOUT`."""
    parts = {
        "uidb64": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    return reverse("account_choose_password", kwargs=parts)


class ChoosePassword(PasswordResetConfirmView):
    """Where a link leads. The browser is led on at once to an address without what makes the link work."""

    form_class = ChosenPasswordForm
    template_name = "account/choose_password.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64: str) -> User | None:
        person = super().get_user(uidb64)
        return person if person is not None and person.is_active else None

    def form_valid(self, form: Form) -> HttpResponse:
        answer = super().form_valid(form)
        LOGGER.info("Chose a password by a link", extra={"account": self.user.pk})
        messages.success(self.request, "Your password is set. Sign in with it.")
        return answer

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        return super().render_to_response(context, status=200 if self.validlink else 404, **options)
