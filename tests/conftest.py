"""What every test may ask for, and the rules for tests that need a browser."""

import datetime as dt
import gc
import io
import os
import shutil
from collections import Counter
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
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests import images
from tests.bases import Bases, make_bases
from tests.copies import empty_the_register, keep_copy, make_once
from tests.desk import Desk, make_staff
from tests.places import emptied_copy
from tests.serving import ProductionSite, serve
from tracker import guards, keeping
from tracker.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# What takes long for the number of its tests.
LONG_FILES = {
    "test_asking_every_shape_the_same",
    "test_every_day_of_generated_histories",
    "test_following_every_link",
    "test_in_a_browser",
    "test_nobody_loses_work",
    "test_opening_files_in_libreoffice",
    "test_running",
    "test_taking_the_whole_register_away",
    "test_the_whole_story_in_a_browser",
    "test_when_the_database_is_away",
}

BASES = pytest.StashKey[Bases]()
BLOCKER = pytest.StashKey[pytest_django.DjangoDbBlocker]()

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

    What asks for no database is the same on every one, so once is enough.
    What takes long is left to `make test-long`, which runs that alone and what can be longer.
    """
    at_length = config.getoption("--long")
    kept = [item for item in items if is_chosen(item, at_length=at_length)]
    config.hook.pytest_deselected(items=[item for item in items if not is_chosen(item, at_length=at_length)])
    items[:] = sort_by_length(kept) if hasattr(config, "workerinput") else kept
    for item in items:
        if not asks_database(item):
            item.add_marker(pytest.mark.once)
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not os.environ.get("REQUIRE_ALL"):
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


def pytest_collection_finish() -> None:
    """Spare the tests an eighth of their time: what is imported by now stays, so looking through it frees nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the figures that the long tests recorded: how often, how soon, how many."""
    if config.getoption("--long"):
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
            if report.user_properties and report.when == "call":
                figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
                terminalreporter.write_line(f"{report.location[2]}: {figures}")


def sort_by_length(items: list[pytest.Item]) -> list[pytest.Item]:
    """Begin with the files that take longest, so that at the end no process waits for what another has just begun."""
    tests = Counter(item.path.name for item in items)
    return sorted(items, key=lambda item: (item.path.stem not in LONG_FILES, -tests[item.path.name]))


def asks_database(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return not {"django_db_setup", "own_database"}.isdisjoint(names) or item.get_closest_marker("django_db") is not None


def is_chosen(item: pytest.Item, *, at_length: bool) -> bool:
    is_long = item.get_closest_marker("long") is not None
    return is_long or "at_length" in getattr(item, "fixturenames", ()) if at_length else not is_long


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if not CHROMIUM:
        pytest.fail("Chromium is not installed, and REQUIRE_ALL is set.")
    # Playwright keeps an event loop running in the test's thread, where Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=20_000)  # milliseconds; five seconds are too few where all processors are busy
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Shadows the fixture of a plugin that is of no use here, and that the newest pytest warns of."""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Bring the register that a test begins with, before any of its fixtures opens a transaction."""
    if BASES in item.config.stash and asks_database(item):
        is_empty = "empty_register" in getattr(item, "fixturenames", ())
        with item.config.stash[BLOCKER].unblock():
            item.config.stash[BASES].bring("empty" if is_empty else "loaded")


@pytest.fixture(scope="session", autouse=True)
def put_right_or_flushed(pytestconfig: pytest.Config) -> Iterator[None]:
    """Let tests with real transactions leave the database as they found it, or else empty, past the guards.

    Django puts those up again after it has emptied the database.
    """
    flush = TransactionTestCase._fixture_teardown

    def put_right_or_flush(case: TransactionTestCase) -> None:
        if not pytestconfig.stash[BASES].put_right():
            guards.take_down()
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_right_or_flush)
        yield


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Load the register once: each test that asks for `db` finds it and leaves it as it was."""
    with images.one_at_a_time(), django_db_blocker.unblock(), images.copied() as is_there:
        request.getfixturevalue("django_db_setup")
        if is_there:
            keep_copy("register")
        else:
            make_once("register", load_register)
            images.keep()
        bases = make_bases()
    request.config.stash[BLOCKER], request.config.stash[BASES] = django_db_blocker, bases
    yield
    with django_db_blocker.unblock():
        bases.end()


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
def emptied(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database of its own with all tables and guards, and nothing in them."""
    with emptied_copy(tmp_path_factory.mktemp("emptied") / "register.sqlite3") as url:
        yield url


@pytest.fixture(scope="module")
def site(register_at_rest: None) -> Iterator[str]:
    """The address of the site, running with the register loaded, for browsers that only read."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def production_site(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductionSite]:
    """The register in production, for one module: what a test changes, the next one of the module finds changed."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with serve(tmp_path_factory.mktemp("production"), shared) as site:
        yield site


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test takes back what it published, which no register does, and the copies of what it signed stay behind."""
    keeping.forget()
    shutil.rmtree(settings.LOG_FOLDER / "checkpoints", ignore_errors=True)


@pytest.fixture
def empty_register(db: None) -> None:
    """A register in which nothing was ever published."""
    if apps.get_model("tracker.LogEntry").objects.exists():  # this is the first test of all
        empty_the_register()


@pytest.fixture
def edith(empty_register: None) -> User:
    """An editor, who may need help with signing in."""
    return make_staff("edith", "Editor")


@pytest.fixture
def manager(empty_register: None) -> Desk:
    """The desk of a manager, who gives it."""
    return Desk(make_staff("maria", "Manager"))


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
