"""The words in which the API's answers are described, in JSON Schema 2020-12.

Objects are closed, so that a field that is not described is a fault. The columns of the files are described from
`exports`, the words of closed lists from `vocabularies`.
"""

from __future__ import annotations

from typing import Any

from tracker.api.vocabularies import in_english, list_codes
from tracker.exports import LICENSED, Column, Sheet

Schema = dict[str, Any]


def text(description: str, **rules: Any) -> Schema:
    return {"type": "string", "description": description, **rules}


def day(description: str) -> Schema:
    return text(description, format="date")


def time(description: str) -> Schema:
    return text(description, format="date-time")


def address(description: str) -> Schema:
    return text(description, format="uri")


def number(description: str) -> Schema:
    return {"type": "integer", "description": description, "minimum": 0}


def switch(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def one_of(vocabulary: str, description: str) -> Schema:
    return text(description, enum=list_codes(vocabulary))


def several(schema: Schema, description: str) -> Schema:
    return {"type": "array", "description": description, "items": schema}


def maybe(schema: Schema) -> Schema:
    """Allow null in the place of a value."""
    if "enum" in schema:
        schema = schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def thing(description: str, /, **fields: Schema) -> Schema:
    """Describe an object that has each of its fields, and no other."""
    return {
        "type": "object",
        "description": description,
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def refer(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


# --- The columns of the files ----------------------------------------------------------------

BY_KIND = {
    "text": text,
    "code": text,
    "date": day,
    "time": time,
    "number": number,
    "true or false": switch,
    "list": lambda description: several({"type": "string"}, description),
}
CODES = {
    "basis": "bases",
    "claim": "statuses",
    "confidence": "confidences",
    "document_kind": "document_kinds",
    "kind": "commitment_kinds",
    "made_on_precision": "date_precisions",
    "origin": "origins",
    "response": "responses",
    "status": "statuses",
    "status_strength": "strengths",
    "strength": "strengths",
    "timeliness": "timeliness",
}
MISSING = frozenset(  # what may not be there
    {
        *("status_since", "status_update", "status_as_of", "status_strength", "claim", "claim_as_of"),
        *("response", "response_on", "next_due_on", "checked_on", "corrects", "corrected_by", "published_on", "known"),
    }
)


def describe_column(column: Column) -> Schema:
    description = in_english(column.description)
    is_code = column.kind == "code"
    schema = one_of(CODES[column.name], description) if is_code else BY_KIND[column.kind](description)
    return maybe(schema) if column.name in MISSING else schema


def describe_sheet(sheet: Sheet, description: str, /, **more: Schema) -> Schema:
    """Describe a row of a file, and what else the API says with it."""
    columns = {column.name: describe_column(column) for column in sheet.columns if column is not LICENSED}
    return thing(description, **columns, **more)
