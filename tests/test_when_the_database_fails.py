"""With a real server and a real process of the site: the database is killed, halted, locked, read-only or moved away.

Pages that were drawn go on, others ask to come back later, and all is as before within five seconds of its return.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from tests.desk import Desk, address_of, clean, make_staff, read_form, review_address
from tests.examples import draft_update, make_person
from tests.places import WITHOUT_ROOTS_RIGHTS, Answer, Server, Site, connected_to, copy_to_file, sqlite_connect
from tests.programs import need
from tracker.models import Commitment
from tracker.publishing import submit

DRAWN = ("/departments/", "/commitments/IICSA-13/", "/cy/commitments/?q=police")
OTHERS = ("/petitions/", "/commitments/?page=2", "/api/departments/", "/commitments.csv", "/topics/")
AT_ONCE = 5  # seconds
PUBLISHED = (302, "/admin/", True)
FRESH = {"Cookie": "seen=1"}  # whoever sends one is never handed a page that was drawn before
SOON = 10  # seconds: the longest that anybody waits for a database that hangs, on a busy machine
HERS = "The bill received Royal Assent this morning, and she wrote all of this down."

pytestmark = pytest.mark.django_db  # so that there is a database to copy
on_postgresql = pytest.mark.skipif("not os.environ['DATABASE_URL'].startswith('postgres')", reason="of PostgreSQL")
on_sqlite = pytest.mark.skipif("os.environ['DATABASE_URL'].startswith('postgres')", reason="of SQLite")


class Place:
    """A database that the tests may break, the site on it, and Rosa, who works at its desk."""

    def __init__(self, url: str, log: Path, *, before: tuple[str, ...] = (), server: Server | None = None) -> None:
        self.url, self.server = url, server
        with connected_to(url):
            self.rosa = Desk(make_staff("rosa", "Reviewer"))
        self.site = Site(url, log, before=before).opened()
        for path in DRAWN:
            assert self.site.get(path).status == 200

    def draft(self) -> Draft:
        with connected_to(self.url):
            return Draft(self)

    def send(self, address: str, fields: dict[str, str]) -> Answer:
        """Send a form of the desk as Rosa's browser does."""
        held = self.rosa.client.cookies
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in held.items())
        token = held[settings.CSRF_COOKIE_NAME].value
        sent = urlencode(fields | {"csrfmiddlewaretoken": token}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
        return self.site.ask("POST", address, sent, kind)


class Draft:
    """A status update that awaits Rosa's review, and its two pages as she has them open."""

    def __init__(self, place: Place) -> None:
        self.place, author = place, make_person("author")
        commitment = Commitment.objects.get(reference="IICSA-13")
        self.update = draft_update(commitment, "2026-03-01", reason=HERS, author=author)
        submit(self.update, by=author)
        self.form = read_form(place.rosa.get(address_of(self.update)))
        page = place.rosa.get(review_address(self.update)).content.decode()
        self.version = re.findall(r'name="version" value="(\d+)"', page)[0]

    def publish(self) -> Answer:
        return self.place.send(review_address(self.update), {"_publish": "1", "version": self.version})

    def change(self) -> Answer:
        return self.place.send(address_of(self.update), self.form | {"reason": f"{HERS} Twice.", "_save": "1"})

    def publish_at_last(self) -> tuple[int, str, bool]:
        answer = self.publish()
        with connected_to(self.place.url):
            self.update.refresh_from_db()
        return answer.status, answer.headers["Location"] or clean(answer.text), self.update.is_published


def is_asked_to_come_back(site: Site, path: str, *, within: float) -> None:
    answer = site.get(path, **FRESH)
    assert (path, answer.status, answer.headers["Retry-After"]) == (path, 503, "5")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.seconds < within


def come_back_by_themselves(site: Site) -> None:
    for path in ("/readyz", *OTHERS):
        site.wait_until(lambda path=path: site.get(path, **FRESH).status == 200, AT_ONCE)


def assert_words_are_kept(draft: Draft, why: str) -> None:
    """What a reviewer decides, and what an editor writes, is answered with the reason and all that was sent."""
    decided, written = draft.publish(), draft.change()
    for answer in (decided, written):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "Nothing was saved" in clean(answer.text)
        assert why in clean(answer.text)
    assert f"<dd>{HERS} Twice.</dd>" in written.text
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', written.text))
    assert (again["reason"], again["started_from"]) == (f"{HERS} Twice.", draft.form["started_from"])


@pytest.fixture(scope="module")
def place(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The register's own files on a database of its own, served by a process without the rights of root."""
    folder = tmp_path_factory.mktemp("place")
    server = Server() if connection.vendor == "postgresql" else None
    place = None
    try:
        if server:
            server.start()
            place = Place(server.copy_database("register"), folder / "log", server=server)
        else:
            (folder / "own").mkdir()
            url = copy_to_file(folder / "own" / "register.sqlite3")
            place = Place(url, folder / "log", before=find_restraint())
        yield place
    finally:
        if place:
            place.site.end()
        if server:
            server.remove()


def find_restraint() -> tuple[str, ...]:
    return (need("setpriv"), *WITHOUT_ROOTS_RIGHTS[1:]) if os.getuid() == 0 else ()


# --- PostgreSQL -------------------------------------------------------------------------------


@on_postgresql
def test_postgresql_is_killed_in_the_middle_of_a_load_and_no_drawn_page_fails(place: Place):
    draft, answers = place.draft(), list[int]()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            answers.extend(place.site.get(path).status for path in DRAWN)
            stop.wait(0.01)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    place.site.wait_until(lambda: len(answers) > 50)
    assert place.server
    place.server.kill()
    before = len(answers)
    for path in (*OTHERS, "/readyz"):
        is_asked_to_come_back(place.site, path, within=AT_ONCE)
    assert "Ni ellir darllen y gofrestr yn awr" in place.site.get("/cy/petitions/").text
    assert place.site.get("/livez").status == 200
    place.site.wait_until(lambda: len(answers) > before + 50)
    written = draft.change()
    assert (written.status, "This may not have been saved" in written.text) == (503, True)
    assert f"<dd>{HERS} Twice.</dd>" in written.text
    place.server.start()
    come_back_by_themselves(place.site)
    stop.set()
    for reader in readers:
        reader.join()
    assert set(answers) == {200}, place.site.log.read_text()
    assert draft.publish_at_last() == PUBLISHED


@on_postgresql
def test_postgresql_hangs_and_holds_nobody_up_for_long(place: Place):
    assert place.server
    place.server.signal(signal.SIGSTOP)
    try:
        for path in DRAWN * 3:
            answer = place.site.get(path)
            assert (path, answer.status, answer.seconds < SOON) == (path, 200, True)
        for path in OTHERS:
            is_asked_to_come_back(place.site, path, within=SOON)
    finally:
        place.server.signal(signal.SIGCONT)
    come_back_by_themselves(place.site)


@on_postgresql
def test_postgresql_takes_no_changes_and_staff_keep_what_they_wrote(place: Place):
    assert place.server
    draft, name = place.draft(), "register"
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    place.server.execute("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on", end)
    place.site.wait_until(lambda: place.site.get("/petitions/").status == 200, AT_ONCE)
    assert {place.site.get(path).status for path in (*DRAWN, *OTHERS)} == {200}
    assert_words_are_kept(draft, "The database can be read and not changed now.")
    place.server.execute("postgres", f"ALTER DATABASE {name} RESET default_transaction_read_only", end)
    come_back_by_themselves(place.site)
    assert draft.publish_at_last() == PUBLISHED


@on_postgresql
def test_a_statement_that_takes_too_long_is_ended_and_no_fault_of_ours(place: Place):
    """Somebody else holds what a publication needs, as a load of files does."""
    draft = place.draft()
    with connected_to(place.url), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM tracker_loghead FOR UPDATE")
        decided = draft.publish()
        assert (decided.status, "The database is busy with other work." in decided.text) == (503, True)
        assert {place.site.get(path).status for path in (*DRAWN, *OTHERS)} == {200}
        cursor.execute("ROLLBACK")
    assert draft.publish_at_last() == PUBLISHED


# --- SQLite -----------------------------------------------------------------------------------


@on_sqlite
def test_sqlites_file_is_moved_away_and_no_empty_register_comes_in_its_place(place: Place):
    draft, path = place.draft(), Path(place.url.removeprefix("sqlite:///"))
    path.rename(path.with_name("gone"))
    for each in DRAWN:
        assert (each, place.site.get(each).status) == (each, 200)
    for each in (*OTHERS, "/readyz"):
        is_asked_to_come_back(place.site, each, within=AT_ONCE)
    assert not path.exists()
    path.with_name("gone").rename(path)
    come_back_by_themselves(place.site)
    assert draft.publish_at_last() == PUBLISHED


@on_sqlite
def test_sqlites_file_is_locked_by_another_writer_and_staff_keep_what_they_wrote(place: Place):
    draft, other = place.draft(), sqlite_connect(Path(place.url.removeprefix("sqlite:///")))
    other.execute("BEGIN IMMEDIATE")
    assert {place.site.get(each).status for each in (*DRAWN, *OTHERS)} == {200}
    decided = draft.publish()
    assert (decided.status, decided.seconds < 4 * AT_ONCE) == (503, True)
    assert "The database is busy with other work. What you sent was neither saved nor" in clean(decided.text)
    other.execute("ROLLBACK")
    other.close()
    assert draft.publish_at_last() == PUBLISHED


@on_sqlite
def test_sqlite_may_be_read_and_not_written_and_staff_keep_what_they_wrote(place: Place):
    draft, path = place.draft(), Path(place.url.removeprefix("sqlite:///"))
    permit(path, 0o444)
    try:
        assert {place.site.get(each).status for each in DRAWN} == {200}
        assert {place.site.get(each, **FRESH).status for each in OTHERS} in ({200}, {503})
        assert_words_are_kept(draft, "")
    finally:
        permit(path, 0o644)
    come_back_by_themselves(place.site)
    assert draft.publish_at_last() == PUBLISHED


def permit(path: Path, mode: int) -> None:
    """Set what may be done with a database: SQLite makes its files beside it with the permissions of the first."""
    for each in path.parent.glob(f"{path.name}*"):
        each.chmod(mode)


@on_sqlite
def test_sqlites_folder_may_not_be_written_and_nothing_breaks(place: Place):
    """It goes on with the files beside its own as long as they are there, and cannot make them anew."""
    draft, folder = place.draft(), Path(place.url.removeprefix("sqlite:///")).parent
    folder.chmod(0o555)
    try:
        assert {place.site.get(each).status for each in DRAWN} == {200}
        assert {place.site.get(each, **FRESH).status for each in OTHERS} <= {200, 503}
        assert draft.change().status in {302, 503}
    finally:
        folder.chmod(0o755)
    come_back_by_themselves(place.site)
    assert place.draft().publish_at_last() == PUBLISHED
