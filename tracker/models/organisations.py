"""People who keep the register, the bodies answerable for commitments, and the services that help readers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages import find_address
from tracker.models.base import Publishable, WebAddressField, choice_constraint

TAKEN = "Somebody has this username already. Capitals and small letters make no difference."


class User(AbstractUser):
    """A member of staff. No name of one is ever shown to the public."""

    departments = models.ManyToManyField(
        "tracker.Department",
        related_name="+",
        blank=True,
        help_text="Limits what this person may change to what these departments lead. Leave empty for no limit.",
    )

    history = HistoricalRecords(
        excluded_fields=["password", "last_login"], m2m_fields=[departments, "groups", "user_permissions"]
    )

    def clean(self) -> None:
        super().clean()
        others = User.objects.filter(username__iexact=self.username).exclude(pk=self.pk)
        if self.username and others.exists():
            raise ValidationError({"username": TAKEN})

    @cached_property
    def limits(self) -> set[int]:
        """The departments that this person is limited to; none means no limit."""
        return set(self.departments.values_list("pk", flat=True))

    def covers(self, department_id: int) -> bool:
        """Say whether this person may change what a department leads."""
        return not self.limits or department_id in self.limits


def name_person(person: User | None) -> str:
    """Return what staff call one another. Nobody did what came with the register's files."""
    return (person.get_full_name() or person.get_username()) if person else "The register's files"


class DepartmentKind(models.TextChoices):
    MINISTERIAL_DEPARTMENT = "ministerial-department", _("Ministerial department")
    NON_MINISTERIAL_DEPARTMENT = "non-ministerial-department", _("Non-ministerial department")
    AGENCY_OR_PUBLIC_BODY = "agency-or-public-body", _("Agency or public body")
    POLICE_BODY = "police-body", _("Police body")
    INSPECTORATE = "inspectorate", _("Inspectorate")
    REGULATOR = "regulator", _("Regulator")
    DEVOLVED_GOVERNMENT = "devolved-government", _("Devolved government")
    CROSS_GOVERNMENT = "cross-government", _("Across government")


class Department(Publishable):
    """A ministry or another public body that answers for commitments."""

    Kind = DepartmentKind

    slug = models.SlugField(max_length=120, unique=True, help_text="Its permanent address. Never reused.")
    name = models.CharField(max_length=200)
    abbreviation = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=40, choices=Kind.choices)
    url = WebAddressField("address", max_length=500, blank=True, help_text="Its own page, for readers to go to.")
    name_cy = models.CharField(
        "name in Welsh",
        max_length=200,
        blank=True,
        help_text="What the body calls itself in Welsh. Where it is empty, Welsh pages show the English.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [choice_constraint("kind", DepartmentKind, "department_kind_is_known")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return find_address("tracker:department-detail", self.slug)

    @property
    def subject(self) -> str:
        return f"departments/{self.slug}"

    def facts(self) -> dict[str, Any]:
        facts = {
            "slug": self.slug,
            "name": self.name,
            "abbreviation": self.abbreviation,
            "kind": self.kind,
            "url": self.url,
        }
        return facts | ({"name_cy": self.name_cy} if self.name_cy else {})


class SupportService(Publishable):
    """A national service on the page "Help and support"."""

    public_key = "name"

    name = models.CharField(max_length=200, unique=True)
    is_emergency = models.BooleanField("for emergencies or the police", default=False)
    used_for = models.CharField("who or what it is for", max_length=200)
    phone = models.CharField(max_length=30)
    url = WebAddressField("address", max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0, help_text="Its place on the page; the smallest comes first.")
    confirmed_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day on which the number was read on the organisation's own page. Shown on the page.",
    )
    # Not of a service that became public when the log did not state these yet, until its first new words.
    is_stated_in_full = models.BooleanField(
        "whether the log states its place, its urgency and its confirmation", default=True, editable=False
    )

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        return f"help/{self.name}"

    def get_absolute_url(self) -> str:
        return find_address("tracker:help")

    def apply_words(self, words: dict[str, Any]) -> None:
        self.is_stated_in_full = True
        super().apply_words(words)

    def facts(self) -> dict[str, Any]:
        facts = {"name": self.name, "for": self.used_for, "phone": self.phone, "url": self.url}
        if not self.is_stated_in_full:
            return facts
        return facts | self.read_words(("is_emergency", "position", "confirmed_on"))
