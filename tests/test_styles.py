"""The style sheet that is committed is the one its sources make, loads nothing and gives every status its colour."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tracker.statuses import NOT_YET_CHECKED, Status

STYLES = Path(settings.BASE_DIR) / "tracker" / "styles"
NODE = shutil.which("node")


def read_css() -> str:
    found = finders.find("tracker/register.css")
    assert isinstance(found, str)
    return Path(found).read_text("utf-8")


@pytest.mark.skipif(
    not NODE or not (STYLES / "node_modules" / "sass").exists(), reason="the compiler is not installed: `make styles`"
)
def test_the_same_sources_give_the_same_bytes(tmp_path):
    target = tmp_path / "register.css"
    subprocess.run([NODE, "build.mjs", target], cwd=STYLES, check=True, capture_output=True)
    assert target.read_text("utf-8") == read_css()


def test_it_is_made_with_the_version_of_govuk_frontend_that_it_names_and_has_its_licence_beside_it():
    version = json.loads((STYLES / "package.json").read_text("utf-8"))["devDependencies"]["govuk-frontend"]
    assert f"GOV.UK Frontend {version}, MIT licence: vendor/govuk-frontend/LICENCE.txt" in read_css()[:200]
    assert finders.find("tracker/vendor/govuk-frontend/LICENCE.txt") is not None


@pytest.mark.parametrize("forbidden", ["url(", "data:", "@import", "@font-face", "sourceMappingURL", "GDS Transport"])
def test_it_loads_nothing(forbidden):
    assert forbidden not in read_css()


def test_every_status_has_its_colour():
    css = read_css()
    missing = [code for code in [*Status.values, NOT_YET_CHECKED] if f".status-{code}{{" not in css.replace(",", "{")]
    assert missing == []
