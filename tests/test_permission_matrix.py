"""The README's table "Who may do what" is true cell by cell, whatever addresses a person sends her requests to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from tests.desk import Desk, address_of, history_of, make_staff, preview_address, read_errors, read_messages
from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_person,
    make_programme,
    publish_as_approver,
)
from tracker.models import (
    Check,
    Commitment,
    Department,
    Evidence,
    LogEntry,
    MilestoneDocument,
    MilestoneUpdateDocument,
    Petition,
    Programme,
    Redaction,
    Revision,
    SignInFailure,
    SiteState,
    StatusUpdate,
    SupportService,
    Topic,
    User,
    Withdrawal,
)
from tracker.roles import EDITOR, MANAGER, PERMISSIONS, REVIEWER

pytestmark = [pytest.mark.usefixtures("empty_register"), pytest.mark.once]

Cells = dict[tuple[str, str], bool]

LETTERS = {"E": EDITOR, "R": REVIEWER, "M": MANAGER}
PARTS = ("evidence", "milestonedocument", "milestoneupdatedocument")
REASON = "A reason that is long enough for the public to read."
COMMITMENTS_OWN = (
    *("statusupdate", "response", "milestone", "milestoneupdate", "funding", "check", "relation"),
    *("commitment", "revision", "withdrawal", *PARTS),
)


# --- The table --------------------------------------------------------------------------------------


def read_table() -> dict[tuple[str, str], set[str]]:
    """Return the roles in each cell of the README's table, by model and action."""
    section = (
        (Path(settings.BASE_DIR) / "README.md").read_text().split("\n## Who may do what\n", 1)[1].split("\n## ")[0]
    )
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    actions = rows[0][1:]
    return {
        (name, action): {LETTERS[letter] for letter in cell.split()}
        for first, *cells in rows[2:]
        for name in re.findall(r"`(\w+)`", first)
        for action, cell in zip(actions, cells, strict=True)
    }


TABLE = read_table()
MODELS = list(dict.fromkeys(name for name, _ in TABLE))
ACTIONS = list(dict.fromkeys(action for _, action in TABLE))
# What nobody may do by any address: Django's own deleting, and going back to an earlier state by a button.
NEVER = ("delete", "delete chosen", "revert")


def test_the_table_gives_exactly_the_permissions_of_the_roles():
    told: dict[str, set[str]] = {role: set() for role in PERMISSIONS}
    for (name, action), roles in TABLE.items():
        for role in roles:
            if action in ("view", "add", "change"):
                told[role].add(f"{action}_{name}")
            if action == "discard" and name in PARTS:
                told[role].add(f"delete_{name}")
            if action == "publish":
                told[role].add("publish_record")
    assert told == PERMISSIONS


def test_the_table_names_every_model_that_staff_see():
    seen = {model._meta.model_name for model in apps.get_app_config("tracker").get_models()}
    history = {name for name in seen if name.startswith("historical")}
    assert set(MODELS) == seen - history - {"loghead", "lognode", "checkpoint", "standing"}


# --- What the requests are about --------------------------------------------------------------------


