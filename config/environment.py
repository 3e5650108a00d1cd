"""How `settings` reads the environment: what is set to nothing is not set, and a wrong value stops the site."""

import base64
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email


def read(name: str, default: str = "") -> str:
    """The variable's value; one that is set to nothing counts as not set."""
    return os.environ.get(name, "").strip() or default


def read_switch(name: str, *, default: bool) -> bool:
    words = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
    value = read(name, "1" if default else "0").lower()
    if value not in words:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(words)}; not {value!r}.")
    return words[value]


def read_choice(name: str, choices: tuple[str, ...], *, default: str) -> str:
    value = read(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}; not {value!r}.")
    return value


def read_metrics_address() -> tuple[str, int] | None:
    """Return the address and port for the numbers, which are for machines next door alone."""
    value = read("METRICS_ADDRESS")
    if not value:
        return None
    host, _, port = value.rpartition(":")
    try:
        address, number = ip_address(host.strip("[]")), int(port)
        is_internal = address.is_private and not address.is_unspecified and 0 < number < 65536
    except ValueError:
        is_internal = False
    if not is_internal:
        raise ImproperlyConfigured(
            "METRICS_ADDRESS must be an address of this machine that cannot be reached from outside, with a port, "
            f"such as 127.0.0.1:9100; not {value!r}."
        )
    return str(address), number


def read_trusted_proxies() -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part) for part in read("TRUSTED_PROXIES").replace(",", " ").split()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES must be addresses or networks such as 127.0.0.1 or 10.0.0.0/24: {error}."
        ) from None


def read_contact_email() -> str:
    email = read("CONTACT_EMAIL")
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise ImproperlyConfigured(f"CONTACT_EMAIL must be an e-mail address; not {email!r}.") from None
    return email


def read_log_key() -> str:
    key = read("LOG_KEY")
    try:
        is_key = not key or len(base64.b64decode(key, validate=True)) == 32
    except ValueError:
        is_key = False
    if not is_key:
        # The value is not repeated: it is a secret.
        raise ImproperlyConfigured("LOG_KEY must be 32 random bytes in base64, kept secret; without it a key is made.")
    return key


# The host is a name or an address, never a pattern: ALLOWED_HOSTS would take * or .example.org for one.
SITE_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+])(:(?P<port>[0-9]{1,5}))?", re.ASCII
)


def read_site() -> re.Match[str]:
    url = read("SITE_URL", "http://127.0.0.1:8000").lower().rstrip("/")
    site = SITE_ADDRESS.fullmatch(url)
    if not site or int(site["port"] or 0) > 65535:
        raise ImproperlyConfigured(
            "SITE_URL must be the public address of the site and nothing more, "
            f"such as https://register.example.org; not {url!r}."
        )
    return site


def read_secret_key(own: Path, *, debug: bool) -> str:
    """Return the secret of the environment, or that which `make run` or `make serve` has made in a file of its own."""
    key = read("SECRET_KEY")
    if not key and debug:
        return "not a secret: for development on one's own machine alone"
    key = key or _read_own_secret_key(own)
    if len(key) < 50 or len(set(key)) < 5:
        raise ImproperlyConfigured(
            "SECRET_KEY must be a random text of at least 50 characters, kept secret. "
            "`make run` makes one of its own, in var/secret_key; with DEBUG=1 none is needed."
        )
    return key


def _read_own_secret_key(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ImproperlyConfigured(f"SECRET_KEY is not set, and {path} cannot be read: {error.strerror}.") from None
