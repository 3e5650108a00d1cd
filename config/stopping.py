"""How the commands behind `make run` and `make test` stop: at once, and with nothing left behind."""

import ctypes
import signal
import sys
from types import FrameType

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stop_when_told() -> None:
    """Turn the signals that ask a program to stop into SystemExit, so that it can stop what it started.

    The exit status is the shell's convention: 143 after SIGTERM, 130 after Ctrl-C.
    """
    for number in STOP_SIGNALS:
        # nohup asks for SIGHUP to be ignored; that stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: make passes on the SIGTERM that its whole process group was sent, and the
    # second one must not break off the stopping.
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def stop_with_parent() -> None:
    """Have this process sent SIGTERM when its parent ends, even one that was killed outright; Linux only."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
