"""The settings of a server that a test starts: those of production, but for where its files are (tests/serving.py)."""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

from config.settings import *  # noqa: F403
from config.settings import STORAGES

LOG_FOLDER = Path(os.environ["SERVED_FOLDER"])
EXPORT_FOLDER = LOG_FOLDER / "exports"


def refuse_to_ask_others(event: str, given: tuple[Any, ...]) -> None:
    """Let the server connect to this machine alone: whatever else it asks for is refused and written down."""
    if event not in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        return
    asked = given[1] if event == "socket.connect" else given[0]
    host = asked[0] if isinstance(asked, tuple) else asked
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = str(host).startswith(("/", "\0")) or host == "localhost"
    if not is_here:
        with (LOG_FOLDER / "asked").open("a") as file:
            file.write(f"{event} {host}\n")
        raise PermissionError(f"The server asks for {host}.")


sys.addaudithook(refuse_to_ask_others)

# Static files come from where they are written, so that no test needs collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
