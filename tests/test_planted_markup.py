"""Whatever staff or files can put in is shown as the text that it is: on every page, at the desk and in every file.

Fields come from the models and addresses from the resolver, so that a new one of either is tried by itself.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from tests.addresses import EXAMPLES, fill_in, list_routes
from tests.desk import Desk, make_staff, review_address
from tests.examples import (
    draft_funding,
    draft_relation,
    draft_response,
    draft_update,
    make_document,
    publish_as_approver,
)
from tests.planting import UNSAFE, find_injected, is_unsafe, plant_everywhere, shows
from tests.seven import find, make_topic
from tests.test_permission_matrix import World
from tracker.models import Document, Petition, SignInFailure, SupportService, User

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

HERE = EXAMPLES | {
    "commitments/<reference:reference>": "REV-1",
    "programmes/<slug:slug>": "the-review",
    "topics/<slug:slug>": "policing",
    "documents/<slug:identifier>": "the-report",
    "petitions/<int:number>": "3",
    "log/<int:sequence>": "3",
    "log/checkpoint/<int:size>": "3",
}
ASKED = (
    *(
        "/commitments/?q=promised",
        "/commitments/?status=delivered",
        "/commitments/?on=2026-01-01",
        "/changes/?since=2020-01-01",
    ),
    *(
        "/compare/?department=home-office&department=treasury",
        "/commitments/REV-1/?on=2026-11-20",
        "/documents/?q=report",
    ),
    *(
        "/oembed/?url=http://127.0.0.1:8000/commitments/REV-1/",
        "/api/changes/?since=2020-01-01",
        "/cy/",
        "/log/?page=2",
    ),
    *(
        "/cy/commitments/REV-1/",
        "/cy/commitments/",
        "/cy/changes/?since=2020-01-01",
        "/cy/help/",
        "/cy/departments/home-office/",
    ),
    *(f"/log/{number}/" for number in range(1, 60, 3)),
)
TRIED_ALONE = ("/logout/", "/jsi18n/", "password_change")


@pytest.fixture
def planted() -> World:
    """A register with one of everything, public and draft, in which every text is markup."""
    world = World("home-office")
    commitment = world.commitment
    commitment.topics.add(make_topic("policing"))
    publish_as_approver(draft_funding(commitment))
    publish_as_approver(draft_relation(commitment, world.other, "repeats"))
    publish_as_approver(draft_response(commitment))
    publish_as_approver(draft_update(commitment, "2024-03-02", evidence={"document": make_document(), "note": "So."}))
    petition = Petition.objects.create(
        number=3, title="Act now", document=make_document(), state="closed", outcome="partly-met", ask="Do it."
    )
    petition.commitments.add(commitment)
    publish_as_approver(petition)
    publish_as_approver(
        SupportService.objects.create(name="A helpline", used_for="Everyone", phone="0800 000", url="http://a.uk")
    )
    for name in ("evidence", *KINDS):
        world.submitted(name)
    SignInFailure.objects.create(username="somebody", step="password", address="192.0.2.1")
    assert make_staff("somebody", "Editor")
    planted, refused = plant_everywhere()
    assert planted > 300
    assert refused == []
    return world


KINDS = (
    *(
        "statusupdate",
        "response",
        "milestone",
        "milestoneupdate",
        "funding",
        "check",
        "relation",
        "commitment",
        "document",
    ),
    *("petition", "department", "programme", "topic", "supportservice", "revision", "redaction"),
)


def read(client: Client, addresses: list[str]) -> Iterator[tuple[str, Any, bytes]]:
    for address in addresses:
        response = client.get(address)
        yield address, response, response.getvalue() if response.streaming else response.content


def find_faults(client: Client, addresses: list[str]) -> tuple[dict[str, list[str]], list[str], int]:
    """Return what was injected where, what broke, and on how many pages the planted text was seen."""
    injected, broken, seen = {}, [], 0
    for address, response, body in read(client, addresses):
        if response.status_code >= 500:
            broken.append(address)
        if found := find_injected(response.get("Content-Type", ""), body):
            injected[address] = found
        seen += shows(body.decode("utf-8", "replace"))
        said = str(response.headers).lower()
        assert "x-q:" not in said
        assert not is_unsafe(response.headers.get("Location", ""))
    return injected, broken, seen


def list_public() -> list[str]:
    routes = [route for route in list_routes() if not route.startswith(("/admin/", "/accounts/"))]
    return [*dict.fromkeys(fill_in(route, HERE) for route in routes), *ASKED]


def list_desk() -> list[str]:
    """Return every address of the desk for the first and the last row of each model that it shows."""
    addresses = [f"/admin/queue/{code}/" for code in ("review", "returned", "drafts")]
    for model, options in admin.site._registry.items():
        rows = model._base_manager.order_by("pk")
        keys = {row.pk for row in (rows.first(), rows.last()) if row is not None}
        start = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        own = [route for route in list_routes() if route.startswith(start)]
        for key in sorted(keys):
            examples = dict.fromkeys(("<path:object_id>", "<slug:object_id>", "<id>", "<int:pk>"), str(key))
            addresses += [fill_in(route, examples) for route in own]
        if options and hasattr(model, "submitted_at"):
            addresses += [
                f"/admin/{page}/{model._meta.model_name}/{key}/" for page in ("review", "preview") for key in keys
            ]
    addresses += [fill_in(route) for route in list_routes() if route.startswith("/accounts/")]
    addresses += [
        "/admin/",
        "/admin/tracker/",
        "/admin/autocomplete/?app_label=tracker&model_name=statusupdate&field_name=commitment",
    ]
    return [each for each in dict.fromkeys(addresses) if not any(word in each for word in TRIED_ALONE)]


def test_no_public_page_or_file_holds_planted_markup_or_an_unsafe_link(planted, client):
    injected, broken, seen = find_faults(client, list_public())
    assert injected == {}
    assert broken == []
    assert seen > 40


def test_the_desk_holds_no_planted_markup_and_no_unsafe_link(planted):
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    addresses = list_desk()
    injected, broken, seen = find_faults(Desk(root).client, addresses)
    assert injected == {}
    assert broken == []
    assert len(addresses) > 200
    assert seen > 80


def test_whatever_stands_in_place_of_an_address_is_read_as_none(planted):
    assert set(Document.objects.values_list("url", flat=True)) == {""}
    for model in apps.get_app_config("tracker").get_models():
        for field in model._meta.concrete_fields:
            if "url" in field.name:
                assert not any(is_unsafe(value) for value in model._base_manager.values_list(field.name, flat=True))


@pytest.mark.parametrize("address", [*UNSAFE, "ftp://a.uk/x", "https:a.uk", "http://"])
def test_a_form_takes_no_address_but_one_of_the_web(address):
    desk = Desk(make_staff("maria", "Manager"))
    answer = desk.post(
        "/admin/tracker/department/add/", {"slug": "x", "name": "X", "kind": "regulator", "url": address, "_save": "1"}
    )
    assert answer.context["adminform"].form.errors.get("url"), address


PAGES = (
    "/",
    "/commitments/?q=promised",
    "/commitments/REV-1/",
    "/documents/the-report/",
    "/help/",
    "/log/",
    "/changes/?since=2020-01-01",
)

BESIDES = ("/admin/jsi18n/", "/commitments/REV-1/badge.svg")  # what these pages load besides files


def test_in_a_browser_nothing_planted_runs(planted, page):
    """Chromium is given what the site answers in this test's transaction; what it asks of others is not let out."""
    desk = Desk(User.objects.create(username="root", is_staff=True, is_superuser=True))
    waiting = review_address(find("REV-1").status_updates.order_by("pk").last())
    opened = (*PAGES, "/admin/", waiting, "/admin/tracker/document/")
    answers = {address: desk.get(address, secure=True) for address in (*opened, *BESIDES)}
    complaints: list[str] = []

    def answer(route: Any) -> None:
        parts = urlsplit(route.request.url)
        address = f"{parts.path}?{parts.query}".rstrip("?")
        is_file = parts.path.startswith("/static/")
        if parts.netloc != "testserver" or not (is_file or address in answers or address == "/favicon.ico"):
            complaints.append(f"asks {route.request.url}")
            route.abort()
            return
        response = answers.get(address) or Client().get(address, secure=True)
        body = response.getvalue() if response.streaming else response.content
        route.fulfill(status=response.status_code, headers=dict(response.headers), body=body)

    page.route(re.compile(".*"), answer)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog on {page.url}"), dialog.dismiss()))
    page.on("console", lambda said: complaints.append(f"{said.text} {said.location['url']}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    for address in opened:
        assert answers[address].status_code == 200
        page.goto(f"https://testserver{address}")
        assert page.locator("h1").count() == 1
        assert page.locator("x-q").count() == 0
    # Django's admin names no icon, so browsers guess.
    assert [each for each in complaints if not each.endswith("/favicon.ico")] == []
    assert len([address for address in opened if shows(answers[address].content.decode())]) > 5
