"""Starts granian as it serves in production: `python -m config.deploy.app`, for systemd, containers and `make serve`.

What the environment does not say, `granian.env` does.
"""

import os
import sys
from pathlib import Path

USUAL = Path(__file__).with_name("granian.env")
COUNTED = Path("var") / "metrics"
COMMAND = [sys.executable, "-m", "granian", "config.wsgi:application"]


def read_usual() -> dict[str, str]:
    lines = USUAL.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def forget_counts(folder: Path) -> None:
    """Begin to count anew: what processes of an earlier start have counted would be added to it."""
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)


def main() -> None:
    os.environ |= {name: os.environ.get(name) or value for name, value in read_usual().items()}
    # Left behind by one that was killed; granian would not listen there.
    Path(os.environ["GRANIAN_UDS"]).unlink(missing_ok=True)
    forget_counts(COUNTED)
    os.execv(sys.executable, COMMAND)


if __name__ == "__main__":
    main()
