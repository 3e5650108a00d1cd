"""How far a long command is, and what it does when it is asked to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import OutputWrapper

SECONDS_BETWEEN_LINES = 10
SECONDS_BETWEEN_LOOKS = 0.2


class Interrupted(Exception):
    """Raised between two steps when the command was asked to stop, by Ctrl-C or by whoever manages it."""


class Progress:
    """Says how many of something are done, how fast, and how long it will take: on one line of a terminal, or on a
    line every ten seconds elsewhere. Raises Interrupted where the command should stop.
    """

    def __init__(self, out: OutputWrapper, heard: list[int], what: str = "rows") -> None:
        self.out, self.heard, self.what = out, heard, what
        self.total: int | None = None
        self.begin()

    def begin(self, total: int | None = None, what: str = "rows") -> None:
        self.total, self.what = total, what
        self.began = self.said = time.monotonic()

    def __call__(self, done: int) -> None:
        now, is_last = time.monotonic(), bool(done) and done == self.total
        is_terminal = self.out.isatty()
        if is_last or now - self.said >= (SECONDS_BETWEEN_LOOKS if is_terminal else SECONDS_BETWEEN_LINES):
            self.said = now
            line = self.describe(done, now - self.began)
            self.out.write(
                f"\r\x1b[K{line}" if is_terminal else line, ending="\n" if is_last or not is_terminal else ""
            )
            self.out.flush()
        if self.heard:
            raise Interrupted

    def describe(self, done: int, seconds: float) -> str:
        of = "" if self.total is None else f" of {self.total:,}"
        line = f"{done:,}{of} {self.what}"
        if not done or not seconds or done == self.total:
            return line
        rate = done / seconds
        left = "" if self.total is None else f", {describe_seconds((self.total - done) / rate)} left"
        return f"{line}, {rate:,.0f} a second{left}"


def describe_seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


@contextmanager
def heed_stops() -> Iterator[list[int]]:
    """Note SIGINT and SIGTERM in a list, in place of stopping at once. A second one stops at once."""
    heard: list[int] = []

    def hear(number: int, frame: Any) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield heard  # only the main thread is told
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
