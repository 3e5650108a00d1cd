"""Readers of what is not at hand are told to come back, never that the register is broken; the rest goes on."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.examples import make_commitment
from tests.reading import Page

AT_ONCE = 5  # seconds
ADDRESSES = ("/", "/commitments/?q=police", "/commitments/REV-1/", "/cy/", "/api/departments/", "/commitments.csv")


@contextmanager
def stopped() -> Iterator[None]:
    """Let PostgreSQL end every connection to the tests' database and take no new one."""
    facts, name = urlsplit(os.environ["DATABASE_URL"]), connection.settings_dict["NAME"]
    with psycopg.connect(facts.geturl(), autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        try:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')


@pytest.mark.skipif(
    "not os.environ['DATABASE_URL'].startswith('postgres')",
    reason="SQLite has no server to stop: see test_when_the_database_fails.py",
)
@pytest.mark.django_db(transaction=True)
def test_without_postgresql_an_answer_is_503_and_afterwards_as_before():
    make_commitment("REV-1")
    client = Client(raise_request_exception=False)
    with stopped():
        for address in (*ADDRESSES, "/readyz", *ADDRESSES):
            response = client.get(address)
            assert (address, response.status_code, response["Retry-After"]) == (address, 503, "5")
        assert client.get("/livez").status_code == 200
        page = Page(client.get("/"))
        assert page.headings == ["The register cannot be read now"]
        assert "/help/" in page.links
        assert Page(client.get("/cy/")).headings == ["Ni ellir darllen y gofrestr yn awr"]
    began = time.monotonic()
    while client.get("/").status_code == 503 and time.monotonic() - began < AT_ONCE:
        time.sleep(0.05)  # nobody tells that it is back
    assert [client.get(address).status_code for address in (*ADDRESSES, "/readyz")] == [200] * 7


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_fault(monkeypatch: pytest.MonkeyPatch):
    """Also one that the database tells of: it answers, so it is not away."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_petition RENAME TO somewhere_else")
    client = Client(raise_request_exception=False)
    response = client.get("/petitions/")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


@pytest.mark.django_db
def test_a_machine_asks_whether_the_process_is_well(client):
    for address in ("/livez", "/readyz"):
        response = client.get(address)
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert "no-store" in response["Cache-Control"]
        assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_a_process_whose_database_waits_for_a_migration_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database waits for a migration.\n")
