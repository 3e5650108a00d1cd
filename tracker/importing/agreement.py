"""Checks what must agree between the rows of the register's files: names, numbers, dates and what is stated twice.

`reading.read_register` calls `find_disagreements` with the rows that are right in themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from tracker.importing.checks import Findings
from tracker.importing.spooling import Places, Spool
from tracker.statuses import Origin

Row = dict[str, Any]
Rows = dict[str, Spool]


def find_disagreements(findings: Findings, rows: Rows, places: Places, help_page: Row) -> None:
    """Report every name that is not known, all that is stated twice and what contradicts itself."""
    for kind, value, path in findings.mentions:
        if (kind, value) not in places:
            findings.report(path, f"“{value}” is not one of the {kind} in the files.")
    _report_repeated(findings, rows["documents"], places, ("documents", "id"), lambda row: row["url"], "address")
    _report_repeated(
        findings,
        rows["commitments"],
        places,
        ("commitments", "reference"),
        lambda row: (row["programme"], row["number"]),
        "place in its programme",
    )
    _report_miscounted_programmes(findings, rows["programmes"], places)
    _report_repeated_services(findings, help_page)
    origins = {row["id"]: row["origin"] for row in rows["documents"]}
    for row in rows["commitments"]:
        place = places["commitments", row["reference"]]
        _report_self_reference(findings, place, row)
        _report_impossible_milestones(findings, place, row)
        _report_citations(findings, place, row, origins)


def _report_repeated(
    findings: Findings,
    rows: Iterable[Row],
    places: Places,
    names: tuple[str, str],
    read: Callable[[Row], Any],
    meaning: str,
) -> None:
    kind, key = names
    first: dict[Any, Any] = {}
    for row in rows:
        value = read(row)
        if value in first:
            findings.report(places[kind, row[key]], f"has the same {meaning} as {first[value]}.")
        first.setdefault(value, row[key])


def _report_miscounted_programmes(findings: Findings, programmes: Iterable[Row], places: Places) -> None:
    for row in programmes:
        expected, found = row["expected_commitments"], findings.counted[row["slug"]]
        if expected != found:
            path = f"{places['programmes', row['slug']]} > expected_commitments"
            findings.report(path, f"says {expected}, and the files hold {found}.")


def _report_repeated_services(findings: Findings, help_page: Row) -> None:
    known: set[str] = set()
    for key in ("emergency", "services"):
        for index, row in enumerate(help_page.get(key, []), start=1):
            if row["name"] in known:
                findings.report(f"help.json > {key}[{index}] > name", f"“{row['name']}” stands there twice.")
            known.add(row["name"])


def _report_self_reference(findings: Findings, place: str, row: Row) -> None:
    for index, relation in enumerate(row["related"], start=1):
        if relation["reference"] == row["reference"]:
            findings.report(f"{place} > related[{index}] > reference", "is the commitment itself.")
    if row["department"] in row["supporting"]:
        findings.report(f"{place} > supporting", f"holds the lead department, “{row['department']}”.")


def _report_impossible_milestones(findings: Findings, place: str, row: Row) -> None:
    today = timezone.localdate().isoformat()
    for index, milestone in enumerate(row["milestones"], start=1):
        path, met_on = f"{place} > milestones[{index}] > met_on", milestone["met_on"]
        if met_on is not None and met_on < row["made_on"]:
            findings.report(path, "lies before the commitment was made.")
        if met_on is not None and met_on > today:
            findings.report(path, "lies in the future.")


def _report_citations(findings: Findings, place: str, row: Row, origins: dict[str, str]) -> None:
    for number, update in enumerate(row["updates"], start=1):
        path = f"{place} > updates[{number}] > evidence"
        cited = [evidence["document"] for evidence in update["evidence"]]
        for index, name in enumerate(cited, start=1):
            if name in cited[: index - 1]:
                findings.report(path, f"cites “{name}” twice.")
            if origins.get(name) == Origin.PARTISAN_OR_UNKNOWN:
                sentence = f"“{name}” is of partisan or unknown origin, which is not cited."
                findings.report(f"{path}[{index}] > document", sentence)
