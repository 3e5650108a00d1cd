"""Compares the register's files with what is published: what is new, and what would rewrite history.

Rows of the files are matched with rows that a load published; what staff published in the admin stands apart. The
n-th entry of a list (updates, responses, funding, milestones) is the n-th that was loaded, so new ones go at the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from tracker.importing.checks import Problem, describe
from tracker.importing.clashes import NAMES, find_clashes
from tracker.importing.judging import find_refusals
from tracker.importing.reading import TABLES, RegisterFiles, Report
from tracker.importing.spooling import Placed
from tracker.models import (
    REMOVED,
    REMOVED_ADDRESS,
    REMOVED_BRIEFLY,
    Commitment,
    LogEntry,
    Programme,
    SupportService,
)
from tracker.publishing import AT_ONCE, find_log_kind
from tracker.statuses import Basis

RECORD_LISTS = {
    "responses": "responses",
    "funding": "funding",
    "milestones": "milestones",
    "status_updates": "updates",
}


# What the files had not yet said when departments were first loaded: where it is not published, staff give it.
NAMED_LATER = ("name_cy",)


Addition = tuple[str, str, dict[str, Any]]  # its kind, the commitment that it is of, and its facts


@dataclass
class Plan:
    """What a load will add, in the order in which it must be added, and why it may not. A plan of very much only
    counts it.

    `growth` says by how many commitments each published programme grows, and `removed` where the files still hold what
    a redaction removed: that stays removed.
    """

    additions: list[Addition] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)
    refusals: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    growth: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, owner: str, facts: dict[str, Any]) -> None:
        self.additions.append((kind, owner, facts))
        self.counts[kind] += 1

    def absorb(self, other: Plan, *, keep: bool) -> None:
        """Take over what another plan found; without `keep`, its additions are only counted."""
        self.additions += other.additions if keep else []
        self.refusals += other.refusals
        self.removed += other.removed
        self.unchanged += other.unchanged
        self.growth += other.growth
        self.counts += other.counts

    def put_in_order(self) -> None:
        self.additions.sort(key=lambda addition: ORDER.index(addition[0]))

    def compare(self, path: str, published: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
        """Say whether two sets of facts agree; refuse each one that does not. What nothing is known of is believed."""
        if published is None:
            return True
        known = [key for key in published | wanted if key in published or key not in NAMED_LATER]
        different = [key for key in known if published.get(key) != wanted.get(key)]
        redacted = [key for key in different if may_be_redacted(published.get(key), wanted.get(key))]
        self.removed += [f"{path} > {key}" for key in redacted]
        different = [key for key in different if key not in redacted]
        for key in different:
            self.refusals.append(
                Problem(
                    f"{path} > {key}",
                    f"would rewrite what is published: {describe(published.get(key))} stands, the file says "
                    f"{describe(wanted.get(key))}.",
                )
            )
        return not different


def may_be_redacted(published: Any, written: Any) -> bool:
    """Say whether what is published is what was written, but for words that were removed from it since."""
    if isinstance(published, dict) and isinstance(written, dict):
        keys = published.keys() | written.keys()
        return all(may_be_redacted(published.get(key), written.get(key)) for key in keys)
    if isinstance(published, list) and isinstance(written, list):
        return len(published) == len(written) and all(map(may_be_redacted, published, written))
    if not isinstance(published, str) or not isinstance(written, str) or published == written:
        return bool(published == written)
    if published.startswith(REMOVED_ADDRESS):
        return True
    kept = re.split("|".join(map(re.escape, (REMOVED, REMOVED_BRIEFLY))), published)
    return len(kept) > 1 and re.fullmatch("(?s:.+?)".join(map(re.escape, kept)), written) is not None


def plan_load(register: RegisterFiles, *, keep: bool = True, report: Report = lambda done: None) -> Plan:
    """Plan how to bring the published register up to the files. `register` must be free of problems.

    Without `keep`, the additions are only counted. `report` is told how many nouns were compared.
    """
    plan, done = Plan(files=register.files), 0
    for kind in TABLES:
        for some in register.rows[kind].read_some(AT_ONCE):
            plan.absorb(plan_some(register, kind, some), keep=keep)
            done += len(some)
            report(done)
    plan.absorb(plan_help(register), keep=keep)
    plan.put_in_order()
    return plan


def plan_some(register: RegisterFiles, kind: str, some: list[Placed]) -> Plan:
    """Plan the same for some rows of one kind, each after its place."""
    plan = Plan(files=register.files)
    if kind == "commitments":
        _plan_commitments(plan, register, some)
    else:
        _plan_nouns(plan, kind, some)
    plan.refusals += find_clashes(plan.additions, register.places)
    plan.put_in_order()
    return plan


ORDER = [
    *(
        "departments",
        "topics",
        "documents",
        "programmes",
        "commitments",
        "relations",
        "responses",
        "funding",
    ),
    *("milestones", "milestone_updates", "status_updates", "petitions", "help"),
]


def normalise(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the files in the form in which the models state their facts."""
    facts = dict(row)
    if kind == "departments":
        facts = _leave_out(facts, "name_cy")
    if kind == "documents" and not facts.get("note"):
        facts.pop("note", None)
    if kind == "programmes":
        del facts["expected_commitments"]
    if kind == "commitments":
        for key in ("related", *RECORD_LISTS.values()):
            del facts[key]
        facts["supporting"] = sorted(facts["supporting"])
        facts["topics"] = sorted(facts["topics"])
        facts = _leave_out(facts, "has_distressing_detail", "title_cy", "summary_cy")
    if kind == "petitions":
        facts["commitments"] = sorted(facts["commitments"])
    if kind == "status_updates":
        if facts.get("basis") == Basis.ASSESSMENT:
            del facts["basis"]
        facts = _leave_out(facts, "reason_cy")
        facts["evidence"] = [
            {key: value for key, value in evidence.items() if value is not False} for evidence in facts["evidence"]
        ]
    return facts


