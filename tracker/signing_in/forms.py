"""The forms of signing in, in the site's own words; those that take a code or a passkey record what fails."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from cryptography.exceptions import InvalidSignature
from django import forms
from django.contrib.auth.forms import SetPasswordForm, UsernameField
from django.core.exceptions import ValidationError

from tracker.models import User
from tracker.signing_in.adapters import SecondFactorAdapter, record_failure

NO_PASSKEY = (ArithmeticError, AttributeError, InvalidSignature, LookupError, TypeError, ValueError, struct.error)
CODE_WIDGET = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"})


class WithoutPlaceholders:
    """Placeholders vanish when one types, and look like something typed already: labels say enough."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


def find_username(typed: str) -> str:
    """Return the username of the one account with this e-mail address; anything else as it was typed."""
    if "@" not in typed or User.objects.filter(username__iexact=typed).exists():
        return typed
    names = list(User.objects.filter(email__iexact=typed).values_list("username", flat=True)[:2])
    return names[0] if len(names) == 1 else typed


class SignInForm(WithoutPlaceholders, LoginForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"] = forms.CharField(
            label="Username or e-mail address",
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        )

    def clean_login(self) -> str:
        return find_username(super().clean_login())


class NewPasswordForm(WithoutPlaceholders, ChangePasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = {"oldpassword": "Your present password", "password1": "New password", "password2": "Once more"}
        for name, label in labels.items():
            self.fields[name].label = label


class ChosenPasswordForm(SetPasswordForm):
    """A password that somebody chooses by a link, without one that went before."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["new_password1"].label = "Password"
        self.fields["new_password2"].label = "Once more"


class NewPersonForm(forms.ModelForm):
    """A new account, which has no password until its owner chooses one."""

    class Meta:
        model = User
        fields = ("username",)
        field_classes = {"username": UsernameField}

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


class ConfirmByPasswordForm(WithoutPlaceholders, ReauthenticateForm):
    pass


@contextmanager
def recording_failure(username: str, step: str) -> Iterator[None]:
    """Record a code or a passkey that was wrong, and none that was refused unread because of too many attempts."""
    try:
        yield
    except ValidationError as error:
        if error.code == "incorrect_code":
            record_failure(context.request, username, step)
        raise


class CodeMixin(forms.Form):
    code = forms.CharField(
        label="Code",
        help_text="The six figures that your authenticator app shows now, or one of your recovery codes.",
        max_length=40,
        widget=CODE_WIDGET,
    )

    def clean_code(self) -> str:
        with recording_failure(self.user.get_username(), "code"):
            return super().clean_code()


class CodeForm(CodeMixin, AuthenticateForm):
    pass


class ConfirmByCodeForm(CodeMixin, ReauthenticateByCodeForm):
    pass


@contextmanager
def refusing_what_is_no_passkey() -> Iterator[None]:
    """Turn what the libraries raise at a credential that no browser would send into the usual refusal."""
    try:
        yield
    except NO_PASSKEY as error:
        raise SecondFactorAdapter().validation_error("incorrect_code") from error


class CredentialField(forms.CharField):
    """What a browser says about a passkey: JSON, in which a number is never meant well.

    fido2 would take a number for a length and fill that much memory with nothing.
    """

    def __init__(self) -> None:
        super().__init__(max_length=50_000, widget=forms.HiddenInput)

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value)
        try:
            if "\\u0000" in text:  # PostgreSQL keeps no such character.
                raise ValueError
            credential = json.loads(text, parse_int=_refuse, parse_float=_refuse, parse_constant=_refuse)
            if not isinstance(credential, dict) or not credential:  # allauth checks nothing that counts as false.
                raise ValueError
            return credential
        except (ValueError, RecursionError):
            raise SecondFactorAdapter().validation_error("incorrect_code") from None


def _refuse(number: str) -> None:
    raise ValueError


class PasskeyMixin(forms.Form):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        username = self.user.get_username() if self.user else ""
        with refusing_what_is_no_passkey():
            # First, because this comes before allauth's limit: what is no credential at all is not recorded.
            parse_authentication_response(self.cleaned_data["credential"])
            with recording_failure(username, "passkey"):
                return self.check_credential()

    def check_credential(self) -> Authenticator:
        return super().clean_credential()


class PasskeyForm(PasskeyMixin, AuthenticateWebAuthnForm):
    pass


class ConfirmByPasskeyForm(PasskeyMixin, ReauthenticateWebAuthnForm):
    pass


class PasskeyAloneForm(PasskeyMixin, LoginWebAuthnForm):
    def check_credential(self) -> Authenticator:
        authenticator = super().check_credential()
        if not authenticator.user.is_active:
            raise SecondFactorAdapter().validation_error("incorrect_code")
        return authenticator


class AddAppForm(ActivateTOTPForm):
    code = forms.CharField(label="Code that the app shows", max_length=40, widget=CODE_WIDGET)


class AddPasskeyForm(AddWebAuthnForm):
    credential = CredentialField()
    name = forms.CharField(label="Name", help_text="For you to know it by.", max_length=100, required=False)
    passwordless = forms.BooleanField(
        label="Sign in with this passkey alone, without username and password",
        help_text="Your device must then ask for your fingerprint, face or PIN.",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        with refusing_what_is_no_passkey():
            return super().clean()


class RenamePasskeyForm(EditWebAuthnForm):
    name = forms.CharField(label="Name", max_length=100)
