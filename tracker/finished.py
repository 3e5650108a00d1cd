"""Public pages that were drawn once, handed out to everyone until the register, its notice or the day changes.

It stands in front of Django (`config/wsgi.py`): an unchanged page costs at most one look at the register's version.
Only for readers without a cookie, so that nothing of anybody who is signed in is ever kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.http import parse_etags, parse_http_date_safe

from tracker.filters import MOMENT, SHAPING, ChangeFilter, CommitmentFilter, DocumentFilter
from tracker.replicas import LOOK_AGAIN, Application, Databases, StartResponse, Version

Environ = dict[str, Any]
Key = tuple[Any, ...]
State = tuple[Version, dt.date]

# The parameters that the pages know. An address with any other is never kept: nobody fills the memory with such.
KNOWN = frozenset(
    {
        *MOMENT,
        *SHAPING,
        *("since", "until", "before"),
        *CommitmentFilter.base_filters,
        *ChangeFilter.base_filters,
        *DocumentFilter.base_filters,
    }
)
PERSONAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION")  # whoever sends one of these is always answered by Django
PARTIAL = ("HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE")
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
STAFF_AND_FILES = (f"/{folder.strip('/')}/" for folder in ("admin", "accounts", settings.STATIC_URL))
ELSEWHERE = (*STAFF_AND_FILES, "/livez", "/readyz")  # whoever asks how this process is means this moment
OF_THE_BODY = ("content-encoding", "content-length", "content-type")  # which a 304 has none of
TELLING_APART = ("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_PORT", "PATH_INFO", "QUERY_STRING")
OK, NOT_MODIFIED = (f"{status.value} {status.phrase}" for status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))
VARYING = frozenset({"accept-encoding", "cookie"})  # what the key of a page already holds, or excludes
UNKEPT = {"no-cache", "private"}  # of an answer that is another for somebody else, or may be another at any time
LARGEST_PAGE = 500_000  # bytes; longer answers are streamed files
LARGEST_QUERY = 2_000  # characters
LIMIT = 64_000_000  # bytes of pages in each process


@dataclass(frozen=True)
class Page:
    """One finished answer: its head and its bytes, as they are sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)

    @cached_property
    def etag(self) -> str:
        """The tag without the mark of a weak one, which is no matter here."""
        return self.read("etag").removeprefix("W/")

    @cached_property
    def headers_of_304(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.headers if name.lower() not in OF_THE_BODY]

    def read(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class Shelf:
    """Finished pages up to so many bytes; those that were not asked for longest make room."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> Page | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: Key, page: Page) -> None:
        with self._lock:
            if key not in self._pages:
                self._size += page.size
                self._pages[key] = page
            while self._size > self._limit:
                self._size -= self._pages.popitem(last=False)[1].size


class FinishedPages:
    """A WSGI application that hands out what `application` has drawn before, byte for byte, where that still stands."""

    def __init__(self, application: Application, *, limit: int = LIMIT, look_again: float = LOOK_AGAIN) -> None:
        self.application = application
        self.shelf = Shelf(limit)
        self.databases = Databases(look_again=look_again)
        self.newest_state: State | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = read_query(environ)
        if query is None:
            return self.answer_alone(environ, start_response)
        # Every order of the parameters is the same question, so that it is drawn, and kept, in one.
        asked = environ | {"QUERY_STRING": query}
        question = describe(asked)
        version, place = self.databases.find()
        page = self.shelf.find((self.read_state(version), *question))
        if page is None:
            # What is drawn is newer than what was found a moment ago: from now on nothing older is handed out.
            version, place = self.databases.look()
        state = self.read_state(version)
        page = page or self.shelf.find((state, *question))
        environ |= observe(version, "kept" if page else "drawn")
        if page is None:
            application = self.databases.lead(self.application, version, place)
            if state is None or environ["REQUEST_METHOD"] == "HEAD":
                return application(asked, start_response)
            answer = draw(application, asked, start_response)
            if not isinstance(answer, Page):
                return answer
            self.shelf.put((state, *question), page := answer)
        return send(page, environ, start_response)

    def answer_alone(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what is not kept: from a replica too, if it is what the public reads."""
        if not (self.databases.has_replica and is_for_everyone(environ)):
            return self.application(environ, start_response)
        version, place = self.databases.look()
        environ |= observe(version, "")
        return self.databases.lead(self.application, version, place)(environ, start_response)

    def read_state(self, version: Version | None) -> State | None:
        """Return the state on which all pages hang.

        While no database answers, that is what was said last, so that what was drawn goes on being read.
        """
        if version is not None:
            self.newest_state = (version, timezone.localdate())
        return self.newest_state


def observe(version: Version | None, page: str) -> Environ:
    """Return what whoever observes a request may know of its answer."""
    return {"register.version": version[0] if version else None, "register.page": page}


def draw(application: Application, environ: Environ, start_response: StartResponse) -> Page | Iterable[bytes]:
    """Let Django answer, whatever the reader holds already; an answer that may not be kept is sent on as it is."""
    heads: list[tuple[Any, ...]] = []
    unconditional = {name: value for name, value in environ.items() if name not in CONDITIONS}
    response = application(unconditional, lambda *head: heads.append(head))
    status, headers = heads[0][:2]
    if may_be_kept(status, headers):
        return Page(tuple(headers), b"".join(drain(response)))
    if any(name in environ for name in CONDITIONS):
        getattr(response, "close", lambda: None)()
        return application(environ, start_response)
    start_response(*heads[0])
    return response


def is_for_everyone(environ: Environ) -> bool:
    """Say whether a request reads what the public reads. Whoever may be signed in sees her own work at once."""
    is_public = environ["REQUEST_METHOD"] in {"GET", "HEAD"} and not environ["PATH_INFO"].startswith(ELSEWHERE)
    may_be_staff = f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", "")
    return is_public and not may_be_staff and not environ.get("HTTP_AUTHORIZATION")


def read_query(environ: Environ) -> str | None:
    """Return what a request asks, its parameters sorted by name; None where the answer is for this reader alone."""
    query = environ.get("QUERY_STRING", "")
    is_alone = any(environ.get(name) for name in (*PERSONAL, *PARTIAL))
    if not is_for_everyone(environ) or is_alone or len(query) > LARGEST_QUERY:
        return None
    if not query:
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(name not in KNOWN for name, _ in pairs):
        return None
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))


