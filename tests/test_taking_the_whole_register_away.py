"""Anybody takes the whole register away, as a zip of CSV, as JSON Lines or as SQLite: all that is public."""

import contextlib
import hashlib
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from tests.bench.filling import fill
from tests.bench.register import Size
from tests.copies import empty_the_register
from tests.examples import (
    draft_milestone,
    draft_update,
    make_commitment,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.measure_package import fill_log
from tests.packages import export, read_csv_files, read_database, read_descriptor, read_lines
from tests.programs import need
from tests.reading import read_page
from tests.seven import make_seven_commitments
from tests.test_no_draft_is_shown import draft_everything
from tracker.exports.package import build_package
from tracker.models import Checkpoint, LogEntry, Petition, Redaction, Revision, Withdrawal

NAMES = ("register.zip", "register.jsonl", "register.sqlite3", "register.json", "SHA256SUMS")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@pytest.fixture(scope="module")
def register(register_at_rest: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the register itself."""
    return export(tmp_path_factory.mktemp("exports"))


@pytest.fixture
def offered(settings: Any, tmp_path: Path) -> Path:
    """Where the site looks for the files; nothing is there yet."""
    settings.EXPORT_FOLDER = tmp_path / "offered"
    return settings.EXPORT_FOLDER


def ask(database: Path, question: str) -> list[str]:
    """Ask the tool that everybody has."""
    answer = subprocess.run(
        [need("sqlite3"), database, question], capture_output=True, text=True, check=True, timeout=60
    )
    return answer.stdout.splitlines()


# --- What the files hold -----------------------------------------------------------------------


def write_as_cell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def test_the_three_forms_hold_the_same_rows(register):
    lines, database = read_lines(register / "register.jsonl"), read_database(register / "register.sqlite3")
    cells = read_csv_files(register / "register.zip")
    assert {table: len(rows) for table, rows in lines.items() if rows} == {
        "commitments": 102,
        "commitment_departments": 90,
        "commitment_topics": 161,
        "relations": 121,
        "updates": 373,
        "evidence": 564,
        "responses": 52,
        "milestones": 33,
        "milestone_documents": 23,
        "milestone_updates": 11,
        "milestone_update_documents": 13,
        "funding": 23,
        "departments": 22,
        "programmes": 10,
        "topics": 14,
        "documents": 251,
        "petitions": 4,
        "petition_commitments": 26,
        "support_services": 10,
        "codes": 87,
    }
    assert database == lines  # SQLite's 1 and 0 are true and false
    assert cells == {
        table: [{name: write_as_cell(value) for name, value in row.items()} for row in rows]
        for table, rows in lines.items()
    }


def test_each_row_names_the_entry_of_the_log_by_which_it_became_public(register):
    kinds = {"commitments": "commitment", "updates": "status-update", "milestone_updates": "milestone-update"}
    for table, rows in read_lines(register / "register.jsonl").items():
        named = [row["entry"] for row in rows if "entry" in row]
        assert len(set(named)) == len(named)
        if table in kinds:
            entries = LogEntry.objects.filter(kind=kinds[table]).values_list("sequence", flat=True)
            assert sorted(named) == sorted(entries)


def test_the_zip_passes_the_validator_of_frictionless(register, tmp_path):
    report = frictionless.validate(str(register / "register.zip"))
    assert report.flatten(["type", "message"]) == []
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(register / "register.zip") as package, zipfile.ZipFile(broken, "w") as copy:
        for name in package.namelist():
            content = package.read(name)
            copy.writestr(
                name, content.replace(b",recommendation,", b",wish,") if name == "commitments.csv" else content
            )
    assert {kind for (kind,) in frictionless.validate(str(broken)).flatten(["type"])} >= {"constraint-error"}


def test_the_database_answers_the_sqlite3_tool(register):
    database = register / "register.sqlite3"
    assert ask(database, "PRAGMA integrity_check; PRAGMA foreign_key_check") == ["ok"]
    assert ask(database, "SELECT count(*) FROM commitments WHERE status = 'delivered'") == ["16"]
    found = "SELECT name FROM search WHERE search MATCH 'mandatory AND reports' AND kind = 'commitments'"
    assert "IICSA-13" in ask(database, found)
    plan = ask(database, "EXPLAIN QUERY PLAN SELECT * FROM commitments WHERE department = 'home-office'")
    assert plan[-1].endswith("USING INDEX commitments_department (department=?)")
    joined = (
        "EXPLAIN QUERY PLAN SELECT u.reason, e.note FROM updates u JOIN evidence e "
        "ON e.reference = u.reference AND e.update_number = u.number WHERE u.reference = 'IICSA-13'"
    )
    assert "SCAN" not in "".join(ask(database, joined))


def test_every_file_says_what_it_is_where_it_stands_and_under_which_licence(register):
    newest, checkpoint = LogEntry.objects.first(), Checkpoint.objects.first()
    with zipfile.ZipFile(register / "register.zip") as package:
        texts = [package.read(name).decode() for name in ("README.txt", "datapackage.json")]
        assert package.read("checkpoint.txt").decode() == checkpoint.note
    with (register / "register.jsonl").open(encoding="utf-8") as lines:
        texts.append(lines.readline())
    texts.append((register / "register.json").read_text(encoding="utf-8"))
    with contextlib.closing(sqlite3.connect(register / "register.sqlite3")) as database:
        texts.append(str(database.execute("SELECT name, value FROM about").fetchall()))
    for text in texts:
        assert LICENCE in text
        assert re.search(rf"\b{newest.sequence}\b", text)
        assert f"{settings.SITE_URL}/log/checkpoint/{checkpoint.size}" in text


def test_the_sums_are_right_and_sha256sum_takes_them(register):
    sums = dict(reversed(line.split("  ")) for line in (register / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((register / name).read_bytes()).hexdigest() for name in NAMES if name != "SHA256SUMS"
    }


def test_two_exports_of_the_same_register_are_the_same_bytes(register, tmp_path):
    again = export(tmp_path)
    assert {name: (again / name).read_bytes() == (register / name).read_bytes() for name in NAMES} == dict.fromkeys(
        NAMES, True
    )


# --- What is in none of them -------------------------------------------------------------------


@pytest.mark.usefixtures("on_21_november_2026", "empty_register")
def test_a_draft_of_everything_changes_no_byte(tmp_path):
    make_seven_commitments()
    publish_as_approver(
        Petition.objects.create(
            number=1, title="Act now", document=make_document(), state="closed", outcome="partly-met", ask="Do it."
        )
    )
    before = export(tmp_path / "before")
    draft_everything()
    after = export(tmp_path / "after")
    assert [name for name in NAMES if (before / name).read_bytes() != (after / name).read_bytes()] == []


def read_everything(folder: Path) -> str:
    return json.dumps([read_csv_files(folder / "register.zip"), read_lines(folder / "register.jsonl")])


@pytest.mark.usefixtures("empty_register")
def test_of_a_withdrawn_commitment_only_the_withdrawal_is_left(tmp_path):
    commitment, other = make_commitment("REV-1"), make_commitment("REV-2")
    publish_as_approver(draft_update(commitment))
    publish_as_approver(draft_milestone(commitment))
    publish_as_approver(draft_update(other))
    publish_as_approver(
        Withdrawal.objects.create(
            commitment=commitment, reason="It was entered twice by mistake.", author=make_person("author")
        )
    )
    tables = read_lines(export(tmp_path) / "register.jsonl")
    naming = {table: sum("REV-1" in str(row) for row in rows) for table, rows in tables.items()}
    assert {table: count for table, count in naming.items() if count} == {"withdrawals": 1}
    assert [row["reason"] for row in tables["withdrawals"]] == ["It was entered twice by mistake."]
    assert [row["reference"] for row in tables["updates"]] == ["REV-2"]


@pytest.mark.usefixtures("empty_register")
def test_words_that_were_removed_are_in_no_file_and_the_files_that_hold_them_are_not_sent(offered):
    commitment = make_commitment("REV-1")
    publish_as_approver(draft_update(commitment, reason="The bill was introduced after Jane Roe had spoken."))
    revision = Revision(
        target=commitment,
        changes={"summary": {"before": commitment.summary, "after": "What Jane Roe asked for."}},
        reason="The old words said less than the promise itself.",
        author=make_person("author"),
    )
    revision.save()
    publish_as_approver(revision)
    assert "Jane Roe" in read_everything(export(offered))
    publish_as_approver(
        Redaction.objects.create(phrase="Jane Roe", reason="private-person", author=make_person("author"))
    )
    assert Client().get("/data/register.zip").status_code == 404
    current = export(offered)
    assert "Jane" not in read_everything(current)
    assert b"Jane" not in (current / "register.sqlite3").read_bytes()
    tables = read_lines(current / "register.jsonl")
    assert [row["reason"] for row in tables["redactions"]] == ["private-person"]
    assert [row["thing"] for row in tables["redacted_places"]] == ["commitments/REV-1", "commitments/REV-1#update-1"]
    assert [row["reason"] for row in tables["updates"]] == ["The bill was introduced after [removed] had spoken."]
    assert Client().get("/data/register.zip").status_code == 200
    assert len(list(offered.glob("*-entry-*"))) == 1


# --- How they are made -------------------------------------------------------------------------


@pytest.mark.once
def test_a_run_that_is_killed_leaves_the_files_as_they_were(register_at_rest, tmp_path):
    database = tmp_path / "register.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    folder = tmp_path / "exports"
    kept = export(folder)
    before = {name: (kept / name).read_bytes() for name in NAMES}
    command = [sys.executable, "-u", "manage.py", "export_register", "--directory", str(folder)]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=settings.BASE_DIR
    ) as running:
        assert next(line for line in running.stdout if line.startswith("updates: 373"))
        running.send_signal(signal.SIGKILL)
    assert len(list(folder.glob(".unfinished-*"))) == 1
    assert {name: (kept / name).read_bytes() for name in NAMES} == before
    export(folder)
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith("20")) == [".lock", "current"]


def test_the_command_says_how_far_it_is_and_what_it_wrote(register_at_rest, tmp_path):
    out = io.StringIO()
    call_command("export_register", directory=tmp_path, stdout=out)
    said = out.getvalue().splitlines()
    assert said[0] == "commitments: 102 rows"
    newest = LogEntry.objects.first().sequence
    assert re.fullmatch(
        rf"Wrote the register at entry {newest} of the log into {tmp_path}/current/ in \d+\.\d s\.", said[-1]
    )


@pytest.mark.usefixtures("empty_register")
def test_a_register_without_a_publication_is_not_exported(tmp_path):
    with pytest.raises(CommandError, match=r"^Nothing has been published yet, so there is nothing to export\."):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_folder_that_cannot_be_written_to_is_named(register_at_rest, tmp_path):
    (tmp_path / "a-file").touch()
    with pytest.raises(CommandError, match=r"^The files cannot be written to .*a-file: File exists\.$"):
        export(tmp_path / "a-file")


# --- How they are sent -------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_register")
def test_each_file_is_sent_as_it_is_with_its_type_length_and_tag(offered):
    kept = export(offered)
    types = {}
    for name in NAMES:
        response = Client().get(f"/data/{name}", HTTP_ACCEPT_ENCODING="gzip")
        content = response.getvalue()
        types[name] = response["Content-Type"]
        assert content == (kept / name).read_bytes()
        assert int(response["Content-Length"]) == len(content)
        assert response["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert LICENCE in response["Link"]
        again = Client().get(f"/data/{name}", HTTP_IF_NONE_MATCH=response["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        since = Client().get(f"/data/{name}", HTTP_IF_MODIFIED_SINCE=response["Last-Modified"])
        assert since.status_code == 304
    assert types == {
        "register.zip": "application/zip",
        "register.jsonl": "application/jsonl",
        "register.sqlite3": "application/vnd.sqlite3",
        "register.json": "application/json",
        "SHA256SUMS": "text/plain; charset=utf-8",
    }


@pytest.mark.usefixtures("loaded_register")
def test_half_and_missing_files_are_not_sent(offered):
    kept = export(offered)
    whole = (kept / "register.zip").read_bytes()
    (kept / "register.zip").write_bytes(whole[:-1])
    assert {name: Client().get(f"/data/{name}").status_code for name in NAMES} == dict.fromkeys(NAMES, 404)
    page = read_page(Client(), "/data/register.zip", status=404)
    assert page.headings == ["That file is not here now"]
    (kept / "register.zip").write_bytes(whole)
    assert Client().get("/data/register.jsonl").status_code == 200
    (kept / "register.jsonl").unlink()
    assert Client().get("/data/register.zip").status_code == 404
    assert "manage.py export_register" in read_page(Client(), "/data/").main
    assert Client().get("/data/register.sqlite").status_code == 404
    assert Client().post("/data/register.zip").status_code == 405


@pytest.mark.usefixtures("loaded_register")
def test_the_page_offers_the_files_and_explains_every_table(offered):
    descriptor = read_descriptor(export(offered) / "register.zip")
    page = read_page(Client(), "/data/")
    assert {f"/data/{name}" for name in NAMES} <= set(page.links)
    assert f"/log/{descriptor['version']}/" in page.links
    for resource in descriptor["resources"]:
        box = next(each for each in page.find_all("details") if each.get("id") == f"table-{resource['name']}")
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert [code.text for term in box.iter("dt") for code in term.iter("code")] == names
        text = " ".join(box.itertext())
        assert [
            field["description"] for field in resource["schema"]["fields"] if field["description"] not in text
        ] == []


def count_steps(task: Callable[[], object]) -> int:
    """Return how many thousand instructions SQLite carries out for the site meanwhile."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(step, 1000)
    try:
        task()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


@pytest.mark.once
@pytest.mark.usefixtures("empty_register")
def test_a_register_of_four_times_the_size_takes_four_times_the_work(tmp_path):
    def measure(commitments: int) -> int:
        empty_the_register()
        fill(Size(commitments))
        fill_log()
        return count_steps(lambda: build_package(tmp_path, report=str))

    small, big = measure(200), measure(800)
    assert 2 * small < big < 5 * small
