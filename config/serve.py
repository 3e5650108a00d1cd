"""The second half of `make run`, in the project's environment: sets up the register and serves it until stopped."""

import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from config.run import HOST, ask, read_port, refuse_a_taken_port
from config.stopping import stop_when_told, stop_with_parent
from config.venv import ROOT, only_one

VAR_DIR = ROOT / "var"
START_SECONDS = 60
FIRST_SET_UP = VAR_DIR / "first_set_up"  # there until the first set-up has been finished


def main() -> None:
    stop_when_told()
    port = read_port()
    server = None
    try:
        with only_one(VAR_DIR / "run.lock"):
            # Once more, now that nobody else is starting: who was a moment ago may be serving by now.
            refuse_a_taken_port(port)
            set_up(port)
            server = start(port)
            wait_until_open(server, port)
        server.wait()
    finally:
        if server:
            server.terminate()
            server.wait()
    sys.exit("The server stopped by itself; the messages above may say why.")


def set_up(port: int) -> None:
    """Fill in what the environment leaves open, and bring database and static files up to date."""
    VAR_DIR.chmod(0o700)
    os.environ |= {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or own_secret_key(VAR_DIR / "secret_key"),
        "SITE_URL": os.environ.get("SITE_URL") or f"http://{HOST}:{port}",
    }
    try:
        forget_half_made_database()
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("clearsessions")
        call_command("load_register", unless_read_only=True)
        call_command("export_register", verbosity=0)
        FIRST_SET_UP.unlink(missing_ok=True)
        collect_static_files(VAR_DIR / "static.stamp")
        if settings.DEMONSTRATION:
            call_command("create_demonstration_accounts")
        connections.close_all()
    except (CommandError, DatabaseError, ImproperlyConfigured) as error:
        sys.exit(f"The register was not started. {error}")


def forget_half_made_database() -> None:
    """Begin anew where the first set-up was killed: SQLite may then hold a table without knowing its migration."""
    if FIRST_SET_UP.exists() and not has_log(VAR_DIR / "register.sqlite3"):
        for path in VAR_DIR.glob("register.sqlite3*"):
            path.unlink()
    if not (VAR_DIR / "register.sqlite3").exists():
        FIRST_SET_UP.touch()


def has_log(path: Path) -> bool:
    """Say whether anything was published in a database: what was restored after a start that failed is no half one."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute("SELECT 1 FROM tracker_logentry").fetchone() is not None
    except sqlite3.Error:
        return False


def own_secret_key(path: Path) -> str:
    """Return this copy's secret, made on the first call and readable by its owner alone."""
    if not path.exists():
        half_written = path.with_suffix(".new")
        half_written.touch(mode=0o600)
        half_written.write_text(secrets.token_urlsafe(64))
        half_written.replace(path)
    return path.read_text()


def collect_static_files(stamp: Path) -> None:
    """Compress the static files into STATIC_ROOT, which takes seconds, unless they are there as they now are."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            digest.update(f"{path}\0".encode() + Path(storage.path(path)).read_bytes())
    collected = (settings.STATIC_ROOT / "staticfiles.json").exists() and stamp.exists()
    if not collected or stamp.read_text() != digest.hexdigest():
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest.hexdigest())


def start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"]
    place = ["--host", HOST, "--port", str(port), "--no-ws", "--log-level", "warning"]
    # One process with four threads, unless GRANIAN_WORKERS says otherwise. What still holds it
    # back two seconds after it was told to stop, such as a reader on a slow line, is cut off.
    work = ["--blocking-threads", "4", "--workers-kill-timeout", "2"]
    return subprocess.Popen(
        [*command, *place, *work],
        stdin=subprocess.DEVNULL,
        # Granian may hang for ever when it is told to stop twice at once, so it is told by this process
        # alone: Ctrl-C goes to a process group, and granian has one of its own.
        process_group=0,
        preexec_fn=stop_with_parent,  # noqa: PLW1509  This process has one thread.
    )


def wait_until_open(server: subprocess.Popen[bytes], port: int) -> None:
    """Say where the register is once it really answers; exit when it does not, or only with an error."""
    here, site = f"http://{HOST}:{port}", settings.SITE_URL
    deadline = time.monotonic() + START_SECONDS
    status = 0
    while not status:
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit("The server did not start; the messages above may say why.")
        time.sleep(0.05)
        status, _ = ask(port, Host=urlsplit(site).netloc)
    if status >= 500:
        sys.exit(f"The server started, but the home page answers with error {status}; see above.")
    behind = "" if site == here else f", for a proxy that serves it as {site}/"
    print(f"The register is open at {here}/{behind}", flush=True)


if __name__ == "__main__":
    main()
