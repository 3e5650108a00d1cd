"""Lets tests work at the staff desk as people do: sign in, fill in forms, decide, and read what they are told."""

import datetime as dt
import html
import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client

from tracker.models import Department, User
from tracker.roles import PERMISSIONS


def make_staff(name: str, role: str = "", *departments: Department) -> User:
    """Make a member of staff with a role, limited to some departments if any are given."""
    person = User.objects.create(username=name, is_staff=True)
    if role:
        person.groups.add(find_role(role))
    person.departments.set(departments)
    return person


def find_role(name: str) -> Group:
    """Return a role, made again where a test with real transactions has emptied the database."""
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        codes = PERMISSIONS[name]
        group.permissions.set(Permission.objects.filter(content_type__app_label="tracker", codename__in=codes))
    return group


def sign_in(client: Client, person: User) -> None:
    """Give a browser the session of somebody who has just used her password and her authenticator app."""
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(person)
    session, at = client.session, time.time()
    session["account_authentication_methods"] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


class Desk:
    """The desk as one person uses it in her browser."""

    def __init__(self, person: User | None) -> None:
        self.client = Client()
        if person is not None:
            sign_in(self.client, person)

    def get(self, address: str, **options: Any) -> Any:
        return self.client.get(address, **options)

    def post(self, address: str, data: dict[str, Any], **options: Any) -> Any:
        return self.client.post(address, data, **options)

    # --- Forms --------------------------------------------------------------------------------

    def open_form(self, address: str) -> dict[str, Any]:
        """Return what the fields of a form hold when it is opened, as a browser would send it back."""
        response = self.client.get(address)
        assert response.status_code == 200, f"{address} answers {response.status_code}"
        return read_form(response)

    def add(self, name: str, fields: dict[str, Any], *, press: str = "_save") -> Any:
        return self.fill_in(f"/admin/tracker/{name}/add/", fields, press=press)

    def change(self, row: Model, fields: dict[str, Any], *, press: str = "_save") -> Any:
        return self.fill_in(address_of(row), fields, press=press)

    def fill_in(self, address: str, fields: dict[str, Any], *, press: str = "_save") -> Any:
        """Open a form, fill some fields in, press a button, and return the page that is shown in the end."""
        return self.post(address, self.open_form(address) | fields | {press: "1"}, follow=True)

    # --- Reviewing ----------------------------------------------------------------------------

    def decide(self, row: Model, press: str, **fields: Any) -> Any:
        """Open the page on which a draft is reviewed and press one of its buttons, shown or not."""
        page = self.get(review_address(row))
        version = re.search(r'name="version" value="(\d+)"', page.content.decode())
        shown = {"version": version[1]} if version else {"version": str(row.version)}
        return self.post(review_address(row), shown | fields | {press: "1"}, follow=True)

    def act(self, name: str, action: str, *rows: Model, **fields: Any) -> Any:
        """Choose rows of a list and an action for them, and fill in what it asks."""
        data = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
        return self.post(f"/admin/tracker/{name}/", data, follow=True)


def address_of(row: Model) -> str:
    return f"/admin/tracker/{row._meta.model_name}/{row.pk}/change/"


def history_of(row: Model) -> str:
    return f"/admin/tracker/{row._meta.model_name}/{row.pk}/history/"


def review_address(row: Model) -> str:
    return f"/admin/review/{row._meta.model_name}/{row.pk}/"


def preview_address(row: Model) -> str:
    return f"/admin/preview/{row._meta.model_name}/{row.pk}/"


# --- Reading a page -----------------------------------------------------------------------------


def read_text(response: Any) -> str:
    """Return the words of a page with single spaces."""
    return clean(response.content.decode())


def clean(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def read_messages(response: Any) -> list[str]:
    """Return what a page says at its top."""
    found = re.findall(r'<li class="(?:success|error|warning|info)">(.*?)</li>', response.content.decode(), re.DOTALL)
    return [clean(each) for each in found]


def read_errors(response: Any) -> dict[str, list[str]]:
    """Return what a form says is wrong, beside which field: "evidence-0-note"; "" is above all, "evidence" its rows."""
    errors: dict[str, list[str]] = {}
    context = response.context
    if context is None or "adminform" not in context:
        return errors
    form = context["adminform"].form
    errors |= {name if name != "__all__" else "": list(each) for name, each in form.errors.items()}
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        if formset.non_form_errors():
            errors[formset.prefix] = list(formset.non_form_errors())
        for number, each in enumerate(formset.errors):
            errors |= {f"{formset.prefix}-{number}-{name}": list(texts) for name, texts in each.items()}
    return errors


def read_form(response: Any) -> dict[str, Any]:
    """Return what the fields of the form on a page hold, as a browser would send it."""
    context = response.context
    forms = [context["adminform"].form]
    values: dict[str, Any] = {}
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        forms += [formset.management_form, *formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if getattr(field.field.widget, "allow_multiple_selected", False):
                values[field.html_name] = _write(value or [])
            elif not is_checkbox(field):
                values[field.html_name] = _write(value)
            elif value:
                values[field.html_name] = "on"
    return values


def is_checkbox(field: Any) -> bool:
    return getattr(field.field.widget, "input_type", "") == "checkbox"


def _write(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [getattr(each, "pk", each) for each in value]
    return value
