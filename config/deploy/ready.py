"""Exits with 0 where the app can show the register: `python -m config.deploy.ready`, for containers and deploys."""

import http.client
import os
import socket
import sys

from config.deploy.app import read_usual

SECONDS = 5


def ask(path: str) -> tuple[int, str]:
    """Return what the app says at a path, asked on its own socket."""
    connection = http.client.HTTPConnection("localhost", timeout=SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(SECONDS)
    connection.sock.connect(os.environ.get("GRANIAN_UDS") or read_usual()["GRANIAN_UDS"])
    host = os.environ["SITE_URL"].split("://", 1)[1]
    connection.request("GET", path, headers={"Host": host})
    response = connection.getresponse()
    return response.status, response.read().decode()


def main() -> None:
    try:
        status, words = ask("/readyz")
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"The app does not answer: {error}.")
    if status != http.client.OK:
        sys.exit(words.strip())


if __name__ == "__main__":
    main()
