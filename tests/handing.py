"""One process of the site: Django with finished pages in front of it, asked as a server would ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from tracker.finished import FinishedPages


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Site:
    """One process, and how often Django was asked."""

    def __init__(self, *, look_again: float = 0, **options: Any) -> None:
        self.drawn = 0
        self.django = WSGIHandler()
        self.pages = FinishedPages(self.draw, look_again=look_again, **options)

    def draw(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.drawn += 1
        return self.django(environ, start_response)

    def get(self, address: str, *, method: str = "GET", **headers: str) -> Answer:
        return ask(self.pages, address, method, headers)


def ask(application: Any, address: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    given = {f"HTTP_{name.upper()}": value for name, value in (headers or {}).items()}
    environ = RequestFactory().generic(method, address, **{"HTTP_HOST": "127.0.0.1", **given}).environ
    heads: list[Any] = []
    response = application(environ, lambda *head: heads.append(head))
    body = b"".join(response)
    getattr(response, "close", lambda: None)()
    return Answer(int(heads[0][0].split()[0]), dict(heads[0][1]), body)
