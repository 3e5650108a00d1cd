"""Makes the virtual environment hold exactly what the lock files name: `python3 -m config.venv LOCK...`.

`make run` and `make test` call it with the system's Python, so it needs the standard library alone.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.stopping import stop_when_told

ROOT = Path(__file__).resolve().parent.parent

# Lists what is installed; empty while an installation is under way, so that an interrupted one is seen.
STAMP = "register-packages"


def ensure(locks: list[Path]) -> Path:
    """Return the Python of an environment that holds the packages of all these lock files.

    An environment that does not, or was left half made, is made anew: one path, and never a leftover package.
    """
    folder = Path(os.environ.get("VENV") or ROOT / ".venv").absolute()
    python = folder / "bin" / "python"
    wanted = {describe(lock) for lock in locks}
    with only_one(folder.with_name(folder.name + ".lock")):
        if not (os.access(python, os.X_OK) and wanted <= installed(folder)):
            make(folder, python, locks)
            (folder / STAMP).write_text("\n".join(sorted(wanted)))
    return python


def describe(lock: Path) -> str:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{lock.name} {digest} Python {sys.version_info.major}.{sys.version_info.minor}"


def installed(folder: Path) -> set[str]:
    stamp = folder / STAMP
    return set(stamp.read_text().splitlines()) if stamp.exists() else set()


def make(folder: Path, python: Path, locks: list[Path]) -> None:
    """Make the environment from nothing; exits with a sentence when that is not possible."""
    refuse_an_unfit_python()
    refuse_a_folder_of_others(folder)
    print("Installing the packages into", folder, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / STAMP).touch()
    run("The virtual environment could not be made", [sys.executable, "-m", "venv", str(folder)])
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    files = [part for lock in locks for part in ("-r", str(lock))]
    run("The packages could not be installed", [*install, "--require-hashes", *files])


def refuse_an_unfit_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  This may be any Python that somebody has.
        sys.exit(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv")


def refuse_a_folder_of_others(folder: Path) -> None:
    ours = folder == ROOT / ".venv" or (folder / STAMP).exists()
    if not ours and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        sys.exit(f"VENV is {folder}, which was not made by this project. Name a new or an empty folder.")


def run(failure: str, command: list[str]) -> None:
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"{failure}; the message above says why. Once that is put right, run it again.")


@contextmanager
def only_one(path: Path, or_else: str = "") -> Iterator[None]:
    """Hold the lock of this file; the operating system lets go of it however this process ends.

    Waits for whoever holds it, or exits with a sentence where one is given.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if or_else:
                sys.exit(or_else)
            print("Waiting for another start to finish.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    stop_when_told()
    ensure([Path(lock) for lock in sys.argv[1:]])
