"""A reader walks through the register itself and finds on every page what its files say, worked out here on its own."""

import json
from collections import Counter
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.reading import Page, read_commitments, read_page, read_text

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "loaded_register")


def read_files() -> list[dict[str, Any]]:
    folder = django_settings.BASE_DIR / "fixtures" / "commitments"
    return [entry for path in sorted(folder.glob("*.json")) for entry in json.loads(path.read_text("utf-8"))]


def read_file(name: str) -> list[dict[str, Any]]:
    return json.loads((django_settings.BASE_DIR / "fixtures" / f"{name}.json").read_text("utf-8"))


def find_status(entry: dict[str, Any]) -> str:
    """The status of the newest update; of two on one day the one further down in the file."""
    updates = enumerate(entry["updates"])
    return max(updates, key=lambda update: (update[1]["as_of"], update[0]))[1]["status"]


FILES = read_files()
LABELS = {
    "in-progress": "In progress",
    "partly-delivered": "Partly delivered",
    "delivered": "Delivered",
    "will-not-be-done": "Will not be done",
    "superseded": "Replaced",
    "cannot-be-judged": "Cannot be judged",
}
# As the register's own README counts them.
STANDING = {
    "in-progress": 36,
    "partly-delivered": 14,
    "delivered": 16,
    "will-not-be-done": 3,
    "superseded": 8,
    "cannot-be-judged": 25,
}


def read_all(client: Any, question: str) -> list[str]:
    return read_commitments(client, f"{question}&per_page=100").references


def test_the_files_themselves_count_as_the_register_says():
    assert len(FILES) == 102
    assert dict(Counter(map(find_status, FILES))) == STANDING


def test_what_the_home_office_has_in_progress_is_what_its_files_say(client):
    expected = sorted(
        entry["reference"]
        for entry in FILES
        if entry["department"] == "home-office" and find_status(entry) == "in-progress"
    )
    assert len(expected) > 20
    assert read_all(client, "department=home-office&status=in-progress") == expected


def test_what_the_home_office_leads_or_supports_is_what_its_files_say(client):
    expected = sorted(
        entry["reference"]
        for entry in FILES
        if "home-office" in {entry["department"], *entry["supporting"]} and find_status(entry) == "cannot-be-judged"
    )
    assert read_all(client, "department=home-office&supporting=on&status=cannot-be-judged") == expected


def test_each_choice_on_the_whole_list_has_the_count_of_the_files(client):
    counts = read_commitments(client).counts
    expected = {
        "department": Counter(entry["department"] for entry in FILES),
        "status": Counter(map(find_status, FILES)),
        "programme": Counter(entry["programme"] for entry in FILES),
        "topic": Counter(topic for entry in FILES for topic in entry["topics"]),
        "kind": Counter(entry["kind"] for entry in FILES),
    }
    found = {name: {value: count for value, count in counts[name].items() if count} for name in expected}
    assert found == {name: dict(counter) for name, counter in expected.items()}
    for name in ("status", "kind", "response", "timeliness", "strength"):
        assert sum(counts[name].values()) == 102, name


def test_a_person_with_one_question_finds_its_answer(client):
    page = read_commitments(client, "q=mandatory+reporting&programme=iicsa-final-report")
    assert page.references == ["IICSA-13"]
    (link,) = page.links_named("IICSA-13")
    assert link == "/commitments/IICSA-13/"
    answer = read_page(client, link)
    assert read_text(answer.find(".//*[@id='status']")) == (
        "In progress since 6 January 2025: we found that work has begun but is not finished."
    )


# --- The home page ------------------------------------------------------------------------------


def read_tables(page: Page) -> dict[str, dict[str, int]]:
    """The page's tables of numbers by their captions."""
    return {
        read_text(table.find("./caption")): {
            read_text(row[0]): int(read_text(row[1])) for row in table.findall("./tbody/tr")
        }
        for table in page.find_all("table")
    }


def test_the_home_page_counts_as_the_register_says(client):
    page = read_page(client, "/")
    assert read_tables(page) == {
        "Commitments with a judgement": {
            "Delivered": 16,
            "Delivered another way": 0,
            "Partly delivered": 14,
            "In progress": 36,
            "Not started": 0,
            "Not delivered": 0,
            "Will not be done": 3,
            "Replaced": 8,
            "All with a judgement": 77,
        },
        "Counted apart": {"Cannot be judged": 25, "Not yet checked": 0},
    }
    assert "Of 102 commitments, 77 have a judgement. 16 of those are delivered." in page.main
    assert "A public record of 102 commitments" in page.main


