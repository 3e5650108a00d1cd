"""Everything that the API answers, in one table: the doors, the description and the page about it are made of it."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.api.fields import Schema, address, day, maybe, number, refer, several, text, thing
from tracker.api.parameters import (
    CHANGE_FILTERS,
    COMMITMENT_FILTERS,
    DATED,
    DOCUMENT_FILTERS,
    INTERVAL,
    LOG,
    ON,
    PAGED,
    REFERENCE,
    SORT,
    Parameter,
    slug,
    whole_number,
)
from tracker.api.vocabularies import list_codes
from tracker.exports import LICENCE, SCHEMA_VERSION

# What every answer begins with.
SOURCE = {
    "schema_version": {
        "type": "integer",
        "description": "Raised when a field is renamed or removed, or comes to mean something else.",
        "const": SCHEMA_VERSION,
    },
    "licence": text("What may be done with the register's own words.", const=LICENCE),
    "checkpoint": maybe(address("The newest checkpoint of the log: keep it, to tell later whether it was changed.")),
}
MOMENT = {
    "on": day("The day whose state the answer shows."),
    "known": maybe(
        day("The day up to which the register's own knowledge counts; nothing where all that is known does.")
    ),
}
PAGE = {
    "count": number("How many there are on all pages."),
    "page": number("Which page this is."),
    "per_page": number("How many there are on a page."),
    "pages": number("How many pages there are."),
}


@dataclass(frozen=True)
class Operation:
    """One address of the API: what may be asked there, and what the answer holds besides its source."""

    name: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    fields: dict[str, Schema]
    refusals: tuple[int, ...] = (400,)

    @property
    def address_name(self) -> str:
        return f"tracker:{self.name}"

    @property
    def query(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if not parameter.is_in_path)

    @property
    def is_dated(self) -> bool:
        return ON in self.parameters

    @property
    def schema(self) -> Schema:
        return thing(self.summary, **SOURCE, **(MOMENT if self.is_dated else {}), **self.fields)

    @property
    def example(self) -> str:
        """An address to try: the thing that stands for its kind, and the first thing that may be asked of it."""
        path = self.path
        for parameter in self.parameters:
            path = path.replace(f"{{{parameter.name}}}", parameter.example)
        return path + "".join(f"?{first.name}={first.example}" for first in self.query[:1])


def listing(field: str, schema: str, description: str) -> dict[str, Schema]:
    return PAGE | {field: several(refer(schema), description)}


ABSENT = (400, 404)

OPERATIONS = {
    each.name: each
    for each in (
        Operation(
            "api-commitment-list",
            "/api/commitments/",
            "The commitments that answer a question, as the list and its files have them.",
            (*COMMITMENT_FILTERS, *DATED, SORT, *PAGED),
            listing("commitments", "Commitment", "The rows of the page, in its order."),
        ),
        Operation(
            "api-commitment-detail",
            "/api/commitments/{reference}/",
            "One commitment whole: its history with evidence, dated steps, answers, money, checks and relations.",
            (REFERENCE, *DATED),
            {"commitment": refer("WholeCommitment")},
            (400, 404, 410),
        ),
        Operation(
            "api-department-list",
            "/api/departments/",
            "The bodies that answer for commitments, and how those stand.",
            (*DATED, *PAGED),
            listing("departments", "Department", "By their names in addresses."),
        ),
        Operation(
            "api-department-detail",
            "/api/departments/{slug}/",
            "One of those bodies.",
            (slug("department", "home-office"), *DATED),
            {"department": refer("WholeDepartment")},
            ABSENT,
        ),
        Operation(
            "api-programme-list",
            "/api/programmes/",
            "The published sets of commitments, and how those stand.",
            (*DATED, *PAGED),
            listing("programmes", "Programme", "By their names in addresses."),
        ),
        Operation(
            "api-programme-detail",
            "/api/programmes/{slug}/",
            "One of those sets.",
            (slug("programme", "iicsa-final-report"), *DATED),
            {"programme": refer("WholeProgramme")},
            ABSENT,
        ),
        Operation(
            "api-topic-list",
            "/api/topics/",
            "What commitments are about, and how those stand.",
            (*DATED, *PAGED),
            listing("topics", "Topic", "By their names in addresses."),
        ),
        Operation(
            "api-topic-detail",
            "/api/topics/{slug}/",
            "One topic.",
            (slug("topic", "mandatory-reporting"), *DATED),
            {"topic": refer("WholeTopic")},
            ABSENT,
        ),
        Operation(
            "api-petition-list",
            "/api/petitions/",
            "Petitions to Parliament, the answers they got and what was promised there.",
            (*DATED, *PAGED),
            listing("petitions", "Petition", "By number."),
        ),
        Operation(
            "api-petition-detail",
            "/api/petitions/{number}/",
            "One petition.",
            (whole_number("number", "Parliament's number for it.", "300239"), *DATED),
            {"petition": refer("WholePetition")},
            ABSENT,
        ),
        Operation(
            "api-document-list",
            "/api/documents/",
            "The documents that the register cites.",
            (*DOCUMENT_FILTERS, *PAGED),
            listing("documents", "Document", "By title."),
        ),
        Operation(
            "api-document-detail",
            "/api/documents/{identifier}/",
            "One document, and everything that rests on it.",
            (slug("document", "casey-government-response", "identifier"),),
            {"document": refer("WholeDocument")},
            ABSENT,
        ),
        Operation(
            "api-status-list",
            "/api/statuses/",
            "The statuses with their definitions, and every other closed list of words.",
            (),
            {
                "statuses": several(refer("Word"), "What can have become of a commitment."),
                "vocabularies": refer("Vocabularies"),
            },
        ),
        Operation(
            "api-change-list",
            "/api/changes/",
            "What changed between two days.",
            (*INTERVAL, *CHANGE_FILTERS, *PAGED),
            {
                "since": day("Changes after the end of this day."),
                "until": day("Changes up to the end of this day."),
                "known": MOMENT["known"],
                "by_kind": thing(
                    "How many there are of each kind.",
                    **{code: number("How many.") for code in list_codes("change_kinds")},
                ),
                **listing("changes", "Change", "The newest first."),
            },
        ),
        Operation(
            "api-log-list",
            "/api/log/",
            "The log of everything ever published, the newest first. All of it in one file: /log/entries.jsonl.",
            LOG,
            {"entries": several(refer("LogEntry"), "The newest first.")},
        ),
        Operation(
            "api-log-entry",
            "/api/log/{sequence}/",
            "One entry of the log.",
            (whole_number("sequence", "Its number in the log.", "900"),),
            {"entry": refer("LogEntry")},
            ABSENT,
        ),
        Operation(
            "api-log-checkpoint",
            "/api/log/checkpoint/",
            "What was signed of the log at its newest publication.",
            (),
            {"signed": refer("Checkpoint")},
            ABSENT,
        ),
    )
}
