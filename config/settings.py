"""Every setting of the site: read from the environment, safe where it says nothing.

A wrong value stops the site with a sentence that names the variable and what it accepts.
"""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    read,
    read_choice,
    read_contact_email,
    read_log_key,
    read_metrics_address,
    read_secret_key,
    read_site,
    read_switch,
    read_trusted_proxies,
)
from config.floor import refuse_an_old_django

refuse_an_old_django()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        # A transaction that may write says so at its start: one that turns into a writer half way is refused
        # at once when another is writing, while one that begins as a writer waits its turn, here for 20 seconds.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Readers never wait for a writer. FULL, because with NORMAL a power cut may take back an update that
        # was already published and read, and published history is only ever added to.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
POSTGRESQL: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {"connect_timeout": 3},  # seconds; psycopg would wait for more than two minutes
}

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def read_databases() -> dict[str, Any]:
    """The database, and, where there is one, the read replica from which public pages are read."""
    databases = {"default": read_database()}
    url = read("REPLICA_URL")
    if url:
        replica = _parse_database(url)
        if any(each.get("ENGINE") != POSTGRESQL["ENGINE"] for each in (replica, databases["default"])):
            # The value is not repeated: it may hold a password.
            raise ImproperlyConfigured(
                "REPLICA_URL must be the address of a streaming replica of DATABASE_URL, both of them PostgreSQL, "
                "such as postgres://user:password@host:5432/name."
            )
        options = POSTGRESQL["OPTIONS"] | replica.get("OPTIONS", {})
        databases["replica"] = replica | POSTGRESQL | {"OPTIONS": options, "TEST": {"MIRROR": "default"}}
    return databases


def _parse_database(url: str) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(url))
    except ValueError:
        return {}


def read_database() -> dict[str, Any]:
    url = read("DATABASE_URL")
    if not url:
        VAR_DIR.mkdir(mode=0o700, exist_ok=True)  # SQLite makes its file, not the folder.
        return SQLITE | {"NAME": VAR_DIR / "register.sqlite3"}
    database = _parse_database(url)
    extras = next((each for each in (SQLITE, POSTGRESQL) if each["ENGINE"] == database.get("ENGINE")), None)
    if extras is None or not database["NAME"]:
        # The value is not repeated: it may hold a password.
        raise ImproperlyConfigured(
            "DATABASE_URL must be an address such as postgres://user:password@host:5432/name "
            "or sqlite:////folder/file.sqlite3."
        )
    return database | extras | {"OPTIONS": extras["OPTIONS"] | database.get("OPTIONS", {})}


# --- What kind of site this is ---------------------------------------------------------------

DEBUG = read_switch("DEBUG", default=False)
SECRET_KEY = read_secret_key(VAR_DIR / "secret_key", debug=DEBUG)

# A status update is approved by someone other than its author.
TWO_PERSON_RULE = read_switch("TWO_PERSON_RULE", default=True)

# The staff desk opens only to those who have shown, besides a password, an authenticator app or a passkey.
REQUIRE_SECOND_FACTOR = read_switch("REQUIRE_SECOND_FACTOR", default=not DEBUG)

# Where readers report errors; shown on the page "Corrections".
CONTACT_EMAIL = read_contact_email()

# --- Where it is reached ---------------------------------------------------------------------

_site = read_site()
_port = f":{_site['port']}" if _site["port"] else ""

SITE_URL = _site[0]
HTTPS = _site["scheme"] == "https"
ALLOWED_HOSTS = LOOPBACK_HOSTS if not HTTPS and _site["host"] in LOOPBACK_HOSTS else [_site["host"]]
CSRF_TRUSTED_ORIGINS = [f"{_site['scheme']}://{host}{_port}" for host in ALLOWED_HOSTS]

# The proxies in front, whose X-Real-IP says where a request came from. Whoever else sends that header is not believed.
TRUSTED_PROXIES = read_trusted_proxies()

# The proxy in front ends TLS and says so in this header. It must set the header itself, never pass it on.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz)$"]  # machines ask these from next door
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Whether browsers come with a domain's name built in is for its owner to ask for: it binds all that is under it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    # Browsers take a cookie of such a name over https alone, and never from another host of the same domain.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# --- What is signed --------------------------------------------------------------------------

# The key that signs the public log. Without one here it is made at the first publication and kept in the file log-key
# of this folder, beside a copy of the newest checkpoint; with several machines the key must be given.
LOG_KEY = read_log_key()
LOG_FOLDER = VAR_DIR

# Where `manage.py export_register` puts the files of the whole register, and /data/ finds them.
EXPORT_FOLDER = VAR_DIR / "exports"

# --- What it is made of ----------------------------------------------------------------------

