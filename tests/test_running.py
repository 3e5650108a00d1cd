"""`make run` as somebody who has just cloned the project meets it, with the environment that the tests run in."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config import run, serve, venv
from tests.running import MAKE_FAILED, Start, copy_project, free_port

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def start(project: Path) -> Iterator[Callable[[int], Start]]:
    starts: list[Start] = []

    def make_run(port: int) -> Start:
        starts.append(Start(project, port))
        return starts[-1]

    yield make_run
    for each in starts:
        each.kill()


@pytest.fixture(scope="module")
def site(start: Callable[[int], Start], project: Path) -> Start:
    """The first start was killed in the middle of setting up; this is the second."""
    port = free_port()
    killed = start(port)
    killed.wait_for((project / "var" / "register.sqlite3").exists)
    killed.kill()
    return start(port).opened()


def test_the_register_opens_even_after_a_start_that_was_killed_half_way(site: Start) -> None:
    response, page = site.get("/")
    assert response.status == 200
    assert run.NAME in page.decode()
    assert response.getheader("Set-Cookie") is None
    assert f"The register is open at http://127.0.0.1:{site.port}/" in site.said


def test_static_files_are_compressed_and_may_be_kept_for_ever(site: Start) -> None:
    _, page = site.get("/")
    style_sheet = re.search(r'href="(/static/[^"]+[.][0-9a-f]{12}[.]css)"', page.decode())
    assert style_sheet
    response, _ = site.get(style_sheet[1])
    found = [response.status, response.headers["Content-Encoding"], response.headers["Cache-Control"]]
    assert found == [200, "br", "max-age=315360000, public, immutable"]


def test_a_missing_page_says_nothing_about_the_code(site: Start) -> None:
    response, page = site.get("/no-such-page/")
    assert response.status == 404
    assert b"urlpatterns" not in page


def test_its_secret_is_kept_from_other_people(site: Start, project: Path) -> None:
    secret = project / "var" / "secret_key"
    assert [oct(each.stat().st_mode & 0o777) for each in (secret.parent, secret)] == ["0o700", "0o600"]
    assert len(secret.read_text()) >= 50


@pytest.mark.parametrize("entries", [0, 1])
def test_after_a_start_that_failed_only_a_database_without_a_log_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entries: int
) -> None:
    """Or a backup that was restored meanwhile would be gone."""
    monkeypatch.setattr(serve, "VAR_DIR", tmp_path)
    monkeypatch.setattr(serve, "FIRST_SET_UP", tmp_path / "first_set_up")
    serve.forget_half_made_database()
    path = tmp_path / "register.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE tracker_logentry (sequence)")
        database.executemany("INSERT INTO tracker_logentry VALUES (?)", [(each,) for each in range(entries)])
    serve.forget_half_made_database()
    assert path.exists() is bool(entries)


def test_a_second_start_on_the_same_port_says_where_the_first_is(site: Start, start: Callable[[int], Start]) -> None:
    second = start(site.port)
    assert second.ended() == MAKE_FAILED
    assert f"The register is already running at http://127.0.0.1:{site.port}/" in second.said
    assert site.get("/")[0].status == 200


def test_two_starts_at_once_make_one_site_and_repeat_nothing_slow(
    site: Start, start: Callable[[int], Start], project: Path
) -> None:
    slow_work = project / "var" / "static" / "staticfiles.json"
    done_at = slow_work.stat().st_mtime_ns
    port = free_port()
    both = [start(port), start(port)]
    both[0].wait_for(lambda: any(each.process.poll() is not None for each in both))
    loser, winner = sorted(both, key=lambda each: each.process.poll() is None)
    assert f"The register is already running at http://127.0.0.1:{port}/" in loser.said
    assert winner.opened().get("/")[0].status == 200
    assert slow_work.stat().st_mtime_ns == done_at


@pytest.mark.parametrize(
    ("send", "number"),
    [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGTERM), (os.killpg, signal.SIGINT)],
    ids=["make is told", "all are told", "Ctrl-C"],
)
def test_it_stops_when_told_and_leaves_nothing_behind(
    start: Callable[[int], Start], send: Callable[[int, int], None], number: signal.Signals
) -> None:
    running = start(free_port()).opened()
    send(running.process.pid, number)
    assert running.ended() == -number
    assert "Traceback" not in running.said
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect((run.HOST, running.port))


def test_a_wrong_setting_is_explained_in_a_sentence(project: Path) -> None:
    refused = Start(project, free_port(), SITE_URL="register.example")
    assert refused.ended() == MAKE_FAILED
    assert refused.said.splitlines()[0] == (
        "The register was not started. SITE_URL must be the public address of the site and nothing more, "
        "such as https://register.example.org; not 'register.example'."
    )


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "8000 ", "\u0668"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(SystemExit) as refusal:
        run.read_port()
    assert refusal.value.code == f"PORT must be a whole number from 1 to 65535; not {value!r}."


def test_a_port_of_another_program_is_refused() -> None:
    with socket.socket() as other:
        other.bind((run.HOST, 0))
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as refusal:
            run.refuse_a_taken_port(port)
    assert refusal.value.code == f"Port {port} is used by another program. Choose another: make run PORT=8123"


def test_a_half_made_environment_is_made_anew_and_a_whole_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, lock = tmp_path / "venv", tmp_path / "lock.txt"
    monkeypatch.setenv("VENV", str(folder))
    lock.write_text("# no packages")
    folder.mkdir()
    (folder / venv.STAMP).touch()
    (folder / "left-over").touch()

    python = venv.ensure([lock])
    made_at = python.lstat().st_ctime_ns
    assert subprocess.run([python, "-m", "pip", "--version"], check=True, capture_output=True).stdout
    assert not (folder / "left-over").exists()
    assert venv.ensure([lock]).lstat().st_ctime_ns == made_at


def test_a_failed_installation_ends_in_a_sentence() -> None:
    with pytest.raises(SystemExit, match="The packages could not be installed; the message above says why"):
        venv.run("The packages could not be installed", [sys.executable, "-c", "raise SystemExit(1)"])


def test_an_environment_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENV", str(tmp_path))
    kept = tmp_path / "thesis.txt"
    kept.write_text("ten years of work")
    with pytest.raises(SystemExit, match="which was not made by this project"):
        venv.ensure([])
    assert kept.read_text() == "ten years of work"
