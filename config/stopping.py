"""How the commands behind `make run` and `make test` stop when they are told to: at once and without a traceback."""

import signal
import sys
from types import FrameType
from typing import Optional


def stop_when_told() -> None:
    """Turn the signals that ask a program to stop into SystemExit, so that what it started is cleaned up.

    The exit status is the shell's convention: 143 after SIGTERM, 130 after Ctrl-C.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # nohup asks for SIGHUP to be ignored; that stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, frame: Optional[FrameType]) -> None:
    sys.exit(128 + number)
