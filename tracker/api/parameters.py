"""What may be asked of the API, and in which words: the filters are read from the filtersets of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters

from tracker.answers import MAXIMUM_PAGE_SIZE, PAGE_SIZE
from tracker.api.fields import Schema
from tracker.api.vocabularies import in_english, list_codes
from tracker.filters import MAXIMUM_SEARCH_LENGTH, ChangeFilter, CommitmentFilter, DocumentFilter
from tracker.models import REFERENCE_PATTERN
from tracker.querysets import SORTS

SLUG = "^[-a-zA-Z0-9_]+$"
# Of what the register itself says: it is known only when the question is asked.
EXAMPLES = {
    "department": "home-office",
    "programme": "iicsa-final-report",
    "topic": "mandatory-reporting",
    "q": "police",
    "made_after": "2022-10-20",
    "made_before": "2025-04-08",
}


@dataclass(frozen=True)
class Parameter:
    """One thing that may be asked, with a value to try it with."""

    name: str
    description: str
    schema: Schema
    example: str
    is_in_path: bool = False

    @property
    def is_list(self) -> bool:
        return bool(self.schema["type"] == "array")

    @property
    def choices(self) -> list[str]:
        """The closed list of its values, where it has one."""
        codes: list[str] = self.schema.get("items", self.schema).get("enum", [])
        return codes

    def describe(self) -> dict[str, Any]:
        """Return the parameter as OpenAPI writes it."""
        described = {
            "name": self.name,
            "in": "path" if self.is_in_path else "query",
            "required": self.is_in_path,
            "description": self.description,
            "schema": self.schema,
            "example": [self.example] if self.is_list else self.example,
        }
        return described | ({"style": "form", "explode": True} if self.is_list else {})


SEARCHING = (
    "All of them must be found, whatever their endings: “builds” finds “building”. A phrase stands in quotes, a minus "
    "before a word leaves out what has it, and a reference such as IICSA-13 is found as it is."
)


def describe_filter(name: str, asked: Any) -> Parameter:
    """Return a filter of a page as a parameter."""
    label = in_english(asked.label)
    if isinstance(asked, django_filters.MultipleChoiceFilter):
        codes = [code for code, _ in asked.extra["choices"]]
        items: Schema = {"type": "string", "enum": codes} if codes else {"type": "string", "pattern": SLUG}
        sentence = f"{label}. Give it several times for any of several values."
        return Parameter(name, sentence, {"type": "array", "items": items}, EXAMPLES.get(name, *codes[:1]))
    if isinstance(asked, django_filters.DateFilter):
        return Parameter(name, f"{label}.", {"type": "string", "format": "date"}, EXAMPLES[name])
    if "choices" in asked.extra:
        codes = [code for code, _ in asked.extra["choices"]]
        return Parameter(name, f"{label}.", {"type": "string", "enum": codes}, codes[0])
    schema = {"type": "string", "maxLength": MAXIMUM_SEARCH_LENGTH}
    return Parameter(name, f"{label}. {SEARCHING}", schema, EXAMPLES[name])


def describe_filters(filterset: Any) -> tuple[Parameter, ...]:
    return tuple(describe_filter(name, asked) for name, asked in filterset.base_filters.items())


def in_path(name: str, description: str, pattern: str, example: str) -> Parameter:
    return Parameter(name, description, {"type": "string", "pattern": pattern}, example, is_in_path=True)


DAY = {"type": "string", "format": "date"}
ON = Parameter("on", "The day to ask about; today without it.", DAY, "2025-06-16")
KNOWN = Parameter(
    "known", "The day up to which the register's own knowledge counts; all that is known without it.", DAY, "2026-11-21"
)
DATED = (ON, KNOWN)
PER_PAGE = Parameter(
    "per_page",
    f"How many to a page: {PAGE_SIZE} without it, and never more than {MAXIMUM_PAGE_SIZE:,}.",
    {"type": "integer", "minimum": 1, "default": PAGE_SIZE},
    "10",
)
PAGED = (
    Parameter("page", "Which page. “Link” leads to the others.", {"type": "integer", "minimum": 1, "default": 1}, "1"),
    PER_PAGE,
)
ORDERS = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]
SORT = Parameter(
    "sort",
    "The order: without it, by reference, or where words are asked for the best match first. A hyphen turns it round; "
    "what has no value comes last.",
    {"type": "string", "enum": ORDERS},
    "-changed_on",
)
COMMITMENT_FILTERS = describe_filters(CommitmentFilter)
DOCUMENT_FILTERS = describe_filters(DocumentFilter)
CHANGE_FILTERS = describe_filters(ChangeFilter)
INTERVAL = (
    Parameter("since", "Changes after the end of this day; 90 days before “until” without it.", DAY, "2025-04-08"),
    Parameter("until", "Changes up to the end of this day; today without it.", DAY, "2025-06-16"),
    KNOWN,
)
LOG = (
    Parameter("kind", "Entries of this kind alone.", {"type": "string", "enum": list_codes("log_kinds")}, "petition"),
    Parameter("before", "Entries with a smaller number than this.", {"type": "integer", "minimum": 0}, "100"),
    PER_PAGE,
)
REFERENCE = in_path("reference", "The commitment's permanent public name.", f"^{REFERENCE_PATTERN}$", "IICSA-13")


def slug(noun: str, example: str, name: str = "slug") -> Parameter:
    return in_path(name, f"The {noun}'s name in addresses.", SLUG, example)


def whole_number(name: str, description: str, example: str) -> Parameter:
    return Parameter(name, description, {"type": "integer", "minimum": 0}, example, is_in_path=True)
