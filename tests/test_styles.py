"""The style sheet that is committed is the one its sources make, and it has a rule for every class of the templates."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tracker.statuses import NOT_YET_CHECKED, Status, Strength, Timeliness

STYLES = Path(settings.BASE_DIR) / "tracker" / "styles"
NODE = shutil.which("node")


def read_css() -> str:
    found = finders.find("tracker/register.css")
    assert isinstance(found, str)
    return Path(found).read_text("utf-8")


CLASSES = set(re.findall(r"\.([A-Za-z][\w-]*)", read_css()))


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


def find_classes() -> dict[str, set[str]]:
    """The classes that are written out in each template; those that are put together by a variable are left out."""
    found = {}
    for path in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")):
        values = re.findall(r'\bclass="([^"]*)"', path.read_text("utf-8"))
        words = {word for value in values for word in re.sub(r"{%.*?%}", " ", value).split()}
        found[path.name] = {word for word in words if re.fullmatch(r"[A-Za-z][\w-]*", word)}
    return found


def test_every_class_of_a_template_has_a_rule():
    missing = {name: sorted(classes - CLASSES) for name, classes in find_classes().items()}
    assert {name: classes for name, classes in missing.items() if classes} == {}


def test_every_status_strength_and_timeliness_has_its_look():
    needed = {
        *(f"status-{code}" for code in [*Status.values, NOT_YET_CHECKED]),
        *(f"strength--{code}" for code in Strength.values),
        *(f"timeliness--{code}" for code in Timeliness.values),
    }
    assert needed - CLASSES == set()
