"""Mozilla's HTTP Observatory, by its own scanner, gives every kind of page A+ and at least 130 points through nginx."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.programs import need
from tests.running import PATIENCE
from tests.serving import HOST, ProductionSite

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FOLDER = Path(__file__).parent / "observatory"
# The home page, a list, a commitment, a form, and a page that is not there.
PAGES = {"/": 200, "/commitments/": 200, "/commitments/IICSA-13/": 200, "/accounts/login/": 200, "/nowhere/": 404}


@pytest.fixture(scope="module")
def node() -> str:
    """Node.js, with the scanner installed in the versions of the lock file, once for each."""
    node, npm = need("node"), need("npm")
    stamp = FOLDER / "node_modules" / ".installed"
    digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        # Without scripts: they would download lists of hosts and of the world's certificates, which nothing here needs.
        command = [npm, "ci", "--ignore-scripts", "--no-update-notifier"]
        subprocess.run(command, cwd=FOLDER, check=True, timeout=5 * PATIENCE)
        stamp.write_text(digest)
    return node


def test_each_kind_of_page_has_the_best_grade(node: str, production_site: ProductionSite):
    ports = [str(production_site.port), str(production_site.http_port)]
    done = subprocess.run(
        [node, "grade.js", HOST, *ports, *PAGES],
        cwd=FOLDER,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(production_site.certificate)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    grades = json.loads(done.stdout)
    assert {path: (page["status"], page["verified"]) for path, page in grades.items()} == {
        path: (status, True) for path, status in PAGES.items()
    }
    assert [path for path, page in grades.items() if page["grade"] != "A+" or page["score"] < 130] == [], grades
