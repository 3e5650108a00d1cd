"""Reads the register's files and says everything that is wrong with them, each problem with its place.

A file is a JSON array, or JSON Lines where its name ends in `.jsonl`: of the latter, one row at a time is in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tracker.importing import checks
from tracker.importing.agreement import find_disagreements
from tracker.importing.checks import Findings, Problem, name_of, nullable, shape, text, word
from tracker.importing.spooling import Places, Spool
from tracker.models import (
    Commitment,
    Department,
    Document,
    Evidence,
    Funding,
    Milestone,
    Petition,
    Programme,
    Relation,
    Response,
    StatusUpdate,
    SupportService,
    Topic,
)
from tracker.statuses import Answer, Basis, Origin, Status, Strength

DEPARTMENT = shape(
    {
        "slug": checks.slug,
        "name": text(Department, "name"),
        "abbreviation": text(Department, "abbreviation", required=False),
        "kind": word(Department.Kind),
        "url": checks.url(Department, "url"),
    },
    {"name_cy": text(Department, "name_cy", required=False)},
)
TOPIC = shape(
    {
        "slug": checks.slug,
        "name": text(Topic, "name"),
        "description": text(Topic, "description", required=False),
    }
)
DOCUMENT = shape(
    {
        "id": checks.slug,
        "url": checks.url(Document, "url"),
        "title": text(Document, "title"),
        "publisher": text(Document, "publisher"),
        "published_on": nullable(checks.date),
        "kind": word(Document.Kind),
        "origin": word(Origin),
        "strength": word(Strength),
    },
    {"note": text(Document, "note", required=False)},
)
PROGRAMME = shape(
    {
        "slug": checks.slug,
        "name": text(Programme, "name"),
        "description": text(Programme, "description"),
        "published_on": checks.date,
        "document": name_of("documents"),
        "expected_commitments": checks.whole_number,
    }
)
RELATION = shape({"reference": name_of("commitments"), "relation": word(Relation.Kind)})
RESPONSE = shape(
    {
        "answer": word(Answer),
        "on": checks.date,
        "by": text(Response, "by"),
        "note": text(Response, "note", required=False),
        "document": name_of("documents"),
    }
)
MILESTONE = shape(
    {
        "title": text(Milestone, "title"),
        "due_on": checks.date,
        "due_text": text(Milestone, "due_text"),
        "met_on": nullable(checks.date),
        "documents": checks.list_of(name_of("documents"), distinct=True),
        "note": text(Milestone, "note", required=False),
    },
    {"set_on": checks.date},
)
FUNDING = shape(
    {
        "stage": word(Funding.Stage),
        "amount_gbp": checks.amount,
        "on": checks.date,
        "note": text(Funding, "note", required=False),
        "document": name_of("documents"),
    }
)
EVIDENCE = shape(
    {"document": name_of("documents"), "note": text(Evidence, "note")},
    {"records_completion": checks.boolean, "already_in_place": checks.boolean},
)
STATUS_UPDATE = shape(
    {
        "status": word(Status),
        "as_of": checks.date,
        "reason": text(StatusUpdate, "reason"),
        "evidence": checks.list_of(EVIDENCE),
    },
    {"basis": word(Basis), "reason_cy": text(StatusUpdate, "reason_cy", required=False)},
)
COMMITMENT = shape(
    {
        "reference": checks.matching(Commitment, "reference"),
        "title": text(Commitment, "title"),
        "summary": text(Commitment, "summary"),
        "kind": word(Commitment.Kind),
        "programme": name_of("programmes"),
        "number": checks.whole_number,
        "source": shape(
            {
                "document": name_of("documents"),
                "locator": text(Commitment, "source_locator", required=False),
            }
        ),
        "made_on": checks.date,
        "made_on_precision": word(Commitment.Precision),
        "made_by": text(Commitment, "made_by"),
        "department": name_of("departments"),
        "supporting": checks.list_of(name_of("departments"), distinct=True),
        "topics": checks.list_of(name_of("topics"), distinct=True),
        "related": checks.list_of(RELATION, distinct=True),
        "responses": checks.list_of(RESPONSE),
        "milestones": checks.list_of(MILESTONE),
        "funding": checks.list_of(FUNDING),
        "updates": checks.list_of(STATUS_UPDATE),
        "confidence": word(Commitment.Confidence),
        "editor_note": text(Commitment, "editor_note", required=False),
    },
    {
        "has_distressing_detail": checks.boolean,
        "title_cy": text(Commitment, "title_cy", required=False),
        "summary_cy": text(Commitment, "summary_cy", required=False),
    },
)
PETITION = shape(
    {
        "number": checks.whole_number,
        "document": name_of("documents"),
        "title": text(Petition, "title"),
        "state": word(Petition.State),
        "parliament": text(Petition, "parliament"),
        "opened_on": nullable(checks.date),
        "closed_on": nullable(checks.date),
        "signatures": nullable(checks.whole_number),
        "signatures_as_of": nullable(checks.date),
        "ask": text(Petition, "ask"),
        "response": nullable(
            shape(
                {
                    "on": nullable(checks.date),
                    "department": name_of("departments"),
                    "summary": text(Petition, "response_summary"),
                    "document": name_of("documents"),
                }
            )
        ),
        "debate": nullable(
            shape(
                {
                    "on": checks.date,
                    "house": text(Petition, "debate_house"),
                    "document": name_of("documents"),
                }
            )
        ),
        "outcome": word(Petition.Outcome),
        "note": text(Petition, "note", required=False),
        "commitments": checks.list_of(name_of("commitments"), distinct=True),
    }
)
_SERVICE = {
    "name": text(SupportService, "name"),
    "phone": text(SupportService, "phone"),
    "seen": checks.boolean,
}
HELP = shape(
    {
        "made_on": checks.date,
        "emergency": checks.list_of(
            shape(_SERVICE | {"when": text(SupportService, "used_for")}, {"url": checks.url(SupportService, "url")})
        ),
        "services": checks.list_of(
            shape(_SERVICE | {"for": text(SupportService, "used_for"), "url": checks.url(SupportService, "url")})
        ),
    }
)

RECORDS = ("related", "responses", "milestones", "funding", "updates")

# kind of thing: (its file or folder, the check of one row, the key that names it)
TABLES = {
    "departments": ("departments.json", DEPARTMENT, "slug"),
    "topics": ("topics.json", TOPIC, "slug"),
    "documents": ("documents.json", DOCUMENT, "id"),
    "programmes": ("programmes.json", PROGRAMME, "slug"),
    "commitments": ("commitments", COMMITMENT, "reference"),
    "petitions": ("petitions.json", PETITION, "number"),
}


@dataclass
class RegisterFiles:
    """The register as read: sound rows by kind, where each row stands, and the SHA-256 of each file."""

    rows: dict[str, Spool] = field(default_factory=lambda: {kind: Spool() for kind in TABLES})
    places: Places = field(default_factory=Places)
    help: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    records: int = 0

    def count_rows(self) -> int:
        """Count what a load of all of it publishes, more or less: one that was met is two rows, say."""
        return sum(map(len, self.rows.values())) + self.records

    @cached_property
    def documents(self) -> dict[str, dict[str, Any]]:
        """What the rules ask of each document, by its name."""
        asked = ("title", "strength", "origin", "published_on")
        return {row["id"]: {name: row[name] for name in asked} for row in self.rows["documents"]}

    @cached_property
    def replacements(self) -> dict[str, set[str]]:
        """The commitments that replace another, as either of the two says, by that other."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.rows["commitments"]:
            for relation in row["related"]:
                if relation["relation"] == Relation.Kind.SUPERSEDED_BY:
                    found[row["reference"]].add(relation["reference"])
                if relation["relation"] == Relation.Kind.SUPERSEDES:
                    found[relation["reference"]].add(row["reference"])
        return dict(found)


