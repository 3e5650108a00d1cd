"""How `settings` reads the environment: what is set to nothing is not set, and a wrong value stops the site."""

import ipaddress
import os

from django.core.exceptions import ImproperlyConfigured


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
        address, number = ipaddress.ip_address(host.strip("[]")), int(port)
        is_internal = address.is_private and not address.is_unspecified and 0 < number < 65536
    except ValueError:
        is_internal = False
    if not is_internal:
        raise ImproperlyConfigured(
            "METRICS_ADDRESS must be an address of this machine that cannot be reached from outside, with a port, "
            f"such as 127.0.0.1:9100; not {value!r}."
        )
    return str(address), number