def describe(environ: Environ) -> Key:
    """Return what makes one answer another, besides the version and the day; the language stands in the path."""
    accepts_gzip = bool(re.search(r"\bgzip\b", environ.get("HTTP_ACCEPT_ENCODING", "")))
    return (*[environ.get(name, "") for name in TELLING_APART], accepts_gzip)


def may_be_kept(status: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Say whether an answer is a whole page that is the same for everyone."""
    held = {name.lower(): value for name, value in headers}
    length = held.get("content-length", "")
    varies = {name.strip().lower() for name in held.get("vary", "").split(",") if name.strip()}
    return (
        status.startswith("200 ")
        and length.isdecimal()
        and int(length) <= LARGEST_PAGE
        and "set-cookie" not in held
        and not UNKEPT & {word.strip() for word in held.get("cache-control", "").split(",")}
        and varies <= VARYING
    )


def drain(response: Any) -> Iterator[bytes]:
    try:
        yield from response
    finally:
        getattr(response, "close", lambda: None)()


def send(page: Page, environ: Environ, start_response: StartResponse) -> list[bytes]:
    if any(name in environ for name in CONDITIONS) and is_held(page, environ):
        start_response(NOT_MODIFIED, [*page.headers_of_304])
        return []
    start_response(OK, [*page.headers])
    return [page.body] if environ["REQUEST_METHOD"] == "GET" else []


def is_held(page: Page, environ: Environ) -> bool:
    """Say whether the reader holds this page already, by RFC 9110, section 13.2.2."""
    if asked := environ.get("HTTP_IF_NONE_MATCH"):
        if asked.removeprefix("W/") == page.etag:
            return bool(page.etag)
        held = {tag.removeprefix("W/") for tag in parse_etags(asked)}
        return bool(page.etag) and ("*" in held or page.etag in held)
    since = parse_http_date_safe(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
    changed = parse_http_date_safe(page.read("last-modified"))
    return since is not None and changed is not None and changed <= since
