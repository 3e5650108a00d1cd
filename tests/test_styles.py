"""The style sheet that is committed is the one its sources make, loads nothing and gives every status its colour."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tracker.statuses import NOT_YET_CHECKED, Status

STYLES = Path(settings.BASE_DIR) / "tracker" / "styles"


def read_css() -> str:
    found = finders.find("tracker/register.css")
    assert isinstance(found, str)
    return Path(found).read_text("utf-8")


def test_it_was_made_from_the_sources_as_they_are():
    sources = sorted([*STYLES.glob("*.scss"), STYLES / "package-lock.json"], key=lambda path: path.name)
    made_from = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    assert read_css().endswith(f"/* sources: {made_from} */\n"), "run `make styles`"


def test_it_is_made_with_the_version_of_govuk_frontend_that_it_names_and_has_its_licence_beside_it():
    version = json.loads((STYLES / "package.json").read_text("utf-8"))["devDependencies"]["govuk-frontend"]
    assert f"GOV.UK Frontend {version}, MIT licence: vendor/govuk-frontend/LICENCE.txt" in read_css()[:200]
    assert finders.find("tracker/vendor/govuk-frontend/LICENCE.txt") is not None


@pytest.mark.parametrize("forbidden", ["url(", "data:", "@import", "@font-face", "sourceMappingURL", "GDS Transport"])
def test_it_loads_nothing(forbidden):
    assert forbidden not in read_css()


def test_nothing_moves():
    """So that whoever asked for less motion has none to be spared."""
    found = [word for word in ("animation", "transition", "scroll-behavior", "@keyframes") if word in read_css()]
    assert found == []


def test_every_status_has_its_colour():
    css = read_css()
    missing = [code for code in [*Status.values, NOT_YET_CHECKED] if f".status-{code}{{" not in css.replace(",", "{")]
    assert missing == []
