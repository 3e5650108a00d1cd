"""PostgreSQL for served pages: Django's own, but no page waits for ever for a server that has stopped answering.

A server that is halted or out of reach breaks no connection and enforces no timeout of its own.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection. One that gave no answer for `patience` seconds counts as lost.

    Whether it still answers at all is found out before each request, and is not worth so long a wait.
    """

    patience = 10.0
    patience_with_check = 2.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection: Any = super().get_new_connection(conn_params)
        wait = connection.wait

        def wait_so_long(generator: Any, *args: Any, **options: Any) -> Any:
            started = time.monotonic()
            try:
                return wait(generator, *args, **{"timeout": self.patience} | options)
            except psycopg.OperationalError:
                if time.monotonic() - started >= self.patience:
                    connection.pgconn.finish()  # whatever the server may still say is an answer to nothing
                raise

        connection.wait = wait_so_long
        return connection

    def is_usable(self) -> bool:
        usual = self.patience
        self.patience = min(usual, self.patience_with_check)
        try:
            return super().is_usable()
        finally:
            self.patience = usual
