"""What the site is made of is known to the last file: each package by its hash, and all of them in one bill."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.floor import FLOOR
from tests.programs import leave_out

LOCK = settings.BASE_DIR / "requirements.txt"
NAMED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
TOOL = "cyclonedx_py"


def read_lock(path: Path) -> dict[str, str]:
    """Return the packages of a lock file with their versions."""
    return dict(NAMED.findall(path.read_text()))


def list_hashes(path: Path) -> dict[str, set[str]]:
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text())
    return {
        found[1]: set(re.findall(r"sha256:([0-9a-f]{64})", each)) for each in blocks if (found := NAMED.match(each))
    }


@pytest.mark.parametrize("lock", [LOCK, settings.BASE_DIR / "tests" / "requirements.txt"])
def test_every_package_is_pinned_to_one_version_and_to_its_files(lock):
    hashes = list_hashes(lock)
    assert set(hashes) == set(read_lock(lock))
    assert [name for name, found in hashes.items() if not found] == []
    assert "http" not in re.sub(r"#.*", "", lock.read_text())  # from the usual registry alone


def test_the_lock_file_names_no_django_below_the_floor():
    version = tuple(int(part) for part in read_lock(LOCK)["django"].split("."))
    assert version >= FLOOR
    assert f"django>={'.'.join(map(str, FLOOR))}" in (settings.BASE_DIR / "requirements.in").read_text()


def test_what_tests_alone_need_is_not_installed_with_the_site():
    site = read_lock(LOCK)
    assert {"pytest", "hypothesis", "playwright", "ruff", "mypy", "pip-audit"} & set(site) == set()
    assert set(site.items()) <= set(read_lock(settings.BASE_DIR / "tests" / "requirements.txt").items())


@pytest.mark.once
def test_the_bill_of_materials_names_every_package_with_its_hash(tmp_path):
    if importlib.util.find_spec(TOOL) is None:
        leave_out("cyclonedx-bom is not installed")
    target = tmp_path / "sbom.json"
    makefile = (settings.BASE_DIR / "Makefile").read_text()
    command = re.search(rf"-m ({TOOL} .*) -o", makefile)
    assert command is not None
    subprocess.run([sys.executable, "-m", *command[1].split(), "-o", str(target)], cwd=settings.BASE_DIR, check=True)
    bill = json.loads(target.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    parts = {part["name"].lower(): part for part in bill["components"]}
    assert {name: part["version"] for name, part in parts.items()} == read_lock(LOCK)
    for name, hashes in list_hashes(LOCK).items():
        sources = parts[name]["externalReferences"]
        assert {each["content"] for source in sources for each in source.get("hashes", ())} == hashes
