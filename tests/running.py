"""Starts `make run` in a copy of the project, with the environment that the tests run in."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from config import run, venv
from tests.programs import leave_out

# Seconds that anything may take on a busy machine.
PATIENCE = 120
MAKE_FAILED = 2
NOT_CLONED = (".git", ".venv", ".venv.lock", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis")


class Start:
    """One `make run` in a copy of the project."""

    def __init__(self, project: Path, port: int, **variables: str) -> None:
        self.port = port
        self.log = project.with_name(f"{time.monotonic_ns()}.log")
        own = [f"PORT={port}", f"VENV={sys.prefix}", f"PYTHON3={sys.executable}"]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= variables
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["make", "run", *own],
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Whoever starts the tests in the background has them, and all that they start, ignore Ctrl-C.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def opened(self) -> Start:
        self.wait_for(lambda: "The register is open at" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return self

    def ended(self) -> int:
        return self.process.wait(PATIENCE)

    def wait_for(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)  # another process tells nobody when it is ready

    def get(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(run.HOST, self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", path, headers={"Accept-Encoding": "br"})
            response = connection.getresponse()
            return response, response.read()

    def kill(self) -> None:
        """End all that it started, if it has not ended by itself."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def copy_project(folder: Path) -> Path:
    """Return a copy of the project in which nothing was run yet."""
    if venv.describe(settings.BASE_DIR / "requirements.txt") not in venv.installed(Path(sys.prefix)):
        leave_out("needs the environment that `make test` makes")
    return clone_project(folder)


def clone_project(folder: Path) -> Path:
    """Return a copy of the project as a clone has it: without packages, a database and what can be made again."""
    copy = folder / "register"
    shutil.copytree(settings.BASE_DIR, copy, ignore=shutil.ignore_patterns(*NOT_CLONED))
    return copy


def free_port() -> int:
    with socket.socket() as found:
        found.bind((run.HOST, 0))
        return found.getsockname()[1]
