"""Doors: the page about the API, its description, and whatever else is asked for below its address."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from tracker.answers import MAXIMUM_PAGE_SIZE
from tracker.api.answering import Refusal, reading_only, refuse
from tracker.api.description import FILE, HEADERS, REFUSALS
from tracker.api.fields import Schema
from tracker.api.operations import MOMENT, OPERATIONS, PAGE, SOURCE
from tracker.api.schemas import SCHEMAS
from tracker.exports import LICENCE, LICENCE_NAME, SCHEMA_VERSION


@reading_only
def api(request: HttpRequest) -> HttpResponse:
    """Say how to use the API: every address with what may be asked there and what it answers."""
    context = {
        "operations": [(each, list_fields(each.fields, without=PAGE)) for each in OPERATIONS.values()],
        "shared": list_fields(SOURCE | MOMENT | PAGE),
        "objects": [(name, each["description"], list_fields(each["properties"])) for name, each in SCHEMAS.items()],
        "headers": HEADERS,
        "refusals": REFUSALS,
        "maximum_page_size": MAXIMUM_PAGE_SIZE,
        "schema_version": SCHEMA_VERSION,
        "licence": LICENCE,
        "licence_name": LICENCE_NAME,
    }
    return render(request, "tracker/api.html", context)


@dataclass(frozen=True)
class Field:
    """One field of an answer, as the page shows it: what is in it, or which object, and what it means."""

    name: str
    kind: str
    description: str
    object: str = ""


def list_fields(fields: dict[str, Schema], without: Container[str] = ()) -> list[Field]:
    return [describe_field(name, schema) for name, schema in fields.items() if name not in without]


def describe_field(name: str, schema: Schema) -> Field:
    held = schema.get("items", schema)
    refers_to = held.get("$ref", "").rpartition("/")[2]
    description = schema.get("description") or SCHEMAS[refers_to]["description"]
    return Field(name, write_kind(schema), description, refers_to)


def write_kind(schema: Schema) -> str:
    """Write what a field holds in a few words."""
    if "$ref" in schema:
        return "object"
    kinds = schema.get("type", "any value")
    names = [kinds] if isinstance(kinds, str) else kinds
    if "array" in names:
        kind = write_kind(schema["items"])
        return f"list of {kind}s" if kind == "object" else f"list of {kind}"
    if "properties" in schema:
        names = ["null" if each == "null" else f"object of {', '.join(schema['properties'])}" for each in names]
    special = "code" if "enum" in schema else schema.get("format")
    return " or ".join(special or each if each == "string" else each for each in names)


@reading_only
def api_description(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(FILE.read_bytes(), content_type="application/json")
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
def api_unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Say that there is nothing at an address, or lead to the same one with the slash that it lacks."""
    try:
        is_known = resolve(f"{request.path_info}/").url_name != "api-unknown"
    except Resolver404:
        is_known = False
    if is_known and not request.path_info.endswith("/"):
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    sentence = "There is nothing at this address. The page /api/ lists what there is."
    return refuse(Refusal(sentence, status=HTTPStatus.NOT_FOUND))
