"""Small checks that say whether a value read from a file is what it should be.

A check is called with a `Findings`, the path of the value and the value; it reports problems and returns nothing.
Checks combine: `nullable(date)`, `list_of(shape(...))`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from django.db import models


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a file's name and the path within it."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


@dataclass
class Findings:
    """What the checks found: problems, and the names that must exist elsewhere in the register.

    `counted` says how many commitments name each programme.
    """

    problems: list[Problem] = field(default_factory=list)
    mentions: list[tuple[str, str, str]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0

    def report(self, path: str, sentence: str) -> None:
        self.problems.append(Problem(path, sentence))

    def drop_known(self, known: Container[tuple[str, Any]]) -> None:
        """Forget the names that are known by now, and count those of programmes: there may be millions."""
        self.counted.update(value for kind, value, _ in self.mentions[self.looked_at :] if kind == "programmes")
        self.mentions[self.looked_at :] = [
            mention for mention in self.mentions[self.looked_at :] if mention[:2] not in known
        ]
        self.looked_at = len(self.mentions)


Check = Callable[[Findings, str, Any], None]


def text(model: type[models.Model], name: str, *, required: bool = True) -> Check:
    """Check a text against the length of a model's field."""
    maximum = getattr(model._meta.get_field(name), "max_length", None)

    def check(findings: Findings, path: str, value: Any) -> None:
        if not isinstance(value, str):
            findings.report(path, f"should be text, not {describe(value)}.")
        elif required and not value.strip():
            findings.report(path, "is empty.")
        elif "\0" in value:
            findings.report(path, "holds a NUL character, which no database keeps.")
        elif re.search("[\ud800-\udfff]", value):
            findings.report(path, "holds half a character, which cannot be written as UTF-8.")
        elif value != value.strip():
            findings.report(path, "begins or ends with a space.")
        elif maximum and len(value) > maximum:
            findings.report(path, f"is {len(value)} characters long; at most {maximum} are kept.")

    return check


def matching(model: type[models.Model], name: str) -> Check:
    """Check a text against the length and the validators of a model's field."""
    return text_that(model._meta.get_field(name).validators, text(model, name))  # type: ignore[union-attr]


def url(model: type[models.Model], name: str) -> Check:
    """Check a web address against the length of a model's field; it may be empty where the field may."""
    required = not model._meta.get_field(name).blank  # type: ignore[union-attr]
    is_address = URLValidator(["http", "https"], message="Write an address that begins with https:// or http://.")
    return text_that([is_address], text(model, name, required=required))


def text_that(validators: Iterable[Callable[[Any], None]], is_text: Check) -> Check:
    """Check a text with validators of Django's, once it is known to be a text and unless it is empty."""

    def check(findings: Findings, path: str, value: Any) -> None:
        before = len(findings.problems)
        is_text(findings, path, value)
        for validate in validators if value and len(findings.problems) == before else ():
            try:
                validate(value)
            except ValidationError as error:
                findings.report(path, f"“{value}” is not valid: {' '.join(error.messages)}")

    return check


def slug(findings: Findings, path: str, value: Any) -> None:
    try:
        validate_slug(value)
        if len(value) > 120 or value != value.lower():
            raise ValidationError("too long or not lower case")
    except (ValidationError, TypeError):
        findings.report(path, "should be at most 120 small letters, digits and hyphens.")


def date(findings: Findings, path: str, value: Any) -> None:
    try:
        if dt.date.fromisoformat(value).isoformat() != value:
            raise ValueError(value)
    except (ValueError, TypeError):
        findings.report(path, f"should be a date such as 2026-11-21, not {describe(value)}.")


def whole_number(findings: Findings, path: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        findings.report(path, f"should be a whole number, not {describe(value)}.")


def amount(findings: Findings, path: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        findings.report(path, f"should be whole pounds, not {describe(value)}.")


def boolean(findings: Findings, path: str, value: Any) -> None:
    if not isinstance(value, bool):
        findings.report(path, f"should be true or false, not {describe(value)}.")


def word(choices: type[models.TextChoices]) -> Check:
    """Check that a value is one of a closed list of words."""

    def check(findings: Findings, path: str, value: Any) -> None:
        if value not in choices.values:
            findings.report(path, f"{describe(value)} is not one of: {', '.join(choices.values)}.")

    return check


def name_of(kind: str) -> Check:
    """Check that a value names something of a kind; whether it exists is asked when all files are read."""

    def check(findings: Findings, path: str, value: Any) -> None:
        if isinstance(value, str):
            findings.mentions.append((kind, value, path))
        else:
            findings.report(path, f"should name one of the {kind}, not {describe(value)}.")

    return check


def nullable(inner: Check) -> Check:
    def check(findings: Findings, path: str, value: Any) -> None:
        if value is not None:
            inner(findings, path, value)

    return check


def list_of(inner: Check, *, distinct: bool = False) -> Check:
    def check(findings: Findings, path: str, value: Any) -> None:
        if not isinstance(value, list):
            findings.report(path, f"should be a list, not {describe(value)}.")
            return
        for index, item in enumerate(value, start=1):
            inner(findings, f"{path}[{index}]", item)
        if distinct and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
            findings.report(path, "holds the same thing twice.")

    return check


def shape(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """Check an object: every required key is there, no key is unknown and every value is right."""
    optional = optional or {}
    known = required | optional

    def check(findings: Findings, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            findings.report(path, f"should be an object, not {describe(value)}.")
            return
        for key in required:
            if key not in value:
                findings.report(path, f"has no “{key}”.")
        for key, item in value.items():
            if key in known:
                known[key](findings, f"{path} > {key}", item)
            else:
                findings.report(path, f"has an unknown key “{key}”; the keys are: {', '.join(known)}.")

    return check


def describe(value: Any) -> str:
    """Return a short description of a value for an error."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
