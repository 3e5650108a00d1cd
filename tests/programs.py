"""Programs that some tests need besides Python: where one is missing, they are left out, or fail under REQUIRE_ALL."""

import os
import shutil
from typing import NoReturn

import pytest


def need(*names: str) -> str:
    """Return the path of a program under the first of its names that there is; otherwise leave the test out."""
    return next(filter(None, map(shutil.which, names)), None) or leave_out(f"{names[0]} is not installed")


def leave_out(why: str) -> NoReturn:
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(f"{why}, and REQUIRE_ALL is set.")
    pytest.skip(why)
