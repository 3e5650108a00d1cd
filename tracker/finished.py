"""Public pages that were drawn once, handed out to everyone until the register, its notice or the day changes.

It stands in front of Django (`config/wsgi.py`): an unchanged page costs at most one look at the register's version.
Only for readers without a cookie, so that nothing of anybody who is signed in is ever kept. Each page is named by all
that it depends on, and `middleware` sends that as its ETag: who holds it is told so, and nothing is drawn.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.http import parse_etags, parse_http_date_safe

from tracker.filters import MOMENT, SHAPING, ChangeFilter, CommitmentFilter, DocumentFilter
from tracker.naming import NAME, find_held, name_page, read_code
from tracker.replicas import LOOK_AGAIN, Application, Databases, Found, StartResponse, Version

Environ = dict[str, Any]
Key = tuple[str | bool, ...]
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
PERSONAL = {"HTTP_COOKIE", "HTTP_AUTHORIZATION"}
PARTIAL = {"HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE"}
ALONE = PERSONAL | PARTIAL  # whoever sends one of these is always answered by Django
# What a question is read from, as `understand` takes it.
ASKED = (
    *("REQUEST_METHOD", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_PORT"),
    *("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING"),
)
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
STAFF_AND_FILES = (f"/{folder.strip('/')}/" for folder in ("admin", "accounts", settings.STATIC_URL))
ELSEWHERE = (*STAFF_AND_FILES, "/livez", "/readyz")  # whoever asks how this process is means this moment
OF_THE_BODY = ("content-encoding", "content-length", "content-type")  # which a 304 has none of
OK, NOT_MODIFIED = (f"{status.value} {status.phrase}" for status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))
VARYING = frozenset({"accept-encoding", "cookie"})  # what the key of a page already holds, or excludes
UNKEPT = {"no-cache", "private"}  # of an answer that is another for somebody else, or may be another at any time
LARGEST_PAGE = 500_000  # bytes; longer answers are streamed files
LARGEST_QUESTION = 2_500  # characters
QUESTIONS = 2_000  # that are read once, in each process
LIMIT = 64_000_000  # bytes of pages in each process


class Question(NamedTuple):
    """What a request asks, its parameters sorted by name, and all that makes one answer another at one moment."""

    query: str
    key: Key

    def name(self, state: State, code: str) -> str:
        """Return what its answer is called, in which neither scheme nor port is any matter."""
        _scheme, _forwarded, host, _port, *asked = self.key
        version, day = state
        return name_page(code, *version, day.isoformat(), host, *asked)


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
        self._pages: OrderedDict[tuple[State | None, Key], Page] = OrderedDict()
        self._lock = Lock()

    def find(self, key: tuple[State | None, Key]) -> Page | None:
        with self._lock:
            if page := self._pages.get(key):
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple[State | None, Key], page: Page) -> None:
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
        self.code = read_code()
        self.newest: Found | None = None  # what told the newest state
        self.newest_state: State | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        question = read_question(environ)
        if question is None:
            return self.answer_alone(environ, start_response)
        found = self.databases.find()
        page = self.shelf.find((self.read_state(found), question.key))
        if page is None:
            return self.draw(question, environ, start_response)
        observe(environ, found.version, "kept")
        return send(page, environ, start_response)

    def draw(self, question: Question, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what was not drawn since the newest version that was found, and keep it if it may be."""
        # What is drawn is newer than what was found a moment ago: from now on nothing older is handed out.
        found = self.databases.look()
        state = self.read_state(found)
        page = self.shelf.find((state, question.key))
        name = question.name(state, self.code) if state and not page else ""
        is_known = page is not None or find_held(environ, name) != ""
        observe(environ, found.version, "kept" if is_known else "drawn")
        if page is None:
            application = self.databases.lead(self.application, found)
            # Every order of the parameters is the same question, so that it is drawn, and kept, in one.
            asked = environ | {"QUERY_STRING": question.query, NAME: name}
            if state is None or is_known or environ["REQUEST_METHOD"] == "HEAD":
                return application(asked, start_response)
            answer = draw(application, asked, start_response)
            if not isinstance(answer, Page):
                return answer
            self.shelf.put((state, question.key), page := answer)
        return send(page, environ, start_response)

    def answer_alone(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what is not kept: from a replica too, if it is what the public reads."""
        if not (self.databases.has_replica and is_for_everyone(environ)):
            return self.application(environ, start_response)
        found = self.databases.look()
        observe(environ, found.version, "")
        return self.databases.lead(self.application, found)(environ, start_response)

    def read_state(self, found: Found) -> State | None:
        """Return the state on which all pages hang.

        While no database answers, that is what was said last, so that what was drawn goes on being read.
        """
        if found.version is not None and found is not self.newest:
            self.newest, self.newest_state = found, (found.version, timezone.localdate())
        return self.newest_state


def observe(environ: Environ, version: Version | None, page: str) -> None:
    """Write into a request what whoever observes it may know of its answer."""
    environ["register.version"] = version.sequence if version else None
    environ["register.page"] = page


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


def is_public(method: str, path: str) -> bool:
    return method in {"GET", "HEAD"} and not path.startswith(ELSEWHERE)


def is_for_everyone(environ: Environ) -> bool:
    """Say whether a request reads what the public reads. Whoever may be signed in sees her own work at once."""
    may_be_staff = f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", "")
    is_read = is_public(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    return is_read and not may_be_staff and not environ.get("HTTP_AUTHORIZATION")


def read_question(environ: Environ) -> Question | None:
    """Return what a request asks; None where the answer is for this reader alone."""
    if not ALONE.isdisjoint(environ) and any(environ.get(name) for name in ALONE):
        return None
    facts = [environ.get(name, "") for name in ASKED]
    return understand(*facts) if sum(map(len, facts)) <= LARGEST_QUESTION else None


@lru_cache(maxsize=QUESTIONS)
def understand(
    method: str, scheme: str, forwarded: str, host: str, port: str, path: str, query: str, encodings: str
) -> Question | None:
    """Read a question, which is much the same from one request to the next. The language stands in the path."""
    if not is_public(method, path):
        return None
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        if any(name not in KNOWN for name, _ in pairs):
            return None
        query = urlencode(sorted(pairs, key=lambda pair: pair[0]))
    accepts_gzip = bool(re.search(r"\bgzip\b", encodings))
    return Question(query, (scheme, forwarded, host, port, path, query, accepts_gzip))


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
    if ("HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ) and is_held(page, environ):
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