class World:
    """One commitment with what can be recorded of it, led by a department, and what its forms are filled in with."""

    def __init__(self, department: str) -> None:
        self.department = make_department(department)
        self.document = make_document()
        self.commitment = make_commitment("REV-1", department=self.department)
        self.other = make_commitment("REV-2", department=make_department("treasury"))
        self.milestone = publish_as_approver(draft_milestone(self.commitment))
        publish_as_approver(
            draft_step(self.milestone, "2024-04-01", met_on="2024-04-01")
        )  # or updates would warn of it
        self.author = make_person("author")

    def draft(self, name: str) -> Any:
        """Make a draft, written by somebody else, that a second person could publish."""
        about = {"commitment": self.commitment, "author": self.author}
        makers = {
            "statusupdate": lambda: draft_update(self.commitment),
            "evidence": lambda: draft_update(self.commitment),
            "response": lambda: draft_response(self.commitment),
            "milestone": lambda: draft_milestone(self.commitment),
            "milestonedocument": lambda: draft_milestone(self.commitment),
            "milestoneupdate": lambda: draft_step(self.milestone, "2024-05-01", met_on="2024-05-01"),
            "milestoneupdatedocument": lambda: draft_step(self.milestone, "2024-05-01", met_on="2024-05-01"),
            "funding": lambda: draft_funding(self.commitment),
            "check": lambda: Check.objects.create(checked_on=D("2024-05-01"), note="Hansard", **about),
            "withdrawal": lambda: Withdrawal.objects.create(reason=REASON, **about),
            "relation": lambda: draft_relation(self.commitment, self.other),
            "commitment": lambda: draft_commitment("REV-3", department=self.department),
            "document": lambda: draft_document("the-draft"),
            "petition": lambda: Petition.objects.create(**PETITION, document=self.document),
            "department": lambda: Department.objects.create(slug="new", name="New", kind="regulator"),
            "programme": self._draft_programme,
            "topic": lambda: Topic.objects.create(slug="new", name="New"),
            "supportservice": lambda: SupportService.objects.create(name="New", phone="1", used_for="All"),
            "revision": self._draft_revision,
            "redaction": lambda: Redaction.objects.create(phrase="the government", reason="court-order"),
        }
        row = makers[name]()
        row.author = self.author
        row.save()
        return row

    def _draft_programme(self) -> Programme:
        facts = {"published_on": D("2024-01-01"), "document": self.document, "expected_commitments": 0}
        return Programme.objects.create(slug="new", name="New", **facts)

    def _draft_revision(self) -> Revision:
        changes = {"title": {"before": self.commitment.title, "after": "Another title"}}
        return Revision.objects.create(target=self.commitment, changes=changes, reason=REASON)

    def submitted(self, name: str) -> Any:
        row = self.draft(name)
        row.submitted_at = timezone.now()
        row.save()
        return row

    def fields(self, name: str) -> dict[str, Any]:
        """What the form of each model is filled in with when a row is added."""
        about = {"commitment": self.commitment.pk}
        document = {"document": self.document.pk}
        filled: dict[str, dict[str, Any]] = {
            "statusupdate": about | STATUS | no_rows("evidence"),
            "evidence": about | STATUS | one_row("evidence", document | {"note": "What it shows."}),
            "response": about | document | {"answer": "accepted", "on": "2024-05-01", "by": "UK Government"},
            "milestone": about | STEP | no_rows("milestone_documents"),
            "milestonedocument": about | STEP | one_row("milestone_documents", document),
            "milestoneupdate": MET | {"milestone": self.milestone.pk} | no_rows("milestone_update_documents"),
            "milestoneupdatedocument": MET
            | {"milestone": self.milestone.pk}
            | one_row("milestone_update_documents", document),
            "funding": about | document | {"stage": "spent", "amount_gbp": "1", "on": "2024-05-01"},
            "check": about | {"checked_on": "2024-05-02", "note": "Looked at the page."},
            "withdrawal": about | {"reason": REASON + " Really."},
            "relation": about | {"kind": "repeats", "related": self.other.pk},
            "commitment": self._commitment_fields(),
            "document": DOCUMENT,
            "petition": PETITION | document | {"number": 2, "title": "Another petition"},
            "department": {"slug": "newer", "name": "Newer", "kind": "regulator"},
            "programme": document
            | {"slug": "newer", "name": "Newer", "published_on": "2024-01-01", "expected_commitments": "0"},
            "topic": {"slug": "newer", "name": "Newer"},
            "supportservice": {"name": "Newer", "used_for": "All", "phone": "2", "position": "0"},
            "revision": {"reason": REASON + " Really."},
            "redaction": {"phrase": "the government promised", "reason": "court-order"},
            "user": {"username": "newer", "is_staff": "on"},
            "signinfailure": {"username": "newer"},
            "logentry": {"subject": "newer"},
            "sitestate": {"is_read_only": "on", "reason": REASON},
        }
        return filled[name]

    def _commitment_fields(self) -> dict[str, Any]:
        return {
            "reference": "REV-4",
            "title": "New",
            "summary": "New",
            "kind": "pledge",
            "programme": make_programme().pk,
            "number": "4",
            "source_document": self.document.pk,
            "made_on": "2024-01-10",
            "made_on_precision": "day",
            "made_by": "Home Secretary",
            "department": self.department.pk,
            "confidence": "high",
        }


