"""What `make run` starts, with the system's Python: checks the port, makes the environment, hands over to serve.py.

The port comes first, because a mistake there should not cost a minute of installing.
"""

import errno
import http.client
import os
import socket
import sys

from config import venv
from config.stopping import stop_when_told

HOST = "127.0.0.1"
NAME = "Commitments Register"


def main() -> None:
    stop_when_told()
    refuse_a_taken_port(read_port())
    python = venv.ensure([venv.ROOT / "requirements.txt"])
    os.chdir(venv.ROOT)
    os.execv(python, [str(python), "-u", "-m", "config.serve"])


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        sys.exit(f"PORT must be a whole number from 1 to 65535; not {text!r}.")
    return int(text)


def refuse_a_taken_port(port: int) -> None:
    """Exit with a sentence, and status 1, when nothing new can listen on this port."""
    try:
        with socket.socket() as listener:
            # Connections of an earlier server that are still closing do not count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            sys.exit(f"Port {port} cannot be used: {error.strerror}. Choose another: make run PORT=8123")
    else:
        return
    if NAME.encode() in ask(port)[1]:
        sys.exit(f"The register is already running at http://{HOST}:{port}/")
    sys.exit(f"Port {port} is used by another program. Choose another: make run PORT=8123")


def ask(port: int, **headers: str) -> tuple[int, bytes]:
    """Return the status and the page that the home page's address answers with; (0, b"") when nothing does."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/", headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


if __name__ == "__main__":
    main()
