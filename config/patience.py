"""How long a served page waits for its database, so that one which hangs does not hang every reader with it.

`wsgi` asks for it before the first connection. Commands wait for as long as their work takes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

LOCK_SECONDS, STATEMENT_SECONDS = 5, 8
KEPT_OPEN_SECONDS = 60
# To compile a question takes PostgreSQL longer than to answer any that a page asks, and so does sorting on the disk. A
# question takes that memory two or three times at most; a process of the site asks four at once.
QUICKLY = "-c jit=off -c work_mem=32MB"


def serve_from(database: dict[str, Any]) -> None:
    """Change the settings of a database to those of a served page."""
    options, name = dict(database.get("OPTIONS", {})), str(database["NAME"])
    if database["ENGINE"].endswith("sqlite3"):
        if "memory" in name:
            return
        # SQLite makes an empty file where it finds none: a register that was moved away must not come back empty.
        database["NAME"] = f"file:{quote(name)}?mode=rw"
        database |= {"ENGINE": "config.sqlite", "CONN_MAX_AGE": KEPT_OPEN_SECONDS, "CONN_HEALTH_CHECKS": True}
        options["timeout"] = LOCK_SECONDS
    else:
        database["ENGINE"] = "config.postgresql"
        limits = f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s {QUICKLY}"
        options["options"] = f"{limits} {options.get('options', '')}".strip()  # what an operator says counts
    database["OPTIONS"] = options
