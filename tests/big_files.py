"""Writes a register of any size as files, for loading: python -m tests.big_files FOLDER --commitments 100000.

Each commitment has four updates with six citations, two answers or steps, and sometimes money or what replaces it. The
same seed writes the same files; nothing but a few words is in memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
WORDS = (
    *("police", "council", "inspector", "report", "review", "children", "records", "victims", "survivors"),
    *("training", "guidance", "consultation", "funding", "bill", "act", "inquiry", "evidence", "local"),
    *("national", "partnership", "safeguarding", "school", "data", "collection", "audit", "publish", "duty"),
    *("mandatory", "reporting", "support", "therapeutic", "service", "compensation", "scheme", "licensing"),
    *("taxi", "disclosure", "register", "offender", "convictions", "ethnicity", "operation", "taskforce"),
    *("statement", "committee", "minister", "department", "progress", "measure", "deadline", "plan"),
)
IN_A_PROGRAMME, IN_A_FILE = 500, 10  # commitments, programmes
STATUSES = ("not-started", "in-progress", "in-progress", "partly-delivered", "delivered")


def write(folder: Path, commitments: int, seed: int = 7) -> Path:
    """Write a register's files with so many commitments and return their folder."""
    chance = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    (folder / "commitments").mkdir(parents=True, exist_ok=True)
    programmes, documents = -(-commitments // IN_A_PROGRAMME), max(20, commitments // 2)
    write_lines(folder / "departments.jsonl", (make_department(number) for number in range(25)))
    write_lines(folder / "topics.jsonl", (make_topic(number) for number in range(15)))
    write_lines(folder / "documents.jsonl", (make_document(chance, number) for number in range(documents)))
    write_lines(folder / "programmes.jsonl", (make_programme(number, commitments) for number in range(programmes)))
    for first in range(0, programmes, IN_A_FILE):
        numbers = range(first * IN_A_PROGRAMME, min(commitments, (first + IN_A_FILE) * IN_A_PROGRAMME))
        rows = (make_commitment(chance, number, commitments, documents) for number in numbers)
        write_lines(folder / f"commitments/{first + 1:04}.jsonl", rows)
    write_lines(folder / "petitions.jsonl", ())
    (folder / "help.json").write_text(json.dumps({"made_on": "2024-01-01", "emergency": [], "services": []}))
    return folder


def write_lines(path: Path, rows: Iterator[Row] | tuple[()]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def say(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count)).capitalize()


def find_day(chance: random.Random, first: dt.date, days: int) -> str:
    return (first + dt.timedelta(days=chance.randrange(days))).isoformat()


def make_department(number: int) -> Row:
    names = {"slug": f"department-{number}", "name": f"Department {number}", "abbreviation": f"D{number}"}
    return names | {"kind": "ministerial-department", "url": ""}


def make_topic(number: int) -> Row:
    return {"slug": f"topic-{number}", "name": f"Topic {WORDS[number]}", "description": ""}


def make_document(chance: random.Random, number: int) -> Row:
    return {
        "id": f"document-{number}",
        "url": f"https://www.example.org/documents/{number}",
        "title": say(chance, 9),
        "publisher": f"Publisher {number % 40}",
        "published_on": find_day(chance, dt.date(2021, 1, 1), 900),
        "kind": "report",
        "origin": "official",
        "strength": "weak" if number % 3 == 2 else "strong",
    }


def make_programme(number: int, commitments: int) -> Row:
    return {
        "slug": f"programme-{number}",
        "name": f"Programme {number}",
        "description": f"What report {number} recommended.",
        "published_on": "2018-01-10",
        "document": f"document-{number % 20}",
        "expected_commitments": min(IN_A_PROGRAMME, commitments - number * IN_A_PROGRAMME),
    }


def make_commitment(chance: random.Random, number: int, commitments: int, documents: int) -> Row:
    replaced = number % 20 == 19 and number + 31 < commitments

    def cite() -> str:
        return f"document-{chance.randrange(documents)}"

    return {
        "reference": f"BIG-{number + 1}",
        "title": say(chance, 8),
        "summary": say(chance, 40),
        "kind": chance.choice(("recommendation", "pledge", "legislation")),
        "programme": f"programme-{number // IN_A_PROGRAMME}",
        "number": number % IN_A_PROGRAMME + 1,
        "source": {"document": cite(), "locator": f"Page {number % 300 + 1}"},
        "made_on": find_day(chance, dt.date(2018, 1, 1), 700),
        "made_on_precision": "day",
        "made_by": "Home Secretary",
        "department": f"department-{number % 23}",
        "supporting": [f"department-{23 + number % 2}"] if number % 3 == 0 else [],
        "topics": sorted(f"topic-{topic}" for topic in chance.sample(range(15), 2)),
        "related": [{"reference": f"BIG-{number + 32}", "relation": "superseded-by"}] if replaced else [],
        "responses": [make_response(chance, cite())],
        "milestones": [make_milestone(chance, cite(), is_met=number % 4 < 2)] if number % 2 else [],
        "funding": [make_funding(chance, cite())] if number % 10 == 0 else [],
        "updates": list(make_updates(chance, documents, is_replaced=replaced)),
        "confidence": "high",
        "editor_note": "",
    }


def make_response(chance: random.Random, document: str) -> Row:
    on = find_day(chance, dt.date(2020, 1, 1), 300)
    return {"answer": "accepted", "on": on, "by": "UK Government", "note": say(chance, 12), "document": document}


def make_milestone(chance: random.Random, document: str, *, is_met: bool) -> Row:
    due_on = find_day(chance, dt.date(2022, 1, 1), 2000)
    met_on = find_day(chance, dt.date(2022, 1, 1), 700) if is_met else None
    milestone = {"title": say(chance, 6), "due_on": due_on, "due_text": f"by {due_on}", "met_on": met_on}
    return milestone | {"documents": [document], "note": say(chance, 8)}


def make_funding(chance: random.Random, document: str) -> Row:
    amount, on = 1000 * chance.randrange(1, 90_000), find_day(chance, dt.date(2020, 1, 1), 900)
    return {"stage": "promised", "amount_gbp": amount, "on": on, "note": say(chance, 6), "document": document}


def make_updates(chance: random.Random, documents: int, *, is_replaced: bool) -> Iterator[Row]:
    """Yield four updates; a delivery is the body's own claim, so that no document has to prove it."""
    for place in range(4):
        status = "superseded" if is_replaced and place == 3 else chance.choice(STATUSES)
        cited = chance.sample(range(documents), 1 + place % 2)
        update = {
            "status": status,
            "as_of": find_day(chance, dt.date(2020 + place, 1, 1), 360),
            "reason": say(chance, 26),
            "evidence": [{"document": f"document-{each}", "note": say(chance, 12)} for each in cited],
        }
        yield update | ({"basis": "claim"} if status == "delivered" else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commitments", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    write(asked.folder, asked.commitments, asked.seed)


if __name__ == "__main__":
    main()