STATUS = {"status": "in-progress", "basis": "assessment", "as_of": "2024-05-02", "reason": REASON}
STEP = {"title": "Second report", "due_on": "2024-12-31", "due_text": "by the end of 2024"}
MET = {"as_of": "2024-05-02", "met_on": "2024-05-02"}
PETITION = {
    "number": 1,
    "title": "A petition",
    "state": "closed",
    "parliament": "2019-2024",
    "ask": "Do it.",
    "outcome": "partly-met",
}
DOCUMENT = {
    "identifier": "newer",
    "url": "https://www.gov.uk/newer",
    "title": "Newer",
    "publisher": "Home Office",
    "kind": "report",
    "origin": "official",
    "strength": "strong",
}


def no_rows(prefix: str, *, stored: int = 0) -> dict[str, Any]:
    return {f"{prefix}-TOTAL_FORMS": stored, f"{prefix}-INITIAL_FORMS": stored}


def one_row(prefix: str, fields: dict[str, Any]) -> dict[str, Any]:
    row = {f"{prefix}-0-{name}": value for name, value in fields.items()}
    return {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0} | row


# --- One attempt ------------------------------------------------------------------------------------


@contextmanager
def taken_back() -> Iterator[None]:
    """Let something be tried, and leave the register as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


OWNERS = {"evidence": "statusupdate", "milestonedocument": "milestone", "milestoneupdatedocument": "milestoneupdate"}
PART_MODELS: dict[str, Any] = {
    "evidence": (Evidence, "evidence"),
    "milestonedocument": (MilestoneDocument, "milestone_documents"),
    "milestoneupdatedocument": (MilestoneUpdateDocument, "milestone_update_documents"),
}
LISTED_ONLY = ("user", "signinfailure", "logentry", "sitestate")


class Attempt:
    """What one person tries to do with one kind of row, straight at its addresses; each answer says if it was done."""

    def __init__(self, desk: Desk, world: World, name: str) -> None:
        self.desk, self.world, self.name = desk, world, name
        self.page = OWNERS.get(name, name)
        self.model: Any = apps.get_model("tracker", self.page)

    def post(self, address: str, data: dict[str, Any]) -> None:
        answer = self.desk.post(address, data)
        assert answer.status_code in (200, 302, 403, 404, 409), f"{address} answers {answer.status_code}"

    def row(self) -> Any:
        if self.name == "user":
            return User.objects.create(username="somebody")
        if self.name == "signinfailure":
            return SignInFailure.objects.create(username="somebody", step="password")
        if self.name == "sitestate":
            return SiteState.objects.get_or_create(pk=1)[0]
        return LogEntry.objects.first() if self.name == "logentry" else self.world.draft(self.name)

    def view(self) -> bool:
        row = self.row()
        pages = [f"/admin/tracker/{self.page}/", address_of(row)]
        if self.name not in ("signinfailure", "logentry"):
            pages.append(history_of(row))
        if self.name not in LISTED_ONLY:
            pages.append(f"/admin/review/{self.page}/{row.pk}/")
            # Words that are removed stand on many pages, so the review lists them and there is no preview.
            pages += [] if self.page == "redaction" else [preview_address(row)]
        shown = (200, 410)  # as the page of a commitment that was withdrawn would be
        seen = {self.desk.get(page).status_code in shown for page in pages}
        assert len(seen) == 1, f"of {pages} only some are shown"
        return seen.pop()

    def add(self) -> bool:
        count = self.count()
        self.post(f"/admin/tracker/{self.page}/add/", self.world.fields(self.name) | {"_save": "1"})
        return self.count() > count

    def count(self) -> int:
        model = PART_MODELS[self.name][0] if self.name in PART_MODELS else self.model
        return model.objects.count()

    def changed_fields(self, row: Any) -> dict[str, Any]:
        fields = self.world.fields(self.page) | {"started_from": getattr(row, "version", "")}
        if self.page == "user":
            return fields | {"is_active": "on"}
        return fields

    def change(self) -> bool:
        row = self.row()
        if self.name in PART_MODELS:
            return self.change_part(row, {"document": make_document("another").pk, "note": "Other"})
        before = self.stored(row)
        self.post(address_of(row), self.changed_fields(row) | {"_save": "1"})
        return self.stored(row) != before

    def change_part(self, row: Any, fields: dict[str, Any]) -> bool:
        model, prefix = PART_MODELS[self.name]
        part = model.objects.get(**{f"{model.owner_field}_id": row.pk})
        sent = no_rows(prefix, stored=1) | {f"{prefix}-0-{key}": value for key, value in fields.items()}
        ids = {f"{prefix}-0-id": part.pk, f"{prefix}-0-{model.owner_field}": row.pk}
        self.post(address_of(row), self.changed_fields(row) | sent | ids | {"_save": "1"})
        after = model.objects.filter(pk=part.pk).first()
        return after is None or after.document_id != part.document_id

    def stored(self, row: Any) -> Any:
        return self.model.objects.filter(pk=row.pk).values().first()

    def discard(self) -> bool:
        row = self.row()
        if self.name in PART_MODELS:
            document = {"document": self.world.document.pk, "note": "Says what was done.", "DELETE": "on"}
            return self.change_part(row, document)
        self.post(address_of(row), {"_discard": "1"})
        self.post(f"/admin/review/{self.page}/{row.pk}/", {"_discard": "1", "version": getattr(row, "version", 1)})
        return self.stored(row) is None

    def submit(self) -> bool:
        if self.name in LISTED_ONLY or self.name in PART_MODELS:
            return False
        row = self.world.draft(self.name)
        document = {"document": make_document("another").pk}
        extra = one_row("evidence", document | {"note": "x"}) | one_row("milestone_update_documents", document)
        self.post(address_of(row), self.changed_fields(row) | extra | {"_submit": "1"})
        row.refresh_from_db()
        return row.submitted_at is not None

    def decide(self, button: str) -> Any:
        if self.name in LISTED_ONLY:
            self.post(f"/admin/review/{self.name}/{self.row().pk}/", {button: "1", "version": "1"})
            return None
        row = self.world.submitted(self.name)
        self.post(f"/admin/review/{self.page}/{row.pk}/", {button: "1", "note": REASON, "version": row.version})
        row.refresh_from_db()
        return row

    def publish(self) -> bool:
        if self.name in PART_MODELS:
            return False
        with taken_back():
            row = self.decide("_publish")
            done = row is not None and row.is_published
        return self.publish_chosen(done)

    def publish_chosen(self, expected: bool) -> bool:
        """Try the same with the action of the list, where there is one."""
        if self.name in LISTED_ONLY:
            return expected
        row = self.world.submitted(self.name)
        data = {"action": "publish_those_without_warnings", "_selected_action": [row.pk]}
        self.post(f"/admin/tracker/{self.page}/", data)
        row.refresh_from_db()
        has_action = hasattr(row, "number") and self.page not in ("commitment", "petition")
        assert row.is_published == (expected and has_action), f"{self.name}: the list publishes otherwise"
        return expected

    def send_back(self) -> bool:
        if self.name in PART_MODELS:
            return False
        row = self.decide("_send_back")
        return row is not None and row.return_note == REASON

    def revise(self) -> bool:
        if self.name in LISTED_ONLY or self.name in PART_MODELS:
            return False
        if self.name in ("withdrawal", "revision"):  # published, it would withdraw or reword what all else is about
            row = self.world.submitted(self.name)
            type(row)._base_manager.filter(pk=row.pk).update(published_at=timezone.now())
        else:
            row = publish_as_approver(self.world.draft(self.name))
        before, count = self.stored(row), Revision.objects.count()
        state = f"{row.version}-0"
        sent = self.changed_fields(row) | {"reason_for_change": REASON, "started_from": state, "_save": "1"}
        self.post(address_of(row), sent)
        assert self.stored(row) == before, f"{self.name}: public words were changed without a second person"
        return Revision.objects.count() > count

    def delete(self) -> bool:
        row = self.row()
        self.post(f"/admin/tracker/{self.page}/{row.pk}/delete/", {"post": "yes"})
        return self.stored(row) is None

    def delete_chosen(self) -> bool:
        row = self.row()
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        self.post(f"/admin/tracker/{self.page}/", data)
        return self.stored(row) is None

    def revert(self) -> bool:
        row = self.row()
        first = row.history.last() if hasattr(row, "history") else None
        before = self.stored(row)
        version = first.pk if first else 1
        self.post(f"/admin/tracker/{self.page}/{row.pk}/history/{version}/", self.changed_fields(row))
        return self.stored(row) != before


def try_everything(desk: Desk, world: World) -> Cells:
    cells = {}
    for name in MODELS:
        for action in (*ACTIONS, *NEVER):
            with taken_back():
                cells[name, action] = getattr(Attempt(desk, world, name), action.replace(" ", "_"))()
    return cells


def expected_cells(role: str, *, without: tuple[str, ...] = ()) -> Cells:
    """Return what the table says; rows of the models `without` are only seen."""
    cells = {
        (name, action): role in roles and (action == "view" or name not in without)
        for (name, action), roles in TABLE.items()
    }
    return cells | {(name, action): False for name in MODELS for action in NEVER}


def list_differences(found: Cells, expected: Cells) -> list[str]:
    return [
        f"{name}: {action} is {found[name, action]}"
        for name, action in found
        if found[name, action] != expected[name, action]
    ]


# --- The cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [EDITOR, REVIEWER, MANAGER])
def test_each_role_may_do_what_the_table_says_and_nothing_else(role):
    found = try_everything(Desk(make_staff("anna", role)), World("home-office"))
    assert list_differences(found, expected_cells(role)) == []


@pytest.mark.parametrize("who", ["nobody", "somebody who is no staff", "staff without a role"])
def test_without_a_role_nothing_is_seen_and_nothing_done(who):
    world = World("home-office")
    person = None if who == "nobody" else make_staff("anna")
    if who == "somebody who is no staff":
        User.objects.filter(pk=person.pk).update(is_staff=False)
    assert list_differences(try_everything(Desk(person), world), expected_cells("")) == []


@pytest.mark.parametrize("role", [EDITOR, REVIEWER])
def test_whoever_is_limited_to_a_department_may_do_all_of_it_with_what_that_leads(role):
    world = World("home-office")
    desk = Desk(make_staff("anna", role, world.department))
    assert list_differences(try_everything(desk, world), expected_cells(role)) == []


@pytest.mark.parametrize("role", [EDITOR, REVIEWER])
def test_whoever_is_limited_to_a_department_only_sees_what_others_lead(role):
    desk = Desk(make_staff("anna", role, make_department("home-office")))
    found = try_everything(desk, World("department-for-education"))
    assert list_differences(found, expected_cells(role, without=COMMITMENTS_OWN)) == []


# --- Ways around ------------------------------------------------------------------------------------

LOOKED = {"_checked": "1", "note": "Hansard"}
NOT_YOURS = ["Choose one that your departments lead: what others lead, you can read and not change."]


@pytest.fixture
def limited() -> Desk:
    return Desk(make_staff("anna", EDITOR, make_department("home-office")))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *[(name, "commitment") for name in ("statusupdate", "response", "milestone", "funding", "check", "relation")],
        ("milestoneupdate", "milestone"),
        ("commitment", "department"),
    ],
)
def test_a_draft_cannot_be_moved_to_what_another_department_leads(limited, name, field):
    own, others = World("home-office"), make_commitment("REV-9", department=make_department("treasury"))
    targets: dict[str, Any] = {
        "commitment": others,
        "milestone": publish_as_approver(draft_milestone(others)),
        "department": others.department,
    }
    row = own.draft(name)
    before = getattr(row, field)
    answer = limited.post(address_of(row), own.fields(name) | {field: targets[field].pk, "started_from": row.version})
    assert read_errors(answer)[field] == NOT_YOURS
    row.refresh_from_db()
    assert getattr(row, field) == before


def test_the_words_of_a_commitment_cannot_give_it_away(limited):
    world = World("home-office")
    treasury = make_department("treasury")
    form = limited.open_form(address_of(world.commitment))
    answer = limited.post(
        address_of(world.commitment), form | {"department": treasury.pk, "reason_for_change": REASON, "_save": "1"}
    )
    assert read_errors(answer) == {"department": NOT_YOURS}
    assert Revision.objects.count() == 0


def test_checking_many_at_once_leaves_alone_what_others_lead(limited):
    world = World("home-office")
    answer = limited.act("commitment", "record_check", world.commitment, world.other, **LOOKED)
    assert read_messages(answer) == [
        "REV-1: recorded, and awaits review.",
        "REV-2: left alone, because it belongs to another department.",
    ]
    assert [check.commitment.reference for check in Check.objects.all()] == ["REV-1"]


def test_evidence_of_another_persons_update_is_not_taken_along(limited):
    own, others = World("home-office"), make_commitment("REV-9", department=make_department("treasury"))
    foreign = draft_update(others).evidence.get()
    row = own.draft("statusupdate")
    stolen = no_rows("evidence", stored=1) | {
        "evidence-0-id": foreign.pk,
        "evidence-0-status_update": row.pk,
        "evidence-0-document": own.document.pk,
        "evidence-0-note": "Stolen.",
    }
    limited.post(address_of(row), own.fields("statusupdate") | stolen | {"started_from": row.version})
    foreign.refresh_from_db()
    assert (foreign.note, foreign.status_update.commitment) == ("Says what was done.", others)


def test_fields_offer_only_what_a_persons_departments_lead(limited):
    world = World("home-office")
    publish_as_approver(draft_milestone(world.other, title="Another report"))
    asked = "/admin/autocomplete/?app_label=tracker"
    commitments = limited.get(f"{asked}&model_name=statusupdate&field_name=commitment").json()["results"]
    milestones = limited.get(f"{asked}&model_name=milestoneupdate&field_name=milestone").json()["results"]
    related = limited.get(f"{asked}&model_name=relation&field_name=related").json()["results"]
    assert [row["text"] for row in commitments] == ["REV-1 Do what REV-1 says"]
    assert [row["text"] for row in milestones] == ["REV-1: First report"]
    assert [row["text"] for row in related] == ["REV-1 Do what REV-1 says", "REV-2 Do what REV-2 says"]


def test_a_superuser_does_not_publish_what_she_wrote():
    world = World("home-office")
    row = world.submitted("statusupdate")
    superuser = User.objects.create(username="root", is_staff=True, is_superuser=True)
    StatusUpdate.objects.filter(pk=row.pk).update(author=superuser)
    answer = Desk(superuser).decide(row, "_publish")
    assert read_messages(answer) == ["You wrote this, so somebody else must publish it."]
    row.refresh_from_db()
    assert not row.is_published


def test_a_manager_neither_changes_a_superuser_nor_makes_one():
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    desk = Desk(make_staff("anna", MANAGER))
    fields = {"username": "root", "is_active": "on", "is_superuser": "on", "first_name": "Changed"}
    assert desk.post(address_of(root), fields).status_code == 403
    assert desk.post(f"/admin/tracker/user/{root.pk}/link/", {}).status_code == 403
    desk.post("/admin/tracker/user/add/", fields | {"username": "made", "is_staff": "on"})
    made = get_user_model().objects.get(username="made")
    assert (made.is_staff, made.is_superuser) == (True, False)


@pytest.mark.parametrize("role", ["nobody", *PERMISSIONS])
def test_a_second_factor_is_taken_away_by_who_may_change_people(role):
    lost = make_staff("lost")
    Desk(lost)
    address = f"/admin/tracker/user/{lost.pk}/second-factor/"
    desk = Desk(None if role == "nobody" else make_staff("anna", role))
    seen = desk.get(address).status_code == 200
    desk.post(address, {})
    taken = not Authenticator.objects.filter(user=lost).exists()
    assert (seen, taken) == (role in TABLE["user", "change"], role in TABLE["user", "change"])


def test_a_revision_is_changed_by_who_may_reword_its_target():
    department = make_department("home-office")
    changes = {"name": {"before": "Home Office", "after": "The Home Office"}}
    kind = ContentType.objects.get_for_model(Department)
    row = Revision.objects.create(content_type=kind, object_id=department.pk, changes=changes, reason=REASON)
    sent = {"reason": REASON + " Really.", "started_from": "1", "_save": "1"}
    answers = [Desk(make_staff(role, role)).post(address_of(row), sent).status_code for role in (EDITOR, MANAGER)]
    assert answers == [403, 302]


def test_a_limit_to_departments_is_no_limit_of_sight():
    desk = Desk(make_staff("anna", EDITOR, make_department("treasury")))
    world = World("home-office")
    assert [row.reference for row in desk.get("/admin/tracker/commitment/").context["cl"].result_list] == [
        *("REV-1", "REV-2"),
    ]
    assert desk.get(address_of(world.commitment)).context["has_change_permission"] is False
    assert Commitment.objects.filter(department=world.department).count() == 1