def test_each_number_of_the_home_page_is_the_length_of_the_list_behind_it(client):
    page = read_page(client, "/")
    rows = [row for table in page.find_all("table") for row in table.findall("./tbody/tr")]
    linked = [(row.find(".//a"), int(read_text(row[1]))) for row in rows]
    found = {link.attrib["href"]: count for link, count in linked if link is not None}
    assert found == {address: read_page(client, address).counted for address in found}
    assert sum(found.values()) == 102
    (weak,) = [link for link in page.find_all("a") if link.get("href", "").endswith("strength=weak")]
    assert read_text(weak) == f"{read_page(client, weak.attrib['href']).counted} present statuses"
    (late,) = [link for link in page.find_all("a") if "timeliness=overdue" in link.get("href", "")]
    assert read_text(late) == f"All {read_page(client, late.attrib['href']).counted} commitments that are overdue"


def read_tiles(page: Page, section: str) -> dict[str, tuple[str, dict[str, int]]]:
    """The tiles of a section: the name of each with its sentence and the numbers of its bar."""
    (found,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == section]
    tiles = [tile for tile in found.iter("li") if "tile" in tile.get("class", "").split()]
    return {read_text(tile.find(".//a")): (read_text(tile.find("./p")), read_bar(tile)) for tile in tiles}


def read_bar(tile: Any) -> dict[str, int]:
    parts = [read_text(part) for part in tile.findall(".//rect/title")]
    return {part.rsplit(": ", 1)[0]: int(part.rsplit(": ", 1)[1].split(" of ")[0]) for part in parts}


JUDGED = ("delivered", "partly-delivered", "in-progress", "will-not-be-done", "superseded")


def describe(counts: Counter[str]) -> tuple[str, dict[str, int]]:
    total = counts.total()
    words = [f"{counts[code]} {LABELS[code].lower()}" for code in (*JUDGED, "cannot-be-judged") if counts[code]]
    sentence = f"{total} commitment{'' if total == 1 else 's'}: {', '.join(words)}"
    return sentence, {LABELS[code]: counts[code] for code in JUDGED if counts[code]}


@pytest.mark.parametrize(
    ("section", "key", "names"),
    [
        ("programmes", "programme", {each["slug"]: each["name"] for each in read_file("programmes")}),
        ("departments", "department", {each["slug"]: each["name"] for each in read_file("departments")}),
    ],
)
def test_each_programme_and_department_has_a_bar_of_its_own_with_the_numbers_in_words(client, section, key, names):
    standing: dict[str, Counter[str]] = {}
    for entry in FILES:
        standing.setdefault(names[entry[key]], Counter())[find_status(entry)] += 1
    assert read_tiles(read_page(client, "/"), section) == {name: describe(counts) for name, counts in standing.items()}


@pytest.mark.parametrize("path", ["/departments/", "/programmes/"])
def test_the_commitments_of_all_groups_are_the_whole_register(client, path):
    page = read_page(client, path)
    notes = [read_text(note) for note in page.find_all("p", css="tile__note")]
    assert sum(int(note.split()[0]) for note in notes if note.split()[0].isdigit()) == 102


def test_the_parts_of_a_bar_fill_it_without_gaps(client):
    for bar in read_page(client, "/").find_all("svg", css="status-bar"):
        parts = [(float(part.attrib["x"]), float(part.attrib["width"])) for part in bar.iter("rect")]
        ends = [x + width for x, width in parts]
        assert [x for x, _ in parts] == pytest.approx([0.0, *ends[:-1]], abs=0.01)
        assert not parts or ends[-1] == pytest.approx(100, abs=0.01)


def test_the_newest_changes_come_first_and_are_those_of_the_list(client):
    page = read_page(client, "/")
    (section,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == "changed"]
    shown = [read_text(entry.findall("./div/span")[-1]) for entry in section.findall(".//li")]
    assert shown == read_commitments(client, "sort=-changed_on").references[:8]


def test_the_home_page_names_what_is_due_within_60_days_and_what_is_overdue(client):
    page = read_page(client, "/")
    (section,) = [each for each in page.find_all("section") if each.get("aria-labelledby") == "due"]
    shown = [[read_text(span) for span in entry.findall("./div/span")] for entry in section.findall(".//li")]
    soon = read_commitments(client, "timeliness=due-soon&sort=due_on").references
    late = read_commitments(client, "timeliness=overdue&sort=due_on").references[:8]
    assert [(words[0], words[-1]) for words in shown] == [
        *(("Due soon", reference) for reference in soon),
        *(("Overdue", reference) for reference in late),
    ]
    assert ["Due soon", "due by 24 December 2026", "IICSA-20"] in shown
    assert ["Overdue", "was due by 31 March 2021", "PET20-03"] in shown
