"""What the Dockerfile does, done by hand without an engine: its files, packages and entry point start the site."""

import http.client
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.places import new_database

pytestmark = [pytest.mark.django_db, pytest.mark.long]

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "config" / "deploy"
PATIENCE = 900  # seconds; the packages are installed in them
OWNER = re.compile(r"-o register -g register ")


def read_stage(name: str) -> str:
    """Return the instructions of one stage of the Dockerfile, each in one line and without comments."""
    text = re.split(r"^FROM .+ AS (\w+)$", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    stage = dict(zip(text[1::2], text[2::2], strict=True))[name]
    return re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", stage, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the image: what is copied into it, the packages, and the static files."""
    folder = tmp_path_factory.mktemp("image")
    for copied in re.findall(r"^COPY (?!--from)(.+)$", read_stage("app"), re.MULTILINE):
        *sources, target = copied.split()
        for source in sources:
            place = folder / (source if target == "./" else target)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, place)
    (install,) = re.findall(r"^RUN (python -m venv .+)$", read_stage("packages"), re.MULTILINE)
    (collect,) = re.findall(r"^RUN (DEBUG=1 .+)$", read_stage("app"), re.MULTILINE)
    run(f"{shlex.quote(sys.executable)} {install.removeprefix('python ')}", folder)
    run(OWNER.sub("", collect), folder)
    return folder


def run(command: str, folder: Path, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "HOME"))}
    environment = (
        kept | {"PATH": f"{folder}/.venv/bin:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"} | variables
    )
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def given(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of the containers, with an empty database of this machine and a socket in a folder of the test."""
    with new_database(tmp_path / "register.sqlite3") as url:
        yield {
            "DATABASE_URL": url,
            "GRANIAN_UDS": str(tmp_path / "app.socket"),
            "LOG_KEY": os.environ["LOG_KEY"],
            "SECRET_KEY": settings.SECRET_KEY,
            "SITE_URL": "https://register.example.org",
        }


def test_its_entry_point_shows_the_register(image: Path, given: dict[str, str]):
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert run("python -m pip list --format freeze", image).count("pytest") == 0
    run(services["set-up"]["command"][-1], image, **given)
    (entry,) = re.findall(r"^CMD (\[.+\])$", read_stage("app"), re.MULTILINE)
    command = [word.replace("python", f"{image}/.venv/bin/python") for word in yaml.safe_load(entry)]
    health = shlex.join(services["app"]["healthcheck"]["test"][1:])
    app = subprocess.Popen(command, cwd=image, env=given | {"PATH": os.environ["PATH"]})
    try:
        deadline = time.monotonic() + 60
        while not Path(given["GRANIAN_UDS"]).exists():
            assert time.monotonic() < deadline
            assert app.poll() is None
            time.sleep(0.1)  # another process tells nobody when it is ready
        run(f"for again in 1 2 3 4 5 6; do {health} && exit; sleep 5; done; {health}", image, **given)
        status, page = ask(given["GRANIAN_UDS"], "/commitments/IICSA-13/")
        assert (status, "IICSA-13" in page, "/static/tracker/register." in page) == (200, True, True)
    finally:
        app.terminate()
        app.wait(60)
    run("python manage.py check_register", image, **given)


def ask(path_of_socket: str, path: str) -> tuple[int, str]:
    """Ask the app as nginx does, which has ended TLS."""
    with closing(http.client.HTTPConnection("register.example.org", timeout=60)) as connection:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(path_of_socket)
        connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
