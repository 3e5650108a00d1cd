"""What every test may ask for, and the rules for tests that need a browser."""

import datetime as dt
import gc
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import pytest_django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import TransactionTestCase
from pytest_django.live_server_helper import LiveServer

from tests.copies import empty_the_register, make_once
from tracker import guards, keeping

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# The tests run as root in CI, where Chromium refuses its sandbox; the rest keeps it from calling home.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long tests alone, and those that can be longer")


@pytest.fixture(scope="session")
def at_length(pytestconfig: pytest.Config) -> bool:
    """Whether a test that can be longer or shorter runs at its full length, as `make test-long` asks."""
    return pytestconfig.getoption("--long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that open a page, and leave them out where there is no browser to open it in.

    What takes long is left to `make test-long`, which runs that alone and what can be longer.
    """
    at_length = config.getoption("--long")
    kept = [item for item in items if is_chosen(item, at_length=at_length)]
    config.hook.pytest_deselected(items=[item for item in items if not is_chosen(item, at_length=at_length)])
    items[:] = kept
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not os.environ.get("REQUIRE_ALL"):
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


def pytest_collection_finish() -> None:
    """Spare the tests an eighth of their time: what is imported by now stays, so looking through it frees nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def is_chosen(item: pytest.Item, *, at_length: bool) -> bool:
    is_long = item.get_closest_marker("long") is not None
    return is_long or "at_length" in getattr(item, "fixturenames", ()) if at_length else not is_long


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if not CHROMIUM:
        pytest.fail("Chromium is not installed, and REQUIRE_ALL is set.")
    # Playwright keeps an event loop running in the test's thread, where Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Shadows the fixture of a plugin that is of no use here, and that the newest pytest warns of."""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.fixture(scope="session", autouse=True)
def flushes_without_guards() -> Iterator[None]:
    """Let tests with real transactions empty the database after them. Django then puts the guards up again."""
    flush = TransactionTestCase._fixture_teardown

    def take_down_and_flush(case: TransactionTestCase) -> None:
        guards.take_down()
        flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", take_down_and_flush)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Load the register once: each test that asks for `db` finds it and leaves it as it was."""
    with django_db_blocker.unblock():
        make_once("register", load_register)


@pytest.fixture
def loaded_register(register_put_back: None, db: None) -> None:
    """The register's own files, loaded."""


@pytest.fixture
def register_put_back(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Make good what a test with real transactions has emptied, before the transaction of this one begins."""
    with django_db_blocker.unblock():
        ensure_register()


@pytest.fixture(scope="module")
def register_at_rest(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """The register's own files, loaded, for tests that only read and read much: one reading serves a whole module."""
    with django_db_blocker.unblock():
        ensure_register()
        yield


@pytest.fixture(scope="module")
def site(register_at_rest: None) -> Iterator[str]:
    """The address of the site, running with the register loaded, for browsers that only read."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test takes back what it published, which no register does."""
    keeping.forget()


@pytest.fixture
def empty_register(db: None) -> None:
    """A register in which nothing was ever published."""
    empty_the_register()


@pytest.fixture
def connection_of_the_test_stays_open() -> Iterator[None]:
    """Keep Django from closing, after each request, the connection in whose transaction the test stands."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def on_21_november_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop Django's clock at noon of that day, so that what is due soon and what is overdue stays so."""
    noon = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)


def ensure_register() -> None:
    if not apps.get_model("tracker.LogEntry").objects.exists():
        # Whatever tests signed since it was loaded is of a register that is there no more.
        shutil.rmtree(settings.LOG_FOLDER / "checkpoints", ignore_errors=True)
        make_once("register", load_register)


def load_register() -> None:
    call_command("load_register", stdout=io.StringIO())


@pytest.fixture
def own_database(django_db_setup: None, tmp_path: Path) -> Iterator[str]:
    """A database of its own for real transactions: a file, or another database on the server of the tests."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'own.sqlite3'}"
        return
    facts: dict[str, Any] = settings.DATABASES["default"]
    name = f"own_{os.getpid()}"
    server = {
        "host": facts["HOST"],
        "port": facts["PORT"] or 5432,
        "user": facts["USER"],
        "password": facts["PASSWORD"],
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connected:
        connected.execute(f"CREATE DATABASE {name}")
        try:
            account = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}".rstrip(":")
            yield f"postgres://{account}@{facts['HOST']}:{server['port']}/{name}"
        finally:
            connected.execute(f"DROP DATABASE {name} WITH (FORCE)")
