"""What tests/asvs.toml says of each requirement of the OWASP ASVS 5.0 is whole, and names tests that there are."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LEVELS = {1: 70, 2: 183}  # how many requirements of these levels the standard has
CHAPTERS = range(1, 18)
ANSWERS = {"tests", "because", "does_not_apply", "not_met"}


@pytest.fixture(scope="module")
def requirements() -> dict[str, dict]:
    return tomllib.loads((TESTS / "asvs.toml").read_text())


def list_tests(name: str) -> set[str]:
    """Return the tests that a file of tests holds."""
    tree = ast.parse((TESTS / name).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_requirement_of_both_levels_is_answered_once(requirements):
    assert [number for number in requirements if not re.fullmatch(r"[1-9]\d?\.[1-9]\d?\.[1-9]\d?", number)] == []
    assert Counter(each["level"] for each in requirements.values()) == LEVELS
    assert {int(number.split(".")[0]) for number in requirements} == set(CHAPTERS)
    in_order = sorted(requirements, key=lambda number: [int(part) for part in number.split(".")])
    assert list(requirements) == in_order


def test_each_answer_is_a_test_or_a_reason(requirements):
    wrong = {number for number, each in requirements.items() if len(ANSWERS & each.keys()) != 1}
    assert wrong == set()
    short = {number for number, each in requirements.items() for name in ANSWERS & each.keys() if len(each[name]) < 1}
    assert short == set()
    reasons = [each[name] for each in requirements.values() for name in (ANSWERS - {"tests"}) & each.keys()]
    assert [reason for reason in reasons if len(reason) < 10 or not reason.endswith(".")] == []
    assert {frozenset(each) - ANSWERS for each in requirements.values()} == {frozenset({"level", "about"})}


def test_each_test_that_is_named_is_there(requirements):
    named = {test for each in requirements.values() for test in each.get("tests", ())}
    files = {test.partition("::")[0] for test in named}
    there = {f"{name}::{test}" for name in files for test in list_tests(name)}
    assert sorted(named - there) == []
    assert len(named) > 60
