"""Loading what is too much for one transaction: in batches, each sound, whenever it is ended."""

import io
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from tests.big_files import write
from tests.copies import empty_the_register
from tracker.auditing import find_broken_invariants
from tracker.importing import apply_in_batches, plan_load, read_register
from tracker.management.progress import Progress, describe_seconds
from tracker.models import Commitment, Evidence, LogEntry, Programme, Relation, StatusUpdate

PATIENCE = 300  # seconds that anything may take on a busy machine
COMMITMENTS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("big"), COMMITMENTS)


def load(folder: Path, **options: object) -> list[str]:
    out = io.StringIO()
    call_command("load_register", str(folder), stdout=out, **options)
    return out.getvalue().splitlines()


def count_rows() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in (Commitment, StatusUpdate, Evidence, Relation)}


WHOLE = {"Commitment": 60, "StatusUpdate": 240, "Evidence": 360, "Relation": 1}


def tell_what_stands() -> dict[str, dict[str, object]]:
    """Tell how each commitment stands, whatever the keys of the rows are."""
    commitments = Commitment.objects.select_related("current_update", "current_response")
    return {
        each.reference: each.facts()
        | {"update": each.current_update and each.current_update.facts(), "due": each.next_due_on}
        | {"since": each.status_since, "standings": list(each.standings.values_list("from_on", "current_status"))}
        for each in commitments
    }


def test_batches_make_the_same_register_as_one_transaction(empty_register, folder):
    load(folder, batches_of=1000)
    at_once = tell_what_stands()
    empty_the_register()

    said = load(folder, batches_of=7)

    assert tell_what_stands() == at_once
    assert count_rows() == WHOLE
    assert list(find_broken_invariants()) == []
    assert said[1] == "Loading 7 commitments in a transaction; what is loaded stays."
    assert load(folder, batches_of=7)[-1] == "Everything in the files is published already. Nothing to do."
    loads = LogEntry.objects.filter(kind="load")
    assert (len({json.dumps(each.content) for each in loads}), loads.count() > 10) == (1, True)


def test_what_was_replaced_waits_for_what_replaces_it(empty_register, tmp_path):
    """REV-style circles, and relations to commitments of later files, are published where both ends are."""
    folder = write(tmp_path, 6)
    path = folder / "commitments/0001.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[0]["related"] = [{"reference": "BIG-6", "relation": "superseded-by"}]
    rows[1]["related"] = [{"reference": "BIG-5", "relation": "see-also"}]
    rows[2]["related"] = [{"reference": "BIG-4", "relation": "superseded-by"}]
    rows[3]["related"] = [{"reference": "BIG-3", "relation": "superseded-by"}]
    for place in (0, 2, 3):
        rows[place]["updates"][3] |= {"status": "superseded"}
        rows[place]["updates"][3].pop("basis", None)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    load(folder, batches_of=1)

    order = LogEntry.objects.filter(kind="commitment").order_by("sequence").values_list("subject", flat=True)
    assert list(order) == [f"commitments/BIG-{number}" for number in (2, 5, 6, 1, 3, 4)]
    assert Relation.objects.published().count() == 4
    assert list(find_broken_invariants()) == []


def test_a_load_that_is_asked_to_stop_ends_after_a_whole_batch_and_is_gone_on_with(empty_register, folder):
    register, problems = read_register(folder)
    assert (problems, plan_load(register, keep=False).refusals) == ([], [])

    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        if Commitment.objects.count() >= 20:
            raise Stop

    with pytest.raises(Stop):
        apply_in_batches(register, name="The register's files", at_once=10, report=stop)

    assert count_rows() == {"Commitment": 20, "StatusUpdate": 80, "Evidence": 120, "Relation": 0}
    assert Programme.objects.get().expected_commitments == 20
    assert list(find_broken_invariants()) == []

    load(folder, batches_of=10)

    assert count_rows() == WHOLE
    assert list(find_broken_invariants()) == []


