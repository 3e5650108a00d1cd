"""Writes the description of the API anew: `make description`, after a change of what it asks for or answers."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tracker.api import FILE, write_description  # noqa: E402

if __name__ == "__main__":
    FILE.write_text(write_description(), encoding="utf-8")
