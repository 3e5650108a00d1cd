"""Each variable of the environment: what it may hold, and the sentence that stops the site when it holds another."""

import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.floor import refuse_an_old_django
from config.patience import serve_from

SETTINGS = settings.BASE_DIR / "config" / "settings.py"
VARIABLES = (
    *(
        "CONTACT_EMAIL",
        "DATABASE_URL",
        "DEBUG",
        "LOG_FORMAT",
        "LOG_KEY",
        "METRICS_ADDRESS",
        "REPLICA_URL",
        "SECRET_KEY",
        "SITE_URL",
        "TRUSTED_PROXIES",
        "TWO_PERSON_RULE",
    ),
)
REACH = {
    "SITE_URL",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_PROXY_SSL_HEADER",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
}
SECRET = "fifty-characters-that-nobody-would-guess-0123456789"

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Run the settings file in a folder of its own and an environment of these variables alone."""

    def run(**variables: str) -> dict[str, Any]:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in {"SECRET_KEY": SECRET, **variables}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "config").mkdir(exist_ok=True)
        return runpy.run_path(shutil.copy(SETTINGS, tmp_path / "config"))

    return run


def test_a_secret_is_all_that_a_site_needs(read: Read) -> None:
    found = read()
    assert {name: found[name] for name in ("DEBUG", "SECRET_KEY", "TWO_PERSON_RULE", "SITE_URL")} == {
        "DEBUG": False,
        "SECRET_KEY": SECRET,
        "TWO_PERSON_RULE": True,
        "SITE_URL": "http://127.0.0.1:8000",
    }


def test_a_variable_set_to_nothing_counts_as_not_set(read: Read) -> None:
    found = read(DEBUG="", TWO_PERSON_RULE="", SITE_URL="", DATABASE_URL="")
    assert found["DEBUG"] is False
    assert found["TWO_PERSON_RULE"] is True
    assert found["SITE_URL"] == "http://127.0.0.1:8000"
    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"


@pytest.mark.parametrize("name", ["DEBUG", "TWO_PERSON_RULE"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("ON", True), ("0", False), ("False", False), ("off", False)],
)
def test_a_switch_is_on_or_off(read: Read, name: str, value: str, *, expected: bool) -> None:
    assert read(**{name: value})[name] is expected


def test_the_secret_that_this_folder_made_for_itself_is_known_to_every_command(read: Read, tmp_path: Path) -> None:
    own = tmp_path / "var" / "secret_key"
    own.parent.mkdir()
    own.write_text(f"{SECRET[::-1]}\n")
    assert read(SECRET_KEY="")["SECRET_KEY"] == SECRET[::-1]
    assert read()["SECRET_KEY"] == SECRET


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DEBUG": "yes please"}, "DEBUG must be one of 1, true, on, 0, false, off"),
        ({"TWO_PERSON_RULE": "2"}, "TWO_PERSON_RULE must be one of 1, true, on, 0, false, off"),
        ({"CONTACT_EMAIL": "somebody"}, "CONTACT_EMAIL must be an e-mail address; not 'somebody'."),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be a random text of at least 50 characters"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be a random text of at least 50 characters"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be a random text of at least 50 characters"),
        ({"TRUSTED_PROXIES": "nginx"}, "TRUSTED_PROXIES must be addresses or networks such as 127.0.0.1"),
        ({"TRUSTED_PROXIES": "10.0.0.1/24"}, "TRUSTED_PROXIES must be addresses or networks such as 127.0.0.1"),
        ({"SITE_URL": "register.example"}, "SITE_URL must be the public address of the site"),
        ({"SITE_URL": "ftp://register.example"}, "SITE_URL must be the public address of the site"),
        ({"SITE_URL": "https://"}, "SITE_URL must be the public address of the site"),
        ({"SITE_URL": "https://a.example/register"}, "SITE_URL must be the public address"),
        ({"SITE_URL": "https://a.example?x=1"}, "SITE_URL must be the public address"),
        ({"SITE_URL": "https://me:secret@a.example"}, "SITE_URL must be the public address"),
        ({"SITE_URL": "http://a.example:99999"}, "SITE_URL must be the public address"),
        ({"SITE_URL": "https://*"}, "SITE_URL must be the public address of the site"),
        ({"DATABASE_URL": "register"}, "DATABASE_URL must be an address such as postgres://"),
        ({"DATABASE_URL": "mysql://me@host/name"}, "DATABASE_URL must be an address such as"),
        ({"DATABASE_URL": "postgres://me@host"}, "DATABASE_URL must be an address such as"),
        ({"DATABASE_URL": "postgres://me@host:port/name"}, "DATABASE_URL must be an address such"),
    ],
)
def test_a_wrong_value_stops_the_site_and_names_the_variable(
    read: Read, variables: dict[str, str], expected: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**variables)
    assert str(refusal.value).startswith(expected)


def test_a_refused_database_address_does_not_repeat_the_password(read: Read) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(DATABASE_URL="mysql://me:hunter2@host/name")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("key", ["x", "AAAA", "not a secret" * 4, "A" * 43 + "=A", "é" * 44])
def test_a_key_for_the_log_that_is_none_is_refused_and_not_repeated(read: Read, key: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(LOG_KEY=key)
    assert str(refusal.value).startswith("LOG_KEY must be 32 random bytes in base64")
    assert key not in str(refusal.value).split()


def test_a_key_for_the_log_need_not_be_given(read: Read) -> None:
    assert read()["LOG_KEY"] == ""
    assert read(LOG_KEY="A" * 43 + "=")["LOG_KEY"] == "A" * 43 + "="


@pytest.mark.once
def test_django_has_nothing_to_say_against_how_a_site_is_deployed(tmp_path: Path) -> None:
    """The warnings that `check --deploy` adds, too; settings.py says why one of them is none here."""
    variables = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": SECRET,
        "SITE_URL": "https://register.example.org",
        "DATABASE_URL": f"sqlite:///{tmp_path}/register.sqlite3",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    said = subprocess.run(command, cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.parametrize("version", [(5, 2, 18), (5, 1, 99), (4, 2, 30)])
def test_an_old_django_with_known_weaknesses_stops_the_site(version: tuple[int, ...]) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^Django 5\.2\.19 or newer is needed; this is \d\.\d\.\d+\.$"):
        refuse_an_old_django(version)
    for newer in ((5, 2, 19), (5, 2, 20), (6, 0, 0)):
        refuse_an_old_django(newer)


def test_a_served_page_has_postgresql_compile_nothing_sort_in_memory_and_wait_for_little(read: Read) -> None:
    database = read(DATABASE_URL="postgres://me@db.example/register")["DATABASES"]["default"]
    serve_from(database)
    assert database["OPTIONS"]["options"].split("-c ")[1:] == [
        *("lock_timeout=5s ", "statement_timeout=8s "),
        *("jit=off ", "work_mem=32MB"),
    ]


def test_what_an_operator_says_of_postgresql_comes_last_and_counts(read: Read) -> None:
    database = read(DATABASE_URL="postgres://me@db.example/register?options=-c%20work_mem%3D8MB")["DATABASES"][
        "default"
    ]
    serve_from(database)
    assert database["OPTIONS"]["options"].endswith("-c work_mem=32MB -c work_mem=8MB")


def test_debugging_needs_no_secret(read: Read) -> None:
    assert read(DEBUG="1", SECRET_KEY="")["DEBUG"] is True


def test_sqlite_lies_in_var_and_never_loses_what_was_published(read: Read, tmp_path: Path) -> None:
    assert read()["DATABASES"]["default"] == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "var" / "register.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def test_postgresql_keeps_its_connections_and_checks_them(read: Read) -> None:
    address = "postgres://me:p%40ss@db.example:5433/register?sslmode=require"
    found = read(DATABASE_URL=address)["DATABASES"]["default"]
    del found["DISABLE_SERVER_SIDE_CURSORS"]
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
        "NAME": "register",
        "OPTIONS": {"connect_timeout": 3, "sslmode": "require"},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def test_a_replica_is_read_beside_the_database(read: Read) -> None:
    assert list(read(DATABASE_URL="postgres://db.example/register")["DATABASES"]) == ["default"]
    found = read(DATABASE_URL="postgres://db.example/register", REPLICA_URL="postgres://copy.example/register")
    assert {name: each["HOST"] for name, each in found["DATABASES"].items()} == {
        "default": "db.example",
        "replica": "copy.example",
    }
    assert found["DATABASES"]["replica"]["OPTIONS"] == {"connect_timeout": 3}


@pytest.mark.parametrize("databases", [("", "postgres://me:hunter2@host/name"), ("postgres://host/name", "hunter2")])
def test_a_replica_of_anything_but_postgresql_is_refused(read: Read, databases: tuple[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(DATABASE_URL=databases[0], REPLICA_URL=databases[1])
    assert str(refusal.value).startswith("REPLICA_URL must be the address of a streaming replica")
    assert "hunter2" not in str(refusal.value)


def test_the_log_is_of_json_unless_a_person_reads_it(read: Read) -> None:
    assert read(LOG_FORMAT="json")["LOGGING"]["handlers"]["stderr"]["formatter"] == "json"
    assert read(LOG_FORMAT="plain")["LOGGING"]["handlers"]["stderr"]["formatter"] == "plain"
    with pytest.raises(ImproperlyConfigured, match=r"LOG_FORMAT must be one of plain, json; not 'xml'\."):
        read(LOG_FORMAT="xml")


def test_the_numbers_are_for_machines_next_door(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # put back afterwards
    assert read()["METRICS_ADDRESS"] is None
    assert read(METRICS_ADDRESS="127.0.0.1:9100")["METRICS_ADDRESS"] == ("127.0.0.1", 9100)
    assert read(METRICS_ADDRESS="[::1]:9100")["METRICS_ADDRESS"] == ("::1", 9100)
    for address in ("0.0.0.0:9100", "8.8.8.8:9100", "127.0.0.1", "localhost:9100", "[::]:9100", "127.0.0.1:99999"):
        with pytest.raises(ImproperlyConfigured, match="METRICS_ADDRESS must be an address of this machine"):
            read(METRICS_ADDRESS=address)


def test_an_https_site_is_reached_by_its_own_name_and_over_https_alone(read: Read) -> None:
    found = read(SITE_URL="https://register.example.org/")
    assert {name: found[name] for name in REACH} == {
        "SITE_URL": "https://register.example.org",
        "ALLOWED_HOSTS": ["register.example.org"],
        "CSRF_TRUSTED_ORIGINS": ["https://register.example.org"],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
    }


def test_a_site_on_this_machine_answers_to_all_its_names(read: Read) -> None:
    found = read(SITE_URL="http://localhost:8123")
    assert {name: found[name] for name in REACH} == {
        "SITE_URL": "http://localhost:8123",
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": [
            "http://127.0.0.1:8123",
            "http://localhost:8123",
            "http://[::1]:8123",
        ],
        "SECURE_PROXY_SSL_HEADER": None,
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
    }


def test_no_proxy_is_believed_that_is_not_named(read: Read) -> None:
    assert read()["TRUSTED_PROXIES"] == []
    found = read(TRUSTED_PROXIES="127.0.0.1, 10.1.0.0/16 ::1")["TRUSTED_PROXIES"]
    assert [str(network) for network in found] == ["127.0.0.1/32", "10.1.0.0/16", "::1/128"]


@pytest.mark.django_db
def test_a_page_may_run_nothing_but_the_site_s_own_files(client: Client) -> None:
    headers = client.get("/admin/login/").headers
    assert sorted(headers["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "manifest-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    ]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
