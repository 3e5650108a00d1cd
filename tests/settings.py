"""The settings as the tests have them: nothing from the developer's environment but the database, and quicker."""

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

for name in ("CONTACT_EMAIL", "DEBUG", "REPLICA_URL", "SITE_URL", "TRUSTED_PROXIES", "TWO_PERSON_RULE"):
    os.environ.pop(name, None)
if os.environ.get("TEST_REPLICA_URL"):
    os.environ["REPLICA_URL"] = os.environ["TEST_REPLICA_URL"]
os.environ.setdefault("LOG_FORMAT", "plain")
os.environ["SECRET_KEY"] = "a secret for the tests alone, known to everybody who reads this"
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or "sqlite://:memory:"
os.environ["LOG_KEY"] = "bm90IGEgc2VjcmV0OiB0aGUgbG9nIGluIHRoZSB0ZXM="

from config.settings import *  # noqa: E402, F403
from config.settings import BASE_DIR, DATABASES, STORAGES  # noqa: E402

# Two copies of the project may test at the same time on one database server.
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    copy = hashlib.sha256(bytes(BASE_DIR)).hexdigest()[:8]
    DATABASES["default"]["TEST"] = {"NAME": f"test_register_{copy}"}
    # Nobody needs what they wrote after the power fails.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files come from where they are written, so that no test needs collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

# Each process keeps its copy of the newest checkpoint, and what it exports, to itself, and takes it away at the end.
LOG_FOLDER = Path(tempfile.mkdtemp(prefix="register-tests-"))
EXPORT_FOLDER = LOG_FOLDER / "exports"
if os.environ.get("TEST_METRICS_FOLDER"):
    METRICS_FOLDER = Path(os.environ["TEST_METRICS_FOLDER"])
    METRICS_FOLDER.mkdir(exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_FOLDER)
atexit.register(shutil.rmtree, LOG_FOLDER, ignore_errors=True)

# A machine that tests may be slow, and nothing of theirs is stopped: only the tests of stopping set it.
LONGEST_QUESTION = 0
