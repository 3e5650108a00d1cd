"""The API does what its description says: no address, parameter or field is in one of them alone."""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
import schemathesis
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.wsgi import django_application
from tests.reading import read_page
from tracker import urls
from tracker.api import FILE, write_description
from tracker.api.operations import OPERATIONS, Operation
from tracker.api.parameters import KNOWN
from tracker.filters import MOMENT, SHAPING, ChangeFilter, CommitmentFilter, DocumentFilter

DESCRIPTION: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PATHS = DESCRIPTION["paths"]
PAGES = {"api", "api-description", "api-unknown"}
BOUNDED = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


# --- The description itself ------------------------------------------------------------------


def test_the_file_is_what_the_table_of_operations_gives():
    """`make description` writes it anew."""
    assert FILE.read_text(encoding="utf-8") == write_description()


def test_it_is_valid_and_is_served_as_it_is_checked_in(client: Client):
    response = client.get("/api/openapi.json")
    assert (response["Content-Type"], response.content) == ("application/json", FILE.read_bytes())
    assert DESCRIPTION["openapi"] == "3.1.0"
    openapi_spec_validator.validate(DESCRIPTION)


def find_objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield each object that is described in a schema, however deep."""
    if isinstance(schema, dict):
        if "object" in schema.get("type", ()) and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from find_objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from find_objects(part)


def test_each_object_is_closed_and_each_field_and_parameter_says_what_it_means():
    objects = list(find_objects(DESCRIPTION))
    assert len(objects) > 50
    assert [each["description"] for each in objects if each["additionalProperties"] is not False] == []
    fields = [(name, field) for each in objects for name, field in each["properties"].items()]
    assert {name for name, field in fields if not field.get("description") and "$ref" not in field} == set()
    asked = [each for path in PATHS.values() for each in path["get"]["parameters"]]
    assert {each["name"] for each in asked if not each["description"]} == set()


# --- Against the addresses -------------------------------------------------------------------


def test_each_address_is_described_and_each_described_address_is_there():
    routes = {
        pattern.name: str(pattern.pattern)
        for pattern in (*urls.PAGES, *urls.FILES)
        if str(pattern.pattern)[:3] == "api"
    }
    written = {name: "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route) for name, route in routes.items()}
    assert {name: path for name, path in written.items() if name not in PAGES} == {
        f"api-{path['get']['operationId']}": address for address, path in PATHS.items()
    }
    assert set(written) - {f"api-{path['get']['operationId']}" for path in PATHS.values()} == PAGES
    assert resolve("/api/commitments/").url_name == "api-commitment-list"


# --- Against what may be asked ---------------------------------------------------------------


def list_described(address: str) -> list[str]:
    return [each["name"] for each in PATHS[address]["get"]["parameters"] if each["in"] == "query"]


def test_every_filter_of_the_pages_is_described_and_no_other():
    paging = ["page", "per_page"]
    assert list_described("/api/commitments/") == [*CommitmentFilter.base_filters, *MOMENT, *SHAPING]
    assert list_described("/api/documents/") == [*DocumentFilter.base_filters, *paging]
    assert list_described("/api/changes/") == ["since", "until", "known", *ChangeFilter.base_filters, *paging]


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_each_parameter_that_is_described_is_understood_and_no_other(client: Client, operation: Operation):
    address = operation.example.partition("?")[0]
    for parameter in operation.query:
        # The register was published today, and knew of nothing before.
        value = timezone.localdate().isoformat() if parameter is KNOWN else parameter.example
        response = client.get(address, {parameter.name: value})
        assert response.status_code == 200, f"{parameter.name}={value}: {response.content.decode()}"
    every = {each.name for one in OPERATIONS.values() for each in one.query}
    for name in sorted(every - {parameter.name for parameter in operation.query}):
        refused = client.get(address, {name: "1"})
        assert (refused.status_code, json.loads(refused.content)["errors"]) == (
            400,
            [f"“{name}” cannot be asked here. Remove it from the address."],
        )


@pytest.mark.usefixtures("loaded_register")
def test_each_word_of_a_closed_list_may_be_asked(client: Client):
    asked = [
        (operation.example.partition("?")[0], parameter.name, code)
        for operation in OPERATIONS.values()
        for parameter in operation.query
        for code in parameter.choices
    ]
    assert len(asked) > 60
    assert [each for each in asked if client.get(each[0], {each[1]: each[2]}).status_code != 200] == []


# --- Against what is answered ----------------------------------------------------------------


@functools.cache
def read_schema(path: str) -> jsonschema_rs.Draft202012Validator:
    schema = PATHS[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator(schema | {"components": DESCRIPTION["components"]}, validate_formats=True)


def find_faults(path: str, content: Any) -> list[str]:
    return [f"{error.instance_path}: {error.message[:200]}" for error in read_schema(path).iter_errors(content)]


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("moment", ["", "on=2025-06-16", "on=2024-01-10&known=2026-11-22"])
def test_every_thing_of_the_register_fits_its_description(client: Client, moment: str):
    def read(path: str, **named: Any) -> dict[str, Any]:
        query = moment if "on" in list_described(path) else ""
        response = client.get(f"{path.format(**named)}?{query}")
        if response.status_code == 404 and moment:
            return {}
        content: dict[str, Any] = json.loads(response.content)
        assert find_faults(path, content) == [], f"{path} {named}"
        return content

    ways = (
        ("commitments", "reference", "reference"),
        ("departments", "slug", "slug"),
        ("programmes", "slug", "slug"),
        ("topics", "slug", "slug"),
        ("petitions", "number", "number"),
        ("documents", "identifier", "id"),
    )
    for noun, name, key in ways:
        rows = read(f"/api/{noun}/")[noun]
        for row in rows[:: 1 if noun == "commitments" and not moment else 5]:
            assert read(f"/api/{noun}/{{{name}}}/", **{name: row[key]}) != {}
    for path in ("/api/statuses/", "/api/changes/", "/api/log/", "/api/log/checkpoint/"):
        read(path)


# --- Against whatever anybody may send -------------------------------------------------------

SCHEMA = schemathesis.openapi.from_wsgi("/api/openapi.json", django_application)


def send(case: schemathesis.Case) -> None:
    """No answer is a 5xx or outside its description, and what the description rules out is refused.

    What it does not rule out may be refused too: only the register knows which days and departments there are.
    """
    case.call_and_validate(headers={"Accept-Encoding": "identity"}, excluded_checks=[positive_data_acceptance])


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded_register", "connection_of_the_test_stays_open")
@SCHEMA.parametrize()
@BOUNDED
def test_nothing_that_is_sent_breaks_it(case: schemathesis.Case):
    send(case)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.usefixtures("loaded_register", "connection_of_the_test_stays_open")
@SCHEMA.parametrize()
@settings(BOUNDED, max_examples=100)
def test_nothing_that_is_sent_breaks_it_at_length(case: schemathesis.Case):
    send(case)


# --- For people ------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_the_page_shows_every_address_parameter_and_object_with_an_example_that_works(client: Client):
    page = read_page(client, "/api/")
    assert page.headings == ["API"]
    shown = {"".join(each.itertext()) for each in page.find_all("code")}
    assert set(PATHS) <= shown
    assert {each.name for one in OPERATIONS.values() for each in one.parameters} <= shown
    assert {each.attrib["id"] for each in page.find_all("h3") if "id" in each.attrib} == {
        *OPERATIONS,
        *DESCRIPTION["components"]["schemas"],
    }
    commands = [each for each in shown if each.startswith("curl")]
    assert len(commands) == len(OPERATIONS)
    for command in commands:
        address = command.removeprefix('curl "http://127.0.0.1:8000').removesuffix('"')
        assert client.get(address).status_code == 200, address


@pytest.mark.usefixtures("empty_register")
def test_the_page_is_linked_from_every_page_and_from_the_page_about_the_files(client: Client):
    assert "/api/" in read_page(client, "/topics/").links
    assert "/api/" in read_page(client, "/data/").links
    assert {"/api/openapi.json", "/data/"} <= set(read_page(client, "/api/").links)
