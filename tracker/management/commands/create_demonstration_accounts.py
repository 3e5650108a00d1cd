"""Makes two accounts for trying the staff desk on one's own machine; `make run` calls it, and it works nowhere else."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracker.models import User
from tracker.roles import EDITOR, REVIEWER

ROLES = {"editor": EDITOR, "reviewer": REVIEWER}
# Without the letters and figures that look like others: somebody may type this.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = (
        "Make the accounts editor and reviewer, unless they are there, and show their random passwords, once. "
        "Only for one's own copy: reached from this machine alone, with the database that `make run` made."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("This is not a demonstration on one's own machine. No account was made.")
        self.stdout.write(f"The staff desk: {find_desk_address()}")
        for username, role in ROLES.items():
            password = create_account(username, role)
            if password:
                self.stdout.write(f"  {username:<9} {password}  (its password; it is not shown again)")
            else:
                self.stdout.write(
                    f"  {username:<9} has the password shown when it was made, or one that you set with: "
                    f"DEBUG=1 .venv/bin/python manage.py changepassword {username}"
                )
        if settings.REQUIRE_SECOND_FACTOR:
            self.stdout.write(
                "  Each sets up a second factor at its first sign-in, with any authenticator app or a passkey; "
                "to try the desk without: make run REQUIRE_SECOND_FACTOR=off"
            )


def find_desk_address() -> str:
    """Return the desk's address on localhost: there, unlike at 127.0.0.1, browsers offer passkeys."""
    port = urlsplit(settings.SITE_URL).port
    return f"http://localhost{f':{port}' if port else ''}/admin/"


@transaction.atomic
def create_account(username: str, role: str) -> str | None:
    """Make an account with a random password and return that; None if there is such an account already."""
    if User.objects.filter(username__iexact=username).exists():
        return None
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))
    user = User.objects.create_user(username, password=password, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return password
