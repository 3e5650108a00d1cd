"""A manager makes an account and gives a link, by which its owner chooses a password that nobody else knows."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client

from tests.desk import Desk, address_of, read_text
from tracker.models import User

PASSWORD = "tractor-lemon-violin-57"

pytestmark = pytest.mark.usefixtures("empty_register")


def give_link(manager: Desk, person: User) -> str:
    """Return the path of a link that a manager gives."""
    page = manager.post(link_page(person), {}).content.decode()
    found = re.search(r'readonly value="http://testserver(/accounts/password/link/[^"]+)"', page)
    assert found, read_text(page)
    return found[1]


def link_page(person: User) -> str:
    return f"/admin/tracker/user/{person.pk}/link/"


def choose(client: Client, link: str, password: str = PASSWORD, again: str | None = None) -> Any:
    """Open a link as a browser does, which is led on, and send the form there."""
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(address, {"new_password1": password, "new_password2": again or password})


def test_a_new_account_has_no_password_until_its_owner_chooses_one(client, manager):
    fields = {"username": "edith", "is_staff": "on", "password1": PASSWORD, "password2": PASSWORD}
    made = manager.post("/admin/tracker/user/add/", fields)
    edith = User.objects.get(username="edith")
    assert made.url == link_page(edith)
    assert not edith.has_usable_password()
    answer = choose(client, give_link(manager, edith))
    assert answer.url == "/accounts/login/"
    assert "Your password is set. Sign in with it." in read_text(client.get(answer.url))
    assert authenticate(None, username="edith", password=PASSWORD) == edith
    signed_in = client.post("/accounts/login/", {"login": "edith", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert "/accounts/second-factor/" in client.get("/admin/", follow=True).redirect_chain[-1][0]


def test_a_link_works_once(client, edith, manager):
    link = give_link(manager, edith)
    choose(client, link)
    again = Client().get(link)
    assert again.status_code == 404
    assert "This link does not work" in read_text(again)
    assert choose(Client(), link, "another-violin-lemon-58").status_code == 404
    assert authenticate(None, username="edith", password=PASSWORD) == edith


@pytest.mark.parametrize(("days", "status"), [(2.9, 200), (3.1, 404)])
def test_a_link_ends_after_three_days(edith, manager, monkeypatch, days, status):
    link = give_link(manager, edith)
    later = datetime.now() + timedelta(days=days)  # noqa: DTZ005 - as Django reads the clock there
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later)
    assert Client().get(link, follow=True).status_code == status


def test_a_link_ends_with_the_next_sign_in(edith, manager):
    edith.set_password(PASSWORD)
    edith.save()
    link = give_link(manager, edith)
    Client().post("/accounts/login/", {"login": "edith", "password": PASSWORD})
    assert Client().get(link).status_code == 404


def test_a_link_of_somebody_whose_account_was_switched_off_is_none(edith, manager):
    link = give_link(manager, edith)
    User.objects.filter(pk=edith.pk).update(is_active=False)
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize(
    "change", [(r"link/[^/]+/", "link/MTIzNDU2/"), (r"[^/](?=/$)", "_"), (r"link/[^/]+/", "link/%00/")]
)
def test_a_link_that_was_changed_is_none(edith, manager, change):
    link = give_link(manager, edith)
    changed = re.sub(*change, link)
    assert Client().get(changed).status_code == 404


def test_the_password_is_held_to_the_rules_and_typed_twice(client, edith, manager):
    link = give_link(manager, edith)
    for wrong, complaint in {
        ("password1234", "password1234"): "too common",
        ("violin-Register-57", "violin-Register-57"): "Leave out “register”",
        (PASSWORD, "something-else-58"): "two password fields",
    }.items():
        answer = choose(client, link, *wrong)
        assert answer.status_code == 200
        assert complaint in read_text(answer)
    assert authenticate(None, username="edith", password=PASSWORD) is None
    assert choose(client, link).status_code == 302


def test_a_password_by_a_link_ends_every_session_and_no_second_factor(client, edith, manager):
    desk = Desk(edith)
    assert desk.get("/admin/").status_code == 200
    choose(client, give_link(manager, edith))
    assert desk.get("/admin/").url == "/admin/login/?next=/admin/"
    led = client.post("/accounts/login/", {"login": "edith", "password": PASSWORD})
    assert led.url == "/accounts/second-factor/use/"


def test_no_address_that_stays_in_the_browser_has_what_makes_the_link_work(client, edith, manager):
    link = give_link(manager, edith)
    led = client.get(link)
    assert led.status_code == 302
    assert link.split("/")[-2] not in led.url
    assert "no-store" in led.headers["Cache-Control"]
    page = client.get(led.url)
    assert "no-store" in page.headers["Cache-Control"]
    assert "Choose a password For the account edith" in read_text(page)


def test_a_link_is_asked_for_by_a_button_and_is_in_the_history_without_its_words(edith, manager):
    assert f'href="{link_page(edith)}"' in manager.get(address_of(edith)).content.decode()
    assert "/accounts/password/link/" not in manager.get(link_page(edith)).content.decode()
    assert StaffLogEntry.objects.count() == 0
    link = give_link(manager, edith)
    said = StaffLogEntry.objects.get().get_change_message()
    assert said == "Link to choose a password given."
    assert link not in said


def test_nobody_gives_a_link_to_herself_or_to_a_superuser(manager):
    maria = User.objects.get(username="maria")
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    for person in (maria, root):
        assert "/link/" not in manager.get(address_of(person)).content.decode()
        assert manager.get(link_page(person)).status_code == 403
        assert manager.post(link_page(person), {}).status_code == 403


def test_nobody_types_a_password_for_somebody_else(edith, manager):
    page = manager.get(f"/admin/tracker/user/{edith.pk}/password/", follow=True)
    assert "doesn’t exist" in read_text(page)  # noqa: RUF001 - Django's words
    assert 'type="password"' not in manager.get("/admin/tracker/user/add/").content.decode()
    assert 'type="password"' not in manager.get(address_of(edith)).content.decode()


def test_it_is_a_line_of_the_log_without_a_name(client, edith, manager, caplog):
    link = give_link(manager, edith)
    with caplog.at_level("INFO", "register.signing_in"):
        choose(client, link)
    (line,) = [record for record in caplog.records if record.name == "register.signing_in"]
    assert (line.getMessage(), line.account) == ("Chose a password by a link", edith.pk)
