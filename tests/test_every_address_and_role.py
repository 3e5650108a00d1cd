"""Every address of the resolver against every role: who may open it stands in a table, and a new address needs a row.

The README's table "Who may do what" says it for each model; here are the addresses that belong to none.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.test import Client

from tests.addresses import fill_in, list_routes
from tests.copies import copy_rows
from tests.desk import Desk, make_staff, sign_in
from tests.examples import make_person
from tests.test_permission_matrix import PART_MODELS, TABLE, World
from tracker.models import SignInFailure, SiteState, User
from tracker.models.base import Publishable
from tracker.roles import EDITOR, MANAGER, PERMISSIONS, REVIEWER

pytestmark = pytest.mark.usefixtures("empty_register")

NOBODY, OUTSIDER, ROLELESS = "nobody", "somebody who is no staff", "staff without a role"
ROLES = (NOBODY, OUTSIDER, ROLELESS, EDITOR, REVIEWER, MANAGER)
SIGNED_IN = {OUTSIDER, ROLELESS, EDITOR, REVIEWER, MANAGER}
STAFF, WITH_ROLE, NONE = {ROLELESS, EDITOR, REVIEWER, MANAGER}, {EDITOR, REVIEWER, MANAGER}, set()

# Who is shown a page there. Everybody else is led to the sign-in page, or told that it is not for them or not there.
OPENED = {
    "/admin/": STAFF,
    "/admin/autocomplete/": NONE,  # without what is looked for
    "/admin/jsi18n/": STAFF,
    "/admin/login/": NONE,
    "/admin/logout/": STAFF,  # asks whether that is meant
    "/admin/nowhere": NONE,
    "/admin/password_change/": NONE,
    "/admin/password_change/done/": NONE,
    "/admin/preview/<slug:kind>/<int:pk>/": WITH_ROLE,
    "/admin/queue/<slug:code>/": STAFF,  # what waits for herself: nothing, for who has no role
    "/admin/r/<path:content_type_id>/<path:object_id>/": NONE,
    "/admin/review/<slug:kind>/<int:pk>/": WITH_ROLE,
    "/admin/tracker/": WITH_ROLE,
    "/accounts/login/": {NOBODY},
    "/accounts/logout/": SIGNED_IN,
    "/accounts/confirm/": NONE,
    "/accounts/password/": SIGNED_IN,
    "/accounts/password/set/": NONE,
    "/accounts/password/link/<uidb64>/<token>/": NONE,  # a link that nobody was given
    "/accounts/sessions/": SIGNED_IN,
    "/accounts/second-factor/": SIGNED_IN,
    "/accounts/second-factor/use/": NONE,
    "/accounts/second-factor/confirm/": SIGNED_IN,
    "/accounts/second-factor/app/add/": NONE,
    "/accounts/second-factor/app/remove/": SIGNED_IN,
    "/accounts/second-factor/codes/": NONE,  # who has made none
    "/accounts/second-factor/codes/new/": SIGNED_IN,
    "/accounts/second-factor/codes/download/": NONE,
    "/accounts/passkeys/": SIGNED_IN,
    "/accounts/passkeys/add/": SIGNED_IN,
    "/accounts/passkeys/confirm/": NONE,  # who has none
    "/accounts/passkeys/sign-in/": NONE,  # but for a script that asks for JSON
    "/accounts/passkeys/<int:pk>/rename/": NONE,  # somebody else's
    "/accounts/passkeys/<int:pk>/remove/": NONE,
}
# The addresses of each model at the desk, by the action of the README's table that opens them.
PAGES_OF_A_MODEL = {
    "": "view",
    "add/": "add",
    "<path:object_id>/history/": "view",
    "<path:object_id>/history/<int:pk>/": "view",
    "<path:object_id>/delete/": "",
    "<path:object_id>/change/": "view",
    "<path:object_id>/": "",  # leads to the one before
    "<slug:object_id>/link/": "change",
    "<slug:object_id>/second-factor/": "change",
}
OTHER_MODELS = {("auth.group", action): NONE for action in ("view", "add", "change")}
OTHER_MODELS |= {("admin.logentry", "view"): WITH_ROLE, ("admin.logentry", "add"): NONE}
OF_A_MODEL = re.compile(r"/admin/(tracker|auth|admin)/(\w+)/(.*)")
ASSETS = re.compile(r"/(?:static|media)/")
FORGED = {
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "published_at_0": "2020-01-01",
    "published_at_1": "00:00",
    "published_at": "2020-01-01 00:00",
    "submitted_at": "2020-01-01 00:00",
    "approver": "1",
    "author": "1",
    "number": "77",
    "version": "77",
    "id": "987654321",
    "pk": "987654321",
    "current_update": "1",
    "withdrawn_at": "2020-01-01 00:00",
    "_publish": "1",
    "_save": "1",
    "_discard": "1",
    "_submit": "1",
    "action": "delete_selected",
    "_selected_action": "1",
    "post": "yes",
    "groups": "3",
    "password": "x",
}


def find_opened(route: str) -> set[str] | None:
    """Return who is shown a page at this route, or None where everybody is. Fails where no row says it."""
    if not route.startswith(("/admin/", "/accounts/")):
        return None
    if not (found := OF_A_MODEL.fullmatch(route)):
        return OPENED[route]
    app, model, page = found.groups()
    action = PAGES_OF_A_MODEL[page]
    if not action:
        return set()
    return set(TABLE[model, action] if app == "tracker" else OTHER_MODELS[f"{app}.{model}", action])


@pytest.fixture
def world() -> World:
    world = World("home-office")
    for name in dict.fromkeys(name for name, _ in TABLE):
        if issubclass(apps.get_model("tracker", name), Publishable) and name not in PART_MODELS:
            world.submitted(name)
    SiteState.objects.create(pk=1)
    SignInFailure.objects.create(username="anna", address="192.0.2.1", step="password")
    StaffLogEntry.objects.log_actions(world.author.pk, [world.document], CHANGE, "[]", single_object=True)
    return world


def enter(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role == NOBODY:
        return client
    person = make_staff("anna", role if role in PERMISSIONS else "")
    if role == OUTSIDER:
        User.objects.filter(pk=person.pk).update(is_staff=False)
        person.refresh_from_db()
    sign_in(client, person)
    return client


def find_address(route: str) -> str:
    """Return an address of a row that there is, where the route names one."""
    examples = {"queue/<slug:code>": "review"}
    found = OF_A_MODEL.fullmatch(route)
    name = f"{found[1]}.{found[2]}" if found else "tracker.statusupdate"
    model: Any = apps.get_model(name)
    rows = model._base_manager.order_by("pk" if model is User else "-pk")  # not the person herself
    row = rows.filter(submitted_at__isnull=False).first() if hasattr(model, "submitted_at") else rows.first()
    key = row.pk if row is not None else 1
    if "/history/<int:pk>" in route and row is not None:
        examples["history/<int:pk>"] = str(row.history.order_by("pk").last().pk)
    parts = ("<path:content_type_id>", "<path:object_id>", "<slug:object_id>", "<int:pk>", "<uidb64>", "<token>")
    return fill_in(route, examples | {"<slug:kind>": "statusupdate"} | dict.fromkeys(parts, str(key)))


def list_closed() -> list[str]:
    return [route for route in list_routes() if route.startswith(("/admin/", "/accounts/"))]


def test_every_address_has_its_row_and_every_row_its_address():
    routes = list(list_routes())
    for route in routes:
        find_opened(route)
    assert set(OPENED) - set(routes) == set()
    assert [route for route in routes if ASSETS.match(route)] == []
    assert len(list_closed()) > 150


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_each_role_as_its_row_says(world, role, at_length):
    client = enter(role)
    routes = list_closed()
    routes = routes if at_length or role in (NOBODY, OUTSIDER, ROLELESS) else routes[::3]
    wrong = {}
    for route in routes:
        status = client.get(find_address(route)).status_code
        if (status == 200) != (role in (find_opened(route) or ())) or status >= 500:
            wrong[route] = status
    assert wrong == {}


@pytest.mark.parametrize("role", [OUTSIDER, MANAGER])
def test_the_public_pages_are_the_same_for_every_role(world, role):
    stranger, person = Client(), enter(role)
    public = [fill_in(route) for route in list_routes() if find_opened(route) is None][::4]
    for address in public:
        seen = stranger.get(address), person.get(address)
        assert seen[0].status_code == seen[1].status_code, address
        if not seen[0].streaming:
            assert seen[0].content == seen[1].content, address


@pytest.mark.parametrize("role", [NOBODY, OUTSIDER, ROLELESS])
def test_no_address_changes_anything_for_whoever_may_not(world, role):
    client = enter(role)
    addresses = [find_address(route) if find_opened(route) is not None else fill_in(route) for route in list_routes()]
    before = copy_rows()
    statuses = {}
    for address in addresses:
        if not address.startswith("/accounts/"):
            statuses[address] = client.post(address, FORGED).status_code
    assert copy_rows() == before
    assert {address: status for address, status in statuses.items() if status >= 500} == {}


def test_no_get_changes_anything(world):
    client = enter(MANAGER)
    addresses = [find_address(route) for route in list_closed() if "passkeys/" not in route]
    before = copy_rows()
    for address in addresses:
        client.get(address, FORGED)
    assert copy_rows() == before


@pytest.mark.parametrize("role", [EDITOR, MANAGER])
def test_no_forged_field_reaches_a_row(world, role):
    """What a form does not have is left as it is, whatever is sent along with what it has."""
    person = make_staff("anna", role)
    desk = Desk(person)
    given = {"action", "groups"}  # an action is none of a form; a role is for a manager to give
    forged = {name: value for name, value in FORGED.items() if not name.startswith("_") and name not in given}
    other = make_person("author")
    for name in sorted({name for name, action in TABLE if action == "add" and role in TABLE[name, action]}):
        if name in PART_MODELS:
            continue
        model: Any = apps.get_model("tracker", name)
        known = set(model._base_manager.values_list("pk", flat=True))
        fields = world.fields(name)
        sent = {key: value for key, value in forged.items() if key not in fields} | fields | {"author": other.pk}
        desk.post(f"/admin/tracker/{name}/add/", sent | {"_save": "1"})
        made = model._base_manager.exclude(pk__in=known).get()
        if name == "user":
            assert (made.is_superuser, made.has_usable_password()) == (False, False)
            continue
        assert (made.published_at, made.submitted_at, made.author, made.approver) == (None, None, person, None), name
        assert made.pk != 987_654_321
        assert made.version == 1
