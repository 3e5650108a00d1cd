"""Reads what a question comes to as a file, as the programs of readers do."""

import csv
import io
import json
from typing import Any

from django.test import Client

SITE = "http://127.0.0.1:8000"


def add(address: str, question: str) -> str:
    """Return an address with a question, which may be nothing."""
    return f"{address}?{question}".rstrip("?")


def fetch(address: str) -> bytes:
    response = Client().get(address)
    assert response.status_code == 200, f"{address} answers {response.status_code}"
    return response.getvalue()


def read_csv(address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(fetch(address).decode(), newline="")))


def read_lines(address: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in fetch(address).decode().splitlines()]