Report = Callable[[int], object]  # is told how many rows were read


def read_register(folder: Path, *, report: Report = lambda done: None) -> tuple[RegisterFiles, list[Problem]]:
    """Read every file below `folder`. The register is only fit for use when there are no problems."""
    register, findings = RegisterFiles(), Findings()
    for kind, (name, check, key) in TABLES.items():
        for path in _find_files(folder, name, findings):
            for _ in _read_rows(register, findings, folder, path, kind, check, key):
                report(register.count_rows())
    help_page = _parse(register, findings, folder, folder / "help.json")
    if _is_sound(findings, HELP, "help.json", help_page):
        register.help = help_page
    find_disagreements(findings, register.rows, register.places, register.help)
    return register, findings.problems


def _find_files(folder: Path, name: str, findings: Findings) -> list[Path]:
    if name.endswith(".json"):
        found = [path for path in (folder / name, folder / f"{name}l") if path.exists()]
        if len(found) > 1:
            findings.report(f"{name}l", f"stands beside {name}: keep one of them.")
        return found or [folder / name]
    found = sorted(path for ending in ("json", "jsonl") for path in (folder / name).glob(f"*.{ending}"))
    if not found:
        findings.report(f"{name}/", "there are no files here.")
    return found


def _parse(register: RegisterFiles, findings: Findings, folder: Path, path: Path) -> Any:
    name = path.relative_to(folder).as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        findings.report(name, f"cannot be read: {error.strerror}.")
        return _UNREADABLE
    register.files[name] = hashlib.sha256(content).hexdigest()
    return _parse_text(findings, name, content)