def test_a_bad_row_late_in_a_file_refuses_everything_with_its_place(empty_register, tmp_path):
    folder = write(tmp_path, 30)
    path = folder / "commitments/0001.jsonl"
    lines = path.read_text().splitlines()
    bad = json.loads(lines[27])
    bad["updates"][2]["reason"] = "Too short."
    path.write_text("\n".join([*lines[:27], json.dumps(bad), *lines[28:]]))

    with pytest.raises(CommandError) as refused:
        load(folder, batches_of=5)

    assert str(refused.value).splitlines() == [
        "The files would break the rules or rewrite published history, in 1 place. Nothing was loaded.",
        "  commitments/0001.jsonl > BIG-28 > updates[3] > reason: Give the reason in at least 30 characters, "
        "so that a reader can see why (10 so far).",
    ]
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"reference": ', "line 28, column 15: is not JSON: Expecting value."),
        ('{"a": 1, "a": 2}', "line 28: an object has the key “a” 2 times, near {'a': 2}."),
        ("[]", "> row 28: should be an object, not []."),
    ],
)
def test_a_line_that_is_no_row_is_named_by_its_number(tmp_path, line, sentence):
    folder = write(tmp_path, 30)
    path = folder / "commitments/0001.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:27], line, *lines[28:]]))

    problems = [str(problem) for problem in read_register(folder)[1]]

    assert problems[0].removeprefix("commitments/0001.jsonl").lstrip(", ") == sentence
    assert problems[1:] == ["programmes.jsonl > programme-0 > expected_commitments: says 30, and the files hold 29."]


def test_a_file_stands_there_as_an_array_or_as_lines_and_not_as_both(tmp_path):
    folder = write(tmp_path, 3)
    (folder / "topics.json").write_text("[]")

    assert next(str(problem) for problem in read_register(folder)[1]) == (
        "topics.jsonl: stands beside topics.json: keep one of them."
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_how_much_is_left_on_one_line_of_a_terminal_and_in_lines_elsewhere(monkeypatch):
    clock = iter([0])
    monkeypatch.setattr("tracker.management.progress.time.monotonic", lambda: next(clock))
    said = {}
    for out in (io.StringIO(), Terminal()):
        clock = iter([0, 0, 50, 55, 100])
        progress = Progress(OutputWrapper(out), [])
        progress.begin(400)
        for done in (100, 110, 400):
            progress(done)
        said[out.isatty()] = out.getvalue()

    assert said[False] == "100 of 400 rows, 2 a second, 2 min left\n400 of 400 rows\n"
    assert said[True] == (
        "\r\x1b[K100 of 400 rows, 2 a second, 2 min left\r\x1b[K110 of 400 rows, 2 a second, 2 min left"
        "\r\x1b[K400 of 400 rows\n"
    )
    assert [describe_seconds(seconds) for seconds in (7.4, 99.0, 100.0, 3600.0)] == ["7 s", "99 s", "2 min", "60 min"]


# --- Killed, and asked to stop ----------------------------------------------------------------------


class Loads:
    """Loads files into a database of their own, in processes that can be killed."""

    def __init__(self, database: str, folder: Path, temporary: Path) -> None:
        self.folder = folder
        self.facts = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.settings", "TMPDIR": str(temporary)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | self.facts,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def load(self) -> subprocess.Popen[str]:
        """Begin to load, and return when the first batch is on its way."""
        process = self.start("load_register", str(self.folder), "--batches-of", "3")
        for line in process.stdout or ():
            if line.startswith(("Loading", "Everything")):
                break
        return process


@pytest.fixture
def loads(own_database: str, folder: Path, tmp_path: Path) -> Loads:
    loads = Loads(own_database, folder, tmp_path)
    assert loads.run("migrate", "--verbosity", "0") == (0, "")
    return loads


def test_after_each_kill_the_register_is_sound_and_in_the_end_it_is_whole(loads, at_length):
    chance = random.Random(11)  # noqa: S311 - kills at the same moments each time, as far as machines go
    for _ in range(20 if at_length else 2):
        process = loads.load()
        try:
            process.communicate(timeout=chance.uniform(0, 2))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        assert "The register is sound" in loads.run("check_register")[1]

    loads.load().communicate(timeout=PATIENCE)

    said = loads.run("load_register", str(loads.folder), "--batches-of", "3")
    assert said == (0, "Read 7 files.\nEverything in the files is published already. Nothing to do.\n")
    assert "The register is sound" in loads.run("check_register")[1]


def test_a_load_that_is_asked_to_stop_says_where_it_stands(loads):
    process = loads.load()
    process.terminate()
    said, _ = process.communicate(timeout=PATIENCE)

    stands = re.search(r"Interrupted\. (\d+) of (\d+) rows are loaded, each commitment with all that belongs", said)
    assert process.returncode == 1
    assert stands is not None
    assert 0 < int(stands[1]) < int(stands[2])
    assert "The register is sound" in loads.run("check_register")[1]
