"""What a page costs the site, the primary and the replica in processor time: python -m tests.measure_growing.

It makes a PostgreSQL server and a replica of its own, loads the register's files, and asks in turn with the replica and
without, in this one process; GROWING.md has what it printed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.clusters import follow, replicated

DRAWN, KEPT = 40, 2_000  # how often each page is asked for
TICK = os.sysconf("SC_CLK_TCK")
PAGES = (
    "/",
    "/commitments/",
    "/commitments/?department=home-office&status=in-progress",
    "/commitments/IICSA-13/",
    "/log/",
)


def main() -> None:
    with replicated("127.0.0.1") as (primary, replica):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": primary.address(),
            "TEST_REPLICA_URL": replica.address(),
        }
        load()
        follow(primary, replica)
        measure()


def load() -> None:
    import django  # noqa: PLC0415 - its settings name the servers, which have to run first

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    for database in settings.DATABASES.values():
        database["CONN_MAX_AGE"] = None  # one process of each server is watched from beginning to end
    settings.MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in settings.INSTALLED_APPS} | {"tracker": None}
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("load_register")


def measure() -> None:
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415

    from tests.test_handing_out_finished_pages import ask  # noqa: PLC0415
    from tracker.finished import FinishedPages  # noqa: PLC0415

    with_replica, alone = FinishedPages(WSGIHandler()), FinishedPages(WSGIHandler())
    alone.databases.has_replica = False
    print(f"{'page':60} {'':9} {'site':>8} {'primary':>8} {'replica':>8}  (milliseconds of processor time a request)")
    for page in PAGES:
        for name, site in (("alone", alone), ("replica", with_replica)):
            mark = "&" if "?" in page else "?"
            costs = cost(lambda: ask(site, f"{page}{mark}from=measure"), DRAWN)  # noqa: B023
            print(f"{page:60} {name:9} {costs}", flush=True)
    for name, site in (("alone", alone), ("replica", with_replica)):
        print(f"{'any page that was drawn before':60} {name:9} {cost(lambda: ask(site, '/topics/'), KEPT)}")  # noqa: B023


def cost(do: Callable[[], object], times: int) -> str:
    do()
    before = read_clocks()
    for _ in range(times):
        do()
    spent = [(after - start) * 1000 / times for start, after in zip(before, read_clocks(), strict=True)]
    return " ".join(f"{each:8.2f}" for each in spent)


def read_clocks() -> tuple[float, float, float]:
    from django.db import connections  # noqa: PLC0415

    return time.process_time(), *(read_clock(connections[name]) for name in ("default", "replica"))


def read_clock(connection: object) -> float:
    """Return the processor seconds of the server's process behind a connection."""
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICK


if __name__ == "__main__":
    main()
