"""The site as a WSGI application: what granian serves."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from config.patience import serve_from
from config.run import HOST

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def from_next_door(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Give who comes through a Unix socket, which is somebody on this machine, the address of this machine."""

    def named(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.get("REMOTE_ADDR") or HOST
        return application(environ, start_response)

    return named


for database in settings.DATABASES.values():
    serve_from(database)
django_application = get_wsgi_application()
public_pages = import_string(settings.PAGES_KEPT_BY)(from_next_door(django_application))
application = import_string(settings.OBSERVED_BY)(public_pages)
