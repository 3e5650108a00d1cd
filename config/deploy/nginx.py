"""Fills in the template of nginx's configuration from the environment: `python -m config.deploy.nginx > nginx.conf`.

Without variables it is for Debian's nginx beside the systemd units of this folder.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "nginx.conf.template"
NAME = re.compile(r"\$\{([A-Z_]+)\}")
SAFE = re.compile(r"[\w./:\[\]-]+", re.ASCII)
USUAL = {
    "ACCESS_LOG": "/var/log/nginx/access.log",
    "APP": "unix:/run/register/app.socket",
    "CACHE_DIR": "/var/cache/register",
    "DEPLOY_DIR": str(HERE),
    "HTTPS_LISTEN": "443",
    "HTTP_LISTEN": "80",
    "INSIDE_LISTEN": "127.0.0.1:8081",
    "NGINX_USER": "www-data",
    "RUN_DIR": "/run",
    "STATIC_DIR": str(HERE.parent.parent / "var" / "static"),
    "TEMP_DIR": "/var/lib/nginx",
}


def fill_in(given: Mapping[str, str]) -> str:
    """Return the configuration. Raises ValueError, in a sentence, for a variable that is missing or no plain word."""
    site = urlsplit(given.get("SITE_URL", ""))
    if site.scheme != "https" or not site.hostname:
        raise ValueError("SITE_URL must be the public address, such as https://register.example.org.")
    values = USUAL | {"SITE_HOST": site.hostname, "SITE_NETLOC": site.netloc} | dict(given)

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        if not SAFE.fullmatch(value):
            raise ValueError(f"{found[1]} must be one plain word, such as a path or an address; not {value!r}.")
        return value

    return NAME.sub(fill, TEMPLATE.read_text(encoding="utf-8"))


def main() -> None:
    try:
        sys.stdout.write(fill_in({name: value for name, value in os.environ.items() if value}))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
