"""Makes staff with every permission in the database of a server, signs them in, and prints the keys of the sessions."""

import sys
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from tracker.models import User  # noqa: E402

SESSIONS = 8

for number in range(SESSIONS):
    person, _ = User.objects.get_or_create(username=f"staff-{number}", is_staff=True, is_superuser=True)
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    now = time.time()
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            "account_authentication_methods": [{"method": "password", "at": now}, {"method": "mfa", "at": now}],
            "account_authentication_methods_user": str(person.pk),
        }
    )
    session.save()
    print(session.session_key)
