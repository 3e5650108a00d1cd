"""The settings of a server that a test starts: those of production, but for where its files are (tests/serving.py)."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import STORAGES

LOG_FOLDER = Path(os.environ["SERVED_FOLDER"])
EXPORT_FOLDER = LOG_FOLDER / "exports"

# Static files come from where they are written, so that no test needs collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
