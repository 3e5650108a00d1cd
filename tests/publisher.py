"""Staff on a machine of their own: publishes one status update for each line that it is sent, a status.

Run by `test_growing_past_one_machine.py`, on a database of its own. Each line of its answer is the register's version.
"""

import sys
from pathlib import Path

import django
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parent.parent))
django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from tests.examples import draft_update, make_commitment, publish_as_approver  # noqa: E402
from tracker.models import LogHead  # noqa: E402

# The tables as they are now, at once: all migrations one after the other take five times as long.
settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
call_command("migrate", run_syncdb=True, verbosity=0)
call_command("createcachetable", verbosity=0)
settings.MIGRATION_MODULES = {}
for app, name in MigrationLoader(connection).disk_migrations:
    MigrationRecorder(connection).record_applied(app, name)
commitment = make_commitment("REV-1")
print(LogHead.objects.get().sequence, settings.DATABASES["default"]["PORT"], flush=True)
for day, status in enumerate(sys.stdin, start=1):
    publish_as_approver(draft_update(commitment, f"2024-03-{day:02}", status=status.strip()))
    print(LogHead.objects.get().sequence, flush=True)
