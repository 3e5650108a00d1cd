"""SQLite for served pages: Django's own, kept open, but never the file of yesterday.

To open the file and read what is in it costs more than most pages do. But a file that was moved away, put back from a
backup or made read-only is another one, though an open connection would not notice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db.backends.sqlite3 import base

Identity = tuple[tuple[int, int, int], ...]


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection. One to a file that is not there any more, or may be used otherwise, is of no use."""

    opened: Identity | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        self.opened = self.identify()
        return connection

    def is_usable(self) -> bool:
        return self.opened is not None and self.opened == self.identify()

    def identify(self) -> Identity | None:
        """Return which file and folder there are, and who may use them; None where there is no file."""
        path = Path(unquote(urlsplit(str(self.settings_dict["NAME"])).path))
        try:
            found = [each.stat() for each in (path, path.parent)]
        except OSError:
            return None
        return tuple((each.st_dev, each.st_ino, each.st_mode) for each in found)
