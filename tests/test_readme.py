"""The README tells the truth: its settings, words, rooms, commands and pictures exist, and none is left out."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

import tracker.models
import tracker.statuses

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()


def read_section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def read_column(section: str, column: int) -> list[str]:
    """Return one column of a section's table, from its first row on."""
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [row[column].strip() for row in rows[2:]]


def find_names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_settings_table_lists_exactly_the_variables_that_are_read():
    written = [(ROOT / "config" / name).read_text() for name in ("settings.py", "environment.py")]
    tree = ast.parse("\n".join(written))
    read = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"read", "read_choice", "read_switch"}
        and isinstance(node.args[0], ast.Constant)
    }
    told = [name for cell in read_column(read_section("Settings"), 0) for name in find_names(cell)]
    assert sorted(told) == sorted(read)


@pytest.mark.parametrize("cell", read_column(read_section("Words"), 2))
def test_each_word_has_its_name_in_the_code(cell):
    for name in find_names(cell):
        owner, _, attribute = name.partition(".")
        found = getattr(tracker.models, owner, None) or getattr(tracker.statuses, owner)
        fields = {field.name for field in found._meta.get_fields()} if hasattr(found, "_meta") else set()
        assert not attribute or hasattr(found, attribute) or attribute in fields


def test_every_room_exists_and_every_module_has_a_room():
    section = read_section("Rooms")
    rooms = [name for cell in read_column(section, 0) for name in find_names(cell)]
    paths = [ROOT / room if (ROOT / room).exists() else ROOT / "tracker" / room for room in rooms]
    assert [str(path) for path in paths if not path.exists()] == []
    wiring = {
        "__init__.py",
        "apps.py",
        "urls.py",
        "context_processors.py",
        "middleware.py",
        "migrations",
        "static",
        "management",
    }
    modules = {path for path in (ROOT / "tracker").iterdir() if path.name != "__pycache__"}
    homeless = {path.name for path in modules - set(paths)} - wiring
    assert homeless == set()


def test_the_commands_it_names_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"(?:`|^    )make ([a-z]+)", README, re.MULTILINE))
    assert told
    assert told <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", README)) <= set(get_commands())


def test_its_pictures_and_the_files_it_names_exist():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    files = [name for name in find_names(README) if re.fullmatch(r"(tests|fixtures|tracker|config)/[\w./]+", name)]
    assert pictures
    assert [name for name in [*pictures, *files] if not (ROOT / name).exists()] == []