def _parse_text(findings: Findings, name: str, content: bytes, line: int = 0) -> Any:
    """Return what a text says; of a line of JSON Lines, `line` is the number."""
    place = f"{name}, line {line}" if line else name
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_refuse_repeated_keys)
    except UnicodeDecodeError as error:
        findings.report(place, f"is not UTF-8 text: byte {error.start + 1} cannot be read.")
    except json.JSONDecodeError as error:
        findings.report(f"{name}, line {line or error.lineno}, column {error.colno}", f"is not JSON: {error.msg}.")
    except (_RepeatedKey, RecursionError, ValueError) as error:
        findings.report(place, str(error))
    return _UNREADABLE


def _parse_lines(register: RegisterFiles, findings: Findings, folder: Path, path: Path) -> Iterator[Any]:
    """Yield what each line of a file of JSON Lines says, as far as it can be read."""
    name, digest = path.relative_to(folder).as_posix(), hashlib.sha256()
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
                digest.update(line)
                if len(line) == LONGEST_LINE:
                    findings.report(f"{name}, line {number}", "is longer than any row can be.")
                    return
                if line.strip():
                    yield _parse_text(findings, name, line.rstrip(b"\r\n"), number)
    except OSError as error:
        findings.report(name, f"cannot be read: {error.strerror}.")
    register.files[name] = digest.hexdigest()


LONGEST_LINE = 2**24


_UNREADABLE = object()


class _RepeatedKey(Exception):
    pass


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise _RepeatedKey(f"an object has the key “{key}” {count} times, near {checks.describe(dict(pairs))}.")
    return dict(pairs)


def _read_rows(
    register: RegisterFiles,
    findings: Findings,
    folder: Path,
    path: Path,
    kind: str,
    check: checks.Check,
    key: str,
) -> Iterator[None]:
    """Check and keep the rows of a file, with a pause after each."""
    name = path.relative_to(folder).as_posix()
    is_lines = path.suffix == ".jsonl"
    rows = _parse_lines(register, findings, folder, path) if is_lines else _parse(register, findings, folder, path)
    if rows is _UNREADABLE:
        return
    if not is_lines and not isinstance(rows, list):
        findings.report(name, f"should be a list, not {checks.describe(rows)}.")
        return
    for index, row in enumerate(rows, start=1):
        named = row.get(key) if isinstance(row, dict) else None
        is_named = isinstance(named, str | int)
        place = f"{name} > {named}" if is_named else f"{name} > row {index}"
        if is_named and (kind, named) in register.places:
            findings.report(place, f"“{named}” stands in {register.places[kind, named]} already.")
        elif is_named:
            register.places[kind, named] = name
        if _is_sound(findings, check, place, row):
            register.rows[kind].add(place, row)
            register.records += sum(len(row[each]) for each in RECORDS) if kind == "commitments" else 0
        findings.drop_known(register.places)
        yield


def _is_sound(findings: Findings, check: checks.Check, place: str, value: Any) -> bool:
    before = len(findings.problems)
    if value is not _UNREADABLE:
        check(findings, place, value)
    return value is not _UNREADABLE and len(findings.problems) == before