def _leave_out(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return facts without those of these names that say nothing, as the models leave them out."""
    return {name: value for name, value in facts.items() if value or name not in names}


def read_loaded(published: QuerySet[Any]) -> list[tuple[Any, dict[str, Any] | None]]:
    """Return each noun with the facts that a load published of it last; its present ones where no load did.

    Staff may have put forward new words since: those do not stand in the files, and the files do not contradict them.
    Where a redaction has emptied the log of what was loaded, its present facts hold the marks; None stands for a noun
    that was reworded too, so that nothing tells any more what the files should hold.
    """
    nouns = list(published)
    # Told the kind or the order, SQLite would read all entries of that kind.
    entries = LogEntry.objects.filter(subject__in=[each.subject for each in nouns]).order_by()
    kind = find_log_kind(published.model)
    loaded: dict[str, Any] = {}
    reworded: set[str] = set()
    rows = entries.values_list("sequence", "kind", "subject", "batch", "content")
    for _, found, subject, batch, content in sorted(rows, key=itemgetter(0)):
        if found != kind:
            continue
        if batch is None:
            reworded.add(subject)
        else:
            loaded[subject] = content
    lost = {subject for subject, content in loaded.items() if content is None} & reworded
    return [(noun, None if noun.subject in lost else loaded.get(noun.subject) or noun.facts()) for noun in nouns]


# What to read with the published rows of a kind.
_READ_WITH = {
    "programmes": ("document",),
    "petitions": ("document", "response_department", "response_document", "debate_document", "commitments"),
    "commitments": (
        *("programme", "department", "source_document", "supporting", "topics", "relations__related"),
        *("reverse_relations", "responses__document", "funding__document", "milestones__documents"),
        *("milestones__milestone_updates__documents", "status_updates__evidence__document"),
    ),
}


def _find_published(kind: str, some: list[Placed]) -> QuerySet[Any]:
    model, name, key = NAMES[kind]
    named = model.objects.ever_published().filter(**{f"{name}__in": [row[key] for _, row in some]})
    published: QuerySet[Any] = named.prefetch_related(*_READ_WITH.get(kind, ()))
    return published


def _plan_nouns(plan: Plan, kind: str, some: list[Placed]) -> None:
    key = TABLES[kind][2]
    standing = {noun.facts()[key]: facts for noun, facts in read_loaded(_find_published(kind, some))}
    for place, row in some:
        if row[key] not in standing:
            plan.add(kind, "", row)
        elif plan.compare(place, standing[row[key]], normalise(kind, row)):
            plan.unchanged[kind] += 1


def _plan_commitments(plan: Plan, register: RegisterFiles, some: list[Placed]) -> None:
    published = _find_published("commitments", some)
    standing = {commitment.reference: (commitment, facts) for commitment, facts in read_loaded(published)}
    programmes = set(Programme.objects.published().values_list("slug", flat=True))
    for place, row in some:
        commitment, facts = standing.get(row["reference"], (None, {}))
        if commitment is None:
            plan.add("commitments", "", row)
            plan.growth[row["programme"]] += row["programme"] in programmes
        elif plan.compare(place, facts, normalise("commitments", row)):
            plan.unchanged["commitments"] += 1
        _plan_relations(plan, row, commitment)
        records = {kind: getattr(commitment, kind).all() if commitment else [] for kind in RECORD_LISTS}
        loaded = {kind: _find_loaded(records[kind]) for kind in RECORD_LISTS}
        for kind in RECORD_LISTS:
            taken = max((record.number for record in records[kind] if record.is_published), default=0)
            _plan_records(plan, place, kind, row, loaded[kind], taken)
        plan.refusals += find_refusals(place, row, register, commitment, loaded)


def _find_loaded(records: Iterable[Any]) -> list[Any]:
    """Return the published records that came from files, in the order in which they were published."""
    loaded = (record for record in records if record.is_published and record.author_id is None)
    return sorted(loaded, key=lambda record: record.number)


def _plan_relations(plan: Plan, row: dict[str, Any], commitment: Commitment | None) -> None:
    relations = commitment.relations.all() if commitment else []
    standing = [relation.facts() for relation in relations if relation.is_published]
    for relation in row["related"]:
        if relation in standing:
            plan.unchanged["relations"] += 1
        else:
            plan.add("relations", row["reference"], relation)


def _plan_records(plan: Plan, place: str, kind: str, row: dict[str, Any], loaded: list[Any], taken: int) -> None:
    """Plan one list of records. The numbers up to `taken` are given to records of files or of staff already."""
    key = RECORD_LISTS[kind]
    wanted = row[key]
    for index, facts in enumerate(wanted):
        path = f"{place} > {key}[{index + 1}]"
        if index >= len(loaded):
            taken += 1
            _plan_new_record(plan, kind, row["reference"], facts, number=taken)
        elif kind == "milestones":
            _plan_milestone(plan, path, row["reference"], facts, loaded[index])
        elif plan.compare(path, loaded[index].facts(), normalise(kind, facts)):
            plan.unchanged[kind] += 1
    for index in range(len(wanted), len(loaded)):
        sentence = f"was published ({describe(str(loaded[index]))}) and is no longer in the file."
        plan.refusals.append(Problem(f"{place} > {key}[{index + 1}]", sentence))


def _plan_new_record(plan: Plan, kind: str, reference: str, facts: dict[str, Any], *, number: int) -> None:
    if kind != "milestones":
        plan.add(kind, reference, facts)
        return
    milestone, step = split_milestone(facts)
    plan.add("milestones", reference, milestone)
    if step:
        plan.add("milestone_updates", reference, step | {"milestone": number})


def split_milestone(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split a milestone of the files into the promise and, if it was met, the update that says so.

    The note and the documents of one that was met are about its being met, so they go with the update.
    """
    promise: dict[str, Any] = {key: row[key] for key in ("title", "due_on", "due_text", "set_on", "note") if key in row}
    promise["documents"] = sorted(row["documents"])
    if row["met_on"] is None:
        return promise, None
    step = {"as_of": row["met_on"], "met_on": row["met_on"], "due_on": None}
    step |= {"reason": row["note"], "documents": promise["documents"]}
    return promise | {"note": "", "documents": []}, step


def _plan_milestone(plan: Plan, path: str, reference: str, row: dict[str, Any], milestone: Any) -> None:
    promise, step = split_milestone(row)
    standing = milestone.facts()
    if step:
        # The note and documents in the file speak of its being met, whatever they said while it was open.
        standing, promise = (
            {key: each.get(key) for key in ("title", "due_on", "due_text", "set_on")} for each in (standing, promise)
        )
    agrees = plan.compare(path, standing, promise)
    steps = _find_loaded(milestone.milestone_updates.all())
    if agrees and step and not steps:
        plan.add("milestone_updates", reference, step | {"milestone": milestone.number})
    elif agrees:
        published = steps[0].facts() if steps else {}
        if plan.compare(path, published, step | {"milestone": milestone.number} if step else {}):
            plan.unchanged["milestones"] += 1


def plan_help(register: RegisterFiles) -> Plan:
    """Plan the page "Help and support"."""
    plan = Plan(files=register.files)
    names = ("name", "for", "phone", "url")
    services = read_loaded(SupportService.objects.ever_published())
    standing = {service.name: facts and {name: facts[name] for name in names} for service, facts in services}
    rows = [(row, True) for row in register.help["emergency"]] + [(row, False) for row in register.help["services"]]
    for position, (row, is_emergency) in enumerate(rows):
        used_for = row["when"] if is_emergency else row["for"]
        facts = {
            "name": row["name"],
            "for": used_for,
            "phone": row["phone"],
            "url": row.get("url", ""),
        }
        if row["name"] not in standing:
            confirmed_on = register.help["made_on"] if row["seen"] else None
            extra = {
                "is_emergency": is_emergency,
                "position": position,
                "confirmed_on": confirmed_on,
            }
            plan.add("help", "", facts | extra)
        elif plan.compare(f"help.json > {row['name']}", standing[row["name"]], facts):
            plan.unchanged["help"] += 1
    plan.refusals += find_clashes(plan.additions, register.places)
    return plan
