#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError


def main() -> None:
    """Run a command. What is wrong around it is said in a sentence, unless --traceback asks for more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        print("Stopped before its end.", file=sys.stderr)
        sys.exit(130)  # the shell's convention for Ctrl-C
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        what = "" if isinstance(error, ImproperlyConfigured) else "The database did not do what was asked: "
        sys.exit(f"{what}{error}".rstrip())


if __name__ == "__main__":
    main()
