"""The description of the API in OpenAPI 3.1: made of the table of operations, checked in, and served as it is there."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tracker.api.fields import refer
from tracker.api.operations import OPERATIONS, Operation
from tracker.api.schemas import SCHEMAS
from tracker.api.vocabularies import in_english
from tracker.exports import LICENCE, LICENCE_NAME, SCHEMA_VERSION

FILE = Path(__file__).with_name("openapi.json")
FINGERPRINT = hashlib.sha256(FILE.read_bytes()).hexdigest()
REFUSALS = {
    400: "The question is not understood. The answer says what is wrong with it, and nothing else.",
    404: "There is no such thing, or there was none on the day asked about.",
    410: "The commitment was entered by mistake and has been withdrawn. The answer says why.",
}
HEADERS = {
    "ETag": "Names this answer. Send it back as If-None-Match, and 304 says that nothing changed.",
    "Last-Modified": "When the register last changed, or the day began.",
    "Link": "The licence, this description and, where there are several, the other pages (RFC 8288).",
    "Log-Checkpoint": "The newest checkpoint of the log.",
}


def describe_api() -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Commitments Register",
            "version": str(SCHEMA_VERSION),
            "summary": "What UK governments promised about child sexual abuse and grooming gangs, and what came of it.",
            "description": "Read-only, without a key, open to other sites. Every status is a dated judgement with a "
            "reason and the documents that show it. Any past day may be asked about with “on”, and “known” adds the "
            "day up to which the register's own knowledge counts.",
            "license": {"name": in_english(LICENCE_NAME), "url": LICENCE},
        },
        "servers": [{"url": "/"}],
        "paths": {each.path: {"get": describe_operation(each)} for each in OPERATIONS.values()},
        "components": {
            "schemas": SCHEMAS,
            "headers": {
                name: {"description": sentence, "schema": {"type": "string"}} for name, sentence in HEADERS.items()
            },
            "responses": {
                str(status): {
                    "description": sentence,
                    "content": {"application/problem+json": {"schema": refer("Problem")}},
                }
                for status, sentence in REFUSALS.items()
            },
        },
    }


def describe_operation(operation: Operation) -> dict[str, Any]:
    answer = {
        "description": "The answer.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
        "content": {"application/json": {"schema": operation.schema}},
    }
    return {
        "operationId": operation.name.removeprefix("api-"),
        "summary": operation.summary,
        "parameters": [parameter.describe() for parameter in operation.parameters],
        "responses": {
            str(HTTPStatus.OK.value): answer,
            str(HTTPStatus.NOT_MODIFIED.value): {"description": "What you have is still the answer."},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in operation.refusals},
        },
    }


def write_description() -> str:
    return json.dumps(describe_api(), ensure_ascii=False, indent=2) + "\n"
