"""How the log is written: as lines of JSON for machines, in which nothing tells who asked for what.

`settings` names the format. On a terminal the log is plain, and as Django writes it.
"""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation
from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")

FIELDS = ("levelname", "name", "message")
# What is written of a record besides: whatever else somebody gives to a log call may be about a person.
OURS = frozenset(
    {"request_id", "method", "route", "status", "milliseconds", "version", "page", "exc_info", "account", "step"}
)
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LineOfJson(JsonFormatter):
    """One line for each record: a message of Django's about a request says its route in the place of its address."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger"}
        super().__init__(FIELDS, rename_fields=names, timestamp="time", json_ensure_ascii=False)

    def format(self, record: logging.LogRecord) -> str:
        if hasattr(record, "request") or record.name.startswith(("django.request", "django.security")):
            record = _without_address(record)
        return str(super().format(record))

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        facts = {"request_id": request_id.get(), **log_data}
        known = {"time", "level", "logger", "message"} | OURS
        return {name: value for name, value in facts.items() if name in known and value not in (None, "")}

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - Python's name for it
        """Say where and what kind of error it was. Its words stay out: a database repeats in them what was sent."""
        frames = "".join(traceback.format_tb(ei[2]))
        return f"{frames}{ei[0].__name__ if ei[0] else ''}"


def _without_address(record: logging.LogRecord) -> logging.LogRecord:
    request = getattr(record, "request", None)
    path = getattr(request, "path_info", None)
    told = logging.makeLogRecord(record.__dict__)
    told.msg, told.args = f"{record.levelname.capitalize()} of {record.name}", ()
    told.__dict__ |= {"status": getattr(record, "status_code", None)}
    if path is not None:
        told.__dict__ |= {"route": name_route(path)}
    return told


@lru_cache(maxsize=4096)
def name_route(path: str) -> str:
    """Return the name of the route of an address, which says what kind of page it is and not which."""
    if path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        return "static"
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            return resolve(path).view_name or "unnamed"
        except Resolver404:
            return "unknown"
