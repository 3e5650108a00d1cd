"""Counts how often pages ask the database, in a process of its own: `Place.run` starts it, BENCH says of which site.

Prints, as JSON, how often each address asks when nothing is kept yet, when only another question was asked before, and
when it is asked again.
"""

import json
import sys

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import applications
from tracker import keeping

OTHER = "/commitments/?kind=fund"


def count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{applications.ASKED}: {address} answers {response.status_code}.")
    return len(queries)


def main() -> None:
    client, counted = Client(headers={"host": "127.0.0.1"}), {}
    for address in sys.argv[1:]:
        keeping.forget()
        first, again = count(client, address), count(client, address)
        keeping.forget()
        if applications.ASKED in {applications.UNCACHED, applications.NOTHING_KEPT}:
            count(client, OTHER)
        counted[address] = [first, count(client, address), again]
    print(json.dumps(counted))


if __name__ == "__main__":
    main()
