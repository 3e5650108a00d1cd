"""Somebody has lost her phone: a manager takes her second factor away, and she sets up another."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry as StaffLogEntry

from tests.desk import Desk, address_of, history_of, make_staff, read_messages, read_text
from tracker.models import User

pytestmark = pytest.mark.usefixtures("empty_register")


def factor_address(person: User) -> str:
    return f"/admin/tracker/user/{person.pk}/second-factor/"


def test_the_page_of_a_person_leads_to_it_and_asks_before_anything_is_done(edith, manager):
    phone, laptop = Desk(edith), Desk(edith)
    assert f'href="{factor_address(edith)}"' in manager.get(address_of(edith)).content.decode()
    asked = read_text(manager.get(factor_address(edith)))
    assert "Take away the second factor of edith?" in asked
    assert "the password alone is enough to set up a new second factor" in asked
    assert Authenticator.objects.filter(user=edith).count() == 1
    assert [desk.get("/admin/").status_code for desk in (phone, laptop)] == [200, 200]


def test_whoever_lost_it_is_signed_out_everywhere_and_sets_up_another(edith, manager):
    desks = [Desk(edith), Desk(edith)]
    Authenticator.objects.create(user=edith, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    other = make_staff("rita", "Reviewer")
    untouched = Desk(other)
    answer = manager.post(factor_address(edith), {}, follow=True)
    assert read_messages(answer) == [
        "Edith is signed out everywhere, and sets up a new second factor at the next sign-in."
    ]
    assert [desk.get("/admin/").headers.get("Location") for desk in desks] == ["/admin/login/?next=/admin/"] * 2
    assert [Authenticator.objects.filter(user=person).count() for person in (edith, other)] == [0, 1]
    assert (untouched.get("/admin/").status_code, manager.get("/admin/").status_code) == (200, 200)
    assert f'href="{factor_address(edith)}"' not in manager.get(address_of(edith)).content.decode()


def test_it_is_in_the_history(edith, manager):
    Desk(edith)
    manager.post(factor_address(edith), {})
    assert "maria Second factor taken away" in read_text(manager.get(history_of(edith)))
    assert StaffLogEntry.objects.get().get_change_message() == "Second factor taken away."


def test_nobody_takes_away_her_own_there_or_that_of_a_superuser(manager):
    maria = User.objects.get(username="maria")
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    Desk(root)
    for person in (maria, root):
        assert "second-factor/" not in manager.get(address_of(person)).content.decode()
        assert manager.get(factor_address(person)).status_code == 403
        assert manager.post(factor_address(person), {}).status_code == 403
        assert Authenticator.objects.filter(user=person).count() == 1


@pytest.mark.parametrize("hostile", ["0", "9" * 30, "x", "-1"])
def test_an_unknown_person_is_not_found(manager, hostile):
    assert manager.get(f"/admin/tracker/user/{hostile}/second-factor/").status_code == 404


def test_two_usernames_never_differ_in_capitals_alone(edith, manager):
    person = {"is_staff": "on"}
    manager.post("/admin/tracker/user/add/", person | {"username": "EDITH"})
    manager.post("/admin/tracker/user/add/", person | {"username": "erna"})
    assert sorted(User.objects.values_list("username", flat=True)) == ["edith", "erna", "maria"]
    erna = User.objects.get(username="erna")
    answer = manager.post(address_of(erna), {"username": "Edith", "is_active": "on"})
    assert answer.context["adminform"].form.errors == {
        "username": ["Somebody has this username already. Capitals and small letters make no difference."]
    }
    manager.post(address_of(erna), {"username": "Erna", "is_active": "on"})
    assert sorted(User.objects.values_list("username", flat=True)) == ["Erna", "edith", "maria"]