INSTALLED_APPS = [
    "tracker.apps.TrackerConfig",
    "tracker.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_filters",
    "django_tables2",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

# What says who asks, and which headers every answer has, comes first; static files are answered right behind it.
# Compression comes before the conditional get, so that an ETag is made of the page, not of its gzip stream.
MIDDLEWARE = [
    "config.middleware.real_address",
    "config.middleware.policies",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.refuse_trace",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.open_to_other_sites",
    "config.middleware.GZipUnlessForbidden",
    "config.middleware.ConditionalGetWithPolicies",
    "config.middleware.say_who_may_keep",
    "tracker.middleware.name_by_version",
    "tracker.middleware.speak_as_addressed",
    "tracker.middleware.need_no_lost_database",
    "config.middleware.read_forms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tracker.middleware.stop_long_questions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
# Stands in front of Django and hands out public pages that it has drawn before.
PAGES_KEPT_BY = "tracker.finished.FinishedPages"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "config.folding.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.context_processors.site",
            ],
        },
    },
]

# Forms find their templates in templates/ too.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- What it keeps ---------------------------------------------------------------------------

DATABASES = read_databases()
# Public pages are read from a replica, if there is one and it is up to date; `tracker.finished` decides.
DATABASE_ROUTERS = ["tracker.replicas.Router"]
# No statement that answers a reader takes longer: the last defence, which no question should meet.
LONGEST_QUESTION = 10  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Failed sign-ins are counted here and codes that were used remembered, for all processes and across restarts;
# `manage.py createcachetable` makes the table. Nothing that the public reads comes from here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "sign_in_counts",
        # With the usual 300, names made up by the hundred would push out the count of the name that is tried.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Whether this is somebody's own copy, as `make run` makes it: reached from this machine alone, and with the database
# that it made itself. Only there are accounts made up for trying the desk.
DEMONSTRATION = ALLOWED_HOSTS == LOOPBACK_HOSTS and DATABASES["default"]["NAME"] == VAR_DIR / "register.sqlite3"

# --- How staff sign in -----------------------------------------------------------------------

AUTH_USER_MODEL = "tracker.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": "tracker.signing_in.passwords.OwnWordsValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# A session ends with the browser, and after half an hour in which its owner did nothing at the desk;
# tracker.signing_in ends it after twelve hours in any case.
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False
CSRF_COOKIE_AGE = None
CSRF_COOKIE_HTTPONLY = True
# Messages travel in the session, so that there is no third cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Accounts are made by managers, and nothing is ever mailed. An e-mail address stands for a username: see SignInForm.
ACCOUNT_ADAPTER = "tracker.signing_in.adapters.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "tracker.signing_in.forms.SignInForm",
    "change_password": "tracker.signing_in.forms.NewPasswordForm",
    "reauthenticate": "tracker.signing_in.forms.ConfirmByPasswordForm",
}
# "key" is the pair of account and network address, or for a second factor the account. The address is the one that
# the connection comes from, or that a proxy of ours names: see TRUSTED_PROXIES.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/5m/key,50/5m/ip",
    "passkey_options": "30/m/ip",
}

MFA_ADAPTER = "tracker.signing_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Commitments Register"
MFA_FORMS = {
    "authenticate": "tracker.signing_in.forms.CodeForm",
    "authenticate_webauthn": "tracker.signing_in.forms.PasskeyForm",
    "login_webauthn": "tracker.signing_in.forms.PasskeyAloneForm",
    "reauthenticate": "tracker.signing_in.forms.ConfirmByCodeForm",
    "reauthenticate_webauthn": "tracker.signing_in.forms.ConfirmByPasskeyForm",
    "activate_totp": "tracker.signing_in.forms.AddAppForm",
    "add_webauthn": "tracker.signing_in.forms.AddPasskeyForm",
    "edit_webauthn": "tracker.signing_in.forms.RenamePasskeyForm",
}

# --- What a browser may do with its pages ----------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "img-src": [SELF],
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
# Other sites never learn which page a reader came from. No stricter: over https, Django's CSRF check may need it.
SECURE_REFERRER_POLICY = "same-origin"

# --- Static files ----------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Language and time -----------------------------------------------------------------------

# The address alone says which: see tracker/languages.py. The staff desk and every file are in English.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
TIME_ZONE = "Europe/London"
USE_TZ = True

# --- Logging and measuring -------------------------------------------------------------------

# What a person reads is plain and quiet; a machine gets a line of JSON for each request too, and no word of who asked.
FORMATS: dict[str, dict[str, str]] = {
    "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    "json": {"()": "config.logs.LineOfJson"},
}
LOG_FORMAT = read_choice("LOG_FORMAT", tuple(FORMATS), default="plain" if sys.stderr.isatty() else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {LOG_FORMAT: FORMATS[LOG_FORMAT]},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Named to take away the handlers that Django gives it: mail to nobody, and the terminal only while debugging.
        "django": {"level": "INFO" if DEBUG else "WARNING"},
        "register.requests": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        "register.signing_in": {"level": "INFO"},
    },
}
OBSERVED_BY = "config.observing.Observed"

# Where `manage.py serve_metrics` listens; without it nothing is counted. All processes of this machine count into files
# of one folder, which is read when somebody asks. prometheus_client looks for it once, when it is imported.
METRICS_ADDRESS = read_metrics_address()
METRICS_FOLDER = VAR_DIR / "metrics"
if METRICS_ADDRESS:
    METRICS_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_FOLDER)
