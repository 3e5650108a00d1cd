"""Texts that read like the register's own: its words, as often as its files have them, and in its files' lengths."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures"
STREAM = 400_000  # words drawn once; each text is a piece of them, which is many times as fast as drawing it
COPIED = ("made_by", "publisher", "due_text")  # short names, which are taken as they stand in the files


def read_texts() -> Iterator[tuple[str, str]]:
    """Yield the texts of the register's files, each after the name of its kind."""
    for document in json.loads((FIXTURES / "documents.json").read_text(encoding="utf-8")):
        yield "document", document["title"]
        yield "publisher", document["publisher"]
    for path in sorted((FIXTURES / "commitments").glob("*.json")):
        for commitment in json.loads(path.read_text(encoding="utf-8")):
            yield from ((name, commitment[name]) for name in ("title", "summary", "made_by"))
            for update in commitment["updates"]:
                yield "reason", update["reason"]
                yield from (("note", cited["note"]) for cited in update["evidence"])
            for milestone in commitment["milestones"]:
                yield "milestone", milestone["title"]
                yield "due_text", milestone["due_text"]


class Texts:
    """Makes up texts, the same ones for the same `chance`."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.lengths: dict[str, list[int]] = defaultdict(list)
        self.copied: dict[str, list[str]] = defaultdict(list)
        written: list[str] = []
        for kind, text in read_texts():
            words = [word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 1 or word == "a"]
            self.lengths[kind].append(len(words))
            self.copied[kind].append(text)
            written += words
        self.stream = chance.choices(written, k=STREAM)

    def write(self, kind: str, end: str = "") -> str:
        """Return a text of a kind, as long as one of that kind in the register's files."""
        if kind in COPIED:
            return self.chance.choice(self.copied[kind])
        return self.draw(self.chance.choice(self.lengths[kind])).capitalize() + end

    def draw(self, count: int) -> str:
        """Return some words in small letters."""
        start = int(self.chance.random() * (STREAM - count))
        return " ".join(self.stream[start : start + count])
