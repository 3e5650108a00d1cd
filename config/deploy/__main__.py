"""The production shape on one machine, without containers: granian, and nginx in front of it, until stopped.

`make serve` starts it. SIGHUP puts new code in the place of the old without losing a request; Ctrl-C stops both.
"""

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from config.deploy.certificates import ensure_certificate
from config.deploy.nginx import fill_in
from config.run import HOST
from config.serve import START_SECONDS, VAR_DIR, set_up
from config.stopping import stop_when_told, stop_with_parent
from config.venv import only_one

FOLDER = VAR_DIR / "serving"
SOCKET = FOLDER / "app.socket"
SETTINGS = FOLDER / "nginx.conf"
CERTIFICATE, KEY = FOLDER / "certificate.pem", FOLDER / "key.pem"

AS_IT_IS = "--as-it-is"  # the database and the static files are as they should be
Server = subprocess.Popen[bytes]


def main() -> None:
    stop_when_told()
    nginx = find_nginx()
    site = fill_environment()
    with only_one(VAR_DIR / "serve.lock", or_else="The register is served from this folder already."):
        serve(site, nginx)


def serve(site: SplitResult, nginx: str) -> None:
    servers: list[Server] = []
    try:
        with only_one(VAR_DIR / "run.lock"):
            if AS_IT_IS not in sys.argv[1:]:
                set_up(site.port or 443)
            prepare(site, nginx)
            servers.append(start([sys.executable, "-m", "config.deploy.app"]))
            wait_for(SOCKET.exists, servers)
            servers.append(start([nginx, "-c", str(SETTINGS), "-g", "daemon off;"]))
            wait_for(lambda: ask(site) not in {0, 502, 503}, servers)
            if (status := ask(site)) != http.client.OK:
                sys.exit(f"The servers started, but the home page answers with {status}; see above.")
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda _number, _frame: reload(servers))
        print(f"The register is open at {site.geturl()}/", flush=True)
        wait_for_one_of(servers)
    finally:
        stop(servers)
    sys.exit("A server stopped by itself; the messages above may say why.")


def find_nginx() -> str:
    found = shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    return found or sys.exit("nginx is missing. On Debian and Ubuntu: apt-get install nginx-light libnginx-mod-http-js")


def fill_environment() -> SplitResult:
    """Fill in what the environment leaves open; returns the address of the site."""
    port = os.environ.get("PORT") or "8443"
    usual = {"SITE_URL": f"https://localhost:{port}", "TRUSTED_PROXIES": HOST}
    os.environ |= usual | {name: value for name, value in os.environ.items() if value}
    os.environ |= {"DEBUG": "0", "DJANGO_SETTINGS_MODULE": "config.settings", "GRANIAN_UDS": str(SOCKET)}
    return urlsplit(os.environ["SITE_URL"].lower().rstrip("/"))


def prepare(site: SplitResult, nginx: str) -> None:
    """Write what nginx needs, and have it say whether it can use that."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    SOCKET.unlink(missing_ok=True)
    ensure_certificate(site.hostname or "", CERTIFICATE, KEY)
    own = {
        "ACCESS_LOG": str(FOLDER / "access.log"),
        "APP": f"unix:{SOCKET}",
        "CACHE_DIR": str(FOLDER / "cache"),
        "CERTIFICATE": str(CERTIFICATE),
        "CERTIFICATE_KEY": str(KEY),
        "HTTPS_LISTEN": f"{HOST}:{site.port or 443}",
        "HTTP_LISTEN": f"{HOST}:{os.environ.get('HTTP_PORT') or 8080}",
        "INSIDE_LISTEN": f"{HOST}:{os.environ.get('INSIDE_PORT') or 8081}",
        "NGINX_USER": "root" if os.geteuid() == 0 else "nobody",  # what nobody else's nginx can change user to
        "RUN_DIR": str(FOLDER),
        "TEMP_DIR": str(FOLDER),
    }
    given = {name: value for name, value in os.environ.items() if value}
    try:
        SETTINGS.write_text(fill_in(own | given))
    except ValueError as error:
        sys.exit(f"The register was not started. {error}")
    if subprocess.run([nginx, "-q", "-t", "-c", str(SETTINGS)], check=False).returncode:
        sys.exit("nginx cannot be started; the message above says why.")
    shutil.rmtree(FOLDER / "cache", ignore_errors=True)  # or pages of the last time would pass for an answer


def start(command: list[str]) -> Server:
    # As in serve.py: told to stop by this process alone, and stopped if this process is killed.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=stop_with_parent,  # noqa: PLW1509  This process has one thread.
    )


def wait_for(condition: Callable[[], bool], servers: list[Server]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if any(server.poll() is not None for server in servers) or time.monotonic() > deadline:
            sys.exit("The servers did not start; the messages above may say why.")
        time.sleep(0.1)


def ask(site: SplitResult) -> int:
    # The certificate may be for another name, or signed by nobody: this only asks whether anything answers here.
    unchecked = ssl._create_unverified_context()  # noqa: S323
    connection = http.client.HTTPSConnection(HOST, site.port or 443, timeout=10, context=unchecked)
    try:
        connection.request("GET", "/", headers={"Host": site.netloc})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def reload(servers: list[Server]) -> None:
    """Have new workers take the place of the old: granian's one after the other, nginx's when they are done."""
    for server in servers:
        server.send_signal(signal.SIGHUP)


def wait_for_one_of(servers: list[Server]) -> None:
    while all(server.poll() is None for server in servers):
        time.sleep(0.5)


def stop(servers: list[Server]) -> None:
    for server in reversed(servers):
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
